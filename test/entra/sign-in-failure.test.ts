import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import type { AuthMethod } from '../../src/entra/auth-methods.ts';
import type { ApplicationIdentity } from '../../src/entra/azure-credentials.ts';
import { publicCloud } from '../../src/entra/clouds.ts';
import type { LastExchange } from '../../src/entra/identity-pipeline.ts';
import { type OAuthError, signInError, type TokenSeeker } from '../../src/entra/oauth-error.ts';
import { signIn, signInApplication } from '../../src/entra/sign-in.ts';
import { explainMismatch, translateSignInFailure } from '../../src/entra/sign-in-failure.ts';
import { createServerCertificate } from '../../src/sandbox/certificate.ts';
import { type ConnectedClient, connectTo, failureOf } from '../helpers/signing-in.ts';
import { start, temporaryFolder } from '../sandbox/start.ts';

const quiet: LastExchange = { status: 200, foreign: false };

const translate = (method: TokenSeeker, message: string, last: Partial<LastExchange> = {}) =>
  translateSignInFailure(new Error(message), {
    method,
    monitor: { last: () => ({ ...quiet, ...last }) },
    cloud: publicCloud('global'),
    aborted: false,
  });

describe('what @azure/identity throws', () => {
  it.each<[TokenSeeker, string, string, string]>([
    ['device-code', 'post_request_failed: expired_token', 'sign-in-failed', 'expired'],
    ['device-code', 'post_request_failed: authorization_declined', 'sign-in-failed', 'declined'],
    ['device-code', 'post_request_failed: slow_down', 'throttled', 'slow down'],
    ['device-code', 'device_code_expired: Device code is expired.', 'sign-in-failed', 'expired'],
    [
      'browser',
      'access_denied: AADSTS65004: User declined to consent. Trace ID: 7d3f Correlation ID: b',
      'sign-in-failed',
      'AADSTS65004',
    ],
    ['browser', 'spawn xdg-open ENOENT', 'browser-missing', 'browser'],
    [
      'azure-cli',
      "Azure CLI could not be found. Please visit https://aka.ms/azure-cli for installation instructions and then, once installed, authenticate to your Azure account using 'az login'.",
      'sign-in-not-set-up',
      'not installed',
    ],
    [
      'azure-cli',
      "Please run 'az login' from a command prompt to authenticate before using this credential.",
      'sign-in-not-set-up',
      'Nobody is signed in',
    ],
    [
      'azure-cli',
      "ERROR: AADSTS50020: User account 'x' does not exist in tenant 'y'. Trace ID: a",
      'sign-in-wrong-tenant',
      'AADSTS50020',
    ],
    ['managed-identity', 'ManagedIdentityCredential: Network unreachable.', 'sign-in-not-set-up', 'managed'],
    ['browser', 'Something nobody has seen', 'sign-in-failed', 'Something nobody has seen'],
  ])('for %s: %s', (method, message, code, part) => {
    const error = translate(method, message);
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
  });

  it("keeps the trace id that stands in a redirect's description", () => {
    const error = translate('browser', 'access_denied: AADSTS90094: Needs an admin. Trace ID: 7d3f-1 x');
    expect(error.requestId).toBe('7d3f-1');
  });

  it("never repeats Azure CLI's output, which may hold a token", () => {
    for (const output of [
      '{"accessToken": "opaque-token-value", "expiresOn": "yesterday',
      'ERROR: AADSTS999999: odd. {"accessToken": "opaque-token-value"}',
      'WARNING accessToken_is opaque-token-value',
    ]) {
      const error = translate('azure-cli', output);
      expect(error.message + error.remedy).not.toContain('opaque-token-value');
      expect(error.exitCode).toBe(4);
    }
  });

  it('is told by the refusal on the wire, unless the message tells of a newer one', () => {
    const refusal = {
      status: 400,
      error: 'invalid_grant',
      description: '',
      numbers: [700082],
      suberror: '',
      claims: '',
      traceId: 'wire',
    };
    expect(translate('browser', 'post_request_failed: invalid_grant', { refusal }).requestId).toBe('wire');
    const newer = translate('browser', 'access_denied: AADSTS65004: Declined.', { refusal });
    expect(newer.message).toContain('AADSTS65004');
  });

  it('is a fault of the way where no reply came', () => {
    const loss = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    expect(translate('environment', 'x', { status: 0, loss }).code).toBe('unreachable');
    const untrusted = Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
    expect(translate('browser', 'x', { status: 0, loss: untrusted }).code).toBe('tls-untrusted');
    expect(translate('browser', 'x', { status: 503, foreign: true }).code).toBe('service-unavailable');
    expect(translate('browser', 'x', { status: 429 }).code).toBe('throttled');
  });

  it('makes what is unknown safe to print', () => {
    expect(translate('browser', 'odd \u001b[2J\u202e thing').message).toBe(
      'Sign-in failed: odd \\u{1b}[2J\\u{202e} thing',
    );
  });
});

const request = (method: AuthMethod, tenant?: string) => ({
  method,
  tenant,
  onDeviceCode: () => undefined,
});

const attempt = ({ connection }: ConnectedClient, method: AuthMethod, tenant?: string) =>
  failureOf(signIn(connection, request(method, tenant)));

const client = '11111111-2222-4333-8444-555555555555';

const ownIdentity = (tenantId: string, clientId: string): ApplicationIdentity => ({
  tenantId,
  clientId,
  credential: { kind: 'secret', secret: Secret.of('plainly-fake-secret') },
});

