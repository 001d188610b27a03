import { describe, expect, it } from 'vitest';
import type { LocalCertificate } from '../../../src/config/certificate.ts';
import type { PreviousCredential, ReportingConfig } from '../../../src/config/config.ts';
import type { CredentialKind } from '../../../src/core/choices.ts';
import { parseDuration } from '../../../src/core/duration.ts';
import { Secret } from '../../../src/core/secret.ts';
import {
  defaultOverlap,
  isNamedByUs,
  isOwnKeyId,
  namedKeyIds,
  previousAfter,
  staysBeside,
} from '../../../src/tenant/credential/previous-credentials.ts';
import { isListed, withListedEnd } from '../../../src/tenant/credential/previous-removal.ts';
import { type Have, unseen } from '../../../src/tenant/model.ts';
import { application } from '../account/account-data.ts';

const ownKey = 'AAAAAAAA-bbbb-8ccc-8ddd-eeeeeeeeeeee';
const anyKey = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

const file = (credential: ReportingConfig['credential'], certificatePath?: string): ReportingConfig => ({
  version: 1,
  cloud: 'global',
  tenantId: 'tenant',
  domain: 'contoso.com',
  clientId: 'client',
  credential,
  application: { objectId: 'object', servicePrincipalId: 'principal' },
  permissions: [],
  ...(certificatePath === undefined ? {} : { certificatePath }),
});

const keyFile = (isOwn: boolean, isEncrypted: boolean): LocalCertificate => ({
  path: '/somewhere/key.pem',
  thumbprint: 'A1',
  keyId: anyKey,
  key: '',
  name: 'Reporting API',
  notBefore: '2026-11-28T00:00:00Z',
  notAfter: '2027-11-28T00:00:00Z',
  isOwn,
  isEncrypted,
  pem: Secret.of('no key at all'),
});

const listing = (keyId: string, endDateTime = '2028-11-28T00:00:00Z') => ({
  keyId,
  displayName: null,
  startDateTime: '',
  endDateTime,
  customKeyIdentifier: '',
});

type Accepted = NonNullable<Have['saved']>['accepted'];

const having = (
  accepted: Accepted | undefined,
  more: Partial<Have> = {},
  saved: LocalCertificate | string | undefined = undefined,
): Have => ({
  ...unseen,
  saved: accepted && { keyId: 'held', expires: '', accepted },
  certificates: { ...unseen.certificates, saved },
  ...more,
});

