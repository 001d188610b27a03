import { describe, expect, it } from 'vitest';
import { createWorld } from '../../helpers/world.ts';
import { find, loud, ready, verdicts } from './verify-admin-helpers.ts';

const day = 86_400_000;

const secret = (now: number, name: string, ends: number) => ({
  customKeyIdentifier: null,
  displayName: name,
  startDateTime: new Date(now - 400 * day).toISOString(),
  endDateTime: new Date(ends).toISOString(),
  hint: 'abc',
  keyId: crypto.randomUUID(),
  secretHash: 'none',
  usableFrom: 0,
});

const certificate = (now: number, name: string) => ({
  customKeyIdentifier: null,
  displayName: name,
  startDateTime: new Date(now - day).toISOString(),
  endDateTime: new Date(now + 90 * day).toISOString(),
  key: 'AAAA',
  keyId: crypto.randomUUID(),
  type: 'AsymmetricX509Cert',
  usage: 'Verify',
  usableFrom: 0,
});

describe('verify --admin', () => {
  it("names credentials that may be another machine's, and those that have ended apart", async () => {
    const { application, principal, verify } = await ready();
    const now = Date.now();
    const other = secret(now, 'Laptop of Bob', now + 90 * day);
    const ended = secret(now, 'Old one', now - day);
    application.passwordCredentials.push(other, ended);
    application.keyCredentials.push(certificate(now, 'CN=somebody'));
    application.federatedIdentityCredentials.push({
      id: crypto.randomUUID(),
      name: 'ci',
      issuer: 'https://token.actions.githubusercontent.com',
      subject: 'repo:octo/app:ref:refs/heads/main',
      audiences: ['api://AzureADTokenExchange'],
      description: null,
      usableFrom: 0,
    });
    principal.passwordCredentials.push(secret(now, 'Back door', now + day));
    const run = await verify();
    expect(run.code).toBe(6);
    expect(verdicts(run, ...loud(run))).toEqual({
      'app.secrets': 'warn credential-excess',
      'app.certificates': 'warn credential-excess',
      'app.federatedCredentials': 'warn credential-excess',
      'app.expiredCredentials': 'warn credential-leftover',
      'app.hiddenCredentials': 'warn credential-hidden',
    });
    const evidence = find(run, 'app.secrets')?.evidence ?? '';
    expect(evidence).toContain("another machine's");
    expect(evidence).toContain(
      `"Laptop of Bob" (key ID ${other.keyId}, ends ${other.endDateTime.slice(0, 10)})`,
    );
    expect(evidence).not.toContain('Old one');
    expect(find(run, 'app.expiredCredentials')?.evidence).toContain(ended.keyId);
    expect(find(run, 'app.hiddenCredentials')?.evidence).toContain('Back door');
    expect(find(run, 'app.federatedCredentials')?.evidence).toContain('repo:octo/app:ref:refs/heads/main');
  });

  it('only mentions a credential that has ended: nothing depends on it', async () => {
    const { application, verify } = await ready();
    application.passwordCredentials.push(secret(Date.now(), 'Old one', Date.now() - day));
    const run = await verify();
    expect([run.code, ...loud(run)]).toEqual([0, 'app.expiredCredentials']);
  });

  it("fails where the file's own credential is not listed any more, although others are", async () => {
    const { application, verify } = await ready();
    const [own] = application.passwordCredentials;
    application.passwordCredentials = [secret(Date.now(), 'Another', Date.now() + 90 * day)];
    const run = await verify();
    expect(run.code).toBe(3);
    expect(verdicts(run, 'credential.registered', 'credential.token', 'app.secrets')).toEqual({
      'credential.registered': 'fail credential-unregistered',
      'credential.token': 'fail credential-rejected',
      'app.secrets': 'warn credential-excess',
    });
    expect(find(run, 'credential.registered')?.evidence).toContain(own?.keyId);
  });

  it.each([
    ['passwordAddition', null, 'policy-blocks-secrets', 'now blocks client secrets'],
    ['passwordLifetime', 'P180D', 'policy-caps-lifetime', 'the tenant now allows 180 days'],
  ] as const)(
    'foretells what the policy %s does to the next secret',
    async (restrictionType, maxLifetime, code, words) => {
      const { world, verify } = await ready();
      const { defaultAppManagementPolicy: policy } = world.sandbox.tenant;
      policy.isEnabled = true;
      policy.applicationRestrictions.passwordCredentials = [
        {
          restrictionType,
          state: 'enabled',
          maxLifetime,
          restrictForAppsCreatedAfterDateTime: '2021-01-01T00:00:00Z',
        },
      ];
      const run = await verify();
      expect([run.code, ...loud(run)]).toEqual([6, 'policy.credential']);
      expect(verdicts(run, 'policy.credential')).toEqual({ 'policy.credential': `warn ${code}` });
      expect(run.stderr).toContain(words);
    },
  );
});

describe('verify --admin of another credential', () => {
  it.each([
    ['certificate', [], 'app.certificates', 'none but what the file names'],
    ['federated', ['--github', 'octo/app'], 'app.federatedCredentials', 'none but what the file names'],
  ] as const)('finds the %s in its place', async (kind, more, id, evidence) => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes', '--credential', kind, ...more]);
    world.pass(60_000);
    world.newWrites();
    const run = await world.run(['verify', '--sandbox', '--admin', '--json']);
    expect([run.code, loud(run)]).toEqual([0, []]);
    expect(verdicts(run, 'credential.registered', 'policy.credential', 'role.credential')).toEqual({
      'credential.registered': 'pass',
      'policy.credential': 'pass',
      'role.credential': 'pass',
    });
    expect(find(run, id)?.evidence).toBe(evidence);
    expect(find(run, 'app.secrets')?.evidence).toBe('none');
    expect(world.newWrites()).toEqual([]);
  });
});
