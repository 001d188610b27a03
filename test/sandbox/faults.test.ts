import type { Response } from 'undici';
import { describe, expect, it } from 'vitest';
import { everyFault, type Fault, type FaultRule, writes } from '../../src/sandbox/index.ts';
import { automationToken, type Started, start } from './start.ts';

const now = Date.parse('2026-11-02T10:00:00Z');

async function broken(fault: Fault, when: FaultRule['when'] = 'before'): Promise<Started> {
  const started = await start({ now: () => now });
  started.sandbox.faults.add({ matches: ({ kind }) => kind === 'graph', fault, when });
  return started;
}

/** The reply to one request under a fault. */
async function reply(fault: Fault, when: FaultRule['when'] = 'before'): Promise<Response> {
  const { call } = await broken(fault, when);
  return call('/v1.0/me', { headers: { 'client-request-id': 'a-client-id' } });
}

describe('a fault in place of an answer', () => {
  it.each([500, 502, 503, 504] as const)('is status %i with an error of Microsoft Graph', async (status) => {
    const response = await reply({ kind: 'status', status });
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBeNull();
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(error['innerError']).toEqual({
      date: '2026-11-02T10:00:00',
      'request-id': response.headers.get('request-id'),
      'client-request-id': 'a-client-id',
    });
  });

  it('is 429 without Retry-After', async () => {
    const response = await reply(everyFault['status-429']);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await response.json()).toMatchObject({ error: { code: 'TooManyRequests' } });
  });

  it('is 429 with Retry-After in seconds', async () => {
    const response = await reply({ kind: 'status', status: 429, retryAfter: { seconds: 7 } });
    expect(response.headers.get('retry-after')).toBe('7');
  });

  it('is 429 with Retry-After as an HTTP date', async () => {
    const response = await reply({ kind: 'status', status: 429, retryAfter: { dateAfterSeconds: 5 } });
    expect(response.headers.get('retry-after')).toBe('Mon, 02 Nov 2026 10:00:05 GMT');
  });

  it.each([502, 503] as const)("is a proxy's page with status %i", async (status) => {
    const response = await reply({ kind: 'html', status });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toMatch(/^<html>/);
  });

  it('is a success that is no JSON', async () => {
    const response = await reply({ kind: 'not-json' });
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  it('is a success with an error inside', async () => {
    const response = await reply({ kind: 'error-in-200' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: { code: 'InternalServerError' } });
  });

  it('is a challenge for a token with claims', async () => {
    const response = await reply({ kind: 'cae' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
    const header = response.headers.get('www-authenticate') ?? '';
    expect(header).toContain('error="insufficient_claims"');
    const claims = /claims="([^"]+)"/.exec(header)?.[1] ?? '';
    expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toEqual({
      access_token: { nbf: { essential: true, value: String(now / 1000) } },
    });
  });

  it.each(['before', 'after'] as const)('is a connection that ends without one (%s)', async (when) => {
    await expect(reply({ kind: 'reset' }, when)).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
  });

  it.each(['before', 'after'] as const)('is half of one (%s)', async (when) => {
    const response = await reply({ kind: 'truncated' }, when);
    expect(response.status).toBe(when === 'before' ? 200 : 401);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it.each(['before', 'after'] as const)('is silence until the client gives up (%s)', async (when) => {
    const { sandbox, call } = await broken({ kind: 'hang' }, when);
    const controller = new AbortController();
    const response = call('/v1.0/me', { signal: controller.signal });
    await expect.poll(() => sandbox.requests.length).toBe(1);
    const first = await Promise.race([
      response.then(() => 'answered'),
      call('/favicon.ico').then(() => 'other'),
    ]);
    expect(first).toBe('other');
    controller.abort();
    await expect(response).rejects.toThrow('aborted');
  });

  it('is silence until the server stops', async () => {
    const { sandbox, call } = await broken({ kind: 'hang' });
    const response = call('/v1.0/me');
    const outcome = expect(response).rejects.toThrow('fetch failed');
    await expect.poll(() => sandbox.requests.length).toBe(1);
    await sandbox.stop();
    await outcome;
  });
});

describe('rules', () => {
  it('apply before the server acts, or after it has', async () => {
    for (const when of ['before', 'after'] as const) {
      const { sandbox, call } = await broken({ kind: 'status', status: 503 }, when);
      const response = await call('/v1.0/me');
      expect(response.status).toBe(503);
      expect(sandbox.requests[0]?.handled).toBe(when === 'before' ? undefined : 401);
    }
  });

  it('count the requests of each kind since they were added', async () => {
    const { sandbox, call } = await start();
    await call('/v1.0/me');
    const rule = (kind: 'entra' | 'graph', status: 500 | 503): FaultRule => ({
      matches: (target, ordinal) => target.kind === kind && ordinal === 2,
      fault: { kind: 'status', status },
      when: 'before',
    });
    sandbox.faults.add(rule('graph', 503));
    sandbox.faults.add(rule('entra', 500));
    const statuses: number[] = [];
    for (const path of ['/v1.0/me', '/favicon.ico', '/v1.0/me', '/v1.0/me', '/favicon.ico', '/favicon.ico']) {
      statuses.push((await call(path)).status);
    }
    expect(statuses).toEqual([401, 404, 503, 401, 500, 404]);
  });

  it('see the request, and afterwards the answer', async () => {
    const { sandbox, call } = await start();
    const seen: unknown[] = [];
    for (const when of ['before', 'after'] as const) {
      sandbox.faults.add({
        matches: ({ kind, request, reply: answer }) => {
          seen.push([when, kind, request.method, request.url.pathname, request.body, answer?.status]);
          return false;
        },
        fault: { kind: 'reset' },
        when,
      });
    }
    await call('/v1.0/applications', { method: 'POST', body: '{}' });
    expect(seen).toEqual([
      ['before', 'graph', 'POST', '/v1.0/applications', '{}', undefined],
      ['after', 'graph', 'POST', '/v1.0/applications', '{}', 401],
    ]);
  });

  it('go when they are cleared', async () => {
    const { sandbox, call } = await broken({ kind: 'status', status: 500 });
    expect((await call('/v1.0/me')).status).toBe(500);
    sandbox.faults.clear();
    expect((await call('/v1.0/me')).status).toBe(401);
  });

  it('exist for every kind of fault', () => {
    const kinds = new Set(Object.values(everyFault).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'cae',
      'error-in-200',
      'hang',
      'html',
      'not-json',
      'reset',
      'status',
      'truncated',
    ]);
  });
});

interface BatchResponse {
  readonly id: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function retryAfterOf(headers: BatchResponse['headers'] = {}): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
}

async function statusesOf({ call }: Started, path: string, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) {
    statuses.push(
      await call(path).then(
        ({ status }) => status,
        () => 0,
      ),
    );
  }
  return statuses;
}

describe('a scenario with faults', () => {
  it('throttles some requests, the same in every run, and never three in a row', async () => {
    const first = await statusesOf(await start({ scenarios: ['throttled'] }), '/v1.0/me', 60);
    const second = await statusesOf(await start({ scenarios: ['throttled'] }), '/v1.0/me', 60);
    expect(second).toEqual(first);
    expect(new Set(first)).toEqual(new Set([401, 429]));
    expect(first.join()).not.toContain('429,429,429');
  });

  it('throttles with a short Retry-After, and sometimes without', async () => {
    const { call } = await start({ scenarios: ['throttled'] });
    const headers = new Set<string | null>();
    for (let index = 0; index < 20; index += 1) {
      const response = await call('/v1.0/me');
      if (response.status === 429) headers.add(response.headers.get('retry-after'));
    }
    expect(headers).toEqual(new Set(['1', null]));
  });

  it('throttles single items of a batch, with and without Retry-After', async () => {
    const started = await start({ scenarios: ['throttled'] });
    const token = await automationToken(started);
    const ids = Array.from({ length: 10 }, (_, index) => String(index + 1));
    const reply = await started.call('/v1.0/$batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ requests: ids.map((id) => ({ id, method: 'GET', url: '/organization' })) }),
    });
    const { responses } = (await reply.json()) as { responses: BatchResponse[] };
    // A batch is answered in no order.
    const throttled = responses
      .filter(({ status }) => status === 429)
      .sort((a, b) => Number(a.id) - Number(b.id));
    expect(responses).toHaveLength(10);
    expect(throttled.map(({ id, headers }) => [id, retryAfterOf(headers)])).toEqual([
      ['4', '1'],
      ['9', undefined],
    ]);
    expect(throttled[0]?.body).toMatchObject({ error: { code: 'TooManyRequests' } });
    expect(started.sandbox.requests.at(-1)?.items.map(({ status }) => status)).toContain(429);
  });

  it('fails some requests of the flaky one, the same in every run, and never two in a row', async () => {
    const first = await statusesOf(await start({ scenarios: ['flaky'] }), '/v1.0/me', 40);
    const second = await statusesOf(await start({ scenarios: ['flaky'] }), '/v1.0/me', 40);
    expect(second).toEqual(first);
    expect(new Set(first)).toEqual(new Set([401, 503, 504, 0]));
    const failed = first.map((status) => status !== 401);
    expect(failed.some((failure, index) => failure && failed[index + 1])).toBe(false);
  });

  it('loses the answer to a write that the server made', async () => {
    const started = await start({ scenarios: ['flaky'] });
    const headers = {
      authorization: `Bearer ${await automationToken(started)}`,
      'content-type': 'application/json',
    };
    const create = (displayName: string): Promise<number> =>
      started
        .call('/v1.0/applications', { method: 'POST', headers, body: JSON.stringify({ displayName }) })
        .then(({ status }) => status)
        .catch(() => 0);
    expect([await create('first'), await create('second')]).toEqual([201, 0]);
    expect(started.sandbox.tenant.applications.map(({ displayName }) => displayName)).toContain('second');
    expect(writes(started.sandbox.requests).map(({ status }) => status)).toEqual([201, 201]);
  });

  it('leaves sign-in alone, but for a token now and then', async () => {
    const started = await start({ scenarios: ['throttled', 'flaky'] });
    const path = `/${started.sandbox.tenantId}/v2.0/.well-known/openid-configuration`;
    expect(new Set(await statusesOf(started, path, 30))).toEqual(new Set([200]));
    const token = async (): Promise<number> =>
      (await started.call(`/${started.sandbox.tenantId}/oauth2/v2.0/token`, { method: 'POST' })).status;
    expect([await token(), await token(), await token()]).toEqual([400, 503, 400]);
  });

  it('stays when added rules are cleared', async () => {
    const started = await start({ scenarios: ['throttled'] });
    started.sandbox.faults.clear();
    expect(await statusesOf(started, '/v1.0/me', 3)).toEqual([401, 401, 429]);
  });
});
