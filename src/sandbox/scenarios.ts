import type { ActorExemptions, CredentialRestriction, Tenant } from './model.ts';
import { reportingApplication } from './seed/applications.ts';
import { personId } from './seed/people.ts';
import { appIds, stableGuid } from './seed/well-known.ts';
import type { Behaviour } from './world.ts';

/** What is special about a scenario; everything else is as in the default tenant. */
interface Scenario {
  /** Changes the tenant; a second time changes nothing more. */
  readonly edit?: (tenant: Tenant) => void;
  readonly behaviour?: Exclude<keyof Behaviour, 'manyRows'>;
  /** What a number behind the name, as in `many-rows:10000`, stands for without one. */
  readonly defaultCount?: number;
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

/** What setup made, deactivated since by somebody else: everything is there, and no token comes. */
function addDeactivated(tenant: Tenant): void {
  const { applications, servicePrincipals, appRoleAssignments } = reportingApplication(tenant.id);
  const [application] = applications;
  if (application === undefined || tenant.applications.some(({ id }) => id === application.id)) return;
  application.properties['isDisabled'] = true;
  tenant.applications.push(application);
  tenant.servicePrincipals.push(...servicePrincipals);
  tenant.appRoleAssignments.push(...appRoleAssignments);
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
    behaviour: 'noLogs',
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
  'many-rows': { defaultCount: 1_000_000 },
  unthrottled: { behaviour: 'unthrottled' },
  'late-rows': { behaviour: 'lateRows' },
  'strict-filters': { behaviour: 'strictFilters' },
  'secrets-blocked-with-exclusions': { edit: blockSecretsForMost },
  deactivated: { edit: addDeactivated },
  'protected-purge': { behaviour: 'protectedPurge' },
  'hard-delete-protected': { behaviour: 'hardDeleteProtected' },
} as const satisfies Record<string, Scenario>;

type ScenarioName = keyof typeof scenarios;

/** A scenario as somebody chose it. */
interface Chosen {
  readonly name: ScenarioName;
  /** As it was written, without spaces: `many-rows:10000`. */
  readonly text: string;
  /** The number behind the name. */
  readonly count?: number;
}

/** Every scenario, in the order in which help shows them. */
export const scenarioNames: readonly string[] = Object.keys(scenarios);

function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name);
}

function traitsOf(name: ScenarioName): Scenario {
  return scenarios[name];
}

/** The most rows that a log may be asked to have. */
const mostRows = 999_999_999;

function choose(text: string): Chosen {
  const [, name = text, digits] = /^([^:]*):(.*)$/.exec(text) ?? [];
  if (!isScenario(name) || (digits !== undefined && traitsOf(name).defaultCount === undefined)) {
    throw new RangeError(
      `${JSON.stringify(text)} is not a scenario: choose from ${scenarioNames.join(', ')}`,
    );
  }
  if (digits === undefined) return { name, text };
  const count = Number(digits);
  if (/^[1-9]\d*$/.test(digits) && count <= mostRows) return { name, text, count };
  throw new RangeError(
    `${JSON.stringify(text)} is not a scenario: the number behind ${name} goes from 1 to ${mostRows}`,
  );
}

/**
 * The scenarios that a person named, each element one name or several with commas between, without repetition and in
 * the given order; `default` stands for none, and of one that is named with several numbers the last counts. Throws
 * RangeError naming the valid ones.
 */
export function parseScenarios(given: readonly string[]): Chosen[] {
  const found = given.flatMap((text) => text.split(',')).map((text) => choose(text.trim()));
  const special = [...new Map(found.map((chosen) => [chosen.name, chosen])).values()].filter(
    ({ name }) => name !== 'default',
  );
  return special.length === 0 ? [{ name: 'default', text: 'default' }] : special;
}

/** The same name for the same set of scenarios, in whatever order: `lag+throttled.json`. Throws as parseScenarios. */
export function stateFileName(given: readonly string[]): string {
  const names = parseScenarios(given).map(({ text }) => text.replace(':', '-'));
  return `${names.sort().join('+')}.json`;
}

/** The scenarios that change the tenant's data, sorted: what a kept tenant was made with. */
export function tenantScenarios(chosen: readonly Chosen[]): string[] {
  return chosen.flatMap(({ name }) => (traitsOf(name).edit === undefined ? [] : [name])).sort();
}

/** What several scenarios amount to together; where two contradict each other, the later one wins. */
export interface Combination {
  readonly edit: (tenant: Tenant) => void;
  readonly behaviour: Behaviour;
  /** Key of the person who signs in. */
  readonly person: string;
}

/** Combines scenarios. */
export function combine(names: readonly Chosen[]): Combination {
  const chosen: readonly Scenario[] = names.map(({ name }) => scenarios[name]);
  const behaves = (kind: Scenario['behaviour']): boolean =>
    chosen.some(({ behaviour }) => behaviour === kind);
  const last = (key: 'person' | 'defaultPerson'): string | undefined =>
    chosen.findLast((scenario) => scenario[key] !== undefined)?.[key];
  const many = names.find(({ name }) => name === 'many-rows');
  return {
    edit: (tenant) => {
      for (const { edit } of chosen) edit?.(tenant);
    },
    behaviour: {
      lag: behaves('lag'),
      throttled: behaves('throttled'),
      flaky: behaves('flaky'),
      lateRows: behaves('lateRows'),
      unthrottled: behaves('unthrottled'),
      strictFilters: behaves('strictFilters'),
      noLogs: behaves('noLogs'),
      protectedPurge: behaves('protectedPurge'),
      hardDeleteProtected: behaves('hardDeleteProtected'),
      manyRows: many === undefined ? 0 : (many.count ?? scenarios['many-rows'].defaultCount),
    },
    person: last('person') ?? last('defaultPerson') ?? 'ada',
  };
}
