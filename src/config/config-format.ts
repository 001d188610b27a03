import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { type ConfigFormat, type ConfigReading, parseJsonConfig, withoutMark } from './config.ts';
import { parseEnvConfig } from './config-env.ts';

/** `.env`, `.env.local` and `prod.env` hold the env format by their name, with or without folders before it. */
export function formatByName(path: string): ConfigFormat {
  return /(?:^|[\\/])\.env(?:\.[^\\/]*)?$|\.env$/i.test(path) ? 'env' : 'json';
}

/** Reads a configuration in either format: the content decides, and where it does not, what was expected. */
export function parseConfig(text: string, expected: ConfigFormat): ConfigReading {
  if (withoutMark(text).trimStart().startsWith('{')) return parseJsonConfig(text);
  const env = parseEnvConfig(text);
  return env.status !== 'absent' || expected === 'env' ? env : parseJsonConfig(text);
}

/** The error for a file that is newer than this program, or no configuration; undefined when it may be used or replaced. */
export function unusableConfig(path: string, reading: ConfigReading): WizardError | undefined {
  if (reading.status === 'newer') {
    const message = `${safeText(path)} was written by a newer reporting-setup (version ${reading.version}).`;
    return new WizardError('config-newer', message);
  }
  if (reading.status !== 'invalid') return undefined;
  const problems = reading.problems.join('; ');
  return new WizardError('config-invalid', `${safeText(path)} is no usable configuration: ${problems}.`);
}
