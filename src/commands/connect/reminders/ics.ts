import ical, { ICalAlarmType } from 'ical-generator';
import type { Made, Target, TargetInput } from '../target.ts';
import { expiryOfConfig } from './reminder-texts.ts';

/** Days before the end on which a calendar reminds. */
const days = [30, 7, 1];

/**
 * One day in a calendar. Its UID is the client ID, so that one made after a rotation takes the place of this one; SEQUENCE
 * counts minutes, so that it rises.
 */
function make({ config, configPath, now }: TargetInput): Made {
  const ends = expiryOfConfig(config);
  const name = config.application.displayName ?? 'Reporting API application';
  const calendar = ical({ prodId: '//reporting-setup//Written by reporting-setup connect ics//EN' });
  const event = calendar.createEvent({
    id: config.clientId,
    sequence: Math.floor(now.getTime() / 60_000),
    stamp: now,
    // Without a zone its day is UTC's, whatever this machine's is.
    start: ends,
    allDay: true,
    summary: `${config.cloud === 'sandbox' ? 'SANDBOX: ' : ''}The ${config.credential.kind} of ${name} ends (${config.domain})`,
    description: [
      `Client ID ${config.clientId}, tenant ${config.tenantId}, valid until ${ends.toISOString()}.`,
      `Before that day: reporting-setup --config is ${configPath}.`,
    ].join('\n'),
  });
  for (const day of days) event.createAlarm({ type: ICalAlarmType.display, trigger: day * 86_400 });
  return {
    files: [{ name: 'reporting.ics', text: `${calendar.toString()}\r\n`, comments: 'calendar' }],
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
