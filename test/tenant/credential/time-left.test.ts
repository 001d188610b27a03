import { describe, expect, it } from 'vitest';
import type { CredentialKind } from '../../../src/core/choices.ts';
import { parseDuration } from '../../../src/core/duration.ts';
import type { Finding } from '../../../src/core/findings.ts';
import { checkExpiry } from '../../../src/tenant/credential/listed-credentials.ts';
import { endOf } from '../../../src/tenant/saved-config.ts';
import type { Verdict } from '../../../src/tenant/verdict.ts';

const now = new Date('2026-11-28T12:00:00Z');

describe('the time left', () => {
  const soon = (evidence: string): Verdict => ({
    status: 'warn',
    evidence,
    remedy:
      'Make a new one before that day, with time for whoever uses the old one: `reporting-setup rotate --yes`',
    code: 'credential-expires-soon',
  });
  const ended = (date: string): Verdict => ({
    status: 'fail',
    evidence: `none: it ended on ${date}`,
    remedy: 'Make a new one: `reporting-setup rotate --yes`',
    code: 'credential-expired',
  });
  const unknown: Verdict = {
    status: 'skip',
    reason: 'cannot-tell',
    evidence: 'cannot tell: its end is not known',
  };
  const enough = (evidence: string): Verdict => ({ status: 'pass', evidence });

  it.each<[string | undefined, string, Verdict]>([
    [undefined, '30d', unknown],
    ['', '30d', unknown],
    ['some day', '30d', unknown],
    ['2020-01-01T00:00:00Z', '30d', ended('2020-01-01')],
    ['2026-11-28T12:00:00Z', '30d', ended('2026-11-28')],
    ['2026-11-28T12:00:01Z', '30d', soon('ends on 2026-11-28, in less than a day')],
    ['2026-11-29T11:59:59Z', '30d', soon('ends on 2026-11-29, in less than a day')],
    ['2026-11-29T12:00:00Z', '30d', soon('ends on 2026-11-29, in 1 day')],
    ['2026-11-30T11:59:59Z', '30d', soon('ends on 2026-11-30, in 1 day')],
    ['2026-11-30T12:00:00Z', '30d', soon('ends on 2026-11-30, in 2 days')],
    ['2026-11-30T00:30:00+02:00', '30d', soon('ends on 2026-11-29, in 1 day')],
    ['2026-12-28T12:00:00Z', '30d', soon('ends on 2026-12-28, in 30 days')],
    ['2026-12-28T12:00:01Z', '30d', enough('ends on 2026-12-28, in 30 days')],
    ['2026-12-28T12:00:01Z', '1mo', enough('ends on 2026-12-28, in 30 days')],
    ['2026-12-28T12:00:01Z', '31d', soon('ends on 2026-12-28, in 30 days')],
    ['2028-11-28', '1y', enough('ends on 2028-11-28, in 730 days')],
  ])('of what ends at %j, with %s as soon', (expires, within, verdict) => {
    const check = (kind: CredentialKind): Finding => checkExpiry(expires, now, parseDuration(within), kind);
    const named = { id: 'credential.expiry', title: 'Time left' };
    expect(check('secret')).toEqual({ ...named, ...verdict });
    expect(check('certificate')).toEqual({ ...named, ...verdict });
    expect(check('federated')).toEqual({ ...named, ...enough('there is nothing that expires') });
  });
});

describe('the end that counts', () => {
  const file = '2027-11-28T12:00:00Z';

  it.each<[string | undefined, string | undefined, string | undefined]>([
    [undefined, undefined, undefined],
    [file, undefined, file],
    [file, '', file],
    [file, 'some day', file],
    [file, file, file],
    [file, '2027-11-29T11:59:59Z', file],
    [file, '2027-11-27T12:00:01Z', file],
    [file, '2027-11-29T12:00:00Z', '2027-11-29T12:00:00Z'],
    [file, '2027-11-27T12:00:00Z', '2027-11-27T12:00:00Z'],
    ['2027-11-28', '2027-11-28T23:59:59Z', '2027-11-28'],
    [undefined, file, file],
    [undefined, 'some day', undefined],
  ])('of %s in the file and %s in the tenant is %s', (expires, known, expected) => {
    expect(endOf({ credential: { kind: 'secret', ...(expires && { expires }) } }, known)).toBe(expected);
  });
});
