import type { Json } from '../../json.ts';
import { appIds, stableGuid } from '../../seed/well-known.ts';
import { graphDate } from '../dates.ts';
import { mixedGuid, numberedGuid, numberIn } from './generated-ids.ts';
import type { RowSource } from './row-source.ts';
import {
  chooseApplication,
  chooseClient,
  chooseClientOutcome,
  chooseDevice,
  chooseManagedIdentity,
  chooseOutcome,
  choosePlace,
  personOf,
} from './sign-in-choices.ts';
import type { BetaSignIn, EventType } from './sign-in-type.ts';
import { createTimeline, mix, officeHours, type Timeline } from './timeline.ts';

/** A row as v1.0 shows it, and what beta adds. */
export interface GeneratedSignIn {
  readonly row: Json;
  readonly beta: () => BetaSignIn;
}

/** Which of the random numbers of an event chooses what. */
const salt = {
  interactiveUser: 100,
  nonInteractiveUser: 200,
  servicePrincipal: 300,
  managedIdentity: 400,
} as const satisfies Record<EventType, number>;

const noDevice = {
  deviceId: '',
  displayName: null,
  operatingSystem: null,
  browser: null,
  isCompliant: null,
  isManaged: null,
  trustType: null,
};

const quiet = {
  riskDetail: 'none',
  riskLevelAggregated: 'none',
  riskLevelDuringSignIn: 'none',
  riskState: 'none',
  riskEventTypes: [],
  riskEventTypes_v2: [],
};

function policies(blocked: boolean): Json[] {
  return [
    {
      id: stableGuid('conditional-access/places'),
      displayName: 'Block sign-ins from unexpected places',
      enforcedGrantControls: blocked ? ['Block'] : [],
      enforcedSessionControls: [],
      result: blocked ? 'failure' : 'notApplied',
    },
  ];
}

const policiesWhere = { blocked: policies(true), notBlocked: policies(false) };

function address(network: string, random: number): string {
  return network.endsWith(':')
    ? `${network}:${(random % 65_535).toString(16)}`
    : `${network}${(random % 254) + 1}`;
}

function personalSignIn(number: number, at: number, kind: EventType, people: number): GeneratedSignIn {
  const base = salt[kind];
  const random = (which: number): number => mix(number, base + which);
  // A few people sign in much more often than most.
  const person = Math.floor((random(1) / 4_294_967_296) ** 2 * people);
  const { displayName, userPrincipalName } = personOf(person);
  // Nearly always from home.
  const place = choosePlace(random(2) % 12 === 0 ? random(3) : mix(person, 3));
  const device = chooseDevice(mix(person, 4));
  const app = chooseApplication(random(5));
  const { status } = chooseOutcome(random(6));
  const id = numberedGuid(number, base);
  const correlationId = mixedGuid(number, base + 10);
  const interactive = kind === 'interactiveUser';
  const blocked = status.errorCode === 53003;
  const row = {
    id,
    createdDateTime: graphDate(at),
    userDisplayName: displayName,
    userPrincipalName,
    userId: mixedGuid(person, 50),
    appId: app.appId,
    appDisplayName: app.name,
    ipAddress: address(place.network, random(7)),
    clientAppUsed: app.client,
    correlationId,
    conditionalAccessStatus: blocked ? 'failure' : 'notApplied',
    isInteractive: interactive,
    ...quiet,
    resourceDisplayName: app.resource[0],
    resourceId: app.resource[1],
    status,
    deviceDetail: device.detail,
    location: place.location,
    appliedConditionalAccessPolicies: blocked ? policiesWhere.blocked : policiesWhere.notBlocked,
  };
  const byDeviceCode = interactive && app.client !== 'Browser' && random(8) % 40 === 0;
  const beta = (): BetaSignIn => ({
    signInEventTypes: [kind],
    authenticationProtocol: byDeviceCode ? 'deviceCode' : 'none',
    originalTransferMethod: byDeviceCode ? 'deviceCodeFlow' : 'none',
    authenticationRequirement:
      random(9) % 3 === 0 ? 'multiFactorAuthentication' : 'singleFactorAuthentication',
    incomingTokenType: interactive ? 'none' : 'primaryRefreshToken',
    autonomousSystemNumber: place.autonomousSystemNumber,
    sessionId: mixedGuid(number, base + 20),
    userAgent: device.userAgent,
  });
  return { row, beta };
}

