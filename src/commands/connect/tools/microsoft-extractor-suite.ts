import { connectLines, graphEnvironments } from '../script-sign-in.ts';
import type { Made, Target, TargetInput } from '../target.ts';

function make(input: TargetInput): Made {
  const lines = [
    '# Signs in as the reporting application, then lets Microsoft-Extractor-Suite write both logs of the last 30 days.',
    ...connectLines(input),
    'Import-Module Microsoft-Extractor-Suite',
    'Get-EntraSignInLogsGraph',
    'Get-EntraAuditLogsGraph',
  ];
  return {
    files: [{ name: 'extract.ps1', text: `${lines.join('\n')}\n`, comments: 'hash' }],
    steps: [
      {
        does: 'Once, for whoever runs it:',
        run: 'Install-Module Microsoft.Graph.Beta, Microsoft-Extractor-Suite -Scope CurrentUser',
      },
      { does: 'It holds no secret: it reads the config file, which has to be in the json format.' },
      { does: 'What it extracts lies below Output in the folder where it runs.' },
    ],
  };
}

export const target: Target = {
  name: 'microsoft-extractor-suite',
  group: 'tool',
  title: 'Microsoft-Extractor-Suite',
  credentials: ['secret', 'certificate'],
  clouds: graphEnvironments,
  formats: ['json'],
  permissions: ['Policy.Read.All', 'AuditLogsQuery.Read.All'],
  secret: 'none',
  needs: ['PowerShell 7 with Microsoft-Extractor-Suite', 'a config file in the json format'],
  ages: false,
  proven: 'golden text alone: PowerShell is not there to run or parse it',
  make,
};
