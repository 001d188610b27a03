import { dirname, join } from 'node:path';
import { resolvePath } from '../../config/config-file.ts';
import { gitStanding } from '../../config/git.ts';
import { typedPath } from '../../config/typed-path.ts';
import { WizardError } from '../../core/errors.ts';
import { programLine, quoted, safeText } from '../../core/text.ts';
import { gitUntold } from '../shared/file-checks.ts';
import type { ConnectRun, Handed } from './connect-run.ts';
import { withSecret } from './put-into-store.ts';
import { secretOf } from './stores/stored-values.ts';
import type { Made, MadeFile, TargetInput } from './target.ts';
import { hasFolder, writeMadeFiles } from './write-made-files.ts';

const signature = 'Written by reporting-setup connect';

/** The line by which connect knows its own files again; in a sandbox it begins with SANDBOX. Empty where there is no comment. */
function firstLine(file: MadeFile, { target, isSandbox }: ConnectRun): string {
  const text = `${isSandbox ? 'SANDBOX, of use nowhere else. ' : ''}${signature} ${target.name}`;
  const lines = { hash: `# ${text}\n`, slashes: `// ${text}\n`, xml: `<!-- ${text} -->\n` };
  return file.comments === 'none' || file.comments === 'calendar' ? '' : lines[file.comments];
}

/** The secret is revealed to a target that has to hold it, and to no other. */
function inputOf(run: ConnectRun): TargetInput {
  const { target, io, configPath, format, cloud, settings } = run;
  const isLiteral = target.secret === 'literal';
  const config = isLiteral ? withSecret(run.config, io) : run.config;
  const { certificatePath, clientSecret } = config;
  const secret = isLiteral && clientSecret ? secretOf(config, io) : '';
  return {
    config,
    configPath,
    format,
    cloud,
    settings,
    secret,
    now: io.now(),
    pathOf: (name) => name,
    shellLine: (words) => programLine(words, io),
    ...(certificatePath === undefined
      ? {}
      : { certificatePath: resolvePath(certificatePath, dirname(configPath)) }),
  };
}

/** Where it goes: as given, or asked; undefined for standard output. Throws WizardError where it must be given. */
async function whereTo(
  { files, inFolder }: Made,
  holdsSecret: boolean,
  run: ConnectRun,
): Promise<string | undefined> {
  const { settings, target, io } = run;
  const several = inFolder ?? files.length > 1;
  if (settings.outputFile !== undefined) return settings.outputFile;
  if (!holdsSecret && !several) return undefined;
  if (!io.interactive) {
    const why = several ? 'it goes into a folder' : 'it holds the secret';
    throw new WizardError('missing-options', `Missing: --output, since ${why}`);
  }
  const answer = await io.prompt.text({
    message: several ? 'Folder for its files' : 'File to write it to',
    fallback: several ? target.name : (files[0]?.name ?? target.name),
    validate: (text) => (typedPath(text, io.env, io.platform) === '' ? 'Name one.' : undefined),
  });
  return typedPath(answer, io.env, io.platform);
}

/**
 * A secret must not get into a history: refused where git tracks the file or does not tell, said where nothing keeps it
 * out. Throws WizardError.
 */
async function guardFromGit(path: string, { io }: ConnectRun): Promise<void> {
  const standing = await gitStanding(path, io.env);
  if (standing === 'tracked') {
    throw new WizardError('config-tracked', `git tracks ${safeText(path)}: a secret does not belong there.`);
  }
  if (standing === 'unknown' || standing === 'no-git') {
    const message = `Nobody can tell whether git would publish ${quoted(path, 500)}: ${gitUntold[standing]}.`;
    throw new WizardError('git-unknown', message);
  }
  if (standing === 'exposed') {
    io.report.warn(`${path} lies in a git work tree and is not ignored: add it to .gitignore.`);
  }
}

/** The text where nothing is there that it goes into. */
const printed = ({ text, merge }: MadeFile): string => merge?.('') ?? text;

/** Makes the target's files and writes them, or prints the one that holds no secret. Throws WizardError. */
export async function makeFiles(run: ConnectRun): Promise<Handed> {
  const { target, io, json, outcome } = run;
  if (!target.make) throw new Error(`${target.name} makes nothing`);
  const input = inputOf(run);
  const made = target.make(input);
  const { files, inFolder } = made;
  const whole = files.map((file) => ({ ...file, text: firstLine(file, run) + printed(file) }));
  const name = await whereTo(made, input.secret !== '', run);
  if (name === undefined) {
    if (!json) run.stdout(whole.map(({ text }) => text).join(''));
    outcome.details = { ...outcome.details, files: whole.map((file) => ({ content: file.text })) };
    return { where: 'standard output', files: [], stored: false, steps: made.steps };
  }
  const output = resolvePath(name, io.cwd);
  const single = files.length === 1 && !inFolder;
  const folder = single ? dirname(output) : output;
  const pathOf = (file: string): string => (single ? output : join(folder, file));
  const placed = whole.map((file) => ({ ...file, path: pathOf(file.name) }));
  // Made again, since what to do next names the files where they are.
  const { steps } = target.make({ ...input, pathOf });
  if (run.dryRun) {
    for (const { path } of placed) io.report.line(`Dry run: ${path} was not written.`);
    return { where: output, files: [], stored: false, steps };
  }
  const paths = placed.map(({ path }) => path);
  // In a folder that is not there git can be asked of nothing, and of the folder itself.
  const asked = (await hasFolder(folder)) ? paths : [folder];
  if (input.secret !== '') for (const path of asked) await guardFromGit(path, run);
  await writeMadeFiles(placed, single ? undefined : folder, signature);
  outcome.details = { ...outcome.details, files: paths.map((path) => ({ path })) };
  return { where: output, files: paths, stored: false, steps };
}
