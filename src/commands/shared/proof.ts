import type { Finding } from '../../core/findings.ts';
import type { ApplicationIdentity } from '../../entra/azure-credentials.ts';
import { offersSignIns } from '../../entra/clouds.ts';
import type { AppSession } from '../../graph/directory.ts';
import { type Expectation, type Proof, prove } from '../../tenant/logs/prove-credential.ts';
import type { Change, Have, NeededPermission, Wanted } from '../../tenant/model.ts';
import { missingPermissions, neededPermissions } from '../../tenant/permissions/permissions.ts';
import { describeWait } from '../../terminal/progress.ts';
import { type Connection, openApplication } from './connection.ts';
import type { Io } from './io.ts';
import type { Identity } from './open-credential.ts';
import { acceptedForAnother } from './open-credential.ts';

const graphValues = (permissions: readonly NeededPermission[]): string[] =>
  permissions.filter(({ api }) => api === 'microsoft-graph').map(({ value }) => value);

/** What the token endpoint may not know of at once. */
const fresh: readonly Change['kind'][] = [
  'application',
  'servicePrincipal',
  'passwordCredential',
  'keyCredential',
  'federatedIdentityCredential',
];

/** What the proof may expect after these changes were written. Pure. */
export function expectationAfter(changes: readonly Change[], want: Wanted, have: Have): Expectation {
  const wrote = (kind: Change['kind']): boolean =>
    changes.some((change) => change.kind === kind && change.action === 'create');
  // Whoever granted them, and when: tokens follow what the directory says.
  const granted = graphValues(missingPermissions(want, have)).length === 0;
  return {
    permissions: graphValues(neededPermissions(want, have)),
    freshCredential: fresh.some(wrote),
    activated: have.activated === true,
    freshGrants:
      granted || (wrote('appRoleAssignment') && !changes.some((change) => change.blocked !== undefined)),
    premium: have.tenant.premium,
    signInsOffered: offersSignIns(want.cloudReference.cloud),
    createdIds: have.createdIds,
  };
}

/** Nothing failed, and at least one log was read: what sign-in logs lack in some tenants, audit logs show. */
const isProof = (findings: readonly Finding[]): boolean =>
  findings.every(({ status }) => status !== 'fail') &&
  findings.some(({ id, status }) => id.startsWith('api.') && status === 'pass');

/** Proves a credential, showing what it waits for. Throws WizardError. */
async function proveCredential(
  identity: ApplicationIdentity,
  expect: Expectation,
  connection: Connection,
  io: Io,
  first?: AppSession,
): Promise<Proof> {
  const task = io.report.task('Proving the credential: a token, its permissions, rows of both logs');
  const onWait = (_purpose: string, wait: Parameters<typeof describeWait>[0]): void =>
    task.wait(describeWait(wait));
  const proof = await prove(
    expect,
    {
      signIn: () => openApplication(connection, identity, io, onWait),
      now: io.clock.local,
      sleep: io.sleep,
      random: io.random,
      onWait,
    },
    first,
  );
  if (isProof(proof.findings) && acceptedForAnother(identity) === undefined)
    task.succeed('The credential is proven');
  else task.fail('The credential is not proven yet');
  return proof;
}

/** What cannot be proven from here, and why. */
function unproven(reason: string): Finding[] {
  const left = { status: 'skip', evidence: 'not proven: the credential gets no token here' } as const;
  return [
    { id: 'credential.token', title: 'Credential', status: 'skip', evidence: reason },
    { id: 'api.directoryAudits', title: 'Directory audit logs', ...left },
    { id: 'api.signIns', title: 'Sign-in logs', ...left },
  ];
}

/** A token that another credential of the application earned proves nothing about this one. */
function withDoubt(findings: readonly Finding[], doubt: string): Finding[] {
  return findings.map((finding) =>
    finding.id === 'credential.token' && finding.status === 'pass'
      ? {
          ...finding,
          status: 'warn',
          evidence: `Entra accepts it, ${doubt}`,
          remedy:
            'Set it up for that subject, or run this in the workload that the file names: `reporting-setup verify`',
          code: 'credential-rejected',
        }
      : finding,
  );
}

/** Proves a credential where that is possible; elsewhere tells why it is not. Throws WizardError. */
export async function proveIdentity(
  identity: Identity,
  expect: Expectation,
  connection: Connection,
  io: Io,
  first?: AppSession,
): Promise<Proof> {
  if ('absent' in identity) {
    io.report.warn(`The credential is not proven: ${identity.absent}`);
    return { findings: unproven(identity.absent), session: undefined };
  }
  const proof = await proveCredential(identity.identity, expect, connection, io, first);
  const doubt = acceptedForAnother(identity.identity);
  return doubt === undefined ? proof : { ...proof, findings: withDoubt(proof.findings, doubt) };
}

/** Whether the credential was left unproven because that takes the workload it is for. Pure. */
export const isUnproven = (findings: readonly Finding[]): boolean =>
  findings.some(({ id, status }) => id === 'credential.token' && status === 'skip');
