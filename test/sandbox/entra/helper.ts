import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import { createServerCertificate, createSigningKey } from '../../../src/sandbox/certificate.ts';
import { createSessions, type Entra } from '../../../src/sandbox/entra/call.ts';
import { handleEntra } from '../../../src/sandbox/entra/index.ts';
import type { Application, ServicePrincipal } from '../../../src/sandbox/model.ts';
import { combine } from '../../../src/sandbox/scenarios.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { createTenant } from '../../../src/sandbox/seed/tenant.ts';
import type { SandboxReply, World } from '../../../src/sandbox/world.ts';

export const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
export const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
export const graphId = '00000003-0000-0000-c000-000000000000';

const key = await createSigningKey();
const start = Date.parse('2026-11-24T10:00:00Z');

/** A tenant with a clock of its own, and ways to talk to its Entra. */
export interface Fixture {
  readonly entra: Entra;
  readonly world: World;
  readonly issued: Set<string>;
  readonly advance: (milliseconds: number) => void;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<SandboxReply>;
  readonly post: (
    path: string,
    form: Record<string, string>,
    headers?: Record<string, string>,
  ) => Promise<SandboxReply>;
  readonly token: (form: Record<string, string>, headers?: Record<string, string>) => Promise<SandboxReply>;
}

export interface FixtureOptions {
  readonly autoApprove?: string;
  readonly lag?: boolean;
  readonly origin?: string;
  readonly now?: () => number;
}

export function createFixture(options: FixtureOptions = {}): Fixture {
  let time = start;
  const issued = new Set<string>();
  const now = options.now ?? (() => time);
  const world: World = {
    origin: options.origin ?? 'https://127.0.0.1:8443',
    tenant: createTenant(now()),
    behaviour: { ...combine([]).behaviour, lag: options.lag ?? false },
    key,
    now,
    randomUUID: () => randomUUID(),
    randomBytes: (size) => randomBytes(size),
    issue: (secret) => {
      issued.add(secret);
      return secret;
    },
  };
  const { autoApprove } = options;
  const entra: Entra = {
    world,
    sessions: createSessions(),
    ...(autoApprove === undefined ? {} : { autoApprove: personId(autoApprove) }),
  };
  const send = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<SandboxReply> => {
    const reply = await handleEntra(entra, { method, url: new URL(path, world.origin), headers, body });
    if (reply === undefined) throw new Error(`${path} is none of Entra's paths`);
    return reply;
  };
  const formType = { 'content-type': 'application/x-www-form-urlencoded' };
  const post: Fixture['post'] = (path, form, headers = {}) =>
    send('POST', path, { ...formType, ...headers }, new URLSearchParams(form).toString());
  return {
    entra,
    world,
    issued,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    get: (path, headers = {}) => send('GET', path, headers, ''),
    post,
    token: (form, headers) => post(`/${world.tenant.id}/oauth2/v2.0/token`, form, headers),
  };
}

/** The JSON of a reply. */
export function bodyOf(reply: SandboxReply): Record<string, unknown> {
  return JSON.parse(reply.body);
}

/** `status error code` of a refused request. */
export function refusalOf(reply: SandboxReply): string {
  const { error, error_codes: codes } = bodyOf(reply);
  return `${reply.status} ${String(error)} ${String(codes)}`;
}

/** The claims of a JWT, unverified. */
export function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());
}

export function applicationOf({ world }: Fixture, displayName: string): Application {
  const found = world.tenant.applications.find((candidate) => candidate.displayName === displayName);
  if (found === undefined) throw new Error(`no application ${displayName}`);
  return found;
}

export function principalOf({ world }: Fixture, appId: string): ServicePrincipal {
  const found = world.tenant.servicePrincipals.find((candidate) => candidate.appId === appId);
  if (found === undefined) throw new Error(`no service principal of ${appId}`);
  return found;
}

/** The application that jobs use, with a secret of two years. */
export function withSecret(
  fixture: Fixture,
  secret = randomBytes(20).toString('hex'),
): { appId: string; secret: string } {
  const application = applicationOf(fixture, 'Sandbox automation');
  const now = fixture.world.now();
  application.passwordCredentials.push({
    customKeyIdentifier: null,
    displayName: 'test',
    startDateTime: new Date(now).toISOString(),
    endDateTime: new Date(now + 2 * 365 * 86_400_000).toISOString(),
    hint: secret.slice(0, 3),
    keyId: randomUUID(),
    secretHash: createHash('sha256').update(secret).digest('hex'),
    usableFrom: now,
  });
  return { appId: application.appId, secret };
}

/** The hidden value of a page's form. */
export function flowOf(reply: SandboxReply): string {
  return /name="flow" value="([^"]+)"/.exec(reply.body)?.[1] ?? '';
}

/** Where a page's form posts to. */
export function actionOf(reply: SandboxReply): string {
  return /<form method="post" action="([^"]+)"/.exec(reply.body)?.[1] ?? '';
}

/** Presses a button of a page. */
export function press(
  fixture: Fixture,
  page: SandboxReply,
  fields: Record<string, string>,
): Promise<SandboxReply> {
  return fixture.post(actionOf(page), { flow: flowOf(page), ...fields });
}

/** Serves a fixture over HTTPS, its origin being the server's. */
export async function serveFixture(
  options: FixtureOptions,
): Promise<{ fixture: Fixture; caCertificate: string; close: () => Promise<void> }> {
  const certificate = await createServerCertificate();
  let fixture: Fixture | undefined;
  const server = createServer(
    { cert: certificate.certificate, key: certificate.privateKey },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        if (fixture === undefined) return;
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const url = new URL(request.url ?? '/', fixture.world.origin);
        const method = request.method ?? '';
        const reply = await handleEntra(fixture.entra, {
          method,
          url,
          headers,
          body: Buffer.concat(chunks).toString(),
        });
        response.writeHead(reply?.status ?? 404, { ...reply?.headers });
        response.end(reply?.body ?? '');
      });
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  fixture = createFixture({ ...options, origin: `https://127.0.0.1:${address.port}` });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { fixture, caCertificate: certificate.caCertificate, close };
}
