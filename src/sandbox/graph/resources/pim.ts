import { isObject, type Json, textOf } from '../../json.ts';
import type { RoleAssignment, RoleEligibility } from '../../model.ts';
import { readBody } from '../body.ts';
import { type Call, contextOf, sameId } from '../context.ts';
import { addDuration, graphDate, timestamp } from '../dates.ts';

import { list } from '../odata/list.ts';
import { badRequest, denied, forbidden, invalidValue, missingValue, unsupportedQuery } from '../refusal.ts';
import { isLicensed, requireRole } from '../rights.ts';
import type { Handler, Routes } from '../router.ts';
import { assignmentInstanceType, eligibilityInstanceType, scheduleRequestType } from '../types/roles.ts';
import { roleNavigation } from './roles.ts';

const eligibilitySet = 'roleManagement/directory/roleEligibilityScheduleInstances';
const assignmentSet = 'roleManagement/directory/roleAssignmentScheduleInstances';
const requestSet = 'roleManagement/directory/roleAssignmentScheduleRequests';

const eligibilityReaders = [
  'RoleEligibilitySchedule.Read.Directory',
  'RoleEligibilitySchedule.ReadWrite.Directory',
  'RoleManagement.Read.Directory',
  'RoleManagement.Read.All',
  'RoleManagement.ReadWrite.Directory',
];
const assignmentReaders = [
  'RoleAssignmentSchedule.Read.Directory',
  'RoleAssignmentSchedule.ReadWrite.Directory',
  'RoleManagement.Read.Directory',
  'RoleManagement.Read.All',
  'RoleManagement.ReadWrite.Directory',
];
const activators = ['RoleAssignmentSchedule.ReadWrite.Directory', 'RoleManagement.ReadWrite.Directory'];

/** The last moment that a Date can hold, in epoch milliseconds. */
const latest = 8.64e15;

/** PIM knows neither Directory.Read.All nor Directory.AccessAsUser.All, and has its own words for both refusals. */
function requirePim(call: Call, accepted: readonly string[]): void {
  if (!accepted.some((permission) => call.caller.permissions.has(permission))) {
    throw forbidden(
      'PermissionScopeNotGranted',
      `Authorization failed due to missing permission scope ${accepted.join(',')}.`,
    );
  }
  if (isLicensed(call.tenant, 'p2')) return;
  throw badRequest(
    'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
    'AadPremiumLicenseRequired',
  );
}

function instanceView(row: RoleAssignment): Json {
  const { id, principalId, roleDefinitionId, directoryScopeId, startDateTime, endDateTime } = row;
  const times = { startDateTime: startDateTime ?? null, endDateTime: endDateTime ?? null };
  return { id, principalId, roleDefinitionId, directoryScopeId, appScopeId: null, ...times };
}

function eligibilityView(row: RoleEligibility): Json {
  return {
    ...instanceView(row),
    memberType: row.memberType,
    roleEligibilityScheduleId: row.id.slice(0, 36),
  };
}

function activationView(call: Call, row: RoleAssignment): Json {
  const eligible = call.tenant.roleEligibilities.some(
    ({ principalId, roleDefinitionId }) =>
      principalId === row.principalId && roleDefinitionId === row.roleDefinitionId,
  );
  return {
    ...instanceView(row),
    memberType: 'Direct',
    assignmentType: eligible ? 'Activated' : 'Assigned',
    roleAssignmentOriginId: row.id,
    roleAssignmentScheduleId: row.id.slice(0, 36),
  };
}

/** The ids whose rows are the caller's own, those of role-assignable groups included. */
function ownIds({ tenant, caller }: Call): Set<string> {
  const groups = tenant.groups.filter(
    ({ isAssignableToRole, members }) => isAssignableToRole && members.includes(caller.id),
  );
  return new Set([caller.id, ...groups.map(({ id }) => id)]);
}

/** The rows that the caller may see: only its own, or, for who holds a role that reads them, everybody's. */
function rowsFor<T extends { readonly principalId: string }>(
  call: Call,
  own: boolean,
  rows: readonly T[],
): readonly T[] {
  if (own) {
    const mine = ownIds(call);
    return rows.filter(({ principalId }) => mine.has(principalId));
  }
  requireRole(call, 'readEligibilities');
  return rows;
}

