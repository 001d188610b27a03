import { createExchange, createWorld, loadTenant, usersOf } from './assemble.ts';
import { renewAutomation } from './automation.ts';
import { createServerCertificate } from './certificate.ts';
import { handleRequest } from './exchange.ts';
import type { Sandbox, SandboxKeys, SandboxOptions } from './sandbox.ts';
import { type Combination, combine, parseScenarios, tenantScenarios } from './scenarios.ts';
import { serve } from './server.ts';
import { createSigningKey } from './signing-key.ts';
import { openState, type StateFile } from './state.ts';

export type { Automation } from './automation.ts';
export type { Crash } from './exchange.ts';
export { everyFault, type Fault, type FaultControl, type FaultRule, type FaultTarget } from './faults.ts';
export type * from './model.ts';
export { type LoggedItem, type LoggedRequest, type Write, writes } from './request-log.ts';
export type { Sandbox, SandboxKeys, SandboxOptions, SandboxUser } from './sandbox.ts';
export { SandboxError } from './sandbox-error.ts';
export { scenarioNames, stateFileName } from './scenarios.ts';

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
