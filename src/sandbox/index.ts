export type { Crash } from './exchange.ts';
export { everyFault, type Fault, type FaultControl, type FaultRule, type FaultTarget } from './faults.ts';
export type * from './model.ts';
export { type LoggedItem, type LoggedRequest, type Write, writes } from './request-log.ts';
export { scenarioNames, stateFileName } from './scenarios.ts';
export type { Automation } from './seed/applications.ts';
export { SandboxError } from './world.ts';

import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { JSONWebKeySet } from 'jose';
import { createServerCertificate, createSigningKey, type ServerCertificate } from './certificate.ts';
import { createSessions } from './entra/call.ts';
import { roleNames } from './entra/directory.ts';
import { type Crash, type Exchange, handleRequest } from './exchange.ts';
import { createFaultRules, type FaultControl } from './faults.ts';
import { createGraph } from './graph/index.ts';
import type { Tenant } from './model.ts';
import type { LoggedRequest } from './request-log.ts';
import { scenarioFaults, throttleItems } from './scenario-faults.ts';
import { type Combination, combine, parseScenarios, tenantScenarios } from './scenarios.ts';
import { type Automation, renewAutomation } from './seed/applications.ts';
import { personId } from './seed/people.ts';
import { createTenant } from './seed/tenant.ts';
import { serve, type Traffic } from './server.ts';
import { openState, type StateFile } from './state.ts';
import type { SigningKey, World } from './world.ts';

/** By what clients know a sandbox. */
export interface SandboxKeys {
  readonly certificate: ServerCertificate;
  readonly key: SigningKey;
}

/** How a sandbox is to be. */
export interface SandboxOptions {
  /** Combined; each one name or several with commas between. RangeError names the valid ones. */
  readonly scenarios: readonly string[];
  /** 0, the default, is any free port. */
  readonly port?: number;
  /** Keeps the tenant between starts. Default: it lives as long as the sandbox. */
  readonly stateFile?: string;
  /** Sign-ins are approved at once, for the person of the scenario. */
  readonly autoApprove?: boolean;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Milliseconds that each request takes at the least. */
  readonly latency?: number;
  /** Its certificate and signing key; new ones where absent. */
  readonly keys?: SandboxKeys;
  /** Shapes a new tenant after its scenarios have; a tenant that was kept stays as it is. */
  readonly adjust?: (tenant: Tenant) => void;
}

/** Someone who can sign in on the sign-in page. */
export interface SandboxUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  /** Display names of the active directory roles. */
  readonly roles: readonly string[];
}

/** A running sandbox tenant. */
export interface Sandbox {
  readonly origin: string;
  readonly authorityHost: string;
  readonly graphUrl: string;
  readonly tenantId: string;
  /** PEM. */
  readonly caCertificate: string;
  /** The tenant itself, not a copy. */
  readonly tenant: Tenant;
  readonly requests: readonly LoggedRequest[];
  /** What went wrong inside the sandbox: always empty, or there is a bug. */
  readonly crashes: readonly Crash[];
  /** Every secret, token, code and assertion handed out or shown by a client. */
  readonly issued: ReadonlySet<string>;
  readonly users: readonly SandboxUser[];
  /** With a secret of this start's own. */
  readonly automation: Automation;
  readonly faults: FaultControl;
  /** What went over the wire so far. */
  readonly traffic: () => Traffic;
  /** Accepts assertions of an identity provider that a federated credential names. */
  readonly trustIssuer: (issuer: string, keys: JSONWebKeySet) => void;
  /** Ends every connection at once and gives the state file up. */
  readonly stop: () => Promise<void>;
}

function newTenant({ adjust }: SandboxOptions, { edit }: Combination, now: number): Tenant {
  const tenant = createTenant(now);
  edit(tenant);
  adjust?.(tenant);
  return tenant;
}

/**
 * The tenant that `state` keeps, or else a new one. A kept tenant gets new logs, which its scenarios may have to empty.
 * Throws SandboxError where what is kept cannot be used.
 */
