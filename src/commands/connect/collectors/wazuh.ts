import type { CloudName } from '../../../entra/clouds.ts';
import { noOverlap, oneForEach } from '../advice.ts';
import { keyValueText, xmlText } from '../formats.ts';
import type { Made, Target, TargetInput } from '../target.ts';

/** What the module calls the clouds. */
const apiTypes: Partial<Record<CloudName, string>> = {
  global: 'global',
  usgov: 'gcc-high',
  'usgov-dod': 'dod',
};

const credentials = '/var/ossec/wodles/azure/credentials';

/**
 * Sign-ins through the module ms-graph; audits through azure-logs, since ms-graph always filters on a property that they
 * do not have (wazuh #31451). azure-logs has the worldwide addresses built in.
 */
function make({ config, cloud, secret, pathOf, shellLine }: TargetInput): Made {
  const isGlobal = cloud.name === 'global';
  const signIns = {
    'ms-graph': {
      enabled: 'yes',
      only_future_events: 'yes',
      curl_max_size: '10M',
      run_on_start: 'yes',
      interval: '5m',
      version: 'v1.0',
      api_auth: {
        client_id: config.clientId,
        tenant_id: config.tenantId,
        secret_value: secret,
        api_type: apiTypes[cloud.name] ?? 'global',
      },
      resource: { name: 'auditLogs', relationship: 'signIns' },
    },
  };
  const audits = {
    disabled: 'no',
    run_on_start: 'yes',
    interval: '10m',
    graph: {
      auth_path: credentials,
      tenantdomain: config.domain,
      request: { tag: 'microsoft-entra_id', query: 'auditLogs/directoryAudits', time_offset: '1d' },
    },
  };
  const wodle = xmlText({ wodle: audits }).replace('<wodle>', '<wodle name="azure-logs">');
  const start = `application_id = ${config.clientId}\napplication_key = `;
  const isEarlier = (existing: string): boolean =>
    existing.startsWith(start) && /^\S+\n$/.test(existing.slice(start.length));
  const both = { application_id: config.clientId, application_key: secret };
  return {
    files: [
      { name: 'ossec-entra.xml', text: xmlText(signIns) + (isGlobal ? wodle : ''), comments: 'xml' },
      ...(isGlobal
        ? [{ name: 'credentials', text: keyValueText(both), comments: 'none', isEarlier } as const]
        : []),
    ],
    inFolder: true,
    steps: [
      {
        does: `Put the blocks of ${pathOf('ossec-entra.xml')} into <ossec_config> of /var/ossec/etc/ossec.conf, on one manager or agent.`,
      },
      ...(isGlobal
        ? [
            {
              does: 'Put the file of credentials from that folder where the second block looks for it, readable by Wazuh alone:',
              run: `install -o root -g wazuh -m 640 ${shellLine([pathOf('credentials')])} ${credentials}`,
            },
          ]
        : [
            {
              does: 'Directory audits stay dark: the module that reads them knows the worldwide cloud alone.',
            },
          ]),
      {
        does: 'Restart, and see the first events:',
        run: "systemctl restart wazuh-manager && grep -E 'ms-graph|azure-logs' /var/ossec/logs/ossec.log",
      },
      { does: 'Then delete these files here: they hold the secret.' },
      noOverlap('It'),
      oneForEach('Wazuh'),
    ],
  };
}

export const target: Target = {
  name: 'wazuh',
  group: 'collector',
  title: 'Wazuh, modules ms-graph and azure-logs',
  credentials: ['secret'],
  clouds: ['global', 'usgov', 'usgov-dod'],
  permissions: ['SecurityAlert.Read.All', 'SecurityIncident.Read.All'],
  secret: 'literal',
  needs: ['--output <folder>'],
  ages: true,
  proven:
    'parsed: xmllint takes the block and reads the values back, as does the way in which its own module reads the file of credentials; Wazuh is not there to run it',
  make,
};
