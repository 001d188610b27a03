import { newestShown } from '../../activity.ts';
import type { Json } from '../../json.ts';
import type { ClientSignIn } from '../../model.ts';
import type { Call } from '../context.ts';
import { graphDate } from '../dates.ts';
import { matches } from '../odata/apply-filter.ts';
import type { Filter } from '../odata/filter.ts';
import { isLicensed, isPermitted, rules } from '../rights.ts';
import { type Era, eraBefore, type GeneratedSignIn, generatedSignIns } from './generated-sign-ins.ts';
import { lateSignIns } from './late-sign-ins.ts';
import { fromRows, mapped, type RowSource } from './row-source.ts';
import { type BetaSignIn, betaDefaults, type EventType, eventTypes } from './sign-in-type.ts';

/** Rows of the kinds that only beta shows, in a tenant of ordinary size. */
const ordinary = { nonInteractiveUser: 300, servicePrincipal: 120, managedIdentity: 40 } as const;

/** What is to be left out of every row, or hidden in it. */
type Hidden = Readonly<Json>;

/** What tells of risk is hidden where the tenant has no Entra ID P2 (graph-docs resources/signin.md). */
const hiddenRisk = { riskDetail: 'hidden', riskLevelAggregated: 'hidden', riskLevelDuringSignIn: 'hidden' };

/**
 * Which Conditional Access policies applied is for who may read policies, without an error for anybody else
 * (graph-docs signin-list.md).
 */
function hiddenFrom(call: Call): Hidden {
  return {
    ...(isLicensed(call.tenant, 'p2') ? {} : hiddenRisk),
    ...(isPermitted(call, rules.readConditionalAccess) ? {} : { appliedConditionalAccessPolicies: [] }),
  };
}

/** The identifier that joins a row to its token, as rows carried it before tokens had one of their own. */
function tokenIdentifier({ id }: Json): string {
  return Buffer.from(String(id)).toString('base64');
}

function betaRow(call: Call, row: Json, added: BetaSignIn): Json {
  const { id: tenantId } = call.tenant;
  const personal = added.signInEventTypes[0].endsWith('User');
  return {
    ...row,
    ...betaDefaults,
    uniqueTokenIdentifier: tokenIdentifier(row),
    originalRequestId: row['id'],
    homeTenantId: personal ? tenantId : '',
    resourceTenantId: tenantId,
    ...added,
  };
}

/** How this version of Graph shows a row to this caller. */
function shower(call: Call, beta: boolean): (made: GeneratedSignIn) => Json {
  const hidden = hiddenFrom(call);
  return (made) => {
    const row = { ...made.row, ...hidden };
    return beta ? betaRow(call, row, made.beta()) : row;
  };
}

function interactiveBeta(row: Json): BetaSignIn {
  return { signInEventTypes: ['interactiveUser'], sessionId: String(row['correlationId']) };
}

/** What an application's sign-in for itself says of a person, a device and a risk: nothing. */
const impersonal = {
  userDisplayName: '',
  userPrincipalName: '',
  userId: '',
  ipAddress: '127.0.0.1',
  clientAppUsed: '',
  conditionalAccessStatus: 'notApplied',
  isInteractive: false,
  riskDetail: 'none',
  riskLevelAggregated: 'none',
  riskLevelDuringSignIn: 'none',
  riskState: 'none',
  riskEventTypes: [],
  riskEventTypes_v2: [],
  status: { errorCode: 0, failureReason: null, additionalDetails: null },
  deviceDetail: {
    deviceId: '',
    displayName: null,
    operatingSystem: null,
    browser: null,
    isCompliant: null,
    isManaged: null,
    trustType: null,
  },
  location: {
    city: null,
    state: null,
    countryOrRegion: null,
    geoCoordinates: { altitude: null, latitude: null, longitude: null },
  },
  appliedConditionalAccessPolicies: [],
};

