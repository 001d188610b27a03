import { describe, expect, it } from 'vitest';
import type { LocalCertificate } from '../../src/config/certificate.ts';
import type { ReportingConfig } from '../../src/config/config.ts';
import type { CredentialKind } from '../../src/core/choices.ts';
import { parseDuration } from '../../src/core/duration.ts';
import { Secret } from '../../src/core/secret.ts';
import type { CredentialPolicy } from '../../src/tenant/directory-objects.ts';
import type { Have, Wanted, WantedCredential } from '../../src/tenant/model.ts';
import { policy } from '../../src/tenant/policy.ts';
import type { Verdict } from '../../src/tenant/verdict.ts';
import { application, having, want } from './account/account-data.ts';
import {
  capped,
  certCapped,
  free,
  hiddenOnes,
  nowBlocked,
  passing,
  unrestricted,
  untold,
} from './policy-data.ts';

const now = new Date('2026-11-28T12:00:00Z');

const certificate = (part: Partial<LocalCertificate> = {}): LocalCertificate => ({
  path: '/somewhere/key.pem',
  thumbprint: 'A1',
  keyId: 'aaaaaaaa-bbbb-8ccc-8ddd-eeeeeeeeeeee',
  key: '',
  name: 'Reporting API',
  notBefore: '2026-11-28T00:00:00Z',
  notAfter: '2027-11-28T00:00:00Z',
  isOwn: true,
  isEncrypted: false,
  pem: Secret.of('no key at all'),
  ...part,
});

/** What the file holds of this application. */
const file = (kind: CredentialKind): Have['config'] => {
  const config: ReportingConfig = {
    version: 1,
    cloud: 'global',
    tenantId: 'tenant',
    domain: 'contoso.com',
    clientId: 'client',
    credential: { kind, keyId: 'key' },
    application: { objectId: 'object', servicePrincipalId: 'principal' },
    permissions: [],
  };
  return { status: 'ok', config, format: 'json' };
};

const slot = { path: '', left: undefined };
const given = (part: Partial<LocalCertificate>): Partial<Have> => ({
  certificates: { given: certificate(part), saved: undefined, slot },
});

/** A credential of that kind is in the file and works. */
const inUse = (
  kind: CredentialKind,
  accepted: 'yes' | 'presumed' | 'no' | 'unknown' = 'yes',
): Partial<Have> => ({
  application,
  config: file(kind),
  certificates: { given: undefined, saved: kind === 'certificate' ? certificate() : undefined, slot },
  saved: { keyId: 'key', expires: '2027-11-28T00:00:00Z', accepted },
});

const blocked: Verdict = {
  status: 'fail',
  evidence: "the tenant's app management policy blocks client secrets",
  remedy:
    'Use a certificate instead: `reporting-setup --credential certificate` (or federated). Or ask whoever manages app management policies for an exemption for this application.',
  code: 'policy-blocks-secrets',
};
const tooLong: Verdict = {
  status: 'fail',
  evidence: 'the tenant allows 90 days at most, and this certificate is valid for longer',
  remedy: 'Make one that is valid for 90 days at most, or leave --certificate-file out: setup makes one.',
  code: 'policy-caps-lifetime',
};
const isShortened = passing('the tenant caps the lifetime at 90 days: it is shortened to that');

