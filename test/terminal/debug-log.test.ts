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
  const grant = { principalId: 'p', appRoleId: 'r' };
  const requests = [
    { id: '1', method: 'POST', url: '/servicePrincipals/s/appRoleAssignedTo', body: grant },
    { id: '2', method: 'GET', url: '/organization' },
  ];
  const sent = { method: 'POST', url: 'https://graph.example/x', status: 200, duration: 1 };
  log.exchange({ ...sent, body: JSON.stringify({ requests }) });
  log.exchange({ ...sent, body: JSON.stringify({ keyId: 'k', proof: 'unknown-proof', note: secret }) });
  log.exchange({ ...sent, body: 'grant_type=device_code&client_id=c&device_code=unknown-code' });
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

  it('shows what was sent, inside a batch too, and leaves out what may be secret', () => {
    const text = logged(true);
    const grant = '{"principalId":"p","appRoleId":"r"}';
    expect(text).toContain(`debug:   1 POST /servicePrincipals/s/appRoleAssignedTo ${grant}\n`);
    expect(text).toContain('debug:   2 GET /organization\n');
    expect(text).toContain('"keyId":"k","proof":"[redacted]"');
    expect(text).toContain('grant_type=device_code client_id=c');
    expect(text).not.toMatch(/unknown-/);
  });

  it('is silent where nobody asked for it', () => {
    expect(logged(false)).toBe('');
  });
});
