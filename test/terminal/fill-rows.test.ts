import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../src/core/text.ts';
import { fillRows } from '../../src/terminal/fill-rows.ts';
import { tornIn } from '../helpers/rows.ts';

const rows = (text: string, columns: number): string[] =>
  Array.from({ length: Math.ceil(text.length / columns) }, (_none, index) =>
    text.slice(index * columns, (index + 1) * columns).trimEnd(),
  );

describe('code that is longer than a row', () => {
  it.each([
    [
      'goes on in the next row between its words',
      'reporting-setup connect --sandbox --config x.json',
      ['    reporting-setup connect --sandbox', '      --config x.json'],
    ],
    [
      'is not broken in quotes',
      "reporting-setup verify --config 'my files/kept for later.json'",
      ['    reporting-setup verify --config', "      'my files/kept for later.json'"],
    ],
    [
      'is not broken behind a backslash',
      'reporting-setup verify --config my\\ files/kept.json',
      ['    reporting-setup verify --config', '      my\\ files/kept.json'],
    ],
    [
      'is broken in what runs inside a quotation',
      'run --id "$(az ad app create --display-name \'My app\')"',
      ['    run --id "$(az ad app create', "      --display-name 'My app')\""],
    ],
    [
      'has a word begin further left where it fits so',
      'reporting-setup --client-id 5af9d67e-209e-43f6-a38b-b9a174b9df36,x',
      ['    reporting-setup --client-id', '  5af9d67e-209e-43f6-a38b-b9a174b9df36,x'],
    ],
    [
      'has a row of its own for a word that is longer',
      'cat /a/path/that/is/longer/than/a/row/of/this/terminal x',
      ['    cat', '      /a/path/that/is/longer/than/a/row/', 'of/this/terminal x'],
    ],
    [
      'is JSON with whole strings',
      '{ "displayName": "Reporting API application", "id": "x" }',
      ['    { "displayName":', '      "Reporting API application", "id":', '      "x" }'],
    ],
    ['that fits stays as it is', 'reporting-setup  verify', ['    reporting-setup  verify']],
  ])('%s', (_what, line, expected) => {
    expect(rows(fillRows(line, 4, 40), 40)).toEqual(expected);
  });

  it('tears no word, and means the same to a shell', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom(...'ab/-$"\'\\ ()`é'), maxLength: 14 }), {
      minLength: 1,
      maxLength: 14,
    });
    const filled: string[] = [];
    const meant: string[] = [];
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 80 }), (some, columns) => {
        const line = ['printf', "'<%s>'", ...some.map(shellWord)].join(' ');
        const text = fillRows(line, 4, columns);
        if (!/['"\\]/.test(some.join(''))) expect(tornIn([text], columns)).toEqual([]);
        filled.push(text);
        meant.push(some.map((word) => `<${word}>`).join(''));
      }),
      { numRuns: 200 },
    );
    const { stdout } = spawnSync('sh', ['-c', filled.map((line) => `${line}; echo`).join('\n')]);
    expect(stdout.toString()).toBe(`${meant.join('\n')}\n`);
  });
});
