import { sign } from 'node:crypto';
import type { LocalCertificate } from '../../config/certificate.ts';
import type { Reveal } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { spelledInRemedy } from '../../core/remedy.ts';
import type { Session } from '../../entra/sign-in.ts';
import { signInApplication } from '../../entra/sign-in.ts';
import type { Possession } from '../../tenant/model.ts';
import { openDirectory } from '../shared/connection.ts';
import { openFileTenant, requireTenant } from '../shared/sign-in-administrator.ts';
import type { RotateRun, SignedInRotateRun } from './rotate-run.ts';

const itself = (message: string, remedy: string): WizardError =>
  new WizardError('sign-in-as-itself', message, { remedy });

/** The environment of the credential itself, loaded for a collector, signs no administrator in. Throws WizardError. */
function requireOtherEnvironment({ methods, held, io }: RotateRun): void {
  const [first] = methods;
  const isOwn = sameId(io.env['AZURE_CLIENT_ID'], held.clientId);
  if (!isOwn || (first !== 'environment' && first !== 'workload-identity')) return;
  throw itself(
    `AZURE_CLIENT_ID is the client ID in the file (${held.clientId}): this environment is the credential itself, and no administrator.`,
    held.credential.kind === 'certificate'
      ? 'Take AZURE_CLIENT_ID and what goes with it out of the environment and sign an administrator in (--auth azure-cli, browser or device-code), or let the certificate roll itself over: --self.'
      : 'Take AZURE_CLIENT_ID and what goes with it out of the environment, or sign an administrator in another way: --auth azure-cli, browser or device-code.',
  );
}

/** By whatever way it signed in. */
function requireOtherIdentity({ claims }: Session, { held }: RotateRun): void {
  if (!sameId(claims.clientId, held.clientId)) return;
  throw itself(
    'The sign-in is that of the credential itself, which may not replace itself.',
    'Sign in as an administrator, or as an automation that owns the application.',
  );
}

/** Signs an administrator in, in the file's tenant, and keeps other runs away from the application. Throws WizardError. */
async function signInAdministrator(run: RotateRun): Promise<SignedInRotateRun> {
  const { methods, settings, held, connection, io, waits } = run;
  requireOtherEnvironment(run);
  if (settings.tenant !== undefined) await requireTenant(settings.tenant, held, connection);
  const session = await openFileTenant(methods, settings, held, connection, io);
  requireOtherIdentity(session, run);
  return { ...run, session, directory: openDirectory(connection, session, io, waits.onWait) };
}

/** What proves that one has a certificate's key. */
export const possessionOf = (certificate: LocalCertificate, reveal: Reveal): Possession => ({
  certificate,
  sign: (text) => sign('RSA-SHA256', Buffer.from(text), reveal(certificate.pem)).toString('base64url'),
});

/** The certificate with which the application rolls itself over. Throws WizardError where there is none that works. */
function ownCertificate({ output, invocation, io }: RotateRun): LocalCertificate {
  const { saved } = output.certificates;
  if (typeof saved !== 'object') {
    throw new WizardError(
      'certificate-unusable',
      `The certificate cannot roll itself over: the file that certificatePath names ${saved ?? 'is not there'}.`,
      { remedy: `Put the file back, or let an administrator sign in: ${spelledInRemedy(invocation.rotate)}` },
    );
  }
  if (Date.parse(saved.notAfter) > io.now().getTime()) return saved;
  throw new WizardError(
    'credential-expired',
    `The certificate ended on ${saved.notAfter.slice(0, 10)}: it cannot roll itself over any more.`,
    { remedy: `Let an administrator sign in: ${spelledInRemedy(invocation.rotate)}` },
  );
}

/** Signs the application in with its own certificate. Throws WizardError. */
async function signInItself(run: RotateRun): Promise<SignedInRotateRun> {
  const { held, connection, io, waits } = run;
  const certificate = ownCertificate(run);
  const { tenantId, clientId } = held;
  const credential = { kind: 'certificate', pem: certificate.pem } as const;
  const task = io.report.task('Signing in as the application');
  const session = await signInApplication(connection, { tenantId, clientId, credential }, io.reveal);
  task.succeed('Signed in as the application');
  const possession = possessionOf(certificate, io.reveal);
  return { ...run, session, possession, directory: openDirectory(connection, session, io, waits.onWait) };
}

/** Signs in whoever is to do it. Throws WizardError. */
export async function signIn(run: RotateRun): Promise<SignedInRotateRun> {
  const signedIn = run.request.self ? await signInItself(run) : await signInAdministrator(run);
  const { planOnly, held, locks } = run;
  if (!planOnly) await locks.take(signedIn.session.claims.tenantId ?? '', held.clientId);
  return signedIn;
}
