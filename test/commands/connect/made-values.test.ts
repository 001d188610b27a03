import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseHcl } from '@cdktn/hcl2json';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { hclBlock, iniText, keyValueText, xmlText, yamlText } from '../../../src/commands/connect/formats.ts';
import {
  crontabCommand,
  jsonQuoted,
  pythonQuoted,
  shellQuoted,
} from '../../../src/commands/connect/quoting.ts';
import { target as ics } from '../../../src/commands/connect/reminders/ics.ts';
import { WizardError } from '../../../src/core/errors.ts';
import { fieldsOf, parseJson } from '../../../src/core/fields.ts';
import { shellWord } from '../../../src/core/text.ts';
import { awkward } from '../../config/config-data.ts';
import { has, hasPython, python, run, titled } from './programs.ts';
import { inputFor } from './target-inputs.ts';

/** Texts that a config file can hold: one line, of whatever is awkward somewhere, or of any script. */
const values = fc.oneof(
  awkward,
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text)),
  fc
    .constantFrom(
      `~a&<%$"'\`\\`,
      '~',
      'null',
      'yes',
      '0x1f',
      '2028-11-24',
      '1e3',
      `\${HOME}`,
      `$\${HOME}`,
      '%{if}',
      '- a',
      'a: b # c',
      ']]>',
      '<!--',
      '\u0085'.normalize(),
      'a\u2028b\u2029c',
      '\ufeffx',
      ' lead',
      'trail ',
      'back\\',
    )
    .filter((text) => !/\p{Cc}/u.test(text)),
);

/** What it gives, or undefined where it refuses to write the value. */
function written(make: () => string): string | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof WizardError && error.code === 'target-value') return undefined;
    throw error;
  }
}

const samples = fc.sample(values, { numRuns: 300, seed: 17 });

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'reporting-setup-test-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** What Python makes of each text, by an expression over `text`. */
async function readByPython(imports: string, expression: string, texts: readonly string[]): Promise<unknown> {
  const program = [
    `import json, sys, io, ${imports}`,
    `print(json.dumps([${expression} for text in json.load(sys.stdin)]))`,
  ].join('\n');
  const ended = await run(python, ['-c', program], { cwd: await folder(), input: JSON.stringify(texts) });
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  return parseJson(ended.stdout);
}

describe('YAML', () => {
  it('is read back by the yaml package', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(parseYaml(yamlText({ a: [{ value }] }))).toEqual({ a: [{ value }] });
      }),
    );
  });

  const there = hasPython('yaml');
  it.skipIf(!there)(
    titled('is read back by PyYAML, which speaks YAML 1.1', there, 'python3-yaml'),
    async () => {
      const texts = samples.map((value) => yamlText({ value }));
      expect(await readByPython('yaml', 'yaml.safe_load(text)["value"]', texts)).toEqual(samples);
    },
  );
});

describe('XML', () => {
  const there = has('xmllint', '--version') && hasPython('xml.etree.ElementTree');
  it.skipIf(!there)(
    titled('is well-formed to xmllint, and read back by expat', there, 'libxml2-utils'),
    async () => {
      const made = samples.map((value) => ({ value, text: written(() => xmlText({ r: { value } })) }));
      const fine = made.filter((one): one is { value: string; text: string } => one.text !== undefined);
      expect(fine.length).toBeGreaterThan(290);
      const at = await folder();
      await writeFile(join(at, 'all.xml'), `<all>\n${fine.map(({ text }) => text).join('')}</all>\n`);
      const linted = await run('xmllint', ['--noout', 'all.xml'], { cwd: at });
      expect([linted.code, linted.stderr]).toEqual([0, '']);
      const texts = fine.map(({ text }) => text);
      const read = await readByPython(
        'xml.etree.ElementTree as e',
        'e.fromstring(text).find("value").text',
        texts,
      );
      expect(read).toEqual(fine.map(({ value }) => value));
    },
  );

  it('refuses what no XML document may hold', () => {
    expect(written(() => xmlText({ a: 'x\ufffe' }))).toBeUndefined();
    expect(written(() => xmlText({ a: 'x\u0001' }))).toBeUndefined();
  });
});

describe('INI', () => {
  const there = hasPython('configparser');
  it.skipIf(!there)(titled('is read back by configparser, or refused', there, 'python3'), async () => {
    const made = samples.map((value) => ({ value, text: written(() => iniText({ part: { value } })) }));
    const fine = made.filter((one): one is { value: string; text: string } => one.text !== undefined);
    expect(fine.length).toBeGreaterThan(200);
    const read = await readByPython(
      'configparser',
      '(lambda c: (c.read_string(text), c["part"]["value"])[1])(configparser.RawConfigParser())',
      fine.map(({ text }) => text),
    );
    expect(read).toEqual(fine.map(({ value }) => value));
  });

  it('refuses what would be another value: spaces around it, a line break, a backslash at the end', () => {
    for (const value of [' a', 'a ', 'a\nb', 'a\\', '']) {
      expect(
        written(() => iniText({ part: { value } })),
        JSON.stringify(value),
      ).toBeUndefined();
    }
  });

  it.skipIf(!there)(
    titled("is read back the way in which Wazuh's Azure module reads it", there, 'python3'),
    async () => {
      const made = samples.map((value) => ({
        value,
        text: written(() => keyValueText({ id: 'a', key: value })),
      }));
      const fine = made.filter((one): one is { value: string; text: string } => one.text !== undefined);
      const read = await readByPython(
        'os',
        'dict(line.replace(" ", "").replace("\\n", "").split("=", maxsplit=1) for line in io.StringIO(text))["key"]',
        fine.map(({ text }) => text),
      );
      expect(read).toEqual(fine.map(({ value }) => value));
      expect(written(() => keyValueText({ key: 'a b' }))).toBeUndefined();
    },
  );
});

