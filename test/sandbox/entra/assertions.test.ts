import { createHash, randomUUID, webcrypto } from 'node:crypto';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadX509 } from '../../../src/sandbox/certificate.ts';
import { applicationOf, bodyOf, claimsOf, createFixture, type Fixture, refusalOf } from './helper.ts';

const { X509CertificateGenerator } = await loadX509();

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
const otherKeys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
const certificate = await X509CertificateGenerator.createSelfSigned({
  name: 'CN=test',
  keys,
  signingAlgorithm: rsa,
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2027-06-01T00:00:00Z'),
});
const der = Buffer.from(certificate.rawData);
const sha1 = createHash('sha1').update(der).digest();
const sha256 = createHash('sha256').update(der).digest();
const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
const pssKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-PSS', hash: 'SHA-256' }, false, [
  'sign',
]);

let fixture: Fixture;
let appId: string;

beforeEach(() => {
  fixture = createFixture();
  appId = applicationOf(fixture, 'Sandbox automation').appId;
});

function exchange(assertion: string) {
  return fixture.token({
    grant_type: 'client_credentials',
    client_id: appId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope: `${fixture.world.origin}/.default`,
  });
}

function register(): void {
  applicationOf(fixture, 'Sandbox automation').keyCredentials.push({
    customKeyIdentifier: sha1.toString('hex').toUpperCase(),
    displayName: 'CN=test',
    startDateTime: '2026-01-01T00:00:00Z',
    endDateTime: '2027-06-01T00:00:00Z',
    key: der.toString('base64'),
    keyId: randomUUID(),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    usableFrom: fixture.world.now(),
  });
}

function payload(change: JWTPayload = {}): JWTPayload {
  const now = Math.floor(fixture.world.now() / 1000);
  const aud = `${fixture.world.origin}/${fixture.world.tenant.id}/oauth2/v2.0/token`;
  return { aud, iss: appId, sub: appId, jti: randomUUID(), nbf: now, iat: now, exp: now + 600, ...change };
}

function signed(change: JWTPayload = {}, key = keys.privateKey): Promise<string> {
  const header = { alg: 'RS256', typ: 'JWT', x5t: sha1.toString('base64url') };
  return new SignJWT(payload(change)).setProtectedHeader(header).sign(key);
}

describe('an assertion signed by a certificate', () => {
  it('proves the client, by RS256 with x5t and by PS256 with x5t#S256', async () => {
    register();
    const older = await exchange(await signed());
    expect(claimsOf(bodyOf(older)['access_token'])['appidacr']).toBe('2');
    const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': sha256.toString('base64url') };
    const newer = await new SignJWT(payload()).setProtectedHeader(header).sign(pssKey);
    expect((await exchange(newer)).status).toBe(200);
  });

  it('fails where the certificate is not registered, or not known yet', async () => {
    const refused = await exchange(await signed());
    expect(refusalOf(refused)).toBe('401 invalid_client 700027');
    expect(refused.body).toContain('The key was not found.');
    register();
    const [credential] = applicationOf(fixture, 'Sandbox automation').keyCredentials;
    if (credential !== undefined) credential.usableFrom = fixture.world.now() + 1000;
    expect(refusalOf(await exchange(await signed()))).toBe('401 invalid_client 700027');
  });

  it('fails by another key, with an expired certificate, for another audience, out of time', async () => {
    register();
    const forged = await exchange(await signed({}, otherKeys.privateKey));
    expect(refusalOf(forged)).toBe('401 invalid_client 700027');
    expect(forged.body).toContain('Client assertion contains an invalid signature.');
    const aud = 'https://login.microsoftonline.com/x/oauth2/v2.0/token';
    expect(refusalOf(await exchange(await signed({ aud })))).toBe('401 invalid_client 700023');
    const stale = await signed({ exp: Math.floor(fixture.world.now() / 1000) - 301 });
    expect(refusalOf(await exchange(stale))).toBe('401 invalid_client 700024');
    expect(refusalOf(await exchange(await signed({ sub: randomUUID() })))).toBe('401 invalid_client 50048');
    fixture.advance(365 * 86_400_000);
    expect((await exchange(await signed())).body).toContain('The key used is expired.');
  });

  it('fails unsigned and malformed', async () => {
    register();
    const none = Buffer.from(JSON.stringify({ alg: 'none', x5t: sha1.toString('base64url') })).toString(
      'base64url',
    );
    const body = Buffer.from(JSON.stringify(payload())).toString('base64url');
    expect(refusalOf(await exchange(`${none}.${body}.`))).toBe('401 invalid_client 700027');
    expect(refusalOf(await exchange('not.a.jwt'))).toBe('401 invalid_client 50027');
  });

  it('needs the right assertion type', async () => {
    const form = { grant_type: 'client_credentials', client_id: appId, client_assertion: await signed() };
    expect(refusalOf(await fixture.token(form))).toBe('400 invalid_request 900144');
    expect(refusalOf(await fixture.token({ ...form, client_assertion_type: 'saml' }))).toBe(
      '400 invalid_request 9002313',
    );
  });
});

describe('the token of another identity provider', () => {
  const issuer = 'https://token.actions.example';
  const subject = 'repo:contoso/reports:environment:production';
  const audience = 'api://AzureADTokenExchange';

  function trust(): void {
    applicationOf(fixture, 'Sandbox automation').federatedIdentityCredentials.push({
      id: randomUUID(),
      name: 'ci',
      issuer,
      subject,
      audiences: [audience],
      description: null,
      usableFrom: fixture.world.now(),
    });
  }

  function federated(change: JWTPayload = {}, key = keys.privateKey): Promise<string> {
    const claims = payload({ iss: issuer, sub: subject, aud: audience, ...change });
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key);
  }

  async function publish(): Promise<void> {
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    fixture.entra.sessions.issuers.set(issuer, { keys: [jwk] });
  }

  it('proves the client that trusts it', async () => {
    trust();
    await publish();
    expect((await exchange(await federated())).status).toBe(200);
  });

  it.each([
    ['issuer', { iss: 'https://token.actions.example/' }, '401 invalid_client 700211'],
    ['subject', { sub: 'repo:contoso/other' }, '401 invalid_client 700213'],
    ['case of the subject', { sub: subject.toUpperCase() }, '401 invalid_client 7002138'],
    ['audience', { aud: 'api://other' }, '401 invalid_client 700212'],
  ])('fails where the %s differs', async (_name, change, expected) => {
    trust();
    await publish();
    expect(refusalOf(await exchange(await federated(change)))).toBe(expected);
  });

  it('fails without a credential, without published keys, by another key, and out of time', async () => {
    expect(refusalOf(await exchange(await federated()))).toBe('401 invalid_client 700211');
    trust();
    expect(refusalOf(await exchange(await federated()))).toBe('400 invalid_request 90061');
    await publish();
    expect(refusalOf(await exchange(await federated({}, otherKeys.privateKey)))).toBe(
      '401 invalid_client 50013',
    );
    expect(refusalOf(await exchange(await federated({ exp: 1 })))).toBe('401 invalid_client 700024');
  });
});
