import type { Finding } from '../../core/findings.ts';
import type { Session } from '../../entra/sign-in.ts';
import type { CredentialState } from '../../tenant/administrator-checks.ts';
import { checkAsAdministrator, observeAsAdministrator } from '../../tenant/administrator-checks.ts';
import type { Account, Tenant } from '../../tenant/directory-objects.ts';
import { describeWait } from '../../terminal/progress.ts';
import { type Connection, openDirectory } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { requireFileTenant, signedInAs } from '../shared/sign-in-administrator.ts';

/** The tenant and the application as an administrator sees them. */
export interface AdminView {
  readonly account: Account | undefined;
  readonly tenant: Tenant;
  readonly findings: readonly Finding[];
}

/**
 * Reads the tenant as the administrator and judges what it shows of the application. Writes nothing; what may not be
 * read is skipped. Throws WizardError or DirectoryError where no answer comes.
 */
export async function viewAsAdministrator(
  session: Session,
  own: CredentialState,
  connection: Connection,
  io: Io,
): Promise<AdminView> {
  const { config } = own.reading;
  const task = io.report.task('Reading the tenant as the administrator');
  const directory = openDirectory(connection, session, io, (_purpose, wait) => task.wait(describeWait(wait)));
  const sources = { directory, cloud: connection.cloud, now: io.now };
  const input = { signedIn: signedInAs(session), clientId: config.clientId, onlyClientId: true };
  const reading = await observeAsAdministrator(sources, input, own);
  requireFileTenant(reading.have.tenant.id, config);
  task.succeed('Read the tenant as the administrator');
  return {
    account: reading.have.account,
    tenant: reading.have.tenant,
    findings: checkAsAdministrator(config, reading, io.now()),
  };
}

const weights = { skip: 0, pass: 1, warn: 2, fail: 3 } as const;

/**
 * Both views in one: of two findings about the same thing the graver stands, in the place of the first. The
 * administrator tells what the credential itself may not see. Pure.
 */
export function withAdminView(own: readonly Finding[], admin: readonly Finding[]): Finding[] {
  const merged = new Map(own.map((finding) => [finding.id, finding]));
  for (const finding of admin) {
    const held = merged.get(finding.id);
    if (!held || weights[finding.status] > weights[held.status]) merged.set(finding.id, finding);
  }
  return [...merged.values()];
}
