import { powershellQuoted, unwritable } from '../quoting.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';
import { dueMeaning, dueWords } from './reminder-texts.ts';

/** A word in double quotes, which no path on Windows has. */
function argument(word: string): string {
  if (word.includes('"')) throw unwritable('a path', 'Task Scheduler');
  return /^[\w.-]+$/.test(word) ? word : `"${word}"`;
}

function make({ config, configPath, pathOf, shellLine }: TargetInput): Made {
  const [, ...words] = dueWords(configPath, config);
  const lines = [
    "$program = (Get-Command 'reporting-setup.cmd').Source",
    `$action = New-ScheduledTaskAction -Execute $program -Argument ${powershellQuoted(words.map(argument).join(' '))}`,
    "$trigger = New-ScheduledTaskTrigger -Daily -At '06:17'",
    `Register-ScheduledTask -TaskName ${powershellQuoted(`reporting-setup ${config.clientId}`)} -Action $action -Trigger $trigger -Force`,
  ];
  return {
    files: [{ name: 'register-task.ps1', text: `${lines.join('\n')}\n`, comments: 'hash' }],
    steps: [
      { does: dueMeaning(configPath, config) },
      {
        does: 'Run it once, as the user who can read the config file:',
        run: `powershell -ExecutionPolicy Bypass -File ${shellLine([pathOf('register-task.ps1')])}`,
      },
      {
        does: 'See how it went:',
        run: `Get-ScheduledTaskInfo -TaskName 'reporting-setup ${config.clientId}'`,
      },
    ],
  };
}

export const target: Target = {
  name: 'task-scheduler',
  group: 'reminder',
  title: 'Windows Task Scheduler, a task that looks daily',
  credentials: ['secret', 'certificate', 'federated'],
  clouds: everyCloud,
  permissions: [],
  secret: 'none',
  needs: ['Windows', 'reporting-setup on that machine'],
  ages: false,
  proven: 'golden text alone: Windows is not there to run it',
  make,
};
