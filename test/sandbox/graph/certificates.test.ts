import { createHash, webcrypto } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadX509 } from '../../../src/sandbox/certificate.ts';
import { createFixture, type Fixture, guid, refusalOf, register, type Send, start } from './helper.ts';

const { X509CertificateGenerator } = await loadX509();

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.as('ada');
});

async function certificate(name: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date('2026-11-01T00:00:00Z'),
    notAfter: new Date('2027-11-01T00:00:00Z'),
    keys,
    signingAlgorithm: algorithm,
  });
  return Buffer.from(made.rawData).toString('base64');
}

const first = await certificate('first');
const second = await certificate('second');

function entry(key: string, extra: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 'AsymmetricX509Cert', usage: 'Verify', key, ...extra };
}

describe('keyCredentials', () => {
  it('are set by PATCH, with what the certificate itself says', async () => {
    const { id } = await register(send);
    const reply = await send('PATCH', `/applications/${id}`, { body: { keyCredentials: [entry(first)] } });
    expect(reply.status).toBe(204);
    const { body } = await send('GET', `/applications/${id}?$select=keyCredentials`);
    expect(body.keyCredentials).toEqual([
      {
        customKeyIdentifier: createHash('sha1')
          .update(Buffer.from(first, 'base64'))
          .digest('hex')
          .toUpperCase(),
        displayName: 'CN=first',
        endDateTime: '2027-11-01T00:00:00Z',
        key: first,
        keyId: expect.stringMatching(guid),
        startDateTime: '2026-11-01T00:00:00Z',
        type: 'AsymmetricX509Cert',
        usage: 'Verify',
      },
    ]);
    expect((await send('GET', `/applications/${id}`)).body.keyCredentials[0].key).toBeNull();
    expect((await send('GET', '/applications?$select=keyCredentials')).text).not.toContain(first);
    expect(fixture.tenant.applications.find((one) => one.id === id)?.keyCredentials[0]?.usableFrom).toBe(
      start,
    );
  });

  it('may be written over several lines', async () => {
    const { id } = await register(send);
    const wrapped = first.replaceAll(/.{64}/g, '$&\n');
    const body = { keyCredentials: [entry(wrapped)] };
    expect((await send('PATCH', `/applications/${id}`, { body })).status).toBe(204);
    const read = await send('GET', `/applications/${id}?$select=keyCredentials`);
    expect(read.body.keyCredentials[0].key).toBe(first);
  });

  it('are replaced whole: what stays comes again, with its key or without', async () => {
    const { id } = await register(send, { keyCredentials: [entry(first)] });
    const path = `/applications/${id}`;
    const [held] = (await send('GET', `${path}?$select=keyCredentials`)).body.keyCredentials;
    const both = { keyCredentials: [held, entry(second)] };
    expect((await send('PATCH', path, { body: both })).status).toBe(204);
    expect((await send('GET', path)).body.keyCredentials).toHaveLength(2);
    const shown = (await send('GET', path)).body.keyCredentials;
    expect(shown).toMatchObject([{ key: null }, { key: null }]);
    expect((await send('PATCH', path, { body: { keyCredentials: shown } })).status).toBe(204);
    const kept = (await send('GET', `${path}?$select=keyCredentials`)).body.keyCredentials;
    expect(kept).toMatchObject([{ keyId: held.keyId, key: held.key }, { key: second }]);
    expect((await send('PATCH', path, { body: { keyCredentials: [] } })).status).toBe(204);
    expect((await send('GET', path)).body.keyCredentials).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another key', { key: second }],
    ['another end', { key: null, endDateTime: '2027-01-01T00:00:00Z' }],
  ])('keep what they are: %s under a known id is refused', async (_, change) => {
    const { id } = await register(send, { keyCredentials: [entry(first)] });
    const path = `/applications/${id}`;
    const [held] = (await send('GET', path)).body.keyCredentials;
    const reply = await send('PATCH', path, { body: { keyCredentials: [{ ...held, ...change }] } });
    expect(refusalOf(reply)).toBe('400 Request_BadRequest');
    expect(reply.body.error.message).toBe(
      `Update to existing credential with KeyId '${held.keyId}' is not allowed.`,
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'an end after the end of the certificate',
      { endDateTime: '2027-11-01T00:00:01Z' },
      'KeyCredentialsInvalidEndDate',
    ],
    ['an end before the start', { endDateTime: '2026-10-01T00:00:00Z' }, 'KeyCredentialsInvalidEndDate'],
    ['no key', { key: null }, 'Request_BadRequest'],
    ['a key that is no certificate', { key: 'AAAA' }, 'Request_BadRequest'],
    ['a key that is not base64', { key: '-----BEGIN CERTIFICATE-----' }, 'BadRequest'],
    ['another use', { usage: 'Encrypt' }, 'Request_BadRequest'],
    ['another type', { type: 'Symmetric' }, 'Request_BadRequest'],
  ])('refuse %s', async (_, extra, code) => {
    const { id } = await register(send);
    const body = { keyCredentials: [entry(first, extra)] };
    expect(refusalOf(await send('PATCH', `/applications/${id}`, { body }))).toBe(`400 ${code}`);
  });

  it('obey the policy of the tenant', async () => {
    const policy = fixture.tenant.defaultAppManagementPolicy;
    policy.isEnabled = true;
    policy.applicationRestrictions.keyCredentials = [
      {
        restrictionType: 'asymmetricKeyLifetime',
        state: 'enabled',
        maxLifetime: 'P90D',
        restrictForAppsCreatedAfterDateTime: null,
      },
    ];
    const { id } = await register(send);
    const path = `/applications/${id}`;
    const long = await send('PATCH', path, { body: { keyCredentials: [entry(first)] } });
    expect(refusalOf(long)).toBe('400 CredentialInvalidLifetimeAsPerAppPolicy');
    const short = entry(first, { endDateTime: '2027-01-01T00:00:00Z' });
    expect((await send('PATCH', path, { body: { keyCredentials: [short] } })).status).toBe(204);
  });

  it('cannot come by addKey without a proof', async () => {
    const { id } = await register(send);
    const body = { keyCredential: entry(first), passwordCredential: null };
    expect((await send('POST', `/applications/${id}/addKey`, { body })).status).toBe(400);
  });
});

