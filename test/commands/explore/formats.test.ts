import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField, csvFormat } from '../../../src/commands/explore/csv-text.ts';
import { estimateExport, estimateText } from '../../../src/commands/explore/export-estimate.ts';
import { clockText, offsetText } from '../../../src/commands/explore/local-time.ts';
import { forTerminal, rowFormat } from '../../../src/commands/explore/row-formats.ts';
import { rowTable } from '../../../src/commands/explore/row-table.ts';
import { exactJson, parseExact } from '../../../src/core/exact-numbers.ts';
import { fieldsOf, parseJson } from '../../../src/core/fields.ts';
import { parseLogPage } from '../../../src/graph/log-page.ts';
import { streamsOf } from '../../../src/tenant/logs/log-streams.ts';
import { columnsOf } from '../../../src/terminal/text-width.ts';
import { useFolder } from '../../helpers/temp-folder.ts';
import { has, hasPython, python, run, titled } from '../connect/programs.ts';

const inFolder = useFolder();
const streams = streamsOf('sign-ins', ['interactive']);
const [stream] = streams;
if (!stream) throw new Error('There is a stream.');

const hostile = [
  '=1+1',
  '+49',
  '-5',
  '@x',
  "'x",
  "''x",
  '\tx',
  '\rx',
  '\nx',
  'a"b',
  'a,b',
  'a\r\nb',
  '',
  ' x ',
  'Ä€😀',
  '"',
  ',',
];

