import { describe, expect, it } from 'vitest';
import { activatable } from '../../../src/tenant/account/account.ts';
import { forbid } from '../../../src/tenant/account/rights.ts';
import { roles } from '../../../src/tenant/account/roles.ts';
import type { Change, Have } from '../../../src/tenant/model.ts';
import { application, find, having, person, rolesNamed, want } from './account-data.ts';

describe('findings about roles', () => {
  it('never ask for Global Administrator where a lesser role does', () => {
    const have = having({ roles: rolesNamed('Directory Readers') });
    expect(find(have, 'role.register')).toMatchObject({ status: 'fail', code: 'role-missing' });
    expect(find(have, 'role.register').remedy).toContain('Application Developer');
    expect(find(have, 'role.register').remedy).not.toContain('Global Administrator');
    expect(find(have, 'role.credential').remedy).not.toContain('Global Administrator');
    expect(find(have, 'role.credential').remedy).toContain('Whoever registers the application owns it');
    expect(find(have, 'role.grant')).toMatchObject({ status: 'fail', code: 'consent-pending' });
    expect(find(have, 'role.grant').remedy).toContain('Privileged Role Administrator');
  });

  it('say that an own role cannot be judged', () => {
    const have = having({ roles: rolesNamed('Our own role') });
    expect(find(have, 'role.grant')).toMatchObject({
      status: 'skip',
      evidence: 'cannot tell: Our own role; will try',
    });
  });

  it('name the least role that can be activated, and where', () => {
    const eligible = rolesNamed('Global Administrator', 'Privileged Role Administrator');
    const have = having({ eligible });
    expect(find(have, 'role.grant')).toMatchObject({ status: 'fail', code: 'role-inactive' });
    expect(find(have, 'role.grant').remedy).toMatch(
      /^Activate Privileged Role Administrator at https:\/\/entra\.microsoft\.com \(Identity governance/,
    );
    expect(find(have, 'role.register').remedy).toContain('Activate Global Administrator');
    expect(activatable({ ...person, eligible }, 'read')?.displayName).toBe('Global Administrator');
  });

  it('say where nobody can see what may be activated', () => {
    expect(find(having({ eligible: 'unknown' }), 'role.grant').remedy).toContain('cannot see whether');
    expect(find(having({ eligible: [] }), 'role.grant').remedy).not.toContain('cannot see');
  });

  it('need nothing that is there already', () => {
    const granted = ['audit', 'directory'].map((appRoleId) => ({
      id: appRoleId,
      appRoleId,
      resourceId: 'graph',
      resourceDisplayName: 'Microsoft Graph',
    }));
    const have = having({}, { application, assignments: granted });
    expect(find(have, 'role.grant').status).toBe('skip');
    expect(find(have, 'role.register').status).toBe('skip');
    expect(find(have, 'role.credential').status).toBe('fail');
  });

  it('tell a guest', () => {
    expect(find(having({ isGuest: true }), 'auth.guest')).toMatchObject({
      status: 'warn',
      code: 'guest-account',
    });
    expect(find(having({ isGuest: true }), 'role.register').evidence).toContain(
      'guests of this tenant may not',
    );
    expect(roles.check?.(want, having({}), new Date(0)).map(({ id }) => id)).not.toContain('auth.guest');
  });
});

describe('what is left to somebody else', () => {
  const change = (kind: Change['kind']): Change => ({
    action: 'create',
    kind,
    name: kind,
    title: kind,
    apply: () => Promise.resolve((have: Have) => have),
  });
  const blockedKinds = (have: Have): string[] =>
    forbid(
      (['application', 'servicePrincipal', 'appRoleAssignment', 'passwordCredential'] as const).map(change),
      have,
    )
      .filter(({ blocked }) => blocked !== undefined)
      .map(({ kind }) => kind);

  it('is what the account may not do, and nothing that it might', () => {
    const administrator = { roles: rolesNamed('Application Administrator') };
    expect(blockedKinds(having(administrator))).toEqual(['appRoleAssignment']);
    const granter = { roles: rolesNamed('Privileged Role Administrator') };
    expect(blockedKinds(having(granter, { application }))).toEqual([
      'application',
      'servicePrincipal',
      'passwordCredential',
    ]);
    expect(blockedKinds(having({ roles: rolesNamed('Our own role') }))).toEqual([]);
  });

  it('is what was refused', () => {
    const refused = [{ kind: 'appRoleAssignment', name: 'AuditLog.Read.All' }] as const;
    const have = having({ roles: rolesNamed('Our own role') }, { refused });
    expect(blockedKinds(have)).toEqual(['appRoleAssignment']);
    expect(find(have, 'role.grant')).toMatchObject({ status: 'fail', code: 'consent-pending' });
  });
});
