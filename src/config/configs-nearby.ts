import { opendir } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { typedIn } from '../core/called-program.ts';
import { fileCode } from '../core/errors.ts';
import { fieldsOf, parseJson, sameId, textOf } from '../core/fields.ts';
import type { ReportingConfig } from './config.ts';
import { formatByName, readConfig } from './config-file.ts';
import { failureReason, ifThere, isMine, readTextFile, realFiles } from './file-system.ts';
import { ownFolder } from './own-folder.ts';
import type { SecretMarker } from './secret-note.ts';

/** A config file that was found without being named. */
export interface NearbyConfig {
  /** Relative to the working folder where it lies in it. */
  readonly name: string;
  readonly config: ReportingConfig;
}

/** What is looked at of a folder, and read of it, at most: somebody's home may hold anything. */
const mostEntries = 2_000;
const mostFiles = 100;
const mostBytes = 65_536;

const isConfigName = (name: string): boolean => /\.json$/i.test(name) || formatByName(name) === 'env';
const isNoteName = (name: string): boolean => /^(?:secrets|rotation)-[\da-f]{32}\.json$/.test(name);

/** Files of a folder by their names; none where it cannot be read. */
async function namesIn(folder: string, fits: (name: string) => boolean): Promise<string[]> {
  const names: string[] = [];
  let seen = 0;
  try {
    for await (const entry of await opendir(folder)) {
      seen += 1;
      if (seen > mostEntries || names.length === mostFiles) break;
      if (entry.isFile() && fits(entry.name)) names.push(entry.name);
    }
  } catch (error) {
    if (fileCode(error) === undefined) throw error;
  }
  return names.sort().map((name) => join(folder, name));
}

/** What `read` makes of a file; undefined where it is not this user's, is too large, or cannot be read. */
async function lookInto<T>(path: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    const stats = await ifThere(realFiles.lstat(path));
    if (!stats?.isFile() || !isMine(stats) || stats.size > mostBytes) return undefined;
    return await read();
  } catch (error) {
    failureReason(error);
    return undefined;
  }
}

/** Outputs that notes of runs which were cut are about: they may lie anywhere. */
async function notedOutputs(stateFolder: () => Promise<string>): Promise<string[]> {
  const folder = await ownFolder(stateFolder, false);
  if ('reason' in folder) return [];
  const notes = await namesIn(folder.path, isNoteName);
  const outputs = await Promise.all(
    notes.map((path) =>
      lookInto(path, async () => textOf(fieldsOf(parseJson((await readTextFile(path)) ?? ''))['output'])),
    ),
  );
  return outputs.filter((output): output is string => output !== undefined && isAbsolute(output));
}

/** Where files are looked for that nobody named: the working folder, and that of the notes. */
interface SearchPlaces {
  readonly cwd: string;
  readonly stateFolder: () => Promise<string>;
}

/** Whatever config file is in the folder of `output`, in the working folder, or where a note says that one was saved. */
async function readNearby(
  output: string,
  { cwd, stateFolder }: SearchPlaces,
  fits: (config: ReportingConfig) => boolean,
): Promise<readonly NearbyConfig[]> {
  const folders = new Set([dirname(output), resolve(cwd)]);
  const listed = await Promise.all([...folders].map((folder) => namesIn(folder, isConfigName)));
  const paths = new Set([...listed.flat(), ...(await notedOutputs(stateFolder))]);
  paths.delete(output);
  const found = await Promise.all(
    [...paths].map((path) =>
      lookInto(path, async () => {
        const reading = await readConfig(path);
        if (reading.status !== 'ok' || !fits(reading.config)) return undefined;
        return { name: typedIn(cwd, path), config: reading.config };
      }),
    ),
  );
  return found.filter((one) => one !== undefined);
}

/**
 * Config files of an application that nobody named: in the folder of `output`, in the working folder, and where this
 * program's own notes say that it saved one. `output` itself is none of them. Reads what its reader takes, and only files
 * of this user; what cannot be read is left out. Never rejects for what the file system is like.
 */
export const configsNearby = (
  output: string,
  clientId: string,
  where: SearchPlaces,
): Promise<readonly NearbyConfig[]> =>
  readNearby(output, where, (config) => sameId(config.clientId, clientId));

/** Whether a config file names the secret of a marker: nobody else makes one of just that end. Pure. */
function names({ application, credential }: ReportingConfig, marker: SecretMarker): boolean {
  const end = Date.parse(marker.endDateTime);
  const secrets = [credential, ...(credential.previous ?? [])].filter(({ kind }) => kind === 'secret');
  return (
    sameId(application.objectId, marker.applicationId) &&
    secrets.some(({ expires }) => expires !== undefined && Date.parse(expires) === end)
  );
}

/**
 * The markers of `output` whose secret no other config file near by names: one that was saved by a run which was cut
 * before it could say so, and whose file has another name since, is in use.
 */
export async function withoutHeld(
  output: string,
  markers: readonly SecretMarker[],
  where: SearchPlaces,
): Promise<readonly SecretMarker[]> {
  if (markers.length === 0) return markers;
  const nearby = await readNearby(output, where, (config) => markers.some((marker) => names(config, marker)));
  return markers.filter((marker) => !nearby.some(({ config }) => names(config, marker)));
}
