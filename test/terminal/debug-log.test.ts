import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/core/redact.ts';
import { createDebugLog } from '../../src/terminal/debug-log.ts';

const secret = 'plainly-fake-secret';

/** What a log writes; nobody but it is asked to keep secrets and signs for the terminal out. */
function logged(enabled: boolean): string {
  const redactor = createRedactor();
  redactor.add(secret);
  let written = '';
  const log = createDebugLog({ write: (text: string) => (written += text) }, redactor, enabled);
  const url = `https://login.example/token?code=abc&x=${encodeURIComponent(secret)}`;
  log.exchange({ method: 'POST', url, status: 200, duration: 7, requestId: `${secret}\u001b[2J` });
  log.exchange({ method: 'GET', url, status: 0, duration: 7, failure: `Error: ${secret}\nforged: line` });
  log.failure(new Error(`outer ${secret}`, { cause: new Error(`inner ${secret}`) }));
  return written;
}

describe('the log of --debug', () => {
  it('shows no secret, nothing that a terminal acts on, and no line that is not its own', () => {
    const text = logged(true);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('[redacted]');
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('debug: '))).toEqual([]);
    expect(text).toMatch(/outer \[redacted\][\s\S]*inner \[redacted\]/);
  });

  it('is silent where nobody asked for it', () => {
    expect(logged(false)).toBe('');
  });
});
