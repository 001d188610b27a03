import type { CloudName } from '../../../entra/clouds.ts';
import { hclBlock } from '../formats.ts';
import type { Made, Target, TargetInput } from '../target.ts';

const environments: Partial<Record<CloudName, string>> = {
  global: 'AZUREPUBLICCLOUD',
  usgov: 'AZUREUSGOVERNMENTCLOUD',
  china: 'AZURECHINACLOUD',
};

function make({ config, cloud, secret, certificatePath, pathOf, shellLine }: TargetInput): Made {
  const text = hclBlock('connection "azuread"', {
    plugin: 'azuread',
    tenant_id: config.tenantId,
    client_id: config.clientId,
    ...(secret === '' ? {} : { client_secret: secret }),
    ...(certificatePath === undefined ? {} : { certificate_path: certificatePath }),
    environment: environments[cloud.name] ?? 'AZUREPUBLICCLOUD',
  });
  return {
    files: [{ name: 'azuread.spc', text, comments: 'hash' }],
    steps: [
      {
        does: 'Install the plugin and put it in place:',
        run: `steampipe plugin install azuread && ${shellLine(['install', '-m', '600', pathOf('azuread.spc')])} ~/.steampipe/config/azuread.spc`,
      },
      {
        does: 'See the first rows:',
        run: 'steampipe query "select created_date_time, user_principal_name, app_display_name from azuread_sign_in_report limit 5"',
      },
      ...(certificatePath === undefined
        ? []
        : [{ does: 'Where its private key is encrypted, add certificate_password to the block.' }]),
    ],
  };
}

export const target: Target = {
  name: 'steampipe',
  group: 'tool',
  title: 'Steampipe, plugin azuread',
  credentials: ['secret', 'certificate'],
  clouds: ['global', 'usgov', 'china'],
  permissions: [],
  secret: 'literal',
  needs: ['--output <file>, with a secret'],
  ages: true,
  proven: "parsed: HashiCorp's own HCL parser reads the values back; Steampipe is not there to run it",
  make,
};
