import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { networkCode } from '../../src/http/network-error.ts';
import { createTransport, type FetchInit, largestLogPage } from '../../src/http/transport.ts';
import { replyBytes, startHostileServer } from '../helpers/hostile-server.ts';

type Server = Awaited<ReturnType<typeof startHostileServer>>;

/** Asks a server as a run does; the time that a request may take ends when `timeout` does. */
function ask(
  { origin, caCertificate }: Server,
  init: FetchInit = {},
  timeout = new AbortController().signal,
): Promise<Response> {
  const transport = createTransport(
    { authorityHost: origin, ca: caCertificate },
    {
      env: {},
      trace: () => undefined,
      now: () => new Date(),
      sleep: async () => undefined,
      random: () => 0.5,
      timeoutSignal: () => timeout,
      signal: new AbortController().signal,
    },
  );
  onTestFinished(() => transport.close());
  return transport.fetch(`${origin}/`, init);
}

const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => 'it succeeded',
    (error: unknown) => networkCode(error),
  );

const mebibyte = 1_024 * 1_024;
const zeros = (mebibytes: number): Buffer => Buffer.alloc(mebibytes * mebibyte);
const packed = (mebibytes: number): Buffer =>
  replyBytes('200 OK', { 'content-encoding': 'gzip' }, gzipSync(zeros(mebibytes)));
const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';

describe('a connection that gives no reply', () => {
  it.each([
    ['turns into something else', upgrade, 'EBADMSG'],
    ['turns into something that has no name', 'HTTP/1.1 101 Odd\r\n\r\n', 'EBADMSG'],
    ['ends at once', '', 'ECONNRESET'],
    ['ends after a notice', 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n', 'ECONNRESET'],
    ['ends in the headers', 'HTTP/1.1 200 OK\r\nconte', 'ECONNRESET'],
    ['ends in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}', 'ECONNRESET'],
    ['ends in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab', 'ECONNRESET'],
    ['has headers without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(9_000)}`, 'EBADMSG'],
    ['sends notices without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000), 'EBADMSG'],
  ])('%s: that is told', async (_name, bytes, code) => {
    const server = await startHostileServer((_text, socket) => socket.end(bytes));
    for (const method of ['GET', 'POST']) expect(await codeOf(ask(server, { method }))).toBe(code);
  });

  it.each([
    ['nothing', ''],
    ['headers', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'],
    ['a part', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n'],
  ])('and does not end after %s ends with the time that it has', async (_name, bytes) => {
    const timeout = new AbortController();
    const server = await startHostileServer((_text, socket) => {
      socket.write(bytes);
      setImmediate(() => timeout.abort(new DOMException('too long', 'TimeoutError')));
    });
    expect(await codeOf(ask(server, {}, timeout.signal))).toMatch(/^(ETIMEDOUT|ECONNRESET)$/);
  });
});

describe('a body', () => {
  it.each([
    ['as large as it may be', replyBytes('200 OK', {}, zeros(8))],
    ['as large, compressed', packed(8)],
  ])('%s is read', async (_name, bytes) => {
    const server = await startHostileServer((_text, socket) => socket.end(bytes));
    expect((await (await ask(server)).text()).length).toBe(8 * mebibyte);
  });

  it('of a log may be larger', async () => {
    const server = await startHostileServer((_text, socket) => socket.end(packed(64)));
    expect((await (await ask(server, { most: largestLogPage })).text()).length).toBe(64 * mebibyte);
  });

  it.each([
    ['larger than that', replyBytes('200 OK', {}, Buffer.alloc(8 * mebibyte + 1)), undefined],
    ['that is small and unpacks to much', packed(512), undefined],
    ['of a log that unpacks to more than any page', packed(65), largestLogPage],
    ['of an error', replyBytes('403 Forbidden', {}, zeros(9)), undefined],
  ])('%s is not read whole', async (_name, bytes, most) => {
    const server = await startHostileServer((_text, socket) => socket.end(bytes));
    expect(await codeOf(ask(server, most === undefined ? {} : { most }))).toBe('EMSGSIZE');
  });

  it('without end is not read to it', async () => {
    const server = await startHostileServer((_text, socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const chunk = Buffer.concat([Buffer.from('100000\r\n'), zeros(1), Buffer.from('\r\n')]);
      const goOn = (): void => {
        if (!socket.destroyed) socket.write(chunk, goOn);
      };
      goOn();
    });
    expect(await codeOf(ask(server))).toBe('EMSGSIZE');
  });
});
