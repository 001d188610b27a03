import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { testCertificate } from '../../helpers/pem.ts';
import { createWorld, type World } from '../../helpers/world.ts';
import { applicationIn, certificateRun, checkOf, day, pemIn, secretRun } from './certificate-helpers.ts';

describe('where policy has a say', () => {
  const capKeys = (days: number) => ({
    adjust: (tenant: World['sandbox']['tenant']) => {
      tenant.defaultAppManagementPolicy.isEnabled = true;
      tenant.defaultAppManagementPolicy.applicationRestrictions.keyCredentials = [
        {
          restrictionType: 'asymmetricKeyLifetime',
          state: 'enabled' as const,
          maxLifetime: `P${days}D`,
          restrictForAppsCreatedAfterDateTime: '2021-01-01T00:00:00Z',
        },
      ];
    },
  });

  it("shortens a new certificate to the tenant's cap, and says so", async () => {
    const world = await createWorld(capKeys(90));
    const run = await world.run(certificateRun);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('90 days');
    const left = Date.parse(run.json().credential?.['expires'] ?? '') - Date.now();
    expect(Math.abs(left - 90 * day)).toBeLessThan(2 * day);
  });

  it("does all the rest where one's own certificate is valid for too long", async () => {
    const world = await createWorld(capKeys(90));
    const own = await testCertificate();
    await writeFile(pemIn(world, 'own.pem'), own.certificate + own.key, { mode: 0o600 });
    const run = await world.run([...certificateRun, '--certificate-file', 'own.pem']);
    expect([run.code, checkOf(run, 'policy.credential')?.code]).toEqual([3, 'policy-caps-lifetime']);
    expect(run.json().changes.map(({ kind }) => kind)).toContain('appRoleAssignment');
  });

  it('names the way out where secrets are blocked, and takes it when told', async () => {
    const world = await createWorld({ scenarios: ['secrets-blocked'] });
    const blocked = await world.run(['--sandbox', '--yes', '--json']);
    expect([blocked.code, checkOf(blocked, 'policy.credential')?.code]).toEqual([3, 'policy-blocks-secrets']);
    expect(checkOf(blocked, 'policy.credential')?.remedy).toContain('--credential certificate');
    world.pass(60_000);
    const run = await world.run(certificateRun);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
  });

  it('offers a person the certificate before anything is written', async () => {
    const world = await createWorld({ scenarios: ['secrets-blocked'] });
    const argv = [
      '--sandbox',
      '--domain',
      'contoso.com',
      '--api',
      'microsoft-graph',
      '--output',
      'reporting-setup.json',
    ];
    const stopped = await world.run(argv, { keys: [['blocks client secrets', '\u001b[B\r']] });
    expect(stopped.code).toBe(3);
    expect(world.newWrites()).toEqual([]);
    const run = await world.run(argv, {
      keys: [
        ['blocks client secrets', '\r'],
        ['Go ahead', '\r'],
      ],
    });
    expect(run.code).toBe(0);
    expect(await world.config()).toMatchObject({ credential: { kind: 'certificate' } });
  });

  /** The policy comes into force between the look at it and the first write. */
  function blockSecretsLater(world: World): void {
    const { defaultAppManagementPolicy: policy } = world.sandbox.tenant;
    world.sandbox.faults.add({
      matches: ({ request }) => {
        if (request.method !== 'POST' || !request.url.pathname.endsWith('/applications')) return false;
        policy.isEnabled = true;
        policy.applicationRestrictions.passwordCredentials = [
          {
            restrictionType: 'passwordAddition',
            state: 'enabled',
            maxLifetime: null,
            restrictForAppsCreatedAfterDateTime: null,
          },
        ];
        return false;
      },
      fault: { kind: 'reset' },
      when: 'before',
    });
  }

  it('tells the way out where only the refusal shows the policy', async () => {
    const world = await createWorld();
    blockSecretsLater(world);
    const run = await world.run(secretRun);
    expect([run.code, run.json().error?.code]).toEqual([3, 'policy-blocks-secrets']);
    expect(run.json().error?.remedy).toContain('--credential certificate');
  });

  it('offers a person the certificate then, and keeps what was made until then', async () => {
    const world = await createWorld();
    blockSecretsLater(world);
    const argv = [
      ...['--sandbox', '--credential', 'secret', '--domain', 'contoso.com', '--api', 'microsoft-graph'],
      ...['--output', 'reporting-setup.json', '--secret-lifetime', '1y'],
    ];
    const run = await world.run(argv, {
      keys: [
        ['Go ahead', '\r'],
        ['blocks client secrets', '\r'],
      ],
    });
    expect(run.code).toBe(0);
    expect(await world.config()).toMatchObject({ credential: { kind: 'certificate' } });
    const application = await applicationIn(world);
    expect([application.passwordCredentials.length, application.keyCredentials.length]).toEqual([0, 1]);
    expect((await readdir(world.folder)).sort()).toEqual(['reporting-setup.json', 'reporting-setup.pem']);
  });
});
