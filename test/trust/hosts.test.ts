import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Cloud } from '../../src/entra/clouds.ts';
import { networkCode } from '../../src/http/network-error.ts';
import { createTransport } from '../../src/http/transport.ts';
import { createServerCertificate } from '../../src/sandbox/certificate.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createWorld } from '../helpers/world.ts';

async function listen(server: Server | SecureServer): Promise<number> {
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
function transportFor(
  { authorityHost, graphUrl, origin }: Sandbox,
  ca: string,
  stopped = new AbortController(),
) {
  const cloud: Cloud = {
    name: 'custom',
    authorityHost,
    graphUrl,
    entraPortal: origin,
    instanceDiscovery: false,
    ca,
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

/** What a client gets that posts to a server which sends these bytes to everybody, and hangs up. */
async function postTo(bytes: string | Uint8Array): Promise<Response> {
  const { sandbox } = await createWorld();
  const { certificate, privateKey, caCertificate } = await createServerCertificate();
  const server = createTlsServer({ cert: certificate, key: privateKey }, (socket) => {
    socket.on('error', () => undefined);
    socket.end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return transportFor(sandbox, caCertificate).fetch(`https://127.0.0.1:${port}/`, { method: 'POST' });
}

const replyOf = (status: string, header: string, body: string | Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\n${header}\r\ncontent-length: ${body.length}\r\n\r\n`),
    Buffer.from(body),
  ]);

describe('a reply', () => {
  it('may be compressed', async () => {
    const reply = await postTo(replyOf('200 OK', 'content-encoding: gzip', gzipSync('{"value":"日本"}')));
    expect(await reply.json()).toEqual({ value: '日本' });
  });

  it('may be empty whatever its header says', async () => {
    const reply = await postTo(replyOf('204 No Content', 'content-encoding: gzip', ''));
    expect([reply.status, await reply.text()]).toEqual([204, '']);
  });

  it.each([
    ['a broken compression', replyOf('200 OK', 'content-encoding: gzip', 'whatever')],
    [
      'a compression that is cut',
      replyOf('200 OK', 'content-encoding: gzip', gzipSync('{}').subarray(0, 15)),
    ],
    ['a compression nobody asked for', replyOf('200 OK', 'content-encoding: br', 'whatever')],
    ['a status that there is not', replyOf('999 Odd', 'x: y', 'whatever')],
    ['a body that is cut', replyOf('200 OK', 'x: y', 'whatever').subarray(0, -2)],
    ['no HTTP', 'whatever'],
    ['nothing', ''],
  ])('counts as lost: %s', async (_name, bytes) => {
    const error = await postTo(bytes).catch((caught) => caught);
    expect(networkCode(error)).toMatch(/^(EBADMSG|ECONNRESET)$/);
  });

  it('of a proxy that wants to know who asks is told as that', async () => {
    const refusal = postTo(replyOf('407 Proxy Authentication Required', 'x: y', 'whatever'));
    expect(networkCode(await refusal.catch((caught) => caught))).toBe('EPROXYAUTH');
  });

  it('that is lost is told from a run that was stopped', async () => {
    const { sandbox } = await createWorld();
    const stopped = new AbortController();
    stopped.abort(new Error('stopped'));
    const error = await transportFor(sandbox, sandbox.caCertificate, stopped)
      .fetch(sandbox.origin)
      .catch((caught) => caught);
    expect(networkCode(error)).toBeUndefined();
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
    const { certificate, privateKey, caCertificate } = await createServerCertificate();
    const redirecting = createSecureServer({ cert: certificate, key: privateKey }, (_request, response) =>
      response.writeHead(status, { location }).end(),
    );
    const first = await listen(redirecting);
    const transport = transportFor(world.sandbox, caCertificate);
    const headers = { authorization: 'Bearer not-for-others' };
    const reply = await transport.fetch(`https://127.0.0.1:${first}/`, { headers });
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

  it.each(['socks5://company.test', 'ftp://user:plainly-fake@company.test', 'http://'])(
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
