import { noOverlap, oneForEach, secretToCopy } from '../advice.ts';
import { iniText } from '../formats.ts';
import type { Made, Target, TargetInput } from '../target.ts';

const account = 'entra_reporting';

/** The account is made in Splunk's own page, which encrypts the secret; the inputs name it. */
function make({ config, cloud, pathOf, shellLine }: TargetInput): Made {
  const common = {
    azure_app_account: account,
    tenant_id: config.tenantId,
    environment: cloud.name === 'usgov' ? 'gov' : 'public',
    endpoint: 'v1.0',
    interval: 300,
    // Both are required and must be whole numbers: minutes a query covers (0: all), and seconds that it stays behind.
    query_window_size: 0,
    query_backoff_throttle: 600,
    index: 'main',
  };
  const text = iniText({
    'MS_AAD_signins://entra_sign_ins': { ...common, sign_in_sourcetype: 'azure:aad:signin' },
    'MS_AAD_audit://entra_audits': { ...common, audit_sourcetype: 'azure:aad:audit' },
  });
  return {
    files: [{ name: 'inputs.conf', text, comments: 'hash' }],
    steps: [
      {
        does: `First, in Splunk Add-on for Microsoft Azure (TA-MS-AAD) under Configuration > Accounts, add ${account}: client ID ${config.clientId}, and as its key ${secretToCopy(config)} (the value, not its id). Splunk encrypts it there; no .conf file takes it.`,
      },
      {
        does: 'Put the inputs on a heavy forwarder or a search head, and nowhere else:',
        run: `${shellLine(['cp', pathOf('inputs.conf')])} "$SPLUNK_HOME/etc/apps/TA-MS-AAD/local/inputs.conf" && "$SPLUNK_HOME/bin/splunk" restart`,
      },
      {
        does: 'See the first events:',
        run: 'index=main (sourcetype="azure:aad:signin" OR sourcetype="azure:aad:audit") | head 5',
      },
      noOverlap('It'),
      oneForEach('Splunk'),
    ],
  };
}

export const target: Target = {
  name: 'splunk-azure',
  group: 'collector',
  title: 'Splunk Add-on for Microsoft Azure (TA-MS-AAD)',
  credentials: ['secret'],
  clouds: ['global', 'usgov'],
  permissions: ['IdentityRiskEvent.Read.All', 'IdentityRiskyUser.Read.All'],
  secret: 'reference',
  needs: ['an account made in the add-on, which keeps the secret'],
  ages: true,
  proven: 'parsed: Python configparser reads the values back; Splunk itself is not there to run it',
  make,
};
