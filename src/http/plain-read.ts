import { networkCode } from './network-error.ts';
import type { Failure, RetryClock } from './retry.ts';
import { createPatience, parseRetryAfter } from './retry.ts';

/** A reply as it came over the wire. */
export interface PlainReply {
  readonly status: number;
  readonly body: string;
}

type Read =
  | { readonly reply: PlainReply; readonly retryAfter: number | undefined }
  | { readonly lost: unknown };

function failureOf(read: Read): Failure {
  const part = { code: '', message: '', details: [] };
  if ('lost' in read) return { ...part, status: 0, kind: 'network', networkCode: networkCode(read.lost) };
  const { status } = read.reply;
  return { ...part, status, kind: status < 400 ? 'malformed' : 'http', retryAfter: read.retryAfter };
}

type Send = (url: string) => Promise<Response>;

async function readOnce(url: string, send: Send, now: () => Date): Promise<Read> {
  try {
    const response = await send(url);
    const retryAfter = parseRetryAfter(response.headers.get('retry-after'), now());
    return { reply: { status: response.status, body: await response.text() }, retryAfter };
  } catch (error) {
    if (networkCode(error) === undefined) throw error;
    return { lost: error };
  }
}

const isAnswer = ({ status }: PlainReply): boolean => status < 500 && status !== 429;

/** Reads without a token until a reply is accepted or the policy gives up; then the last reply, or it rejects. */
export function createRead(
  send: Send,
  { now, sleep, random }: RetryClock,
): (url: string, accepts?: (reply: PlainReply) => boolean) => Promise<PlainReply> {
  return async (url, accepts = isAnswer) => {
    const patience = createPatience({ now, random });
    for (;;) {
      const read = await readOnce(url, send, now);
      if ('reply' in read && accepts(read.reply)) return read.reply;
      const wait = patience.after({ failure: failureOf(read), repeatable: true, fresh: false });
      if (wait) await sleep(wait.delay);
      else if ('reply' in read) return read.reply;
      else throw read.lost;
    }
  };
}
