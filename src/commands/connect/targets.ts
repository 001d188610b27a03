import { suggestion } from '../../cli/complaint.ts';
import { WizardError } from '../../core/errors.ts';
import { quoted } from '../../core/text.ts';
import type { Target } from './target.ts';

/** Every target, in the order of the list; what one needs is loaded when it is asked for. */
const table = {
  'azure-sdk': () => import('./collectors/azure-sdk.ts'),
  'graph-powershell': () => import('./collectors/graph-powershell.ts'),
  'splunk-azure': () => import('./collectors/splunk-azure.ts'),
  'splunk-o365': () => import('./collectors/splunk-o365.ts'),
  filebeat: () => import('./collectors/filebeat.ts'),
  wazuh: () => import('./collectors/wazuh.ts'),
  cribl: () => import('./collectors/cribl.ts'),
  'google-secops': () => import('./collectors/google-secops.ts'),
  'sumo-logic': () => import('./collectors/sumo-logic.ts'),
  'grafana-infinity': () => import('./collectors/grafana-infinity.ts'),
  logzio: () => import('./collectors/logzio.ts'),
  'data-prepper': () => import('./collectors/data-prepper.ts'),
  'diagnostic-settings': () => import('./collectors/diagnostic-settings.ts'),
  steampipe: () => import('./tools/steampipe.ts'),
  prowler: () => import('./tools/prowler.ts'),
  monkey365: () => import('./tools/monkey365.ts'),
  'microsoft-extractor-suite': () => import('./tools/microsoft-extractor-suite.ts'),
  node: () => import('./code/node-sample.ts'),
  python: () => import('./code/python-sample.ts'),
  powershell: () => import('./code/powershell-sample.ts'),
  curl: () => import('./code/curl-sample.ts'),
  github: () => import('./stores/github.ts'),
  'azure-key-vault': () => import('./stores/azure-key-vault.ts'),
  kubernetes: () => import('./stores/kubernetes.ts'),
  'systemd-creds': () => import('./stores/systemd-creds.ts'),
  'secret-service': () => import('./stores/secret-service.ts'),
  'macos-keychain': () => import('./stores/macos-keychain.ts'),
  'aws-secrets-manager': () => import('./stores/aws-secrets-manager.ts'),
  vault: () => import('./stores/vault.ts'),
  gitlab: () => import('./stores/gitlab.ts'),
  ics: () => import('./reminders/ics.ts'),
  'systemd-timer': () => import('./reminders/systemd-timer.ts'),
  cron: () => import('./reminders/cron.ts'),
  'github-schedule': () => import('./reminders/github-schedule.ts'),
  'task-scheduler': () => import('./reminders/task-scheduler.ts'),
  prometheus: () => import('./reminders/prometheus.ts'),
} as const satisfies Record<string, () => Promise<{ readonly target: Target }>>;

type TargetName = keyof typeof table;

export const targetNames = Object.keys(table) as TargetName[];

/** The target of that name. Throws WizardError where there is none. */
export async function loadTarget(name: string): Promise<Target> {
  const found = targetNames.find((known) => known === name);
  if (found !== undefined) return (await table[found]()).target;
  const meant = suggestion(name, targetNames);
  throw new WizardError('invalid-options', `There is no target ${quoted(name)}.${meant}`, {
    remedy: 'See them all: `reporting-setup connect --list`',
  });
}

/** All of them, in the order of the list. */
export const loadTargets = (): Promise<Target[]> =>
  Promise.all(targetNames.map(async (name) => (await table[name]()).target));