describe('CSV', () => {
  it.each([
    [0, '0'],
    [-1.5, '-1.5'],
    [true, 'true'],
    [null, ''],
    [undefined, ''],
    ['', '""'],
    ['x', 'x'],
    ['-5', "'-5"],
    ["'x", "''x"],
    ['=a,b', '"\'=a,b"'],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['a"b', '"a""b"'],
    [['a', 1], '"[""a"",1]"'],
  ])('has %j as %s', (value, field) => {
    expect(csvField(value)).toBe(field);
  });

  it('has columns that depend on the log alone, and the rest in the last one', () => {
    const { head, line } = csvFormat(streams);
    const row = {
      id: 'a',
      createdDateTime: '2026-11-28T09:14:03Z',
      status: { errorCode: 5, 'new.one': [1] },
      location: null,
      deviceDetail: 'odd',
      newProperty: { a: null },
    };
    const text = line(row, stream);
    expect(head.endsWith(',other\r\n')).toBe(true);
    expect(text.startsWith('interactive,a,2026-11-28T09:14:03Z,')).toBe(true);
    const other = /,"(\{.*\})"\r\n$/.exec(text)?.[1]?.replaceAll('""', '"') ?? '';
    expect(JSON.parse(other)).toEqual({
      status: { 'new.one': [1] },
      deviceDetail: 'odd',
      newProperty: { a: null },
    });
    expect(head.split(',').length).toBe(line({ id: 'b' }, stream).split(',').length);
  });

  it('has numbers as Graph wrote them, in columns and in the rest', () => {
    const numbers = ['12345678901234567890', '1.10', '1e23', '-0', '50074', '0.5'];
    const list = `[${numbers.join(',')}]`;
    const page = numbers.map(
      (number, index) =>
        `{"id":"${index}","createdDateTime":"2026-11-28T09:14:03Z","status":{"errorCode":${number}},"__proto__":{"a\\"":[1.10, true, null,{}]},"added": ${list},"text":"\\u0041: 1.10, [01]"}`,
    );
    const rows = parseLogPage(Buffer.from(`{"value":[${page.join(',')}]}`), 'createdDateTime')?.rows ?? [];
    const lines = Buffer.from(rowFormat('csv', streams).write(rows, stream, true)).toString('utf8');
    const at = csvFormat(streams).head.split(',').indexOf('status.errorCode');
    const found = lines.trimEnd().split('\r\n');
    expect(found.map((line) => line.split(',')[at])).toEqual(numbers);
    const other = `{"__proto__":{"a\\"":[1.10,true,null,{}]},"added":${list},"text":"A: 1.10, [01]"}`;
    expect(
      found.every((line) => line.endsWith(`,"${other.replaceAll('"', '""')}"`)),
      lines,
    ).toBe(true);
  });

  it('takes a text that looks like a number for what it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const row = { value, text: 'x: 1.10, [007]', number: 0 };
        const json = JSON.stringify(row, null, 1);
        const exact = `${json.slice(0, -2)}.0 }`;
        expect(JSON.parse(exactJson(parseExact(exact)))).toEqual(JSON.parse(exact));
      }),
    );
  });

  const parses = hasPython('csv');
  it.skipIf(!parses)(
    titled('is read back by Python and by SQLite, value by value', parses, 'python3'),
    async () => {
      const { head, line } = csvFormat(streams);
      const rows = hostile.map((text, index) => ({
        id: String(index),
        userDisplayName: text,
        isInteractive: true,
      }));
      await writeFile(inFolder('rows.csv'), head + rows.map((row) => line(row, stream)).join(''));
      const script = `
import csv, json, sqlite3
with open('rows.csv', encoding='utf-8', newline='') as source: rows = list(csv.DictReader(source, strict=True))
base = sqlite3.connect(':memory:')
base.execute('create table log (id, name)')
base.executemany('insert into log values (?, ?)', [(row['id'], row['userDisplayName']) for row in rows])
undo = lambda text: text[1:] if text.startswith("'") else text
print(json.dumps([undo(name) for (name,) in base.execute('select name from log order by cast(id as integer)')]))`;
      const ended = await run(python, ['-c', script], { cwd: inFolder() });
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      expect(JSON.parse(ended.stdout)).toEqual(hostile);
    },
  );

  const hasSqlite = has('sqlite3', '--version');
  it.skipIf(!hasSqlite)(titled('is imported by sqlite3', hasSqlite, 'sqlite3'), async () => {
    const { head, line } = csvFormat(streams);
    const names = hostile.filter((text) => !text.includes('\r'));
    const rows = names.map((text, index) => ({ id: String(index), userDisplayName: text }));
    await writeFile(inFolder('rows.csv'), head + rows.map((row) => line(row, stream)).join(''));
    const commands =
      '.mode csv\n.import rows.csv log\n.mode json\nselect userDisplayName as name from log;\n';
    const ended = await run('sqlite3', [], { cwd: inFolder(), input: commands });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const found = (parseJson(ended.stdout) as readonly unknown[]).map((row) => String(fieldsOf(row)['name']));
    expect(found.map((text) => text.replace(/^'/, ''))).toEqual(names);
  });
});

describe('what a terminal gets', () => {
  it('is the same JSON, and holds nothing that a terminal acts on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = JSON.stringify({ text });
        const safe = forTerminal(json, true);
        expect(JSON.parse(safe)).toEqual({ text });
        expect(safe).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }),
      { numRuns: 30 },
    );
    expect(forTerminal('a\u001b[2Jb\r\n', false)).toBe('a\\u{1b}[2Jb\r\n');
    // A line break in a text would write over the line, or look like a row.
    expect(forTerminal('a,"b\rc","d ""x""\r\ne"\r\nf,g\r\n', false)).toBe(
      'a,"b\\u{d}c","d ""x""\\u{d}\\u{a}e"\r\nf,g\r\n',
    );
  });

  it('is a table that never gets wider than it may', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text, text), { maxLength: 5 }),
        fc.integer({ min: 20, max: 120 }),
        (rows, room) => {
          const { head, body } = rowTable({ titles: ['One', 'Two', 'Three'], rows }, { room });
          expect([...head, ...body].filter((line) => columnsOf(line) > room)).toEqual([]);
        },
      ),
    );
  });

  it('has times of a place with their offset', () => {
    expect([0, 60, -210, 345].map(offsetText)).toEqual(['UTC', '+01:00', '-03:30', '+05:45']);
    expect(clockText(Date.parse('2026-11-28T23:30:00Z'), 60)).toBe('2026-11-29 00:30:00');
  });
});

it('an estimate reckons with what Microsoft lets through', () => {
  const day = 86_400_000;
  const million = estimateExport(30 * day, [{ rows: 1_000_000, duration: 30 * day }]);
  expect([million.rows, Math.ceil(million.duration / 60_000), million.outruns]).toEqual([
    1_000_000,
    34,
    false,
  ]);
  expect(estimateText(million)).toContain('about 1,000,000 rows, 34 minutes at best');
  const small = estimateExport(day, [{ rows: 3_500, duration: day }]);
  expect(estimateText(small)).toContain('about 3,500 rows, about 8 s at best');
  expect(estimateText({ ...small, duration: 119_000 })).toContain('about 119 s at best');
  expect(estimateText({ ...small, duration: 120_000 })).toContain(', 2 minutes at best');
  expect(estimateExport(day, [{ rows: 999, duration: 1_000 }])).toMatchObject({ outruns: true });
  expect(estimateExport(day, [{ rows: 5, duration: 0 }])).toMatchObject({ rows: 0 });
});