describe('a credential that is replaced', () => {
  const secret = file({ kind: 'secret', keyId: anyKey });
  const trust = file({ kind: 'federated', keyId: anyKey, displayName: 'reporting-setup-0123' });
  const foreignTrust = file({ kind: 'federated', keyId: anyKey, displayName: 'ci' });
  const certificate = file({ kind: 'certificate', keyId: ownKey });
  const foreign = file({ kind: 'certificate', keyId: anyKey }, '/somewhere/key.pem');
  const withSecret = { application: { ...application, passwordCredentials: [listing('HELD')] } };
  const withKey = { application: { ...application, keyCredentials: [listing('HELD')] } };
  const withAnother = { application: { ...application, passwordCredentials: [listing('other')] } };

  it.each<[string, ReportingConfig | undefined, Have, boolean]>([
    ['no file', undefined, having('yes'), false],
    ['a secret that works', secret, having('yes'), true],
    ['a secret that works once the application does', secret, having('presumed'), true],
    ['a secret that does not work', secret, having('no', withSecret), false],
    ['a secret that nobody tried', secret, having(undefined, withSecret), false],
    ['a secret without a key ID', file({ kind: 'secret' }), having('yes'), false],
    ['a secret that may work, and is listed', secret, having('unknown', withSecret), true],
    ['a secret that may work, and another is listed', secret, having('unknown', withAnother), false],
    ['a secret that may work, of no application', secret, having('unknown'), false],
    ['a trust that works', trust, having('yes'), true],
    ['a trust that may work', trust, having('unknown'), true],
    ['a trust that does not work', trust, having('no'), false],
    ['a trust that nobody tried', trust, having(undefined), false],
    ["somebody else's trust", foreignTrust, having('yes'), false],
    ['a trust without a name', file({ kind: 'federated', keyId: anyKey }), having('yes'), false],
    ['a certificate that works', certificate, having('yes'), true],
    ['a certificate that may work, and is listed', certificate, having('unknown', withKey), true],
    ['a certificate that does not work', certificate, having('no', withKey), false],
    ["somebody else's certificate", foreign, having('yes', {}, keyFile(false, false)), false],
    ["somebody else's certificate, whose file is gone", foreign, having('yes', {}, 'is not there'), false],
    ["somebody else's certificate, whose file nobody read", foreign, having('yes'), false],
    ['a certificate in a file of ours', foreign, having('yes', {}, keyFile(true, false)), true],
    [
      'a certificate in a file that takes a pass phrase',
      foreign,
      having('yes', {}, keyFile(true, true)),
      false,
    ],
    [
      'a certificate that the file does not place',
      { ...certificate, credential: { kind: 'certificate', keyId: anyKey } },
      having('yes', {}, keyFile(true, false)),
      false,
    ],
  ])('%s', (_name, saved, have, stays) => {
    expect(staysBeside(saved, have)).toBe(stays);
    const now = new Date('2026-11-28T12:00:00.001Z');
    const entry = {
      kind: saved?.credential.kind,
      keyId: saved?.credential.keyId,
      replacedAt: '2026-11-28T12:00:01Z',
      retireAfter: '2026-12-05T12:00:01Z',
      ...(saved?.certificatePath === undefined ? {} : { certificatePath: saved.certificatePath }),
    };
    expect(previousAfter('new', saved, have, { now })).toEqual(stays ? { previous: [entry] } : {});
  });

  it('stays for as long as is said, from the next whole second on', () => {
    const given = file({ kind: 'secret', keyId: anyKey, expires: '2027-01-01T00:00:00Z' });
    const entriesAt = (now: string, overlap?: string) =>
      previousAfter('new', given, having('yes'), {
        now: new Date(now),
        overlap: overlap === undefined ? undefined : parseDuration(overlap),
      }).previous?.map(({ expires, replacedAt, retireAfter }) => [expires, replacedAt, retireAfter]);
    const end = '2027-01-01T00:00:00Z';
    expect(entriesAt('2026-11-28T12:00:00.000Z')).toEqual([
      [end, '2026-11-28T12:00:00Z', '2026-12-05T12:00:00Z'],
    ]);
    expect(entriesAt('2026-11-28T12:00:00.999Z', '1mo')).toEqual([
      [end, '2026-11-28T12:00:01Z', '2026-12-28T12:00:01Z'],
    ]);
    expect(defaultOverlap).toEqual(parseDuration('7d'));
  });
});

const earlier = (keyId: string, expires?: string): PreviousCredential => ({
  kind: 'secret',
  keyId,
  ...(expires === undefined ? {} : { expires }),
  replacedAt: '2026-11-01T00:00:00Z',
  retireAfter: '2026-11-08T00:00:00Z',
});

