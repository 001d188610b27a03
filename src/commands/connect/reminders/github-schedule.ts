import { yamlText } from '../formats.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

/**
 * It looks and replaces nothing: what a job on a runner wrote into a file is gone with the runner, and the new credential
 * with it.
 */
function make({ config, format }: TargetInput): Made {
  const file = format === 'env' ? 'reporting.env' : 'reporting-setup.json';
  const isFederated = config.credential.kind === 'federated';
  const check = `npx --yes reporting-setup verify --config ${file} --expires-within 30d --no-input`;
  const steps = isFederated
    ? [{ uses: 'actions/checkout@v4' }, { name: 'Look at the credential', run: check }]
    : [
        {
          name: 'Look at the credential',
          env: { REPORTING_CONFIG: `\${{ secrets.REPORTING_CONFIG }}` },
          run: `umask 077\nprintf '%s' "$REPORTING_CONFIG" > ${file}\n${check}\n`,
        },
      ];
  const text = yamlText({
    name: 'Credential of the reporting application',
    on: { schedule: [{ cron: '17 6 * * *' }], workflow_dispatch: {} },
    permissions: isFederated ? { contents: 'read', 'id-token': 'write' } : {},
    jobs: { look: { 'runs-on': 'ubuntu-latest', steps } },
  });
  return {
    files: [{ name: 'reporting-credential.yml', text, comments: 'hash' }],
    steps: [
      { does: 'Put it into .github/workflows on the default branch: schedules run there alone.' },
      isFederated
        ? { does: `The config file holds no secret: commit it as ${file}.` }
        : {
            does: 'Keep the config file as a secret of the repository; it is read from standard input:',
            run: `gh secret set REPORTING_CONFIG < ${file}`,
          },
      {
        does: 'The job fails, and GitHub writes to whoever set the schedule up, when the credential ends within 30 days (exit code 6) or does not work. It replaces nothing: a new credential would be gone with the runner.',
      },
    ],
  };
}

export const target: Target = {
  name: 'github-schedule',
  group: 'reminder',
  title: 'GitHub Actions, a workflow that looks every day',
  credentials: ['secret', 'federated'],
  clouds: everyCloud,
  permissions: [],
  secret: 'reference',
  needs: ['the config file as a secret of the repository'],
  ages: true,
  proven: 'parsed: PyYAML reads the values back, and a shell runs its script; GitHub is not there to run it',
  make,
};
