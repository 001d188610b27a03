import { describe, expect, it } from 'vitest';
import { createWorld, type Typed } from '../../helpers/world.ts';
import { look } from './roles-helpers.ts';

const defaults: readonly Typed[] = [['Go ahead?', '\r']];

describe('a tenant without a premium licence', () => {
  it('goes on with audit logs alone, and says so', async () => {
    const world = await createWorld({ scenarios: ['no-premium'] });
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect(run.code).toBe(6);
    const { checks } = run.json();
    expect(checks.find(({ id }) => id === 'licence.premium')?.status).toBe('warn');
    expect(checks.find(({ id }) => id === 'api.directoryAudits')?.status).toBe('pass');
    expect(checks.find(({ id }) => id === 'api.signIns')).toMatchObject({
      status: 'warn',
      code: 'licence-missing',
    });
  });

  it('asks first in a terminal', async () => {
    const world = await createWorld({ scenarios: ['no-premium'] });
    const ask = 'Go on with audit logs alone?';
    const stopped = await world.run(['--sandbox'], {
      keys: [[ask, 'n\r']],
      columns: 400,
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('Stopped before the first change. Nothing was changed.');
    expect(world.newWrites()).toEqual([]);
    const run = await world.run(['--sandbox'], {
      keys: [[ask, '\r'], ...defaults],
      columns: 400,
    });
    expect(run.code).toBe(6);
  });
});

describe('policies about credentials', () => {
  it('shorten the lifetime, and that is said', async () => {
    const world = await createWorld({ scenarios: ['lifetime-cap'] });
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('the tenant caps the lifetime at 180 days: it is shortened to that');
  });

  it('do not bind an application that is older than they are', async () => {
    const world = await createWorld({
      scenarios: ['lifetime-cap'],
      adjust: (tenant) => {
        for (const one of tenant.defaultAppManagementPolicy.applicationRestrictions.passwordCredentials) {
          one.restrictForAppsCreatedAfterDateTime = '2026-01-01T00:00:00Z';
        }
      },
    });
    const old = world.sandbox.tenant.applications.find(({ displayName }) =>
      displayName.startsWith('Reporting'),
    );
    expect(old?.createdDateTime.slice(0, 4)).toBe('2024');
    const run = await world.run(['--sandbox', '--yes', '--json', '--client-id', old?.appId ?? '']);
    expect(run.code).toBe(0);
    expect(run.json().checks.find(({ id }) => id === 'policy.credential')?.evidence).toBe(
      'no restriction applies',
    );
    const years = Date.parse(run.json().credential?.['expires'] ?? '') - Date.now();
    expect(years / 86_400_000).toBeGreaterThan(700);
  });

  it.each([
    ['secret', 'passwordCredentials', 'passwordLifetime', 'P180D', 90],
    ['certificate', 'keyCredentials', 'asymmetricKeyLifetime', 'P200D', 182],
  ] as const)(
    'shorten the lifetime where only a refusal shows them: %s',
    async (kind, list, restrictionType, maxLifetime, days) => {
      const world = await createWorld({
        scenarios: ['no-roles'],
        adjust: ({ defaultAppManagementPolicy: policy }) => {
          policy.isEnabled = true;
          policy.applicationRestrictions[list] = [
            { restrictionType, state: 'enabled', maxLifetime, restrictForAppsCreatedAfterDateTime: null },
          ];
        },
      });
      const run = await world.run(['--sandbox', '--yes', '--json', '--credential', kind], { columns: 400 });
      const document = run.json();
      expect([run.code, document.error, document.handOff?.commands.length]).toEqual([5, undefined, 2]);
      expect(run.stderr).toContain('A policy of this tenant allows no credential that is valid for');
      const left = (Date.parse(document.credential?.['expires'] ?? '') - Date.now()) / 86_400_000;
      expect(Math.abs(left - days)).toBeLessThan(4);
      const application = world.sandbox.tenant.applications.find(
        ({ uniqueName }) => uniqueName === 'reporting-setup',
      );
      expect([
        ...(application?.passwordCredentials ?? []),
        ...(application?.keyCredentials ?? []),
      ]).toHaveLength(1);
    },
  );

  it('end the run where not even the shortest is allowed', async () => {
    const world = await createWorld({
      scenarios: ['no-roles', 'lifetime-cap'],
      adjust: ({ defaultAppManagementPolicy: policy }) => {
        for (const one of policy.applicationRestrictions.passwordCredentials) one.maxLifetime = 'P30D';
      },
    });
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect([run.code, run.json().error?.code]).toEqual([3, 'policy-caps-lifetime']);
    expect(run.json().error?.remedy).toContain('--secret-lifetime');
  });

  it('are tried where the account may not read them', async () => {
    const world = await createWorld({ scenarios: ['no-roles'] });
    const policy = (await look(world)).checks.find(({ id }) => id === 'policy.credential');
    expect(policy).toMatchObject({
      status: 'skip',
      reason: 'cannot-tell',
      evidence:
        'cannot tell: this account may not read the policy for application credentials (Authorization_RequestDenied): will try',
    });
  });
});
