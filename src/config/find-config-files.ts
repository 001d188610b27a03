import { lstat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';

/** The config files that were named, and whether there may be several. */
interface FoundFiles {
  /** As they were given, or relative to the working folder where a pattern found them; each once. */
  readonly files: readonly string[];
  /** Patterns that no file matches. */
  readonly unmatched: readonly string[];
  /** Several names, or a pattern: how many it matches today decides nothing. */
  readonly several: boolean;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Windows writes folders with the sign that escapes in a pattern. */
const withSlashes = (name: string, platform: string): string =>
  platform === 'win32' ? name.replaceAll('\\', '/') : name;

/** A name with a star in it is a file's own name where there is such a file. */
async function isPattern(name: string, cwd: string, platform: string): Promise<boolean> {
  if (!isDynamicPattern(withSlashes(name, platform))) return false;
  return !(await isThere(isAbsolute(name) ? name : join(cwd, name)));
}

async function expand(name: string, cwd: string, platform: string): Promise<string[]> {
  const pattern = withSlashes(name, platform);
  const found = await glob([pattern], { cwd, absolute: true, onlyFiles: true, expandDirectories: false });
  return found.sort().map((file) => (isAbsolute(name) ? file : relative(cwd, file)));
}

/** The files that names and patterns stand for; what a shell does not expand, such as a quoted pattern, is done here. */
export async function findConfigFiles(
  names: readonly string[],
  { cwd, platform }: { readonly cwd: string; readonly platform: string },
): Promise<FoundFiles> {
  const parts = await Promise.all(
    names.map(async (name) => {
      const pattern = await isPattern(name, cwd, platform);
      return { name, pattern, files: pattern ? await expand(name, cwd, platform) : [name] };
    }),
  );
  return {
    files: [...new Set(parts.flatMap(({ files }) => files))],
    unmatched: parts.filter(({ files }) => files.length === 0).map(({ name }) => name),
    several: names.length > 1 || parts.some(({ pattern }) => pattern),
  };
}
