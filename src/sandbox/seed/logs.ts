import type { User } from '../model.ts';
import { automationAppId } from './applications.ts';
import { appIds, stableGuid } from './well-known.ts';

const day = 86_400_000;
const signInCount = 300;
const auditCount = 250;

/** One interactive sign-in, before it becomes a row. */
interface SignIn {
  readonly id: string;
  readonly correlationId: string;
  readonly at: number;
  readonly user: User;
  readonly appId: string;
  readonly appDisplayName: string;
  readonly clientAppUsed: string;
  readonly ipAddress: string;
  readonly operatingSystem: string;
  readonly browser: string;
  readonly city: string;
  readonly state: string;
  readonly countryOrRegion: string;
  readonly latitude: number;
  readonly longitude: number;
  /** AADSTS number, 0 for success. */
  readonly errorCode: number;
  readonly failureReason: string | null;
}

const apps = [
  [appIds.portal, 'Azure Portal', 'Browser'],
  [appIds.graphExplorer, 'Graph Explorer', 'Browser'],
  [appIds.azureCli, 'Microsoft Azure CLI', 'Mobile Apps and Desktop clients'],
  ['89bee1f7-5e6e-4d8a-9f3d-ecd601259da7', 'Office365 Shell WCSS-Client', 'Browser'],
  ['1fec8e78-bce4-4aaf-ab1b-5451cc387264', 'Microsoft Teams', 'Mobile Apps and Desktop clients'],
] as const;

const places = [
  ['Amsterdam', 'Noord-Holland', 'NL', 52.37, 4.89, '198.51.100.'],
  ['Utrecht', 'Utrecht', 'NL', 52.09, 5.12, '198.51.100.'],
  ['Redmond', 'Washington', 'US', 47.68, -122.12, '203.0.113.'],
  ['London', 'England', 'GB', 51.5, -0.12, '192.0.2.'],
] as const;

const devices = [
  ['Windows 11', 'Edge 141.0.0'],
  ['MacOs', 'Safari 19.1'],
  ['Windows 10', 'Chrome 141.0.0'],
  ['Ios 19.1', 'Mobile Safari'],
] as const;

const failures = [
  [50126, 'Error validating credentials due to invalid username or password.'],
  [50074, 'Strong Authentication is required.'],
  [
    53003,
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  ],
] as const;

/** The element that the digest of `name` chooses: varied, and always the same. */
export function pick<T>(values: readonly [T, ...T[]], name: string): T {
  const index = Number.parseInt(stableGuid(name).slice(0, 6), 16) % values.length;
  return values[index] ?? values[0];
}

/** Rows show a guest by the name at home, not by the #EXT# form. */
function homeName(user: User): string {
  return (
    user.userType === 'Guest' ? (user.mail ?? user.userPrincipalName) : user.userPrincipalName
  ).toLowerCase();
}

/** A row of /auditLogs/signIns (graph-docs signin-list.md, resources/signin.md). */
function signInRow(signIn: SignIn): Record<string, unknown> {
  const blocked = signIn.errorCode === 53003;
  return {
    id: signIn.id,
    createdDateTime: new Date(signIn.at).toISOString().replace(/\.\d+Z$/, 'Z'),
    userDisplayName: signIn.user.displayName,
    userPrincipalName: homeName(signIn.user),
    userId: signIn.user.id,
    appId: signIn.appId,
    appDisplayName: signIn.appDisplayName,
    ipAddress: signIn.ipAddress,
    clientAppUsed: signIn.clientAppUsed,
    correlationId: signIn.correlationId,
    conditionalAccessStatus: blocked ? 'failure' : 'notApplied',
    isInteractive: true,
    riskDetail: 'none',
    riskLevelAggregated: 'none',
    riskLevelDuringSignIn: 'none',
    riskState: 'none',
    riskEventTypes: [],
    riskEventTypes_v2: [],
    resourceDisplayName: 'Microsoft Graph',
    resourceId: appIds.graph,
    status: { errorCode: signIn.errorCode, failureReason: signIn.failureReason, additionalDetails: null },
    deviceDetail: {
      deviceId: '',
      displayName: null,
      operatingSystem: signIn.operatingSystem,
      browser: signIn.browser,
      isCompliant: null,
      isManaged: null,
      trustType: null,
    },
    location: {
      city: signIn.city,
      state: signIn.state,
      countryOrRegion: signIn.countryOrRegion,
      geoCoordinates: { altitude: null, latitude: signIn.latitude, longitude: signIn.longitude },
    },
    appliedConditionalAccessPolicies: [
      {
        id: stableGuid('conditional-access/places'),
        displayName: 'Block sign-ins from unexpected places',
        enforcedGrantControls: blocked ? ['Block'] : [],
        enforcedSessionControls: [],
        result: blocked ? 'failure' : 'notApplied',
      },
    ],
  };
}

