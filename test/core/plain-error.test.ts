import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { plainError, stackLines } from '../../src/core/plain-error.ts';

const secret = 'a-plainly-fake-secret';
const redact = (text: string): string => text.replaceAll(secret, '[redacted]');

/** As a library throws it: the request hangs on the error, at times where only a debugger looks. */
function libraryError(): Error {
  const inner = Object.assign(new Error(`connect failed for ${secret}`), {
    code: 'ECONNRESET',
    request: { body: `client_secret=${secret}` },
  });
  const outer = new TypeError('fetch failed', { cause: inner });
  Object.defineProperty(outer, 'response', { value: { text: secret }, enumerable: false });
  return outer;
}

it('keeps name, message, stack and code, and nothing else', () => {
  expect(inspect(libraryError(), { depth: 12, showHidden: true })).toContain(secret);
  const plain = plainError(libraryError(), redact);
  expect(inspect(plain, { depth: 12, showHidden: true })).not.toContain(secret);
  expect(plain).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
  expect(plain?.cause).toMatchObject({ code: 'ECONNRESET', message: 'connect failed for [redacted]' });
  expect(stackLines(plain).join('\n')).toMatch(
    /TypeError: fetch failed[\s\S]*connect failed for \[redacted\]/,
  );
});

it('ends where causes go round in circles, and takes what is no error', () => {
  const circular = new Error('a');
  circular.cause = circular;
  expect(stackLines(plainError(circular, redact)).length).toBeGreaterThan(0);
  expect(plainError(`thrown ${secret}`, redact)?.message).toBe('thrown [redacted]');
  expect(plainError(undefined, redact)).toBeUndefined();
});