function clientSignIn(number: number, at: number, kind: EventType): GeneratedSignIn {
  const base = salt[kind];
  const managed = kind === 'managedIdentity';
  const client = (managed ? chooseManagedIdentity : chooseClient)(mix(number, base + 1));
  const secret = client.credential === 'clientSecret';
  const { status } = chooseClientOutcome(secret ? mix(number, base + 2) : 0);
  const row = {
    id: numberedGuid(number, base),
    createdDateTime: graphDate(at),
    userDisplayName: '',
    userPrincipalName: '',
    userId: '',
    appId: client.appId,
    appDisplayName: client.name,
    ipAddress: managed ? '' : address(client.network, mix(number, base + 3)),
    clientAppUsed: '',
    correlationId: mixedGuid(number, base + 10),
    conditionalAccessStatus: 'notApplied',
    isInteractive: false,
    ...quiet,
    resourceDisplayName: 'Microsoft Graph',
    resourceId: appIds.graph,
    status,
    deviceDetail: noDevice,
    location: choosePlace(0).location,
    appliedConditionalAccessPolicies: [],
  };
  const beta = (): BetaSignIn => ({
    signInEventTypes: [kind],
    servicePrincipalId: client.principalId,
    servicePrincipalName: client.name,
    clientCredentialType: client.credential,
    servicePrincipalCredentialKeyId: secret || client.credential === 'certificate' ? client.keyId : null,
    servicePrincipalCredentialThumbprint: client.credential === 'certificate' ? client.thumbprint : '',
    federatedCredentialId: client.credential === 'federatedIdentityCredential' ? client.keyId : null,
    autonomousSystemNumber: 64496,
    authenticationRequirement: 'singleFactorAuthentication',
  });
  return { row, beta };
}

/** The sign-in of this kind and number, the same in every process; a tenant has so many `people`. */
export function generateSignIn(number: number, at: number, kind: EventType, people: number): GeneratedSignIn {
  return kind === 'interactiveUser' || kind === 'nonInteractiveUser'
    ? personalSignIn(number, at, kind, people)
    : clientSignIn(number, at, kind);
}

/** The number of the sign-in of this kind with this id (in lower case), if there is one. */
function signInNumber(id: string, kind: EventType): number | undefined {
  return numberIn(id, salt[kind]);
}

/** The days over which generated rows spread: with the hours until a sandbox ends, less than the logs keep. */
const days = 29;

/** Events of a log of so many rows, and how many there are of them. */
export interface Era {
  readonly timeline: Timeline;
  /** Of the newest event. */
  readonly last: number;
  readonly count: number;
}

/** `count` events over the 29 days before the last full hour before `now` (epoch milliseconds). */
export function eraBefore(now: number, count: number): Era {
  const timeline = createTimeline(Math.ceil(count / days), officeHours);
  const hour = 3_600_000;
  return { timeline, last: timeline.numberAt(Math.floor(now / hour) * hour) - 1, count };
}

/** How many people a log of so many rows speaks of. */
function peopleFor(count: number): number {
  return Math.min(20_000, Math.max(25, Math.floor(count / 250)));
}

/** A function that knows its last answer: a page asks for the time of the same row again and again. */
export function remembered(compute: (index: number) => number): (index: number) => number {
  let [last, answer] = [-1, 0];
  return (index) => {
    if (index !== last) [last, answer] = [index, compute(index)];
    return answer;
  };
}

/** Sign-ins of one kind, none of which is kept anywhere. */
export function generatedSignIns(
  { timeline, last, count }: Era,
  kind: EventType,
  show: (made: GeneratedSignIn) => Json,
): RowSource {
  const people = peopleFor(count);
  const timeAt = remembered((index) => timeline.timeOf(last - index));
  return {
    length: count,
    timeAt,
    at: (index) => show(generateSignIn(last - index, timeAt(index), kind, people)),
    sorted: true,
    indexOf: (id) => {
      const number = signInNumber(id, kind);
      return number === undefined || number > last || number <= last - count ? undefined : last - number;
    },
  };
}
