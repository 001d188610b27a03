import { WizardError } from '../../core/errors.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import type { AppSession } from '../../graph/directory.ts';
import { type Failure, nextProofAttempt, type ProofProblem, type Wait } from '../../http/retry.ts';
import { type Check, cannotTell, fail, pass } from '../verdict.ts';
import {
  audits,
  isNonPremium,
  type Log,
  logFinding,
  notOffered,
  type Read,
  readLog,
  signIns,
  skipped,
} from './read-log.ts';

/** What the proof of a credential may touch. */
export interface ProofIo {
  /** A token from a credential object made for this call, so that no cached one stands in. Throws WizardError. */
  readonly signIn: () => Promise<AppSession>;
  readonly now: () => Date;
  /** Milliseconds. */
  readonly sleep: (delay: number) => Promise<void>;
  readonly random: () => number;
  readonly onWait: (purpose: string, wait: Wait) => void;
}

/** What the proof expects, and what was made so recently that it may need a while. */
export interface Expectation {
  /** Values of Graph application permissions that the token must hold. */
  readonly permissions: readonly string[];
  readonly freshCredential: boolean;
  /** The application was activated in this run. */
  readonly activated?: boolean;
  readonly freshGrants: boolean;
  /** May still be on its way: it is looked at once the logs have been read. */
  readonly premium: Answer | Promise<Answer>;
  /** False in a cloud that does not offer sign-in logs through Graph. */
  readonly signInsOffered: boolean;
  /** Ids made in this run. */
  readonly createdIds: readonly string[];
}

/** One try of everything, and what it showed. */
interface Attempt {
  readonly session?: AppSession;
  readonly rejected?: WizardError;
  readonly reads?: Reads;
}

interface Reads {
  readonly audits: Read;
  readonly signIns: Read | undefined;
}

const missingIn = (expect: Expectation, session: AppSession): string[] =>
  expect.permissions.filter((value) => session.roles?.includes(value) === false);

const failureIn = (read: Read | undefined): Failure | undefined =>
  read && 'failure' in read ? read.failure : undefined;

const isUnseenGrant = (failure: Failure | undefined): boolean =>
  failure?.code === 'Authentication_MSGraphPermissionMissing' ||
  failure?.code === 'Authorization_IdentityNotFound';

/** Entra answered, and does not take the credential. */
export const isRefusal = (error: unknown): error is WizardError =>
  error instanceof WizardError && /^(credential-|service-principal-)/.test(error.code);

/** Entra answered, and takes nothing that is signed by this machine's clock: waiting does not help. */
export const isUntimely = (error: unknown): error is WizardError =>
  error instanceof WizardError && error.code === 'clock-skewed';

async function attempt(expect: Expectation, io: ProofIo, first: AppSession | undefined): Promise<Attempt> {
  let session: AppSession;
  try {
    session = first ?? (await io.signIn());
  } catch (error) {
    if (isRefusal(error) || isUntimely(error)) return { rejected: error };
    throw error;
  }
  if (missingIn(expect, session).length > 0) return { session };
  const [auditRead, signInRead] = await Promise.all([
    readLog(audits, session, expect.createdIds),
    expect.signInsOffered ? readLog(signIns, session, expect.createdIds) : undefined,
  ]);
  return { session, reads: { audits: auditRead, signIns: signInRead } };
}

/** What in an attempt may pass by itself, if anything. */
function problemOf(
  expect: Expectation,
  premium: Answer,
  { session, rejected, reads }: Attempt,
): ProofProblem | undefined {
  if (rejected) {
    const mayPass =
      (expect.freshCredential && rejected.code === 'credential-rejected') ||
      (expect.activated === true && rejected.code === 'service-principal-disabled');
    return mayPass ? 'credential' : undefined;
  }
  if (session && missingIn(expect, session).length > 0) return expect.freshGrants ? 'grant' : undefined;
  const failures = [failureIn(reads?.audits), failureIn(reads?.signIns)];
  if (failures.some(isUnseenGrant)) return expect.freshGrants ? 'grant' : undefined;
  return premium !== 'no' && failures.some(isNonPremium) ? 'licence' : undefined;
}

/** Tokens in a row that show every server knows a credential, once one of them was seen not to; and tries at most. */
const successesAfterDoubt = 3;
const mostConfirmations = 20;

