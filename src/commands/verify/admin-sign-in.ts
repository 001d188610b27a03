import type { Settings } from '../../cli/options.ts';
import type { ReportingConfig } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Session } from '../../entra/sign-in.ts';
import type { Connection } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { signInAdministrator } from '../shared/sign-in-administrator.ts';

/** Throws WizardError `sign-in-wrong-tenant` unless that is the file's tenant. */
export function requireFileTenant(tenantId: string | undefined, config: ReportingConfig): void {
  if (tenantId === undefined || tenantId === '' || sameId(tenantId, config.tenantId)) return;
  throw new WizardError(
    'sign-in-wrong-tenant',
    `The sign-in landed in tenant ${tenantId}; the file is of tenant ${config.tenantId}.`,
    { remedy: 'Sign in with an account of that tenant, or name the file of the other one with --config.' },
  );
}

/** Signs an administrator in, in the file's tenant. Throws WizardError where that is refused, or ends elsewhere. */
export async function openFileTenant(
  methods: readonly AuthMethod[],
  settings: Settings,
  config: ReportingConfig,
  connection: Connection,
  io: Io,
): Promise<Session> {
  const pinned = { ...settings, tenant: config.tenantId };
  const session = await signInAdministrator(methods, pinned, connection, io);
  requireFileTenant(session.claims.tenantId, config);
  return session;
}
