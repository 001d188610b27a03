import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLogPage } from '../../src/graph/log-page.ts';

const time = '2026-11-28T09:14:03Z';
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const read = (text: string) => parseLogPage(bytes(text), 'createdDateTime');
const textOf = (json: Uint8Array): string => Buffer.from(json).toString('utf8');

const rows = fc.array(
  fc
    .record({
      id: fc.string({ minLength: 1, unit: 'binary' }),
      more: fc.dictionary(fc.string(), fc.jsonValue()),
    })
    .map(({ id, more }) => ({ ...more, id, createdDateTime: time })),
  { maxLength: 5 },
);

describe('a page of a log', () => {
  it('is what JSON.parse makes of it, each row as it was written, however it is laid out', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(undefined, 1, '\t', ' \r\n '), (made, space) => {
        const next = 'https://graph.example/v1.0/auditLogs/signIns?$skiptoken=1';
        const text = JSON.stringify(
          { '@odata.context': 'x', '@odata.nextLink': next, value: made },
          undefined,
          space,
        );
        const page = read(text);
        const expected: { readonly value: typeof made } = JSON.parse(text);
        expect(page?.next).toBe(next);
        expect(page?.rows.map(({ json }) => JSON.parse(textOf(json)))).toEqual(expected.value);
        expect(page?.rows.map(({ id }) => id)).toEqual(expected.value.map(({ id }) => id));
        expect(page?.rows.every(({ json }) => !/[\r\n]/.test(textOf(json)))).toBe(true);
        if (space === undefined) {
          expect(page?.rows.map(({ json }) => textOf(json))).toEqual(
            expected.value.map((row) => JSON.stringify(row)),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is none where JSON.parse sees none: a byte was changed, added or lost', () => {
    const whole = JSON.stringify({
      value: [
        { id: 'ä"\\', createdDateTime: time, n: [-1.5e3, 0, true, false, null, {}, [], { a: '\u2028/' }] },
        { createdDateTime: time, id: 'b', status: { errorCode: 50126, failureReason: 'Invalid.' } },
      ],
      '@odata.nextLink': 'https://graph.example/next?a=1',
    });
    const original = Buffer.from(whole);
    const change = fc.tuple(
      fc.nat(original.length - 1),
      fc.constantFrom('change', 'add', 'lose'),
      fc.constantFrom(...'{}[]",:\\0123456789-+.eEtfnu \n\u0001az'),
    );
    fc.assert(
      fc.property(change, ([at, how, sign]) => {
        const rest = original.subarray(how === 'add' ? at : at + 1);
        const text = Buffer.concat([
          original.subarray(0, at),
          how === 'lose' ? Buffer.alloc(0) : Buffer.from(sign),
          rest,
        ]);
        const page = parseLogPage(new Uint8Array(text), 'createdDateTime');
        if (page === undefined) return;
        const parsed: { readonly value: unknown } = JSON.parse(text.toString('utf8'));
        expect(page.rows.map(({ json }) => JSON.parse(textOf(json)))).toEqual(parsed.value);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    [
      'an error in its middle',
      '{"value":[{"id":"a","createdDateTime":"2026-11-28T09:14:03Z","x{"error":{"code":"x"}}',
    ],
    ['an error instead', '{"error":{"code":"UnknownError","message":"x"}}'],
    ['a page for people', '<html></html>'],
    ['a row without an id', '{"value":[{"createdDateTime":"2026-11-28T09:14:03Z"}]}'],
    ['a row without a time', '{"value":[{"id":"a"}]}'],
    ['a row whose time is none', '{"value":[{"id":"a","createdDateTime":"soon"}]}'],
    ['something behind it', '{"value":[]} {}'],
    ['rows that are no objects', '{"value":[1]}'],
    ['a next link that is none', '{"value":[],"@odata.nextLink":"next"}'],
    ['nothing', ''],
    ['endless depth', `{"value":[{"id":"a","createdDateTime":"${time}","x":${'['.repeat(10_000)}`],
  ])('is none with %s', (_what, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('is none where it is no UTF-8, and one with a mark of the byte order', () => {
    const page = JSON.stringify({ value: [{ id: 'ä', createdDateTime: time }] });
    expect(parseLogPage(new Uint8Array(Buffer.from(page, 'latin1')), 'createdDateTime')).toBeUndefined();
    expect(read(`\ufeff${page}`)?.rows).toHaveLength(1);
  });

  it('takes id and time of the row itself, not of what is in it', () => {
    const row = { device: { id: 'no', createdDateTime: 'no' }, id: 'yes', createdDateTime: time };
    expect(read(JSON.stringify({ value: [row] }))?.rows[0]).toMatchObject({
      id: 'yes',
      time,
      at: Date.parse(time),
    });
  });
});