/** The row of a sign-in that the token endpoint has noted. */
function notedSignIn(noted: ClientSignIn): GeneratedSignIn {
  const row = {
    ...impersonal,
    id: noted.id,
    createdDateTime: graphDate(noted.at),
    appId: noted.appId,
    appDisplayName: noted.appDisplayName,
    correlationId: noted.correlationId,
    resourceDisplayName: noted.resourceDisplayName,
    resourceId: noted.resourceId,
  };
  const beta = (): BetaSignIn => ({
    signInEventTypes: ['servicePrincipal'],
    servicePrincipalId: noted.servicePrincipalId,
    servicePrincipalName: noted.appDisplayName,
    clientCredentialType: noted.clientCredentialType,
    servicePrincipalCredentialKeyId: noted.keyId,
    servicePrincipalCredentialThumbprint: noted.thumbprint ?? '',
    federatedCredentialId: noted.federatedCredentialId,
    uniqueTokenIdentifier: noted.uniqueTokenIdentifier,
    resourceServicePrincipalId: noted.resourceServicePrincipalId,
  });
  return { row, beta };
}

/** The sign-ins of applications that the logs show by now, newest first. */
export function shownClientSignIns({ tenant, world }: Call): ClientSignIn[] {
  const newest = newestShown(world);
  return tenant.activity.clientSignIns.filter(({ at }) => at <= newest).reverse();
}

/** How many rows of a kind there are in a log that has this many of people's own. */
function countOf(kind: EventType, manyRows: number): number {
  if (kind === 'servicePrincipal') return Math.ceil(manyRows / 10);
  return kind === 'managedIdentity' ? Math.ceil(manyRows / 20) : manyRows;
}

function interactiveSources(call: Call, show: (made: GeneratedSignIn) => Json): RowSource[] {
  const { tenant, world, graph } = call;
  const { manyRows, lateRows } = world.behaviour;
  const past =
    manyRows > 0
      ? generatedSignIns(eraBefore(graph.startedAt, manyRows), 'interactiveUser', show)
      : mapped(fromRows(tenant.signIns, 'createdDateTime'), (row) =>
          show({ row, beta: () => interactiveBeta(row) }),
        );
  return lateRows ? [lateSignIns(graph.startedAt, world.now(), show), past] : [past];
}

function otherSources(
  call: Call,
  kind: Exclude<EventType, 'interactiveUser'>,
  show: (made: GeneratedSignIn) => Json,
): RowSource[] {
  const { graph, world } = call;
  const { manyRows } = world.behaviour;
  const count = manyRows > 0 ? countOf(kind, manyRows) : ordinary[kind];
  const era: Era = eraBefore(graph.startedAt, count);
  const past = generatedSignIns(era, kind, show);
  if (kind !== 'servicePrincipal') return [past];
  const noted = shownClientSignIns(call).map((signIn) => show(notedSignIn(signIn)));
  return [fromRows(noted, 'createdDateTime'), past];
}

/** The sign-ins of these kinds. */
export function signInSources(call: Call, beta: boolean, kinds: readonly EventType[]): RowSource[] {
  if (call.world.behaviour.noLogs) return [];
  const show = shower(call, beta);
  return kinds.flatMap((kind) =>
    kind === 'interactiveUser' ? interactiveSources(call, show) : otherSources(call, kind, show),
  );
}

/** The conditions that `and` joins. */
function conditions(filter: Filter): Filter[] {
  return filter.kind === 'and' ? [...conditions(filter.left), ...conditions(filter.right)] : [filter];
}

function names(filter: Filter, property: string): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return names(filter.left, property) || names(filter.right, property);
    case 'not':
      return names(filter.operand, property);
    default:
      return filter.path.split('/')[0] === property;
  }
}

/**
 * The kinds of sign-in that a request is about: those of people who took part, unless its filter speaks of
 * `signInEventTypes` (graph-docs beta resources/signin.md).
 */
export function kindsAsked(filter: Filter | undefined): readonly EventType[] {
  if (filter === undefined || !names(filter, 'signInEventTypes')) return ['interactiveUser'];
  const decisive = conditions(filter).filter(
    (condition) => condition.kind === 'any' && condition.path === 'signInEventTypes',
  );
  return eventTypes.filter((kind) =>
    decisive.every((condition) => matches({ signInEventTypes: [kind] }, condition)),
  );
}
