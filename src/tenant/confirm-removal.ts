import { WizardError } from '../core/errors.ts';
import type { Fields } from '../core/fields.ts';
import { type Directory, type DirectoryRequest, listAll } from '../graph/directory.ts';
import {
  DirectoryError,
  failedWith,
  graphError,
  isNotFound,
  withFallback,
} from '../graph/directory-error.ts';
import { isResource, type ResourceName } from '../graph/resource-schemas.ts';
import type { Failure } from '../http/retry.ts';
import type { ApplyIo } from './model.ts';

/** Something that is there for all that is known, and is to be gone. */
interface Removal {
  /** Completes "… is gone". */
  readonly what: string;
  /** Asks for the removal once; false where the answer was that there is nothing. Rejects with DirectoryError. */
  readonly remove: () => Promise<boolean>;
  /** Whether a read shows it. Rejects with DirectoryError. */
  readonly isThere: () => Promise<boolean>;
}

type Clock = Pick<ApplyIo, 'now' | 'sleep'>;

/** Milliseconds: first and longest pause between two reads, and how long it is tried at all. */
const pause = { first: 1_000, most: 4_000 } as const;
const patience = 120_000;

/** Reads in a row, over how many milliseconds at least, that prove an absence. */
interface Agreement {
  readonly reads: number;
  readonly span: number;
}

/** Where Graph took the removal, and where all it ever said is that there is nothing: so do copies that lag, too. */
const afterRemoval: Agreement = { reads: 2, span: 0 };
const afterDenials: Agreement = { reads: 3, span: 10_000 };

/** How often in a row reads may show what was removed before it is removed again. */
const mostShown = 3;

const untold = (what: string, why: string, cause?: unknown): WizardError =>
  new WizardError('removal-unconfirmed', `Nobody can tell yet whether ${what} is gone: ${why}.`, { cause });

/** What a whole teardown is held against in the end. */
const inTheEnd: Agreement = { reads: 2, span: 10_000 };

/**
 * Reads until two in a row agree, ten seconds apart at least, that something is as it was made: copies of the directory
 * lag. Rejects with WizardError `removal-unconfirmed` where they do not within two minutes; `what` completes "Nobody can
 * tell yet whether …".
 */
export async function confirmByReads(
  what: string,
  isDone: () => Promise<boolean>,
  { now, sleep }: Clock,
): Promise<void> {
  const started = now().getTime();
  let [good, since] = [0, started];
  for (let delay: number = pause.first; ; delay = Math.min(pause.most, delay * 2)) {
    const done = await isDone();
    const at = now().getTime();
    [good, since] = done ? [good + 1, good === 0 ? at : since] : [0, at];
    if (good >= inTheEnd.reads && at - since >= inTheEnd.span) return;
    if (at - started + delay > patience) {
      throw new WizardError(
        'removal-unconfirmed',
        `Nobody can tell yet whether ${what}: the servers of Microsoft Graph do not agree.`,
      );
    }
    await sleep(delay);
  }
}

/** Whether an error says that nobody can tell yet whether something is gone. */
export const isUnconfirmed = (error: unknown): error is WizardError =>
  error instanceof WizardError && error.code === 'removal-unconfirmed';

async function look({ what, isThere }: Removal): Promise<boolean> {
  try {
    return await isThere();
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    throw untold(what, `it cannot be read (${graphError(error).message.replace(/\.$/, '')})`, error);
  }
}

/**
 * Removes something until reads in a row agree that it is gone. That Graph knows of none is no answer: a copy of the
 * directory says so, too, of what was made moments ago. Rejects with DirectoryError where the removal is refused, and with
 * WizardError `removal-unconfirmed` where nobody can tell in two minutes.
 */
export async function removeForGood(removal: Removal, { now, sleep }: Clock): Promise<void> {
  const started = now().getTime();
  let accepted = false;
  let [absent, shown, since] = [0, 0, started];
  for (let delay: number = pause.first; ; delay = Math.min(pause.most, delay * 2)) {
    accepted ||= await removal.remove();
    const isThere = await look(removal);
    const at = now().getTime();
    if (isThere) [absent, shown] = [0, shown + 1];
    else [absent, shown, since] = [absent + 1, 0, absent === 0 ? at : since];
    if (shown >= mostShown) [accepted, shown] = [false, 0];
    const { reads, span } = accepted ? afterRemoval : afterDenials;
    if (absent >= reads && at - since >= span) return;
    if (at - started + delay > patience) {
      throw untold(removal.what, isThere ? 'Microsoft Graph still shows it' : 'its servers do not agree');
    }
    await sleep(delay);
  }
}

/**
 * Whether something that a read did not show is gone: reads in a row have to agree, since a copy of the directory may not
 * know it yet. Removes nothing. Rejects with WizardError `removal-unconfirmed` where it cannot be read.
 */
export async function isGone(sought: Omit<Removal, 'remove'>, { now, sleep }: Clock): Promise<boolean> {
  const started = now().getTime();
  for (let reads = 1; ; reads += 1) {
    if (await look({ ...sought, remove: async () => false })) return false;
    if (reads >= afterDenials.reads && now().getTime() - started >= afterDenials.span) return true;
    await sleep(pause.most);
  }
}

/** Sends a removal; false where `isAbsence` accepts the refusal. Rejects with DirectoryError. */
export async function sendRemoval(
  directory: Directory,
  request: DirectoryRequest,
  isAbsence: (failure: Failure) => boolean = isNotFound,
): Promise<boolean> {
  try {
    await directory.send({ ...request, answers: isAbsence });
    return true;
  } catch (error) {
    if (failedWith(error, isAbsence)) return false;
    throw error;
  }
}

/** An object with an address of its own. */
interface Addressed {
  readonly path: string;
  /** Completes "could not …". */
  readonly purpose: string;
  /** Completes "… is gone". */
  readonly what: string;
  /** Ids made in this run that it hangs on. */
  readonly awaits?: readonly string[];
}

/** Removes the object at a path for good, in the sense of `removeForGood`. */
export const removeObject = (
  { path, purpose, what, awaits = [] }: Addressed,
  { directory, ...clock }: Clock & Pick<ApplyIo, 'directory'>,
): Promise<void> =>
  removeForGood(
    {
      what,
      remove: () => sendRemoval(directory, { method: 'DELETE', path, purpose, awaits }),
      isThere: () =>
        withFallback(
          directory
            .send({ method: 'GET', path, purpose: `see whether ${what} is gone`, answers: isNotFound })
            .then(() => true),
          isNotFound,
          false,
        ),
    },
    clock,
  );

/** The items of a list, page by page; none where what it belongs to is gone. Rejects with DirectoryError. */
export const listItems = (
  directory: Directory,
  path: string,
  resource: ResourceName,
  what: string,
): Promise<readonly Fields[]> =>
  withFallback(
    listAll(directory, { method: 'GET', path, purpose: `see whether ${what} is gone` }, isResource(resource)),
    isNotFound,
    [],
  );