describe('federatedIdentityCredentials', () => {
  const github = {
    name: 'github-main',
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'repo:org/repo:ref:refs/heads/main',
    audiences: ['api://AzureADTokenExchange'],
  };

  it('are made, read by id and by name, changed and removed', async () => {
    const { id } = await register(send);
    const path = `/applications/${id}/federatedIdentityCredentials`;
    const made = await send('POST', path, { body: github });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...github, id: expect.stringMatching(guid), description: null });
    expect(made.body).not.toHaveProperty('usableFrom');
    expect((await send('GET', path)).body.value).toHaveLength(1);
    for (const key of [`/${made.body.id}`, '/github-main', "(name='github-main')"]) {
      expect((await send('GET', path + key)).body.subject).toBe(github.subject);
    }
    expect((await send('PATCH', `${path}/github-main`, { body: { description: 'x' } })).status).toBe(204);
    expect((await send('PATCH', `${path}/github-main`, { body: { name: 'other' } })).status).toBe(400);
    expect((await send('DELETE', `${path}/github-main`)).status).toBe(204);
    expect(refusalOf(await send('GET', `${path}/github-main`))).toBe('404 Request_ResourceNotFound');
  });

  it('are upserted by name', async () => {
    const { id } = await register(send);
    const path = `/applications/${id}/federatedIdentityCredentials(name='github-main')`;
    const { name: _name, ...body } = github;
    const prefer = { prefer: 'create-if-missing' };
    expect((await send('PATCH', path, { body })).status).toBe(404);
    expect((await send('PATCH', path, { body, headers: prefer })).status).toBe(201);
    expect((await send('PATCH', path, { body, headers: prefer })).status).toBe(204);
  });

  it('refuse twins by name and by issuer and subject', async () => {
    const { id } = await register(send);
    const path = `/applications/${id}/federatedIdentityCredentials`;
    await send('POST', path, { body: github });
    const sameName = await send('POST', path, { body: { ...github, subject: 'other' } });
    expect(refusalOf(sameName)).toBe('409 Request_MultipleObjectsWithSameKeyValue');
    expect(sameName.body.error.message).toBe(
      'FederatedIdentityCredential with name github-main already exists.',
    );
    const sameSubject = await send('POST', path, { body: { ...github, name: 'other' } });
    expect(refusalOf(sameSubject)).toBe('400 InvalidFederatedIdentityCredentialValue');
    expect(sameSubject.body.error.message).toBe(
      `The combination of issuer and subject must be unique for the application. Issuer ${github.issuer} and ` +
        `Subject: ${github.subject} already exist. paramName: FederatedIdentityCredential.Subject, paramValue: ` +
        `${github.subject}, objectType: Microsoft.Online.DirectoryServices.Application`,
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['two audiences', { audiences: ['a', 'b'] }],
    ['no audience', { audiences: [] }],
    ['an empty audience', { audiences: [''] }],
    ['a long description', { description: 'x'.repeat(601) }],
    ['an empty subject', { subject: '' }],
    ['a long issuer', { issuer: `https://${'x'.repeat(600)}` }],
    ['a short name', { name: 'ab' }],
    ['a name with a space', { name: 'git hub' }],
  ])('refuse %s', async (_, extra) => {
    const { id } = await register(send);
    const path = `/applications/${id}/federatedIdentityCredentials`;
    expect((await send('POST', path, { body: { ...github, ...extra } })).status).toBe(400);
    expect((await send('GET', path)).body.value).toEqual([]);
  });

  it('are at most twenty', async () => {
    const { id } = await register(send);
    const path = `/applications/${id}/federatedIdentityCredentials`;
    const statuses: number[] = [];
    for (let index = 0; index < 21; index += 1) {
      const body = { ...github, name: `name-${index}`, subject: `subject ${index}` };
      statuses.push((await send('POST', path, { body })).status);
    }
    expect(statuses.filter((status) => status === 201)).toHaveLength(20);
    expect(statuses.at(-1)).toBe(400);
  });
});
