import { WizardError } from '../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../core/fields.ts';
import type { DirectoryRequest } from '../graph/directory.ts';
import { echoes, isAt, type ResourceName } from '../graph/resource-schemas.ts';
import type { Application } from './directory-objects.ts';
import type { ApplyIo, Change, Have, Update } from './model.ts';

/** Ids of objects made in this run among those a request refers to: only these may be waited for. */
export const awaited = (have: Have, ...ids: readonly string[]): string[] =>
  ids.filter((id) => have.createdIds.includes(id));

/** An application by object id, and which of its ids were made in this run. */
export interface Target {
  readonly applicationId: string;
  readonly awaits: readonly string[];
}

/** The application that a change is of. */
export const targetOf = ({ id }: Application, have: Have): Target => ({
  applicationId: id,
  awaits: awaited(have, id),
});

/** The application that is there by now. Throws WizardError where the changes before this one did not make it. */
export function requireApplication({ application }: Have): Application {
  if (application) return application;
  throw new WizardError('unexpected', 'The application is not complete yet.');
}

/** Whether a reply shows the object that was to be made, as it was asked for, and at the address that it names. */
export const showsMade =
  (name: ResourceName, asked: Readonly<Record<string, string>>): NonNullable<DirectoryRequest['accepts']> =>
  (body, header) =>
    echoes(name, asked)(body) && isAt(body, header('location'));

/** Whether a reply to a change of an object is silent, as Graph's is, or shows that very object. */
export const confirms =
  (id: string): NonNullable<DirectoryRequest['accepts']> =>
  (body) =>
    body === undefined || sameId(textOf(fieldsOf(body)['id']), id);

/** The change that takes something away on which nothing else of the run rests. */
export const removalOf = (
  gone: Pick<Change, 'kind' | 'name' | 'id' | 'title'>,
  remove: (now: Have, io: ApplyIo) => Promise<unknown>,
  update: Update = (have) => have,
): Change => ({
  action: 'remove',
  ...gone,
  apply: async (now, io) => {
    await remove(now, io);
    return update;
  },
});