describe('what the file is to name as replaced', () => {
  const now = new Date('2026-11-28T12:00:00Z');
  const named = (keyId: string, previous: readonly PreviousCredential[] | undefined, accepted: Accepted) => {
    const saved = file({ kind: 'secret', keyId: 'held', ...(previous && { previous }) });
    return previousAfter(keyId, saved, having(accepted), { now }).previous?.map((entry) => entry.keyId);
  };

  it.each<[string, string, readonly PreviousCredential[] | undefined, Accepted, string[] | undefined]>([
    ['nothing', 'new', undefined, 'no', undefined],
    ['nothing any more', 'new', [], 'no', undefined],
    ['what it named before', 'new', [earlier('a'), earlier('b')], 'no', ['a', 'b']],
    ['what it named before, and the one in use', 'new', [earlier('a')], 'yes', ['a', 'held']],
    ['the one in use once', 'new', [earlier('HELD'), earlier('b')], 'yes', ['b', 'held']],
    ['an earlier entry where the one in use does not work', 'new', [earlier('HELD')], 'no', ['HELD']],
    ['not the one that stays in use', 'HELD', [earlier('a')], 'yes', ['a']],
    ['not the one that comes back', 'A', [earlier('a'), earlier('b')], 'yes', ['b', 'held']],
    ['nothing but what comes back', 'A', [earlier('a')], 'no', undefined],
  ])('%s', (_name, keyId, previous, accepted, expected) => {
    expect(named(keyId, previous, accepted)).toEqual(expected);
  });

  it('is nothing without a file', () => {
    expect(previousAfter('new', undefined, having('yes'), { now })).toEqual({});
  });
});

describe('key IDs', () => {
  it.each<[ReportingConfig | undefined, string[]]>([
    [undefined, []],
    [file({ kind: 'secret' }), []],
    [file({ kind: 'secret', keyId: 'a' }), ['a']],
    [file({ kind: 'secret', previous: [earlier('b')] }), ['b']],
    [file({ kind: 'secret', keyId: 'a', previous: [earlier('b'), earlier('c')] }), ['a', 'b', 'c']],
  ])('that a file names', (config, expected) => {
    expect(namedKeyIds(config)).toEqual(expected);
  });

  it.each<[string, boolean]>([
    [ownKey, true],
    [anyKey, false],
    ['aaaaaaaa-bbbb-8ccc-9ddd-eeeeeeeeeeee', false],
    ['aaaaaaaa-bbbb-8ccc-8', true],
    ['aaaaaaaaa-bbbb-8ccc-8ddd-eeeeeeeeeeee', false],
    ['aaaaaaaa-bbbbb-8ccc-8ddd-eeeeeeeeeeee', false],
    ['aaaaaaaa-bbbb-8cccc-8ddd-eeeeeeeeeeee', false],
    ['', false],
  ])('%s is of this program: %s', (keyId, isOwn) => {
    expect(isOwnKeyId(keyId)).toBe(isOwn);
  });

  it.each<[string | undefined, boolean]>([
    ['reporting-setup-0123', true],
    ['reporting-setup-', true],
    ['reporting-setup', false],
    ['a reporting-setup-', false],
    [undefined, false],
  ])('the name %s is: %s', (name, isOurs) => {
    expect(isNamedByUs(name)).toBe(isOurs);
  });
});

describe('an entry of the file, beside what the application lists', () => {
  const end = '2027-01-01T00:00:00Z';
  const kinds: readonly CredentialKind[] = ['secret', 'certificate'];

  it.each<[string, Partial<Have>, PreviousCredential, PreviousCredential, boolean]>([
    ['no application', {}, earlier('a', end), earlier('a', end), false],
    [
      'another one',
      { application: { ...application, passwordCredentials: [listing('b')] } },
      earlier('a', end),
      earlier('a', end),
      false,
    ],
    [
      'a secret',
      { application: { ...application, passwordCredentials: [listing('b'), listing('A', end)] } },
      earlier('a', '2026-01-01'),
      earlier('a', end),
      true,
    ],
    [
      'a certificate',
      { application: { ...application, keyCredentials: [listing('b'), listing('A', end)] } },
      earlier('a'),
      earlier('a', end),
      true,
    ],
    [
      'one without an end',
      { application: { ...application, passwordCredentials: [listing('A', '')] } },
      earlier('a', end),
      earlier('a'),
      true,
    ],
  ])('%s', (_name, more, entry, expected, listed) => {
    for (const kind of kinds) {
      const have = { ...unseen, ...more };
      expect(withListedEnd({ ...entry, kind }, have)).toEqual({ ...expected, kind });
      expect(isListed(entry, have)).toBe(listed);
    }
  });
});
