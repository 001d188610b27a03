import { defaultAnswers } from '../adapters/prompt.ts';
import type { AuthMethod } from '../core/choices.ts';
import type { Cloud } from '../core/clouds.ts';
import { parseDuration } from '../core/duration.ts';
import { type ExitCode, exitCodes } from '../core/errors.ts';
import { exitCodeFor, mergeFindings } from '../core/findings.ts';
import type { Change, ConfigPlace, Directory, Finding, Have, Wanted } from '../core/model.ts';
import { check, isPending, plan } from '../core/reconcile.ts';
import type { AppSession } from '../core/session.ts';
import type { Settings } from '../options.ts';
import { isKept } from '../steps/credential.ts';
import { checkExpiry } from '../steps/expiry.ts';
import { steps } from '../steps/index.ts';
import { sweep } from '../steps/secrets.ts';
import { defaultDomain } from '../steps/tenant.ts';
import { openAdministrator, readTenant } from './administrator.ts';
import { approve } from './approve.ts';
import { checkConfigFile } from './config-checks.ts';
import { type Connection, connect } from './connect.ts';
import { awaitsConsent, consentUrl } from './consent.ts';
import {
  describeApplication,
  describeCredential,
  describeTenant,
  expiryOf,
  identityOf,
  reached,
} from './describe.ts';
import type { Draft } from './draft.ts';
import { guardFromGit } from './git-guard.ts';
import type { Io } from './io.ts';
import { expectationAfter, proveCredential } from './proof.ts';
import { describeAccount, showChecks, showFindings, showPlan, showResult, showTenant } from './show.ts';
import { openTarget, type Target } from './target.ts';
import { resolveWanted } from './wanted.ts';
import { createWaits, type Waits, write } from './write.ts';

/** What a run of setup is about. */
export interface SetupJob {
  readonly settings: Settings;
  readonly cloud: Cloud;
  readonly place: ConfigPlace;
  readonly methods: readonly AuthMethod[];
  /** Stop before the first write. */
  readonly planOnly: boolean;
  /** How this run was called, to be repeated: `reporting-setup --sandbox`. */
  readonly invocation: { readonly again: string; readonly verify: string };
}

/** A run of setup under way. */
interface Run {
  readonly job: SetupJob;
  readonly io: Io;
  readonly draft: Draft;
  readonly connection: Connection;
  readonly target: Target;
  readonly directory: Directory;
  readonly waits: Waits;
  readonly want: Wanted;
}

const soon = parseDuration('30d');

/** Findings about the account and the tenant; what they found holds for the whole run. */
const isPrerequisite = ({ id }: Finding): boolean => /^(network|auth|role|licence|policy)\./.test(id);

function note(run: Pick<Run, 'draft'>, have: Have): void {
  const application = describeApplication(have);
  const credential = describeCredential(have);
  if (application) run.draft.application = application;
  if (credential) run.draft.credential = credential;
}

/** Changes that only somebody else can make, told in the words of the checks. */
function pendingConsent(changes: readonly Change[], findings: readonly Finding[]): Finding[] {
  if (!awaitsConsent(changes)) return [];
  return findings.filter(({ id, code }) => id.startsWith('permission.') && code === 'consent-pending');
}

/** Proof and findings after the writes. */
async function proveAll(run: Run, have: Have, changes: readonly Change[], session: AppSession | undefined) {
  const { want, io, connection, target } = run;
  const after = check(steps, want, have, io.now()).filter((finding) => !isPrerequisite(finding));
  const identity = identityOf(have);
  const unblocked =
    identity !== undefined && !changes.some((change) => isBlocked(change, 'passwordCredential'));
  const first = changes.some(isPending) ? undefined : session;
  const proof = unblocked
    ? await proveCredential(identity, expectationAfter(changes, want, have), connection, io, first)
    : undefined;
  return mergeFindings(
    after,
    proof?.findings ?? [],
    pendingConsent(changes, after),
    unblocked ? [checkExpiry(expiryOf(have), io.now(), soon)] : [],
    unblocked ? await checkConfigFile(target.path, io.env) : [],
  );
}

const isBlocked = (change: Change, kind: Change['kind']): boolean =>
  change.kind === kind && change.blocked !== undefined;

/** Replaced and lost secrets go last, and only once the new credential is shown to work. */
async function cleanUp(run: Run, have: Have, removals: readonly Change[], findings: readonly Finding[]) {
  const { io, target, waits, directory, draft } = run;
  const token = findings.find(({ id }) => id === 'credential.token');
  if (token?.status !== 'pass') return;
  await write(removals, have, { directory, target, waits }, io, (done) => {
    draft.changes = [...(draft.changes ?? []), ...done];
  });
  for (const marker of have.markers.filter(({ applicationId }) => applicationId === have.application?.id)) {
    await sweep(marker, have.created?.keyId ?? have.saved?.keyId, [], { directory, sleep: io.sleep });
  }
  await target.note.clear();
}

