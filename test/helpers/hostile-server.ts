import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { createServerCertificate } from '../../src/sandbox/certificate.ts';

/** What a server does with one request: `text` is what came, headers and as much of the body as came with them. */
type Behaviour = (text: string, socket: Socket) => void;

/** A server that speaks no HTTP but what its behaviour writes, and what it was sent. */
interface HostileServer {
  readonly port: number;
  readonly origin: string;
  readonly caCertificate: string;
  readonly requests: string[];
}

async function listen(behaviour: Behaviour, secure: boolean): Promise<HostileServer> {
  const { certificate, privateKey, caCertificate } = await createServerCertificate();
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      // A body that comes apart from its headers is no request of its own.
      if (!/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(text)) return;
      requests.push(text);
      behaviour(text, socket);
    });
  };
  const server = secure
    ? createSecureServer({ cert: certificate, key: privateKey }, serve)
    : createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  const origin = `${secure ? 'https' : 'http'}://127.0.0.1:${address.port}`;
  return { port: address.port, origin, caCertificate, requests };
}

/** A server over TLS. */
export const startHostileServer = (behaviour: Behaviour): Promise<HostileServer> => listen(behaviour, true);

/** A proxy, spoken to in plain text or over TLS. */
export const startHostileProxy = (behaviour: Behaviour, secure = false): Promise<HostileServer> =>
  listen(behaviour, secure);

/** A whole reply as bytes, with its length. */
export function replyBytes(
  status: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array = '',
): Buffer {
  const bytes = Buffer.from(body);
  const all = { connection: 'close', ...headers, 'content-length': String(bytes.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`), bytes]);
}

/** The page of a filter in front of the internet. */
export const filterPage = (
  status = '403 Forbidden',
  headers: Readonly<Record<string, string>> = {},
): Buffer =>
  replyBytes(
    status,
    { 'content-type': 'text/html', server: 'ExampleFilter/1.0', ...headers },
    '<!doctype html><html><head><title>Access blocked</title></head><body>Category: cloud</body></html>',
  );
