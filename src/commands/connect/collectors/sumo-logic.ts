import { oneForEach } from '../advice.ts';
import { globalAlone, type Made, type Target, type TargetInput } from '../target.ts';

function make({ config, secret, pathOf, shellLine }: TargetInput): Made {
  const source = {
    'api.version': 'v1',
    source: {
      config: {
        name: `Entra ${config.domain}`,
        tenant_id: config.tenantId,
        application_id: config.clientId,
        secret_key: secret,
        supported_apis: ['Directory Audit', 'Signin', 'Provisioning'],
        fields: { _siemForward: false },
      },
      schemaRef: { type: 'MS Graph Azure AD Reporting' },
      sourceType: 'Universal',
    },
  };
  return {
    files: [{ name: 'source.json', text: `${JSON.stringify(source, undefined, 2)}\n`, comments: 'none' }],
    steps: [
      {
        does: 'Add it to a hosted collector, with your own key in a file that curl reads (user = "accessId:accessKey"):',
        run: `curl --config sumo-key.txt -H "Content-Type: application/json" --data ${shellLine([`@${pathOf('source.json')}`])} https://api.sumologic.com/api/v1/collectors/<collector id>/sources`,
      },
      { does: 'Then delete the file: it holds the secret.' },
      { does: 'It polls every 5 minutes; see the first events with a search for _source of that name.' },
      oneForEach('Sumo Logic'),
    ],
  };
}

export const target: Target = {
  name: 'sumo-logic',
  group: 'collector',
  title: 'Sumo Logic, MS Graph Azure AD Reporting',
  credentials: ['secret'],
  clouds: globalAlone,
  permissions: [],
  secret: 'literal',
  needs: ['--output <file>'],
  ages: true,
  proven: 'parsed: jq reads the values back; the service is not there to run it',
  make,
};
