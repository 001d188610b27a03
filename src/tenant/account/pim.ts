import { textOf } from '../../core/fields.ts';
import { listAll } from '../../graph/directory.ts';
import { failedWith } from '../../graph/directory-error.ts';
import type { Account, DirectoryRole } from '../directory-objects.ts';
import type { ObserveIo } from '../model.ts';
import { roleName, type TaskName, tasks } from './role-table.ts';

/**
 * Roles that the account may activate for the whole tenant (graph-docs roleeligibilityscheduleinstance). A sign-in
 * without the permission cannot tell; a tenant without Microsoft Entra ID P2 or Governance has none.
 */
export async function observeEligible(io: ObserveIo): Promise<Account['eligible']> {
  try {
    const rows = await listAll(io.directory, {
      method: 'GET',
      path: "/roleManagement/directory/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')",
      purpose: 'read which roles the account may activate',
    });
    return rows
      .filter((row) => row['directoryScopeId'] === '/')
      .map((row) => textOf(row['roleDefinitionId']).toLowerCase())
      .map((id) => ({ roleTemplateId: id, displayName: roleName(id) ?? id }));
  } catch (error) {
    if (failedWith(error, ({ code }) => code === 'AadPremiumLicenseRequired')) return [];
    if (failedWith(error, ({ kind }) => kind === 'http')) return 'unknown';
    throw error;
  }
}

/** The role to activate for a part of the job: the least of those that the account is eligible for. Pure. */
export function activatable({ eligible }: Account, name: TaskName): DirectoryRole | undefined {
  if (eligible === 'unknown') return undefined;
  const least = tasks[name].roles.find((id) => eligible.some(({ roleTemplateId }) => roleTemplateId === id));
  return eligible.find(({ roleTemplateId }) => roleTemplateId === least);
}

/** Where roles are activated, in words, with the address to begin at. */
export const activationPlace = ({ portal }: Account): string =>
  `${portal} (Identity governance > Privileged Identity Management > My roles)`;
