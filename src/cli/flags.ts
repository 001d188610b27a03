import { WizardError } from '../core/errors.ts';
import { credentialContradictions, missingCredentialFlags } from './credential-flags.ts';
import { parseScenarios } from './option-parsers.ts';
import { type CommandName, flagOf, type RawOptions } from './options.ts';

/** Flags without which nobody can tell what is wanted, where nobody can be asked. Pure. */
function missingFlags(command: CommandName, flags: Flags, raw: RawOptions): string[] {
  if (command !== 'setup') return [];
  const missing = missingCredentialFlags(flags, raw);
  if (flags.interactive || flags.yes || flags.dryRun) return missing;
  return ['--yes (to write without a confirmation) or --dry-run (to write nothing)', ...missing];
}

function unknownScenarios(names: string): string[] {
  try {
    parseScenarios(names);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [`--sandbox: ${error.message}`];
  }
}

/** The sandbox is a cloud of its own. */
function sandboxProblems(flags: Flags, raw: RawOptions): string[] {
  if (flags.sandbox === undefined) return [];
  const clouds = (['cloud', 'authorityHost', 'graphUrl'] as const).filter((name) => raw[name] !== undefined);
  return [
    ...unknownScenarios(flags.sandbox),
    ...clouds.map((name) => `${flagOf(name)} and --sandbox exclude each other`),
  ];
}

/** Without --admin nobody signs in but the application, with the credential in the file. */
function needlessSignIn(flags: Flags, raw: RawOptions): string[] {
  if (flags.admin) return [];
  const given = (['auth', 'loginClientId'] as const).filter((name) => raw[name] !== undefined);
  return given.map((name) => `${flagOf(name)} goes with --admin`);
}

/** Throws WizardError naming everything that is missing, or that does not go together, at once. */
export function requireComplete(command: CommandName, flags: Flags, raw: RawOptions): void {
  const wrong = [
    ...sandboxProblems(flags, raw),
    ...(command === 'setup' ? credentialContradictions(raw) : []),
    ...(command === 'verify' ? needlessSignIn(flags, raw) : []),
  ];
  if (wrong.length > 0) throw new WizardError('invalid-options', wrong.join('\n'));
  const missing = missingFlags(command, flags, raw);
  if (missing.length === 0) return;
  throw new WizardError('missing-options', `Nobody can be asked here. Missing: ${missing.join(', ')}`);
}

/** What the flags without a value say, the terminal taken into account. */
export interface Flags {
  readonly yes: boolean;
  readonly json: boolean;
  readonly debug: boolean;
  readonly dryRun: boolean;
  /** An administrator signs in too. */
  readonly admin: boolean;
  /** The pass phrase of a private key is on standard input. */
  readonly passPhraseOnStdin: boolean;
  /** Scenario names, comma-separated; undefined outside the sandbox. */
  readonly sandbox: string | undefined;
  /** Questions may be asked. */
  readonly interactive: boolean;
}

/** What decides whether anybody can be asked. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY?: boolean };
  readonly stderr: { readonly isTTY?: boolean };
}

const isTruthy = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());

/** Reads the flags without a value. Nobody is asked without a terminal, in CI, or when that is switched off. Pure. */
export function resolveFlags(raw: RawOptions, { env, stdin, stderr }: Surroundings): Flags {
  const json = raw['json'] === true;
  const silenced =
    raw['input'] === false || json || isTruthy(env['REPORTING_SETUP_NO_INPUT']) || isTruthy(env['CI']);
  const { sandbox } = raw;
  return {
    yes: raw['yes'] === true,
    json,
    debug: raw['debug'] === true,
    dryRun: raw['dryRun'] === true,
    admin: raw['admin'] === true,
    passPhraseOnStdin: raw['certificatePasswordStdin'] === true,
    sandbox: typeof sandbox === 'string' ? sandbox : sandbox === true ? 'default' : undefined,
    interactive: !silenced && stdin.isTTY === true && stderr.isTTY === true,
  };
}