function pastSignIn(index: number, users: readonly User[], now: number): SignIn | undefined {
  const name = `signIn/${index}`;
  const user = users[Number.parseInt(stableGuid(`${name}/user`).slice(0, 4), 16) % users.length];
  if (user === undefined) return undefined;
  const [appId, appDisplayName, clientAppUsed] = pick<(typeof apps)[number]>(apps, `${name}/app`);
  const [city, state, countryOrRegion, latitude, longitude, network] = pick<(typeof places)[number]>(
    places,
    `${name}/place`,
  );
  const [operatingSystem, browser] = pick<(typeof devices)[number]>(devices, `${name}/device`);
  const failed = index % 9 === 4;
  const [errorCode, failureReason] = pick<(typeof failures)[number]>(failures, `${name}/failure`);
  return {
    id: stableGuid(name),
    correlationId: stableGuid(`${name}/correlation`),
    at: now - 600_000 - Math.floor((index * (30 * day - 1_200_000)) / signInCount),
    user,
    appId,
    appDisplayName,
    clientAppUsed,
    ipAddress: `${network}${(index % 250) + 1}`,
    operatingSystem,
    browser,
    city,
    state,
    countryOrRegion,
    latitude,
    longitude,
    errorCode: failed ? errorCode : 0,
    failureReason: failed ? failureReason : null,
  };
}

/** 300 interactive sign-ins of the 30 days before `now` (epoch milliseconds), newest first. */
export function signIns(users: readonly User[], now: number): Record<string, unknown>[] {
  return Array.from({ length: signInCount }, (_, index) => pastSignIn(index, users, now)).flatMap((signIn) =>
    signIn === undefined ? [] : [signInRow(signIn)],
  );
}

/** activity, category, operation, kind of target, changed property with its new value. */
export const activities = [
  ['Add service principal', 'ApplicationManagement', 'Add', 'ServicePrincipal', 'AccountEnabled', '[true]'],
  [
    'Update application',
    'ApplicationManagement',
    'Update',
    'Application',
    'DisplayName',
    '["Payroll export"]',
  ],
  ['Add member to group', 'GroupManagement', 'Assign', 'Group', 'Group.DisplayName', '"Staff"'],
  ['Update user', 'UserManagement', 'Update', 'User', 'JobTitle', '["Analyst"]'],
  ['Add member to role', 'RoleManagement', 'Assign', 'User', 'Role.DisplayName', '"Security Reader"'],
  ['Reset user password', 'UserManagement', 'Update', 'User', 'ForceChangePassword', '[true]'],
  ['Update policy', 'Policy', 'Update', 'Policy', 'PolicyDetail', '["{\\"state\\":\\"enabled\\"}"]'],
] as const;

function initiator(user: User, byApplication: boolean, ipAddress: string): Record<string, unknown> {
  if (byApplication) {
    return {
      app: {
        appId: automationAppId,
        displayName: 'Sandbox automation',
        servicePrincipalId: stableGuid(`servicePrincipal/${automationAppId}`),
        servicePrincipalName: null,
      },
      user: null,
    };
  }
  return {
    app: null,
    user: {
      id: user.id,
      displayName: null,
      userPrincipalName: user.userPrincipalName,
      ipAddress,
      userType: null,
      homeTenantId: null,
      homeTenantName: null,
    },
  };
}

function target(name: string, kind: string, subject: User): Record<string, unknown> {
  const isUser = kind === 'User';
  return {
    id: isUser ? subject.id : stableGuid(`${name}/target`),
    displayName: isUser ? null : pick(['Payroll export', 'Badge readers', 'Intranet', 'Ticketing'], name),
    type: kind,
    userPrincipalName: isUser ? subject.userPrincipalName : null,
    groupType: kind === 'Group' ? 'azureAD' : null,
  };
}

function row(index: number, actor: User, subject: User, now: number): Record<string, unknown> {
  const name = `audit/${index}`;
  const [activity, category, operation, kind, property, newValue] = pick<(typeof activities)[number]>(
    activities,
    name,
  );
  const failed = index % 23 === 11;
  const at = now - 900_000 - Math.floor((index * (30 * day - 1_800_000)) / auditCount);
  return {
    id: `Directory_${stableGuid(name)}_${stableGuid(`${name}/suffix`).slice(0, 5).toUpperCase()}_${80_000_000 + index}`,
    category,
    correlationId: stableGuid(`${name}/correlation`),
    result: failed ? 'failure' : 'success',
    resultReason: failed ? 'Insufficient privileges to complete the operation.' : '',
    activityDisplayName: activity,
    activityDateTime: new Date(at).toISOString().replace(/Z$/, '4321Z'),
    loggedByService: 'Core Directory',
    operationType: operation,
    initiatedBy: initiator(actor, index % 4 === 1, `198.51.100.${(index % 200) + 1}`),
    targetResources: [
      {
        ...target(name, kind, subject),
        modifiedProperties: [{ displayName: property, oldValue: '[]', newValue }],
      },
    ],
    additionalDetails: [{ key: 'User-Agent', value: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)' }],
  };
}

/** 250 changes of the 30 days before `now` (epoch milliseconds), newest first. */
export function directoryAudits(users: readonly User[], now: number): Record<string, unknown>[] {
  return Array.from({ length: auditCount }, (_, index) => {
    const actor = users[index % 4];
    const subject = users[(index * 5) % users.length];
    return actor === undefined || subject === undefined ? [] : [row(index, actor, subject, now)];
  }).flat();
}