describe('HCL', () => {
  it("is read back by HashiCorp's own parser", async () => {
    for (const value of samples.slice(0, 120)) {
      const text = written(() => hclBlock('connection "azuread"', { secret: value }));
      if (text === undefined) {
        expect(value.normalize('NFC')).not.toBe(value);
        continue;
      }
      const read = await parseHcl('azuread.spc', text);
      // hcl2json writes a value as JSON that is HCL again, where what begins a template is doubled.
      const secret = value.replace(/([$%])\{/g, '$1$1{');
      expect(fieldsOf(read)['connection']).toEqual({ azuread: [{ secret }] });
    }
  });
});

describe('a calendar', () => {
  it('is read back by ical.js', () => {
    fc.assert(
      fc.property(values, values, (name, path) => {
        const input = inputFor('secret', { appName: name, configPath: `/home/${path}/reporting-setup.json` });
        const text = ics.make?.(input).files[0]?.text ?? '';
        expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
        const event = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent');
        const textOf = (key: string): string => String(event?.getFirstPropertyValue(key));
        expect(textOf('summary')).toContain(`The secret of ${name} ends`);
        const line = `reporting-setup rotate --config ${shellWord(`/home/${path}/reporting-setup.json`)}`;
        expect(textOf('description').split('\n').at(-1)).toBe(`Before that day: ${line}`);
        expect(textOf('uid')).toBe(input.config.clientId);
        expect(textOf('dtstart')).toBe('2028-11-24');
      }),
    );
  });

  it.each(['America/Los_Angeles', 'Asia/Tokyo', 'Pacific/Kiritimati'])('names the same day in %s', (zone) => {
    const before = process.env['TZ'];
    process.env['TZ'] = zone;
    onTestFinished(() => {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    });
    expect(new Date(2028, 0, 1).getTimezoneOffset()).not.toBe(0);
    expect(ics.make?.(inputFor('secret')).files[0]?.text).toContain('DTSTART;VALUE=DATE:20281124\r\n');
  });

  it('takes the place of the one before, made in the same second or by a clock that ran ahead', () => {
    const made = (now: string) => ics.make?.({ ...inputFor('secret'), now: new Date(now) }).files[0];
    const sequence = (text = ''): number => Number(/^SEQUENCE:(\d+)\r$/m.exec(text)?.[1]);
    const first = made('2026-11-01T00:00:00Z')?.text ?? '';
    const start = sequence(first);
    expect(start).toBe(Date.parse('2026-11-01T00:00:00Z') / 1000);
    expect(sequence(made('2026-11-01T00:00:00Z')?.after?.(first))).toBe(start + 1);
    expect(sequence(made('2026-10-01T00:00:00Z')?.after?.(first))).toBe(start + 1);
    expect(sequence(made('2026-11-01T00:00:09Z')?.after?.(first))).toBe(start + 9);
    expect(sequence(made('2040-01-01T00:00:00Z')?.text)).toBe(2 ** 31 - 1);
  });
});

describe('quoting', () => {
  it('for a shell is read back by sh', async () => {
    const fine = samples.filter((value) => written(() => shellQuoted(value)) !== undefined);
    const script = fine.map((value) => `printf '%s\\0' ${shellQuoted(value)}`).join('\n');
    const ended = await run('sh', ['-s'], { cwd: await folder(), input: script });
    expect(ended.stdout.split('\0').slice(0, -1)).toEqual(fine);
  });

  it('for crontab leaves no percent sign that would end the line', () => {
    fc.assert(
      fc.property(values, (value) => {
        const line = written(() => crontabCommand(value));
        if (line === undefined) return /\\[\\%]/.test(value);
        return !/(?<!\\)%/.test(line) && line.replaceAll('\\%', '%') === value;
      }),
    );
  });

  it('for JavaScript is read back by the engine', () => {
    fc.assert(fc.property(values, (value) => parseJson(jsonQuoted(value)) === value));
  });

  const there = hasPython('ast');
  it.skipIf(!there)(titled('for Python is read back by Python', there, 'python3'), async () => {
    const fine = samples.filter((value) => !/[\u{10000}-\u{10ffff}]/u.test(value));
    expect(await readByPython('ast', 'ast.literal_eval(text)', fine.map(pythonQuoted))).toEqual(fine);
  });
});
