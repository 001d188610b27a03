import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Settings } from '../../../src/cli/settings.ts';
import {
  openAdministrator,
  signInAdministrator,
} from '../../../src/commands/shared/sign-in-administrator.ts';

import type { Tenant } from '../../../src/sandbox/index.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { connectTo, failureOf, fakeBrowser } from '../../helpers/signing-in.ts';
import { createWorld } from '../../helpers/world.ts';
import { start, temporaryFolder } from '../../sandbox/start.ts';

const settings = (part: Partial<Settings> = {}): Settings => ({ ...part });
const policyId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const display = { DISPLAY: ':0' };
const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';

/** A browser that comes back with an error, as Entra's redirect does. */
const refusing = (error: string, description: string): string => `
  const asked = new URL(process.argv[1]).searchParams;
  const back = new URL(asked.get('redirect_uri'));
  back.searchParams.set('error', ${JSON.stringify(error)});
  back.searchParams.set('error_description', ${JSON.stringify(description)});
  back.searchParams.set('state', asked.get('state'));
  fetch(back)`;

const follow = `
  const follow = async (url) => (await fetch(url, { redirect: 'manual' })).headers.get('location')`;

/** A browser that takes its time for the page after the last redirect, and notes what it shows. */
const slow = `${follow};
  const show = async (url) => {
    const text = await (await fetch(url)).text();
    require('node:fs').appendFileSync(__dirname + '/log', text);
  };
  follow(process.argv[1]).then(follow).then((last) => setTimeout(show, 300, last))`;

describe('a sign-in by browser', () => {
  it('opens the address of the authority and comes back with a token', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { visits } = await fakeBrowser(sandbox.caCertificate);
    const { io, connection } = connectTo(sandbox, display);
    const session = await signInAdministrator(['browser'], settings(), connection, io);
    expect(session.claims.objectId).toBe(personId('ada'));
    const [visit] = await visits();
    expect(new URL(visit ?? '').origin).toBe(sandbox.origin);
    expect(visit).toContain('code_challenge=');
  });

  it('is not over for a slow browser before it shows its last page', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { visits } = await fakeBrowser(sandbox.caCertificate, slow);
    const { io, connection } = connectTo(sandbox, display);
    const patient = { ...connection, sleep: () => new Promise<void>(() => undefined) };
    await signInAdministrator(['browser'], settings(), patient, io);
    await vi.waitUntil(async () => (await visits()).length > 1, { timeout: 20_000 });
    expect(await visits()).toContain('<h1>You can close this window</h1>');
  });

  it('does not wait for ever for a browser that shows nothing', async () => {
    const { sandbox } = await start({ autoApprove: true });
    await fakeBrowser(sandbox.caCertificate, `${follow}; follow(process.argv[1]).then(follow)`);
    const { io, connection } = connectTo(sandbox, display);
    const session = await signInAdministrator(['browser'], settings(), connection, io);
    expect(session.claims.objectId).toBe(personId('ada'));
  });

  it.each([
    ['access_denied', 'AADSTS65004: User declined to consent to access the app.', 'sign-in-failed'],
    ['access_denied', 'AADSTS90094: The grant requires admin permission.', 'sign-in-consent'],
    ['access_denied', 'AADSTS90095: Admin approval is pending.', 'sign-in-consent'],
    ['access_denied', '', 'sign-in-failed'],
    ['invalid_grant', 'AADSTS50020: User account does not exist in tenant.', 'sign-in-wrong-tenant'],
  ])('that comes back with %s (%s) is %s', async (error, description, code) => {
    const { sandbox } = await start({ autoApprove: true });
    await fakeBrowser(sandbox.caCertificate, refusing(error, description));
    const { io, connection } = connectTo(sandbox, display);
    const failure = await failureOf(signInAdministrator(['browser'], settings(), connection, io));
    expect([failure.code, failure.exitCode]).toEqual([code, 4]);
    const number = /AADSTS\d+/.exec(description)?.[0] ?? error;
    expect(failure.message).toContain(`(${number})`);
  });

  it('opens nothing where Entra cannot be reached', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { visits } = await fakeBrowser(sandbox.caCertificate);
    await sandbox.stop();
    const { io, connection } = connectTo(sandbox, display);
    const failure = await failureOf(openAdministrator(['browser'], settings(), connection, io));
    expect([failure.code, failure.exitCode]).toEqual(['unreachable', 7]);
    expect(await visits()).toEqual([]);
  });

  it('does not call a tenant absent where Entra cannot be reached', async () => {
    const { sandbox } = await start({ autoApprove: true });
    await sandbox.stop();
    const { io, connection, shown } = connectTo(sandbox, display);
    const named = settings({ tenant: 'contoso.com' });
    const failure = await failureOf(openAdministrator(['browser'], named, connection, io));
    expect(failure.code).toBe('unreachable');
    expect(shown()).toContain('The tenant could not be looked up');
    expect(shown()).not.toContain('not found');
  });

  it('that nobody finishes ends when the run is stopped', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const stop = new AbortController();
    const { visits } = await fakeBrowser(sandbox.caCertificate, '0');
    const { io, connection } = connectTo(sandbox, display, stop.signal);
    const failing = failureOf(signInAdministrator(['browser'], settings(), connection, io));
    await vi.waitUntil(async () => (await visits()).length > 0, { timeout: 20_000 });
    stop.abort();
    expect([(await failing).code, (await failing).exitCode]).toEqual(['cancelled', 130]);
  });

  it('does not even begin where none can open', async () => {
    const { sandbox } = await start({ autoApprove: true });
    const { io, connection } = connectTo(sandbox);
    const failure = await failureOf(signInAdministrator(['browser'], settings(), connection, io));
    expect([failure.code, failure.exitCode]).toEqual(['browser-missing', 4]);
    expect(failure.remedy).toContain('--auth device-code');
    expect(sandbox.requests).toEqual([]);
  });
});

