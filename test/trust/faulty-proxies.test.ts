import { describe, expect, it, onTestFinished } from 'vitest';
import { networkCode, networkError } from '../../src/http/network-error.ts';
import { createTransport } from '../../src/http/transport.ts';
import { replyBytes, startHostileProxy } from '../helpers/hostile-server.ts';

type Proxy = Awaited<ReturnType<typeof startHostileProxy>>;

/** Asks through a proxy as a run does, with a clock that waiting moves. Gives the error, and how long it was waited. */
async function askThrough(proxy: string, timeout = new AbortController().signal) {
  let clock = 0;
  const transport = createTransport(
    { authorityHost: 'https://login.example' },
    {
      env: { HTTPS_PROXY: proxy },
      trace: () => undefined,
      now: () => new Date(clock),
      sleep: async (delay) => {
        clock += delay;
      },
      random: () => 0,
      timeoutSignal: () => timeout,
      signal: new AbortController().signal,
    },
  );
  onTestFinished(() => transport.close());
  const caught: unknown = await transport.read('https://login.example/').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const error = networkError('login.example', caught);
  return { code: networkCode(caught), error, waited: clock };
}

const addressOf = ({ port }: Proxy, scheme = 'http'): string => `${scheme}://127.0.0.1:${port}`;

describe('a proxy that does not lead to Entra', () => {
  it.each([
    ['wants to know who asks', replyBytes('407 Proxy Authentication Required', {}, 'x'), 'proxy-refused', 0],
    ['forbids it', replyBytes('403 Forbidden', {}, '<html></html>'), 'proxy-refused', 0],
    ['calls it a bad request', replyBytes('400 Bad Request', {}, ''), 'proxy-refused', 0],
    [
      'sends somewhere else',
      replyBytes('302 Found', { location: 'https://portal.example' }),
      'proxy-refused',
      0,
    ],
    ['turns into something else', 'HTTP/1.1 101 Odd\r\n\r\n', 'proxy-refused', 0],
    ['speaks for the server', 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'proxy-refused', 0],
    ['finds nothing there', replyBytes('502 Bad Gateway', {}, ''), 'unreachable', 6_000],
    ['is overloaded', replyBytes('503 Service Unavailable', {}, ''), 'unreachable', 6_000],
    ['hangs up', '', 'unreachable', 45_000],
    ['hangs up in the middle', 'HTTP/1.1 200 Connection est', 'unreachable', 45_000],
  ])('%s: the fault is told as its own', async (_name, bytes, code, most) => {
    const proxy = await startHostileProxy((_text, socket) => socket.end(bytes));
    const { error, waited } = await askThrough(addressOf(proxy));
    expect([error?.code, error?.exitCode]).toEqual([code, 7]);
    expect(error?.message).toContain(`proxy 127.0.0.1:${proxy.port}`);
    expect(waited).toBeLessThanOrEqual(most);
    if (most === 0) expect(proxy.requests).toHaveLength(1);
  });

  it.each([
    ['Negotiate', true],
    ['NTLM', true],
    ['Negotiate, NTLM', true],
    ['Basic realm="x"', false],
    ['Negotiate, Basic realm="x"', false],
    ['', false],
  ])('that takes %s says whether a name and password help', async (schemes, relay) => {
    const answer = replyBytes('407 Proxy Authentication Required', { 'proxy-authenticate': schemes });
    const proxy = await startHostileProxy((_text, socket) => socket.end(answer));
    const { error, waited } = await askThrough(addressOf(proxy));
    expect([error?.code, waited]).toEqual(['proxy-refused', 0]);
    expect(error?.message.includes('takes no user name and password')).toBe(relay);
    expect(error?.remedy.includes('a relay on this machine')).toBe(relay);
  });

  it('speaks no HTTP', async () => {
    const proxy = await startHostileProxy((_text, socket) => socket.end('SSH-2.0-Example\r\n'));
    const { error } = await askThrough(addressOf(proxy));
    expect([error?.code, error?.exitCode]).toEqual(['proxy-refused', 7]);
    expect(error?.message).toContain(`proxy 127.0.0.1:${proxy.port}`);
  });

  it('is not there', async () => {
    const { error } = await askThrough('http://127.0.0.1:1');
    expect(error?.code).toBe('unreachable');
    expect(error?.message).toBe('The proxy 127.0.0.1:1 cannot be reached (ECONNREFUSED).');
  });

  it('says nothing: that ends with the time that it has', async () => {
    const timeout = new AbortController();
    const proxy = await startHostileProxy(() =>
      setImmediate(() => timeout.abort(new DOMException('too long', 'TimeoutError'))),
    );
    const { code } = await askThrough(addressOf(proxy), timeout.signal);
    expect(code).toBe('ETIMEDOUT');
  });

  it('sends headers without end', async () => {
    const proxy = await startHostileProxy((_text, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const goOn = (): void => {
        if (!socket.destroyed) socket.write('x: y\r\n'.repeat(1_000), goOn);
      };
      goOn();
    });
    expect((await askThrough(addressOf(proxy))).error?.exitCode).toBe(7);
  });

  it('has a certificate that is not trusted', async () => {
    const proxy = await startHostileProxy(() => undefined, true);
    const { error, waited } = await askThrough(addressOf(proxy, 'https'));
    expect([error?.code, waited]).toEqual(['tls-untrusted', 0]);
    expect(error?.message).toContain(`certificate of the proxy 127.0.0.1:${proxy.port}`);
  });

  it.each([
    ['CORP\\ada:100%', 'CORP\\ada:100%'],
    ['CORP%5Cada:a%25b', 'CORP\\ada:a%b'],
    ['ada', 'ada:'],
  ])('is given %s as %s', async (given, meant) => {
    const proxy = await startHostileProxy((_text, socket) => socket.end(replyBytes('403 No', {})));
    await askThrough(`http://${given}@127.0.0.1:${proxy.port}`);
    const [, sent = ''] = /proxy-authorization: Basic (\S+)/i.exec(proxy.requests[0] ?? '') ?? [];
    expect(Buffer.from(sent, 'base64').toString()).toBe(meant);
    expect(proxy.requests[0]).toMatch(/^CONNECT login\.example:443 HTTP\/1\.1\r\n/);
  });
});
