import { powershellQuoted } from '../quoting.ts';
import { globalAlone, type Made, type Target, type TargetInput } from '../target.ts';

function make({ configPath }: TargetInput): Made {
  const lines = [
    '# Signs Monkey365 in as the reporting application; what is given to this script goes to Invoke-Monkey365.',
    `$config = Get-Content -Raw -LiteralPath ${powershellQuoted(configPath)} | ConvertFrom-Json`,
    '$text = if ($config.clientSecret) { $config.clientSecret } else { $env:AZURE_CLIENT_SECRET }',
    '$login = @{',
    '    TenantId     = $config.tenantId',
    '    ClientId     = $config.clientId',
    '    ClientSecret = ConvertTo-SecureString -String $text -AsPlainText -Force',
    '}',
    'Invoke-Monkey365 @login @args',
  ];
  return {
    files: [{ name: 'monkey365.ps1', text: `${lines.join('\n')}\n`, comments: 'hash' }],
    steps: [
      {
        does: 'It holds no secret: it reads the config file, which has to be in the json format. Which part of the tenant is looked at is an option of Monkey365:',
        run: 'Get-Help Invoke-Monkey365 -Full',
      },
    ],
  };
}

export const target: Target = {
  name: 'monkey365',
  group: 'tool',
  title: 'Monkey365',
  credentials: ['secret'],
  clouds: globalAlone,
  formats: ['json'],
  permissions: [],
  secret: 'none',
  needs: ['PowerShell with Monkey365', 'a config file in the json format'],
  ages: false,
  proven: 'golden text alone: PowerShell is not there to run or parse it',
  unconfirmed:
    'Which permissions each of its modules wants, and whether it takes a PEM file as certificate, could not be confirmed.',
  make,
};
