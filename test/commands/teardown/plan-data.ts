import type { Target } from '../../../src/commands/teardown/find-target.ts';
import { planTeardown } from '../../../src/commands/teardown/plan-teardown.ts';
import type { TeardownRecords } from '../../../src/commands/teardown/teardown-run.ts';
import type { ReportingConfig } from '../../../src/config/config.ts';
import type { Inventory, MarkedApplication } from '../../../src/tenant/inventory.ts';
import { application } from '../../tenant/account/account-data.ts';

const grant = (id: string, appRoleId: string, resourceDisplayName = 'Microsoft Graph') => ({
  id,
  appRoleId,
  resourceId: 'GRAPH',
  resourceDisplayName,
});

const none = { passwordCredentials: [], keyCredentials: [] };
export const inventory: Inventory = {
  application: { value: undefined },
  servicePrincipal: { value: { id: 'principal', accountEnabled: true, assignmentRequired: false, ...none } },
  assignments: { value: [grant('g1', 'AUDIT'), grant('g2', 'other'), grant('g3', 'third', '')] },
  delegated: { value: [] },
  owners: { value: [] },
  federated: { value: [] },
  tagged: { value: [] },
  deleted: { value: [] },
};
export const target = (part: Partial<Target> = {}): Target => ({
  name: 'Reports',
  appId: 'client',
  id: 'object',
  isWhole: true,
  application,
  deactivated: 'no',
  deleted: undefined,
  deletedPrincipals: [],
  inventory,
  resources: [
    {
      api: 'microsoft-graph',
      id: 'graph',
      appId: 'graph-app',
      displayName: 'Microsoft Graph',
      appRoles: [{ id: 'audit', value: 'AuditLog.Read.All', displayName: '' }],
    },
  ],
  use: { hidden: 'nobody asked' },
  ...part,
});

export const lies: MarkedApplication = {
  id: 'object',
  appId: 'client',
  displayName: 'Reports',
  uniqueName: '',
  tags: [],
  deletedDateTime: '2026-11-27T00:00:00Z',
};
export const deleted = (part: Partial<Target> = {}): Target =>
  target({ application: undefined, deleted: lies, ...part });

type Held = NonNullable<TeardownRecords['held']>;

export const records = (
  credential: ReportingConfig['credential'],
  previous: Held['previous'] = [],
  grants: readonly string[] | undefined = undefined,
): TeardownRecords => ({
  held: {
    config: {
      version: 1,
      cloud: 'global',
      tenantId: 'tenant',
      domain: 'contoso.com',
      clientId: 'client',
      credential,
      application: { objectId: 'object', servicePrincipalId: 'principal', ...(grants && { grants }) },
      permissions: [],
    },
    previous,
  },
  markers: [],
});
export const noRecords: TeardownRecords = { held: undefined, markers: [] };

/** Each removal in a line: what, of what kind, name and id, whether it writes, and its title. */
export const linesOf = (...given: Parameters<typeof planTeardown>): string[] =>
  planTeardown(...given).map(
    ({ action, kind, name, id, title, apply }) =>
      `${action} ${kind} ${name} <${id}> ${apply ? 'does' : 'tells'}: ${title}`,
  );

export const deletion =
  'remove application Reports <object> does: Delete application "Reports", into the recycle bin';
export const purges = (principal: string | undefined) => [
  `remove deletedItem Reports (service principal) <${principal}> does: Purge the service principal of "Reports" from the recycle bin, for good`,
  'remove deletedItem Reports <object> does: Purge the application "Reports" from the recycle bin, for good',
];
export const lingering =
  'remove servicePrincipal Reports <principal> does: Delete its service principal principal, which is still there';
export const deactivating =
  'update application Reports <object> does: Deactivate application "Reports": it gets no more tokens, everything else stays';
