import type { ReportingConfig } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import { probeTenant } from '../../entra/tenant-probe.ts';
import type { Connection } from '../shared/connection.ts';

/** Throws WizardError where the file is not of the tenant that --tenant names. */
export async function requireTenant(
  name: string,
  config: ReportingConfig,
  connection: Connection,
): Promise<void> {
  const id = await probeTenant(connection.cloud, connection.transport, name);
  if (sameId(id, config.tenantId)) return;
  throw new WizardError(
    'config-other-tenant',
    `The file is of tenant ${config.tenantId}, not of ${quoted(name)}.`,
    {
      remedy: 'Correct --tenant, or name the file of that tenant with --config.',
    },
  );
}
