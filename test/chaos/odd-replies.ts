import { gzipSync } from 'node:zlib';
import type { Fault, FaultTarget, Tenant } from '../../src/sandbox/index.ts';
import { bystander } from './chaos-world.ts';

export type Reply = NonNullable<FaultTarget['reply']>;

/** What a reply may be made from. `now` is the server's, in epoch milliseconds. */
export interface ReplySource {
  readonly tenant: Tenant;
  readonly now: () => number;
}

/** Another reply in the place of the server's own, which is undefined where the server did not act. */
export type ChangeReply = (own: Reply | undefined, source: ReplySource) => Reply;

const jsonType = { 'content-type': 'application/json' };

const based = (own: Reply | undefined): Reply => own ?? { status: 200, headers: jsonType, body: '{}' };

const withBody =
  (body: string): ChangeReply =>
  (own) => ({ ...based(own), body });

const page =
  '<html><head><title>Blocked</title></head><body>Your organization blocks this site.</body></html>';

const html = (status: number): ChangeReply => {
  const reply: Reply = { status, headers: { 'content-type': 'text/html' }, body: page };
  return () => reply;
};

/** Every field that means something, and none of the right type. */
const otherTypes = {
  id: 7,
  appId: {},
  keyId: null,
  secretText: 5,
  endDateTime: false,
  access_token: 7,
  token_type: [],
  expires_in: 'soon',
  value: 'x',
  responses: {},
};

/** Bodies that neither Entra nor Graph sends. */
export const oddBodies: Readonly<Record<string, ChangeReply>> = {
  'empty object': withBody('{}'),
  null: withBody('null'),
  list: withBody('[]'),
  text: withBody('"x"'),
  'value null': withBody('{"value":null}'),
  'other types': withBody(JSON.stringify(otherTypes)),
  'no body': withBody(''),
  'no content': (own) => ({ ...based(own), status: 204, body: '' }),
  'plain text': (own) => ({ ...based(own), headers: { 'content-type': 'text/plain' }, body: 'OK' }),
  'page 200': html(200),
  'page 403': html(403),
};

const error = (status: number, code: string, message: string): ChangeReply => {
  const reply: Reply = { status, headers: jsonType, body: JSON.stringify({ error: { code, message } }) };
  return () => reply;
};

/** What replicas that lag behind say of what is there. */
export const denials: Readonly<Record<string, ChangeReply>> = {
  'denied 404': error(
    404,
    'Request_ResourceNotFound',
    "Resource '0' does not exist or one of its queried reference-property objects are not present.",
  ),
  'denied 403': error(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  ),
  'denied 400': error(
    400,
    'Request_BadRequest',
    'No password credential found with keyId 00000000-0000-4000-8000-000000000000.',
  ),
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Changes the objects in a body of Graph's, those of a list and of a batch too. */
function eachObject(body: unknown, change: (object: Fields) => Fields): unknown {
  if (!isObject(body)) return body;
  const { value, responses } = body;
  if (Array.isArray(responses)) {
    const changed = responses.map((item: Fields) => ({ ...item, body: eachObject(item['body'], change) }));
    return { ...body, responses: changed };
  }
  if (Array.isArray(value)) return { ...body, value: value.map((item) => eachObject(item, change)) };
  return change(body);
}

const changing =
  (change: (object: Fields, tenant: Tenant) => Fields): ChangeReply =>
  (own, { tenant }) => {
    const reply = based(own);
    if (reply.status > 299) return reply;
    return {
      ...reply,
      body: JSON.stringify(eachObject(JSON.parse(reply.body || '{}'), (one) => change(one, tenant))),
    };
  };

const strangeKey = 'dddddddd-dddd-4ddd-8ddd-dddddddddddd';

/** An application of somebody else's, and a service principal of another. */
function strangers(tenant: Tenant) {
  const application = tenant.applications.find(({ displayName }) => displayName === bystander);
  const principal = tenant.servicePrincipals.find(({ appId }) =>
    tenant.applications.some((one) => one.appId === appId && one.uniqueName === null),
  );
  if (!application || !principal) throw new Error('There is no other application.');
  return { application, principal };
}

const principalFields = ['servicePrincipalType', 'accountEnabled', 'appOwnerOrganizationId'];

/** The ids of another object of the same kind. */
function otherIds(object: Fields, tenant: Tenant): Fields {
  const { application, principal } = strangers(tenant);
  const isPrincipal = principalFields.some((name) => name in object);
  const { id } = isPrincipal ? principal : application;
  return {
    ...object,
    ...('id' in object ? { id: 'appId' in object ? id : strangeKey } : {}),
    ...('appId' in object ? { appId: application.appId } : {}),
    ...('keyId' in object ? { keyId: strangeKey } : {}),
    ...('principalId' in object ? { principalId: principal.id } : {}),
  };
}

/** Another object of the same kind, whole, as far as the reply shows any of it. */
function otherObject(object: Fields, tenant: Tenant): Fields {
  if (!('appId' in object)) return otherIds(object, tenant);
  const { application, principal } = strangers(tenant);
  const other: Fields = { ...(principalFields.some((name) => name in object) ? principal : application) };
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, name in other ? other[name] : value]),
  );
}

const noId = "../organization?x='y'/";

/** Texts that are no ids, where ids are due. */
const noIds = (object: Fields): Fields =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      /^(id|appId|keyId|principalId)$/.test(name) ? noId : value,
    ]),
  );

/** Replies about something that was not asked for. */
export const otherObjects: Readonly<Record<string, ChangeReply>> = {
  'other ids': changing(otherIds),
  'other object': changing(otherObject),
  'no ids': changing((object) => noIds(object)),
};

const minute = 60_000;

const datedBy =
  (offset: number): ChangeReply =>
  (own, { now }) => ({
    ...based(own),
    headers: { ...based(own).headers, date: new Date(now() + offset).toUTCString() },
  });

/** `Date` headers that are wrong. */
export const wrongDates: Readonly<Record<string, ChangeReply>> = {
  'date ahead': datedBy(17 * minute),
  'date behind': datedBy(-17 * minute),
  'date of another year': datedBy(-400 * 1_440 * minute),
  'date none': (own) => ({ ...based(own), headers: { ...based(own).headers, date: 'today' } }),
};

const raw = (head: string, body: Uint8Array = new Uint8Array()): Uint8Array =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`), body]);

/** Beyond what any reply may unpack to, and a thousandth of it on the wire. */
const unpacked = 72 * 1_048_576;

let spaces: Uint8Array | undefined;

/** The server's own reply, and so many spaces behind it that nobody may unpack them all (RFC 1952, 2.2: members). */
function bomb(own: Reply | undefined): Uint8Array {
  spaces ??= gzipSync(Buffer.alloc(unpacked, ' '), { level: 9 });
  const { status, body } = based(own);
  const packed = Buffer.concat([gzipSync(body), spaces]);
  const head = [
    'Content-Type: application/json',
    'Content-Encoding: gzip',
    `Content-Length: ${packed.length}`,
  ];
  return raw([`${status} OK`, ...head].join('\r\n'), packed);
}

/** What is no whole reply of HTTP, or unpacks to far more than it is. */
export const oddBytes: Readonly<Record<string, Fault>> = {
  'switching protocols': {
    kind: 'bytes',
    bytes: () => raw('101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other'),
  },
  bomb: { kind: 'bytes', bytes: bomb },
};
