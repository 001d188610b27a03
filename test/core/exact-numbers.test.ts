import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactJson, parseExact } from '../../src/core/exact-numbers.ts';

describe('numbers as they were written', () => {
  it.each(['12345678901234567890', '1e400', '1.10', '-0', '1e-400', '0.1', '7'])('keeps %s', (number) => {
    const json = `{"a":${number},"b":[${number},"${number}"],"__proto__":{"c":${number}}}`;
    expect(exactJson(parseExact(json))).toBe(json);
  });

  it('is JSON as JSON.stringify writes it, but for them', () => {
    const values = fc.object({
      withDate: true,
      values: [fc.anything(), fc.constant(undefined), fc.double()],
    });
    fc.assert(
      fc.property(values, fc.constantFrom(0, 2), (value, indent) => {
        expect(exactJson(value, undefined, indent)).toBe(JSON.stringify(value, undefined, indent));
      }),
    );
  });
});