describe('another way in', () => {
  it.each(['50005', '50097', '50129', '50131', '53000', '53001', '53002', '53003', '530032'])(
    'is the device code where AADSTS%s blocks the browser',
    async (number) => {
      const { sandbox } = await start({ autoApprove: true });
      await fakeBrowser(sandbox.caCertificate, refusing('access_denied', `AADSTS${number}: Blocked.`));
      const { io, connection, shown } = connectTo(sandbox, display);
      const ways = ['browser', 'device-code'] as const;
      const session = await signInAdministrator(ways, settings(), connection, io);
      expect(session.claims.objectId).toBe(personId('ada'));
      expect(shown()).toMatch(new RegExp(`AADSTS${number}\\) Trying another way to sign in`));
      expect(shown()).toContain('/devicelogin');
      expect(shown()).toMatch(/^Sign in as an administrator, in any browser on any device:$/m);
    },
  );

  it('is the browser where a policy blocks the device code, and the policy is named', async () => {
    const { sandbox } = await start({ scenarios: ['device-code-blocked'], autoApprove: true });
    const { visits } = await fakeBrowser(sandbox.caCertificate);
    const { io, connection, shown } = connectTo(sandbox, display);
    const ways = ['device-code', 'browser'] as const;
    const session = await signInAdministrator(ways, settings(), connection, io);
    expect(session.claims.objectId).toBe(personId('ada'));
    expect(shown()).toContain(`Policy: ${sandbox.tenant.deviceCodeBlockedBy[0]}`);
    expect(await visits()).toHaveLength(1);
  });

  it('is not tried where it cannot help', async () => {
    const { sandbox } = await start({ autoApprove: true });
    await fakeBrowser(sandbox.caCertificate, refusing('access_denied', 'AADSTS65004: Declined.'));
    const { io, connection, shown } = connectTo(sandbox, display);
    const ways = ['browser', 'device-code'] as const;
    const failure = await failureOf(signInAdministrator(ways, settings(), connection, io));
    expect(failure.message).toContain('AADSTS65004');
    expect(shown()).not.toContain('/devicelogin');
  });
});

const disableAda = (tenant: Tenant): void => {
  for (const user of tenant.users) if (user.id === personId('ada')) user.accountEnabled = false;
};

/** An own public client that asks for what only an administrator may consent to. */
const ownClient = (tenant: Tenant): string => {
  const application = tenant.applications.find(({ displayName }) => displayName === 'Sandbox automation');
  const graph = tenant.servicePrincipals.find(({ displayName }) => displayName === 'Microsoft Graph');
  const scope = graph?.oauth2PermissionScopes.find(({ value }) => value === 'Directory.Read.All');
  if (!application || !graph || !scope) throw new Error('the tenant is not as expected');
  application.properties['isFallbackPublicClient'] = true;
  application.requiredResourceAccess = [
    { resourceAppId: graph.appId, resourceAccess: [{ id: scope.id, type: 'Scope' }] },
  ];
  return application.appId;
};

