import type { Settings } from '../../../cli/settings.ts';
import { WizardError } from '../../../core/errors.ts';
import { quoted } from '../../../core/text.ts';
import type { Prompt } from '../../../terminal/prompt.ts';
import type { Made, Target, TargetInput } from '../target.ts';

/**
 * Categories that exist in tenants now; each tenant can list its own (learn.microsoft.com,
 * concept-diagnostic-settings-logs-options).
 */
const logCategories = [
  'AuditLogs',
  'SignInLogs',
  'NonInteractiveUserSignInLogs',
  'ServicePrincipalSignInLogs',
  'ManagedIdentitySignInLogs',
  'ProvisioningLogs',
  'ADFSSignInLogs',
  'RiskyUsers',
  'UserRiskEvents',
  'RiskyServicePrincipals',
  'ServicePrincipalRiskEvents',
  'MicrosoftGraphActivityLogs',
] as const;

const usual = ['AuditLogs', 'SignInLogs'];

/** What the two logs of setup are part of; the rest is many times larger. */
const destinations = {
  workspace: 'Log Analytics workspace (Sentinel)',
  eventHubRule: 'Event hub',
  storageAccount: 'Storage account',
} as const;

const idShapes = {
  workspace: '/subscriptions/…/resourceGroups/…/providers/Microsoft.OperationalInsights/workspaces/<name>',
  eventHubRule:
    '/subscriptions/…/resourceGroups/…/providers/Microsoft.EventHub/namespaces/<name>/authorizationRules/<rule>',
  storageAccount: '/subscriptions/…/resourceGroups/…/providers/Microsoft.Storage/storageAccounts/<name>',
} as const;

/** Asks for one destination, or names the options that give one. */
async function complete(settings: Settings, prompt: Prompt | undefined): Promise<Settings> {
  const { workspace, eventHubRule, storageAccount } = settings;
  if ([workspace, eventHubRule, storageAccount].some((id) => id !== undefined)) return settings;
  if (!prompt) {
    throw new WizardError(
      'missing-options',
      'Missing: --workspace, --event-hub-rule or --storage-account: where the logs are to go',
    );
  }
  const kinds = Object.keys(destinations) as (keyof typeof destinations)[];
  const kind = await prompt.select<keyof typeof destinations>({
    message: 'Where the logs are to go',
    choices: kinds.map((value) => ({ value, label: destinations[value] })),
    fallback: 'workspace',
  });
  const id = await prompt.text({
    message: 'Its resource ID',
    fallback: '',
    validate: (text) => (text.startsWith('/subscriptions/') ? undefined : `It looks like ${idShapes[kind]}`),
  });
  return { ...settings, [kind]: id };
}

function make({ settings, config, pathOf, shellLine }: TargetInput): Made {
  const { workspace, eventHubRule, eventHub, storageAccount, category } = settings;
  const enabled = category ?? usual;
  const unknown = enabled.filter((name) => !logCategories.some((known) => known === name));
  const body = {
    properties: {
      ...(eventHubRule === undefined ? {} : { eventHubAuthorizationRuleId: eventHubRule }),
      ...(eventHub === undefined ? {} : { eventHubName: eventHub }),
      ...(workspace === undefined ? {} : { workspaceId: workspace }),
      ...(storageAccount === undefined ? {} : { storageAccountId: storageAccount }),
      logs: enabled.map((name) => ({ category: name, enabled: true })),
    },
  };
  const url = '/providers/microsoft.aadiam/diagnosticSettings';
  const version = 'api-version=2017-04-01';
  return {
    files: [
      { name: 'diagnostic-settings.json', text: `${JSON.stringify(body, undefined, 2)}\n`, comments: 'none' },
    ],
    steps: [
      {
        does: 'Whoever sends it is a Security Administrator of the tenant and may use the destination; sign-in logs need P1 or P2. Sign in to the tenant:',
        run: `az login --tenant ${config.tenantId}`,
      },
      {
        does: 'See which categories the tenant has:',
        run: `az rest --method get --url '${url}Categories?${version}'`,
      },
      {
        does: `It takes ${enabled.join(', ')}. Others for --category: ${logCategories.filter((name) => !enabled.includes(name)).join(', ')}.`,
      },
      ...(unknown.length === 0
        ? []
        : [
            {
              does: `Not known here: ${unknown.map((name) => quoted(name)).join(', ')}. Send it only where the tenant lists the category under that very name.`,
            },
          ]),
      {
        does: 'Send it. A setting of the same name is replaced:',
        run: `az rest --method put --url '${url}/reporting-setup?${version}' --body ${shellLine([`@${pathOf('diagnostic-settings.json')}`])}`,
      },
      { does: 'Look at it, and take it away again:', run: `az rest --method get --url '${url}?${version}'` },
      { does: '', run: `az rest --method delete --url '${url}/reporting-setup?${version}'` },
      {
        does: 'Rows come from then on, after some minutes, and nothing of what was before: read that with the API first.',
      },
      {
        does: 'Then the collector reads the event hub or the workspace, and not this API: Splunk Add-on for Microsoft Cloud Services, Filebeat azure-eventhub, Elastic Agent azure, Datadog, Sentinel.',
      },
    ],
  };
}

export const target: Target = {
  name: 'diagnostic-settings',
  group: 'collector',
  title: 'Event hub, Log Analytics or storage: for volume',
  credentials: ['secret', 'certificate', 'federated'],
  clouds: ['global', 'usgov', 'usgov-dod', 'china'],
  permissions: [],
  secret: 'none',
  needs: [
    '--workspace, --event-hub-rule or --storage-account',
    'Security Administrator and an Azure subscription',
  ],
  ages: false,
  proven: 'parsed: jq reads the values back; Azure Resource Manager is not there to take it',
  unconfirmed:
    'How long it takes until the first rows, and that nothing earlier comes, is how it is described, not what was measured.',
  complete,
  make,
};