function nextLines(run: Run, code: ExitCode): string[] {
  const { again, verify } = run.job.invocation;
  if (code === exitCodes.waiting) return [`When consent has been given: ${again}`];
  if (code !== exitCodes.done && code !== exitCodes.attention) return [`When that is resolved: ${again}`];
  return [
    `${verify} checks all of this again, at any time.`,
    `Your log collector needs the domain, client ID and client secret in ${run.target.name}.`,
    'Keep that file secret: whoever has it can read the logs.',
  ];
}

function showOutcome(
  run: Run,
  have: Have,
  findings: readonly Finding[],
  changes: readonly Change[],
  code: ExitCode,
) {
  const { io, target, want, connection } = run;
  showChecks(findings, io.report);
  showResult(
    { have, expires: expiryOf(have), path: target.name, findings, next: nextLines(run, code) },
    io.report,
  );
  const url = awaitsConsent(changes) ? consentUrl(connection.cloud, want, have) : undefined;
  if (url !== undefined) {
    io.report.line(
      '  Send this address to somebody who may grant it (Privileged Role Administrator or Global Administrator):',
    );
    io.report.code(url);
  }
}

async function carryOut(
  run: Run,
  have: Have,
  changes: readonly Change[],
  before: readonly Finding[],
  session: AppSession | undefined,
) {
  const { io, draft, target, directory, waits } = run;
  const removals = changes.filter(({ action }) => action === 'remove');
  const writes = changes.filter(({ action }) => action !== 'remove');
  draft.changes = changes.filter(({ action }) => action === 'keep');
  if (writes.some(isPending)) {
    await target.output.proveWritable();
    io.report.title('Working');
  }
  const now = await write(writes, have, { directory, target, waits }, io, (done, reachedNow) => {
    draft.changes = [...(draft.changes ?? []), ...done];
    note(run, reachedNow);
  });
  const findings = mergeFindings(before, await proveAll(run, now, changes, session));
  draft.checks = findings;
  await cleanUp(run, now, removals, findings);
  const code = exitCodeFor(findings);
  showOutcome(run, now, findings, changes, code);
  return code;
}

/** What the account and the tenant allow, judged before anything is asked: defaults stand in for the answers. */
async function prerequisites(job: SetupJob, have: Have, io: Io): Promise<Finding[]> {
  const provisional = await resolveWanted(job.settings, have, job.place, defaultAnswers);
  const account = have.account === undefined ? '' : describeAccount(have.account);
  const findings = check(steps, provisional, have, io.now()).filter(isPrerequisite);
  showFindings('Prerequisites', findings, io.report);
  return [...reached(job.cloud, account), ...findings];
}

const cannotStart = (findings: readonly Finding[]): boolean =>
  findings.some(({ status, code }) => status === 'fail' && code === 'role-missing');

async function onceSignedIn(job: SetupJob, target: Target, connection: Connection, io: Io, draft: Draft) {
  const waits = createWaits();
  const session = await openAdministrator(job.methods, job.settings, connection, io);
  const { have, directory, savedSession } = await readTenant(
    session,
    job.settings,
    target,
    connection,
    waits,
    io,
  );
  if (have.account) draft.account = have.account;
  note({ draft }, have);
  const domain = defaultDomain(have.tenant) ?? '';
  draft.tenant = describeTenant(have, domain, job.place);
  showTenant(have.tenant, have.account, domain, io.report);
  const before = await prerequisites(job, have, io);
  draft.checks = before;
  if (cannotStart(before) && !job.planOnly) {
    io.report.line('Nothing was changed.');
    return exitCodeFor(before);
  }
  if (io.interactive) io.report.title('What to set up');
  const want = await resolveWanted(job.settings, have, job.place, io.prompt);
  draft.tenant = describeTenant(have, want.domain, job.place);
  const run: Run = { job, io, draft, connection, target, directory, waits, want };
  const changes = plan(steps, want, have, io.now());
  showPlan(changes, want, target.name, io.report);
  if (job.planOnly) return planned(run, changes, before);
  const guard = await guardFromGit(target.path, changes, io);
  await approve(changes, io);
  await guard();
  return carryOut(run, have, changes, before, isKept(want, have) ? savedSession : undefined);
}

/**
 * The wizard: sign in, look, ask what is open, plan, confirm, write, prove. Fills in `draft` as it goes. Throws
 * WizardError or DirectoryError; whatever was written until then stays, and the same command goes on from there.
 */
export async function runSetup(job: SetupJob, io: Io, draft: Draft): Promise<ExitCode> {
  const target = await openTarget(job.settings, job.place, io, { lock: !job.planOnly });
  const connection = connect(job.cloud, io);
  try {
    draft.config = { path: target.path, format: target.format };
    return await onceSignedIn(job, target, connection, io, draft);
  } finally {
    await connection.close();
    await target.release();
  }
}

function planned({ io, draft }: Run, changes: readonly Change[], before: readonly Finding[]): ExitCode {
  draft.changes = changes;
  io.report.line('Dry run: nothing was written.');
  return exitCodeFor(before);
}
