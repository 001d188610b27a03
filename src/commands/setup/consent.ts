import { WizardError } from '../../core/errors.ts';
import { joinWords } from '../../core/text.ts';
import type { Cloud } from '../../entra/clouds.ts';
import type { Directory } from '../../graph/directory.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import { missingPermissions, permissionName, readAssignments } from '../../tenant/permissions/permissions.ts';
import { waitText } from '../../terminal/progress.ts';
import type { Io } from '../shared/io.ts';
import type { AppliedPlan } from './plan-setup.ts';
import type { SignedInRun } from './setup-run.ts';

/** Whether the plan leaves granting to somebody else. Pure. */
export const awaitsConsent = (changes: readonly Change[]): boolean =>
  changes.some((change) => change.kind === 'appRoleAssignment' && change.blocked !== undefined);

/** Marks the changes that Microsoft Graph refused to this account: they are left to somebody else. Pure. */
export function withRefusals(changes: readonly Change[], { refused }: Pick<Have, 'refused'>): Change[] {
  const isRefused = ({ kind, name }: Change): boolean =>
    refused.some((one) => one.kind === kind && one.name === name);
  return changes.map((change) =>
    isRefused(change) ? { ...change, blocked: 'Microsoft Graph refused it to this account' } : change,
  );
}

/** The changes as they stand once somebody else has given consent. Pure. */
export const withConsent = (changes: readonly Change[]): Change[] =>
  changes.map((change) => {
    if (change.kind !== 'appRoleAssignment') return change;
    const { blocked: _blocked, ...granted } = change;
    return granted;
  });

/**
 * Where the browser goes from that page: an address that the application has registered, since Entra takes no other;
 * the sign-on address where it is one of them. Undefined where there is none. Pure.
 */
export function consentRedirect(want: Pick<Wanted, 'signOnUrl'>, { application }: Have): string | undefined {
  const usable = application?.redirectUris.filter((uri) => URL.canParse(uri) && !uri.includes('*')) ?? [];
  const signOnUrl = want.signOnUrl ?? application?.homePageUrl;
  return usable.find((uri) => uri === signOnUrl) ?? usable[0];
}

/**
 * The page on which an administrator consents to everything that the application declares
 * (entra-docs grant-admin-consent). Undefined before the application exists.
 */
export function consentUrl(cloud: Cloud, want: Wanted, have: Have): string | undefined {
  if (!have.application) return undefined;
  const url = new URL(`${cloud.authorityHost}/${have.tenant.id}/adminconsent`);
  url.searchParams.set('client_id', have.application.appId);
  const redirect = consentRedirect(want, have);
  if (redirect !== undefined) url.searchParams.set('redirect_uri', redirect);
  return url.href;
}

/** Milliseconds: how often is asked at first, at most, and for how long in all. */
const first = 5_000;
const most = 30_000;
const window = 3_600_000;

/** The granted permissions as they are now; what they were where they cannot be read. */
async function lookAgain(have: Have, directory: Directory): Promise<Have> {
  const assignments = seenIn(await readAssignments(directory, have.application?.appId ?? ''));
  return assignments === undefined ? have : { ...have, assignments };
}

async function sleep(delay: number, io: Io): Promise<void> {
  try {
    await io.sleep(delay);
  } catch (error) {
    throw new WizardError('cancelled', 'Stopped waiting for consent. Everything that was done is kept.', {
      remedy: 'When consent has been given: `reporting-setup …`',
      cause: error,
    });
  }
}

/** Waits until every wanted permission is granted, asking ever more rarely; undefined when an hour went by without. */
async function awaitConsent({ want, have }: AppliedPlan, run: SignedInRun): Promise<Have | undefined> {
  const { io } = run;
  const names = missingPermissions(want, have).map(permissionName);
  io.report.line('');
  io.report.line('This waits for it. Ctrl-C stops waiting; everything is kept.');
  const task = io.report.task(`Waiting for consent to ${joinWords(names)}`);
  let now = have;
  let waited = 0;
  let delay = first;
  while (waited < window) {
    task.wait(waitText('Nobody has granted it yet', 'looking again', delay));
    await sleep(delay, io);
    waited += delay;
    delay = Math.min(most, Math.round(delay * 1.25));
    now = await lookAgain(now, run.directory);
    if (missingPermissions(want, now).length === 0) {
      task.succeed('Consent has been given');
      return now;
    }
  }
  task.fail('No consent within an hour');
  return undefined;
}

/**
 * Somebody may give consent right now: then the plan stands as if it had been granted by this run. Undefined where
 * nobody waits, or an hour went by without. Throws WizardError `cancelled` on Ctrl-C.
 */
export async function waitForConsent(plan: AppliedPlan, run: SignedInRun): Promise<AppliedPlan | undefined> {
  const { io } = run;
  if (!io.asks) return undefined;
  const have = await awaitConsent(plan, run);
  if (!have) return undefined;
  const changes = withConsent(plan.changes);
  return { ...plan, changes, removals: [], have: { ...have, refused: [], markers: [] } };
}
