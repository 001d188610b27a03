import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ServerCertificate } from './certificate.ts';
import type { Delivery } from './faults.ts';
import { SandboxError, type SandboxReply, type SandboxRequest, systemCode } from './world.ts';

/** Largest request body, in bytes. */
const bodyLimit = 1_048_576;

const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

/** Milliseconds: for the headers, for a whole request, between two requests on one connection, and between checks. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};

/** What went over the wire: connections opened, and bytes with everything that TLS adds. */
export interface Traffic {
  readonly connections: number;
  readonly received: number;
  readonly sent: number;
}

/** A server that listens. */
interface Listening {
  readonly origin: string;
  /** Who answers from now on; before, clients are told to come again. */
  readonly answer: (handle: Handler) => void;
  readonly traffic: () => Traffic;
  /** Ends every connection at once, answered or not. */
  readonly close: () => Promise<void>;
}

/** Answers one request; must not reject. */
type Handler = (request: SandboxRequest) => Promise<Delivery>;

function plain(status: number, text: string, headers: Record<string, string> = {}): SandboxReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}

/** Why a request is not even looked at, or undefined. */
function refusal(message: IncomingMessage, port: number): SandboxReply | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes((message.headers.host ?? '').toLowerCase())) {
    return plain(421, 'This server answers for 127.0.0.1 only.');
  }
  if (!message.url?.startsWith('/')) return plain(400, 'The request target must be a path.');
  if (!methods.includes(message.method ?? '')) {
    return plain(405, 'This method is not supported.', { allow: methods.join(', ') });
  }
  return undefined;
}

/** The body as text, or undefined where it is too long. */
async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > bodyLimit) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const compress = promisify(gzip);

/** Whether a client takes gzip (RFC 9110, section 12.5.3); `*` names nothing that it is sure to read. */
function takesGzip(accepted: string | undefined): boolean {
  return (accepted ?? '').split(',').some((part) => {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return coding === 'gzip' && !parameters.some((text) => /^q=0(\.0*)?$/.test(text));
  });
}

function send(response: ServerResponse, { status, headers, body }: SandboxReply): void {
  const length = status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}

/** A reply that varies with what the client accepts goes out in chunks, as Microsoft Graph's do, and compressed. */
async function sendVarying(
  message: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: SandboxReply,
): Promise<void> {
  const zipped = takesGzip(flatten(message.headers)['accept-encoding']);
  const bytes = zipped ? await compress(body) : Buffer.from(body);
  response.writeHead(status, { ...headers, ...(zipped ? { 'content-encoding': 'gzip' } : {}) });
  response.end(bytes);
}

/** After this the connection cannot be used again: what is left of the request would be taken for the next one. */
function refuse(response: ServerResponse, reply: SandboxReply): void {
  send(response, { ...reply, headers: { ...reply.headers, connection: 'close' } });
}

function sendHalf(response: ServerResponse, { status, headers, body }: SandboxReply): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': Math.max(bytes.length, 2) });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

async function deliver(
  message: IncomingMessage,
  response: ServerResponse,
  delivery: Delivery,
): Promise<void> {
  switch (delivery.kind) {
    case 'reply':
      if ('vary' in delivery.reply.headers) await sendVarying(message, response, delivery.reply);
      else send(response, delivery.reply);
      break;
    case 'truncated':
      sendHalf(response, delivery.reply);
      break;
    case 'reset':
      response.destroy();
      break;
    case 'hang':
      break;
    case 'bytes':
      response.socket?.end(delivery.bytes);
      break;
  }
}

function flatten(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  const pairs = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return Object.fromEntries(pairs);
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  port: number,
  handle: Handler,
): Promise<void> {
  const refused = refusal(message, port);
  if (refused !== undefined) return refuse(response, refused);
  const body = await readBody(message);
  if (body === undefined) return refuse(response, plain(413, 'The request is too long.'));
  // Joined as text: a path that begins with two slashes would otherwise name a host.
  const target = `https://127.0.0.1:${port}${message.url}`;
  if (!URL.canParse(target)) return refuse(response, plain(400, 'The request target is malformed.'));
  const headers = flatten(message.headers);
  const delivery = await handle({ method: message.method ?? '', url: new URL(target), headers, body });
  await deliver(message, response, delivery);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const remedy = 'Choose another port, or 0 for any that is free.';
      const busy = systemCode(error) === 'EADDRINUSE' ? 'it is in use' : error.message;
      reject(new SandboxError(`The sandbox cannot listen on port ${port}: ${busy}`, remedy, error));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(isAddress(address) ? address.port : port);
    });
  });
}

function meter(server: Server): () => Traffic {
  const open = new Set<Socket>();
  let past: Traffic = { connections: 0, received: 0, sent: 0 };
  const plus = (sum: Traffic, { bytesRead, bytesWritten }: Socket): Traffic => ({
    connections: sum.connections + 1,
    received: sum.received + bytesRead,
    sent: sum.sent + bytesWritten,
  });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      past = plus(past, socket);
    });
  });
  return () => [...open].reduce(plus, past);
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

/**
 * Serves HTTPS on 127.0.0.1, on any free port for 0. Throws SandboxError where the port cannot be had.
 */
export async function serve(
  port: number,
  { certificate, privateKey }: ServerCertificate,
): Promise<Listening> {
  let actual = port;
  let handle: Handler = async () => ({
    kind: 'reply',
    reply: plain(503, 'Starting.', { 'retry-after': '1' }),
  });
  const server = createServer({ cert: certificate, key: privateKey, ...timeouts }, (message, response) => {
    // What rejects here is a client that went away in the middle of its request.
    answer(message, response, actual, handle).catch(() => response.destroy());
  });
  const traffic = meter(server);
  actual = await listen(server, port);
  return {
    traffic,
    origin: `https://127.0.0.1:${actual}`,
    answer: (handler) => {
      handle = handler;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
