import { describe, expect, it } from 'vitest';
import { createWorld } from '../helpers/world.ts';
import { automationToken, type Started, start } from './start.ts';

type Json = Record<string, unknown>;

async function ask(started: Started, path: string, init: { method?: string; body?: Json } = {}) {
  const token = await automationToken(started);
  const { body, ...rest } = init;
  const reply = await started.call(path, {
    ...rest,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return {
    status: reply.status,
    headers: reply.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Json,
  };
}

const idOf = (started: Started, name: string): string =>
  started.sandbox.tenant.applications.find(({ displayName }) => displayName === name)?.id ?? '';

describe('a deactivated application', () => {
  it.each(['v1.0', 'beta'])(
    'gets no token until it is switched on again, by PATCH on %s',
    async (version) => {
      const started = await start();
      const id = idOf(started, 'Sandbox automation');
      const path = `/${version}/applications/${id}`;
      const token = await automationToken(started);
      const patch = (isDisabled: boolean) =>
        started.call(path, {
          method: 'PATCH',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ isDisabled }),
        });
      expect((await patch(true)).status).toBe(204);
      expect(await automationToken(started)).toBeUndefined();
      // Tokens that are out live on.
      const read = await started.call(`${path}?$select=isDisabled`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(await read.json()).toMatchObject({ isDisabled: true });
      expect((await patch(false)).status).toBe(204);
      expect(await automationToken(started)).toBeTypeOf('string');
    },
  );

  it('is there in the scenario of that name, whole but for tokens', async () => {
    const { sandbox } = await createWorld({ scenarios: ['deactivated'] });
    const [application, ...others] = sandbox.tenant.applications.filter(
      ({ uniqueName }) => uniqueName === 'reporting-setup',
    );
    expect(others).toEqual([]);
    expect(application?.properties['isDisabled']).toBe(true);
    const principal = sandbox.tenant.servicePrincipals.find(({ appId }) => appId === application?.appId);
    const grants = sandbox.tenant.appRoleAssignments.filter(
      ({ principalId }) => principalId === principal?.id,
    );
    expect(grants).toHaveLength(2);
  });
});

describe('a purge', () => {
  const bin = (id: string): string => `/v1.0/directory/deletedItems/${id}`;

  async function deleted(started: Started): Promise<string> {
    const made = await ask(started, '/v1.0/applications', { method: 'POST', body: { displayName: 'Gone' } });
    const id = String(made.body['id']);
    expect((await ask(started, `/v1.0/applications/${id}`, { method: 'DELETE' })).status).toBe(204);
    return id;
  }

  it('meets a protected action: 403 with the claims of a stronger sign-in, and nothing purged', async () => {
    const started = await start({ scenarios: ['protected-purge'] });
    const id = await deleted(started);
    const refused = await ask(started, bin(id), { method: 'DELETE' });
    expect(refused.status).toBe(403);
    const claims = /claims="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toHaveProperty('access_token.acrs');
    expect((await ask(started, bin(id))).status).toBe(200);
  });

  it('meets hard deletion protection for seven days', async () => {
    let time = Date.parse('2026-11-24T10:00:00Z');
    const started = await start({ scenarios: ['hard-delete-protected'], now: () => time });
    const id = await deleted(started);
    time += 7 * 86_400_000 - 5_000;
    expect((await ask(started, bin(id), { method: 'DELETE' })).status).toBe(403);
    time += 10_000;
    expect((await ask(started, bin(id), { method: 'DELETE' })).status).toBe(204);
    expect((await ask(started, bin(id))).status).toBe(404);
  });
});
