import { WizardError } from '../../../core/errors.ts';
import type { Io } from '../../shared/io.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { requireProgram, runProgram, type Wish } from './store-program.ts';
import { planned, readWith, requireSamePlace, secretOf } from './stored-values.ts';

const howToGet = 'It is a part of macOS, and of nothing else.';

const wish: Wish = {
  failed: 'The keychain did not take it',
  howToGet,
  remedy: () => 'A job of launchd may meet a keychain that is locked. Unlock it: `security unlock-keychain`',
};

const service = 'reporting-setup';

const whereOf = (clientId: string): string => `login keychain: service ${service}, account ${clientId}`;

const optionsOf = (where: string): StoreInput['settings'] | undefined =>
  /^login keychain: service reporting-setup, account [0-9a-f-]{36}$/i.test(where) ? {} : undefined;

/** `security -i` reads its command from standard input, so that the value is in no argument; in hex it needs no quotes. */
async function put(input: StoreInput, io: Io): Promise<Stored> {
  const { clientId } = input.config;
  const where = whereOf(clientId);
  requireSamePlace(where, input.place);
  const secret = secretOf(input.config, io);
  if (input.dryRun) return planned('the secret', where, io);
  const hex = Buffer.from(secret, 'utf8').toString('hex');
  io.redactor.add(hex);
  const command = `add-generic-password -U -a ${clientId} -s ${service} -X ${hex}\n`;
  await requireProgram({ program: 'security', words: ['-i'], input: command }, wish, io);
  const find = ['find-generic-password', '-a', clientId, '-s', service];
  const back = await runProgram({ program: 'security', words: [...find, '-w'] }, howToGet, io);
  // It shows what is not ASCII in hex.
  if (back.code !== 0 || ![secret, hex].includes(back.stdout.replace(/\n$/, ''))) {
    throw new WizardError('store-refused', 'The keychain does not give back what it was given.', {
      remedy: `The config file is as it was. ${wish.remedy('')}`,
    });
  }
  return {
    where,
    confirmed: 'read back from the keychain',
    steps: [readWith(input, 'It is read with', `security ${find.join(' ')} -w`)],
    takeOut: {
      does: 'Take it out again:',
      run: `security delete-generic-password -a ${clientId} -s ${service}`,
    },
  };
}

export const target: Target = {
  name: 'macos-keychain',
  group: 'store',
  title: 'macOS keychain',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['macOS'],
  ages: true,
  proven:
    'golden text alone, given to a stand-in of security on standard input; macOS is not there to run it',
  store: { unattended: true, put, optionsOf },
};
