import { describe, expect, it } from 'vitest';
import { canonicalDomain, isDomainName, sameDomain } from '../../src/core/domain-name.ts';

describe('a domain name', () => {
  it.each([
    ['contoso.onmicrosoft.com', 'contoso.onmicrosoft.com'],
    ['Contoso.COM', 'contoso.com'],
    ['_reports.contoso.com', '_reports.contoso.com'],
    ['under_score.de', 'under_score.de'],
    ['münchen.de', 'xn--mnchen-3ya.de'],
    ['MÜNCHEN.DE', 'xn--mnchen-3ya.de'],
    ['mu\u0308nchen.de', 'xn--mnchen-3ya.de'],
    ['faß.de', 'xn--fa-hia.de'],
    ['食狮.公司.cn', 'xn--85x722f.xn--55qx5d.cn'],
    ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
    ['xn--e1afmkfd.xn--p1ai', 'xn--e1afmkfd.xn--p1ai'],
  ])('%s is one, in ASCII %s', (text, ascii) => {
    expect([isDomainName(text), canonicalDomain(text), sameDomain(text, ascii)]).toEqual([true, ascii, true]);
  });

  it.each([
    '',
    'localhost',
    '1.2.3.4',
    'a..b.de',
    '-a.de',
    'a-.de',
    'not a domain.de',
    'a.de/path',
    'a.de?x',
    'a.de#x',
    'a@b.de',
    'a.de:443',
    'con\u00adtoso.com',
    'con\u200btoso.com',
    'a。de',
    `${'a'.repeat(64)}.de`,
    `${'ü'.repeat(63)}.de`,
  ])('%j is none', (text) => {
    expect(isDomainName(text)).toBe(false);
  });

  it('differs from another, and from none', () => {
    expect(sameDomain('a.de', 'b.de')).toBe(false);
    expect(sameDomain(undefined, undefined)).toBe(false);
    expect(sameDomain('a b', 'c d')).toBe(false);
  });
});
