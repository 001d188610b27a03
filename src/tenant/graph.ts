import { fieldsOf, textOf } from '../core/fields.ts';
import type { Have } from './model.ts';

/** Well-known application ids (entra-docs permissions-reference; the same in every tenant). */
export const resourceAppIds = {
  'microsoft-graph': '00000003-0000-0000-c000-000000000000',
  'azure-ad-graph': '00000002-0000-0000-c000-000000000000',
} as const;

/** Application permissions the job needs of each API, by `value`; their ids are looked up in the tenant. */
export const neededValues = {
  'microsoft-graph': ['AuditLog.Read.All', 'Directory.Read.All'],
  'azure-ad-graph': ['Directory.Read.All'],
} as const;

/** The alternate key by which the wizard recognises its own application; unique in a tenant. */
export const ownUniqueName = 'reporting-setup';

/** Whether a reply shows the object that was to be made. */
export const showsId = (body: unknown): boolean => textOf(fieldsOf(body)['id']) !== '';

/** Ids of objects made in this run among those a request refers to: only these may be waited for. */
export function awaited(have: Have, ...ids: (string | undefined)[]): string[] {
  return ids.filter((id) => id !== undefined && have.createdIds.includes(id)) as string[];
}
