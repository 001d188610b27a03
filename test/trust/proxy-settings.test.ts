import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { replyBytes, startHostileProxy } from '../helpers/hostile-server.ts';
import { environmentOf, runProcess, setupArguments } from '../helpers/tenants.ts';
import { temporaryFolder } from '../sandbox/start.ts';

const program = join(import.meta.dirname, '../../bin/reporting-setup.js');
const built = existsSync(join(import.meta.dirname, '../../dist/main.js'));

/** A proxy that leads where it is asked to, for whoever has this name and password. */
async function startProxy(credentials: string) {
  const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return startHostileProxy((text, socket) => {
    socket.removeAllListeners('data');
    if (!text.toLowerCase().includes(`\r\nproxy-authorization: ${expected.toLowerCase()}\r\n`)) {
      socket.end(replyBytes('407 Proxy Authentication Required', { 'proxy-authenticate': 'Basic' }));
      return;
    }
    const port = Number(/^CONNECT [^:]+:(\d+) /.exec(text)?.[1]);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
  });
}

/** The built program, with these settings of proxies and none else. */
async function setUp(settings: (port: number) => Readonly<Record<string, string>>, credentials: string) {
  const sandbox = await startSandbox({ scenarios: ['default'] });
  onTestFinished(() => sandbox.stop());
  const proxy = await startProxy(credentials);
  const folder = await temporaryFolder();
  const { NO_PROXY: _, ...env } = await environmentOf(sandbox, folder);
  const ended = await runProcess(process.execPath, [program, ...setupArguments(sandbox)], {
    cwd: folder,
    env: { ...env, ...settings(proxy.port) },
  });
  const document = JSON.parse(ended.stdout);
  return { ended, document, proxy, sandbox };
}

describe.skipIf(!built)('the built program', () => {
  it.each([
    ['a domain before the user', 'CORP\\ada:word', 'CORP\\ada:word'],
    ['a bare percent sign', 'ada:100%', 'ada:100%'],
    ['both, encoded', 'CORP%5Cada:100%25', 'CORP\\ada:100%'],
  ])('gives the proxy %s as it is meant', async (_name, given, meant) => {
    const { ended, proxy, sandbox } = await setUp(
      (port) => ({ HTTPS_PROXY: `http://${given}@127.0.0.1:${port}` }),
      meant,
    );
    expect(ended.code).toBe(0);
    expect(proxy.requests.length).toBeGreaterThan(0);
    expect(sandbox.requests.length).toBeGreaterThan(5);
  });

  it('says that the proxy wants another password, at once and without showing the one it has', async () => {
    const { ended, document, proxy, sandbox } = await setUp(
      (port) => ({ HTTPS_PROXY: `http://ada:plainly-fake@127.0.0.1:${port}` }),
      'ada:another',
    );
    expect([ended.code, document.error.code]).toEqual([7, 'proxy-refused']);
    expect(document.error.message).toContain(`proxy 127.0.0.1:${proxy.port}`);
    expect([proxy.requests.length, sandbox.requests.length]).toEqual([1, 0]);
    expect(ended.stdout + ended.stderr).not.toContain('plainly-fake');
  });

  it('takes ALL_PROXY where HTTPS_PROXY is not set', async () => {
    const { ended, proxy } = await setUp(
      (port) => ({ ALL_PROXY: `http://ada:x@127.0.0.1:${port}` }),
      'ada:x',
    );
    expect(ended.code).toBe(0);
    expect(proxy.requests.length).toBeGreaterThan(0);
  });

  it.each(['127.*', '127.0.0.0/8', 'localhost;127.0.0.1'])(
    'leaves aside what NO_PROXY=%s means',
    async (aside) => {
      const { ended, proxy } = await setUp(
        (port) => ({ HTTPS_PROXY: `http://ada:x@127.0.0.1:${port}`, NO_PROXY: aside }),
        'ada:x',
      );
      expect([ended.code, proxy.requests]).toEqual([0, []]);
    },
  );

  it('says of an exception that it cannot understand it', async () => {
    const { ended } = await setUp(
      (port) => ({ HTTPS_PROXY: `http://ada:x@127.0.0.1:${port}`, NO_PROXY: '<local>' }),
      'ada:x',
    );
    expect(ended.code).toBe(0);
    expect(ended.stderr.replace(/\s+/g, ' ')).toContain('NO_PROXY: "<local>": no host, address or range');
  });

  it.each(['socks5://127.0.0.1:1080', 'http://ada:a/b@127.0.0.1:1', 'http://ada:%FF@127.0.0.1:1'])(
    'refuses %s before anything is sent',
    async (address) => {
      for (const name of ['HTTPS_PROXY', 'ALL_PROXY']) {
        const { ended, document, sandbox } = await setUp(() => ({ [name]: address }), '');
        expect([ended.code, document.error.code]).toEqual([2, 'invalid-options']);
        expect(document.error.message).toContain(name);
        expect(sandbox.requests).toEqual([]);
      }
    },
  );
});
