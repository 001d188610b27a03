import type { CredentialKind } from '../core/choices.ts';
import { fileCode, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import type { Cloud } from '../entra/clouds.ts';
import type { LocalCertificates, MakeKeyPair } from './certificate.ts';
import type { ConfigFormat, ConfigReading, Reveal } from './config.ts';
import { formatByName, readConfig, resolvePath, unusableConfig } from './config-file.ts';
import { type OpenOutput, openOutput, requireFilePath } from './config-output.ts';
import { withoutHeld } from './configs-nearby.ts';
import { ifThere, ofFolder, realFiles, removeLeftovers, withWizardErrors } from './file-system.ts';
import { type AskStanding, createGitStanding } from './git.ts';
import { type KeyIo, loadCertificates } from './local-certificates.ts';
import { lockOutput } from './locks.ts';
import { createKeyFiles, type KeyFiles, keyPaths } from './private-key-file.ts';
import { type NoteIo, openSecretNote, type SecretMarker, type SecretNote } from './secret-note.ts';

/** Where the configuration goes, and what is there already. */
export interface OutputFiles {
  /** As it was given. */
  readonly name: string;
  readonly path: string;
  readonly format: ConfigFormat;
  readonly config: ConfigReading;
  readonly file: OpenOutput;
  readonly note: SecretNote;
  readonly markers: readonly SecretMarker[];
  readonly keys: KeyFiles;
  readonly certificates: LocalCertificates;
  /** What git says is remembered for the run. */
  readonly askGit: AskStanding;
  release(): Promise<void>;
}

function requireFormat(wanted: OutputOptions, path: string, config: ConfigReading): ConfigFormat {
  const held = config.status === 'ok' ? config.format : undefined;
  const format = wanted.format ?? held ?? formatByName(path);
  if (held !== undefined && held !== format) {
    throw new WizardError('config-invalid', `${safeText(path)} holds the ${held} format, not ${format}.`, {
      remedy: 'Leave --format out to keep the file as it is, or choose another file with --output.',
    });
  }
  return format;
}

/** Throws WizardError where the file belongs to another cloud. */
function requireCloud(path: string, config: ConfigReading, cloud: Cloud): void {
  if (config.status !== 'ok') return;
  const held = config.config;
  const { name, authorityHost, graphUrl } = cloud;
  // Endpoints are recorded for a cloud without a name alone.
  const endpoints = name === 'custom' ? { authorityHost, graphUrl } : undefined;
  const same =
    held.cloud === name &&
    held.endpoints?.authorityHost === endpoints?.authorityHost &&
    held.endpoints?.graphUrl === endpoints?.graphUrl;
  if (same) return;
  throw new WizardError('config-other-cloud', `${safeText(path)} belongs to another cloud (${held.cloud}).`, {
    remedy: 'Choose another file with --output, so that the credential in this one is not lost.',
  });
}

/** What of the options the files depend on. */
export interface OutputOptions {
  readonly format?: ConfigFormat;
  readonly credential?: CredentialKind;
  readonly certificateFile?: string;
}

/** What opening the files may touch. */
export interface OutputIo extends KeyIo, NoteIo {
  readonly reveal: Reveal;
  /** Makes the keys of certificates; absent where the program's own way is meant. */
  readonly makeKeyPair?: MakeKeyPair | undefined;
  /** Rejects when the run is cancelled. Milliseconds. */
  readonly sleep: (delay: number) => Promise<void>;
  /** Asks whether another application's settings in the file may be replaced; not where nobody can be asked. */
  readonly mayReplace: ((problem: string) => Promise<boolean>) | undefined;
}

/** Where the hand-off of an output lies. */
export const handOffPath = (output: string): string => `${output}.consent.md`;

/**
 * Keeps other runs out of an output, and removes what killed ones left next to it. A file that is there already may have
 * to be read alone: where the folder takes no lock, it is said that there is none.
 */
async function lockOrTell(path: string, io: OutputIo): Promise<() => Promise<void>> {
  try {
    const release = await lockOutput(path, { sleep: io.sleep, report: io.report });
    for (const one of [path, ...keyPaths(path), handOffPath(path)]) await removeLeftovers(one, realFiles);
    return release;
  } catch (error) {
    const isReadOnly = error instanceof WizardError && ofFolder.has(fileCode(error.cause));
    if (!isReadOnly || (await ifThere(realFiles.lstat(path))) === undefined) throw error;
    io.report.warn(
      `Nothing is locked, so other runs are not kept out of ${safeText(path, 500)}: ${error.message}`,
    );
    return async () => undefined;
  }
}

/**
 * The configuration that is there. Another application's settings count as none where somebody says that they may be
 * replaced. Throws WizardError for what may not be replaced.
 */
async function readHeld(name: string, path: string, wanted: OutputOptions, io: OutputIo) {
  const config = await readConfig(path, wanted.format);
  const unusable = unusableConfig(name, config);
  if (!unusable || config.status !== 'invalid') {
    if (unusable) throw unusable;
    return { config, replacesForeign: false };
  }
  if (!config.foreign || io.mayReplace === undefined || !(await io.mayReplace(unusable.message)))
    throw unusable;
  return { config: { status: 'absent' } as const, replacesForeign: true };
}

/**
 * Opens the config file `name` and what lies beside it: refuses what cannot be written or is no configuration, and keeps
 * other runs out until it is released. A dry run writes nothing, so it takes no lock. Throws WizardError.
 */
export async function openOutputFiles(
  name: string,
  wanted: OutputOptions,
  cloud: Cloud,
  io: OutputIo,
  { lock }: { readonly lock: boolean },
): Promise<OutputFiles> {
  const path = resolvePath(name, io.cwd);
  // First of all, for a lock of a name that is none would be another file's; and what is wrong is told of the file.
  await withWizardErrors('output-unusable', path, () => requireFilePath(path, realFiles));
  // Before anything is read: what another run is about to write must not be mistaken for what is there.
  const release = lock ? await lockOrTell(path, io) : async (): Promise<void> => undefined;
  try {
    const { config, replacesForeign } = await readHeld(name, path, wanted, io);
    requireCloud(name, config, cloud);
    const format = requireFormat(wanted, path, config);
    const file = await openOutput(path, format, io.reveal, realFiles, replacesForeign);
    const { note, markers: noted } = await openSecretNote(path, io);
    const markers = await withoutHeld(path, noted, io);
    const certificates = await loadCertificates(wanted, path, config, io);
    const keys = createKeyFiles(io.redactor, file.requireSameFolder, io.makeKeyPair);
    const askGit = createGitStanding();
    return { name, path, format, config, file, note, markers, keys, certificates, askGit, release };
  } catch (error) {
    await release();
    throw error;
  }
}
