import { type Json, textOf } from '../../json.ts';
import type { AppRoleAssignment, ServicePrincipal } from '../../model.ts';
import { appIds } from '../../seed/well-known.ts';
import { readBody } from '../body.ts';
import { type Call, contextOf, noContent, type Outcome, sameId } from '../context.ts';
import { timestamp } from '../dates.ts';
import { knows, requirePrincipal } from '../objects.ts';
import { entity, list } from '../odata/list.ts';
import { badRequest, denied, missingValue, notFound } from '../refusal.ts';
import { isPermitted, requirePermission, requireRole, rules } from '../rights.ts';
import type { Handler, Key, Methods, Routes } from '../router.ts';
import { appRoleAssignmentType as type } from '../types/roles.ts';
import type { EntityType } from '../types/spec.ts';

/** From which end a collection of assignments is seen. */
interface Side {
  readonly collection: 'appRoleAssignments' | 'appRoleAssignedTo';
  readonly property: 'principalId' | 'resourceId';
  /** With the filters that this end takes (graph-docs serviceprincipal-list-approleassignments, -approleassignedto). */
  readonly type: EntityType;
}

const ofPrincipal: Side = {
  collection: 'appRoleAssignments',
  property: 'principalId',
  type: { ...type, filterable: { resourceId: ['eq'] } },
};
const ofResource: Side = {
  collection: 'appRoleAssignedTo',
  property: 'resourceId',
  type: { ...type, filterable: { resourceId: ['eq'], principalDisplayName: ['eq', 'startswith'] } },
};

function setOf(principal: ServicePrincipal, { collection }: Side): string {
  return `servicePrincipals('${principal.id}')/${collection}`;
}

function view(assignment: AppRoleAssignment): Json {
  return { ...assignment };
}

function known(call: Call, principal: ServicePrincipal, side: Side): AppRoleAssignment[] {
  return call.tenant.appRoleAssignments.filter(
    (assignment) => assignment[side.property] === principal.id && knows(call, assignment),
  );
}

const listAll =
  (side: Side): Handler =>
  (call, key) => {
    requirePermission(call, rules.readAssignments);
    const principal = requirePrincipal(call, key);
    const rows = known(call, principal, side).map(view);
    return list(call, { type: side.type, set: setOf(principal, side), rows });
  };

function requireAssignment(
  call: Call,
  principal: ServicePrincipal,
  side: Side,
  { value }: Key,
): AppRoleAssignment {
  const found = known(call, principal, side).find(({ id }) => id === value);
  if (found === undefined) throw notFound(value);
  return found;
}

const read =
  (side: Side): Handler =>
  (call, key, id) => {
    requirePermission(call, rules.readAssignments);
    const principal = requirePrincipal(call, key);
    const assignment = requireAssignment(call, principal, side, id);
    return entity(call, type, setOf(principal, side), view(assignment));
  };

/** Granting takes two permissions: to write assignments, and to see what they join (microsoft-graph-docs #12833). */
function requireGranter(call: Call): void {
  requirePermission(call, rules.writeAssignments);
  if (!isPermitted(call, rules.seeAssignmentTargets)) throw denied();
}

/** Application permissions of Microsoft Graph and Azure AD Graph take more than an application administrator. */
function requireGrantingRole(call: Call, resource: ServicePrincipal): void {
  const microsofts = sameId(resource.appId, appIds.graph) || sameId(resource.appId, appIds.legacyGraph);
  requireRole(call, microsofts ? 'grantMicrosoftPermissions' : 'grantOtherPermissions');
}

function requiredId(body: Json, property: string): string {
  const id = textOf(body, property);
  if (id === undefined) throw missingValue(property, 'AppRoleAssignment');
  return id;
}

function referenced(call: Call, id: string): ServicePrincipal {
  const principal = call.tenant.servicePrincipals.find((candidate) => sameId(candidate.id, id));
  if (principal === undefined || !knows(call, principal)) throw badRequest('Not a valid reference update');
  return principal;
}

function requireNewRole(
  call: Call,
  principal: ServicePrincipal,
  resource: ServicePrincipal,
  appRoleId: string,
): void {
  const role = resource.appRoles.find(({ id }) => sameId(id, appRoleId));
  if (role === undefined || !role.isEnabled || !role.allowedMemberTypes.includes('Application')) {
    throw badRequest('Permission being assigned was not found on application');
  }
  const held = call.tenant.appRoleAssignments.some(
    (assignment) =>
      assignment.principalId === principal.id &&
      assignment.resourceId === resource.id &&
      sameId(assignment.appRoleId, appRoleId),
  );
  if (held) throw badRequest('Permission being assigned already exists on the object');
}

function grant(call: Call, owner: ServicePrincipal, side: Side, body: Json): Outcome {
  const ids = {
    principalId: requiredId(body, 'principalId'),
    resourceId: requiredId(body, 'resourceId'),
    appRoleId: requiredId(body, 'appRoleId'),
  };
  if (!sameId(ids[side.property], owner.id)) throw badRequest('Not a valid reference update');
  const resource = referenced(call, ids.resourceId);
  const principal = referenced(call, ids.principalId);
  requireGrantingRole(call, resource);
  requireNewRole(call, principal, resource, ids.appRoleId);
  const assignment: AppRoleAssignment = {
    id: call.world.randomBytes(32).toString('base64url'),
    deletedDateTime: null,
    appRoleId: ids.appRoleId.toLowerCase(),
    createdDateTime: timestamp(call),
    principalDisplayName: principal.displayName,
    principalId: principal.id,
    principalType: 'ServicePrincipal',
    resourceDisplayName: resource.displayName,
    resourceId: resource.id,
  };
  call.tenant.appRoleAssignments.push(assignment);
  const context = contextOf(call, `${setOf(owner, side)}/$entity`);
  return { status: 201, body: { '@odata.context': context, ...view(assignment) } };
}

const create =
  (side: Side): Handler =>
  (call, key) => {
    const body = readBody(call.request, type);
    requireGranter(call);
    return grant(call, requirePrincipal(call, key), side, body);
  };

const revoke =
  (side: Side): Handler =>
  (call, key, id) => {
    requireGranter(call);
    const principal = requirePrincipal(call, key);
    const assignment = requireAssignment(call, principal, side, id);
    requireGrantingRole(call, requirePrincipal(call, { by: undefined, value: assignment.resourceId }));
    call.tenant.appRoleAssignments = call.tenant.appRoleAssignments.filter((other) => other !== assignment);
    return noContent;
  };

function sideRoutes(side: Side): Record<string, Methods> {
  return {
    [`servicePrincipals/{}/${side.collection}`]: { GET: listAll(side), POST: create(side) },
    [`servicePrincipals/{}/${side.collection}/{}`]: { GET: read(side), DELETE: revoke(side) },
  };
}

/** App role assignments: what an application may do on an API without a person. */
export const assignmentRoutes: Routes = { ...sideRoutes(ofPrincipal), ...sideRoutes(ofResource) };
