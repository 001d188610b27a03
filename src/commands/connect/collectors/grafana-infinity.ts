import { oneForEach, secretToCopy } from '../advice.ts';
import { yamlText } from '../formats.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

/** Grafana replaces `$NAME` in its provisioning files. */
const plain = (text: string): string => text.replaceAll('$', '$$$$');

function make({ config, cloud, pathOf, shellLine }: TargetInput): Made {
  const text = yamlText({
    apiVersion: 1,
    datasources: [
      {
        name: plain(`Entra ${config.domain}`),
        type: 'yesoreyeram-infinity-datasource',
        jsonData: {
          auth_method: 'oauth2',
          oauth2: {
            oauth2_type: 'client_credentials',
            client_id: config.clientId,
            token_url: plain(`${cloud.authorityHost}/${config.tenantId}/oauth2/v2.0/token`),
            scopes: [plain(`${cloud.graphUrl}/.default`)],
          },
          oauthPassThru: false,
          allowedHosts: [plain(cloud.graphUrl)],
        },
        secureJsonData: { oauth2ClientSecret: `\${REPORTING_CLIENT_SECRET}` },
      },
    ],
  });
  return {
    files: [{ name: 'entra.yaml', text, comments: 'hash' }],
    steps: [
      {
        does: `Give Grafana ${secretToCopy(config)} as the variable REPORTING_CLIENT_SECRET, in a file that its service reads and nobody else (EnvironmentFile=, mode 600). Grafana keeps it encrypted from then on.`,
      },
      {
        does: 'Put it in place and restart:',
        run: `${shellLine(['cp', pathOf('entra.yaml')])} /etc/grafana/provisioning/datasources/entra.yaml && systemctl restart grafana-server`,
      },
      {
        does: 'See the first rows in Explore: type JSON, root/rows selector value, and the address',
        run: `${cloud.graphUrl}/v1.0/auditLogs/signIns?$top=50`,
      },
      { does: 'Each look at a panel asks Graph anew: it is for looking, not for keeping logs.' },
      oneForEach('Grafana'),
    ],
  };
}

export const target: Target = {
  name: 'grafana-infinity',
  group: 'collector',
  title: 'Grafana, Infinity data source',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'reference',
  needs: ['the secret in a variable of its service'],
  ages: true,
  proven: 'parsed: PyYAML reads the values back; Grafana is not there to run it',
  make,
};
