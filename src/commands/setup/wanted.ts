import type { Settings } from '../../cli/settings.ts';
import type { ReportingConfig } from '../../config/config.ts';
import { sameDomain } from '../../core/domain-name.ts';
import { WizardError } from '../../core/errors.ts';
import { joinWords, quoted } from '../../core/text.ts';
import { type Cloud, referenceTo } from '../../entra/clouds.ts';
import { leftDeactivated, needsConsentToActivate } from '../../tenant/application/activation.ts';
import type { ApiName, Tenant } from '../../tenant/directory-objects.ts';
import type { Have, Wanted } from '../../tenant/model.ts';
import { defaultDomain } from '../../tenant/tenant.ts';
import { defaultAnswers, type Prompt } from '../../terminal/prompt.ts';
import { type Answers, chooseCredential } from './wanted-credential.ts';

/** Throws WizardError `domain-not-verified` for a domain that is not this tenant's. */
function requireDomain(tenant: Tenant, name: string): string {
  const found = tenant.verifiedDomains.find((domain) => sameDomain(domain.name, name));
  if (found) return found.name;
  const verified = tenant.verifiedDomains.map((domain) => domain.name);
  throw new WizardError('domain-not-verified', `${quoted(name)} is not a verified domain of this tenant.`, {
    remedy: `Pass one of its verified domains as --domain: ${joinWords(verified)}.`,
  });
}

async function chooseDomain(settings: Settings, tenant: Tenant, saved: string | undefined, prompt: Prompt) {
  if (settings.domain !== undefined) return requireDomain(tenant, settings.domain);
  const kept = tenant.verifiedDomains.find((domain) => sameDomain(domain.name, saved))?.name;
  const fallback = kept ?? defaultDomain(tenant);
  if (fallback === undefined) {
    throw new WizardError('graph-unreadable', 'Microsoft Graph shows no verified domain of this tenant.');
  }
  if (tenant.verifiedDomains.length === 1) return fallback;
  const choices = tenant.verifiedDomains.map(({ name, isDefault, isInitial }) => ({
    value: name,
    label: `${name}${isDefault ? ' (default)' : ''}${isInitial ? ' (initial)' : ''}`,
  }));
  return prompt.select({ message: 'Domain to write into the file', choices, fallback });
}

const onlyGraph: readonly ApiName[] = ['microsoft-graph'];
const withLegacy: readonly ApiName[] = ['microsoft-graph', 'azure-ad-graph'];

/** Microsoft Graph is needed whatever else is asked for: only it has the logs. The retired API is a flag, no question. */
function wantedApis({ api }: Settings, saved: ReportingConfig | undefined): readonly ApiName[] {
  const held = saved?.permissions.some((name) => name.startsWith('azure-ad-graph/')) ?? false;
  return (api?.includes('azure-ad-graph') ?? held) ? withLegacy : onlyGraph;
}

/**
 * Whether an application that somebody deactivated is to be activated again. A security team's own doing is never undone
 * without a question. Throws WizardError `application-deactivated` on a person's no; nobody's answer is left to the plan.
 */
async function askToActivate(have: Have, prompt: Prompt): Promise<boolean> {
  const { application } = have;
  if (!application || !needsConsentToActivate(have)) return false;
  const name = quoted(application.displayName, 100);
  const message = `Somebody deactivated ${name}, perhaps on purpose. Activate it again?`;
  const isYes = await prompt.confirm({ message, fallback: false });
  if (!isYes && prompt !== defaultAnswers) throw leftDeactivated(application, have);
  return isYes;
}

/**
 * Settles everything the job needs: flags first, then what the file says, then whoever answers the questions.
 * Throws WizardError `domain-not-verified`, or `policy-blocks-secrets` where a person stops because of that.
 */
export async function resolveWanted(
  settings: Settings,
  have: Have,
  cloud: Cloud,
  answers: Answers,
): Promise<Wanted> {
  const saved = have.config.status === 'ok' ? have.config.config : undefined;
  const activate = answers.before?.activate ?? (await askToActivate(have, answers.needed));
  const held = answers.before?.domain ?? saved?.domain;
  const domain = await chooseDomain(settings, have.tenant, held, answers.offered);
  const choices = await chooseCredential(settings, have, cloud, answers);
  return {
    ...(settings.appName === undefined ? {} : { appName: settings.appName }),
    ...(settings.clientId === undefined ? {} : { clientId: settings.clientId }),
    ...(settings.signOnUrl === undefined ? {} : { signOnUrl: settings.signOnUrl }),
    apis: wantedApis(settings, saved),
    domain,
    cloudReference: referenceTo(cloud),
    secretName: settings.secretName ?? 'Reporting API',
    ...(activate ? { activate } : {}),
    ...choices,
  };
}