async function loadTenant(
  options: SandboxOptions,
  combination: Combination,
  state: StateFile | undefined,
  now: number,
): Promise<Tenant> {
  const kept = await state?.load(createTenant(now));
  if (kept === undefined) return newTenant(options, combination, now);
  combination.edit(kept);
  return kept;
}

/** The world of one sandbox, which notes in `issued` every secret it sees. */
function createWorld(
  base: Pick<World, 'origin' | 'tenant' | 'behaviour' | 'key' | 'now'>,
  issued: Set<string>,
): World {
  const world: World = {
    ...base,
    randomUUID: () => randomUUID(),
    randomBytes: (size) => randomBytes(size),
    issue: (secret) => {
      issued.add(secret);
      return secret;
    },
  };
  return base.behaviour.throttled ? { ...world, itemFault: throttleItems(world) } : world;
}

/** The people whose accounts are enabled. */
function usersOf(world: World): SandboxUser[] {
  return world.tenant.users
    .filter(({ accountEnabled }) => accountEnabled)
    .map(({ id, userPrincipalName, displayName }) => ({
      id,
      userPrincipalName,
      displayName,
      roles: roleNames(world, id),
    }));
}

/** Everything behind the server, made once its origin is known. */
function createExchange(
  options: SandboxOptions,
  { person, behaviour }: Combination,
  world: World,
  state: StateFile | undefined,
): Exchange {
  const { autoApprove = false, latency = 0, sleep = pause } = options;
  return {
    entra: { world, sessions: createSessions(), ...(autoApprove ? { autoApprove: personId(person) } : {}) },
    graph: createGraph(world),
    vaults: new Map(),
    faults: createFaultRules(scenarioFaults(behaviour), world),
    requests: [],
    crashes: [],
    save: async () => state?.save(world.tenant),
    delay: async () => (latency > 0 ? sleep(latency) : undefined),
  };
}

type Closer = () => Promise<void>;

async function closeAll(closers: readonly Closer[]): Promise<void> {
  for (const close of closers) await close();
}

/** What several sandboxes may share, so that a client which trusts one trusts all. */
export async function createSandboxKeys(): Promise<SandboxKeys> {
  const [certificate, key] = await Promise.all([createServerCertificate(), createSigningKey()]);
  return { certificate, key };
}

async function start(
  options: SandboxOptions,
  combination: Combination,
  state: StateFile | undefined,
  closers: Closer[],
): Promise<Sandbox> {
  const { now = Date.now, port = 0 } = options;
  const tenant = await loadTenant(options, combination, state, now());
  const { certificate, key } = options.keys ?? (await createSandboxKeys());
  const server = await serve(port, certificate);
  closers.unshift(server.close);
  const { origin } = server;
  const issued = new Set<string>();
  const world = createWorld({ origin, tenant, behaviour: combination.behaviour, key, now }, issued);
  const exchange = createExchange(options, combination, world, state);
  const automation = renewAutomation(world);
  await exchange.save();
  server.answer((request) => handleRequest(exchange, request));
  let stopped: Promise<void> | undefined;
  return {
    origin,
    authorityHost: origin,
    graphUrl: origin,
    tenantId: tenant.id,
    caCertificate: certificate.caCertificate,
    tenant,
    requests: exchange.requests,
    crashes: exchange.crashes,
    issued,
    get users() {
      return usersOf(world);
    },
    automation,
    faults: exchange.faults.control,
    traffic: server.traffic,
    trustIssuer: (issuer, keys) => exchange.entra.sessions.issuers.set(issuer, keys),
    stop: () => {
      stopped ??= closeAll(closers);
      return stopped;
    },
  };
}

/**
 * Starts a sandbox tenant on 127.0.0.1. Throws RangeError for a scenario that does not exist, SandboxError where the
 * port or the state file cannot be had.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const scenarios = parseScenarios(options.scenarios);
  const { stateFile } = options;
  const state = stateFile === undefined ? undefined : await openState(stateFile, tenantScenarios(scenarios));
  const closers = state === undefined ? [] : [state.close];
  try {
    return await start(options, combine(scenarios), state, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}
