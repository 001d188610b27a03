import { WizardError } from '../core/errors.ts';
import { fieldsIn, fieldsOf, listOf, parseJson, sameId, textOf } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import { type ConfigFormat, withoutMark } from './config.ts';
import { readEnvNote, withoutEnvConfig } from './config-env.ts';
import { parseConfig } from './config-file.ts';
import { requireFilePath } from './config-output.ts';
import {
  type Files,
  readTextFile,
  realFiles,
  replaceFile,
  syncFolder,
  withWizardErrors,
} from './file-system.ts';

/** A credential that another one has replaced, as a config file names it until it is retired. */
export interface NamedCredential {
  readonly kind: string;
  readonly keyId: string;
  readonly certificatePath?: string;
}

/** The credentials under `previous` in a config file's text; entries that name none are left out. Pure. */
export function previousIn(text: string, format: ConfigFormat): readonly NamedCredential[] {
  const list =
    format === 'json'
      ? fieldsOf(fieldsIn(withoutMark(text))['credential'])['previous']
      : parseJson(readEnvNote(text, 'REPORTING_PREVIOUS') ?? '[]');
  return listOf(list)
    .map(({ kind, keyId, certificatePath }) => ({
      kind: textOf(kind),
      keyId: textOf(keyId),
      ...(typeof certificatePath === 'string' ? { certificatePath } : {}),
    }))
    .filter(({ kind, keyId }) => kind !== '' && keyId !== '');
}

/** What became of the file: `cleared` where other lines in it stay. */
export type ConfigRemoval = 'absent' | 'removed' | 'cleared';

/**
 * Removes a config file once its application is taken back; of a .env file only this program's lines, where there are
 * others. Throws WizardError `output-not-saved` where it is of another application by now, or cannot be removed.
 */
export function removeConfig(
  path: string,
  format: ConfigFormat,
  clientId: string,
  files: Files = realFiles,
): Promise<ConfigRemoval> {
  return withWizardErrors('output-not-saved', path, async () => {
    const text = await readTextFile(path, files);
    if (text === undefined) return 'absent';
    await requireFilePath(path, files);
    const reading = parseConfig(text, format);
    if (reading.status !== 'ok' || !sameId(reading.config.clientId, clientId)) {
      throw new WizardError('output-not-saved', `${safeText(path)} was changed by somebody else: it stays.`);
    }
    const rest = reading.format === 'env' ? withoutEnvConfig(text) : '';
    if (withoutMark(rest).trim() !== '') {
      await replaceFile(path, rest, files);
      return 'cleared';
    }
    await files.unlink(path);
    await syncFolder(path, files);
    return 'removed';
  });
}