function environment(variables: Readonly<Record<string, string>>): void {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

describe('a job', () => {
  it.each<[string, (folder: string) => Promise<string>, string]>([
    ['is not there', async (folder) => join(folder, 'none'), 'does not exist'],
    ['is a folder', async (folder) => folder, 'cannot be read'],
    [
      'is empty',
      async (folder) => {
        await writeFile(join(folder, 'token'), '\n');
        return join(folder, 'token');
      },
      'is empty',
    ],
  ])('whose workload identity token file %s', async (_name, make, said) => {
    const { sandbox } = await start();
    environment({
      AZURE_CLIENT_ID: client,
      AZURE_TENANT_ID: sandbox.tenantId,
      AZURE_FEDERATED_TOKEN_FILE: await make(await temporaryFolder()),
    });
    const error = await attempt(connectTo(sandbox), 'workload-identity');
    expect([error.code, error.exitCode]).toEqual(['sign-in-not-set-up', 4]);
    expect(error.message).toContain(said);
  });

  it.each([
    ['is not there', undefined, 'cannot be read'],
    ['holds no certificate', 'hello', 'no PEM certificate'],
  ])('whose certificate file %s', async (_name, content, said) => {
    const { sandbox } = await start();
    const path = join(await temporaryFolder(), 'cert.pem');
    if (content !== undefined) await writeFile(path, content);
    environment({
      AZURE_CLIENT_ID: client,
      AZURE_TENANT_ID: sandbox.tenantId,
      AZURE_CLIENT_SECRET: '',
      AZURE_CLIENT_CERTIFICATE_PATH: path,
    });
    const error = await attempt(connectTo(sandbox), 'environment');
    expect(error.code).toBe('sign-in-not-set-up');
    expect(error.message).toContain(said);
  });

  it('whose secret is wrong: it is its own credential, not that of the reporting application', async () => {
    const { sandbox } = await start();
    environment({
      AZURE_CLIENT_ID: sandbox.automation.clientId,
      AZURE_TENANT_ID: sandbox.tenantId,
      AZURE_CLIENT_SECRET: 'plainly-fake-secret',
    });
    const error = await attempt(connectTo(sandbox), 'environment');
    expect([error.code, error.exitCode]).toEqual(['sign-in-credential', 4]);
    expect(error.message).toContain('AADSTS7000215');
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('the reporting application with a wrong secret is what it always was', async () => {
    const { sandbox } = await start();
    const { connection, io } = connectTo(sandbox);
    const identity = ownIdentity(sandbox.tenantId, sandbox.automation.clientId);
    const error = await failureOf(signInApplication(connection, identity, io.reveal));
    expect([error.code, error.exitCode]).toEqual(['credential-rejected', 3]);
  });

  it.each([
    ['is not installed', undefined, 'not installed'],
    ['has nobody signed in', `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`, 'Nobody'],
    [
      'answers with something else',
      `echo '{"accessToken": "opaque-token-value"'; echo opaque-token-value >&2; exit 1`,
      'gave no token',
    ],
  ])('where Azure CLI %s', async (_name, program, said) => {
    const { sandbox } = await start();
    const folder = join(await temporaryFolder(), 'bin');
    await mkdir(folder);
    if (program !== undefined) {
      await writeFile(join(folder, 'az'), `#!/bin/sh\n${program}\n`);
      await chmod(join(folder, 'az'), 0o700);
    }
    environment({ PATH: folder });
    const error = await attempt(connectTo(sandbox), 'azure-cli');
    expect([error.code, error.exitCode]).toEqual(['sign-in-not-set-up', 4]);
    expect(error.message).toContain(said);
    expect(error.message).not.toContain('opaque-token-value');
  });
});

/** An HTTPS server that gives everybody the same reply, and notes what it was sent. */
async function serve({ status, location, body }: { status: number; location?: string; body: string }) {
  const { certificate, privateKey, caCertificate } = await createServerCertificate();
  const seen: string[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, (message, response) => {
    seen.push(`${message.method} ${message.url}`);
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(location === undefined ? {} : { location }),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  const origin = `https://127.0.0.1:${address.port}`;
  return { authorityHost: origin, graphUrl: origin, caCertificate, seen };
}

describe('an authority that leads elsewhere', () => {
  const identity = ownIdentity(client, client);

  it('is not even asked where its endpoints are', async () => {
    const server = await serve({ status: 400, body: '{"error":"invalid_client"}' });
    const { connection, io } = connectTo(server);
    await failureOf(signInApplication(connection, identity, io.reveal));
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toContain(`/${client}/oauth2/v2.0/token`);
  });

  it('by a redirect is not followed: the secret stays here', async () => {
    const other = await serve({ status: 200, body: '{}' });
    const location = `${other.authorityHost}/token`;
    const server = await serve({ status: 307, location, body: '' });
    const { connection, io } = connectTo(server);
    const error = await failureOf(signInApplication(connection, identity, io.reveal));
    expect(error.code).toBe('reply-intercepted');
    expect(other.seen).toEqual([]);
  });
});

describe('a token of another provider', () => {
  it('that is not valid now says nothing of the clock here', () => {
    const refusal: OAuthError = {
      status: 401,
      error: 'invalid_client',
      description: '',
      numbers: [700024],
      suberror: '',
      claims: '',
      traceId: 'f00d',
    };
    const workload = { issuer: 'https://issuer.example', subject: 'repo:a/b', audience: 'api://x' };
    const pair = { presented: workload, configured: workload };
    const error = explainMismatch(signInError(refusal, 'application'), refusal, pair);
    expect([error.code, error.requestId]).toEqual(['credential-rejected', 'f00d']);
    expect(error.message).toContain('repo:a/b');
    expect(error.message).toContain('AADSTS700024');
    expect(error.remedy).toContain('new one');
  });
});
