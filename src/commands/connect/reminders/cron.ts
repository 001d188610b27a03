import { crontabCommand, shellQuoted } from '../quoting.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';
import { dueMeaning, dueWords } from './reminder-texts.ts';

const command = (words: readonly string[]): string =>
  words.map((word) => (/^[\w.-]+$/.test(word) ? word : shellQuoted(word))).join(' ');

function make({ config, configPath, pathOf, shellLine }: TargetInput): Made {
  const text = `17 6 * * * ${crontabCommand(command(dueWords(configPath, config)))}\n`;
  return {
    files: [{ name: 'reporting-setup.cron', text, comments: 'hash' }],
    steps: [
      { does: dueMeaning(configPath, config) },
      {
        does: 'Add it to your crontab, as the user who can read the config file:',
        run: `(crontab -l; ${shellLine(['cat', pathOf('reporting-setup.cron')])}) | crontab -`,
      },
      {
        does: 'cron has a short PATH: where reporting-setup is not in it, write its full path (command -v reporting-setup).',
      },
    ],
  };
}

export const target: Target = {
  name: 'cron',
  group: 'reminder',
  title: 'cron, a line that looks every morning',
  credentials: ['secret', 'certificate', 'federated'],
  clouds: everyCloud,
  permissions: [],
  secret: 'none',
  needs: ['reporting-setup on that machine'],
  ages: false,
  proven: 'run: a shell runs the line as cron hands it over, with a stand-in that sees the right words',
  make,
};
