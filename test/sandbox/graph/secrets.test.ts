import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createFixture,
  type Fixture,
  guid,
  origin,
  refusalOf,
  register,
  type Send,
  start,
} from './helper.ts';

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.as('ada');
});

const day = 86_400_000;

describe('addPassword', () => {
  it('answers 200 with a secret of 40 characters for two years, shown once', async () => {
    const { id } = await register(send);
    const reply = await send('POST', `/applications/${id}/addPassword`, {
      body: { passwordCredential: { displayName: 'Reporting API' } },
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      '@odata.context': `${origin}/v1.0/$metadata#microsoft.graph.passwordCredential`,
      customKeyIdentifier: null,
      displayName: 'Reporting API',
      endDateTime: '2028-11-24T10:00:00Z',
      hint: reply.body.secretText.slice(0, 3),
      keyId: expect.stringMatching(guid),
      secretText: expect.stringMatching(/^[\w.~-]{40}$/),
      startDateTime: '2026-11-24T10:00:00Z',
    });
    expect(fixture.issued).toContain(reply.body.secretText);
    const application = fixture.tenant.applications.find((candidate) => candidate.id === id);
    expect(application?.passwordCredentials).toMatchObject([
      {
        secretHash: createHash('sha256').update(reply.body.secretText).digest('hex'),
        usableFrom: start,
      },
    ]);
    expect(JSON.stringify(fixture.tenant)).not.toContain(reply.body.secretText);
    const list = await send('GET', '/applications');
    expect(list.text).not.toContain('secretHash');
    expect(list.text).not.toContain('usableFrom');
  });

  it('takes the dates that are asked for, and refuses an end before the start', async () => {
    const { appId } = await register(send);
    const path = `/applications(appId='${appId}')/addPassword`;
    const ask = (passwordCredential: Record<string, unknown>) =>
      send('POST', path, { body: { passwordCredential } });
    const { body } = await ask({
      startDateTime: '2026-12-01T00:00:00Z',
      endDateTime: '2027-01-01T01:00:00+01:00',
    });
    expect(body).toMatchObject({
      startDateTime: '2026-12-01T00:00:00Z',
      endDateTime: '2027-01-01T00:00:00Z',
    });
    expect((await ask({ endDateTime: '2026-11-24T10:00:00Z' })).status).toBe(400);
    expect((await ask({ endDateTime: 'tomorrow' })).status).toBe(400);
    expect((await ask({ secretText: 'chosen' })).status).toBe(400);
  });

  it('pays no heed to a name in the wrong place', async () => {
    const { id } = await register(send);
    const { body } = await send('POST', `/applications/${id}/addPassword`, { body: { displayName: 'x' } });
    expect(body.displayName).toBeNull();
  });

  it('works on service principals, too', async () => {
    const { appId } = await register(send);
    const { body } = await send('POST', '/servicePrincipals', { body: { appId } });
    const made = await send('POST', `/servicePrincipals/${body.id}/addPassword`, { body: {} });
    expect(made.status).toBe(200);
    const path = `/servicePrincipals/${body.id}/removePassword`;
    expect((await send('POST', path, { body: { keyId: made.body.keyId } })).status).toBe(204);
  });
});

describe('passwordCredentials', () => {
  it('show the newest secret first', async () => {
    const { id } = await register(send);
    for (const displayName of ['key1', 'key2']) {
      await send('POST', `/applications/${id}/addPassword`, {
        body: { passwordCredential: { displayName } },
      });
    }
    const { body } = await send('GET', `/applications/${id}`);
    const names = body.passwordCredentials.map((held: { displayName: string }) => held.displayName);
    expect(names).toEqual(['key2', 'key1']);
  });
});

describe('removePassword', () => {
  it('takes off one secret', async () => {
    const { id } = await register(send);
    const first = await send('POST', `/applications/${id}/addPassword`, { body: {} });
    const second = await send('POST', `/applications/${id}/addPassword`, { body: {} });
    const path = `/applications/${id}/removePassword`;
    expect((await send('POST', path, { body: { keyId: first.body.keyId } })).status).toBe(204);
    const { body } = await send('GET', `/applications/${id}?$select=passwordCredentials`);
    expect(body.passwordCredentials.map(({ keyId }: { keyId: string }) => keyId)).toEqual([
      second.body.keyId,
    ]);
    expect((await send('POST', path, { body: { keyId: first.body.keyId } })).status).toBe(400);
    expect((await send('POST', path, { body: {} })).status).toBe(400);
  });
});

describe('a policy of the tenant', () => {
  const restrict = (
    restrictionType: string,
    maxLifetime: string | null,
    from = '2021-01-01T10:37:00Z',
  ): void => {
    fixture.tenant.defaultAppManagementPolicy.isEnabled = true;
    fixture.tenant.defaultAppManagementPolicy.applicationRestrictions.passwordCredentials = [
      { restrictionType, state: 'enabled', maxLifetime, restrictForAppsCreatedAfterDateTime: from },
    ];
  };
  const add = async (extra: Record<string, unknown> = {}) => {
    const { id } = await register(send);
    return send('POST', `/applications/${id}/addPassword`, { body: { passwordCredential: extra } });
  };

  it('forbids client secrets, on creation as well', async () => {
    restrict('passwordAddition', null);
    const reply = await add();
    expect(refusalOf(reply)).toBe('400 CredentialTypeNotAllowedAsPerAppPolicy');
    expect(reply.body.error.message).toBe(
      "Credential type not allowed as per assigned policy '00000000-0000-0000-0000-000000000000'.",
    );
    const before = fixture.tenant.applications.length;
    const created = await send('POST', '/applications', {
      body: { displayName: 'Test', passwordCredentials: [{}] },
    });
    expect(refusalOf(created)).toBe('400 CredentialTypeNotAllowedAsPerAppPolicy');
    expect(fixture.tenant.applications).toHaveLength(before);
  });

  it('caps their lifetime', async () => {
    restrict('passwordLifetime', 'P180D');
    expect(refusalOf(await add())).toBe('400 CredentialInvalidLifetimeAsPerAppPolicy');
    const end = (milliseconds: number): string => new Date(start + milliseconds).toISOString();
    expect((await add({ endDateTime: end(180 * day) })).status).toBe(200);
    const reply = await add({ endDateTime: end(180 * day + 1000) });
    expect(reply.body.error.message).toBe(
      "Credential lifetime exceeds the max value allowed as per assigned policy '00000000-0000-0000-0000-000000000000'.",
    );
  });

  it('binds no application older than its date, and none when it is off', async () => {
    restrict('passwordAddition', null, '2027-01-01T00:00:00Z');
    expect((await add()).status).toBe(200);
    restrict('passwordAddition', null);
    fixture.tenant.defaultAppManagementPolicy.isEnabled = false;
    expect((await add()).status).toBe(200);
  });
});
