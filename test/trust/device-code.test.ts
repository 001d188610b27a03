import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signInAdministrator } from '../../src/commands/shared/sign-in-administrator.ts';
import { createServerCertificate } from '../../src/sandbox/certificate.ts';
import { connectTo, failureOf } from '../helpers/signing-in.ts';
import { dangers } from '../hostile/texts.ts';

/** Whoever answers in place of Entra, and sends people to an address of his own. */
async function startImpostor(verificationUri: string, userCode: string) {
  const { caCertificate, certificate, privateKey } = await createServerCertificate();
  const polls: string[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const tenant = `${origin}/organizations`;
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url?.includes('openid-configuration')) {
      const token_endpoint = `${tenant}/oauth2/v2.0/token`;
      const authorization_endpoint = `${tenant}/oauth2/v2.0/authorize`;
      reply(200, {
        issuer: `${tenant}/v2.0`,
        token_endpoint,
        authorization_endpoint,
        jwks_uri: `${tenant}/keys`,
      });
    } else if (request.url?.includes('devicecode')) {
      const times = { expires_in: 900, interval: 1 };
      const codes = { device_code: 'held-by-the-client-alone', user_code: userCode };
      reply(200, { ...codes, verification_uri: verificationUri, ...times, message: 'Do as I say' });
    } else {
      polls.push(request.url ?? '');
      reply(400, { error: 'access_denied', error_description: 'AADSTS65004: no' });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const authorityHost = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { polls, client: connectTo({ authorityHost, graphUrl: authorityHost, caCertificate }) };
}

const signInAt = async (verificationUri: string, userCode = 'ABCD1234') => {
  const { client, polls } = await startImpostor(verificationUri, userCode);
  const { connection, io, shown } = client;
  const error = await failureOf(signInAdministrator(['device-code'], {}, connection, io));
  return { error, shown: shown(), polls };
};

describe('where people are sent to sign in', () => {
  it.each([
    'http://login.example/device',
    'javascript:alert(1)',
    'no address',
    'https://microsoft.com@evil.example/',
  ])('%s is shown to nobody', async (address) => {
    const { error, shown, polls } = await signInAt(address);
    expect(error.code).toBe('authority-mismatch');
    expect(shown).not.toContain('code  ');
    expect(polls).toEqual([]);
  });

  it('an https address is shown in its plain form, and the code without what a terminal acts on', async () => {
    const { shown } = await signInAt('https://LOGIN.example/a\u001b[2Jb\n', 'A\u001b[2J\u202eB');
    expect(shown).toContain('\n    https://login.example/a%1B[2Jb\n');
    expect(shown).toContain('code  A\\u{1b}[2J\\u{202e}B');
    expect(dangers(shown)).toEqual([]);
  });
});
