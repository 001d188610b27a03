import type { Finding } from '../../core/findings.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Cloud } from '../../entra/clouds.ts';
import { expiryOf, kindOf } from '../../tenant/credential/held-credential.ts';
import type { Change, Have } from '../../tenant/model.ts';
import { cannotTell, pass } from '../../tenant/verdict.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';

/** These bring tokens that another program got: nothing was asked of Entra by this one. */
const broughtBy: Partial<Record<AuthMethod, string>> = {
  'azure-cli': 'Azure CLI',
  'managed-identity': 'the managed identity',
};

const entraAnswers = { id: 'network.authority', title: 'Connection to Entra' } as const;

/** That Entra answered, where it did. */
export const answered = ({ authorityHost }: Cloud): Finding => ({
  ...entraAnswers,
  ...pass(new URL(authorityHost).host),
});

/** What signing in and reading the tenant proved by themselves. */
export function reached(cloud: Cloud, account: string, method: AuthMethod | undefined): Finding[] {
  const host = (url: string): string => new URL(url).host;
  const brought = method && broughtBy[method];
  return [
    brought === undefined
      ? answered(cloud)
      : { ...entraAnswers, ...cannotTell(`the token came from ${brought}, and nothing was asked of it yet`) },
    {
      id: 'network.graph',
      status: 'pass',
      title: 'Connection to Microsoft Graph',
      evidence: host(cloud.graphUrl),
    },
    { id: 'auth.signIn', status: 'pass', title: 'Signed in', evidence: account },
  ];
}

/** The tenant's part of the outcome. */
export function describeTenant(
  have: Have,
  domain: string,
  cloud: Pick<Cloud, 'name'>,
): NonNullable<RunOutcome['tenant']> {
  return { id: have.tenant.id, displayName: have.tenant.displayName, domain, cloud: cloud.name };
}

/** The application's part of the outcome, once there is one. */
function describeApplication({ application, servicePrincipal }: Have): RunOutcome['application'] {
  return (
    application && {
      clientId: application.appId,
      objectId: application.id,
      ...(servicePrincipal && { servicePrincipalId: servicePrincipal.id }),
    }
  );
}

function idOf({ kind, name, id }: Change, have: Have): string | undefined {
  if (id !== undefined) return id;
  switch (kind) {
    case 'application':
      return have.application?.id;
    case 'servicePrincipal':
      return have.servicePrincipal?.id;
    case 'appRoleAssignment':
      return have.made.find((made) => made.kind === kind && made.name === name)?.id;
    case 'configFile':
      return undefined;
    default:
      return have.created?.keyId;
  }
}

/** Changes that were written, with the ids that they have by now. */
function describeChanges(changes: readonly Change[], have: Have): NonNullable<RunOutcome['changes']> {
  return changes.map((change) => {
    const id = idOf(change, have);
    return id === undefined ? change : { ...change, id };
  });
}

/** The credential's part of the outcome, once there is one. */
function describeCredential(have: Have): RunOutcome['credential'] {
  const { created, saved, config } = have;
  const held = config.status === 'ok' && saved !== undefined ? config.config.credential : undefined;
  const keyId = created?.keyId || held?.keyId;
  const expires = expiryOf(have);
  if (!created && !held) return undefined;
  return {
    kind: kindOf(have),
    ...(keyId === undefined ? {} : { keyId }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** Keeps what the application and its credential are by now. */
export function noteApplication(have: Have, outcome: RunOutcome): void {
  const application = describeApplication(have);
  const credential = describeCredential(have);
  if (application) outcome.application = application;
  if (credential) outcome.credential = credential;
}

/** Keeps what the plan leaves as it is, once each. */
export function noteKept(changes: readonly Change[], outcome: RunOutcome): void {
  const known = outcome.changes ?? [];
  const isKnown = ({ kind, name }: Change): boolean =>
    known.some((change) => change.kind === kind && change.name === name);
  outcome.changes = [...known, ...changes.filter((change) => change.action === 'keep' && !isKnown(change))];
}

/** Keeps changes that were written, with the ids that they have by now. */
export function noteWritten(changes: readonly Change[], have: Have, outcome: RunOutcome): void {
  outcome.changes = [...(outcome.changes ?? []), ...describeChanges(changes, have)];
}
