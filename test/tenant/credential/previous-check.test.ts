import { expect, it } from 'vitest';
import type { PreviousCredential } from '../../../src/config/config.ts';
import type { Finding } from '../../../src/core/findings.ts';
import { checkPrevious } from '../../../src/tenant/credential/previous-check.ts';

const now = new Date('2026-11-28T12:00:00Z');

const entry = (keyId: string, retireAfter: string, expires?: string): PreviousCredential => ({
  kind: 'secret',
  keyId,
  ...(expires === undefined ? {} : { expires }),
  replacedAt: '2026-11-21T12:00:00Z',
  retireAfter,
});

const later = entry('later', '2026-11-28T12:00:01Z');
const evenLater = entry('even-later', '2026-12-24T00:00:00Z');
const due = entry('due', '2026-11-28T12:00:00Z');
const ended = entry('ended', '2026-12-24T00:00:00Z', '2026-11-27T00:00:00Z');

const base = { id: 'credential.previous', title: 'Replaced credentials' };
const overdue = (evidence: string): Finding => ({
  ...base,
  status: 'warn',
  evidence,
  remedy: 'Retire what nobody uses any more: `reporting-setup rotate --if-expires-within 30d --yes`',
  code: 'credential-replaced',
});
const shownDue = 'key ID due, replaced on 2026-11-21, to stay until 2026-11-28';
const shownEnded = 'key ID ended, replaced on 2026-11-21, to stay until 2026-12-24';

it.each<[string, readonly PreviousCredential[] | undefined, Finding[]]>([
  ['a file that names none', undefined, []],
  ['a file that names none any more', [], []],
  [
    'a file whose replaced credentials are to stay',
    [later, evenLater],
    [
      {
        ...base,
        status: 'pass',
        evidence:
          'key ID later, replaced on 2026-11-21, to stay until 2026-11-28 and key ID even-later, replaced on 2026-11-21, to stay until 2026-12-24',
      },
    ],
  ],
  ['one whose time is over', [later, due, evenLater], [overdue(`its time is over: ${shownDue}`)]],
  ['one that ended by itself', [ended], [overdue(`its time is over: ${shownEnded}`)]],
  ['two of three', [due, later, ended], [overdue(`their time is over: ${shownDue} and ${shownEnded}`)]],
])('%s', (_name, previous, expected) => {
  const credential = { kind: 'secret', ...(previous === undefined ? {} : { previous }) } as const;
  expect(checkPrevious({ credential }, now)).toEqual(expected);
});
