import type { ConfigFormat } from '../../config/config.ts';
import type { CloudName } from '../../entra/clouds.ts';
import { powershellQuoted, shellQuoted } from './quoting.ts';
import type { TargetInput } from './target.ts';

/** Lines of a POSIX shell that set the variables of the Azure SDKs from a config file, for what the script starts. */
export function readsConfig(configPath: string, format: ConfigFormat): string[] {
  const path = shellQuoted(configPath);
  if (format === 'env') return [`set -a; . ${path}; set +a`];
  const field = (name: string): string => `"$(jq -r '${name} // empty' "$config")"`;
  return [
    `config=${path}`,
    `AZURE_TENANT_ID=${field('.tenantId')}`,
    `AZURE_CLIENT_ID=${field('.clientId')}`,
    // Where a store has it, the job's environment does too.
    `AZURE_CLIENT_SECRET=${field('.clientSecret // env.AZURE_CLIENT_SECRET')}`,
    'export AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET',
  ];
}

/** What Connect-MgGraph calls the clouds that it knows by name. */
const environments = {
  global: 'Global',
  usgov: 'USGov',
  'usgov-dod': 'USGovDoD',
  china: 'China',
} as const satisfies Partial<Record<CloudName, string>>;

export const graphEnvironments = Object.keys(environments) as (keyof typeof environments)[];

/** What Connect-MgGraph calls a cloud; undefined where it knows none of that name. */
export const graphEnvironment = (cloud: CloudName): string | undefined =>
  (environments as Partial<Record<CloudName, string>>)[cloud];

const readings: Partial<Record<string, readonly string[]>> = {
  secret: [
    '$text = if ($config.clientSecret) { $config.clientSecret } else { $env:AZURE_CLIENT_SECRET }',
    '$secret = ConvertTo-SecureString -String $text -AsPlainText -Force',
    '$credential = New-Object System.Management.Automation.PSCredential ($config.clientId, $secret)',
    'Connect-MgGraph @where -TenantId $config.tenantId -ClientSecretCredential $credential -NoWelcome',
  ],
  certificate: [
    '# PowerShell 7: certificate and key come out of the PEM file, no certificate store is needed.',
    '$folder = Split-Path -Parent $file',
    '$pem = [System.IO.Path]::Combine($folder, $config.certificatePath)',
    '$certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile($pem)',
    'Connect-MgGraph @where -TenantId $config.tenantId -ClientId $config.clientId -Certificate $certificate -NoWelcome',
  ],
};

/** Lines of PowerShell that sign in with what the config file says when they run. */
export function connectLines({ config, configPath, cloud }: TargetInput): string[] {
  const environment = graphEnvironments.find((name) => name === cloud.name) ?? 'global';
  return [
    `$file = ${powershellQuoted(configPath)}`,
    '$config = Get-Content -Raw -LiteralPath $file | ConvertFrom-Json',
    `$where = @{ Environment = ${powershellQuoted(environments[environment])} }`,
    ...(readings[config.credential.kind] ?? []),
  ];
}
