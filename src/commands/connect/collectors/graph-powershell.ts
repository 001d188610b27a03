import { connectLines, graphEnvironments } from '../script-sign-in.ts';
import type { Made, Target, TargetInput } from '../target.ts';

function make(input: TargetInput): Made {
  const lines = [
    '# Signs in to Microsoft Graph as the reporting application, and shows that both logs can be read.',
    ...connectLines(input),
    'Get-MgAuditLogDirectoryAudit -Top 1 | Format-List ActivityDateTime, ActivityDisplayName',
    'Get-MgAuditLogSignIn -Top 1 | Format-List CreatedDateTime, UserPrincipalName, AppDisplayName',
  ];
  return {
    files: [{ name: 'connect-graph.ps1', text: `${lines.join('\n')}\n`, comments: 'hash' }],
    steps: [
      {
        does: 'Once, for whoever runs it:',
        run: 'Install-Module Microsoft.Graph.Reports -Scope CurrentUser',
      },
      { does: 'It holds no secret: it reads the config file, which has to be in the json format.' },
      { does: 'Scripts that use an open session (Microsoft-Extractor-Suite, Maester) go on from there.' },
    ],
  };
}

export const target: Target = {
  name: 'graph-powershell',
  group: 'collector',
  title: 'Microsoft Graph PowerShell, Connect-MgGraph',
  credentials: ['secret', 'certificate'],
  clouds: graphEnvironments,
  formats: ['json'],
  permissions: [],
  secret: 'none',
  needs: ['PowerShell 7 with Microsoft.Graph.Reports', 'a config file in the json format'],
  ages: false,
  proven: 'golden text alone: PowerShell is not there to run or parse it',
  make,
};
