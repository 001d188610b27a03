import type { Entra } from './entra/call.ts';
import { handleEntra } from './entra/index.ts';
import { type Delivery, type FaultRules, graphError, type Kind } from './faults.ts';
import { type Graph, handleGraph } from './graph/index.ts';
import type { Tenant } from './model.ts';
import { type LoggedRequest, type LogHandle, logRequest, presentedSecrets } from './request-log.ts';
import { handleVault, type Vaults } from './vault.ts';
import type { SandboxReply, SandboxRequest } from './world.ts';

/** A failure of the sandbox itself: always a bug, or a disk that takes no more. */
export interface Crash {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly error: unknown;
}

/** What stands between the server and the two services. */
export interface Exchange {
  readonly entra: Entra;
  readonly graph: Graph;
  readonly vaults: Vaults;
  readonly faults: FaultRules;
  readonly requests: LoggedRequest[];
  readonly crashes: Crash[];
  /** Resolves when what the request changed is safe. */
  readonly save: () => Promise<void>;
  /** Resolves when as much time has passed as each request is made to take. */
  readonly delay: () => Promise<void>;
}

const notFound: SandboxReply = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'Not found.\n',
};

/** Microsoft Graph owns its two version segments; the rest counts as sign-in. */
function kindOf(url: URL): Kind {
  return /^\/(v1\.0|beta)(\/|$)/i.test(url.pathname) ? 'graph' : 'entra';
}

async function act(exchange: Exchange, kind: Kind, request: SandboxRequest): Promise<SandboxReply> {
  const { world } = exchange.entra;
  passTime(world.tenant, world.now());
  try {
    const reply =
      kind === 'graph'
        ? await handleGraph(exchange.graph, request)
        : ((await handleVault(world, exchange.vaults, request)) ??
          (await handleEntra(exchange.entra, request)) ??
          notFound);
    await exchange.save();
    return reply;
  } catch (error) {
    exchange.crashes.push({ method: request.method, url: request.url.pathname + request.url.search, error });
    const message = 'The sandbox failed to handle this request.';
    return graphError(world, 500, 'InternalServerError', message, request.headers['client-request-id']);
  }
}

async function pass(
  exchange: Exchange,
  kind: Kind,
  request: SandboxRequest,
  log: LogHandle,
): Promise<Delivery> {
  const before = exchange.faults.find('before', { kind, request });
  if (before !== undefined) return before;
  const reply = await act(exchange, kind, request);
  log.handled(reply);
  return exchange.faults.find('after', { kind, request, reply }) ?? { kind: 'reply', reply };
}

/** Takes one request through log, faults, service and state. Never rejects. */
export async function handleRequest(exchange: Exchange, request: SandboxRequest): Promise<Delivery> {
  const { world } = exchange.entra;
  const kind = kindOf(request.url);
  const log = logRequest(exchange.requests, kind, request, world.now());
  for (const secret of presentedSecrets(request)) world.issue(secret);
  // What the server itself needs is part of it.
  const delayed = exchange.delay();
  const delivery = await pass(exchange, kind, request, log);
  await delayed;
  if (!('reply' in delivery)) return delivery;
  const { status, headers } = delivery.reply;
  log.delivered(status);
  const date = new Date(world.now()).toUTCString();
  return { ...delivery, reply: { ...delivery.reply, headers: { date, ...headers } } };
}

/** How long the recycle bin keeps an object (graph-docs directory-deleteditems-list.md). */
const kept = 30 * 86_400_000;

/**
 * Lets happen what only time brings about: by `now` (epoch milliseconds) the recycle bin has lost what was in it for 30
 * days, and roles that were activated for a while are held no longer.
 */
function passTime(tenant: Tenant, now: number): void {
  const stays = ({ deletedDateTime }: { readonly deletedDateTime: string | null }): boolean =>
    deletedDateTime === null || now < Date.parse(deletedDateTime) + kept;
  const { applications, servicePrincipals } = tenant.deletedItems;
  tenant.deletedItems = {
    applications: applications.filter(stays),
    servicePrincipals: servicePrincipals.filter(stays),
  };
  tenant.roleAssignments = tenant.roleAssignments.filter(
    ({ endDateTime }) => typeof endDateTime !== 'string' || now < Date.parse(endDateTime),
  );
}
