import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandSpeller, type SpelledFile } from '../../../src/cli/spell-command.ts';
import type { Store, Target } from '../../../src/commands/connect/target.ts';
import type { Proven } from '../../../src/commands/rotate/make-successor.ts';
import { updateStores } from '../../../src/commands/rotate/update-stores.ts';
import { WizardError } from '../../../src/core/errors.ts';
import { sampleConfig } from '../../config/config-data.ts';
import { connectTo } from '../../helpers/signing-in.ts';
import { createWorld } from '../../helpers/world.ts';

const target = (name: string, store?: Store): Target => ({
  name,
  group: 'store',
  title: name,
  credentials: ['secret'],
  clouds: ['global'],
  permissions: [],
  secret: 'literal',
  needs: [],
  ages: true,
  proven: '',
  ...(store === undefined ? {} : { store }),
});

const older = '7d444840-9dc0-11d1-b245-5ffdce74fad2';

/** A config file that was connected to these, and a run that has just put a new credential into it. */
async function rotated(connected: readonly object[]) {
  const world = await createWorld();
  const path = join(world.folder, 'out.json');
  const { clientSecret: _secret, ...config } = sampleConfig;
  await writeFile(path, JSON.stringify({ ...config, clientSecret: 'plainly~fake', connected }), {
    mode: 0o600,
  });
  const { io } = connectTo({
    authorityHost: 'https://login.test',
    graphUrl: 'https://graph.test',
    caCertificate: '',
  });
  const called = { command: 'rotate', argv: ['rotate'], raw: {} } as const;
  const shell = { env: {}, platform: 'linux' };
  const run = {
    io: { ...io, spellerFor: (about: SpelledFile) => commandSpeller(called, shell, about) },
    output: { name: 'out.json', path, format: 'json' },
    held: sampleConfig,
    cloud: { name: 'global' },
    settings: {},
    methods: [],
  };
  const proven = { run, config: sampleConfig } as unknown as Proven;
  const read = async () => (JSON.parse(await readFile(path, 'utf8')) as { connected: object[] }).connected;
  return { proven, read };
}

describe('what the credential was handed to', () => {
  it('gets the new one where that takes nobody, and is listed where it does', async () => {
    const taken: string[] = [];
    const stores: Record<string, Target> = {
      vault: target('vault', {
        unattended: true,
        optionsOf: () => ({}),
        put: async ({ config }) => {
          taken.push(config.credential.keyId ?? '');
          return { where: 'secret/reporting', steps: [], takeOut: { does: '' } };
        },
      }),
      keychain: target('keychain', {
        unattended: false,
        optionsOf: () => ({}),
        put: () => Promise.reject(new Error('nobody is there')),
      }),
      broken: target('broken', {
        unattended: true,
        optionsOf: () => ({}),
        put: () => Promise.reject(new WizardError('output-unusable', 'The store is sealed.')),
      }),
    };
    const load = async (name: string): Promise<Target> => {
      const found = stores[name];
      if (found === undefined) throw new WizardError('invalid-options', 'There is no such target.');
      return found;
    };
    const at = '2026-11-01T00:00:00Z';
    const { proven, read } = await rotated([
      { target: 'vault', at, where: 'secret/reporting', keyId: older },
      { target: 'keychain', at, where: 'login', keyId: older },
      { target: 'broken', at, where: 'elsewhere', keyId: older },
      { target: 'of-tomorrow', at, where: '/etc/x', keyId: older },
      { target: 'vault', at, where: 'up to date', keyId: sampleConfig.credential.keyId },
    ]);
    const { failed, left } = await updateStores(proven, load);
    expect(taken).toEqual([sampleConfig.credential.keyId]);
    expect(failed).toEqual(['broken (elsewhere): The store is sealed.']);
    expect(left).toEqual([
      'reporting-setup connect keychain --config out.json',
      'reporting-setup connect of-tomorrow --config out.json --output /etc/x',
    ]);
    expect(await read()).toContainEqual(
      expect.objectContaining({ where: 'secret/reporting', keyId: sampleConfig.credential.keyId }),
    );
    expect(await read()).toContainEqual({ target: 'broken', at, where: 'elsewhere', keyId: older });
  });
});
