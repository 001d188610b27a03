import type { ActorExemptions, CredentialRestriction, Tenant } from './model.ts';
import { personId } from './seed/people.ts';
import { appIds, stableGuid } from './seed/well-known.ts';
import type { Behaviour } from './world.ts';

/** What is special about a scenario; everything else is as in the default tenant. */
interface Scenario {
  /** Changes the tenant; a second time changes nothing more. */
  readonly edit?: (tenant: Tenant) => void;
  readonly behaviour?: keyof Behaviour;
  /** Key of the person who signs in. */
  readonly person?: string;
  /** Key of the person who signs in unless another scenario names one: who notices what is special. */
  readonly defaultPerson?: string;
}

/** Adds an enabled restriction for every application created since 2021 (configure-app-management-policies.md). */
function restrictPasswords(
  tenant: Tenant,
  restrictionType: string,
  maxLifetime: string | null,
  excludeActors: ActorExemptions | null = null,
): void {
  const policy = tenant.defaultAppManagementPolicy;
  const { passwordCredentials } = policy.applicationRestrictions;
  const restriction: CredentialRestriction = {
    restrictionType,
    state: 'enabled',
    maxLifetime,
    restrictForAppsCreatedAfterDateTime: '2021-01-01T10:37:00Z',
    excludeActors,
  };
  policy.isEnabled = true;
  policy.applicationRestrictions.passwordCredentials = [
    ...passwordCredentials.filter((held) => held.restrictionType !== restrictionType),
    restriction,
  ];
}

/** Blocks secrets for all but who has an attribute: of the people here the Global Administrator alone. */
function blockSecretsForMost(tenant: Tenant): void {
  const [id, value] = ['PolicyExemptions_AppManagementExemption', 'ExemptFromRestrictions'];
  restrictPasswords(tenant, 'passwordAddition', null, {
    customSecurityAttributes: [
      {
        '@odata.type': '#microsoft.graph.customSecurityAttributeStringValueExemption',
        id,
        operator: 'equals',
        value,
      },
    ],
  });
  for (const user of tenant.users) if (user.id === personId('ada')) user.securityAttributes = { [id]: value };
}

function removePremium(tenant: Tenant): void {
  tenant.assignedPlans = tenant.assignedPlans.filter(
    ({ capabilityStatus }) => capabilityStatus !== 'Enabled' && capabilityStatus !== 'Warning',
  );
}

/** What somebody else consented to before: whoever may only activate a role could not give it. */
const consentedScopes = [
  'Application.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'AuditLog.Read.All',
  'Directory.Read.All',
  'Policy.Read.All',
  'RoleEligibilitySchedule.Read.Directory',
];

/** Lets the Graph command line tools, unlike the Azure CLI, see which roles a person may activate. */
function consentToCommandLineTools(tenant: Tenant): void {
  const idOf = (appId: string): string =>
    tenant.servicePrincipals.find((principal) => principal.appId === appId)?.id ?? '';
  const id = stableGuid('oauth2PermissionGrant/graphTools');
  tenant.oauth2PermissionGrants = [
    ...tenant.oauth2PermissionGrants.filter((grant) => grant.id !== id),
    {
      id,
      clientId: idOf(appIds.graphTools),
      consentType: 'AllPrincipals',
      principalId: null,
      resourceId: idOf(appIds.graph),
      scope: consentedScopes.join(' '),
    },
  ];
}

function removeLegacyGraph(tenant: Tenant): void {
  const legacy = tenant.servicePrincipals.find(({ appId }) => appId === appIds.legacyGraph);
  tenant.servicePrincipals = tenant.servicePrincipals.filter((principal) => principal !== legacy);
  tenant.appRoleAssignments = tenant.appRoleAssignments.filter(({ resourceId }) => resourceId !== legacy?.id);
}

const scenarios = {
  default: {},
  reader: { person: 'rita' },
  'app-admin': { person: 'andy' },
  'privileged-role-admin': { person: 'petra' },
  'pim-eligible': { person: 'paul', edit: consentToCommandLineTools },
  'no-roles': { person: 'nora' },
  'no-premium': { edit: removePremium },
  'no-logs': {
    edit: (tenant) => {
      tenant.signIns = [];
      tenant.directoryAudits = [];
    },
  },
  'secrets-blocked': { edit: (tenant) => restrictPasswords(tenant, 'passwordAddition', null) },
  'lifetime-cap': { edit: (tenant) => restrictPasswords(tenant, 'passwordLifetime', 'P180D') },
  'registration-disabled': {
    edit: (tenant) => {
      tenant.allowedToCreateApps = false;
    },
    // Who may grant but not register: an administrator of applications would not notice the setting.
    defaultPerson: 'petra',
  },
  'device-code-blocked': {
    edit: (tenant) => {
      tenant.deviceCodeBlockedBy = [stableGuid('conditional-access/device-code')];
    },
  },
  lag: { behaviour: 'lag' },
  throttled: { behaviour: 'throttled' },
  flaky: { behaviour: 'flaky' },
  'no-legacy-graph': { edit: removeLegacyGraph },
  'secrets-blocked-with-exclusions': { edit: blockSecretsForMost },
} as const satisfies Record<string, Scenario>;

type ScenarioName = keyof typeof scenarios;

/** Every scenario, in the order in which help shows them. */
export const scenarioNames: readonly string[] = Object.keys(scenarios);

function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name);
}

/**
 * The scenarios that a person named, each element one name or several with commas between, without repetition and in
 * the given order; `default` stands for none. Throws RangeError naming the valid ones.
 */
export function parseScenarios(given: readonly string[]): ScenarioName[] {
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim());
  const found = names.map((name) => {
    if (isScenario(name)) return name;
    throw new RangeError(
      `${JSON.stringify(name)} is not a scenario: choose from ${scenarioNames.join(', ')}`,
    );
  });
  const special = [...new Set(found)].filter((name) => name !== 'default');
  return special.length === 0 ? ['default'] : special;
}

/** The same name for the same set of scenarios, in whatever order: `lag+throttled.json`. Throws as parseScenarios. */
export function stateFileName(given: readonly string[]): string {
  return `${parseScenarios(given).sort().join('+')}.json`;
}

/** The scenarios among `names` that change the tenant's data, sorted: what a kept tenant was made with. */
export function tenantScenarios(names: readonly ScenarioName[]): string[] {
  return names.filter((name) => 'edit' in scenarios[name]).sort();
}

/** What several scenarios amount to together; where two contradict each other, the later one wins. */
export interface Combination {
  readonly edit: (tenant: Tenant) => void;
  readonly behaviour: Behaviour;
  /** Key of the person who signs in. */
  readonly person: string;
}

/** Combines scenarios. */
export function combine(names: readonly ScenarioName[]): Combination {
  const chosen: readonly Scenario[] = names.map((name) => scenarios[name]);
  const behaves = (kind: keyof Behaviour): boolean => chosen.some(({ behaviour }) => behaviour === kind);
  const last = (key: 'person' | 'defaultPerson'): string | undefined =>
    chosen.findLast((scenario) => scenario[key] !== undefined)?.[key];
  return {
    edit: (tenant) => {
      for (const { edit } of chosen) edit?.(tenant);
    },
    behaviour: { lag: behaves('lag'), throttled: behaves('throttled'), flaky: behaves('flaky') },
    person: last('person') ?? last('defaultPerson') ?? 'ada',
  };
}