describe('the policy for a credential that is made', () => {
  const trust: WantedCredential = { kind: 'federated', issuer: '', subject: '', audience: '' };
  const secret: WantedCredential = { kind: 'secret' };
  const cert: WantedCredential = { kind: 'certificate' };
  const ofCredential = 'Policy for the credential';
  const ofSecrets = 'Policy for client secrets';
  const ofCertificate = 'Policy for the certificate';

  it.each<
    [
      string,
      WantedCredential,
      Partial<CredentialPolicy> | undefined,
      string,
      Verdict,
      Partial<Have>?,
      Partial<Wanted>?,
    ]
  >([
    ['a trust', trust, { secretsBlocked: true }, ofCredential, passing('there is no secret to restrict')],
    [
      'a secret, and nothing was read',
      secret,
      undefined,
      ofCredential,
      untold('no policy was read: will try'),
    ],
    [
      'a certificate, and nothing was read',
      cert,
      undefined,
      ofCredential,
      untold('no policy was read: will try'),
    ],
    ['a secret', secret, {}, ofSecrets, unrestricted],
    [
      'a secret where none may be',
      secret,
      { secretsBlocked: true, ...hiddenOnes, ...capped },
      ofSecrets,
      blocked,
    ],
    [
      'a secret where nobody can tell',
      secret,
      { ...hiddenOnes, ...capped },
      ofSecrets,
      untold('why of secrets: will try'),
    ],
    [
      'a secret where certificates are untold',
      secret,
      { untold: { certificate: 'x' } },
      ofSecrets,
      unrestricted,
    ],
    ['a secret over the cap', secret, capped, ofSecrets, isShortened],
    [
      'a secret within the cap',
      secret,
      capped,
      ofSecrets,
      passing('within the cap of 90 days'),
      {},
      { secretLifetime: parseDuration('89d') },
    ],
    ['a secret under the cap of certificates', secret, certCapped, ofSecrets, unrestricted],
    ['a certificate', cert, {}, ofCertificate, unrestricted],
    ['a certificate where no secret may be', cert, { secretsBlocked: true }, ofCertificate, unrestricted],
    [
      'a certificate where nobody can tell',
      cert,
      { ...hiddenOnes, ...certCapped },
      ofCertificate,
      untold('why of certificates: will try'),
    ],
    ['a certificate over the cap', cert, certCapped, ofCertificate, isShortened],
    [
      'a certificate within the cap',
      cert,
      certCapped,
      ofCertificate,
      passing('within the cap of 90 days'),
      {},
      { secretLifetime: parseDuration('89d') },
    ],
    ['a certificate under the cap of secrets', cert, capped, ofCertificate, unrestricted],
    ["one's own certificate", cert, {}, ofCertificate, unrestricted, given({})],
    [
      "one's own certificate over the cap",
      cert,
      certCapped,
      ofCertificate,
      tooLong,
      given({ notAfter: '2027-02-26T00:00:01Z' }),
    ],
    [
      "one's own certificate as long as the cap",
      cert,
      certCapped,
      ofCertificate,
      passing('within the cap of 90 days'),
      given({ notAfter: '2027-02-26T00:00:00Z' }),
    ],
    [
      "one's own certificate where nobody can tell",
      cert,
      { ...hiddenOnes, ...certCapped },
      ofCertificate,
      untold('why of certificates: will try'),
      given({}),
    ],
    // One of that kind that does not stay.
    [
      'a secret in place of one that does not work',
      secret,
      capped,
      ofSecrets,
      isShortened,
      inUse('secret', 'no'),
    ],
    [
      'a secret in place of one of which nobody can tell',
      secret,
      capped,
      ofSecrets,
      isShortened,
      inUse('secret', 'unknown'),
    ],
    [
      'a secret in place of one that works',
      secret,
      capped,
      ofSecrets,
      isShortened,
      inUse('secret'),
      { freshSecret: true },
    ],
    ['a secret in place of a certificate', secret, capped, ofSecrets, isShortened, inUse('certificate')],
    ['a certificate in place of a secret', cert, certCapped, ofCertificate, isShortened, inUse('secret')],
    [
      'a secret where the file is of another application',
      secret,
      capped,
      ofSecrets,
      isShortened,
      { ...inUse('secret'), application: { ...application, appId: 'other' } },
    ],
    [
      'a certificate whose file cannot be read',
      cert,
      certCapped,
      ofCertificate,
      isShortened,
      { ...inUse('certificate'), certificates: { given: undefined, saved: 'is not there', slot } },
    ],
  ])('%s', (_name, credential, said, title, verdict, have = {}, wish = {}) => {
    const wanted: Wanted = { ...want, credential, ...wish };
    const there = having({}, { policy: said && { ...free, ...said }, ...have });
    expect(policy.check?.(wanted, there, now)).toEqual([{ id: 'policy.credential', title, ...verdict }]);
  });

  it.each<[string, WantedCredential, Partial<CredentialPolicy>, Verdict, Partial<Have>?]>([
    ['a secret', secret, {}, unrestricted],
    ['a secret that is presumed to work', secret, {}, unrestricted, inUse('secret', 'presumed')],
    ['a secret, and no further one may be', secret, { secretsBlocked: true, ...capped }, nowBlocked],
    [
      'a secret, and the next is capped',
      secret,
      capped,
      passing('the one in the file stays; the next may be valid for 90 days at most'),
    ],
    ['a secret, and nobody can tell', secret, hiddenOnes, untold('why of secrets')],
    [
      'a secret under a cap, and nobody can tell the rest',
      secret,
      { ...hiddenOnes, ...capped },
      untold('why of secrets'),
    ],
    ['a certificate where no secret may be', cert, { secretsBlocked: true }, unrestricted],
    [
      'a certificate, and the next is capped',
      cert,
      { ...capped, certificateLifetimeCap: parseDuration('1y') },
      passing('the one in the file stays; the next may be valid for 1 year at most'),
    ],
    ['a certificate, and nobody can tell', cert, hiddenOnes, untold('why of certificates')],
  ])('%s in use stays', (_name, credential, said, verdict, have = inUse(credential.kind)) => {
    const there = having({}, { policy: { ...free, ...said }, ...have });
    const title = 'Policy for the next credential';
    expect(policy.check?.({ ...want, credential }, there, now)).toEqual([
      { id: 'policy.credential', title, ...verdict },
    ]);
  });
});
