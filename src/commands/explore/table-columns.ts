import { type Fields, fieldsOf, listOf, textOf } from '../../core/fields.ts';
import { errorMeaning } from '../../tenant/logs/error-meanings.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import { errorCodeOf, outcomeOf } from '../../tenant/logs/row-conditions.ts';
import { valueAt } from './row-columns.ts';

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  /** The time of the row: shown as somebody here reads it. */
  readonly isTime?: true;
  /** Not made safe to print. */
  readonly cell: (row: Fields, stream: LogStream) => string;
}

const text =
  (...names: readonly string[]) =>
  (row: Fields): string =>
    names.map((name) => textOf(valueAt(row, name))).find((found) => found !== '') ?? '';

const time: TableColumn = { title: 'Time', isTime: true, cell: () => '' };

/** What became of a sign-in, in words. */
function signInResult(row: Fields): string {
  const code = errorCodeOf(row);
  if (code === undefined) return 'unknown';
  if (code === 0) return 'success';
  const words = errorMeaning(code, textOf(fieldsOf(row['status'])['failureReason']));
  return `${outcomeOf('sign-ins', row) === 'interrupted' ? 'interrupted ' : ''}${code}${words === '' ? '' : ` ${words}`}`;
}

const place = (row: Fields): string =>
  ['location.city', 'location.countryOrRegion']
    .map((name) => textOf(valueAt(row, name)))
    .filter(Boolean)
    .join(', ');

const type: TableColumn = { title: 'Type', cell: (_row, stream) => stream.type ?? '' };
const result: TableColumn = { title: 'Result', cell: signInResult };
const address: TableColumn = { title: 'Address', cell: text('ipAddress') };
const application: TableColumn = { title: 'Application', cell: text('appDisplayName', 'appId') };

const ofPeople: readonly TableColumn[] = [
  time,
  { title: 'User', cell: text('userPrincipalName', 'userDisplayName', 'userId') },
  application,
  result,
  address,
  { title: 'Place', cell: place },
];

const ofApplications: readonly TableColumn[] = [
  time,
  { title: 'Application', cell: text('servicePrincipalName', 'appDisplayName', 'appId') },
  { title: 'Resource', cell: text('resourceDisplayName') },
  { title: 'Credential', cell: text('clientCredentialType') },
  { title: 'Key ID', cell: text('servicePrincipalCredentialKeyId', 'federatedCredentialId') },
  result,
  address,
];

const ofAll: readonly TableColumn[] = [
  time,
  type,
  {
    title: 'Who',
    cell: text('userPrincipalName', 'servicePrincipalName', 'userDisplayName', 'appDisplayName'),
  },
  application,
  result,
  address,
];

/** Who changed something: a person or an application. */
const initiator = text(
  'initiatedBy.user.userPrincipalName',
  'initiatedBy.user.displayName',
  'initiatedBy.app.displayName',
  'initiatedBy.user.id',
  'initiatedBy.app.appId',
);

const targets = (row: Fields): string =>
  listOf(row['targetResources'])
    .map((one) => textOf(one['displayName']) || textOf(one['userPrincipalName']) || textOf(one['id']))
    .filter(Boolean)
    .join(', ');

const audits: readonly TableColumn[] = [
  time,
  { title: 'Activity', cell: text('activityDisplayName') },
  { title: 'Target', cell: targets },
  { title: 'By', cell: initiator },
  { title: 'Result', cell: (row) => textOf(row['result']) || 'unknown' },
];

const provisioning: readonly TableColumn[] = [
  time,
  { title: 'Action', cell: text('provisioningAction') },
  { title: 'Identity', cell: text('sourceIdentity.displayName', 'sourceIdentity.id') },
  { title: 'To', cell: text('targetSystem.displayName') },
  { title: 'Result', cell: (row) => textOf(valueAt(row, 'provisioningStatusInfo.status')) || 'unknown' },
];

/** Columns of a table for these lists. Pure. */
export function tableColumns(streams: readonly LogStream[]): readonly TableColumn[] {
  const [first] = streams;
  if (first?.log === 'audits') return audits;
  if (first?.log === 'provisioning') return provisioning;
  const people = streams.filter((one) => one.type === 'interactive' || one.type === 'non-interactive');
  if (streams.length === 1) return people.length === 1 ? ofPeople : ofApplications;
  if (people.length === streams.length) return [time, type, ...ofPeople.slice(1)];
  return people.length === 0 ? [time, type, ...ofApplications.slice(1)] : ofAll;
}

/** Policies are hidden from whoever may not read them: an empty list says nothing then. */
const policies = 'appliedConditionalAccessPolicies';
const readsPolicies = ['Policy.Read.All', 'Policy.Read.ConditionalAccess'];

/** Whether the token lets its holder see which Conditional Access policies were applied. Pure. */
export const seesPolicies = (roles: readonly string[] | undefined): boolean | undefined =>
  roles?.some((role) => readsPolicies.includes(role));

function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether a column is made here: the time, and the kind of sign-in. Pure. */
export const namesNoProperty = (name: string, streams: readonly LogStream[]): boolean =>
  name === 'time' || (name === 'type' && streams[0]?.log === 'sign-ins');

/** Columns that somebody named, by flattened names; `roles` are those of the token. Pure. */
export function namedColumns(
  names: readonly string[],
  streams: readonly LogStream[],
  roles: readonly string[] | undefined,
): readonly TableColumn[] {
  const dates = streams.map((stream) => stream.time);
  return names.map((name): TableColumn => {
    if (dates.includes(name) || name === 'time') return time;
    if (name === 'type' && streams[0]?.log === 'sign-ins') return type;
    const cell = (row: Fields): string => {
      const value = valueAt(row, name);
      const isHidden = name === policies && seesPolicies(roles) === false;
      return isHidden && (!Array.isArray(value) || value.length === 0)
        ? 'not permitted to see'
        : shown(value);
    };
    return { title: name, cell };
  });
}
