import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/core/duration.ts';
import { type Account, type Change, type Have, unseen, type Wanted } from '../../src/core/model.ts';
import { activatable } from '../../src/steps/pim.ts';
import { readPolicy } from '../../src/steps/policy-read.ts';
import { forbid, rightsOf } from '../../src/steps/rights.ts';
import { roles } from '../../src/steps/roles.ts';
import { parseTenant } from '../../src/steps/tenant.ts';

const ids = {
  'Global Administrator': '62e90394-69f5-4237-9190-012177145e10',
  'Privileged Role Administrator': 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  'Application Administrator': '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  'Cloud Application Administrator': '158c047a-c907-4556-b7ef-446551a6b5f7',
  'Application Developer': 'cf1c38e5-3621-4004-a7cb-879624dced7c',
  'Security Administrator': '194ae4cb-b126-40b2-bd5b-6091b380977d',
  'Security Operator': '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f',
  'Security Reader': '5d6b6bb7-de71-4623-b4af-96380a352509',
  'Reports Reader': '4a5d8f65-41da-4de4-8968-e035b65339cf',
  'Global Reader': 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  'Directory Readers': '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  'Our own role': '11111111-2222-4333-8444-555555555555',
} as const;
type Role = keyof typeof ids;

const rolesNamed = (...names: readonly Role[]) =>
  names.map((displayName) => ({ roleTemplateId: ids[displayName], displayName }));

const person: Account = {
  kind: 'user',
  id: 'person',
  name: 'ada@contoso.com',
  roles: [],
  permissions: [],
  isGuest: false,
  roleHints: [],
  ownsApplication: 'no',
  eligible: [],
  portal: 'https://entra.microsoft.com',
};

const usersMayRegister = (usersMayRegister: boolean | undefined): Have['policy'] => ({
  isReadable: true,
  secretsBlocked: false,
  secretLifetimeCap: undefined,
  certificateLifetimeCap: undefined,
  usersMayRegister,
});

const application: NonNullable<Have['application']> = {
  id: 'object',
  appId: 'client',
  displayName: 'Reporting API application',
  uniqueName: 'reporting-setup',
  signInAudience: 'AzureADMyOrg',
  redirectUris: [],
  requiredResourceAccess: [],
  passwordCredentials: [],
  keyCredentials: [],
};

const resource: Have['resources'][number] = {
  api: 'microsoft-graph',
  id: 'graph',
  appId: '00000003-0000-0000-c000-000000000000',
  displayName: 'Microsoft Graph',
  appRoles: [
    { id: 'audit', value: 'AuditLog.Read.All', displayName: '' },
    { id: 'directory', value: 'Directory.Read.All', displayName: '' },
  ],
};

const want: Wanted = {
  signOnUrl: null,
  apis: ['microsoft-graph'],
  domain: 'contoso.com',
  place: { cloud: 'global' },
  credential: { kind: 'secret' },
  secretName: 'Reporting API',
  secretLifetime: parseDuration('1y'),
  freshSecret: false,
};

const having = (account: Partial<Account>, more: Partial<Have> = {}): Have => ({
  ...unseen,
  resources: [resource],
  policy: usersMayRegister(false),
  account: { ...person, ...account },
  ...more,
});

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
      evidence: 'Security Reader and Privileged Role Administrator as the sign-in says',
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

const find = (have: Have, id: string) => {
  const found = roles.check?.(want, have, new Date(0)).find((finding) => finding.id === id);
  if (!found) throw new Error(`no finding ${id}`);
  return found;
};

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
      evidence: 'Our own role: cannot tell, will try',
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

