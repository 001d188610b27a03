import type { ReportingConfig } from '../../../config/config.ts';
import { formatEnvConfig } from '../../../config/config-env.ts';
import { parseConfig, unusableConfig } from '../../../config/config-file.ts';
import { WizardError } from '../../../core/errors.ts';
import { sameId } from '../../../core/fields.ts';
import { everyCloud, type Made, type Target, type TargetInput } from '../target.ts';

/** Refuses a file that is another application's, or no .env file at all. */
function requireMergeable(existing: string, config: ReportingConfig): void {
  const reading = parseConfig(existing, 'env');
  const unusable = unusableConfig('The .env file', reading);
  if (unusable) throw unusable;
  if (reading.status !== 'ok') return;
  if (reading.format === 'json') {
    throw new WizardError('output-unusable', 'The output is a config file in the json format, no .env file.');
  }
  if (!sameId(reading.config.clientId, config.clientId)) {
    const message = 'The .env file holds a credential of another application.';
    throw new WizardError('config-other-application', message);
  }
}

/** The .env text. Throws WizardError `target-value` for a value that no such file can hold. */
function envText(existing: string, config: ReportingConfig, secret: string): string {
  try {
    return formatEnvConfig(existing, config, () => secret);
  } catch (error) {
    if (!(error instanceof WizardError) || error.code !== 'output-not-saved') throw error;
    throw new WizardError('target-value', error.message);
  }
}

/** The variables that EnvironmentCredential and its like read, put into a .env file beside what is there. */
function make({ config, certificatePath, secret, pathOf, shellLine }: TargetInput): Made {
  const { kind } = config.credential;
  const path = pathOf('.env');
  // A shell looks for a bare name in PATH.
  const sourced = path === '.env' ? './.env' : path;
  const isSandbox = config.cloud === 'sandbox';
  const merge = (existing: string): string => {
    requireMergeable(existing, config);
    const whole = certificatePath === undefined ? config : { ...config, certificatePath };
    const text = envText(existing, whole, secret);
    const mark = '# SANDBOX: of use nowhere else.\n';
    return isSandbox && !text.startsWith('# SANDBOX') ? mark + text : text;
  };
  return {
    files: [{ name: '.env', text: '', comments: 'none', merge }],
    steps: [
      {
        does: 'Load it into a shell, and into what is started there:',
        run: `set -a; ${shellLine(['.', sourced])}; set +a`,
      },
      {
        does: 'Node reads it by itself:',
        run: shellLine(['node', `--env-file=${path}`, 'your-program.mjs']),
      },
      {
        does: 'EnvironmentCredential and DefaultAzureCredential then find it. AZURE_AUTHORITY_HOST says where to sign in; the address of Microsoft Graph is the business of your program.',
      },
      ...(kind === 'federated'
        ? [
            {
              does: 'There is no secret: inside the workload its platform sets AZURE_FEDERATED_TOKEN_FILE, which WorkloadIdentityCredential reads.',
            },
          ]
        : []),
    ],
  };
}

export const target: Target = {
  name: 'azure-sdk',
  group: 'collector',
  title: 'Azure SDKs and whatever reads AZURE_CLIENT_ID',
  credentials: ['secret', 'certificate', 'federated'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: [],
  ages: true,
  proven: 'run: @azure/identity reads both logs of the sandbox with it; dotenv and a shell read it back',
  make,
};