describe('setup tells why nobody is signed in', () => {
  const args = ['--sandbox', '--yes', '--json'];

  it('a policy blocks the device code: its id, exit code 4, nothing written', async () => {
    const world = await createWorld({ scenarios: ['device-code-blocked'] });
    const run = await world.run([...args, '--auth', 'device-code']);
    const { error } = run.json();
    expect([run.code, error?.code]).toEqual([4, 'sign-in-blocked']);
    expect(error?.message).toMatch(policyId);
    expect(error?.remedy).toContain('--auth browser');
    expect(run.stderr).toMatch(/sign-in-blocked, request-id [0-9a-f-]{36}/);
    expect(world.newWrites()).toEqual([]);
  });

  it('the account is disabled', async () => {
    const world = await createWorld({ adjust: disableAda });
    const run = await world.run(args);
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-failed']);
    expect(run.json().error?.message).toBe('The account is disabled. (AADSTS50057)');
  });

  it('the program used for sign-in needs the consent of an administrator', async () => {
    const world = await createWorld({ scenarios: ['no-roles'] });
    const client = ownClient(world.sandbox.tenant);
    const alone = await world.run([...args, '--login-client-id', client]);
    expect(alone.json().error?.message).toContain('AADSTS50194');
    expect(alone.json().error?.remedy).toContain('--tenant');
    expect(alone.stderr).not.toContain('undefined');
    const run = await world.run([...args, '--login-client-id', client, '--tenant', 'contoso.com']);
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-consent']);
    expect(run.json().error?.message).toContain('AADSTS90094');
    expect(run.json().error?.remedy).toContain('--login-client-id');
  });

  it('the tenant does not know the program used for sign-in', async () => {
    const world = await createWorld();
    const run = await world.run([...args, '--login-client-id', 'a6f5b0f4-3c8e-4b7c-9c9a-0a1b2c3d4e5f']);
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-client']);
    expect(run.json().error?.message).toContain('AADSTS700016');
    expect(run.json().error?.remedy).toContain('--login-client-id');
  });

  it('Graph Command Line Tools asks by name for what the job needs, and serves who may consent', async () => {
    const world = await createWorld();
    const run = await world.run([...args, '--login-client-id', graphTools]);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    const reader = await createWorld({ scenarios: ['no-roles'] });
    const refused = await reader.run([...args, '--login-client-id', graphTools]);
    expect([refused.code, refused.json().error?.code]).toEqual([4, 'sign-in-consent']);
    expect(refused.json().error?.message).toContain('Only an administrator may consent');
  });

  it('the sign-in landed in another tenant than the one that is pinned, before anything is written', async () => {
    const world = await createWorld();
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({
      tid: '99999999-8888-4777-8666-555555555555',
      oid: personId('ada'),
      scp: 'User.Read',
    });
    const token = { accessToken: `${part({ alg: 'none' })}.${claims}.x`, expires_on: 4_102_444_800 };
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'az'), `#!/bin/sh\necho '${JSON.stringify(token)}'\n`, { mode: 0o700 });
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('PATH', folder);
    const run = await world.run([...args, '--auth', 'azure-cli', '--tenant', 'contoso.com']);
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-wrong-tenant']);
    expect(run.stderr + run.stdout).not.toContain(token.accessToken);
    expect(world.newWrites()).toEqual([]);
  });

  it.each([
    ['HTTPS_PROXY', '127.0.0.1:9'],
    ['https_proxy', 'proxy.example'],
    ['ALL_PROXY', '//127.0.0.1:9'],
    ['HTTP_PROXY', 'none'],
  ])('what @azure/identity would make of %s=%s: the way is ours alone', async (name, value) => {
    const world = await createWorld();
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv(name, value);
    const run = await world.run([...args, '--yes']);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
  });

  it('the environment lacks what a job signs in with: every variable is named', async () => {
    const world = await createWorld();
    const run = await world.run([...args, '--auth', 'environment'], { env: { AZURE_CLIENT_ID: 'x' } });
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-not-set-up']);
    expect(run.json().error?.message).toBe(
      'For --auth environment the environment lacks AZURE_TENANT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH).',
    );
    const workload = await world.run([...args, '--auth', 'workload-identity', '--tenant', 'contoso.com']);
    expect(workload.json().error?.message).toBe(
      'For --auth workload-identity the environment lacks AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.',
    );
  });
});
