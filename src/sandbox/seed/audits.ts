import type { User } from '../model.ts';
import { automationAppId } from './applications.ts';
import { stableGuid } from './guid.ts';
import { pick } from './sign-ins.ts';

const day = 86_400_000;
const rowCount = 250;

/** activity, category, operation, kind of target, changed property with its new value. */
const activities = [
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
  const at = now - 900_000 - Math.floor((index * (30 * day - 1_800_000)) / rowCount);
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
  return Array.from({ length: rowCount }, (_, index) => {
    const actor = users[index % 4];
    const subject = users[(index * 5) % users.length];
    return actor === undefined || subject === undefined ? [] : [row(index, actor, subject, now)];
  }).flat();
}
