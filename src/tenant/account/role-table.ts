/** Role template ids, the same in every tenant and cloud (entra-docs permissions-reference). */
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const privilegedRoleAdministrator = 'e8611ab8-c189-46e8-94e1-60213ab1f814';
const applicationAdministrator = '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3';
const cloudApplicationAdministrator = '158c047a-c907-4556-b7ef-446551a6b5f7';
const applicationDeveloper = 'cf1c38e5-3621-4004-a7cb-879624dced7c';
const securityAdministrator = '194ae4cb-b126-40b2-bd5b-6091b380977d';
const securityOperator = '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f';
const securityReader = '5d6b6bb7-de71-4623-b4af-96380a352509';
const reportsReader = '4a5d8f65-41da-4de4-8968-e035b65339cf';
const globalReader = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';
const directoryReaders = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';

/** In the `wids` claim of every member; grants nothing. */
export const everyUser = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

const names: Readonly<Record<string, string>> = {
  [globalAdministrator]: 'Global Administrator',
  [privilegedRoleAdministrator]: 'Privileged Role Administrator',
  [applicationAdministrator]: 'Application Administrator',
  [cloudApplicationAdministrator]: 'Cloud Application Administrator',
  [applicationDeveloper]: 'Application Developer',
  [securityAdministrator]: 'Security Administrator',
  [securityOperator]: 'Security Operator',
  [securityReader]: 'Security Reader',
  [reportsReader]: 'Reports Reader',
  [globalReader]: 'Global Reader',
  [directoryReaders]: 'Directory Readers',
};

/** The name of a role that this program knows; undefined for any other. */
export function roleName(templateId: string): string | undefined {
  return Object.hasOwn(names, templateId) ? names[templateId] : undefined;
}

/** True for a role of which this program knows what it may do. */
export const isKnownRole = (templateId: string): boolean =>
  templateId === everyUser || roleName(templateId) !== undefined;

/** The parts of the job that take a right of their own. */
export type TaskName = 'read' | 'register' | 'credential' | 'grant';

/** In the order of the job. */
export const taskNames: readonly TaskName[] = ['read', 'register', 'credential', 'grant'];

/** What one part of the job takes of a person. */
export interface Task {
  readonly title: string;
  /** Template ids of the roles that suffice, least first. */
  readonly roles: readonly string[];
  /** The least roles that do, for people. */
  readonly least: string;
}

/** Directory roles per task (the roles that each API page lists; entra-docs permissions-reference). */
export const tasks: Readonly<Record<TaskName, Task>> = {
  read: {
    title: 'Right to read the logs',
    roles: [
      reportsReader,
      securityReader,
      globalReader,
      securityOperator,
      securityAdministrator,
      globalAdministrator,
    ],
    least: 'Reports Reader or Security Reader',
  },
  register: {
    title: 'Right to register the application',
    roles: [
      applicationDeveloper,
      cloudApplicationAdministrator,
      applicationAdministrator,
      globalAdministrator,
    ],
    least: 'Application Developer or Cloud Application Administrator',
  },
  credential: {
    title: 'Right to create its credential',
    roles: [cloudApplicationAdministrator, applicationAdministrator, globalAdministrator],
    least: 'Cloud Application Administrator, or an owner of the application',
  },
  grant: {
    title: 'Right to grant the permissions',
    roles: [privilegedRoleAdministrator, globalAdministrator],
    least: 'Privileged Role Administrator',
  },
};

/** The roles that may grant application permissions of Microsoft Graph (entra-docs grant-admin-consent). */
export const rolesThatGrant = 'Privileged Role Administrator or Global Administrator';
