import { describe, expect, it } from 'vitest';
import { type Started, start } from './start.ts';

type Json = Record<string, unknown>;

async function tokenFor({ sandbox, call }: Started, scope: string): Promise<string> {
  const { clientId, clientSecret } = sandbox.automation;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope,
  });
  const reply = await call(`/${sandbox.tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
  return ((await reply.json()) as { access_token: string }).access_token;
}

async function vault(started: Started) {
  const token = await tokenFor(started, 'https://vault.azure.net/.default');
  return async (method: string, path: string, body?: Json) => {
    const reply = await started.call(
      `/vaults/reports/${path}${path.includes('?') ? '' : '?api-version=7.4'}`,
      {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    );
    const text = await reply.text();
    return { status: reply.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
  };
}

const codeOf = ({ status, body }: { status: number; body: Json }): string => {
  const error = body['error'] as { code: string; innererror?: { code: string } };
  return [status, error.code, error.innererror?.code].filter(Boolean).join(' ');
};

describe('a key vault', () => {
  it('says first where to get a token, and for what', async () => {
    const started = await start();
    const reply = await started.call('/vaults/reports/secrets/x?api-version=7.4');
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe(
      `Bearer authorization="${started.sandbox.origin}/${started.sandbox.tenantId}", resource="https://vault.azure.net"`,
    );
    await reply.text();
    const graphToken = await tokenFor(started, `${started.sandbox.graphUrl}/.default`);
    const wrong = await started.call('/vaults/reports/secrets/x?api-version=7.4', {
      headers: { authorization: `Bearer ${graphToken}` },
    });
    expect(wrong.status).toBe(401);
  });

  it('sets a secret, reads it back, and keeps old versions', async () => {
    const send = await vault(await start());
    const first = await send('PUT', 'secrets/AZURE-CLIENT-SECRET', {
      value: 'not-a-secret-1',
      contentType: 'text/plain',
      attributes: { exp: 1_900_000_000 },
      tags: { tool: 'test' },
    });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      value: 'not-a-secret-1',
      attributes: { enabled: true, exp: 1_900_000_000 },
    });
    await send('PUT', 'secrets/AZURE-CLIENT-SECRET', { value: 'not-a-secret-2' });
    expect((await send('GET', 'secrets/AZURE-CLIENT-SECRET')).body['value']).toBe('not-a-secret-2');
    const version = String(first.body['id']).split('/').at(-1);
    expect((await send('GET', `secrets/AZURE-CLIENT-SECRET/${version}`)).body['value']).toBe(
      'not-a-secret-1',
    );
  });

  it('refuses what the real one refuses', async () => {
    const send = await vault(await start());
    const value = { value: 'not-a-secret' };
    expect(codeOf(await send('PUT', 'secrets/AZURE_CLIENT_SECRET', value))).toBe('400 BadParameter');
    expect(codeOf(await send('PUT', `secrets/${'a'.repeat(128)}`, value))).toBe('400 BadParameter');
    expect(codeOf(await send('PUT', 'secrets/a', { value: 'x'.repeat(25_601) }))).toBe('400 BadParameter');
    expect(codeOf(await send('PUT', 'secrets/a?', value))).toBe('400 BadParameter');
    expect(codeOf(await send('PUT', 'secrets/a', {}))).toBe('400 BadParameter');
    expect(codeOf(await send('GET', 'secrets/a'))).toBe('404 SecretNotFound');
    expect(codeOf(await send('PATCH', 'secrets/a', value))).toBe('405 MethodNotAllowed');
  });

  it('keeps the name of a deleted secret until that is recovered or purged', async () => {
    const send = await vault(await start());
    const value = { value: 'not-a-secret' };
    await send('PUT', 'secrets/a', value);
    expect((await send('DELETE', 'secrets/a')).body['value']).toBeUndefined();
    expect(codeOf(await send('PUT', 'secrets/a', value))).toBe('409 Conflict ObjectIsDeletedButRecoverable');
    expect((await send('POST', 'deletedsecrets/a/recover')).status).toBe(200);
    expect((await send('GET', 'secrets/a')).body['value']).toBe('not-a-secret');
    await send('DELETE', 'secrets/a');
    expect((await send('DELETE', 'deletedsecrets/a')).status).toBe(204);
    expect((await send('PUT', 'secrets/a', value)).status).toBe(200);
  });

  it('gives nobody a right for being an administrator of the directory', async () => {
    const started = await start();
    const { sandbox } = started;
    const automation = sandbox.tenant.applications.find(({ appId }) => appId === sandbox.automation.clientId);
    const other = sandbox.tenant.applications.find((one) => one !== automation);
    if (!automation || !other) throw new Error('two applications are there');
    const principal = sandbox.tenant.servicePrincipals.find(({ appId }) => appId === automation.appId);
    if (!principal) throw new Error('it has a service principal');
    sandbox.tenant.servicePrincipals.push({ ...principal, id: other.id, appId: other.appId });
    other.passwordCredentials = automation.passwordCredentials;
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: other.appId,
      client_secret: sandbox.automation.clientSecret,
      scope: 'https://vault.azure.net/.default',
    });
    const reply = await started.call(`/${sandbox.tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
    const { access_token: token } = (await reply.json()) as { access_token: string };
    const refused = await started.call('/vaults/reports/secrets/a?api-version=7.4', {
      headers: { authorization: `Bearer ${token}` },
    });
    const answer = { status: refused.status, body: (await refused.json()) as Json };
    expect(codeOf(answer)).toBe('403 Forbidden ForbiddenByRbac');
  });
});
