import { oneForEach } from '../advice.ts';
import { yamlText } from '../formats.ts';
import { globalAlone, type Made, type Target, type TargetInput } from '../target.ts';

const api = ({ config, cloud, secret }: TargetInput, log: string, time: string) => ({
  name: `entra ${log}`,
  type: 'azure_graph',
  azure_ad_tenant_id: config.tenantId,
  azure_ad_client_id: config.clientId,
  azure_ad_secret_value: secret,
  date_filter_key: time,
  data_request: {
    url: `${cloud.graphUrl}/v1.0/auditLogs/${log}`,
    additional_fields: { type: 'azure_graph' },
  },
  scrape_interval: 5,
  days_back_fetch: 1,
});

function make(input: TargetInput): Made {
  const text = yamlText({
    logzio: { url: 'https://<listener host>:8071', token: '<shipping token>' },
    apis: [api(input, 'signIns', 'createdDateTime'), api(input, 'directoryAudits', 'activityDateTime')],
  });
  return {
    files: [{ name: 'config.yaml', text, comments: 'hash' }],
    steps: [
      { does: 'Fill in the listener and the shipping token of your account in the first lines.' },
      {
        does: 'Start it in a folder of its own, readable by you alone: the file holds the secret.',
        run: 'docker run --name logzio-api-fetcher -v "$(pwd)":/app/src/shared logzio/logzio-api-fetcher',
      },
      { does: 'See the first events:', run: 'docker logs -f logzio-api-fetcher' },
      oneForEach('Logz.io'),
    ],
  };
}

export const target: Target = {
  name: 'logzio',
  group: 'collector',
  title: 'Logz.io API fetcher, type azure_graph',
  credentials: ['secret'],
  clouds: globalAlone,
  permissions: [],
  secret: 'literal',
  needs: ['--output <file>'],
  ages: true,
  proven: 'parsed: PyYAML reads the values back; the fetcher is not there to run it',
  make,
};
