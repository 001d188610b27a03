import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createWorld, type World } from '../helpers/world.ts';

/** The script of the workflow in the document. */
async function workflowScript(): Promise<string> {
  const text = await readFile(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8');
  const workflow = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const body = / {8}run: \|\n((?: {10}.*\n)+)/.exec(workflow)?.[1] ?? '';
  return body.replace(/^ {10}/gm, '');
}

/** Stands for gh: keeps a secret that comes on standard input in a file, unless it is told to refuse. */
const gh = `#!/bin/sh
[ "$1 $2 $3" = 'secret set REPORTING_CONFIG' ] || exit 2
[ ! -e "$STORE/refuses" ] || exit 1
cat > "$STORE/secret"
`;

/** Stands for npx: has the test run the command line in its own process, and ends as that did. */
const npx = `#!${process.execPath}
const socket = require('node:net').connect(process.env.STORE + '/program');
socket.end(JSON.stringify(process.argv.slice(2)));
let text = '';
socket.on('data', (chunk) => { text += chunk; });
socket.on('end', () => {
  const { code, stderr } = JSON.parse(text);
  process.stderr.write(stderr, () => process.exit(code));
});
`;

interface Night {
  readonly code: number;
  readonly stderr: string;
}

/** A place for the stand-ins and the secret, and a night of the workflow on a machine that has nothing but that. */
async function prepare(world: World) {
  const store = await mkdtemp(join(tmpdir(), 'reporting-setup-workflow-'));
  let more: readonly string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('end', async () => {
      const [, , ...argv] = JSON.parse(text) as string[];
      const asked = argv.filter((word) => !['--auth', 'azure-cli'].includes(word));
      const { code, stderr } = await world.run([...asked, '--sandbox', ...more]);
      socket.end(JSON.stringify({ code, stderr }));
    });
  });
  await new Promise<void>((listening) => {
    server.listen(join(store, 'program'), listening);
  });
  onTestFinished(async () => {
    server.close();
    await rm(store, { recursive: true });
  });
  for (const [name, text] of Object.entries({ gh, npx })) {
    await writeFile(join(store, name), text);
    await chmod(join(store, name), 0o755);
  }
  const script = await workflowScript();
  const night = async (...options: readonly string[]): Promise<Night> => {
    more = options;
    for (const name of await readdir(world.folder)) await rm(join(world.folder, name), { recursive: true });
    const env = {
      PATH: `${store}:${process.env['PATH'] ?? ''}`,
      RUNNER_TEMP: world.folder,
      STORE: store,
      REPORTING_CONFIG: await readFile(join(store, 'secret'), 'utf8'),
    };
    // As GitHub runs it.
    return new Promise((done) => {
      execFile('bash', ['-e', '-c', script], { cwd: world.folder, env }, (error, _stdout, stderr) => {
        done({ code: typeof error?.code === 'number' ? error.code : 0, stderr });
      });
    });
  };
  return { store, night };
}

interface Saved {
  readonly clientSecret: string;
  readonly credential: { readonly keyId: string; readonly previous?: readonly { readonly keyId: string }[] };
}

it('the GitHub workflow keeps the whole config as its secret, and writes it back before anything is retired', async () => {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  const text = await world.read();
  const { store, night } = await prepare(world);
  await writeFile(join(store, 'secret'), text);
  const { tenant } = world.sandbox;
  const secrets = () =>
    tenant.applications
      .find(({ uniqueName }) => uniqueName === 'reporting-setup')
      ?.passwordCredentials.map(({ keyId }) => keyId) ?? [];
  const kept = async () => JSON.parse(await readFile(join(store, 'secret'), 'utf8')) as Saved;
  const before = await kept();
  expect(await night()).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing is due') });
  expect(await kept()).toEqual(before);
  // It cannot be written back: nothing is made.
  mkdirSync(join(store, 'refuses'));
  expect((await night('--if-expires-within', '3y')).code).toBe(1);
  expect(secrets()).toEqual([before.credential.keyId]);
  await rm(join(store, 'refuses'), { recursive: true });
  expect(await night('--if-expires-within', '3y')).toMatchObject({ code: 0 });
  const rotated = await kept();
  expect(rotated.clientSecret).not.toBe(before.clientSecret);
  expect(rotated.credential.previous).toMatchObject([{ keyId: before.credential.keyId }]);
  expect(secrets().sort()).toEqual([before.credential.keyId, rotated.credential.keyId].sort());
  world.pass(8 * 86_400_000);
  expect(await night()).toMatchObject({ code: 0 });
  expect(secrets()).toEqual([rotated.credential.keyId]);
  expect((await kept()).credential).not.toHaveProperty('previous');
});
