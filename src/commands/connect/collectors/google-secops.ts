import { oneForEach } from '../advice.ts';
import { globalAlone, type Made, type Target, type TargetInput } from '../target.ts';

function make({ config, cloud, secret }: TargetInput): Made {
  const feed = {
    details: {
      feedSourceType: 'API',
      logType: 'AZURE_AD',
      azureAdSettings: {
        authentication: {
          tokenEndpoint: `${cloud.authorityHost}/${config.tenantId}/oauth2/v2.0/token`,
          clientId: config.clientId,
          clientSecret: secret,
        },
      },
    },
  };
  return {
    files: [{ name: 'feed.json', text: `${JSON.stringify(feed, undefined, 2)}\n`, comments: 'none' }],
    steps: [
      {
        does: 'Send it as the body of a POST to the feeds of the Feed Management API, or enter the same values under Settings > Feeds > Add new, source type Third party API, log type Azure AD.',
      },
      { does: 'Then delete the file: it holds the secret.' },
      { does: 'See the first events with a raw log search for log type AZURE_AD.' },
      oneForEach('Google SecOps'),
    ],
  };
}

export const target: Target = {
  name: 'google-secops',
  group: 'collector',
  title: 'Google SecOps (Chronicle), feed AZURE_AD',
  credentials: ['secret'],
  clouds: globalAlone,
  permissions: [],
  secret: 'literal',
  needs: ['--output <file>'],
  ages: true,
  proven: 'parsed: jq reads the values back; the service is not there to run it',
  unconfirmed:
    'Directory audits have a feed of their own, AZURE_AD_AUDIT: the names of its settings could not be confirmed, so add it in the page with the same values.',
  make,
};
