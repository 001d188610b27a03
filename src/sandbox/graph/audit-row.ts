import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../json.ts';
import type { Call } from './context.ts';
import { timestamp } from './dates.ts';

export interface Property {
  readonly displayName: string;
  readonly oldValue: string | null;
  readonly newValue: string | null;
}

/** A change as a row of the log tells it. */
export interface Change {
  readonly activity: string;
  readonly operation: 'Add' | 'Update' | 'Delete' | 'Assign' | 'Unassign';
  readonly target: Json;
  readonly properties: readonly Property[];
  readonly category?: string;
  /** The service that logs it; the directory itself where absent. */
  readonly service?: 'PIM';
}

/** An application or service principal as what a change was made to. */
export function targetOf(
  { id, displayName }: { readonly id: string; readonly displayName: string },
  type: 'Application' | 'ServicePrincipal',
): Json {
  return { id, displayName, type, userPrincipalName: null, groupType: null };
}

function inBrackets(value: unknown): string {
  if (value === undefined || value === null) return '[]';
  return JSON.stringify(Array.isArray(value) ? value : [value]);
}

/** How a property changed; undefined or null is how it was before it was there. */
export function property(displayName: string, before: unknown, after: unknown): Property {
  return { displayName, oldValue: inBrackets(before), newValue: inBrackets(after) };
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The last property of a row names the others. */
export function withSummary(properties: readonly Property[]): Property[] {
  const included = properties.map(({ displayName }) => displayName).join(', ');
  const summary = {
    displayName: 'Included Updated Properties',
    oldValue: null,
    newValue: JSON.stringify(included),
  };
  return [...properties, summary];
}

/** The properties that two versions of an object do not share. */
export function differences(before: Json, after: Json): Property[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((name) => property(pascal(name), before[name], after[name]));
}

/** Who asks, as a row says who initiated a change. */
export function initiator({ caller, tenant }: Call): Json {
  if (caller.kind === 'application') {
    const principal = tenant.servicePrincipals.find(({ id }) => id === caller.id);
    const { appId } = caller;
    const displayName = principal?.displayName ?? null;
    return {
      app: { appId, displayName, servicePrincipalId: caller.id, servicePrincipalName: null },
      user: null,
    };
  }
  const user = tenant.users.find(({ id }) => id === caller.id);
  return {
    app: null,
    user: {
      id: caller.id,
      displayName: null,
      userPrincipalName: user?.userPrincipalName ?? null,
      ipAddress: '127.0.0.1',
      userType: null,
      homeTenantId: null,
      homeTenantName: null,
    },
  };
}

/** A row of /auditLogs/directoryAudits. */
export function rowOf(call: Call, change: Change, initiatedBy: Json): Json {
  const { world, request, ids } = call;
  const suffix = world.randomBytes(4);
  const letters = suffix.toString('hex').slice(0, 5).toUpperCase();
  const agent = request.headers['user-agent'];
  return {
    id: `${change.service ?? 'Directory'}_${world.randomUUID()}_${letters}_${suffix.readUInt32BE(0)}`,
    category: change.category ?? 'ApplicationManagement',
    correlationId: ids.request,
    result: 'success',
    resultReason: '',
    activityDisplayName: change.activity,
    activityDateTime: timestamp(call),
    loggedByService: change.service ?? 'Core Directory',
    operationType: change.operation,
    initiatedBy,
    targetResources: [{ ...change.target, modifiedProperties: change.properties }],
    additionalDetails: agent === undefined ? [] : [{ key: 'User-Agent', value: agent }],
  };
}
