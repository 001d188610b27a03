import { readsConfig } from '../script-sign-in.ts';
import { globalAlone, type Made, type Target, type TargetInput } from '../target.ts';

function make({ configPath, format, pathOf, shellLine }: TargetInput): Made {
  const lines = [
    '# Runs Prowler for Microsoft 365 as the reporting application; what stands behind it goes to Prowler.',
    'set -eu',
    ...readsConfig(configPath, format),
    'exec prowler m365 --sp-env-auth "$@"',
  ];
  return {
    files: [{ name: 'prowler.sh', text: `${lines.join('\n')}\n`, comments: 'hash' }],
    steps: [
      {
        does: 'It holds no secret: it reads the config file each time.',
        run: shellLine(['sh', pathOf('prowler.sh'), '--output-formats', 'csv', 'html']),
      },
      {
        does: 'Checks for which a permission is missing are left out and named by Prowler; those of Exchange need Exchange.ManageAsApp and Global Reader.',
      },
    ],
  };
}

export const target: Target = {
  name: 'prowler',
  group: 'tool',
  title: 'Prowler, provider m365',
  credentials: ['secret'],
  clouds: globalAlone,
  permissions: [
    'Policy.Read.All',
    'SharePointTenantSettings.Read.All',
    'RoleManagementPolicy.Read.Directory',
    'AccessReview.Read.All',
    'OnPremDirectorySynchronization.Read.All',
  ],
  secret: 'none',
  needs: ['jq, where the config file is JSON'],
  ages: false,
  proven: 'run: the shell runs it with a stand-in for Prowler, which sees the right variables',
  make,
};
