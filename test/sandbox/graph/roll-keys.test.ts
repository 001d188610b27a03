import { createHash, createSign, X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestCertificate, testCertificate } from '../../helpers/pem.ts';
import {
  createFixture,
  type Fixture,
  principalOf,
  refusalOf,
  registerWithPrincipal,
  type Send,
} from './helper.ts';

const notBefore = new Date('2026-11-01T00:00:00Z');
const [held, next, stranger] = await Promise.all([1, 2, 3].map(() => testCertificate('rsa', { notBefore })));
if (!held || !next || !stranger) throw new Error('no certificates');

const derOf = ({ certificate }: TestCertificate): string =>
  new X509Certificate(certificate).raw.toString('base64');
const thumbprintOf = ({ certificate }: TestCertificate): string =>
  createHash('sha1').update(new X509Certificate(certificate).raw).digest('hex').toUpperCase();

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let fixture: Fixture;
let admin: Send;
let own: Send;
let id: string;
let appId: string;

const entry = (certificate: TestCertificate) => ({
  type: 'AsymmetricX509Cert',
  usage: 'Verify',
  key: derOf(certificate),
});

/** A proof of possession, made with node:crypto alone. */
function proof(signer: TestCertificate, claims: Record<string, unknown> = {}, alg = 'RS256'): string {
  const now = Math.floor(fixture.world.now() / 1_000);
  const payload = {
    aud: '00000002-0000-0000-c000-000000000000',
    iss: id,
    nbf: now,
    exp: now + 600,
    ...claims,
  };
  const signed = `${part({ alg, typ: 'JWT' })}.${part(payload)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(signer.key, 'base64url')}`;
}

const add = (certificate: TestCertificate, proofText: string, send = own) =>
  send('POST', `/applications/${id}/addKey`, {
    body: { keyCredential: entry(certificate), passwordCredential: null, proof: proofText },
  });

async function keys(): Promise<{ keyId: string; customKeyIdentifier: string }[]> {
  const { body } = await admin('GET', `/applications/${id}?$select=keyCredentials`);
  return body.keyCredentials;
}

beforeEach(async () => {
  fixture = createFixture();
  admin = await fixture.as('ada');
  const made = await registerWithPrincipal(admin);
  ({ id, appId } = made.application);
  await admin('PATCH', `/applications/${id}`, { body: { keyCredentials: [entry(held)] } });
  own = await fixture.asApplication([], principalOf(fixture.tenant, appId));
});

describe('addKey and removeKey', () => {
  it('let an application without any permission roll its own certificate over', async () => {
    const added = await add(next, proof(held));
    expect(added.status).toBe(200);
    expect(Object.keys(added.body)).toEqual(['@odata.context']);
    const thumbprints = (await keys()).map(({ customKeyIdentifier }) => customKeyIdentifier);
    expect(thumbprints.sort()).toEqual([thumbprintOf(held), thumbprintOf(next)].sort());
    const old = (await keys()).find((key) => key.customKeyIdentifier === thumbprintOf(held));
    const body = { keyId: old?.keyId, proof: proof(next) };
    expect((await own('POST', `/applications/${id}/removeKey`, { body })).status).toBe(204);
    expect((await keys()).map((key) => key.customKeyIdentifier)).toEqual([thumbprintOf(next)]);
    const again = await own('POST', `/applications/${id}/removeKey`, { body });
    expect(refusalOf(again)).toBe('400 Request_BadRequest');
  });

  it.each<[string, () => string]>([
    ['padded', () => `${proof(held)}=`],
    ['no JWT', () => 'proof'],
    ['signed by somebody else', () => proof(stranger)],
    ['of another object', () => proof(held, { iss: fixture.tenant.id })],
    ['for another audience', () => proof(held, { aud: 'https://graph.microsoft.com' })],
    ['too long', () => proof(held, { exp: Math.floor(fixture.world.now() / 1_000) + 601 })],
    ['not valid yet', () => proof(held, { nbf: Math.floor(fixture.world.now() / 1_000) + 60 })],
    ['over', () => proof(held, { nbf: 1, exp: 2 })],
    ['without an end', () => proof(held, { exp: undefined })],
    ['of another algorithm', () => proof(held, {}, 'none')],
  ])('refuse a proof that is %s', async (_, make) => {
    expect(refusalOf(await add(next, make()))).toBe('401 Authentication_MissingOrMalformed');
    expect(await keys()).toHaveLength(1);
  });

  it('refuse the proof of a certificate that has ended: then only an administrator can help', async () => {
    fixture.advance(400 * 86_400_000);
    own = await fixture.asApplication([], principalOf(fixture.tenant, appId));
    expect(refusalOf(await add(next, proof(held)))).toBe('401 Authentication_MissingOrMalformed');
  });

  it('let no application roll the certificate of another one', async () => {
    const other = await registerWithPrincipal(admin);
    const stranger_ = await fixture.asApplication([], principalOf(fixture.tenant, other.application.appId));
    expect(refusalOf(await add(next, proof(held), stranger_))).toBe('403 Authorization_RequestDenied');
  });
});

describe('servicePrincipalLockConfiguration', () => {
  it('keeps credentials off the service principal, and lets the application have them', async () => {
    const body = { servicePrincipalLockConfiguration: { isEnabled: true, allProperties: true } };
    expect((await admin('PATCH', `/applications/${id}`, { body })).status).toBe(204);
    const read = await admin('GET', `/applications/${id}`);
    expect(read.body.servicePrincipalLockConfiguration).toMatchObject({
      isEnabled: true,
      allProperties: true,
    });
    const { id: principalId } = principalOf(fixture.tenant, appId);
    const wanted = { body: { passwordCredential: { displayName: 'x' } } };
    const locked = await admin('POST', `/servicePrincipals/${principalId}/addPassword`, wanted);
    expect(refusalOf(locked)).toBe('400 Request_BadRequest');
    expect((await admin('POST', `/applications/${id}/addPassword`, wanted)).status).toBe(200);
    await admin('PATCH', `/applications/${id}`, {
      body: { servicePrincipalLockConfiguration: { isEnabled: false } },
    });
    expect((await admin('POST', `/servicePrincipals/${principalId}/addPassword`, wanted)).status).toBe(200);
  });
});
