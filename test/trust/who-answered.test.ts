import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDirectory } from '../../src/commands/shared/connection.ts';
import { signInAdministrator } from '../../src/commands/shared/sign-in-administrator.ts';
import { Secret } from '../../src/core/secret.ts';
import { type Session, signInApplication } from '../../src/entra/sign-in.ts';
import { probeTenant } from '../../src/entra/tenant-probe.ts';
import { DirectoryError, graphError } from '../../src/graph/directory-error.ts';
import { filterPage, replyBytes, startHostileServer } from '../helpers/hostile-server.ts';
import { connectTo, failureOf } from '../helpers/signing-in.ts';
import { runProcess } from '../helpers/tenants.ts';
import { temporaryFolder } from '../sandbox/start.ts';

const id = '11111111-2222-4333-8444-555555555555';

const json = (status: string, body: unknown): Buffer =>
  replyBytes(status, { 'content-type': 'application/json' }, JSON.stringify(body));

const reach = async (bytes: Uint8Array | string) => {
  const server = await startHostileServer((_text, socket) => socket.end(bytes));
  const { origin, caCertificate } = server;
  return { ...server, client: connectTo({ authorityHost: origin, graphUrl: origin, caCertificate }) };
};

const foreign: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a page that forbids it', filterPage()],
  ['a page that wants a sign-in', filterPage('401 Unauthorized')],
  ['a page that knows nothing there', filterPage('404 Not Found')],
  ['a page that is a success', filterPage('200 OK')],
  ['a redirect to a portal', replyBytes('302 Found', { location: 'https://portal.example/' })],
  ['nothing but a status', replyBytes('403 Forbidden', {})],
  ['an error of another kind', json('403 Forbidden', { error: 'Forbidden' })],
  ['an error by number', json('403 Forbidden', { error: { code: 403, message: 'Blocked' } })],
  ['a message', json('400 Bad Request', { message: 'Blocked', status: 400 })],
  ['a text', json('409 Conflict', 'conflict')],
];

const session: Session = {
  method: 'environment',
  token: async () => 'plainly-fake-token',
  claims: {
    ...{ tenantId: id, objectId: id, clientId: id, identityType: 'app', roles: [], scopes: [] },
    ...{ name: undefined, wids: [] },
  },
};

async function askGraph(bytes: Uint8Array | string) {
  const { client } = await reach(bytes);
  const directory = openDirectory(client.connection, session, client.io, () => undefined);
  const work = directory.send({ method: 'GET', path: '/me', purpose: 'read who is signed in' });
  return work.then(
    () => ({ error: undefined }),
    (error: unknown) => ({ error }),
  );
}

describe('a reply in place of Microsoft Graph', () => {
  it.each(foreign)('is not told as its refusal: %s', async (_name, bytes) => {
    const { error } = await askGraph(bytes);
    if (!(error instanceof DirectoryError)) throw error;
    const told = graphError(error);
    expect([told.code, told.exitCode]).toEqual(['reply-intercepted', 7]);
    expect(told.message).toMatch(/proxy or filter in between/);
    if (bytes.includes('<title>')) expect(told.message).toContain('"Access blocked", server: ExampleFilter');
  });

  it.each(['401 Unauthorized', '403 Forbidden', '404 Not Found'])(
    'is told apart from its own: %s',
    async (status) => {
      const { error } = await askGraph(json(status, { error: { code: '', message: '' } }));
      if (!(error instanceof DirectoryError)) throw error;
      expect(graphError(error).code).not.toBe('reply-intercepted');
    },
  );

  it('is a page that may be a gateway of its own: nobody can tell', async () => {
    const { error } = await askGraph(filterPage('503 Service Unavailable'));
    if (!(error instanceof DirectoryError)) throw error;
    expect(graphError(error).code).toBe('service-unavailable');
    expect(graphError(error).message).toContain('or a proxy or filter in between');
  });
});

