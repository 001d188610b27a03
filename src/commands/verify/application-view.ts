import type { ReportingConfig } from '../../config/config.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import type { ApplicationIdentity } from '../../entra/azure-credentials.ts';
import type { AppSession } from '../../graph/directory.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import { application } from '../../tenant/application/application.ts';
import { isRefusal } from '../../tenant/logs/prove-credential.ts';
import type { ObserveInput, Step } from '../../tenant/model.ts';
import { type Have, unseen } from '../../tenant/model.ts';
import { permissions } from '../../tenant/permissions/permissions.ts';
import { servicePrincipal } from '../../tenant/service-principal.ts';
import { tenant } from '../../tenant/tenant.ts';
import { describeWait } from '../../terminal/progress.ts';
import { type Connection, openApplication } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { wantedBy } from './wanted-by.ts';

/** What the reporting application can see of itself with Directory.Read.All. */
const ownSteps: readonly Step[] = [tenant, application, servicePrincipal, permissions];

const titles: Readonly<Record<string, readonly (readonly [id: string, title: string])[]>> = {
  tenant: [['licence.premium', 'Microsoft Entra ID P1 or P2']],
  application: [['app.application', 'Application']],
  servicePrincipal: [['app.servicePrincipal', 'Service principal']],
  permissions: [['permission.excess', 'No other permissions']],
};

const hidden = (step: Step): Finding[] =>
  (titles[step.id] ?? []).map(([id, title]) => ({
    id,
    title,
    status: 'skip',
    evidence: 'not readable with this credential',
  }));

/** What a look with the file's own credential showed. */
export interface OwnTenant {
  readonly findings: readonly Finding[];
  /** The tenant's; empty where the application may not read it. */
  readonly displayName: string;
  readonly premium: Answer;
}

/** Reads what the application may see of itself. Throws WizardError when the network fails or the run is cancelled. */
export async function readOwnTenant(
  config: ReportingConfig,
  session: AppSession,
  connection: Connection,
  now: Date,
): Promise<OwnTenant> {
  const seed: ObserveInput = {
    signedIn: {
      kind: 'application',
      name: config.clientId,
      permissions: session.roles,
      objectId: '',
      roleHints: [],
    },
    clientId: config.clientId,
    onlyClientId: true,
  };
  const io = { directory: session.directory, cloud: connection.cloud, now: () => now };
  const parts = await Promise.all(
    ownSteps.map(async (step) => {
      try {
        return { step, part: await step.observe?.(io, seed) };
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        return { step, part: undefined };
      }
    }),
  );
  const have: Have = Object.assign({}, unseen, ...parts.map(({ part }) => part));
  const findings = parts.flatMap(({ step, part }) =>
    part === undefined ? hidden(step) : (step.check?.(wantedBy(config), have, now) ?? []),
  );
  const { premium, displayName } = have.tenant;
  return { findings, premium, displayName };
}

/** The application's session; undefined where Entra did not accept the credential. Throws WizardError. */
export async function openOwnTenant(
  identity: ApplicationIdentity,
  connection: Connection,
  io: Io,
): Promise<AppSession | undefined> {
  const task = io.report.task('Signing in as the application');
  try {
    const session = await openApplication(connection, identity, io, (_purpose, wait) =>
      task.wait(describeWait(wait)),
    );
    task.succeed('Signed in as the application');
    return session;
  } catch (error) {
    const refused = isRefusal(error);
    task.fail(refused ? 'Entra did not accept the credential' : 'Could not sign in as the application');
    if (refused) return undefined;
    throw error;
  }
}
