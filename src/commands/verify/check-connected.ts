import { isAbsolute } from 'node:path';
import { optionWords } from '../../cli/settings.ts';
import type { ConfigReading } from '../../config/config.ts';
import { type ConnectedTarget, connectedIn } from '../../config/connected.ts';
import { readTextFile } from '../../config/file-system.ts';
import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import type { SpellCommand } from '../../core/remedy.ts';
import { joinWords } from '../../core/text.ts';
import { loadTarget, targetNames } from '../connect/targets.ts';
import type { Io } from '../shared/io.ts';

const title = 'What is connected';

/** How to hand the present credential over in the place of an older one. */
export async function connectCommand(
  { target, where }: ConnectedTarget,
  spell: SpellCommand,
): Promise<string> {
  const known = targetNames.some((name) => name === target) ? await loadTarget(target) : undefined;
  const options = known?.store?.optionsOf(where);
  const output = isAbsolute(where) ? ['--output', where] : [];
  return spell(['connect', target, ...(options === undefined ? output : optionWords(options))]);
}

/** Whether what the credential was handed to has the one that the file holds now; nothing where it was handed to nobody. */
export async function checkConnected(
  file: string,
  path: string,
  { config, format }: Extract<ConfigReading, { status: 'ok' }>,
  io: Pick<Io, 'spellerFor'>,
): Promise<Finding[]> {
  const connected = connectedIn((await readTextFile(path)) ?? '', format);
  const { keyId: present } = config.credential;
  const told = connected.filter(({ keyId }) => keyId !== undefined && present !== undefined);
  if (told.length === 0) return [];
  const older = told.filter(({ keyId }) => !sameId(keyId, present));
  const { secretIn } = config.credential;
  const named = ({ target, where }: ConnectedTarget): string =>
    target === secretIn?.target && where === secretIn.where
      ? `${target} (${where}, which has the secret in the file's place)`
      : `${target} (${where})`;
  const names = joinWords((older.length === 0 ? told : older).map(named));
  if (older.length === 0)
    return [{ id: 'config.connected', status: 'pass', title, evidence: `has this credential: ${names}` }];
  const spell = io.spellerFor({ file });
  const again = await Promise.all(older.map((entry) => connectCommand(entry, spell)));
  const evidence = `has an older credential: ${names}`;
  return [
    {
      id: 'config.connected',
      status: 'warn',
      title,
      evidence,
      remedy: `Hand it over again: ${again.join('; ')}`,
      commands: again,
      code: 'connected-outdated',
    },
  ];
}
