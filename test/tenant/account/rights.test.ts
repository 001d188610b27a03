import { describe, expect, it } from 'vitest';
import type { DirectoryRequest } from '../../../src/graph/directory.ts';
import { forbid, heldRoles, permit, rightsOf } from '../../../src/tenant/account/rights.ts';
import type { Account } from '../../../src/tenant/directory-objects.ts';
import type { ApplyIo, Change, Have } from '../../../src/tenant/model.ts';
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
  const developer = { roles: rolesNamed('Application Developer') };
  const custom = { roles: rolesNamed('Our own role') };
  const deletedApplication = { id: 'object', appId: 'client', displayName: 'Reporting API application' };
  const ofThisRun = { application, createdIds: ['object'] };

  /** Members may where the tenant lets them, and own what they register. */
  it.each<[isGuest: boolean | undefined, usersMayRegister: boolean | undefined, string]>([
    [false, true, 'no yes yes no'],
    [false, false, 'no no no no'],
    [false, undefined, 'no unknown unknown no'],
    [true, true, 'no no no no'],
    [true, false, 'no no no no'],
    [true, undefined, 'no no no no'],
    [undefined, true, 'no unknown unknown no'],
    [undefined, false, 'no no no no'],
    [undefined, undefined, 'no unknown unknown no'],
  ])('guest %s, users may register %s: %s', (isGuest, allowed, expected) => {
    expect(summary(having({ isGuest }, { policy: usersMayRegister(allowed) }))).toBe(expected);
    if (allowed !== undefined) return;
    expect(summary(having({ isGuest }, { policy: undefined }))).toBe(expected);
  });

  it.each<[string, Partial<Account>, Partial<Have>, string]>([
    ['owner of it', { ownsApplication: 'yes' }, { application }, 'no no yes no'],
    ['perhaps owner of it', { ownsApplication: 'unknown' }, { application }, 'no no unknown no'],
    ['no owner of it', { ownsApplication: 'no' }, { application }, 'no no no no'],
    ['registrar of another', developer, { application }, 'no yes no no'],
    [
      'owner of what another run made',
      { ownsApplication: 'yes' },
      { application, createdIds: ['other'] },
      'no no yes no',
    ],
    ['of whom nobody asked whether it owns what this run made', {}, ofThisRun, 'no no unknown no'],
    ['registrar of what comes back', developer, { deletedApplication }, 'no yes unknown no'],
    ['no registrar of what comes back', {}, { deletedApplication }, 'no no no no'],
    [
      'perhaps registrar of what comes back',
      custom,
      { deletedApplication },
      'unknown unknown unknown unknown',
    ],
    ['owner of nothing yet', { ownsApplication: 'yes' }, {}, 'no no no no'],
  ])('%s', (_name, account, more, expected) => {
    expect(summary(having(account, more))).toBe(expected);
  });

  it('do not outlast a refusal of consent', () => {
    const administrator = { roles: rolesNamed('Global Administrator') };
    const refused = (kind: Change['kind']) => [{ kind, name: 'x' }];
    expect(summary(having(administrator, { refused: refused('appRoleAssignment') }))).toBe('yes yes yes no');
    expect(summary(having(administrator, { refused: refused('application') }))).toBe('yes yes yes yes');
    const both = [...refused('application'), ...refused('appRoleAssignment')];
    expect(summary(having(administrator, { refused: both }))).toBe('yes yes yes no');
  });

  it('are unknown where nobody is', () => {
    expect(summary(having({}, { account: undefined }))).toBe('unknown unknown unknown unknown');
  });
});

