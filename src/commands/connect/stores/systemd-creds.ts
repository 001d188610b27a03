import { resolvePath } from '../../../config/config-file.ts';
import { requireFilePath } from '../../../config/config-output.ts';
import { ifThere, realFiles, replaceFile, withWizardErrors } from '../../../config/file-system.ts';
import { WizardError } from '../../../core/errors.ts';
import { safeText, shellWord } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { requireProgram, runProgram, type Wish } from './store-program.ts';
import { planned, readWith, requireName, requireSamePlace, secretOf } from './stored-values.ts';

const howToGet = 'It comes with systemd 250 and later.';

const wish: Wish = {
  failed: 'It was not encrypted',
  howToGet,
  remedy: (complaint) =>
    /permission|access denied|not permitted/i.test(complaint)
      ? 'Run it as root: the key belongs to the machine.'
      : undefined,
};

const nameOf = ({ storeName = 'reporting-client-secret' }: StoreInput['settings']): string =>
  requireName(storeName, /^[\w][\w.-]{0,63}$/, 'letters, digits, dots, hyphens and underscores');

/** Where systemd looks by itself (systemd.exec, LoadCredentialEncrypted). */
const pathOf = ({ settings }: StoreInput, name: string, io: Pick<Io, 'cwd'>): string =>
  settings.outputFile === undefined
    ? `/etc/credstore.encrypted/${name}`
    : resolvePath(settings.outputFile, io.cwd);

const whereOf = (path: string, name: string): string => `${path} (${name})`;

function optionsOf(where: string): StoreInput['settings'] | undefined {
  const [, outputFile, storeName] = /^(\/.+) \(([\w][\w.-]{0,63})\)$/.exec(where) ?? [];
  return outputFile === undefined || storeName === undefined ? undefined : { outputFile, storeName };
}

/** What a file holds under that name; undefined where it cannot be opened here. */
async function decrypted(path: string, name: string, io: Io): Promise<string | undefined> {
  const words = ['decrypt', `--name=${name}`, path, '-'];
  const ended = await runProgram({ program: 'systemd-creds', words }, howToGet, io);
  return ended.code === 0 ? ended.stdout : undefined;
}

/** Throws WizardError where the file is no credential of that name. */
async function requireOwn(path: string, name: string, io: Io): Promise<void> {
  await withWizardErrors('output-unusable', path, () => requireFilePath(path, realFiles));
  const there = await withWizardErrors('output-unusable', path, () => ifThere(realFiles.lstat(path)));
  if (there === undefined || (await decrypted(path, name, io)) !== undefined) return;
  throw new WizardError(
    'output-not-ours',
    `${safeText(path, 500)} is there already, and is no credential ${name} of this machine.`,
  );
}

async function put(input: StoreInput, io: Io): Promise<Stored> {
  const name = nameOf(input.settings);
  const path = pathOf(input, name, io);
  const where = whereOf(path, name);
  requireSamePlace(where, input.place);
  const secret = secretOf(input.config, io);
  if (input.dryRun) return planned(`a credential ${name}`, where, io);
  await requireOwn(path, name, io);
  const call = { program: 'systemd-creds', words: ['encrypt', `--name=${name}`, '-', '-'], input: secret };
  const text = await requireProgram(call, wish, io);
  await withWizardErrors('output-unusable', path, () =>
    replaceFile(path, text, realFiles, () => requireFilePath(path, realFiles)),
  );
  const back = await decrypted(path, name, io);
  if (back !== undefined && back !== secret) {
    throw new WizardError('store-refused', 'systemd-creds gives another value back than it was given.');
  }
  return {
    where,
    ...(back === undefined ? {} : { confirmed: 'decrypted on this machine' }),
    steps: [
      {
        does: 'In the [Service] section of the unit; it is decrypted for that service alone, on this machine alone:',
        run: `LoadCredentialEncrypted=${name}:${path}`,
      },
      readWith(input, 'What the unit starts reads it from a file', `cat "$CREDENTIALS_DIRECTORY/${name}"`),
      { does: 'A service takes a new value when it is started anew.' },
    ],
    takeOut: { does: 'Take it out again:', run: `rm ${shellWord(path)}` },
  };
}

export const target: Target = {
  name: 'systemd-creds',
  group: 'store',
  title: 'systemd, an encrypted credential for units',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['Linux with systemd 250 or later', 'root'],
  ages: true,
  proven: 'run: systemd-creds encrypts it and gives the very value back, under its name alone',
  store: { unattended: true, takesOutput: true, put, optionsOf },
};
