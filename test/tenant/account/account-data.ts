import { parseDuration } from '../../../src/core/duration.ts';
import { roles } from '../../../src/tenant/account/roles.ts';
import type { Account } from '../../../src/tenant/directory-objects.ts';
import { type Have, unseen, type Wanted } from '../../../src/tenant/model.ts';

export const ids = {
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
export type Role = keyof typeof ids;

export const rolesNamed = (...names: readonly Role[]) =>
  names.map((displayName) => ({ roleTemplateId: ids[displayName], displayName }));

export const person: Account = {
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

export const usersMayRegister = (usersMayRegister: boolean | undefined): Have['policy'] => ({
  secretsBlocked: false,
  secretLifetimeCap: undefined,
  certificateLifetimeCap: undefined,
  untold: {},
  usersMayRegister,
});

export const application: NonNullable<Have['application']> = {
  id: 'object',
  appId: 'client',
  displayName: 'Reporting API application',
  uniqueName: 'reporting-setup',
  signInAudience: 'AzureADMyOrg',
  homePageUrl: null,
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

export const want: Wanted = {
  apis: ['microsoft-graph'],
  domain: 'contoso.com',
  cloudReference: { cloud: 'global' },
  credential: { kind: 'secret' },
  secretName: 'Reporting API',
  secretLifetime: parseDuration('1y'),
  freshSecret: false,
};

export const having = (account: Partial<Account>, more: Partial<Have> = {}): Have => ({
  ...unseen,
  resources: [resource],
  policy: usersMayRegister(false),
  account: { ...person, ...account },
  ...more,
});

export const find = (have: Have, id: string) => {
  const found = roles.check?.(want, have, new Date(0)).find((finding) => finding.id === id);
  if (!found) throw new Error(`no finding ${id}`);
  return found;
};
