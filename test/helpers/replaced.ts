import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from './world.ts';

/** Retires what is due, without a new credential. */
export const retire = ['rotate', '--sandbox', '--if-expires-within', '30d', '--yes', '--json'] as const;

/** An entry of `credential.previous`. */
export interface Replaced {
  readonly kind: string;
  readonly keyId: string;
  readonly replacedAt: string;
  readonly retireAfter: string;
}

/** What a config file names as replaced. */
export async function replacedIn(world: World, name = 'reporting-setup.json'): Promise<readonly Replaced[]> {
  const { credential } = JSON.parse(await readFile(join(world.folder, name), 'utf8')) as {
    credential: { previous?: Replaced[] };
  };
  return credential.previous ?? [];
}

/** The config file says another end of everything that it names as replaced than the tenant does. */
export async function misdate(world: World, expires: string): Promise<void> {
  const path = join(world.folder, 'reporting-setup.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { credential: { previous?: object[] } };
  const previous = (config.credential.previous ?? []).map((entry) => ({ ...entry, expires }));
  await writeFile(path, JSON.stringify({ ...config, credential: { ...config.credential, previous } }), {
    mode: 0o600,
  });
}

/** The time of everything that the config file names as replaced is over, and nobody used it since: it was replaced so many days ago. */
export async function makeDue(world: World, days = 9): Promise<void> {
  world.sandbox.tenant.activity.clientSignIns = [];
  const path = join(world.folder, 'reporting-setup.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { credential: { previous?: object[] } };
  const before = (count: number): string => new Date(Date.now() - count * 86_400_000).toISOString();
  const times = { replacedAt: before(days), retireAfter: before(days - 7) };
  const previous = (config.credential.previous ?? []).map((entry) => ({ ...entry, ...times }));
  await writeFile(path, JSON.stringify({ ...config, credential: { ...config.credential, previous } }), {
    mode: 0o600,
  });
}
