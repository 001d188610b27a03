import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';
import { expiryOfConfig } from './reminder-texts.ts';

const metric = 'reporting_setup_credential_expires_timestamp_seconds';

/** A label's value in the text format: backslash, quote and line break are escaped (prometheus.io, exposition formats). */
const label = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;

function make({ config, pathOf, shellLine }: TargetInput): Made {
  const labels = `client_id=${label(config.clientId)},tenant_id=${label(config.tenantId)}`;
  const lines = [
    `# HELP ${metric} When the credential of the reporting application ends, in seconds since 1970.`,
    `# TYPE ${metric} gauge`,
    `${metric}{${labels}} ${Math.floor(expiryOfConfig(config).getTime() / 1000)}`,
  ];
  return {
    files: [{ name: 'reporting_setup.prom', text: `${lines.join('\n')}\n`, comments: 'hash' }],
    steps: [
      {
        does: "Put it into the folder of node_exporter's textfile collector, readable by it:",
        run: `${shellLine(['install', '-m', '644', pathOf('reporting_setup.prom')])} /var/lib/node_exporter/textfile_collector/reporting_setup.prom`,
      },
      { does: 'An alert 30 days before:', run: `${metric} - time() < 30 * 86400` },
      { does: 'Make it again after the credential was replaced.' },
    ],
  };
}

export const target: Target = {
  name: 'prometheus',
  group: 'reminder',
  title: 'Prometheus, text for a textfile collector',
  credentials: ['secret', 'certificate'],
  clouds: everyCloud,
  permissions: [],
  secret: 'none',
  needs: [],
  ages: true,
  proven: 'parsed: the Python client of Prometheus reads the values back',
  make,
};
