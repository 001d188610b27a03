import type { Group, RoleAssignment, RoleEligibility, User } from '../model.ts';
import { roleIds, stableGuid } from './well-known.ts';

type Role = keyof typeof roleIds;

interface Person {
  readonly key: string;
  readonly givenName: string;
  readonly surname: string;
  readonly role?: Role;
  readonly eligible?: Role;
  readonly group?: string;
}

const people: readonly Person[] = [
  { key: 'ada', givenName: 'Ada', surname: 'Admin', role: 'globalAdministrator' },
  { key: 'rita', givenName: 'Rita', surname: 'Reader', role: 'securityReader' },
  { key: 'andy', givenName: 'Andy', surname: 'AppAdmin', role: 'applicationAdministrator' },
  { key: 'petra', givenName: 'Petra', surname: 'Privileged', role: 'privilegedRoleAdministrator' },
  { key: 'paul', givenName: 'Paul', surname: 'Pim', eligible: 'globalAdministrator' },
  { key: 'nora', givenName: 'Nora', surname: 'NoRoles' },
  { key: 'gina', givenName: 'Gina', surname: 'Group', group: 'security-readers' },
  { key: 'gus', givenName: 'Gus', surname: 'Guest' },
  { key: 'dana', givenName: 'Dana', surname: 'Disabled' },
];

/** The object id of the person with this key. */
export function personId(key: string): string {
  return stableGuid(`user/${key}`);
}

function toUser({ key, givenName, surname }: Person): User {
  const guest = key === 'gus';
  return {
    id: personId(key),
    displayName: `${givenName} ${surname}`,
    userPrincipalName: guest ? 'gus_fabrikam.example#EXT#@contoso.onmicrosoft.com' : `${key}@contoso.com`,
    mail: guest ? 'gus@fabrikam.example' : `${key}@contoso.com`,
    givenName,
    surname,
    userType: guest ? 'Guest' : 'Member',
    accountEnabled: key !== 'dana',
  };
}

function assignment(principalId: string, role: Role): RoleAssignment {
  return {
    id: `${stableGuid(`roleAssignment/${principalId}/${role}`)}-1`,
    principalId,
    roleDefinitionId: roleIds[role],
    directoryScopeId: '/',
  };
}

function eligibility(principalId: string, role: Role): RoleEligibility {
  return {
    ...assignment(principalId, role),
    id: `${stableGuid(`roleEligibility/${principalId}/${role}`)}-1-e`,
    memberType: 'Direct',
    startDateTime: '2026-01-12T08:00:00Z',
    endDateTime: null,
  };
}

/** Everyone in the tenant, and what directory roles they hold directly, through a group, or only may activate. */
export function peopleAndRoles(): {
  users: User[];
  groups: Group[];
  roleAssignments: RoleAssignment[];
  roleEligibilities: RoleEligibility[];
} {
  const groupId = stableGuid('group/security-readers');
  return {
    users: people.map(toUser),
    groups: [
      {
        id: groupId,
        displayName: 'Security readers',
        isAssignableToRole: true,
        members: people.filter(({ group }) => group === 'security-readers').map(({ key }) => personId(key)),
      },
      {
        id: stableGuid('group/staff'),
        displayName: 'Staff',
        isAssignableToRole: false,
        members: [personId('nora')],
      },
    ],
    roleAssignments: [
      ...people.flatMap(({ key, role }) => (role === undefined ? [] : [assignment(personId(key), role)])),
      assignment(groupId, 'securityReader'),
    ],
    roleEligibilities: people.flatMap(({ key, eligible }) =>
      eligible === undefined ? [] : [eligibility(personId(key), eligible)],
    ),
  };
}
