import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { sharedKeys } from '../helpers/keys.ts';

/** A sandbox that ends with the test, and a client that trusts it. */
export interface Started {
  readonly sandbox: Sandbox;
  readonly call: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Starts a sandbox for one test. */
export async function start(options: Partial<SandboxOptions> = {}): Promise<Started> {
  const sandbox = await startSandbox({ scenarios: ['default'], keys: await sharedKeys(), ...options });
  const dispatcher = new Agent({ connect: { ca: sandbox.caCertificate } });
  onTestFinished(async () => {
    await dispatcher.destroy();
    await sandbox.stop();
  });
  return { sandbox, call: (path, init) => fetch(sandbox.origin + path, { ...init, dispatcher }) };
}

/** A new folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A token for the automation application. */
export async function automationToken({ sandbox, call }: Started): Promise<string> {
  const { clientId, clientSecret } = sandbox.automation;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${sandbox.graphUrl}/.default`,
  });
  const reply = await call(`/${sandbox.tenantId}/oauth2/v2.0/token`, { method: 'POST', body: form });
  const body = (await reply.json()) as { access_token: string };
  return body.access_token;
}
