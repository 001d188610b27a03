import { isAbsolute, join } from 'node:path';
import type { Settings } from '../../cli/options.ts';
import type { LocalCertificates } from '../../config/certificate.ts';
import type { ConfigFormat, ConfigReading } from '../../config/config.ts';
import { formatByName, inspectConfigFile, readConfig, unusableConfig } from '../../config/config-file.ts';
import { type Output, openOutput } from '../../config/config-output.ts';
import { type AskStanding, createGitStanding } from '../../config/git.ts';
import { lockOutput } from '../../config/locks.ts';
import { createKeyFiles, type KeyFiles } from '../../config/private-key-file.ts';
import { openSecretNote, type SecretMarker, type SecretNote } from '../../config/secret-note.ts';
import { WizardError } from '../../core/errors.ts';
import { safeText } from '../../core/text.ts';
import type { CloudReference } from '../../entra/clouds.ts';
import { loadCertificates } from '../shared/certificates.ts';
import type { Io } from '../shared/io.ts';

export const defaultOutput = 'reporting-setup.json';

/** The file's full path; a slash at its end, which names a folder, stays. */
export const resolvePath = (name: string, cwd: string): string => (isAbsolute(name) ? name : join(cwd, name));

/** Where the configuration goes, and what is there already. */
export interface Target {
  /** As it was given. */
  readonly name: string;
  readonly path: string;
  readonly format: ConfigFormat;
  readonly config: ConfigReading;
  readonly output: Output;
  readonly note: SecretNote;
  readonly markers: readonly SecretMarker[];
  readonly keys: KeyFiles;
  readonly certificates: LocalCertificates;
  /** What git says is remembered for the run. */
  readonly askGit: AskStanding;
  release(): Promise<void>;
}

function requireFormat(settings: Settings, path: string, config: ConfigReading): ConfigFormat {
  const held = config.status === 'ok' ? config.format : undefined;
  const wanted = settings.format ?? held ?? formatByName(path);
  if (held !== undefined && held !== wanted) {
    throw new WizardError('config-invalid', `${safeText(path)} holds the ${held} format, not ${wanted}.`, {
      remedy: 'Leave --format out to keep the file as it is, or choose another file with --output.',
    });
  }
  return wanted;
}

/** Throws WizardError where the file belongs to another cloud. */
function requirePlace(path: string, config: ConfigReading, place: CloudReference): void {
  if (config.status !== 'ok') return;
  const { cloud, endpoints } = config.config;
  const same =
    cloud === place.cloud &&
    endpoints?.authorityHost === place.endpoints?.authorityHost &&
    endpoints?.graphUrl === place.endpoints?.graphUrl;
  if (same) return;
  throw new WizardError('config-other-cloud', `${safeText(path)} belongs to another cloud (${cloud}).`, {
    remedy: 'Choose another file with --output, so that the credential in this one is not lost.',
  });
}

/** Asked only where there is no configuration to go on with. */
async function chooseOutput(io: Io): Promise<string> {
  const there = await inspectConfigFile(resolvePath(defaultOutput, io.cwd), io.env);
  if (there.exists) return defaultOutput;
  const validate = (text: string): string | undefined =>
    text.trim() === '' ? 'Give a file name' : undefined;
  return io.prompt.text({ message: 'File to save the credential in', fallback: defaultOutput, validate });
}

/**
 * Opens the output: refuses what cannot be written or is no configuration, and keeps other runs out until it is
 * released. A dry run writes nothing, so it takes no lock. Throws WizardError.
 */
export async function openTarget(
  settings: Settings,
  place: CloudReference,
  io: Io,
  options: { readonly lock: boolean },
): Promise<Target> {
  const name = settings.output ?? (await chooseOutput(io));
  const path = resolvePath(name, io.cwd);
  // Before anything is read: what another run is about to write must not be mistaken for what is there.
  const release = options.lock ? await lockOutput(path) : async (): Promise<void> => undefined;
  try {
    const config = await readConfig(path, settings.format);
    const unusable = unusableConfig(name, config);
    if (unusable) throw unusable;
    requirePlace(name, config, place);
    const format = requireFormat(settings, path, config);
    const output = await openOutput(path, format, io.reveal);
    const { note, markers } = await openSecretNote(path);
    const absolute = (one: string): string => resolvePath(one, io.cwd);
    const certificates = await loadCertificates(settings, path, config, absolute, io);
    const keys = createKeyFiles(io.redactor);
    const askGit = createGitStanding();
    return { name, path, format, config, output, note, markers, keys, certificates, askGit, release };
  } catch (error) {
    await release();
    throw error;
  }
}
