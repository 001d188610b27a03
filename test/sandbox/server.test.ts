import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Sandbox, SandboxError, startSandbox } from '../../src/sandbox/index.ts';
import { start } from './start.ts';

interface RawReply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

/** Sends headers and paths that fetch would correct. */
function send(
  { origin, caCertificate }: Sandbox,
  options: { readonly path: string; readonly method?: string; readonly headers?: Record<string, string> },
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(origin);
    const request = httpsRequest(
      { host: '127.0.0.1', port, ca: caCertificate, servername: 'localhost', ...options },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () =>
          resolve({ status: reply.statusCode, headers: reply.headers, bytes: Buffer.concat(chunks) }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (connected: boolean) => () => {
      socket.destroy();
      resolve(connected);
    };
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
  });
}

describe('the server', () => {
  it('tells where it is', async () => {
    const { sandbox } = await start();
    expect(sandbox.origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(sandbox.authorityHost).toBe(sandbox.origin);
    expect(sandbox.graphUrl).toBe(sandbox.origin);
    expect(sandbox.tenantId).toBe(sandbox.tenant.id);
    expect(sandbox.users[0]).toMatchObject({
      userPrincipalName: 'ada@contoso.com',
      roles: ['Global Administrator'],
    });
    expect(sandbox.users.map(({ displayName }) => displayName)).not.toContain('Dana Disabled');
  });

  it.each<[string | undefined, boolean]>([
    ['gzip', true],
    ['deflate, GZIP;q=0.5, br', true],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['br', false],
    ['*', false],
    [undefined, false],
  ])('compresses the replies of Microsoft Graph for who accepts %s: %s', async (accepted, zipped) => {
    const { sandbox } = await start();
    const headers: Record<string, string> = accepted === undefined ? {} : { 'accept-encoding': accepted };
    const reply = await send(sandbox, { path: '/v1.0/me', headers });
    expect(reply).toMatchObject({ status: 401, headers: { vary: 'Accept-Encoding' } });
    expect(reply.headers).not.toHaveProperty('content-length');
    expect(reply.headers['content-encoding']).toBe(zipped ? 'gzip' : undefined);
    expect(reply.bytes[0] === 0x1f).toBe(zipped);
    const text = zipped ? gunzipSync(reply.bytes) : reply.bytes;
    expect(JSON.parse(text.toString())).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
  });

  it('sends versions to Microsoft Graph, known endpoints to Entra, and knows nothing else', async () => {
    const { sandbox, call } = await start();
    const graph = await call('/v1.0/me');
    const entra = await call(`/${sandbox.tenantId}/v2.0/.well-known/openid-configuration`);
    const nothing = await call('/favicon.ico');
    expect([graph.status, entra.status, nothing.status]).toEqual([401, 200, 404]);
    expect(sandbox.requests.map(({ kind, status }) => [kind, status])).toEqual([
      ['graph', 401],
      ['entra', 200],
      ['entra', 404],
    ]);
    expect(sandbox.crashes).toEqual([]);
  });

  it('refuses a Host header that is not its own, so that no web page can reach it by another name', async () => {
    const { sandbox } = await start();
    const { port } = new URL(sandbox.origin);
    const statusOf = async (host: string): Promise<number | undefined> =>
      (await send(sandbox, { path: '/v1.0/me', headers: { host } })).status;
    expect(await statusOf(`attacker.example:${port}`)).toBe(421);
    expect(await statusOf('127.0.0.1')).toBe(421);
    expect(await statusOf(`127.0.0.1.attacker.example:${port}`)).toBe(421);
    expect(await statusOf(`localhost:${port}`)).toBe(401);
    expect(sandbox.requests).toHaveLength(1);
  });

  it('takes a path with two slashes for a path, and an absolute target for a mistake', async () => {
    const { sandbox } = await start();
    expect((await send(sandbox, { path: '//attacker.example/v1.0/me' })).status).toBe(404);
    expect((await send(sandbox, { path: 'https://attacker.example/v1.0/me' })).status).toBe(400);
    expect(sandbox.requests.map(({ url }) => url)).toEqual(['//attacker.example/v1.0/me']);
  });

  it('refuses methods that neither service has', async () => {
    const { sandbox } = await start();
    const reply = await send(sandbox, { path: '/v1.0/me', method: 'TRACE' });
    expect(reply.status).toBe(405);
    expect(reply.headers['allow']).toBe('GET, POST, PATCH, PUT, DELETE');
    expect(sandbox.requests).toEqual([]);
  });

  it('refuses a body of more than one megabyte', async () => {
    const { sandbox, call } = await start();
    const post = async (size: number): Promise<number> =>
      (await call('/v1.0/applications', { method: 'POST', body: 'x'.repeat(size) })).status;
    expect(await post(1_048_576)).toBe(401);
    expect(await post(1_048_577)).toBe(413);
    expect(sandbox.requests).toHaveLength(1);
  });

  it('listens on 127.0.0.1 and on no other address', async () => {
    const { sandbox } = await start();
    const port = Number(new URL(sandbox.origin).port);
    expect(await connects('127.0.0.1', port)).toBe(true);
    expect(await connects('127.0.0.2', port)).toBe(false);
    expect(await connects('::1', port)).toBe(false);
  });

  it('keeps connections open until it is stopped', async () => {
    const { sandbox, call } = await start();
    const reply = await call('/v1.0/me');
    await reply.text();
    expect(reply.headers.get('connection')).toBe('keep-alive');
    await sandbox.stop();
    await expect(call('/v1.0/me')).rejects.toThrow('fetch failed');
    await sandbox.stop();
  });

  it('takes the port that it is told, and says so when it cannot', async () => {
    const { sandbox } = await start();
    const port = Number(new URL(sandbox.origin).port);
    const second = startSandbox({ scenarios: [], port });
    await expect(second).rejects.toThrow(SandboxError);
    await expect(second).rejects.toMatchObject({
      message: `The sandbox cannot listen on port ${port}: it is in use`,
      remedy: 'Choose another port, or 0 for any that is free.',
    });
    await sandbox.stop();
    const third = await start({ port });
    expect(third.sandbox.origin).toBe(sandbox.origin);
  });

  it('turns its own failure into an error as Microsoft Graph words one, and remembers it', async () => {
    const { sandbox, call } = await start();
    Object.defineProperty(sandbox.tenant, 'domains', {
      get: () => {
        throw new Error('Out of domains');
      },
    });
    const reply = await call('/contoso.com/v2.0/.well-known/openid-configuration');
    expect(reply.status).toBe(500);
    expect(await reply.json()).toMatchObject({ error: { code: 'InternalServerError' } });
    expect(sandbox.crashes).toMatchObject([
      { url: '/contoso.com/v2.0/.well-known/openid-configuration', error: { message: 'Out of domains' } },
    ]);
  });

  it('delays each request by the latency', async () => {
    const waits: number[] = [];
    const sleep = async (milliseconds: number): Promise<void> => {
      waits.push(milliseconds);
    };
    const { call } = await start({ latency: 250, sleep });
    await call('/v1.0/me');
    await call('/favicon.ico');
    expect(waits).toEqual([250, 250]);
  });
});

describe('the automation application', () => {
  it('has one secret, a new one at each start', async () => {
    const first = await start();
    const second = await start();
    const { clientId, clientSecret } = first.sandbox.automation;
    expect(second.sandbox.automation.clientId).toBe(clientId);
    expect(second.sandbox.automation.clientSecret).not.toBe(clientSecret);
    expect(clientSecret).toMatch(/^[\w][\w-]{2}8Q~[\w-]{34}$/);
    const application = first.sandbox.tenant.applications.find(({ appId }) => appId === clientId);
    expect(application?.passwordCredentials).toHaveLength(1);
    expect(application?.passwordCredentials[0]?.hint).toBe(clientSecret.slice(0, 3));
    expect(first.sandbox.issued).toContain(clientSecret);
  });
});
