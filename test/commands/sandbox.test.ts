import { access, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Agent, fetch } from 'undici';
import { describe, expect, it } from 'vitest';
import { runSandbox, type SandboxSettings } from '../../src/commands/sandbox.ts';
import { styleFor } from '../../src/terminal/style.ts';
import { temporaryFolder } from '../sandbox/start.ts';

interface Document {
  readonly authorityHost: string;
  readonly graphUrl: string;
  readonly tenantId: string;
  readonly caCertificate: string;
  readonly users: readonly { userPrincipalName: string; roles: string[] }[];
  readonly automation: { clientId: string; clientSecret: string };
}

const style = styleFor({ write: () => true }, {}, 'linux');

/** A user that has no folder of his own. */
const homeless = async (): Promise<string> => 'nowhere';

/** A command that runs until `stop`. */
async function run(settings: SandboxSettings = {}, stateFolder: () => Promise<string> = homeless) {
  const home = await temporaryFolder();
  const controller = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const ended = runSandbox(settings, {
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    signal: controller.signal,
    makeTemporaryFolder: () => mkdtemp(join(home, 'sandbox-')),
    stateFolder,
    style,
  });
  await expect.poll(() => err.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const stop = (): Promise<number> => {
    controller.abort();
    return ended;
  };
  return { document: JSON.parse(out.join('')) as Document, out, err, stop };
}

describe('the sandbox command', () => {
  it('says in one line of JSON all that a program needs', async () => {
    const { document, out, stop } = await run();
    expect(out).toHaveLength(1);
    expect(out[0]).toMatch(/^\{[^\n]*\}\n$/);
    expect(Object.keys(document)).toEqual([
      'authorityHost',
      'graphUrl',
      'tenantId',
      'caCertificate',
      'users',
      'automation',
    ]);
    expect(document.users[0]).toMatchObject({
      userPrincipalName: 'ada@contoso.com',
      roles: ['Global Administrator'],
    });
    expect(document.automation).toEqual({
      clientId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      clientSecret: expect.stringMatching(/^.{40}$/),
    });
    expect(await stop()).toBe(0);
  });

  it('answers clients that trust its certificate, until it is stopped', async () => {
    const { document, stop } = await run();
    const dispatcher = new Agent({ connect: { ca: await readFile(document.caCertificate, 'utf8') } });
    const reply = await fetch(`${document.graphUrl}/v1.0/me`, { dispatcher });
    expect(reply.status).toBe(401);
    expect((await stat(document.caCertificate)).mode & 0o022).toBe(0);
    expect(await stop()).toBe(0);
    await expect(access(join(document.caCertificate, '..'))).rejects.toThrow('ENOENT');
    await expect(fetch(`${document.graphUrl}/v1.0/me`, { dispatcher })).rejects.toThrow('fetch failed');
    await dispatcher.destroy();
  });

  it('tells people what to type, and no secret', async () => {
    const { document, err, stop } = await run();
    const text = err.join('');
    const endpoints = `--authority-host ${document.authorityHost} --graph-url ${document.graphUrl}`;
    expect(text).toContain(`export NODE_EXTRA_CA_CERTS=${document.caCertificate}\n`);
    expect(text).toContain(`reporting-setup setup ${endpoints}\n`);
    expect(text).toContain('Press Ctrl-C to stop.\n');
    expect(text).not.toContain(document.automation.clientSecret);
    await stop();
  });

  it('keeps the tenant and the certificate where it is told, quoting what a shell would misread', async () => {
    const state = join(await temporaryFolder(), "an admin's state.json");
    const first = await run({ state, scenario: ['no-logs'] });
    expect(first.document.caCertificate).toBe(`${state}.ca.pem`);
    expect(first.err.join('')).toContain(`CERTS='${state.replace("'", "'\\''")}.ca.pem'\n`);
    expect(await first.stop()).toBe(0);
    await expect(access(first.document.caCertificate)).rejects.toThrow('ENOENT');
    const second = await run({ state, scenario: ['no-logs'] });
    expect(second.document.tenantId).toBe(first.document.tenantId);
    await second.stop();
  });

  it('leaves no folder behind when it is killed, and takes away what killed ones have left', async () => {
    const folder = await temporaryFolder();
    const own = async (): Promise<string> => join(folder, 'state');
    const first = await run({}, own);
    const { caCertificate } = first.document;
    expect(dirname(caCertificate)).toBe(await own());
    const dead = caCertificate.replace(`-${process.pid}-`, '-4194305-');
    const elsewhere = caCertificate.replace(/sandbox-[0-9a-f]{8}-\d+/, 'sandbox-00000000-4194305');
    for (const path of [dead, elsewhere]) await writeFile(path, 'left');
    const second = await run({}, own);
    expect((await readdir(await own())).sort()).toEqual(
      [caCertificate, second.document.caCertificate, elsewhere].map((path) => basename(path)).sort(),
    );
    await first.stop();
    await second.stop();
    expect(await readdir(await own())).toEqual([basename(elsewhere)]);
  });

  it('speaks to a person alone on a terminal, and tells all that it takes', async () => {
    const said: string[] = [];
    const controller = new AbortController();
    const ended = runSandbox(
      {},
      {
        stdout: () => said.push('stdout'),
        stderr: (text) => said.push(text),
        toPerson: true,
        signal: controller.signal,
        makeTemporaryFolder: temporaryFolder,
        stateFolder: homeless,
        style,
      },
    );
    await expect.poll(() => said.length, { timeout: 10_000 }).toBeGreaterThan(0);
    controller.abort();
    await ended;
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^SANDBOX: the tenant Contoso is ready at https:/);
    expect(said[0]).toMatch(/export AZURE_CLIENT_SECRET=\S{40}\n/);
    expect(said[0]).toContain('reporting-setup sandbox --json');
  });

  it('explains why it cannot start', async () => {
    const { document, stop } = await run();
    const port = Number(new URL(document.graphUrl).port);
    const io = {
      stdout: () => undefined,
      stderr: () => undefined,
      signal: AbortSignal.abort(),
      makeTemporaryFolder: temporaryFolder,
      stateFolder: homeless,
      style,
    };
    await expect(runSandbox({ port }, io)).rejects.toMatchObject({
      name: 'WizardError',
      code: 'invalid-options',
      remedy: 'Choose another port, or 0 for any that is free.',
    });
    await expect(runSandbox({ scenario: ['nope'] }, io)).rejects.toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining('"nope" is not a scenario: choose from default, reader'),
    });
    await stop();
  });

  it('ends at once when it is stopped before it started', async () => {
    const io = {
      stdout: () => undefined,
      stderr: () => undefined,
      signal: AbortSignal.abort(),
      makeTemporaryFolder: temporaryFolder,
      stateFolder: homeless,
      style,
    };
    expect(await runSandbox({}, io)).toBe(0);
  });
});