const eligibilities =
  (own: boolean): Handler =>
  (call) => {
    requirePim(call, eligibilityReaders);
    const rows = rowsFor(call, own, call.tenant.roleEligibilities).map(eligibilityView);
    const navigation = roleNavigation(call);
    return list(call, { type: eligibilityInstanceType, set: eligibilitySet, rows, navigation });
  };

const activations =
  (own: boolean): Handler =>
  (call) => {
    requirePim(call, assignmentReaders);
    const rows = rowsFor(call, own, call.tenant.roleAssignments).map((row) => activationView(call, row));
    const navigation = roleNavigation(call);
    return list(call, { type: assignmentInstanceType, set: assignmentSet, rows, navigation });
  };

function onlyPrincipal(handler: Handler): Handler {
  return (call, key) => {
    if (key.value !== 'principal') throw unsupportedQuery();
    return handler(call, key);
  };
}

/** The eligibility that a selfActivate names. Throws where the caller has none, or has the role already. */
function requireEligible(call: Call, body: Json): RoleEligibility {
  const role = textOf(body, 'roleDefinitionId');
  if (role === undefined) throw missingValue('roleDefinitionId', scheduleRequestType.label);
  const scope = textOf(body, 'directoryScopeId') ?? '/';
  const mine = ownIds(call);
  const names = (row: RoleAssignment): boolean =>
    mine.has(row.principalId) && sameId(row.roleDefinitionId, role) && row.directoryScopeId === scope;
  if (call.tenant.roleAssignments.some((row) => row.principalId === call.caller.id && names(row))) {
    throw badRequest('The Role assignment already exists.', 'RoleAssignmentExists');
  }
  const eligible = call.tenant.roleEligibilities.find(names);
  if (eligible !== undefined) return eligible;
  throw badRequest('The Role assignment does not exist.', 'RoleAssignmentDoesNotExist');
}

/** When an activation that begins now ends; null where it asks for no end. Throws 400 for an end that is none. */
function endOf(call: Call, body: Json): string | null {
  const schedule = body['scheduleInfo'];
  const expiration = isObject(schedule) ? schedule['expiration'] : undefined;
  if (!isObject(expiration)) return null;
  const type = textOf(expiration, 'type')?.toLowerCase();
  if (type === 'noexpiration') return null;
  const now = call.world.now();
  const end =
    type === 'afterduration'
      ? addDuration(now, textOf(expiration, 'duration') ?? '')
      : Date.parse(type === 'afterdatetime' ? (textOf(expiration, 'endDateTime') ?? '') : '');
  if (end === undefined || !(end > now) || end > latest)
    throw invalidValue('expiration', scheduleRequestType.label);
  return graphDate(end);
}

const activate: Handler = (call) => {
  const body = readBody(call.request, scheduleRequestType);
  requirePim(call, activators);
  if (textOf(body, 'action') !== 'selfActivate') throw invalidValue('action', scheduleRequestType.label);
  if (call.caller.kind !== 'user' || !sameId(textOf(body, 'principalId'), call.caller.id)) throw denied();
  const eligible = requireEligible(call, body);
  const endDateTime = endOf(call, body);
  const id = call.world.randomUUID();
  call.tenant.roleAssignments.push({
    id: `${id}-1`,
    principalId: call.caller.id,
    roleDefinitionId: eligible.roleDefinitionId,
    directoryScopeId: eligible.directoryScopeId,
    startDateTime: timestamp(call),
    endDateTime,
  });
  return {
    status: 201,
    body: {
      '@odata.context': contextOf(call, `${requestSet}/$entity`),
      id,
      status: 'Provisioned',
      createdDateTime: timestamp(call),
      completedDateTime: timestamp(call),
      appScopeId: null,
      isValidationOnly: false,
      targetScheduleId: id,
      ...body,
    },
  };
};

/** Privileged Identity Management: roles that may be activated, and their activation. */
export const pimRoutes: Routes = {
  [eligibilitySet]: { GET: eligibilities(false) },
  [`${eligibilitySet}/filterByCurrentUser/(on)`]: { GET: onlyPrincipal(eligibilities(true)) },
  [assignmentSet]: { GET: activations(false) },
  [`${assignmentSet}/filterByCurrentUser/(on)`]: { GET: onlyPrincipal(activations(true)) },
  [requestSet]: { POST: activate },
};
