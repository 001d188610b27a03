import { join } from 'node:path';
import type { Flags } from './cli/flags.ts';
import type { CommandName, Settings } from './cli/options.ts';
import type { Draft } from './commands/shared/draft.ts';
import type { Io } from './commands/shared/io.ts';
import type { ReportingConfig } from './config/config.ts';
import type { AuthMethod } from './core/choices.ts';
import { type ExitCode, WizardError } from './core/errors.ts';
import { commandLine, quoted } from './core/text.ts';
import type { Cloud } from './entra/clouds.ts';
import { chooseCloud, cloudOfConfig, referenceTo } from './entra/clouds.ts';
import type { Host } from './host.ts';

/** What a command runs in. */
interface Place {
  readonly host: Host;
  readonly io: Io;
  readonly draft: Draft;
  /** The words of the command line. */
  readonly argv: readonly string[];
}

/** The tenant inside this process: a cloud like any other, but for its certificate. */
async function withSandbox<T>(
  scenarios: string,
  { host }: Place,
  use: (cloud: Cloud) => Promise<T>,
): Promise<T> {
  const { translateSandboxFailure } = await import('./commands/sandbox.ts');
  const { stateFileName } = await import('./sandbox/index.ts');
  const names = scenarios.split(',').map((name) => name.trim());
  try {
    const stateFile = join(await host.stateFolder(), stateFileName(names));
    const sandbox = await host.startSandbox({ scenarios: names, stateFile, autoApprove: true });
    try {
      return await use({
        name: 'sandbox',
        authorityHost: sandbox.authorityHost,
        graphUrl: sandbox.graphUrl,
        entraPortal: sandbox.origin,
        instanceDiscovery: false,
        ca: sandbox.caCertificate,
      });
    } finally {
      await sandbox.stop();
    }
  } catch (error) {
    throw translateSandboxFailure(error);
  }
}

/** How an administrator signs in. The sandbox approves a device code by itself; a browser would not trust its certificate. */
async function methodsFor(settings: Settings, flags: Flags, io: Io): Promise<readonly AuthMethod[]> {
  if (flags.sandbox !== undefined && settings.auth === undefined) return ['device-code'];
  const { signInMethods } = await import('./commands/shared/sign-in-administrator.ts');
  return signInMethods(settings.auth, io);
}

/** How to verify what setup writes; where the tenant is stands in the file. */
function verifyWords({ output }: Settings, { sandbox }: Flags): string[] {
  return [
    'verify',
    ...(sandbox === undefined ? [] : sandbox === 'default' ? ['--sandbox'] : ['--sandbox', sandbox]),
    ...(output === undefined ? [] : ['--config', output]),
  ];
}

async function setup(
  settings: Settings,
  flags: Flags,
  cloud: Cloud,
  { io, draft, argv }: Place,
): Promise<ExitCode> {
  const { runSetup } = await import('./commands/setup/setup.ts');
  const job = {
    settings,
    cloud,
    place: referenceTo(cloud),
    methods: await methodsFor(settings, flags, io),
    planOnly: flags.dryRun,
    invocation: {
      again: commandLine(argv, io),
      verify: commandLine(verifyWords(settings, flags), io),
    },
  };
  return runSetup(job, io, draft);
}

/** Where the tenant of a config file lives; with --sandbox nowhere else. */
function cloudChooser(settings: Settings, cloud: Cloud | undefined): (config: ReportingConfig) => Cloud {
  return (config) => {
    if (cloud === undefined) return cloudOfConfig(config, settings);
    if (config.cloud === 'sandbox') return cloud;
    throw new WizardError(
      'config-other-cloud',
      `The file belongs to cloud ${config.cloud}, not to the sandbox.`,
      { remedy: 'Leave --sandbox out.' },
    );
  };
}

/** How many files are verified at the same time, where nobody says. */
const defaultConcurrency = 16;

/** Several files, each with its own credential. */
async function verifySeveral(
  files: readonly string[],
  settings: Settings,
  flags: Flags,
  cloud: Cloud | undefined,
  { io, draft }: Place,
): Promise<ExitCode> {
  if (flags.admin) throw new WizardError('invalid-options', '--admin goes with one file at a time');
  const { runFleet } = await import('./commands/verify/verify-files.ts');
  const { concurrency = defaultConcurrency } = settings;
  const verify = { settings, cloudFor: cloudChooser(settings, cloud) };
  return runFleet({ verify, files, concurrency }, io, draft);
}

async function verify(
  settings: Settings,
  flags: Flags,
  cloud: Cloud | undefined,
  place: Place,
): Promise<ExitCode> {
  const { io, draft } = place;
  const { defaultOutput } = await import('./commands/setup/output.ts');
  const { findConfigFiles } = await import('./config/find-config-files.ts');
  const { files, unmatched, several } = await findConfigFiles(settings.config ?? [defaultOutput], io);
  if (unmatched.length > 0) {
    const names = unmatched.map((name) => quoted(name)).join(', ');
    throw new WizardError('invalid-options', `--config: no file matches ${names}`);
  }
  if (several) return verifySeveral(files, settings, flags, cloud, place);
  const { runVerify } = await import('./commands/verify/verify.ts');
  return runVerify(
    {
      settings,
      file: files[0] ?? defaultOutput,
      methods: flags.admin ? await methodsFor(settings, flags, io) : undefined,
      cloudFor: cloudChooser(settings, cloud),
    },
    io,
    draft,
  );
}

async function sandbox(settings: Settings, { host, io }: Place): Promise<number> {
  const { runSandbox } = await import('./commands/sandbox.ts');
  return runSandbox(settings, {
    stdout: (text) => void host.stdout.write(text),
    stderr: (text) => void host.stderr.write(text),
    signal: io.signal,
    makeTemporaryFolder: host.makeTemporaryFolder,
  });
}

/** Runs a command with its settings. Throws WizardError or DirectoryError. */
export function dispatch(
  command: CommandName,
  settings: Settings,
  flags: Flags,
  place: Place,
): Promise<number> {
  if (command === 'sandbox') return sandbox(settings, place);
  if (command === 'setup') {
    const run = (cloud: Cloud): Promise<number> => setup(settings, flags, cloud, place);
    return flags.sandbox === undefined ? run(chooseCloud(settings)) : withSandbox(flags.sandbox, place, run);
  }
  const run = (cloud?: Cloud): Promise<number> => verify(settings, flags, cloud, place);
  return flags.sandbox === undefined ? run() : withSandbox(flags.sandbox, place, run);
}
