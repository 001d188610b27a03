import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches } from '../../../src/sandbox/graph/odata/apply-filter.ts';
import { parseFilter } from '../../../src/sandbox/graph/odata/filter.ts';
import { parseQuery } from '../../../src/sandbox/graph/odata/query.ts';
import { GraphRefusal } from '../../../src/sandbox/graph/refusal.ts';

const row = {
  name: "O'Brien",
  age: 41,
  active: true,
  none: null,
  born: '2026-11-24T10:00:00.1234567Z',
  id: '66EA54EB-6301-4ee5-be62-ff5a759b0100',
  tags: ['a', 'reporting-setup'],
  place: { city: 'Redmond' },
  targets: [
    { id: '1', kinds: ['x'] },
    { id: '2', kinds: [] },
  ],
};

const passes = (filter: string): boolean => matches(row, parseFilter(filter));

describe('a filter', () => {
  it.each([
    "name eq 'O''Brien'",
    "name eq 'o''brien'",
    "name ne 'x'",
    "startswith(name,'O''B')",
    "startsWith(name, 'o')",
    "endswith(name,'ien')",
    'age eq 41 and active eq true',
    'age gt 40 and age ge 41 and age lt 42 and age le 41',
    'age eq 41.0',
    'none eq null',
    'missing eq null',
    'born ge 2026-11-24',
    'born ge 2026-11-24T10:00:00Z and born le 2026-11-24T11:00:01+01:00',
    'id eq 66ea54eb-6301-4ee5-be62-ff5a759b0100',
    "id in ('x','66ea54eb-6301-4ee5-be62-ff5a759b0100')",
    "tags/any(t:t eq 'reporting-setup')",
    "tags/any(t: startswith(t,'rep'))",
    'tags/any()',
    "place/city eq 'Redmond'",
    "targets/any(t:t/id eq '2')",
    "targets/any(t:t/kinds/any(k:k eq 'x') and t/id eq '1')",
    "not (name eq 'x')",
    "not tags/any(t:t eq 'x')",
    "name eq 'x' or name eq 'y' or age eq 41",
    "(name eq 'x' or age eq 41) and active eq true",
  ])('%s passes', (filter) => {
    expect(passes(filter)).toBe(true);
  });

  it.each([
    "name eq 'x'",
    'age lt 41',
    'none gt 1',
    'born lt 2026-11-24',
    "tags/any(t:t eq 'REPORTING')",
    "name eq 'x' and age eq 41 or active eq false",
    "targets/any(t:t/kinds/any(k:k eq 'x') and t/id eq '2')",
    "place/country eq 'x'",
    "contains(place/city,'q')",
  ])('%s does not pass', (filter) => {
    expect(passes(filter)).toBe(false);
  });

  it.each([
    '',
    'name',
    'name eq',
    "name eq 'x",
    "name == 'x'",
    "eq 'x'",
    "(name eq 'x'",
    "name eq 'x')",
    "name eq 'x' and",
    'name in ()',
    "name in 'x'",
    'startswith(name)',
    "tags/any(t eq 'x')",
    "'x' eq name",
    'name eq name',
    '!',
    "name eq 'x';",
  ])('%j is refused', (filter) => {
    expect(() => parseFilter(filter)).toThrow(/^Invalid filter clause: Syntax error at position \d+ in /);
  });

  it('of any depth is parsed or refused, never fatal', () => {
    const deep = `${'('.repeat(100_000)}age eq 1${')'.repeat(100_000)}`;
    expect(() => parseFilter(deep)).toThrow(GraphRefusal);
    expect(() => parseFilter(`${'not '.repeat(100_000)}age eq 1`)).toThrow(GraphRefusal);
    expect(passes(`${'('.repeat(20)}age eq 41${')'.repeat(20)}`)).toBe(true);
  });

  it('throws nothing but its refusal, whatever the text', () => {
    const words = [
      'name',
      'eq',
      'ne',
      'and',
      'or',
      'not',
      '(',
      ')',
      "'",
      "''",
      ',',
      ':',
      'any(',
      't:',
      ' ',
      '1',
      '-',
      'null',
      '/',
    ];
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join('')),
      fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (source) => {
        try {
          matches(row, parseFilter(source));
        } catch (error) {
          expect(error).toBeInstanceOf(GraphRefusal);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('finds any text, quotes doubled, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (value, other) => {
        const filter = parseFilter(`name eq '${value.replaceAll("'", "''")}'`);
        expect(matches({ name: value }, filter)).toBe(true);
        fc.pre(other.toLowerCase() !== value.toLowerCase());
        expect(matches({ name: other }, filter)).toBe(false);
      }),
    );
  });
});

describe('query options', () => {
  const parse = (query: string): ReturnType<typeof parseQuery> =>
    parseQuery(new URL(`https://h/v1.0/x?${query}`), 'Eventual');

  it('are read with and without their dollar', () => {
    const query = parse(
      '$top=5&select=id, displayName&$expand=owners,roleDefinition($select=id)&$count=true',
    );
    expect(query).toMatchObject({
      top: 5,
      select: ['id', 'displayName'],
      expand: [{ property: 'owners' }, { property: 'roleDefinition', select: ['id'] }],
      count: true,
      eventual: true,
    });
  });

  it('let others pass', () => {
    expect(parse('foo=1')).toMatchObject({ count: false, expand: [] });
  });

  it.each([
    '$top=x',
    '$top=-1',
    '$top=1.5',
    '$count=1',
    '$foo=1',
    '$top=1&$top=2',
    '$top=1&top=2',
    '$expand=a(',
    '$orderby=a b c',
    '$select=a,,b',
  ])('%s is refused', (query) => {
    expect(() => parse(query)).toThrow(GraphRefusal);
  });
});
