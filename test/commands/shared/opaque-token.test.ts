import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Connection, openDirectory } from '../../../src/commands/shared/connection.ts';
import {
  openAdministrator,
  signedInAs,
  signInAdministrator,
} from '../../../src/commands/shared/sign-in-administrator.ts';
import type { Session, TokenClaims } from '../../../src/entra/sign-in.ts';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { observeAccount } from '../../../src/tenant/account/account.ts';
import { rightsOf } from '../../../src/tenant/account/rights.ts';
import { unseen } from '../../../src/tenant/model.ts';
import { connectTo, failureOf } from '../../helpers/signing-in.ts';
import { start, temporaryFolder } from '../../sandbox/start.ts';

const opaque = 'EwB-opaque-to-everybody-but-Graph';

/** A cloud whose tokens nobody but its Graph can read: the real one travels behind our back. */
async function connectOpaquely(sandbox: Sandbox, real: string) {
  const folder = await temporaryFolder();
  const answer = JSON.stringify({ accessToken: opaque, expires_on: 4_102_444_800 });
  await writeFile(join(folder, 'az'), `#!/bin/sh\necho '${answer}'\n`, { mode: 0o700 });
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('PATH', folder);
  const { io, connection, shown } = connectTo(sandbox);
  const fetch: Connection['transport']['fetch'] = (url, init = {}) => {
    const headers = Object.entries(init.headers ?? {}).map(([name, value]) => [
      name,
      value === `Bearer ${opaque}` ? `Bearer ${real}` : value,
    ]);
    return connection.transport.fetch(url, { ...init, headers: Object.fromEntries(headers) });
  };
  return { io, shown, connection: { ...connection, transport: { ...connection.transport, fetch } } };
}

async function tokenOf(sandbox: Sandbox, kind: 'person' | 'application'): Promise<string> {
  const { io, connection } = connectTo(sandbox);
  if (kind === 'person') return (await signInAdministrator(['device-code'], {}, connection, io)).token();
  const { clientId, clientSecret } = sandbox.automation;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${sandbox.graphUrl}/.default`,
  });
  const url = `${sandbox.authorityHost}/${sandbox.tenantId}/oauth2/v2.0/token`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await connection.transport.fetch(url, { method: 'POST', headers, body: String(body) });
  return String(((await reply.json()) as { access_token: string }).access_token);
}

async function observed(session: Session, connection: Connection, io: ReturnType<typeof connectTo>['io']) {
  const directory = openDirectory(connection, session, io, () => undefined);
  const input = { signedIn: signedInAs(session), clientId: undefined, onlyClientId: false };
  return observeAccount({ directory, cloud: connection.cloud, now: io.now }, input);
}

describe('a token that nobody can read', () => {
  it('is of the person whom Graph names, with the roles and in the tenant that Graph names', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { io, connection } = await connectOpaquely(sandbox, await tokenOf(sandbox, 'person'));
    const session = await openAdministrator(['azure-cli'], { tenant: 'contoso.com' }, connection, io);
    expect(session.claims).toMatchObject({ tenantId: sandbox.tenantId, roles: undefined });
    const account = await observed(session, connection, io);
    expect(account).toMatchObject({ kind: 'user', id: personId('ada'), name: 'ada@contoso.com' });
    expect(account.roles?.map(({ displayName }) => displayName)).toEqual(['Global Administrator']);
    expect(rightsOf({ ...unseen, account }).grant).toBe('yes');
  });

  it('is of an application where Graph says so, whose rights cannot be told and are not denied', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { io, connection } = await connectOpaquely(sandbox, await tokenOf(sandbox, 'application'));
    const session = await openAdministrator(['azure-cli'], {}, connection, io);
    const account = await observed(session, connection, io);
    expect(account).toMatchObject({ kind: 'application', permissions: undefined });
    expect(rightsOf({ ...unseen, account })).toEqual({
      read: 'unknown',
      register: 'unknown',
      credential: 'unknown',
      grant: 'unknown',
    });
  });

  it('does not get past --tenant: the tenant is the one that Graph names', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { io, connection } = await connectOpaquely(sandbox, await tokenOf(sandbox, 'person'));
    const issuer = 'https://sts.windows.net/99999999-8888-4777-8666-555555555555/';
    const body = JSON.stringify({ issuer });
    const read = async () => ({ status: 200, body, header: () => null, retryAfter: undefined });
    const elsewhere = { ...connection, transport: { ...connection.transport, read } };
    const failure = await failureOf(
      openAdministrator(['azure-cli'], { tenant: 'other.test' }, elsewhere, io),
    );
    expect([failure.code, failure.exitCode]).toEqual(['sign-in-wrong-tenant', 4]);
    expect(failure.message).toContain(sandbox.tenantId);
  });
});

describe('who is signed in', () => {
  const nothing: TokenClaims = {
    tenantId: undefined,
    objectId: undefined,
    clientId: undefined,
    identityType: undefined,
    roles: undefined,
    scopes: [],
    name: undefined,
    wids: [],
  };
  it.each<[string, Session['method'], Partial<TokenClaims>, string]>([
    ['an opaque token from a browser', 'browser', {}, 'user'],
    ['an opaque token by device code', 'device-code', {}, 'user'],
    ['an opaque token from Azure CLI', 'azure-cli', {}, 'unknown'],
    ['an opaque token by the environment', 'environment', {}, 'unknown'],
    ['an opaque token of a workload', 'workload-identity', {}, 'application'],
    ['an opaque token of a managed identity', 'managed-identity', {}, 'application'],
    ['a token of type app', 'azure-cli', { roles: [], identityType: 'app' }, 'application'],
    ['a token of type user', 'azure-cli', { roles: [], identityType: 'user' }, 'user'],
    ['a token with scopes', 'azure-cli', { roles: [], scopes: ['User.Read'] }, 'user'],
    ['a token with roles alone', 'azure-cli', { roles: ['AuditLog.Read.All'], name: 'ci' }, 'application'],
    ['a token of a nameless client', 'azure-cli', { roles: [], clientId: 'x' }, 'application'],
    ['a token with a name alone', 'azure-cli', { roles: [], name: 'ci' }, 'unknown'],
  ])('%s', (_name, method, part, kind) => {
    const signedIn = signedInAs({ method, claims: { ...nothing, ...part } });
    expect([signedIn.kind, signedIn.permissions]).toEqual([kind, part.roles]);
  });
});
