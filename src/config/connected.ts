import { WizardError } from '../core/errors.ts';
import { fieldsIn, fieldsOf, listOf, parseJson, textOf } from '../core/fields.ts';
import type { Secret } from '../core/secret.ts';
import { safeText } from '../core/text.ts';
import {
  type ConfigFormat,
  type ConfigReading,
  type ReportingConfig,
  type Reveal,
  withoutMark,
} from './config.ts';
import { formatEnvConfig, readEnvNote, writeEnvNote } from './config-env.ts';
import { formatByName, parseConfig } from './config-file.ts';
import { formatJsonConfig } from './config-json.ts';
import { type Files, readTextFile, realFiles, replaceFile, withWizardErrors } from './file-system.ts';
import { type LockIo, lockOutput } from './locks.ts';

/** Something that a credential was handed to. */
export interface ConnectedTarget {
  /** Its name in the table of `connect`. */
  readonly target: string;
  /** When, ISO 8601. */
  readonly at: string;
  /** The file, the address in the store, or `standard output`. */
  readonly where: string;
  /** Of the credential that it was given; unknown where the entry does not say. */
  readonly keyId?: string;
}

const variable = 'REPORTING_CONNECTED';

/** The list as it stands in a config file's text: whatever is in it, so that it can be written back. */
function listIn(text: string, format: ConfigFormat): readonly unknown[] {
  const list =
    format === 'json'
      ? fieldsIn(withoutMark(text))['connected']
      : parseJson(readEnvNote(text, variable) ?? '[]');
  return Array.isArray(list) ? list : [];
}

/** The text of a config file with that list in it; everything else stays. */
function withList(text: string, format: ConfigFormat, list: readonly unknown[]): string {
  if (format === 'env') return writeEnvNote(text, variable, JSON.stringify(list));
  return `${JSON.stringify({ ...fieldsIn(withoutMark(text)), connected: list }, undefined, 2)}\n`;
}

const isSame = (entry: unknown, { target, where }: ConnectedTarget): boolean =>
  fieldsOf(entry)['target'] === target && fieldsOf(entry)['where'] === where;

/** What the text of a config file says it was connected to; entries that say nothing are left out. Pure. */
export function connectedIn(text: string, format: ConfigFormat): readonly ConnectedTarget[] {
  return listOf(listIn(text, format))
    .map(({ target, at, where, keyId }) => ({
      target: textOf(target),
      at: textOf(at),
      where: textOf(where),
      ...(typeof keyId === 'string' ? { keyId } : {}),
    }))
    .filter(({ target }) => target !== '');
}

/** The text with one more entry, in place of an older one for the same target and place. Pure. */
export function withConnected(text: string, format: ConfigFormat, entry: ConnectedTarget): string {
  const others = listIn(text, format).filter((other) => !isSame(other, entry));
  return withList(text, format, [...others, entry]);
}

/** What becomes of the secret in the file. */
export interface SecretRemoval {
  /** What the store has and gave back. */
  readonly stored: Secret;
  readonly reveal: Reveal;
}

/** The text without the secret, and with the name of the store that has it. Throws WizardError where it is another by now. */
function withoutSecret(
  text: string,
  { config, format }: Extract<ConfigReading, { status: 'ok' }>,
  { target, where }: ConnectedTarget,
  { stored, reveal }: SecretRemoval,
): string {
  const { clientSecret, ...rest } = config;
  if (clientSecret && reveal(clientSecret) !== reveal(stored)) {
    throw new WizardError(
      'output-not-saved',
      'Another run has put another secret into the file meanwhile: it stays there.',
      {
        remedy: 'Run the same command again: the store has the one before.',
      },
    );
  }
  const moved: ReportingConfig = { ...rest, credential: { ...rest.credential, secretIn: { target, where } } };
  return format === 'env' ? formatEnvConfig(text, moved, reveal) : formatJsonConfig(moved, reveal, text);
}

/**
 * Notes in the config file what its credential was handed to, and takes the secret out of it where `removal` says so;
 * everything else in it stays. Throws WizardError where it cannot be written, or is no config file any more.
 */
export async function recordConnected(
  path: string,
  entry: ConnectedTarget,
  io: LockIo = {},
  files: Files = realFiles,
  removal?: SecretRemoval,
): Promise<void> {
  const release = await lockOutput(path, io);
  try {
    await noteConnected(path, entry, files, removal);
  } finally {
    await release();
  }
}

/** The same for a run that keeps others out of the file already. */
export function noteConnected(
  path: string,
  entry: ConnectedTarget,
  files: Files = realFiles,
  removal?: SecretRemoval,
): Promise<void> {
  return withWizardErrors('output-not-saved', path, async () => {
    const text = (await readTextFile(path, files)) ?? '';
    const reading = parseConfig(text, formatByName(path));
    if (reading.status !== 'ok') {
      throw new WizardError('config-invalid', `${safeText(path)} is no usable configuration any more.`);
    }
    const kept = removal ? withoutSecret(text, reading, entry, removal) : text;
    await replaceFile(path, withConnected(kept, reading.format, entry), files);
  });
}

/** What a config file was connected to, as it stands there now. Rejects as reading it does. */
export const readConnected = async (
  path: string,
  format: ConfigFormat,
  files: Files = realFiles,
): Promise<readonly ConnectedTarget[]> => connectedIn((await readTextFile(path, files)) ?? '', format);
