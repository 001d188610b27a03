import { oneForEach, secretToCopy } from '../advice.ts';
import { iniText } from '../formats.ts';
import type { Made, Target, TargetInput } from '../target.ts';

const tenant = 'entra_reporting';

function make({ config, cloud, pathOf, shellLine }: TargetInput): Made {
  const text = iniText({
    'splunk_ta_o365_management_activity://entra_audits': {
      tenant_name: tenant,
      content_type: 'Audit.AzureActiveDirectory',
      interval: 300,
      index: 'main',
    },
  });
  const endpoint = cloud.name === 'usgov' ? 'USGovGCCHigh' : 'Worldwide';
  const isCertificate = config.credential.kind === 'certificate';
  const proof = isCertificate
    ? 'certificate authentication with the thumbprint and private key of the PEM file'
    : `${secretToCopy(config)} (the value, not its id)`;
  return {
    files: [{ name: 'inputs.conf', text, comments: 'hash' }],
    steps: [
      {
        does: `First, in Splunk Add-on for Microsoft Office 365 (splunk_ta_o365) under Configuration > Tenant, add ${tenant}: endpoint ${endpoint}, tenant ID ${config.tenantId}, client ID ${config.clientId}, and ${proof}. Splunk encrypts it there; no .conf file takes it.`,
      },
      {
        does: 'This input reads the Office 365 Management API, for which the application needs ActivityFeed.Read of that API.',
      },
      {
        does: 'For sign-in and audit reports of Microsoft Graph add an input of kind "Microsoft Graph API" in its page: it offers the reports that the permissions of setup suffice for.',
      },
      {
        does: 'Put the input on a heavy forwarder or a search head, and nowhere else:',
        run: `${shellLine(['cp', pathOf('inputs.conf')])} "$SPLUNK_HOME/etc/apps/splunk_ta_o365/local/inputs.conf" && "$SPLUNK_HOME/bin/splunk" restart`,
      },
      { does: 'See the first events:', run: 'index=main sourcetype="o365:management:activity" | head 5' },
      oneForEach('Splunk'),
    ],
  };
}

export const target: Target = {
  name: 'splunk-o365',
  group: 'collector',
  title: 'Splunk Add-on for Microsoft Office 365',
  credentials: ['secret', 'certificate'],
  clouds: ['global', 'usgov'],
  permissions: ['Office 365 Management APIs: ActivityFeed.Read'],
  secret: 'reference',
  needs: ['a tenant made in the add-on, which keeps the secret'],
  ages: true,
  proven: 'parsed: Python configparser reads the values back; Splunk itself is not there to run it',
  unconfirmed:
    'How its inputs.conf names the reports of Microsoft Graph could not be confirmed, so those inputs are made in its page.',
  make,
};
