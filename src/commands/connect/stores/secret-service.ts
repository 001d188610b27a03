import { WizardError } from '../../../core/errors.ts';
import { shellWord } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { requireProgram, runProgram, type Wish } from './store-program.ts';
import { planned, readWith, requireSamePlace, secretOf } from './stored-values.ts';

const howToGet = 'Install secret-tool (Debian and Ubuntu: libsecret-tools; Fedora: libsecret).';

const wish: Wish = {
  failed: 'The keyring did not take it',
  howToGet,
  remedy: () =>
    'It takes a session with an unlocked keyring, such as that of GNOME or KDE; a job without one has systemd-creds.',
};

/** By what it is found again. */
const attributesOf = (clientId: string): string[] => ['service', 'reporting-setup', 'client_id', clientId];

const whereOf = (clientId: string): string => `Secret Service: service=reporting-setup client_id=${clientId}`;

const optionsOf = (where: string): StoreInput['settings'] | undefined =>
  /^Secret Service: service=reporting-setup client_id=[0-9a-f-]{36}$/i.test(where) ? {} : undefined;

async function put(input: StoreInput, io: Io): Promise<Stored> {
  const { clientId, domain } = input.config;
  const where = whereOf(clientId);
  requireSamePlace(where, input.place);
  const secret = secretOf(input.config, io);
  if (input.dryRun) return planned('the secret', where, io);
  const attributes = attributesOf(clientId);
  const words = ['store', `--label=Reporting API of ${domain}`, ...attributes];
  await requireProgram({ program: 'secret-tool', words, input: secret }, wish, io);
  const back = await runProgram({ program: 'secret-tool', words: ['lookup', ...attributes] }, howToGet, io);
  if (back.code !== 0 || back.stdout !== secret) {
    throw new WizardError('store-refused', 'The keyring does not give back what it was given.');
  }
  const found = attributes.map(shellWord).join(' ');
  return {
    where,
    confirmed: 'looked up in this session',
    steps: [
      readWith(
        input,
        'In a session whose keyring is unlocked, it is read with',
        `secret-tool lookup ${found}`,
      ),
    ],
    takeOut: { does: 'Take it out again:', run: `secret-tool clear ${found}` },
  };
}

export const target: Target = {
  name: 'secret-service',
  group: 'store',
  title: 'Secret Service, the keyring of a Linux desktop',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['secret-tool', 'a session with an unlocked keyring'],
  ages: true,
  proven:
    'run: secret-tool puts it into the keyring of GNOME in a session without a screen, and gives the very value back',
  store: { unattended: true, put, optionsOf },
};
