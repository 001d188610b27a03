import { oneForEach, overlap, secretToCopy } from '../advice.ts';
import { yamlText } from '../formats.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

const nextLink = 'index .last_response.body "@odata.nextLink"';

/** One input for a log. Elastic's reference of the input: filebeat-input-httpjson. */
function input({ config, cloud }: TargetInput, log: 'signIns' | 'directoryAudits', time: string) {
  const from = `[[ formatDate ((parseDate .cursor.newest).Add (parseDuration "-30m")) ]]`;
  const first = '[[ formatDate (now (parseDuration "-24h")) ]]';
  const until = '[[ formatDate (now (parseDuration "-10m")) ]]';
  return {
    type: 'httpjson',
    id: `entra-${log}`,
    interval: '5m',
    auth: {
      oauth2: {
        // A token address, and neither provider nor tenant: so it goes to any cloud.
        client: { id: config.clientId, secret: `\${REPORTING_CLIENT_SECRET}` },
        token_url: `${cloud.authorityHost}/${config.tenantId}/oauth2/v2.0/token`,
        scopes: [`${cloud.graphUrl}/.default`],
      },
    },
    request: {
      url: `${cloud.graphUrl}/v1.0/auditLogs/${log}`,
      method: 'GET',
      timeout: '60s',
      retry: { max_attempts: 8, wait_min: '5s', wait_max: '120s' },
      transforms: [
        { set: { target: 'url.params.$top', value: '999' } },
        { set: { target: 'url.params.$orderby', value: `${time} asc` } },
        {
          set: {
            target: 'url.params.$filter',
            value: `${time} ge ${from} and ${time} le ${until}`,
            default: `${time} ge ${first} and ${time} le ${until}`,
          },
        },
      ],
    },
    response: {
      split: { target: 'body.value', ignore_empty_value: true },
      pagination: [
        {
          set: {
            target: 'url.value',
            value: `[[ if ${nextLink} ]][[ ${nextLink} ]][[ end ]]`,
            fail_on_template_error: true,
            do_not_log_failure: true,
          },
        },
      ],
    },
    cursor: { newest: { value: `[[ .last_event.${time} ]]` } },
    processors: [
      { decode_json_fields: { fields: ['message'], target: 'entra', document_id: 'id' } },
      {
        timestamp: { field: `entra.${time}`, layouts: ['2006-01-02T15:04:05Z', '2006-01-02T15:04:05.999Z'] },
      },
    ],
    tags: ['entra', log],
  };
}

function make(given: TargetInput): Made {
  const text = yamlText([
    input(given, 'signIns', 'createdDateTime'),
    input(given, 'directoryAudits', 'activityDateTime'),
  ]);
  return {
    files: [{ name: 'entra.yml', text, comments: 'hash' }],
    steps: [
      {
        does: `Put ${secretToCopy(given.config)} into the keystore; it asks for the value:`,
        run: 'filebeat keystore add REPORTING_CLIENT_SECRET',
      },
      {
        does: 'Put it where filebeat.yml looks for inputs: filebeat.config.inputs with path: inputs.d/*.yml',
      },
      {
        does: 'Look whether it can be used, then restart:',
        run: 'filebeat test config && systemctl restart filebeat',
      },
      { does: 'See the first events:', run: 'journalctl -u filebeat -f | grep -i httpjson' },
      overlap,
      oneForEach('Filebeat'),
    ],
  };
}

export const target: Target = {
  name: 'filebeat',
  group: 'collector',
  title: 'Elastic Filebeat and Elastic Agent, input httpjson',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'reference',
  needs: ['the secret in its keystore'],
  ages: true,
  proven:
    'parsed: PyYAML reads the values back, and the addresses it names answer in the sandbox; Filebeat is not there to run it',
  make,
};