describe('active roles', () => {
  it.each<[Pick<Account, 'roles' | 'roleHints'>, string[]]>([
    [{ roles: undefined, roleHints: [] }, []],
    [{ roles: undefined, roleHints: ['b', 'a'] }, ['b', 'a']],
    [{ roles: rolesNamed('Global Reader'), roleHints: [] }, [ids['Global Reader']]],
    [
      { roles: rolesNamed('Global Reader'), roleHints: ['a', ids['Global Reader']] },
      [ids['Global Reader'], 'a'],
    ],
  ])('of %j', (account, expected) => {
    expect(heldRoles(account)).toEqual(expected);
  });

  it('raise a doubt where one of them is not known, and not where every user has it', () => {
    const everyUser = { roleTemplateId: 'b79fbf4d-3ef9-4689-8143-76b194e85509', displayName: 'User' };
    expect(summary(having({ roles: [everyUser] }))).toBe('no no no no');
    expect(summary(having({ roles: rolesNamed('Our own role', 'Reports Reader') }))).toBe(
      'yes unknown unknown unknown',
    );
  });
});

describe('rights of an application', () => {
  const ofOwn = 'Application.ReadWrite.OwnedBy';
  const assign = 'AppRoleAssignment.ReadWrite.All';
  const deletedApplication = { id: 'object', appId: 'client', displayName: '' };

  it.each<[string[] | undefined, Account['ownsApplication'], Partial<Have>, string]>([
    [undefined, 'yes', {}, 'unknown unknown unknown unknown'],
    [[], 'yes', {}, 'no no no no'],
    [['AuditLog.Read.All'], 'no', {}, 'yes no no no'],
    [['Application.ReadWrite.All'], 'no', { application }, 'no yes yes no'],
    [['Application.Read.All'], 'yes', { application }, 'no no no no'],
    [['AppRegistration.Create'], 'yes', {}, 'no yes no no'],
    [['Directory.ReadWrite.All'], 'no', {}, 'no unknown unknown no'],
    [['Directory.ReadWrite.All', 'Application.ReadWrite.All'], 'no', {}, 'no yes yes no'],
    // It covers what it owns alone.
    [[ofOwn], 'no', {}, 'no yes yes no'],
    [[ofOwn], 'no', { application }, 'no yes no no'],
    [[ofOwn], 'yes', { application }, 'no yes yes no'],
    [[ofOwn], 'unknown', { application }, 'no yes unknown no'],
    [[ofOwn], 'yes', { application, createdIds: ['object'] }, 'no yes unknown no'],
    [[ofOwn], 'no', { deletedApplication }, 'no yes unknown no'],
    [[ofOwn, 'Directory.ReadWrite.All'], 'no', { application }, 'no yes unknown no'],
    // It needs a permission to read beside the one to grant.
    [[assign], 'no', {}, 'no no no no'],
    [[assign, 'Application.Read.All'], 'no', {}, 'no no no yes'],
    [[assign, 'Application.ReadWrite.All'], 'no', {}, 'no yes yes yes'],
    [[assign, 'Directory.Read.All'], 'no', {}, 'no no no yes'],
    [[assign, 'Directory.ReadWrite.All'], 'no', {}, 'no unknown unknown unknown'],
    [['Application.Read.All', 'Directory.Read.All'], 'no', {}, 'no no no no'],
  ])('with %j, which owns it: %s', (permissions, ownsApplication, more, expected) => {
    expect(summary(having({ kind: 'application', permissions, ownsApplication }, more))).toBe(expected);
  });

  it('are none by directory roles, and a person has none by permissions', () => {
    const roles = rolesNamed('Global Administrator');
    expect(summary(having({ kind: 'application', roles }))).toBe('no no no no');
    expect(summary(having({ permissions: ['Application.ReadWrite.All', assign] }))).toBe('no no no no');
  });
});

