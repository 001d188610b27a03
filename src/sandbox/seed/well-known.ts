import { createHash } from 'node:crypto';
import type { DirectoryRole } from '../model.ts';

/** Template ids of built-in directory roles (entra-docs permissions-reference). */
export const roleIds = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  privilegedRoleAdministrator: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  applicationAdministrator: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  cloudApplicationAdministrator: '158c047a-c907-4556-b7ef-446551a6b5f7',
  applicationDeveloper: 'cf1c38e5-3621-4004-a7cb-879624dced7c',
  securityAdministrator: '194ae4cb-b126-40b2-bd5b-6091b380977d',
  securityOperator: '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f',
  securityReader: '5d6b6bb7-de71-4623-b4af-96380a352509',
  reportsReader: '4a5d8f65-41da-4de4-8968-e035b65339cf',
  globalReader: 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  directoryReaders: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
} as const;

/** In the `wids` claim of every member; grants nothing. */
export const defaultUserRoleId = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

/** In the `wids` claim of every application; grants nothing. */
export const applicationMarkerId = '0997a1d0-0d1d-4acb-b408-d5ca73121e90';

const rows: readonly (readonly [keyof typeof roleIds, string, string])[] = [
  ['globalAdministrator', 'Global Administrator', 'Can manage all aspects of Microsoft Entra ID.'],
  ['privilegedRoleAdministrator', 'Privileged Role Administrator', 'Can manage role assignments.'],
  ['applicationAdministrator', 'Application Administrator', 'Can manage all aspects of applications.'],
  [
    'cloudApplicationAdministrator',
    'Cloud Application Administrator',
    'Can manage applications, except App Proxy.',
  ],
  ['applicationDeveloper', 'Application Developer', 'Can create application registrations.'],
  ['securityAdministrator', 'Security Administrator', 'Can read and manage security configuration.'],
  ['securityOperator', 'Security Operator', 'Creates and manages security events.'],
  ['securityReader', 'Security Reader', 'Can read security information and reports.'],
  ['reportsReader', 'Reports Reader', 'Can read sign-in and audit reports.'],
  ['globalReader', 'Global Reader', 'Can read everything that a Global Administrator can.'],
  ['directoryReaders', 'Directory Readers', 'Can read basic directory information.'],
];

/** The tenant's directory roles; their object ids differ from the template ids, as in every tenant. */
export function directoryRoles(): DirectoryRole[] {
  return rows.map(([key, displayName, description]) => ({
    id: stableGuid(`directoryRole/${key}`),
    roleTemplateId: roleIds[key],
    displayName,
    description,
  }));
}

/** Ids that are the same in every tenant (learn.microsoft.com, "Application IDs of commonly used Microsoft applications"). */
export const appIds = {
  graph: '00000003-0000-0000-c000-000000000000',
  legacyGraph: '00000002-0000-0000-c000-000000000000',
  azureCli: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  graphTools: '14d82eec-204b-4c2f-b7e8-296a70dab67e',
  resourceManager: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  keyVault: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  portal: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  graphExplorer: 'de8bc8b5-d9f9-48b1-a8ad-b748da725064',
} as const;

/** The tenant that owns Microsoft's own applications. */
export const microsoftTenantId = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

/** Service plans that make sign-in logs readable through Graph (Entra licensing service plan reference). */
export const premiumPlans = {
  p1: '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  p2: 'eec0eb4f-6444-4f95-aba0-50c24d67f998',
} as const;

/** A GUID of version 4 looks that is always the same for the same name. */
export function stableGuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
