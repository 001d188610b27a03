import { request as plainRequest } from 'node:http';
import { WizardError } from '../../../core/errors.ts';
import { type Fields, fieldsIn } from '../../../core/fields.ts';
import { safeText } from '../../../core/text.ts';
import { networkCode, networkError } from '../../../http/network-error.ts';
import {
  type Attempted,
  attemptUntilFinal,
  failedReply,
  lostReply,
  parseRetryAfter,
  replyDate,
} from '../../../http/retry.ts';
import { createTransport, type FetchInit, requestTimeout } from '../../../http/transport.ts';
import type { Io } from '../../shared/io.ts';

/** A reply of a store. Its body may hold the secret. */
export interface StoreReply {
  readonly status: number;
  readonly body: Fields;
  readonly header: (name: string) => string | null;
}

/** The way to a store over the network. */
export interface StoreHttp {
  /** One request; tried again where it may pass. Throws WizardError `store-unreachable`. */
  readonly send: (url: string, init?: FetchInit) => Promise<StoreReply>;
  readonly close: () => Promise<void>;
}

/** Bytes of the largest reply from this machine. */
const most = 1_048_576;

/** For http, which options let through to this machine alone: an agent beside us that holds the connection. */
function sendPlain(
  url: string,
  { method = 'GET', headers = {}, body }: FetchInit,
  io: Io,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const signal = io.timeoutSignal(requestTimeout);
    const sent = plainRequest(url, { method, headers: { ...headers }, signal }, (reply) => {
      const chunks: Buffer[] = [];
      let length = 0;
      reply.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > most) reply.destroy(new Error('The reply is too large.'));
        else chunks.push(chunk);
      });
      reply.on('error', reject);
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const date = reply.headers.date;
        const status = reply.statusCode ?? 0;
        resolve(new Response(text === '' ? null : text, { status, headers: date ? { date } : {} }));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const passing = new Set([408, 429, 500, 502, 503, 504]);

type Fetch = (url: string, init: FetchInit) => Promise<Response>;

async function readReply(response: Response): Promise<StoreReply> {
  const { status, headers } = response;
  return { status, header: (name) => headers.get(name), body: fieldsIn(await response.text()) };
}

/** One attempt. A second write of the same value is another version of it, and does no harm. */
async function attemptOnce(
  host: string,
  send: () => Promise<Response>,
  { now, signal }: Pick<Io, 'now' | 'signal'>,
): Promise<Attempted<StoreReply>> {
  const unreachable = (why: string): WizardError =>
    new WizardError('store-unreachable', `${safeText(host)} does not answer as a store does: ${why}.`);
  try {
    const reply = await readReply(await send());
    const { status, header } = reply;
    if (!passing.has(status)) return { value: reply };
    const wait = parseRetryAfter(header('retry-after'), replyDate(header('date'), now()));
    const giveUp = (): never => {
      throw unreachable(`HTTP ${status}`);
    };
    return { failure: failedReply(status, 'http', wait), repeatable: true, giveUp };
  } catch (error) {
    if (signal.aborted) throw new WizardError('cancelled', 'Cancelled.', { cause: error });
    const giveUp = (): never => {
      throw networkError(safeText(host), error) ?? unreachable('the reply cannot be read');
    };
    return { failure: lostReply(networkCode(error)), repeatable: true, giveUp };
  }
}

/**
 * Opens the way to a store; nothing is sent yet. `ca` is a certificate authority (PEM) to trust alone. Redirects are not
 * followed, and no other host is spoken to: a token must not travel there.
 */
export function openStoreHttp(address: string, ca: string | undefined, io: Io): StoreHttp {
  const timed = { ...io, now: io.clock.local };
  const { origin, host, protocol } = new URL(address);
  const isPlain = protocol === 'http:';
  const transport = isPlain
    ? undefined
    : createTransport({ authorityHost: origin, ...(ca === undefined ? {} : { ca }) }, timed);
  const fetch: Fetch = (url, init) => (transport ? transport.fetch(url, init) : sendPlain(url, init, io));
  return {
    send: (url, init = {}) => {
      if (new URL(url).origin !== origin)
        throw new WizardError('store-unreachable', `${safeText(host)} names an address of another host.`);
      return attemptUntilFinal(() => attemptOnce(host, () => fetch(url, init), io), timed);
    },
    close: async () => transport?.close(),
  };
}