describe('changes', () => {
  const change = (kind: Change['kind'], more: Partial<Change> = {}): Change => ({
    action: 'create',
    kind,
    name: kind,
    title: kind,
    apply: () => Promise.resolve((have: Have) => have),
    ...more,
  });
  const owner = 'it takes an owner of the application or a Cloud Application Administrator';
  const granter =
    'it takes Privileged Role Administrator or Global Administrator: somebody who holds it gives consent';

  /** Which right it takes, and why somebody without that cannot make it: before there is an application, and then. */
  const kinds: readonly [
    Change['kind'],
    Role | undefined,
    string | undefined,
    Role | undefined,
    string | undefined,
  ][] = [
    [
      'application',
      'Application Developer',
      'it takes an Application Developer',
      'Application Administrator',
      owner,
    ],
    [
      'servicePrincipal',
      'Application Developer',
      'it takes an Application Developer',
      'Application Administrator',
      owner,
    ],
    ['passwordCredential', 'Application Administrator', owner, 'Application Administrator', owner],
    ['keyCredential', 'Application Administrator', owner, 'Application Administrator', owner],
    ['federatedIdentityCredential', 'Application Administrator', owner, 'Application Administrator', owner],
    ['appRoleAssignment', 'Privileged Role Administrator', granter, 'Privileged Role Administrator', granter],
    ['deletedItem', undefined, undefined, undefined, undefined],
    ['configFile', undefined, undefined, undefined, undefined],
    ['file', undefined, undefined, undefined, undefined],
  ];
  const cases = kinds.flatMap(([kind, before, beforeWhy, then, thenWhy]) => [
    { kind, more: {}, role: before, why: beforeWhy, when: 'before there is an application' },
    { kind, more: { application }, role: then, why: thenWhy, when: 'of an application that is there' },
  ]);

  it.each(cases)('$kind $when', ({ kind, more, role, why }) => {
    const given = change(kind);
    const [none, some, custom] = [
      having({}, more),
      having({ roles: role === undefined ? [] : rolesNamed(role) }, more),
      having({ roles: rolesNamed('Our own role') }, more),
    ];
    expect(forbid([given], none)).toEqual([why === undefined ? given : { ...given, blocked: why }]);
    expect(forbid([given], some)).toEqual([given]);
    expect(forbid([given], custom)).toEqual([given]);
    expect(permit([given], none)[0]).toBe(given);
    expect(permit([given], custom)[0]).toBe(given);
    expect(permit([given], some)[0] === given).toBe(role === undefined);
  });

  it('that write nothing, or that something else is in the way of, stay as they are', () => {
    const { apply: _none, ...kept } = change('passwordCredential', { action: 'keep' });
    const blocked = change('passwordCredential', { blocked: 'the policy says so' });
    expect(forbid([kept, blocked], having({}))).toEqual([kept, blocked]);
    expect(permit([kept], having({ roles: rolesNamed('Global Administrator') }))).toEqual([kept]);
  });

  it('that are permitted say so to Graph and to what they do', async () => {
    const sent: DirectoryRequest[] = [];
    const unused = () => Promise.reject(new Error('nothing of that is to be used'));
    const io: ApplyIo = {
      directory: { send: async (request) => sent.push(request) },
      output: { proveWritable: unused, save: unused, restore: unused },
      note: { write: unused, clear: unused, written: () => [] },
      keys: { make: unused, remove: unused },
      sleep: unused,
      now: () => new Date(0),
      random: () => 0.5,
    };
    const request: DirectoryRequest = { method: 'POST', path: '/applications', purpose: 'register it' };
    const seen: unknown[] = [];
    const given = change('application', {
      apply: async (have, { directory, ...rest }) => {
        seen.push(have, rest);
        await directory.send(request);
        return () => ({ ...have, createdIds: ['new'] });
      },
    });
    const have = having({ roles: rolesNamed('Application Developer') });
    const [permitted] = permit([given], have);
    const update = await permitted?.apply?.(have, io);
    const { directory: _directory, ...rest } = io;
    expect({ ...permitted, apply: given.apply }).toEqual(given);
    expect(seen).toEqual([have, { ...rest, permitted: true }]);
    expect(sent).toEqual([{ ...request, permitted: true }]);
    expect(update?.(have).createdIds).toEqual(['new']);
  });
});
