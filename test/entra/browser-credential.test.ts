import { describe, expect, it } from 'vitest';
import { signInAdministrator } from '../../src/commands/shared/sign-in-administrator.ts';
import { windowsOpener } from '../../src/entra/browser-credential.ts';
import { personId } from '../../src/sandbox/seed/people.ts';
import { connectTo, failureOf, fakeBrowser } from '../helpers/signing-in.ts';
import { start } from '../sandbox/start.ts';

it('opens an address on Windows as it is, without a shell', () => {
  const url = 'https://login.example/authorize?a=%20b&c=$d`e^f';
  expect(windowsOpener(url, { SystemRoot: 'C:\\Windows' })).toEqual([
    'C:\\Windows\\System32\\rundll32.exe',
    'url.dll,FileProtocolHandler',
    url,
  ]);
});

const display = { DISPLAY: ':0' };

/** Somebody else on this machine tries the address that the browser is to come back to, before it does; notes each answer. */
const crowded = `
  const asked = new URL(process.argv[1]).searchParams;
  const back = asked.get('redirect_uri');
  const { request } = require('node:http');
  const note = (text) => require('node:fs').appendFileSync(__dirname + '/log', text + '\\n');
  const send = (path, options = {}) => new Promise((resolve) => {
    const sent = request(back + path, { agent: false, ...options }, (reply) => {
      note(String(reply.statusCode));
      reply.resume().on('end', resolve);
    });
    sent.end();
  });
  const state = encodeURIComponent(asked.get('state'));
  send('/?code=stolen')
    .then(() => send('/?code=stolen&state=guessed'))
    .then(() => send('/?error=access_denied'))
    .then(() => send('/?code=stolen&state=' + state, { headers: { host: 'attacker.example' } }))
    .then(() => send('/?code=stolen&state=' + state, { method: 'POST' }))
    .then(() => fetch(process.argv[1]))`;

describe('a sign-in by browser', () => {
  it('asks with a state, a nonce and a challenge of its own each time', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { visits } = await fakeBrowser(sandbox.caCertificate);
    for (const _time of [1, 2]) {
      const { io, connection } = connectTo(sandbox, display);
      await signInAdministrator(['browser'], {}, connection, io);
    }
    const own = (await visits()).filter((visit) => visit.startsWith(sandbox.origin));
    // A slow machine may knock twice with one address.
    const asked = [...new Set(own)].map((visit) => new URL(visit).searchParams);
    expect(asked).toHaveLength(2);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = asked.map((parameters) => parameters.get(name) ?? '');
      for (const value of values) expect(value, name).toMatch(/^[\w-]{43}$/);
      expect(new Set(values).size, name).toBe(2);
    }
    expect(asked[0]?.get('prompt')).toBe('select_account');
    expect(asked[0]?.get('code_challenge_method')).toBe('S256');
  });

  it('takes nothing from others on this machine, and goes on to the person who signs in', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { visits } = await fakeBrowser(sandbox.caCertificate, crowded);
    const { io, connection } = connectTo(sandbox, display);
    const session = await signInAdministrator(['browser'], {}, connection, io);
    expect(session.claims.objectId).toBe(personId('ada'));
    expect((await visits()).slice(1)).toEqual(['400', '400', '400', '421', '405']);
  });

  it('does not take a token for an identity that was not asked for', async () => {
    const { sandbox } = await start({ autoApprove: true });
    // Whoever reads the address could sign in by another that differs in the nonce alone.
    await fakeBrowser(
      sandbox.caCertificate,
      "const url = new URL(process.argv[1]); url.searchParams.set('nonce', 'of-somebody-else'); fetch(url)",
    );
    const { io, connection } = connectTo(sandbox, display);
    const failure = await failureOf(signInAdministrator(['browser'], {}, connection, io));
    expect([failure.code, failure.exitCode]).toEqual(['sign-in-failed', 4]);
    expect(failure.message).toContain('nonce');
  });

  it('ends when nobody signs in for a quarter of an hour', async () => {
    const { sandbox } = await start({ autoApprove: true });
    await fakeBrowser(sandbox.caCertificate, '0');
    const { io, connection } = connectTo(sandbox, display);
    const waited: number[] = [];
    const impatient = {
      ...connection,
      timeoutSignal: (delay: number) => {
        waited.push(delay);
        return AbortSignal.abort();
      },
    };
    const failure = await failureOf(signInAdministrator(['browser'], {}, impatient, io));
    expect([failure.code, failure.exitCode]).toEqual(['sign-in-failed', 4]);
    expect(failure.message).toContain('within 15 minutes');
    expect(waited).toEqual([15 * 60_000]);
  });
});
