import { randomUUID, webcrypto, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { loadX509 } from '../../src/sandbox/certificate.ts';
import { createSandboxKeys, startSandbox } from '../../src/sandbox/index.ts';

const exchangeSchema = z.strictObject({
  id: z.string(),
  source: z.string(),
  method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']),
  path: z.string(),
  body: z.record(z.string(), z.unknown()).optional(),
  /** The name under which later exchanges find the reply. */
  as: z.string().optional(),
  status: z.number(),
  /** Names of the reply's properties. */
  keys: z.array(z.string()).optional(),
  /** By path. */
  values: z.record(z.string(), z.unknown()).optional(),
  formats: z.record(z.string(), z.enum(['seven fraction digits', 'whole seconds'])).optional(),
  location: z.string().optional(),
  error: z.string().optional(),
  detailKeys: z.array(z.string()).optional(),
  remark: z.string().optional(),
  differences: z.array(z.strictObject({ what: z.string(), why: z.string() })).optional(),
});
type Exchange = z.infer<typeof exchangeSchema>;

const names = z.array(z.string());
const factsSchema = z.object({
  sources: z.record(z.string(), z.string()),
  headers: z.strictObject({
    success: names,
    compressed: names,
    nothing: names,
    error: names,
    batchItem: names,
  }),
  notRecorded: z.strictObject({ names, why: z.string() }),
  exchanges: z.array(exchangeSchema),
});

const file = join(import.meta.dirname, 'recorded-facts.json');
const facts = factsSchema.parse(JSON.parse(await readFile(file, 'utf8')));

const sandbox = await startSandbox({ scenarios: ['default'], keys: await createSandboxKeys() });
const dispatcher = new Agent({ connect: { ca: sandbox.caCertificate } });
afterAll(async () => {
  await dispatcher.destroy();
  await sandbox.stop();
});

/** What HTTP/1.1 adds for the connection alone. */
const ofConnection = ['connection', 'keep-alive'];

async function makeCertificate(): Promise<Record<string, string>> {
  const { X509CertificateGenerator } = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=recorded',
    keys,
    signingAlgorithm: algorithm,
  });
  const { fingerprint } = new X509Certificate(Buffer.from(made.rawData));
  const lines = Buffer.from(made.rawData)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n');
  return { lines, thumbprint: fingerprint.replaceAll(':', ''), keyId: randomUUID() };
}

/** What placeholders refer to: replies by name, and what the sandbox is. */
const known: Record<string, unknown> = {
  origin: sandbox.origin,
  tenantId: sandbox.tenantId,
  certificate: await makeCertificate(),
};

/** The part of a value that a path such as `value.0.id` leads to; a name with a dot in it only as a whole path. */
function at(value: unknown, path: string): unknown {
  const step = (held: unknown, name: string): unknown =>
    Object.entries(Object(held)).find(([key]) => key === name)?.[1];
  return path.startsWith('@') ? step(value, path) : path.split('.').reduce(step, value);
}

/** Puts in what the placeholders stand for. */
function filled(value: unknown): unknown {
  if (typeof value === 'string') {
    const whole = /^\{([\w.]+)\}$/.exec(value)?.[1];
    if (whole !== undefined) return at(known, whole);
    return value.replaceAll(/\{([\w.]+)\}/g, (_, path: string) => String(at(known, path)));
  }
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, filled(held)]));
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

async function call(method: Exchange['method'], path: string, body: unknown, token: string): Promise<Reply> {
  const reply = await request(`${sandbox.graphUrl}/v1.0${encodeURI(path)}`, {
    method,
    dispatcher,
    headers: {
      authorization: `Bearer ${token}`,
      'accept-encoding': 'gzip',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await reply.body.arrayBuffer());
  const text = reply.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  const parsed: unknown = text.length === 0 ? undefined : JSON.parse(text.toString());
  return { status: reply.statusCode, headers: reply.headers, body: parsed };
}

async function automationToken(): Promise<string> {
  const { clientId, clientSecret } = sandbox.automation;
  const reply = await request(`${sandbox.origin}/${sandbox.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${sandbox.graphUrl}/.default`,
    }).toString(),
  });
  return z.object({ access_token: z.string() }).parse(await reply.body.json()).access_token;
}

