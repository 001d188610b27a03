import type { CommandName } from './cli/option-definition.ts';
import type { Flags, Settings } from './cli/settings.ts';
import type { Io } from './commands/shared/io.ts';
import type { RunOutcome } from './commands/shared/run-outcome.ts';
import type { ExitCode } from './core/exit-codes.ts';
import type { AuthMethod } from './entra/auth-methods.ts';
import { canOpenBrowser, signInMethods } from './entra/auth-methods.ts';
import type { Cloud } from './entra/clouds.ts';
import { chooseCloud } from './entra/clouds.ts';
import type { Host } from './host.ts';
import { requireSafeProcess } from './http/node-switches.ts';
import { unreadableExceptions } from './http/proxy.ts';
/** What a command runs in. */
export interface CommandContext {
  readonly settings: Settings;
  readonly flags: Flags;
  readonly host: Host;
  readonly io: Io;
  readonly outcome: RunOutcome;
  /** The words of the command line, the program's name aside. */
  readonly argv: readonly string[];
  /** The word behind the command. */
  readonly word: string | undefined;
}

/** How each command runs, with the sandbox's cloud where it has one. */
const runs = { setup, verify, explore, connect, rotate, teardown } as const satisfies Record<
  Exclude<CommandName, 'sandbox'>,
  (context: CommandContext, sandboxCloud: Cloud | undefined) => Promise<ExitCode>
>;

/** Runs a command with its settings. Throws WizardError or DirectoryError. */
export async function runCommand(command: CommandName, context: CommandContext): Promise<number> {
  const { flags, host } = context;
  if (command === 'sandbox') return sandbox(context);
  requireSafeProcess(host.env, host.execArgv ?? []);
  const run = runs[command];
  if (flags.sandbox === undefined) {
    const remark = unreadableExceptions(host.env);
    if (remark !== undefined) context.io.report.warn(remark);
    return run(context, undefined);
  }
  const { visitAddress, withSandboxCloud } = await import('./commands/sandbox.ts');
  const { stateFolder, startSandbox, env, platform, program } = host;
  const sandboxHost = { stateFolder, startSandbox, report: context.io.report, env, platform, program };
  return withSandboxCloud(flags.sandbox, sandboxHost, (cloud) => {
    // What signs in by a code is approved by the sandbox; where a browser would, and none is here, this stands in.
    const visit = canOpenBrowser(host.platform, host.env)
      ? {}
      : { visit: (address: string) => visitAddress(address, cloud.ca) };
    return run({ ...context, io: { ...context.io, ...visit } }, cloud);
  });
}

async function setup(context: CommandContext, sandboxCloud: Cloud | undefined): Promise<ExitCode> {
  const { settings, flags, io, outcome, argv } = context;
  const cloud = sandboxCloud ?? chooseCloud(settings);
  const { runSetup } = await import('./commands/setup/setup.ts');
  const { invocationOf } = await import('./commands/setup/invocation.ts');
  const request = {
    settings,
    cloud,
    methods: methodsFor(context),
    planOnly: flags.dryRun,
    invocation: invocationOf(argv, settings, flags, io),
  };
  return runSetup(request, io, outcome);
}

async function verify(context: CommandContext, sandboxCloud: Cloud | undefined): Promise<ExitCode> {
  const { settings, flags, io, outcome } = context;
  const { verifyNamedFiles } = await import('./commands/verify/verify-command.ts');
  const methods = flags.admin ? methodsFor(context) : undefined;
  return verifyNamedFiles(settings, methods, sandboxCloud, io, outcome);
}

async function explore(context: CommandContext, sandbox: Cloud | undefined): Promise<ExitCode> {
  const { settings, flags, host, io, outcome, argv, word } = context;
  const { runExplore } = await import('./commands/explore/explore.ts');
  const { styleFor } = await import('./terminal/style.ts');
  const { stdout, env, platform } = host;
  const isTerminal = stdout.isTTY === true;
  const style = styleFor(stdout, env, platform);
  return runExplore({ settings, flags, word, isTerminal, sandbox, stdout, style, argv }, io, outcome);
}

async function connect(context: CommandContext, sandbox: Cloud | undefined): Promise<ExitCode> {
  const { settings, flags, host, io, outcome, word } = context;
  const { runConnect } = await import('./commands/connect/connect.ts');
  const { styleFor } = await import('./terminal/style.ts');
  const request = {
    settings,
    name: word,
    list: flags.list,
    json: flags.json,
    dryRun: flags.dryRun,
    removeFile: flags.removeFile,
    methods: methodsFor(context),
    sandbox,
    stdout: (text: string) => void host.stdout.write(text),
    style: styleFor(host.stdout, host.env, host.platform),
  };
  return runConnect(request, io, outcome);
}

async function rotate(context: CommandContext, sandbox: Cloud | undefined): Promise<ExitCode> {
  const { settings, flags, io, outcome, argv } = context;
  const { runRotate } = await import('./commands/rotate/rotate.ts');
  const { invocationOf } = await import('./commands/setup/invocation.ts');
  const [output] = settings.oneConfig ?? [];
  const request = {
    settings,
    methods: methodsFor(context),
    sandbox,
    self: flags.self,
    planOnly: flags.dryRun,
    yes: flags.yes,
    invocation: invocationOf(argv, output === undefined ? {} : { output }, flags, io),
  };
  return runRotate(request, io, outcome);
}

async function teardown(context: CommandContext, sandbox: Cloud | undefined): Promise<ExitCode> {
  const { settings, flags, io, outcome, argv } = context;
  const { runTeardown } = await import('./commands/teardown/teardown.ts');
  const named = flags.sandbox === undefined || flags.sandbox === 'default' ? [] : [flags.sandbox];
  const request = {
    settings,
    sandbox,
    sandboxWords: flags.sandbox === undefined ? [] : ['--sandbox', ...named],
    methods: methodsFor(context),
    planOnly: flags.dryRun,
    keepFiles: flags.keepFiles,
    argv,
  };
  return runTeardown(request, io, outcome);
}

async function sandbox({ settings, flags, host, io }: CommandContext): Promise<number> {
  const { runSandbox } = await import('./commands/sandbox.ts');
  const { styleFor } = await import('./terminal/style.ts');
  return runSandbox(settings, {
    style: styleFor(host.stderr, host.env, host.platform),
    stdout: (text) => void host.stdout.write(text),
    stderr: (text) => void host.stderr.write(text),
    toPerson: host.stdout.isTTY === true && !flags.json,
    signal: io.signal,
    makeTemporaryFolder: host.makeTemporaryFolder,
    stateFolder: host.stateFolder,
  });
}

/** How an administrator signs in. The sandbox approves a device code by itself; a browser would not trust its certificate. */
function methodsFor({ settings, flags, io }: CommandContext): readonly AuthMethod[] {
  if (flags.sandbox !== undefined && settings.auth === undefined) {
    return io.asks ? ['device-code', 'browser'] : ['device-code'];
  }
  return signInMethods(settings.auth, io);
}
