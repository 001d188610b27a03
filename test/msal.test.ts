import { execFile, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createWorld, type World } from './helpers/world.ts';

// Debian's own, for which its packages are; another python may come first on the path.
const python = '/usr/bin/python3';
const found = spawnSync(python, ['-c', 'import msal, requests']).status === 0;
const title = found
  ? "Microsoft's msal for Python"
  : "Microsoft's msal for Python (skipped: python3-msal is not installed)";

async function readWith(world: World, more: readonly string[] = []): Promise<Record<string, string[]>> {
  const trusted = join(world.folder, 'ca.pem');
  await writeFile(trusted, world.sandbox.caCertificate);
  const script = join(import.meta.dirname, 'msal_reader.py');
  const file = join(world.folder, 'reporting-setup.json');
  // requests takes what the environment names before what its caller says.
  const env = { ...process.env, REQUESTS_CA_BUNDLE: trusted };
  const { stdout } = await promisify(execFile)(python, [script, file, trusted, ...more], { env });
  return JSON.parse(stdout);
}

/** Sets a credential up, and names in its file where its tenant is, as for any other cloud. */
async function setUp(world: World, more: readonly string[] = []): Promise<void> {
  const run = await world.run(['--sandbox', '--yes', ...more]);
  expect(run.code, run.stderr).toBe(0);
  const { authorityHost, graphUrl } = world.sandbox;
  const named = { ...(await world.config()), cloud: 'custom', endpoints: { authorityHost, graphUrl } };
  await writeFile(join(world.folder, 'reporting-setup.json'), JSON.stringify(named));
}

describe.skipIf(!found)(title, () => {
  it.each([
    ['secret', []],
    ['certificate', ['--credential', 'certificate']],
  ])('reads both logs with the %s that setup made, whole and each row once', async (kind, flags) => {
    const world = await createWorld({ scenarios: ['unthrottled'] });
    await setUp(world, flags);
    const more: string[] = [];
    if (kind === 'certificate') {
      const { certificatePath } = await world.config();
      const { raw } = new X509Certificate(await readFile(String(certificatePath)));
      more.push(createHash('sha1').update(raw).digest('hex').toUpperCase());
    }
    const { signIns = [], directoryAudits = [] } = await readWith(world, more);
    for (const ids of [signIns, directoryAudits]) expect(new Set(ids).size).toBe(ids.length);
    expect(signIns.length).toBe(world.sandbox.tenant.signIns.length);
    expect(directoryAudits.length).toBeGreaterThanOrEqual(world.sandbox.tenant.directoryAudits.length);
  });
});
