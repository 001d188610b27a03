import { describe, expect, it } from 'vitest';
import { parseSignOnUrl } from '../../src/cli/option-parsers.ts';

describe('a sign-on address', () => {
  it.each(['https://localhost', 'https://app.example/back?from=here', 'http://localhost:3000/back'])(
    'may be %s',
    (text) => {
      expect(parseSignOnUrl(text)).toBe(text);
    },
  );

  it.each(['none', 'NONE'])('may be missing: %s', (text) => {
    expect(parseSignOnUrl(text)).toBeNull();
  });

  it.each([
    ['localhost', 'is not an https address or "none"'],
    ['http://app.example', 'is not an https address or "none"'],
    ['ftp://app.example', 'is not an https address or "none"'],
    ['https://app.example/#part', 'an address has no # in it'],
    ["https://app.example/it's", "an address has no ' in it"],
    ['https://app.example/a,b', 'an address has no , in it'],
    ['https://app.example/(a)', 'an address has no ( in it'],
    ['https://app.example/a;b', 'an address has no ; in it'],
    ['https://app.example/$a', 'an address has no $ in it'],
    ['https://app.example/!', 'an address has no ! in it'],
    [`https://app.example/${'x'.repeat(237)}`, '256 characters at most'],
  ])('is not %s', (text, why) => {
    expect(() => parseSignOnUrl(text)).toThrow(RangeError);
    expect(() => parseSignOnUrl(text)).toThrow(why);
  });

  it('may have 256 characters', () => {
    const text = `https://app.example/${'x'.repeat(236)}`;
    expect(parseSignOnUrl(text)).toBe(text);
  });
});
