import { fieldsOf, sameId, textOf } from '../../core/fields.ts';
import { safeText } from '../../core/text.ts';
import { type Directory, listAll } from '../../graph/directory.ts';
import { DirectoryError, isForbidden, isNotFound, withFallback } from '../../graph/directory-error.ts';
import { echoes, isResource } from '../../graph/resource-schemas.ts';
import { removeObject } from '../confirm-removal.ts';
import type { ApplyIo } from '../model.ts';
import { readIfPossible, seenIn } from '../optional-read.ts';

type BinIo = Pick<ApplyIo, 'directory' | 'now' | 'sleep'>;

/** Days for which Entra keeps what was deleted (graph-docs directory-deleteditems-list). */
export const keptDays = 30;

/** The day on which something deleted then goes for good, ISO 8601. Pure. */
export const endOfBin = (deletedAt: string): string =>
  new Date(Date.parse(deletedAt) + keptDays * 86_400_000).toISOString();

/** Object ids of the service principals of an application in the recycle bin; none where they may not be read. */
export async function readDeletedPrincipals(directory: Directory, appId: string): Promise<readonly string[]> {
  const request = {
    method: 'GET',
    path: '/directory/deletedItems/microsoft.graph.servicePrincipal?$select=id,appId&$top=999',
    purpose: 'look for the service principal in the recycle bin',
  } as const;
  const seen = await readIfPossible(directory, (optional) =>
    listAll(optional, request, isResource('deletedPrincipal')),
  );
  return (seenIn(seen) ?? [])
    .filter((item) => sameId(textOf(item['appId']), appId))
    .map((item) => textOf(item['id']));
}

/** An item of the recycle bin; undefined where it is not in it. Rejects with DirectoryError. */
async function readItem(id: string, directory: Directory) {
  const request = {
    method: 'GET',
    path: `/directory/deletedItems/${id}`,
    purpose: 'look into the recycle bin',
    answers: isNotFound,
    accepts: echoes('deletedItem', { id }),
  } as const;
  return withFallback(
    directory.send(request).then((body) => ({ deletedDateTime: textOf(fieldsOf(body)['deletedDateTime']) })),
    isNotFound,
    undefined,
  );
}

/** Whether the recycle bin shows it. Rejects with DirectoryError. */
export const isInBin = async (id: string, directory: Directory): Promise<boolean> =>
  (await readItem(id, directory)) !== undefined;

/** When it was deleted, ISO 8601; undefined where the recycle bin does not tell. Never rejects for what Graph answers. */
export async function deletionOf(id: string, directory: Directory): Promise<string | undefined> {
  const seen = await readIfPossible(directory, (optional) => readItem(id, optional));
  return seenIn(seen)?.deletedDateTime || undefined;
}

/** How long it is waited for what was just deleted to show in the recycle bin. Milliseconds. */
const arrival = { pause: 1_000, most: 30_000 } as const;

async function awaitArrival(id: string, { directory, now, sleep }: BinIo): Promise<void> {
  const started = now().getTime();
  while (!(await isInBin(id, directory)) && now().getTime() - started < arrival.most)
    await sleep(arrival.pause);
}

/** Why Graph does not empty the recycle bin of something: it stays there until Entra removes it by itself. */
export interface PurgeRefusal {
  /** A stronger sign-in is asked for: a protected action of the tenant. */
  readonly stepUp: boolean;
  /** What Graph said: a sentence. */
  readonly words: string;
  readonly requestId: string | undefined;
}

/**
 * Removes something from the recycle bin for good; what was deleted in this run is waited for first. Gives why Graph
 * refuses that. Rejects with DirectoryError, or with WizardError `removal-unconfirmed`.
 */
export async function purge(
  id: string,
  noun: string,
  justDeleted: boolean,
  io: BinIo,
): Promise<PurgeRefusal | undefined> {
  if (justDeleted) await awaitArrival(id, io);
  const what = `the ${noun} ${id} in the recycle bin`;
  try {
    await removeObject({ path: `/directory/deletedItems/${id}`, purpose: `purge the ${noun}`, what }, io);
    return undefined;
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    const { failure } = error;
    const { claims, requestId } = failure;
    // An authentication context is what a protected action asks for; other claims are about the session.
    const stepUp = failure.stepUp === true || claims?.includes('"acrs"') === true;
    if (!isForbidden(failure) && !stepUp) throw error;
    return { stepUp, words: safeText(failure.message, 400), requestId };
  }
}

/** How long it is waited for Graph to take a service principal along with its application. Milliseconds, and looks. */
const cascade = { pause: 2_000, looks: 5 } as const;

/** Deletes a service principal that is still there some time after its application went. Rejects as `removeObject` does. */
export async function removeLingering(id: string, io: BinIo): Promise<void> {
  const path = `/servicePrincipals/${id}`;
  const purpose = 'see whether the service principal went along';
  for (let look = 1; look <= cascade.looks; look += 1) {
    const request = { method: 'GET', path, purpose, answers: isNotFound } as const;
    const isThere = await withFallback(
      io.directory.send(request).then(() => true),
      isNotFound,
      false,
    );
    if (!isThere) return;
    await io.sleep(cascade.pause);
  }
  await removeObject(
    { path, purpose: 'delete the service principal', what: `the service principal ${id}` },
    io,
  );
}

/** Purges every service principal of an application that the recycle bin shows, or that is known. As `purge`. */
export async function purgePrincipals(
  appId: string,
  known: readonly string[],
  justDeleted: boolean,
  io: BinIo,
): Promise<PurgeRefusal | undefined> {
  const ids = new Set([...known, ...(await readDeletedPrincipals(io.directory, appId))]);
  let refused: PurgeRefusal | undefined;
  for (const id of ids) refused = (await purge(id, 'service principal', justDeleted, io)) ?? refused;
  return refused;
}
