import { describe, expect, it } from 'vitest';
import { type LoggedRequest, writes } from '../../src/sandbox/index.ts';
import { automationToken, start } from './start.ts';

function formRequest(fields: Record<string, string>): { method: string; body: URLSearchParams } {
  return { method: 'POST', body: new URLSearchParams(fields) };
}

describe('the request log', () => {
  it('has what was asked, when, and what was answered', async () => {
    const at = Date.parse('2026-11-02T10:00:00Z');
    const { sandbox, call } = await start({ now: () => at });
    await call('/v1.0/applications?$top=1', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-Custom': 'kept' },
      body: '{"displayName":"x"}',
    });
    expect(sandbox.requests).toMatchObject([
      {
        kind: 'graph',
        method: 'POST',
        url: '/v1.0/applications?$top=1',
        headers: { 'content-type': 'application/json', 'x-custom': 'kept' },
        body: '{"displayName":"x"}',
        at,
        status: 401,
        handled: 401,
        items: [],
      },
    ]);
  });

  it('has no bearer token, no basic credentials and no cookie', async () => {
    const { sandbox, call } = await start();
    const secrets = [
      'an-opaque-token',
      Buffer.from('client:a-password').toString('base64'),
      'session=a-session',
    ];
    await call('/v1.0/me', {
      headers: { Authorization: `Bearer ${secrets[0]}`, Cookie: String(secrets[2]) },
    });
    await call('/favicon.ico', { headers: { authorization: `Basic ${secrets[1]}` } });
    expect(sandbox.requests).toHaveLength(2);
    for (const secret of secrets) expect(JSON.stringify(sandbox.requests)).not.toContain(secret);
  });

  it('says 0 for a request whose answer got lost, and what the server did', async () => {
    const { sandbox, call } = await start();
    sandbox.faults.add({ matches: () => true, fault: { kind: 'reset' }, when: 'after' });
    await expect(call('/v1.0/me')).rejects.toThrow('fetch failed');
    expect(sandbox.requests).toMatchObject([{ status: 0, handled: 401 }]);
  });

  it('takes a batch apart', async () => {
    const started = await start();
    const token = await automationToken(started);
    const requests = [
      { id: 'b', method: 'GET', url: '/organization' },
      {
        id: 'a',
        method: 'PATCH',
        url: '/applications/00000000-0000-0000-0000-000000000000',
        headers: { 'Content-Type': 'application/json' },
        body: { displayName: 'x' },
      },
    ];
    await started.call('/v1.0/$batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ requests }),
    });
    const batch = started.sandbox.requests.at(-1);
    expect(batch).toMatchObject({ status: 200 });
    expect(batch?.items).toEqual([
      { method: 'GET', url: '/organization', body: undefined, status: 200 },
      { method: 'PATCH', url: requests[1]?.url, body: { displayName: 'x' }, status: 404 },
    ]);
    expect(writes(started.sandbox.requests)).toEqual([
      { method: 'PATCH', url: requests[1]?.url, status: 404 },
    ]);
    expect(started.sandbox.crashes).toEqual([]);
  });

  it('takes a batch for what it is even if it is broken', async () => {
    const { sandbox, call } = await start();
    for (const body of ['', '{"requests":7}', '[]', '{"requests":[{"id":1}]}']) {
      await call('/v1.0/$batch', { method: 'POST', body });
    }
    expect(sandbox.requests.map(({ items }) => items)).toEqual([[], [], [], []]);
    expect(sandbox.crashes).toEqual([]);
  });
});

function logged(entry: Partial<LoggedRequest>): LoggedRequest {
  const base = { kind: 'graph', method: 'GET', url: '/v1.0/me', headers: {}, body: '', at: 0 } as const;
  return { ...base, status: 200, handled: 200, items: [], ...entry };
}

describe('writes', () => {
  it('are the calls that ask Microsoft Graph for a change', () => {
    const requests = [
      logged({}),
      logged({ method: 'POST', url: '/v1.0/applications', handled: 201 }),
      logged({ method: 'DELETE', url: '/v1.0/applications/1', status: 0, handled: 204 }),
      logged({ kind: 'entra', method: 'POST', url: '/x/oauth2/v2.0/token' }),
      logged({
        method: 'POST',
        url: '/v1.0/$batch',
        items: [
          { method: 'GET', url: '/me', body: undefined, status: 200 },
          { method: 'post', url: '/servicePrincipals', body: {}, status: 409 },
        ],
      }),
    ];
    expect(writes(requests)).toEqual([
      { method: 'POST', url: '/v1.0/applications', status: 201 },
      { method: 'DELETE', url: '/v1.0/applications/1', status: 204 },
      { method: 'post', url: '/servicePrincipals', status: 409 },
    ]);
  });

  it('are not those that a fault kept from the server', () => {
    const { handled: _handled, ...lost } = logged({ method: 'POST', url: '/v1.0/applications', status: 503 });
    expect(writes([lost])).toEqual([]);
  });
});

describe('the secrets that a sandbox has seen', () => {
  it('are those that clients showed, right or wrong', async () => {
    const { sandbox, call } = await start();
    const shown = {
      client_secret: 'wrong-secret',
      client_assertion: 'wrong-assertion',
      code: 'wrong-code',
      code_verifier: 'wrong-verifier',
      device_code: 'wrong-device-code',
      refresh_token: 'wrong-refresh-token',
    };
    await call(`/${sandbox.tenantId}/oauth2/v2.0/token`, formRequest(shown));
    const basic = Buffer.from('client:basic-password').toString('base64');
    await call('/v1.0/me', { headers: { authorization: 'Bearer wrong-token' } });
    await call('/v1.0/me', { headers: { authorization: `Basic ${basic}` } });
    const expected = [...Object.values(shown), 'wrong-token', basic, 'basic-password'];
    expect([...sandbox.issued]).toEqual(expect.arrayContaining(expected));
    expect(sandbox.issued).not.toContain('');
  });

  it('are those that it gave out', async () => {
    const started = await start();
    expect(started.sandbox.issued).toContain(await automationToken(started));
  });
});
