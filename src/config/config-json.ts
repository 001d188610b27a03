import { fieldsIn, fieldsOf, parseJson } from '../core/fields.ts';
import {
  type ConfigReading,
  inOrder,
  type ReportingConfig,
  type Reveal,
  readConfigData,
  withoutMark,
} from './config.ts';

const blank = /[\t\n\r ]*/y;

/** One JSON token: a string, another scalar, or punctuation. */
const token =
  /(?:(?<string>"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?<scalar>(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))|(?<mark>[{}[\],:]))/uy;

type State = 'value' | 'itemOrEnd' | 'keyOrEnd' | 'key' | 'colon' | 'commaOrEnd' | 'done';

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

const afterValue = (open: readonly string[]): State => (open.length === 0 ? 'done' : 'commaOrEnd');

/** The state after an opening bracket, or undefined where no value may begin. */
function opened(state: State, mark: string, open: string[]): State | undefined {
  if (state !== 'value' && state !== 'itemOrEnd') return undefined;
  open.push(mark);
  return mark === '{' ? 'keyOrEnd' : 'itemOrEnd';
}

/** The state after a closing bracket, or undefined where it closes nothing. */
function closed(state: State, mark: string, open: string[]): State | undefined {
  const mayEnd = state === 'commaOrEnd' || state === 'itemOrEnd' || state === 'keyOrEnd';
  if (!mayEnd || closing[open.at(-1) ?? ''] !== mark) return undefined;
  open.pop();
  return afterValue(open);
}

function afterMark(state: State, mark: string, open: string[]): State | undefined {
  if (mark === '{' || mark === '[') return opened(state, mark, open);
  if (mark === '}' || mark === ']') return closed(state, mark, open);
  if (mark === ':') return state === 'colon' ? 'value' : undefined;
  if (state !== 'commaOrEnd') return undefined;
  return open.at(-1) === '{' ? 'key' : 'value';
}

function afterScalar(state: State, isString: boolean, open: readonly string[]): State | undefined {
  if (state === 'key' || state === 'keyOrEnd') return isString ? 'colon' : undefined;
  return state === 'value' || state === 'itemOrEnd' ? afterValue(open) : undefined;
}

/** Where text stops being JSON, as an index; the engine's own message may quote what is there. */
function firstFault(text: string): number {
  const open: string[] = [];
  let state: State | undefined = 'value';
  let at = 0;
  for (;;) {
    blank.lastIndex = at;
    const start = at + (blank.exec(text)?.[0].length ?? 0);
    token.lastIndex = start;
    const groups: Readonly<Record<string, string | undefined>> | undefined = token.exec(text)?.groups;
    if (!groups) return start;
    const { string, mark } = groups;
    state =
      mark === undefined ? afterScalar(state, string !== undefined, open) : afterMark(state, mark, open);
    if (!state) return start;
    at = token.lastIndex;
  }
}

/** Line and column, counted from 1, of the first fault in a text that JSON.parse refused. */
function faultPosition(text: string): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, firstFault(text)).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** Reads the JSON format. Never throws, and never quotes what the file holds. */
export function parseJsonConfig(text: string): ConfigReading {
  const content = withoutMark(text);
  if (content.trim() === '') return { status: 'invalid', problems: ['the file is empty'] };
  const data = parseJson(content);
  if (data === undefined) {
    const { line, column } = faultPosition(content);
    return { status: 'invalid', problems: [`it is not JSON from line ${line}, column ${column} on`] };
  }
  return readConfigData(data, 'json', (path) => path.join('.'));
}

/** What is known, and behind it whatever else stood there. */
const carriedOver = (
  known: Readonly<Record<string, unknown>>,
  existing: unknown,
): Record<string, unknown> => ({
  ...known,
  ...Object.fromEntries(Object.entries(fieldsOf(existing)).filter(([name]) => !Object.hasOwn(known, name))),
});

/**
 * Writes the JSON format, in the order of its documentation; ends with a line break. Fields of the `existing` text that
 * this program does not know stay, each in its section.
 */
export function formatJsonConfig(config: ReportingConfig, reveal: Reveal, existing = ''): string {
  const { version, cloud, tenantId, domain, clientId, clientSecret, certificatePath } = config;
  const { kind, keyId, displayName, expires, issuer, subject, audience, secretIn } = config.credential;
  const previous = inOrder(config.credential.previous);
  const { objectId, servicePrincipalId, uniqueName, displayName: appName, ...states } = config.application;
  const { adopted, grants, deactivatedAt, deactivatingAt } = states;
  const before = fieldsIn(withoutMark(existing));
  const credential = { kind, keyId, displayName, expires, issuer, subject, audience, secretIn, previous };
  const application = {
    objectId,
    servicePrincipalId,
    uniqueName,
    displayName: appName,
    adopted,
    grants,
    deactivatedAt,
    deactivatingAt,
  };
  const content = {
    version,
    cloud,
    tenantId,
    domain,
    clientId,
    clientSecret: clientSecret && reveal(clientSecret),
    certificatePath,
    credential: carriedOver(credential, before['credential']),
    application: carriedOver(application, before['application']),
    endpoints: config.endpoints,
    permissions: config.permissions,
  };
  return `${JSON.stringify(carriedOver(content, before), undefined, 2)}\n`;
}