describe('a reply in place of Entra', () => {
  const identity = {
    tenantId: id,
    clientId: id,
    credential: { kind: 'secret', secret: Secret.of('plainly-fake-secret') },
  } as const;

  it.each(foreign)('is not told as its refusal: %s', async (_name, bytes) => {
    const { client } = await reach(bytes);
    const { connection, io } = client;
    const failures = [
      await failureOf(signInApplication(connection, identity, io.reveal)),
      await failureOf(probeTenant(connection.cloud, connection.transport, id)),
      await failureOf(signInAdministrator(['device-code'], {}, connection, io)),
    ];
    for (const { code, exitCode, message } of failures) {
      expect([code, exitCode]).toEqual(['reply-intercepted', 7]);
      expect(message).toMatch(/proxy or filter in between/);
    }
  });

  it.each([
    ['a number', 7],
    ['a text with a line break', 'a\nb'],
    ['a text with another character', 'a\u2028b'],
    ['an empty text', ''],
    ['nothing', undefined],
    ['a list', ['x']],
  ])('that has %s for a token gives no token', async (_name, access_token) => {
    const { client, requests } = await reach(
      json('200 OK', { token_type: 'Bearer', expires_in: 3599, access_token }),
    );
    const error = await failureOf(signInApplication(client.connection, identity, client.io.reveal));
    expect(error.exitCode).toBe(7);
    expect(requests.length).toBeLessThan(8);
  });
});

const code = {
  user_code: 'ABCD1234',
  device_code: 'held-by-the-client-alone',
  verification_uri: 'https://login.example/device',
  expires_in: 900,
  interval: 5,
};

describe('a device code', () => {
  it.each<[string, Record<string, unknown>]>([
    ['no interval', { interval: undefined }],
    ['an interval of nothing', { interval: 0 }],
    ['a negative interval', { interval: -5 }],
    ['an interval that is a text', { interval: '5' }],
    ['an interval of hours', { interval: 9_999 }],
    ['no code', { user_code: undefined }],
    ['an empty code', { user_code: ' ' }],
    ['a code that is a number', { user_code: 7 }],
    ['no address', { verification_uri: undefined }],
    ['no code of its own', { device_code: undefined }],
    ['no end', { expires_in: undefined }],
    ['an end that is a text', { expires_in: '900' }],
    ['an end in years', { expires_in: 1e9 }],
  ])('with %s is not what Entra sends: nothing is shown, and nobody polls', async (_name, part) => {
    const { client, requests } = await reach(json('200 OK', { ...code, ...part }));
    const { connection, io, shown } = client;
    const error = await failureOf(signInAdministrator(['device-code'], {}, connection, io));
    expect(error.exitCode).toBe(7);
    expect(shown()).not.toContain('ABCD1234');
    expect(requests.filter((text) => text.includes('/token'))).toEqual([]);
  });
});

const program = join(import.meta.dirname, '../../bin/reporting-setup.js');
const built = existsSync(join(import.meta.dirname, '../../dist/main.js'));

describe.skipIf(!built)('the built program', () => {
  it('ends with one document where nothing is left that could end it', async () => {
    const folder = await temporaryFolder();
    // A connection that never comes about, and keeps no process alive.
    const deaf =
      "import { Socket } from 'node:net'; Socket.prototype.connect = function () { return this; };";
    const node = ['--import', `data:text/javascript,${encodeURIComponent(deaf)}`];
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      AZURE_TENANT_ID: id,
      AZURE_CLIENT_ID: id,
      AZURE_CLIENT_SECRET: 'plainly-fake-secret',
    };
    const argv = ['setup', '--yes', '--json', '--auth', 'environment'];
    const ended = await runProcess(process.execPath, [...node, program, ...argv], { cwd: folder, env });
    expect([ended.code, JSON.parse(ended.stdout).error.code]).toEqual([1, 'unexpected']);
    expect(ended.stderr).toContain('Nothing is left to wait for');
  });

  it.each([
    ['turns the connection into something else', 'HTTP/1.1 101 Odd\r\n\r\n'],
    ['hangs up', ''],
    ['is a filter', filterPage()],
  ])('ends with exit code 7 and one document where whoever answers %s', async (_name, bytes) => {
    const server = await startHostileServer((_text, socket) => socket.end(bytes));
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'ca.pem'), server.caCertificate);
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      AZURE_TENANT_ID: id,
      AZURE_CLIENT_ID: id,
      AZURE_CLIENT_SECRET: 'plainly-fake-secret',
    };
    const argv = ['--authority-host', server.origin, '--graph-url', server.origin, '--timeout', '2s'];
    const ended = await runProcess(
      process.execPath,
      [program, 'setup', '--yes', '--json', '--auth', 'environment', ...argv],
      { cwd: folder, env },
    );
    expect([ended.code, JSON.parse(ended.stdout).exitCode]).toEqual([7, 7]);
  });
});