const token = await automationToken();

/** `+name` for what only the second list has, `-name` for what only the first has. */
function compared(recorded: readonly string[], shown: readonly string[]): string[] {
  const more = shown.filter((name) => !recorded.includes(name)).map((name) => `+${name}`);
  return [...more, ...recorded.filter((name) => !shown.includes(name)).map((name) => `-${name}`)].sort();
}

function recordedHeaders({ status, location }: Exchange): string[] {
  if (status === 204) return facts.headers.nothing;
  const { success, error, compressed } = facts.headers;
  return [
    ...(status < 300 ? success : error),
    ...compressed,
    ...(location === undefined ? [] : ['location']),
  ];
}

function headersOf({ headers }: Reply): string[] {
  const hidden = [...ofConnection, ...facts.notRecorded.names];
  return Object.keys(headers).filter((name) => !hidden.includes(name));
}

const formats = {
  'seven fraction digits': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/,
  'whole seconds': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
};

/** What is at a path of the reply, cut down to its end where only that was recorded. */
function shownAt(body: unknown, path: string, wanted: unknown): unknown {
  const value = at(body, path);
  const partial = typeof wanted === 'string' && wanted.startsWith('…') && typeof value === 'string';
  return partial ? `…${value.slice(-wanted.length + 1)}` : value;
}

function expectValues({ values = {}, formats: wanted = {} }: Exchange, body: unknown): void {
  const shown = Object.entries(values).map(([path, value]) => [path, shownAt(body, path, value)]);
  expect(Object.fromEntries(shown)).toEqual(filled(values));
  for (const [path, format] of Object.entries(wanted)) {
    expect({ [path]: at(body, path) }).toEqual({ [path]: expect.stringMatching(formats[format]) });
  }
}

describe('an exchange that was recorded of the real service', () => {
  it.each(facts.exchanges.map((exchange) => [exchange.id, exchange] as const))('%s', async (_, exchange) => {
    const { method, path, keys, differences = [], error, detailKeys, location } = exchange;
    const reply = await call(method, String(filled(path)), filled(exchange.body), token);
    expect(reply.status, JSON.stringify(reply.body)).toBe(exchange.status);
    if (exchange.as !== undefined) known[exchange.as] = reply.body;
    const shown = Object.keys(Object(reply.body));
    const found = [
      ...compared(recordedHeaders(exchange), headersOf(reply)).map((name) => `header ${name}`),
      ...(keys === undefined ? [] : compared(keys, shown)),
    ];
    expect(found).toEqual(differences.map(({ what }) => what));
    expectValues(exchange, reply.body);
    if (location !== undefined) expect(reply.headers['location']).toBe(filled(location));
    if (error !== undefined) expect(at(reply.body, 'error.code')).toBe(error);
    if (detailKeys !== undefined) {
      expect(compared(detailKeys, Object.keys(Object(at(reply.body, 'error.details.0'))))).toEqual([]);
    }
  });

  it('keeps an item of a batch to the headers that were recorded', async () => {
    const requests = [{ id: '1', method: 'GET', url: '/applications?$top=1' }];
    const { body } = await call('POST', '/$batch', { requests }, token);
    expect(compared(facts.headers.batchItem, Object.keys(Object(at(body, 'responses.0.headers'))))).toEqual(
      [],
    );
  });

  it('is counted in the documentation', async () => {
    const document = await readFile(join(import.meta.dirname, '../../docs/sandbox.md'), 'utf8');
    const differing = facts.exchanges.filter(({ differences = [] }) => differences.length > 0).length;
    const agreeing = facts.exchanges.length - differing;
    expect(document).toContain(`| Exchanges | ${facts.exchanges.length} |`);
    expect(document).toContain(`| Agreeing in everything that was recorded | ${agreeing} |`);
    expect(document).toContain(`| With a difference that stays | ${differing} |`);
  });

  it('names a source that the file explains, and says why a difference stays', () => {
    const explained = [...Object.keys(facts.sources), 'many collectors on v1.0'];
    for (const { source, differences = [] } of facts.exchanges) {
      expect(explained).toContain(source);
      for (const { why } of differences) expect(why.length).toBeGreaterThan(10);
    }
  });
});
