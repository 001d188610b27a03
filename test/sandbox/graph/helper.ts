import { randomBytes, randomUUID } from 'node:crypto';
import { createSigningKey } from '../../../src/sandbox/certificate.ts';
import { activeRoles } from '../../../src/sandbox/entra/directory.ts';
import { mintApplicationToken, mintUserToken } from '../../../src/sandbox/entra/tokens.ts';
import { createGraph, type Graph, handleGraph } from '../../../src/sandbox/graph/index.ts';
import type { ServicePrincipal, Tenant } from '../../../src/sandbox/model.ts';
import { combine } from '../../../src/sandbox/scenarios.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { createTenant } from '../../../src/sandbox/seed/tenant.ts';
import { appIds } from '../../../src/sandbox/seed/well-known.ts';
import type { Behaviour, SandboxReply, World } from '../../../src/sandbox/world.ts';

export const origin = 'https://127.0.0.1:8443';
const root = `${origin}/v1.0`;
export const start = Date.parse('2026-11-24T10:00:00Z');
export const guid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
export const denied = '403 Authorization_RequestDenied';

/** What the Azure CLI's tokens carry. */
export const cliScopes = [
  'Application.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'AuditLog.Read.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'Directory.AccessAsUser.All',
  'Group.ReadWrite.All',
  'User.Read.All',
  'User.ReadWrite.All',
];

const key = await createSigningKey();

export type Json = Record<string, unknown>;

/** A reply with its body parsed. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a parsed body, which each test knows the shape of
  readonly body: any;
}

interface Options {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
}

/** Sends one request as somebody. */
export type Send = (method: string, path: string, options?: Options) => Promise<Reply>;

/** A tenant with a clock of its own, and Graph in front of it. */
export interface Fixture {
  readonly graph: Graph;
  readonly world: World;
  readonly tenant: Tenant;
  readonly issued: string[];
  readonly advance: (milliseconds: number) => void;
  /** Sends without any token of its own. */
  readonly send: Send;
  readonly withToken: (token: string) => Send;
  /** As a person, through the Azure CLI or with these scopes. */
  readonly as: (person: string, scopes?: readonly string[]) => Promise<Send>;
  /** As the automation application with these permissions, whatever it holds. */
  readonly asApplication: (roles?: readonly string[], client?: ServicePrincipal) => Promise<Send>;
}

export interface FixtureOptions {
  readonly behaviour?: Partial<Behaviour>;
  readonly randomBytes?: (size: number) => Buffer;
  readonly itemFault?: World['itemFault'];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toReply({ status, headers, body }: SandboxReply): Reply {
  return { status, headers, text: body, body: parse(body) };
}

export function principalOf(tenant: Tenant, appId: string): ServicePrincipal {
  const found = tenant.servicePrincipals.find((candidate) => candidate.appId === appId);
  if (found === undefined) throw new Error(`no service principal of ${appId}`);
  return found;
}

export function automationOf(tenant: Tenant): ServicePrincipal {
  const found = tenant.servicePrincipals.find(({ displayName }) => displayName === 'Sandbox automation');
  if (found === undefined) throw new Error('no automation application');
  return found;
}

export function createFixture(options: FixtureOptions = {}): Fixture {
  let time = start;
  const issued: string[] = [];
  const tenant = createTenant(start);
  const world: World = {
    origin,
    tenant,
    behaviour: { ...combine([]).behaviour, ...options.behaviour },
    key,
    now: () => time,
    randomUUID: () => randomUUID(),
    randomBytes: options.randomBytes ?? ((size) => randomBytes(size)),
    issue: (secret) => {
      issued.push(secret);
      return secret;
    },
    ...(options.itemFault === undefined ? {} : { itemFault: options.itemFault }),
  };
  const graph = createGraph(world);
  const resource = { principal: principalOf(tenant, appIds.graph), audience: origin };
  const withToken =
    (token: string): Send =>
    async (method, path, { headers = {}, body, text } = {}) => {
      const content = text ?? (body === undefined ? '' : JSON.stringify(body));
      const all = {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(content === '' ? {} : { 'content-type': 'application/json' }),
        ...headers,
      };
      const url = new URL(path.startsWith('https:') ? path : `${root}${path}`);
      return toReply(await handleGraph(graph, { method, url, headers: all, body: content }));
    };
  return {
    graph,
    world,
    tenant,
    issued,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    send: withToken(''),
    withToken,
    as: async (person, scopes = cliScopes) => {
      const user = tenant.users.find(({ id }) => id === personId(person));
      if (user === undefined) throw new Error(`no person ${person}`);
      const client = principalOf(tenant, appIds.azureCli);
      const options_ = { scopes, proof: 'none', cae: false } as const;
      return withToken(await mintUserToken(world, client, resource, user, options_));
    },
    asApplication: async (roles, client = automationOf(tenant)) => {
      const granted = [...tenant.appRoleAssignments];
      if (roles !== undefined) {
        const ids = new Set(
          resource.principal.appRoles.filter(({ value }) => roles.includes(value)).map(({ id }) => id),
        );
        const [sample] = granted;
        if (sample === undefined) throw new Error('nothing is granted to copy from');
        tenant.appRoleAssignments = [...ids].map((appRoleId) => ({
          ...sample,
          appRoleId,
          principalId: client.id,
          createdDateTime: '2026-01-01T00:00:00Z',
        }));
      }
      const token = await mintApplicationToken(world, client, resource, {
        proof: 'secret',
        cae: false,
        replica: 0,
      });
      tenant.appRoleAssignments = granted;
      return withToken(token);
    },
  };
}

/** Roles that are active for a person now. */
export function rolesOf(fixture: Fixture, person: string): string[] {
  return activeRoles(fixture.world, personId(person));
}

/** `status code` of a refused request. */
export function refusalOf({ status, body }: Reply): string {
  return `${status} ${body?.error?.code}`;
}

/** Registers an application; the test fails where that is refused. */
export async function register(send: Send, body: Json = {}): Promise<Json & { id: string; appId: string }> {
  const reply = await send('POST', '/applications', { body: { displayName: 'Test', ...body } });
  if (reply.status !== 201) throw new Error(`not registered: ${reply.text}`);
  return reply.body;
}

/** An application and its service principal. */
export async function registerWithPrincipal(
  send: Send,
  body: Json = {},
): Promise<{ application: Json & { id: string; appId: string }; principalId: string }> {
  const application = await register(send, body);
  const reply = await send('POST', '/servicePrincipals', { body: { appId: application.appId } });
  if (reply.status !== 201) throw new Error(`no service principal: ${reply.text}`);
  return { application, principalId: reply.body.id };
}
