import { parseAddress } from '../../../cli/option-parsers.ts';
import type { ReportingConfig } from '../../../config/config.ts';
import { WizardError } from '../../../core/errors.ts';
import { quoted } from '../../../core/text.ts';
import type { Prompt } from '../../../terminal/prompt.ts';
import type { Io } from '../../shared/io.ts';
import type { Step, Stored, StoreInput } from '../target.ts';

/** What the Azure SDKs, and this program's own commands, read from the environment of a job. */
export interface StoredValues {
  readonly AZURE_TENANT_ID: string;
  readonly AZURE_CLIENT_ID: string;
  readonly AZURE_CLIENT_SECRET: string;
}

/** Throws WizardError where the file has no secret to put away. */
export function secretOf({ clientSecret }: ReportingConfig, io: Pick<Io, 'reveal'>): string {
  if (clientSecret) return io.reveal(clientSecret);
  throw new WizardError('target-credential', 'The config file holds no client secret to put away.');
}

/** The values of a config file, the secret in clear. Throws WizardError. */
export function valuesOf(config: ReportingConfig, io: Pick<Io, 'reveal'>): StoredValues {
  const { tenantId, clientId } = config;
  return { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secretOf(config, io) };
}

/** What a dry run says and gives in place of writing. */
export function planned(what: string, where: string, io: Pick<Io, 'report'>): Stored {
  io.report.line(`Dry run: ${what} would go to ${quoted(where, 500)}; nothing was written.`);
  return { where, steps: [], takeOut: { does: '' } };
}

/** Asks for a text option that a store needs, or names it. Throws WizardError `missing-options` where nobody can be asked. */
export async function askFor(
  prompt: Prompt | undefined,
  flag: string,
  message: string,
  parse: (text: string) => string,
): Promise<string> {
  if (!prompt) throw new WizardError('missing-options', `Missing: ${flag}`);
  const judged = (text: string): string | undefined => {
    try {
      parse(text);
      return undefined;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return error.message;
    }
  };
  return parse(await prompt.text({ message, fallback: '', validate: judged }));
}

/** The end of the credential for people, where the file says. */
export const endsOn = ({ config }: Pick<StoreInput, 'config'>): string =>
  config.credential.expires === undefined ? '' : `, valid until ${config.credential.expires.slice(0, 10)}`;

/** A name that a store takes. Throws WizardError `invalid-options` saying which it takes. */
export function requireName(name: string, pattern: RegExp, rule: string): string {
  if (pattern.test(name)) return name;
  throw new WizardError('invalid-options', `--name: ${quoted(name)} is not taken there: ${rule}`);
}

/** Throws WizardError where the options of a run lead elsewhere than where the last credential was put. */
export function requireSamePlace(where: string, place: string | undefined): void {
  if (place === undefined || place === where) return;
  throw new WizardError(
    'store-refused',
    `The config file says that it lies in ${quoted(place, 500)}, and from here it would go to ${quoted(where, 500)}.`,
    { remedy: 'Run it with the environment in which it was connected, or connect it again.' },
  );
}

/** The address that an option or the environment names. Throws WizardError where there is none. */
export function addressFrom(
  given: string | undefined,
  variable: string,
  value: string | undefined,
  fallback?: string,
): string {
  if (given !== undefined) return given;
  if (!value) {
    if (fallback !== undefined) return fallback;
    throw new WizardError('missing-options', `Missing: --address, or ${variable} in the environment`);
  }
  try {
    return parseAddress(/^https?:\/\//.test(value) ? value : `https://${value}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WizardError('invalid-options', `${variable}: ${error.message}`);
  }
}

/** How a program gets the secret: the line prints it. Written as an assignment, it would look like a secret itself. */
export const readWith = ({ config }: Pick<StoreInput, 'config'>, where: string, line: string): Step => ({
  does: `A program gets it as AZURE_CLIENT_SECRET, beside AZURE_TENANT_ID ${config.tenantId} and AZURE_CLIENT_ID ${config.clientId}. ${where}:`,
  run: line,
});
