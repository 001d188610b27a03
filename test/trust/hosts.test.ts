import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { networkCode } from '../../src/adapters/network-error.ts';
import { createTransport } from '../../src/adapters/transport.ts';
import type { Cloud } from '../../src/core/clouds.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createWorld } from '../helpers/world.ts';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A proxy that notes to which hosts it is asked to connect, and does. */
async function startProxy(): Promise<{ url: string; hosts: string[] }> {
  const hosts: string[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '' }: IncomingMessage, client, head) => {
    hosts.push(url);
    const [, port] = url.split(':');
    const upstream = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client]) socket.on('error', () => upstream.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, hosts };
}

/** A transport as a run has it. */
function transportFor({ authorityHost, graphUrl, origin }: Sandbox, stopped = new AbortController()) {
  const cloud: Cloud = {
    name: 'custom',
    authorityHost,
    graphUrl,
    entraPortal: origin,
    instanceDiscovery: false,
  };
  const transport = createTransport(cloud, {
    env: {},
    trace: () => undefined,
    now: () => new Date(),
    sleep: async () => undefined,
    random: () => 0.5,
    timeoutSignal: (delay) => AbortSignal.timeout(delay),
    signal: stopped.signal,
  });
  onTestFinished(() => transport.close());
  return transport;
}

describe('a reply that cannot be read', () => {
  it.each([
    ['a broken compression', '200 OK', 'content-encoding: gzip'],
    ['a status that there is not', '999 Odd', 'x: y'],
    ['a proxy that wants to know who asks', '407 Proxy Authentication Required', 'x: y'],
    ['no HTTP', 'garbage', ''],
  ])('%s counts as lost', async (_name, status, header) => {
    const { sandbox } = await createWorld();
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(`HTTP/1.1 ${status}\r\n${header}\r\ncontent-length: 7\r\n\r\nwhatevr`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const transport = transportFor(sandbox);
    const error = await transport.fetch(`http://127.0.0.1:${port}/`, { method: 'POST' }).catch((e) => e);
    expect(networkCode(error)).toMatch(/^(EBADMSG|ECONNRESET|UND_ERR_\w+)$/);
  });

  it('is told from a run that was stopped', async () => {
    const { sandbox } = await createWorld();
    const stopped = new AbortController();
    const reason = new Error('stopped');
    stopped.abort(reason);
    const transport = transportFor(sandbox, stopped);
    await expect(transport.fetch(sandbox.origin)).rejects.toBe(reason);
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('%i of Graph leads no token to another host', async (status) => {
    const world = await createWorld();
    const seen: string[] = [];
    const other = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('{}');
    });
    const port = await listen(other);
    const location = `http://127.0.0.1:${port}/stolen`;
    const redirecting = createServer((_request, response) => response.writeHead(status, { location }).end());
    const first = await listen(redirecting);
    const transport = transportFor(world.sandbox);
    const headers = { authorization: 'Bearer not-for-others' };
    const reply = await transport.fetch(`http://127.0.0.1:${first}/`, { headers });
    expect(reply.status).toBe(status);
    expect(seen).toEqual([]);
  });
});

describe('endpoints', () => {
  it.each([
    'http://login.example',
    'http://127.0.0.1:1',
    'ftp://x.example',
    'https://u:p@x.example',
    'x.example',
  ])('%s is refused before anything is sent', async (url) => {
    const world = await createWorld();
    for (const flag of ['--authority-host', '--graph-url']) {
      const run = await world.run(['--yes', '--json', flag, url]);
      expect([run.code, run.json().error?.code]).toEqual([2, 'invalid-options']);
    }
    const env = { AZURE_AUTHORITY_HOST: url };
    expect((await world.run(['--yes', '--json'], { env })).code).toBe(2);
    expect(world.sandbox.requests).toEqual([]);
  });
});

describe('proxies', () => {
  async function setUp(environment: (proxy: string) => Record<string, string>) {
    const sandbox = await startSandbox({ scenarios: ['default'] });
    onTestFinished(() => sandbox.stop());
    const world = await createWorld();
    const proxy = await startProxy();
    const env = {
      AZURE_TENANT_ID: sandbox.tenantId,
      AZURE_CLIENT_ID: sandbox.automation.clientId,
      AZURE_CLIENT_SECRET: sandbox.automation.clientSecret,
      ...environment(proxy.url),
    };
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'ALL_PROXY', 'HTTP_PROXY']) {
      vi.stubEnv(name, undefined);
    }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { authorityHost, graphUrl } = sandbox;
    const argv = ['--yes', '--json', '--auth', 'environment', '--authority-host', authorityHost];
    const run = await world.run([...argv, '--graph-url', graphUrl, '--debug'], { env });
    return { run, proxy, host: new URL(authorityHost).host };
  }

  it.each(['company.test:8080', 'socks5://company.test', 'user:plainly-fake@company.test', 'http://'])(
    'refuses %s',
    async (address) => {
      const { run, proxy } = await setUp(() => ({ HTTPS_PROXY: address }));
      expect([run.code, run.json().error?.code]).toEqual([2, 'invalid-options']);
      expect(run.json().error?.message).toContain('HTTPS_PROXY');
      expect(run.stdout + run.stderr).not.toMatch(/company|plainly/);
      expect(proxy.hosts).toEqual([]);
    },
  );

  it.each(['*', ' * '])('are not used where NO_PROXY is "%s"', async (noProxy) => {
    const { run, proxy } = await setUp((url) => ({ HTTPS_PROXY: url, NO_PROXY: noProxy }));
    expect([run.code, run.json().error?.code]).toEqual([7, 'tls-untrusted']);
    expect(proxy.hosts).toEqual([]);
  });

  // The sandbox's certificate is not trusted here: that it was asked, and by which way, is what counts.
  it.each(['HTTPS_PROXY', 'https_proxy'])('%s is the way to Entra', async (name) => {
    const { run, proxy, host } = await setUp((url) => ({ [name]: url }));
    expect(run.code).toBe(7);
    expect(proxy.hosts).toContain(host);
  });
});
