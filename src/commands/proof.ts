import type { ApplicationIdentity } from '../adapters/sign-in.ts';
import { describeWait } from '../core/io.ts';
import type { Change, Have, NeededPermission, Wanted } from '../core/model.ts';
import type { AppSession } from '../core/session.ts';
import { type Expectation, type Proof, prove } from '../steps/live.ts';
import { neededPermissions } from '../steps/needed.ts';
import { type Connection, openApplication } from './connect.ts';
import type { Io } from './io.ts';

const graphValues = (permissions: readonly NeededPermission[]): string[] =>
  permissions.filter(({ api }) => api === 'microsoft-graph').map(({ value }) => value);

/** What the proof may expect after these changes were written. Pure. */
export function expectationAfter(changes: readonly Change[], want: Wanted, have: Have): Expectation {
  const wrote = (kind: Change['kind']): boolean =>
    changes.some((change) => change.kind === kind && change.action === 'create');
  return {
    permissions: graphValues(neededPermissions(want, have)),
    freshCredential: wrote('passwordCredential') || wrote('servicePrincipal') || wrote('application'),
    freshGrants: wrote('appRoleAssignment') && !changes.some((change) => change.blocked !== undefined),
    premium: have.tenant.premium,
    signInsOffered: want.place.cloud !== 'china',
    createdIds: have.createdIds,
  };
}

/** Proves a credential, showing what it waits for. Throws WizardError. */
export async function proveCredential(
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
      now: io.now,
      sleep: io.sleep,
      random: io.random,
      onWait,
    },
    first,
  );
  const failed = proof.findings.some((finding) => finding.status === 'fail');
  if (failed) task.fail('The credential is not proven yet');
  else task.succeed('The credential is proven');
  return proof;
}
