import { systemdWord } from '../quoting.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';
import { dueMeaning, dueWords } from './reminder-texts.ts';

function make({ config, configPath, pathOf, shellLine }: TargetInput): Made {
  const start = dueWords(configPath, config)
    .map((word) => (/^[\w./-]+$/.test(word) ? word : systemdWord(word)))
    .join(' ');
  const service = [
    '[Unit]',
    `Description=Credential of the reporting application ${config.clientId}`,
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=/usr/bin/env ${start}`,
    '',
  ];
  const timer = [
    '[Unit]',
    `Description=Every day: credential of the reporting application ${config.clientId}`,
    '',
    '[Timer]',
    'OnCalendar=daily',
    'RandomizedDelaySec=2h',
    'Persistent=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ];
  return {
    files: [
      { name: 'reporting-setup.service', text: service.join('\n'), comments: 'hash' },
      { name: 'reporting-setup.timer', text: timer.join('\n'), comments: 'hash' },
    ],
    steps: [
      { does: dueMeaning(configPath, config) },
      {
        does: 'Put both files where units of your own account lie, and start the timer:',
        run: `install -D -m 644 -t ~/.config/systemd/user ${shellLine([pathOf('reporting-setup.service'), pathOf('reporting-setup.timer')])} && systemctl --user enable --now reporting-setup.timer`,
      },
      { does: 'It runs without anybody signed in after:', run: 'loginctl enable-linger' },
      {
        does: 'See when it ran, and how it went:',
        run: 'systemctl --user list-timers; journalctl --user -u reporting-setup',
      },
    ],
  };
}

export const target: Target = {
  name: 'systemd-timer',
  group: 'reminder',
  title: 'systemd, a timer that looks every day',
  credentials: ['secret', 'certificate', 'federated'],
  clouds: everyCloud,
  permissions: [],
  secret: 'none',
  needs: ['--output <folder>', 'reporting-setup on that machine'],
  ages: false,
  proven: 'run: systemd-analyze verify takes both units',
  make,
};
