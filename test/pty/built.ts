import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const parts = ['bin', 'src', 'scripts', 'package.json', 'tsconfig.json'];

/** The program as it is published, built from the sources as they are now. */
export interface Built {
  /** The file to run with Node. */
  readonly program: string;
  readonly remove: () => Promise<void>;
}

/** Builds a copy of its own: `dist` may be stale, and others may build it anew while tests run. Throws where that fails. */
export async function build(): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-built-'));
  for (const part of parts) await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await promisify(execFile)('npm', ['run', 'build'], { cwd: folder });
  return {
    program: join(folder, 'bin', 'reporting-setup.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
