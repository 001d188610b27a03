import type { ReportingConfig } from '../../config/config.ts';
import { withoutHeld } from '../../config/configs-nearby.ts';
import { openSecretNote } from '../../config/secret-note.ts';
import type { Finding } from '../../core/findings.ts';
import { joinWords, quoted } from '../../core/text.ts';
import type { Io } from '../shared/io.ts';

const base = { id: 'credential.noted', title: 'No secret of a run that was cut short is left' } as const;

/**
 * Whether an earlier run on this machine was cut while a client secret of this file was made or replaced: that one may be
 * valid with nobody to hold it. Nothing where no such run left a note.
 */
export async function checkNotedSecrets(
  path: string,
  config: ReportingConfig | undefined,
  { stateFolder, cwd }: Pick<Io, 'stateFolder' | 'cwd'>,
): Promise<Finding[]> {
  const faults: string[] = [];
  const report = { warn: (text: string) => void faults.push(text) };
  const { markers } = await openSecretNote(path, { stateFolder, report });
  const [fault] = faults;
  if (fault !== undefined) return [{ ...base, status: 'skip', reason: 'cannot-tell', evidence: fault }];
  const held = config?.credential.expires;
  const unheld = await withoutHeld(path, markers, { stateFolder, cwd });
  const lost = unheld.filter(({ endDateTime }) => endDateTime !== held);
  if (lost.length === 0) return [];
  const names = lost.map(
    ({ displayName, endDateTime }) => `${quoted(displayName)} until ${endDateTime.slice(0, 10)}`,
  );
  return [
    {
      ...base,
      status: 'warn',
      evidence: `perhaps still valid: ${joinWords(names)}`,
      remedy: 'With the same file, this removes what that run left: `reporting-setup`',
      code: 'secret-left',
    },
  ];
}
