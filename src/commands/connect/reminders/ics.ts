import ical, { ICalAlarmType } from 'ical-generator';
import type { Made, Target, TargetInput } from '../target.ts';
import { expiryOfConfig } from './reminder-texts.ts';

/** Days before the end on which a calendar reminds. */
const days = [30, 7, 1];

/**
 * One day in a calendar. Its UID is the client ID, so that one made after a rotation takes the place of this one, for
 * which its SEQUENCE has to be higher.
 */
function calendarText({ config, configPath, now, shellLine }: TargetInput, sequence: number): string {
  const isSandbox = config.cloud === 'sandbox';
  const rotate = ['reporting-setup', 'rotate', ...(isSandbox ? ['--sandbox'] : []), '--config', configPath];
  const ends = expiryOfConfig(config);
  const name = config.application.displayName ?? 'Reporting API application';
  const calendar = ical({ prodId: '//reporting-setup//Written by reporting-setup connect ics//EN' });
  const event = calendar.createEvent({
    id: config.clientId,
    sequence,
    stamp: now,
    // Without a zone its day is UTC's, whatever this machine's is.
    start: ends,
    allDay: true,
    summary: `${isSandbox ? 'SANDBOX: ' : ''}The ${config.credential.kind} of ${name} ends (${config.domain})`,
    description: [
      `Client ID ${config.clientId}, tenant ${config.tenantId}, valid until ${ends.toISOString()}.`,
      `Before that day: ${shellLine(rotate)}`,
    ].join('\n'),
  });
  for (const day of days) event.createAlarm({ type: ICalAlarmType.display, trigger: day * 86_400 });
  return `${calendar.toString()}\r\n`;
}

/** The highest that an integer of a calendar may be (RFC 5545, 3.3.8). */
const highest = 2 ** 31 - 1;

/** Above the one of an earlier text, however soon after that it is made. */
function sequenceAfter(existing: string, now: Date): number {
  const next = Number(/^SEQUENCE:(\d{1,10})\r?$/m.exec(existing)?.[1] ?? 0) + 1;
  return Math.min(Math.max(Math.floor(now.getTime() / 1000), next), highest);
}

function make(input: TargetInput): Made {
  const after = (existing: string): string => calendarText(input, sequenceAfter(existing, input.now));
  return {
    files: [{ name: 'reporting.ics', text: after(''), comments: 'calendar', after }],
    steps: [
      { does: 'Open it with a calendar, or import it there. It reminds 30, 7 and 1 day before the end.' },
      { does: 'Make it again after the credential was replaced: the new one takes the place of this one.' },
    ],
  };
}

export const target: Target = {
  name: 'ics',
  group: 'reminder',
  title: 'Calendar, the day on which the credential ends',
  credentials: ['secret', 'certificate'],
  clouds: ['global', 'usgov', 'usgov-dod', 'china', 'custom'],
  permissions: [],
  secret: 'none',
  needs: [],
  ages: true,
  proven: "parsed: Thunderbird's own parser (ical.js) reads the values back",
  make,
};
