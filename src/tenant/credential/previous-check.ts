import type { ReportingConfig } from '../../config/config.ts';
import type { Finding } from '../../core/findings.ts';
import { joinWords } from '../../core/text.ts';
import { pass, warn } from '../verdict.ts';
import { isDue } from './retirement.ts';

const day = (date: string): string => date.slice(0, 10);

/** Whether what the file names as replaced is still within its time; nothing where it names none. Pure. */
export function checkPrevious(
  { credential: { previous = [] } }: Pick<ReportingConfig, 'credential'>,
  now: Date,
): Finding[] {
  if (previous.length === 0) return [];
  const base = { id: 'credential.previous', title: 'Replaced credentials' };
  const due = previous.filter((entry) => isDue(entry, now));
  const shown = (due.length === 0 ? previous : due).map(
    ({ keyId, replacedAt, retireAfter }) =>
      `key ID ${keyId}, replaced on ${day(replacedAt)}, to stay until ${day(retireAfter)}`,
  );
  if (due.length === 0) return [{ ...base, ...pass(joinWords(shown)) }];
  const evidence = `${due.length === 1 ? 'its time is over' : 'their time is over'}: ${joinWords(shown)}`;
  const remedy = 'Retire what nobody uses any more: `reporting-setup rotate --if-expires-within 30d --yes`';
  return [{ ...base, ...warn('credential-replaced', evidence, remedy) }];
}
