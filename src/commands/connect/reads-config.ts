import type { ConfigFormat } from '../../config/config.ts';
import { shellQuoted } from './formats/quoting.ts';

/** Lines of a POSIX shell that set the variables of the Azure SDKs from a config file, for what the script starts. */
export function readsConfig(configPath: string, format: ConfigFormat): string[] {
  const path = shellQuoted(configPath);
  if (format === 'env') return [`set -a; . ${path}; set +a`];
  const field = (name: string): string => `"$(jq -r '${name} // empty' "$config")"`;
  return [
    `config=${path}`,
    `AZURE_TENANT_ID=${field('.tenantId')}`,
    `AZURE_CLIENT_ID=${field('.clientId')}`,
    `AZURE_CLIENT_SECRET=${field('.clientSecret')}`,
    'export AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET',
  ];
}
