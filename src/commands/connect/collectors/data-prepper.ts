import { oneForEach } from '../advice.ts';
import { yamlText } from '../formats.ts';
import { globalAlone, type Made, type Target, type TargetInput } from '../target.ts';

function make({ config }: TargetInput): Made {
  const text = yamlText({
    version: '2',
    extension: {
      aws: {
        secrets: {
          'entra-reporting': {
            secret_id: '<ARN of the secret>',
            region: '<region>',
            sts_role_arn: '<ARN of a role that may read it>',
          },
        },
      },
    },
    'entra-pipeline': {
      source: {
        microsoft_entra_id: {
          tenant_id: config.tenantId,
          authentication: {
            oauth2: {
              client_id: `\${{aws_secrets:entra-reporting:client_id}}`,
              client_secret: `\${{aws_secrets:entra-reporting:client_secret}}`,
            },
          },
        },
      },
      sink: [{ cloudwatch_logs: { log_group: '<log group>' } }],
    },
  });
  return {
    files: [{ name: 'pipeline.yaml', text, comments: 'hash' }],
    steps: [
      {
        does: 'Put client ID and secret into one secret of AWS Secrets Manager, as JSON with the keys client_id and client_secret.',
      },
      {
        does: 'Fill in what stands in angle brackets, and create the pipeline under CloudWatch > Ingestion > Pipelines.',
      },
      { does: 'A new value in Secrets Manager is taken within an hour: a rotation needs no change here.' },
      oneForEach('CloudWatch'),
    ],
  };
}

export const target: Target = {
  name: 'data-prepper',
  group: 'collector',
  title: 'AWS CloudWatch pipelines, OpenSearch Data Prepper',
  credentials: ['secret'],
  clouds: globalAlone,
  permissions: [],
  secret: 'reference',
  needs: ['the secret in AWS Secrets Manager'],
  ages: true,
  proven: 'parsed: PyYAML reads the values back; the service is not there to run it',
  unconfirmed:
    'AWS names the source microsoft_entra_id on one page and microsoft_entraid on another, and the sink could not be confirmed: compare with the page of your region.',
  make,
};