async function confirm(expect: Expectation, io: ProofIo): Promise<void> {
  let good = 1;
  for (let tries = 0; good < successesAfterDoubt && tries < mostConfirmations; tries += 1) {
    const wait: Wait = { delay: 1_000, reason: 'replication' };
    io.onWait('make sure that every server knows the credential', wait);
    await io.sleep(wait.delay);
    good = (await isAccepted(expect, io)) ? good + 1 : 0;
  }
}

async function isAccepted(expect: Expectation, io: ProofIo): Promise<boolean> {
  try {
    return missingIn(expect, await io.signIn()).length === 0;
  } catch (error) {
    if (isRefusal(error) || isUntimely(error)) return false;
    throw error;
  }
}

/** Whether every log that was asked for was refused: those of one `$batch` may be refused for that alone. */
const isRefusedWhole = ({ audits: first, signIns: second }: Reads): boolean =>
  failureIn(first) !== undefined && (second === undefined || failureIn(second) !== undefined);

/** The logs read once more, one after the other and each by a request of its own, where they were refused together. */
async function readPlainly(tried: Attempt): Promise<Attempt> {
  const { session, reads } = tried;
  if (!session || !reads || !isRefusedWhole(reads)) return tried;
  const again = async (log: Log, refused: Read): Promise<Read> => {
    const read = await readLog(log, session, [], true);
    return 'sample' in read ? read : refused;
  };
  const auditRead = await again(audits, reads.audits);
  const signInRead = reads.signIns && (await again(signIns, reads.signIns));
  return { session, reads: { audits: auditRead, signIns: signInRead } };
}

async function attemptUntilFinal(
  expect: Expectation,
  io: ProofIo,
  first: AppSession | undefined,
): Promise<Attempt> {
  const started = io.now().getTime();
  let reuse = first;
  for (let tries = 1; ; tries += 1) {
    const tried = await attempt(expect, io, reuse);
    const problem = problemOf(expect, await expect.premium, tried);
    if (problem === undefined) {
      if (tries > 1 && tried.reads) await confirm(expect, io);
      return readPlainly(tried);
    }
    const elapsed = io.now().getTime() - started;
    const wait = nextProofAttempt(problem, { attempt: tries, elapsed, random: io.random() });
    if (!wait) return readPlainly(tried);
    io.onWait('prove the credential', wait);
    await io.sleep(wait.delay);
    reuse = undefined;
  }
}

const tokenCheck: Check = { id: 'credential.token', title: 'Credential' };

const rejection = ({ code, message, remedy }: WizardError): Finding => ({
  ...tokenCheck,
  ...fail(code, message, remedy),
});

function permissionFinding(value: string, session: AppSession): Finding {
  const base = { id: `permission.${value}`, title: `Microsoft Graph ${value}` };
  if (session.roles === undefined) {
    return { ...base, ...cannotTell('the token does not show what it allows; the logs do') };
  }
  if (session.roles.includes(value)) return { ...base, ...pass('in the token') };
  return {
    ...base,
    ...fail(
      'permission-missing',
      'not in the token: it is not granted, or was taken back',
      'Have it granted, by an account that may: `reporting-setup`',
    ),
  };
}

/** Everything that reading real rows with the credential shows, and the session it was shown with. */
export interface Proof {
  readonly findings: readonly Finding[];
  readonly session: AppSession | undefined;
}

/**
 * Proves a credential: a token, every permission in it, and rows of both logs. What was made in this run is given
 * the time it needs. Rejects with WizardError when Entra cannot be reached or the run is cancelled.
 */
export async function prove(expect: Expectation, io: ProofIo, first?: AppSession): Promise<Proof> {
  const { session, rejected, reads } = await attemptUntilFinal(expect, io, first);
  const unread = (reason: string): Finding[] => [skipped(audits, reason), skipped(signIns, reason)];
  if (rejected || !session) {
    const refused = rejected ? [rejection(rejected)] : [];
    return { session, findings: [...refused, ...unread('no token to read with')] };
  }
  const token = { ...tokenCheck, ...pass('Entra accepts it') };
  const permissions = expect.permissions.map((value) => permissionFinding(value, session));
  if (!reads) return { session, findings: [token, ...permissions, ...unread('a permission is missing')] };
  const premium = await expect.premium;
  const logs = [
    logFinding(audits, reads.audits, premium),
    reads.signIns ? logFinding(signIns, reads.signIns, premium) : notOffered(signIns),
  ];
  return { session, findings: [token, ...permissions, ...logs] };
}
