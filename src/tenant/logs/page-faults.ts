import { DirectoryError } from '../../graph/directory-error.ts';
import type { LogPage } from '../../graph/log-page.ts';
import { garbledReply } from '../../http/network-error.ts';
import { type Failure, lostReply } from '../../http/retry.ts';
import type { LogStream } from './log-streams.ts';

/** Graph does not know how to look at a condition: then it is looked at here. That it is no filter at all stays an error. Pure. */
export const isRefusedCondition = ({ kind, status, message }: Failure): boolean =>
  kind === 'http' && status === 400 && !/could not find a property|syntax error|page size/i.test(message);

/** The link to a next page that is not known any more: its tokens end after minutes. Pure. */
export const isDeadLink = ({ kind, status }: Failure): boolean =>
  kind === 'http' && [400, 404, 410].includes(status);

/** Graph takes the token no longer. Pure. */
export const isStaleToken = ({ kind, status }: Failure): boolean => kind === 'http' && status === 401;

/** What requests for pages of a list are for. Pure. */
export const purposeOf = ({ title }: LogStream): string => `read the ${title}`;

/** A list that nobody can go on with: `message` says why, without an end. Pure. */
export function brokenList(stream: LogStream, message: string): DirectoryError {
  const detail = message.charAt(0).toLowerCase() + message.slice(1);
  const failure: Failure = { ...lostReply('EBADMSG', message), kind: 'malformed', detail };
  return new DirectoryError(failure, purposeOf(stream), { cause: garbledReply(message) });
}

/** A list whose links die again and again. A status of its own would blame the filter, which its first pages took. Pure. */
export const deadLinks = (stream: LogStream, { failure }: DirectoryError): DirectoryError =>
  brokenList(stream, `The links to its pages end at once: ${failure.message}`);

/** Fewer rows than these in the wrong order are late ones. */
const fewLateRows = 10;

/** Throws DirectoryError where so many rows in the wrong order are no late ones: what was read so far says nothing of what is left. */
export function requireFew(wrong: number, stream: LogStream): void {
  if (wrong >= fewLateRows) throw brokenList(stream, 'The rows came in another order than was asked for');
}

/** Throws DirectoryError where most of a page is in the wrong order. */
export function requireOrder({ rows }: LogPage, stream: LogStream, newestFirst: boolean): void {
  let [right, wrong, before] = [0, 0, rows[0]?.at ?? 0];
  for (const { at } of rows) {
    const step = newestFirst ? before - at : at - before;
    if (step > 0) right += 1;
    else if (step < 0) wrong += 1;
    before = at;
  }
  if (wrong > right) requireFew(wrong, stream);
}

/** Does what nobody can do here either where a RangeError comes of it: Graph's refusal is thrown in its place. */
export function orRefusal<T>(refusal: DirectoryError, work: () => T): T {
  try {
    return work();
  } catch (reason) {
    throw reason instanceof RangeError ? refusal : reason;
  }
}
