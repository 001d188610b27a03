import type { Settings } from '../../cli/settings.ts';
import type { ReportingConfig } from '../../config/config.ts';
import { defaultOutput } from '../../config/config-file.ts';
import { findConfigFiles } from '../../config/find-config-files.ts';
import { type ExitCode, WizardError } from '../../core/errors.ts';
import { quoted } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { type Cloud, cloudOfConfig } from '../../entra/clouds.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';

/** How many files are verified at the same time, where nobody says. */
const defaultConcurrency = 16;

/** Where the tenant of a config file lives; with a sandbox nowhere else. */
function cloudChooser(settings: Settings, sandbox: Cloud | undefined): (config: ReportingConfig) => Cloud {
  return (config) => {
    if (sandbox === undefined) return cloudOfConfig(config, settings);
    if (config.cloud === 'sandbox') return sandbox;
    throw new WizardError(
      'config-other-cloud',
      `The file belongs to cloud ${config.cloud}, not to the sandbox.`,
      { remedy: 'Leave --sandbox out.' },
    );
  };
}

/**
 * Verifies the file that was named, or all of several. `methods` is how an administrator signs in too, `sandbox` the
 * sandbox's cloud. Throws WizardError where no file matches, or where an administrator would have to look at several.
 */
export async function verifyNamedFiles(
  settings: Settings,
  methods: readonly AuthMethod[] | undefined,
  sandbox: Cloud | undefined,
  io: Io,
  outcome: RunOutcome,
): Promise<ExitCode> {
  const { files, unmatched, several } = await findConfigFiles(settings.config ?? [defaultOutput], io);
  if (unmatched.length > 0) {
    const names = unmatched.map((name) => quoted(name)).join(', ');
    throw new WizardError('invalid-options', `--config: no file matches ${names}`);
  }
  const cloudFor = cloudChooser(settings, sandbox);
  if (!several) {
    const { runVerify } = await import('./verify.ts');
    return runVerify({ settings, file: files[0] ?? defaultOutput, methods, cloudFor }, io, outcome);
  }
  if (methods) throw new WizardError('invalid-options', '--admin goes with one file at a time');
  const { runVerifyFiles } = await import('./verify-files.ts');
  const { concurrency = defaultConcurrency } = settings;
  return runVerifyFiles({ verify: { settings, cloudFor }, files, concurrency }, io, outcome);
}
