import { type Fields, fieldsOf, guidPattern, textOf } from '../../core/fields.ts';
import { interruptions } from './error-meanings.ts';
import type { LogStream } from './log-streams.ts';
import { parseFilter, type RowTest } from './odata-filter.ts';

/** What somebody wants to see of a log. */
export interface RowWishes {
  /** A user principal name, an object id, or how a display name begins. */
  readonly user?: string | undefined;
  /** A client ID, else a display name. */
  readonly app?: string | undefined;
  readonly failed: boolean;
  /** A request or correlation id. */
  readonly id?: string | undefined;
  /** OData. */
  readonly filter?: string | undefined;
}

/** Something that rows have to fulfil, which Graph is asked to look at. */
export interface Condition {
  /** OData. */
  readonly text: string;
  /** The option that it comes from. */
  readonly from: string;
  /** The property's page lists the operator: Graph refuses no such condition. */
  readonly isDocumented: boolean;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

type Made = readonly [text: string, isDocumented: boolean];

const documented = (text: string): Made => [text, true];
const undocumented = (text: string): Made => [text, false];

/** Whether somebody is named by neither object ID nor user principal name. Pure. */
export const isDisplayName = (user: string): boolean => !guidPattern.test(user) && !user.includes('@');

/** Names of people and applications by log (the property pages of graph-docs; provisioning takes eq for every property). */
function userCondition({ log }: LogStream, user: string): Made {
  const isId = guidPattern.test(user);
  const isName = user.includes('@');
  const text = literal(isName || isId ? user.toLowerCase() : user);
  if (log === 'sign-ins') {
    if (isId) return documented(`userId eq ${text}`);
    return documented(isName ? `userPrincipalName eq ${text}` : `startswith(userDisplayName,${text})`);
  }
  if (log === 'audits') {
    if (isId) return documented(`initiatedBy/user/id eq ${text}`);
    if (isName) return documented(`initiatedBy/user/userPrincipalName eq ${text}`);
    return undocumented(`startswith(initiatedBy/user/displayName,${text})`);
  }
  if (isId) return documented(`sourceIdentity/id eq ${text}`);
  if (!isName) return undocumented(`startswith(sourceIdentity/displayName,${text})`);
  const given = literal(user);
  return undocumented(
    `(sourceIdentity/displayName eq ${given} or modifiedProperties/any(p: p/newValue eq ${given}))`,
  );
}

function appCondition({ log }: LogStream, app: string): Made {
  const isId = guidPattern.test(app);
  const text = literal(isId ? app.toLowerCase() : app);
  const [id, name] = {
    'sign-ins': ['appId', 'appDisplayName'],
    audits: ['initiatedBy/app/appId', 'initiatedBy/app/displayName'],
    provisioning: ['servicePrincipal/id', 'servicePrincipal/displayName'],
  }[log];
  return documented(`${isId ? id : name} eq ${text}`);
}

function failedCondition({ log }: LogStream): Made {
  if (log === 'sign-ins') return undocumented('status/errorCode ne 0');
  if (log === 'audits') return undocumented("result ne 'success'");
  return documented("provisioningStatusInfo/status eq 'failure'");
}

function idCondition({ log, version }: LogStream, id: string): Made {
  const text = literal(guidPattern.test(id) ? id.toLowerCase() : id);
  if (log === 'audits') {
    return guidPattern.test(id) ? documented(`correlationId eq ${text}`) : undocumented(`id eq ${text}`);
  }
  if (log === 'provisioning') return documented(`(id eq ${text} or changeId eq ${text})`);
  const original = version === 'beta' ? ` or originalRequestId eq ${text}` : '';
  return documented(`(id eq ${text} or correlationId eq ${text}${original})`);
}

/** The conditions that Graph is asked to look at. Pure. */
export function conditionsFor(stream: LogStream, { user, app, failed, id, filter }: RowWishes): Condition[] {
  const from = (option: string, made: Made | undefined): Condition[] =>
    made === undefined ? [] : [{ from: option, text: made[0], isDocumented: made[1] }];
  return [
    ...from('--user', user === undefined ? undefined : userCondition(stream, user)),
    ...from('--app', app === undefined ? undefined : appCondition(stream, app)),
    ...from('--failed', failed ? failedCondition(stream) : undefined),
    ...from('--id', id === undefined ? undefined : idCondition(stream, id)),
    ...from('--filter', filter === undefined ? undefined : undocumented(`(${filter})`)),
  ];
}

/** What Graph is never asked: that a sign-in which goes on with the next page of the dialogue is no failure. Pure. */
export function ownTest({ log }: LogStream, { failed }: RowWishes): RowTest | undefined {
  if (!failed || log !== 'sign-ins') return undefined;
  return (row) => !interruptions.has(Number(fieldsOf(row['status'])['errorCode']));
}

/**
 * The same conditions as one test of rows; undefined where there are none. Throws RangeError as parseFilter, and so does
 * the test where somebody's own filter compares what cannot be compared. Pure.
 */
export function testOf(conditions: readonly Condition[], stream: LogStream): RowTest | undefined {
  const tests = conditions.map(({ text, from }) =>
    parseFilter(text, stream.isCaseSensitive, from === '--filter'),
  );
  if (tests.length === 0) return undefined;
  return (row: Fields) => tests.every((test) => test(row));
}

/** The error code of a sign-in; undefined where the row does not have one. Pure. */
export function errorCodeOf(row: Fields): number | undefined {
  const code = fieldsOf(row['status'])['errorCode'];
  return typeof code === 'number' ? code : undefined;
}

/** What a row says about how it ended. */
export type RowOutcome = 'success' | 'failure' | 'interrupted' | 'unknown';

/** Whether something succeeded; sign-ins that were interrupted are told apart, and rows that do not say. Pure. */
export function outcomeOf(log: LogStream['log'], row: Fields): RowOutcome {
  if (log === 'sign-ins') {
    const code = errorCodeOf(row);
    if (code === undefined) return 'unknown';
    if (code === 0) return 'success';
    return interruptions.has(code) ? 'interrupted' : 'failure';
  }
  const word = textOf(log === 'audits' ? row['result'] : fieldsOf(row['provisioningStatusInfo'])['status']);
  if (word === '') return 'unknown';
  if (log === 'audits') return word === 'success' ? 'success' : 'failure';
  return word === 'failure' ? 'failure' : 'success';
}