describe('the licence', () => {
  const premium = (assignedPlans: unknown, tenantType = 'AAD'): string =>
    parseTenant({ value: [{ id: 'tenant', tenantType, assignedPlans }] }).premium;
  const plan = (servicePlanId: string, capabilityStatus: string) => ({ servicePlanId, capabilityStatus });
  const p1 = '41781fb2-bc02-4b7c-bd55-b576c07bb09d';

  it('is unknown where the plans are not readable', () => {
    expect(premium(null)).toBe('unknown');
    expect(premium(undefined)).toBe('unknown');
    expect(premium([])).toBe('no');
  });

  it('counts as long as it works', () => {
    expect(premium([plan(p1, 'Enabled')])).toBe('yes');
    expect(premium([plan('eec0eb4f-6444-4f95-aba0-50c24d67f998', 'Warning')])).toBe('yes');
    expect(premium([plan(p1, 'Suspended'), plan(p1, 'Deleted')])).toBe('no');
    expect(premium([plan('1d0f309f-fdf9-4b2a-9ae7-9c48b91f1426', 'Enabled')])).toBe('no');
    expect(premium([], 'AAD B2C')).toBe('yes');
  });
});

describe('policies', () => {
  const restriction = (restrictionType: string, more: Record<string, unknown> = {}) => ({
    restrictionType,
    state: 'enabled',
    maxLifetime: restrictionType === 'passwordLifetime' ? 'P90D' : null,
    restrictForAppsCreatedAfterDateTime: '2026-01-01T00:00:00Z',
    ...more,
  });
  const tenantWide = (...passwordCredentials: unknown[]) => ({
    isEnabled: true,
    applicationRestrictions: { passwordCredentials, keyCredentials: [] },
  });
  const own = (isEnabled: boolean, ...passwordCredentials: unknown[]) => ({
    isEnabled,
    restrictions: { passwordCredentials, keyCredentials: [] },
  });
  const after = new Date('2026-06-01T00:00:00Z');
  const before = new Date('2025-06-01T00:00:00Z');
  const blocks = (reading: Partial<Parameters<typeof readPolicy>[0]>): boolean | undefined =>
    readPolicy({
      tenantWide: undefined,
      ofApplication: [],
      authorization: undefined,
      created: after,
      ...reading,
    })?.secretsBlocked;

  it('bind applications made from their date on', () => {
    const policy = tenantWide(restriction('passwordAddition'));
    expect(blocks({ tenantWide: policy })).toBe(true);
    expect(blocks({ tenantWide: policy, created: before })).toBe(false);
    expect(blocks({ tenantWide: policy, created: new Date('2026-01-01T00:00:00Z') })).toBe(true);
    const always = restriction('passwordAddition', { restrictForAppsCreatedAfterDateTime: null });
    expect(blocks({ tenantWide: tenantWide(always), created: before })).toBe(true);
  });

  it('bind only while they are on', () => {
    expect(blocks({ tenantWide: { ...tenantWide(restriction('passwordAddition')), isEnabled: false } })).toBe(
      false,
    );
    expect(blocks({ tenantWide: tenantWide(restriction('passwordAddition', { state: 'disabled' })) })).toBe(
      false,
    );
  });

  it('give way to a policy of the application', () => {
    const policy = tenantWide(restriction('passwordAddition'));
    const exempt = own(true, restriction('passwordAddition', { state: 'disabled' }));
    expect(blocks({ tenantWide: policy, ofApplication: [exempt] })).toBe(false);
    expect(blocks({ tenantWide: policy, ofApplication: [{ ...exempt, isEnabled: false }] })).toBe(true);
    expect(blocks({ tenantWide: policy, ofApplication: [own(true, restriction('passwordLifetime'))] })).toBe(
      true,
    );
  });

  it('are tried where they exclude somebody', () => {
    const excluding = restriction('passwordAddition', { excludeActors: { customSecurityAttributes: [] } });
    expect(blocks({ tenantWide: tenantWide(excluding) })).toBe(false);
  });

  it('are unknown where nothing is readable', () => {
    expect(blocks({})).toBeUndefined();
    const authorization = { defaultUserRolePermissions: { allowedToCreateApps: false } };
    const policy = readPolicy({ tenantWide: undefined, ofApplication: [], authorization, created: after });
    expect(policy).toMatchObject({ isReadable: false, usersMayRegister: false });
  });
});
