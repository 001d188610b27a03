import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDocument } from '../../src/commands/shared/run-outcome.ts';
import { createRedactor } from '../../src/core/redact.ts';
import { createReport } from '../../src/terminal/report.ts';
import { styleFor } from '../../src/terminal/style.ts';
import { dangers, hostile, withoutColours } from './texts.ts';

function record(columns: number, coloured: boolean) {
  let text = '';
  const stream = {
    columns,
    write: (part: string) => {
      text += part;
    },
  };
  const style = styleFor(stream, coloured ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }, 'linux');
  return { report: createReport(stream, style, createRedactor()), text: () => text };
}

/** Everything a report can say, with one hostile text in every place. */
function sayAll(text: string, columns: number, coloured: boolean): string {
  const { report, text: said } = record(columns, coloured);
  report.title(text);
  report.line(text);
  report.item(text);
  report.fact('Tenant', text);
  report.finding({ id: 'x', status: 'warn', title: text, evidence: text, remedy: text });
  report.change({ action: 'create', title: text });
  report.change({ action: 'create', title: text, blocked: text });
  report.warn(text);
  const task = report.task(text);
  task.wait(text);
  task.succeed();
  report.task(text).fail(text);
  report.error(text.replaceAll('\n', ' '), text, text);
  return said();
}

const columns = fc.integer({ min: 20, max: 120 });

/** Columns a text takes, at least: what is surely wide counts two, what joins the character before it none. */
const width = (text: string): number =>
  [...new Intl.Segmenter('en').segment(text)].reduce(
    (sum, { segment }) => sum + (/^[\u3040-\u30ff\u3400-\u9fff\uff01-\uff60]/.test(segment) ? 2 : 1),
    0,
  );

describe('a report with hostile texts', () => {
  it('holds nothing but line breaks and its own colours', () => {
    fc.assert(
      fc.property(hostile, columns, fc.boolean(), (text, wide, coloured) => {
        expect(dangers(withoutColours(sayAll(text, wide, coloured)))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('uses no colour where there is none to be used', () => {
    fc.assert(
      fc.property(hostile, columns, (text, wide) => {
        expect(dangers(sayAll(text, wide, false))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('begins lines with marks of its own alone', () => {
    fc.assert(
      fc.property(hostile, columns, (text, wide) => {
        const lines = sayAll(text, wide, false).split('\n');
        const begins = (mark: string): number => lines.filter((line) => line.trim().startsWith(mark)).length;
        expect({ pass: begins('✔'), fail: begins('✖'), warn: begins('⚠') }).toEqual({
          pass: 1,
          fail: 2,
          warn: 2,
        });
      }),
      { numRuns: 60 },
    );
  });

  it('never writes a line that is wider than the terminal, but for a word that stays whole', () => {
    fc.assert(
      fc.property(hostile, columns, fc.boolean(), (text, wide, coloured) => {
        const lines = withoutColours(sayAll(text, wide, coloured)).split('\n');
        // What stands before a word, such as a mark and a label, takes 15 columns at most.
        const isWhole = (line: string): boolean => line.split(' ').some((word) => width(word) > wide - 17);
        expect(lines.filter((line) => width(line) > wide && !isWhole(line))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps ids whole at 40 columns, in what is below an error and in a finding', () => {
    const { report, text } = record(40, true);
    const id = '5af9d67e-209e-43f6-a38b-b9a174b9df36';
    report.error('It failed.', 'Try again.', `tenant-not-found, request-id ${id}`);
    report.finding({ id: 'x', status: 'warn', title: 'Log', evidence: `request-id ${id}` });
    const lines = withoutColours(text()).split('\n');
    expect(lines.filter((line) => line === `    ${id}`)).toHaveLength(2);
  });

  it('cuts what is endless', () => {
    const said = sayAll('x'.repeat(10_000), 80, false);
    expect(said.length).toBeLessThan(40_000);
    expect(said).toContain('…');
  });
});

describe('the document with hostile texts', () => {
  it('is ASCII where it is read in another code page, and the same', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const written = formatDocument({ text }, (one) => one, { asciiAlone: true });
        expect(written).toMatch(/^[\n -~]*$/);
        expect(JSON.parse(written)).toEqual({ text });
      }),
      { numRuns: 200 },
    );
  });

  it('is JSON, whatever is redacted in it, and shows nothing that a terminal acts on', () => {
    const { redact, add } = createRedactor();
    add('words and more');
    fc.assert(
      fc.property(hostile, (text) => {
        const written = formatDocument({ tenant: { displayName: text }, list: [text] }, redact);
        expect(dangers(written)).toEqual([]);
        expect(JSON.parse(written)).toEqual({ tenant: { displayName: redact(text) }, list: [redact(text)] });
      }),
      { numRuns: 500 },
    );
  });
});
