import { describe, expect, it } from 'vitest';
import { DirectoryError } from '../../../src/graph/directory-error.ts';
import type { Failure } from '../../../src/http/retry.ts';
import type { Tenant } from '../../../src/sandbox/index.ts';
import type { Resource } from '../../../src/tenant/directory-objects.ts';
import { type ApplyIo, type Have, unseen } from '../../../src/tenant/model.ts';
import { permissions } from '../../../src/tenant/permissions/permissions.ts';
import { createWorld, type Run } from '../../helpers/world.ts';
import { want } from '../../tenant/account/account-data.ts';

const unattended = ['--sandbox', '--yes', '--json'];
const legacy = [...unattended, '--api', 'azure-ad-graph'];
const privilegedRoleAdministrator = 'e8611ab8-c189-46e8-94e1-60213ab1f814';
const legacyAppId = '00000002-0000-0000-c000-000000000000';

const checkOf = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

/** Makes the administrator of applications, who set everything up, one who may grant no more. */
function demote(tenant: Tenant): void {
  tenant.roleAssignments = tenant.roleAssignments.filter(
    ({ roleDefinitionId }) => roleDefinitionId !== privilegedRoleAdministrator,
  );
}

function promote(tenant: Tenant): void {
  const andy = tenant.users.find(({ userPrincipalName }) => userPrincipalName === 'andy@contoso.com');
  tenant.roleAssignments.push({
    id: 'promotion',
    principalId: andy?.id ?? '',
    roleDefinitionId: privilegedRoleAdministrator,
    directoryScopeId: '/',
  });
}

/** A directory that has the same against every request, and nothing else to write to. */
function refusing(failure: Failure): ApplyIo {
  const unused = () => Promise.reject(new Error('nothing of that is to be used'));
  return {
    directory: { send: () => Promise.reject(new DirectoryError(failure, 'grant it')) },
    output: { proveWritable: unused, save: unused, restore: unused },
    note: { write: unused, clear: unused, written: () => [] },
    keys: { make: unused, remove: unused },
    sleep: unused,
    now: () => new Date(0),
    random: () => 0.5,
  };
}

describe('the retired Azure AD Graph', () => {
  it('holds nobody up who may not grant its permission, and is not called granted', async () => {
    const world = await createWorld({ scenarios: ['app-admin'], adjust: promote });
    expect((await world.run(unattended)).code).toBe(0);
    demote(world.sandbox.tenant);
    world.pass(60_000);
    const run = await world.run(legacy);
    expect([run.code, checkOf(run, 'role.grant')?.status]).toEqual([0, 'skip']);
    expect(checkOf(run, 'permission.azure-ad-graph/Directory.Read.All')?.evidence).toBe('not granted');
    expect(checkOf(run, 'permission.azure-ad-graph')?.evidence).not.toContain('is granted');
    expect(run.json().handOff?.commands).toHaveLength(1);
    world.pass(60_000);
    const again = await world.run(unattended);
    expect([again.code, checkOf(again, 'api.signIns')?.status]).toEqual([0, 'pass']);
  });

  it('is skipped with a note where it offers no permission any more', async () => {
    const world = await createWorld({
      adjust: ({ servicePrincipals }) => {
        for (const principal of servicePrincipals) {
          if (principal.appId === legacyAppId) principal.appRoles = [];
        }
      },
    });
    const run = await world.run(legacy);
    expect([run.code, checkOf(run, 'permission.azure-ad-graph')?.status]).toEqual([0, 'skip']);
  });

  it.each<[Resource['api'], string]>([
    ['azure-ad-graph', 'Refused'],
    ['microsoft-graph', 'DirectoryError'],
  ])('is left out whatever Graph has against it: a grant of %s ends with %s', async (api, name) => {
    const failure = {
      status: 400,
      kind: 'http',
      code: 'Request_BadRequest',
      message: 'No.',
      details: [],
    } as const;
    const appRoles = ['Directory.Read.All', 'AuditLog.Read.All'].map((value) => ({
      id: value,
      value,
      displayName: '',
    }));
    const have: Have = {
      ...unseen,
      servicePrincipal: { id: 'principal', accountEnabled: true },
      resources: [{ api, id: api, appId: api, displayName: api, appRoles }],
    };
    const [change] = permissions.plan?.({ ...want, apis: [api] }, have, new Date(0)) ?? [];
    await expect(change?.apply?.(have, refusing(failure))).rejects.toMatchObject({ name });
  });
});
