import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  everyFault,
  type Fault,
  type FaultTarget,
  type Sandbox,
  scenarioNames,
} from '../src/sandbox/index.ts';
import { createWorld, type Run, type World } from './helpers/world.ts';

/** Every file under a folder but the configuration: notes, locks, hand-offs, state. */
async function filesBeside(folder: string, config: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && entry.name !== config);
  const texts = await Promise.all(
    files.map(async ({ parentPath, name }) => `${name}\n${await readFile(join(parentPath, name), 'utf8')}`),
  );
  return texts.join('\n');
}

/** The ways in which a secret may stand in a text. */
const forms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  JSON.stringify(secret).slice(1, -1),
];

/** What @azure/identity reads by itself. */
const setEnvironment = (env: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
};

/** What a client library shows where it has no secret. */
const isSecret = (text: string): boolean => text.length >= 8 && text !== 'undefined';

/** The secrets of a sandbox that a text holds, by their first letters. */
function leaked({ issued }: Pick<Sandbox, 'issued'>, text: string): string[] {
  return [...issued]
    .filter((secret) => isSecret(secret) && forms(secret).some((form) => text.includes(form)))
    .map((secret) => `${secret.slice(0, 6)}… (${secret.length} characters)`);
}

const shown = ({ stdout, stderr, error }: Run): string =>
  `${stdout}\n${stderr}\n${inspect(error, { depth: 12, showHidden: true, maxStringLength: null })}`;

async function expectNoLeak(world: World, runs: readonly Run[]): Promise<void> {
  const beside = await filesBeside(world.folder, 'reporting-setup.json');
  expect(world.sandbox.issued.size).toBeGreaterThan(1);
  expect(leaked(world.sandbox, [...runs.map(shown), beside].join('\n'))).toEqual([]);
}

afterEach(() => void vi.unstubAllEnvs());

describe('no secret in output, records or errors', () => {
  it.each(scenarioNames)('setup, again, and verify in %s', async (scenario) => {
    const world = await createWorld({ scenarios: [scenario] });
    const runs: Run[] = [];
    for (const argv of [
      ['--sandbox', '--yes', '--debug'],
      ['--sandbox', '--yes', '--debug', '--json'],
      ['verify', '--sandbox', '--debug', '--json'],
    ]) {
      runs.push(await world.run(argv));
      world.pass(60_000);
    }
    expect(runs[0]?.stderr).toContain('debug: ');
    await expectNoLeak(world, runs);
  });

  it('finds what it looks for: the secret is in the config file', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes']);
    expect(leaked(world.sandbox, await world.read())).toHaveLength(1);
  });

  const faults: [string, Fault][] = Object.entries(everyFault).filter(([, { kind }]) => kind !== 'hang');

  const steps = [/\$batch/, /\/applications$/, /servicePrincipals$/, /addPassword/];
  /** In turn: what is lost before and after the server acted differs by what it leaves there, not by what is shown. */
  const momentOf = (index: number, fault: Fault): 'before' | 'after' =>
    (index + faults.findIndex(([, one]) => one === fault)) % 2 === 0 ? 'before' : 'after';

  it.each(faults)('Graph goes wrong at every step: %s', async (_name, fault) => {
    const world = await createWorld();
    const runs: Run[] = [];
    const turn = faults.findIndex(([, one]) => one === fault);
    for (const [index, path] of [...steps.entries()].filter(([step]) => (step + turn) % 2 === 0)) {
      world.sandbox.faults.clear();
      const when = momentOf(index, fault);
      const matches = ({ kind, request }: FaultTarget): boolean =>
        kind === 'graph' && path.test(request.url.pathname);
      world.sandbox.faults.add({ matches, fault, when });
      runs.push(await world.run(['--sandbox', '--yes', '--debug', '--json', '--on-failure', 'undo']));
      world.pass(60_000);
    }
    expect(runs.filter(({ code }) => code !== 0).length).toBeGreaterThan(0);
    await expectNoLeak(world, runs);
  });

  it.each(faults)('Entra goes wrong at every token: %s', async (_name, fault) => {
    const world = await createWorld();
    const setup = await world.run(['--sandbox', '--yes']);
    const runs = [setup];
    const words = ['device_code=', 'client_credentials', 'devicecode'];
    // One kind of request for each fault, in turn: what is shown of them goes the same way.
    const turn = faults.findIndex(([, one]) => one === fault);
    for (const [index, word] of [...words.entries()].filter(([index]) => (index + turn) % 3 === 0)) {
      world.sandbox.faults.clear();
      const when = momentOf(index, fault);
      const matches = ({ kind, request }: FaultTarget): boolean =>
        kind === 'entra' && (request.body.includes(word) || request.url.pathname.endsWith(word));
      world.sandbox.faults.add({ matches, fault, when });
      runs.push(await world.run(['--sandbox', '--yes', '--debug', '--json']));
      runs.push(await world.run(['verify', '--sandbox', '--debug', '--json']));
      world.pass(60_000);
    }
    await expectNoLeak(world, runs);
  });

  it('holds for the environment of a CI job and for a wrong secret in it', async () => {
    const world = await createWorld();
    const { clientId, clientSecret } = world.sandbox.automation;
    const runs: Run[] = [];
    for (const secret of [clientSecret, `${clientSecret}wrong`]) {
      const env = {
        AZURE_TENANT_ID: world.sandbox.tenantId,
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: secret,
      };
      setEnvironment(env);
      const argv = ['--sandbox', '--yes', '--debug', '--json', '--auth', 'environment'];
      runs.push(await world.run(argv, { env }));
      world.pass(60_000);
    }
    expect(runs.map(({ code }) => code)).toEqual([0, 4]);
    await expectNoLeak(world, runs);
  });

  it.each(['{"clientSecret": "', '{"version":1,"clientSecret":', 'AZURE_CLIENT_SECRET="'])(
    'quotes nothing of a broken file: %s',
    async (start) => {
      const world = await createWorld();
      await world.run(['--sandbox', '--yes']);
      const { clientSecret } = await world.config();
      const text = `${start}${clientSecret}`;
      await writeFile(join(world.folder, 'reporting-setup.json'), text);
      const runs = [
        await world.run(['--sandbox', '--yes', '--debug', '--json']),
        await world.run(['verify', '--sandbox', '--debug', '--json']),
      ];
      expect(runs.map(({ code }) => code)).not.toContain(0);
      await expectNoLeak(world, runs);
      expect(await world.read()).toBe(text);
    },
  );

  it('gives a child process no secret, in its arguments or its environment', async () => {
    const world = await createWorld();
    await promisify(execFile)('git', ['init', '--quiet'], { cwd: world.folder });
    const spy = join(world.folder, 'spy');
    const log = join(world.folder, 'seen.txt');
    await mkdir(spy);
    const { stdout } = await promisify(execFile)('which', ['git']);
    const script = `#!/bin/sh\n{ echo "$@"; env; } >> '${log}'\nexec '${stdout.trim()}' "$@"\n`;
    await writeFile(join(spy, 'git'), script);
    await chmod(join(spy, 'git'), 0o755);
    const { clientId, clientSecret } = world.sandbox.automation;
    const env = {
      PATH: `${spy}:${process.env['PATH']}`,
      AZURE_TENANT_ID: world.sandbox.tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
    };
    setEnvironment(env);
    const run = await world.run(['--sandbox', '--yes', '--auth', 'environment'], { env });
    expect(run.code).toBe(0);
    expect(await readFile(log, 'utf8')).toContain('PATH=');
    await expectNoLeak(world, [run]);
  });
});
