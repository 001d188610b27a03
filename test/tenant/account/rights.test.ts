import { describe, expect, it } from 'vitest';
import { rightsOf } from '../../../src/tenant/account/rights.ts';
import type { Account } from '../../../src/tenant/directory-objects.ts';
import type { Have } from '../../../src/tenant/model.ts';
import { application, find, having, ids, type Role, rolesNamed, usersMayRegister } from './account-data.ts';

const summary = (have: Have): string => {
  const { read, register, credential, grant } = rightsOf(have);
  return [read, register, credential, grant].join(' ');
};

describe('rights of a person, where only roles let one register', () => {
  it.each<[Role, string]>([
    ['Global Administrator', 'yes yes yes yes'],
    ['Privileged Role Administrator', 'no no no yes'],
    ['Application Administrator', 'no yes yes no'],
    ['Cloud Application Administrator', 'no yes yes no'],
    ['Application Developer', 'no yes yes no'],
    ['Security Administrator', 'yes no no no'],
    ['Security Operator', 'yes no no no'],
    ['Security Reader', 'yes no no no'],
    ['Reports Reader', 'yes no no no'],
    ['Global Reader', 'yes no no no'],
    ['Directory Readers', 'no no no no'],
    ['Our own role', 'unknown unknown unknown unknown'],
  ])('%s: read, register, credential, grant = %s', (role, expected) => {
    expect(summary(having({ roles: rolesNamed(role) }))).toBe(expected);
  });

  it('takes two roles together', () => {
    const both = rolesNamed('Privileged Role Administrator', 'Cloud Application Administrator');
    expect(summary(having({ roles: both }))).toBe('no yes yes yes');
  });

  it('takes roles in the token for a hint that never says no', () => {
    const hinted = { roles: undefined, roleHints: [ids['Application Administrator']] };
    expect(summary(having(hinted))).toBe('unknown yes yes unknown');
  });

  it('takes a mark in the token that is no role it knows for nothing', () => {
    expect(summary(having({ roleHints: [ids['Our own role']] }))).toBe('no no no no');
  });

  it('counts a role that the token has and the list does not show yet', () => {
    const activated = {
      roles: rolesNamed('Security Reader'),
      roleHints: [ids['Security Reader'], ids['Privileged Role Administrator']],
      eligible: rolesNamed('Privileged Role Administrator'),
    };
    expect(summary(having(activated))).toBe('yes no no yes');
    expect(find(having(activated), 'role.grant')).toMatchObject({
      status: 'pass',
      evidence: 'Privileged Role Administrator as the sign-in says',
    });
  });
});

describe('rights of a person by other ways', () => {
  it('lets members register where the tenant does, and own what they register', () => {
    expect(summary(having({}, { policy: usersMayRegister(true) }))).toBe('no yes yes no');
    expect(summary(having({}, { policy: undefined }))).toBe('no unknown unknown no');
  });

  it('lets no guest register without a role', () => {
    expect(summary(having({ isGuest: true }, { policy: usersMayRegister(true) }))).toBe('no no no no');
  });

  it('lets owners make credentials, and others not', () => {
    expect(rightsOf(having({ ownsApplication: 'yes' }, { application })).credential).toBe('yes');
    expect(rightsOf(having({ ownsApplication: 'unknown' }, { application })).credential).toBe('unknown');
    const developer = having({ roles: rolesNamed('Application Developer') }, { application });
    expect(rightsOf(developer).credential).toBe('no');
  });

  it('does not doubt the right to an application made in this run', () => {
    expect(rightsOf(having({}, { application, createdIds: ['object'] })).credential).toBe('unknown');
  });
});

describe('rights of an application', () => {
  const as = (
    permissions: string[],
    more: Partial<Have> = {},
    ownsApplication: Account['ownsApplication'] = 'no',
  ) => summary(having({ kind: 'application', permissions, ownsApplication }, more));

  it('go by its permissions', () => {
    expect(as([])).toBe('no no no no');
    expect(as(['Application.ReadWrite.All'])).toBe('no yes yes no');
    expect(as(['AppRegistration.Create'])).toBe('no yes no no');
    expect(as(['Directory.ReadWrite.All'])).toBe('no unknown unknown no');
  });

  it('cover what it owns alone with Application.ReadWrite.OwnedBy', () => {
    const ownedBy = ['Application.ReadWrite.OwnedBy'];
    expect(as(ownedBy)).toBe('no yes yes no');
    expect(as(ownedBy, { application })).toBe('no yes no no');
    expect(as(ownedBy, { application }, 'yes')).toBe('no yes yes no');
    expect(as(ownedBy, { application }, 'unknown')).toBe('no yes unknown no');
  });

  it('need a permission to read beside the one to grant', () => {
    expect(as(['AppRoleAssignment.ReadWrite.All'])).toBe('no no no no');
    expect(as(['AppRoleAssignment.ReadWrite.All', 'Application.Read.All'])).toBe('no no no yes');
    expect(as(['AppRoleAssignment.ReadWrite.All', 'Directory.Read.All'])).toBe('no no no yes');
  });
});
