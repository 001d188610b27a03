import { catalogue, type ErrorCode, type ExitCode, exitCodes } from './errors.ts';

/** The three answers: `unknown` is told as "cannot tell", and never taken for one of the others. */
export type Answer = 'yes' | 'no' | 'unknown';

/** The outcome of one check, in the same words wherever it is shown. */
export interface Finding {
  readonly id: string;
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** Only for skip: it was asked, and what was answered says neither yes nor no. `evidence` says why. */
  readonly reason?: 'cannot-tell';
  readonly title: string;
  /** What was seen. */
  readonly evidence: string;
  /** What to do; only for warn and fail. */
  readonly remedy?: string;
  /** The commands in the remedy, each as it stands there, once they are spelled out. */
  readonly commands?: readonly string[];
  readonly code?: ErrorCode;
}

/** Which exit code wins when findings call for several: the one that most needs somebody to act. */
const byWeight: readonly ExitCode[] = [
  exitCodes.unexpected,
  exitCodes.usage,
  exitCodes.signIn,
  exitCodes.prerequisite,
  exitCodes.unavailable,
  exitCodes.waiting,
  exitCodes.attention,
];

function exitCodeOf(finding: Finding): ExitCode {
  if (finding.status === 'pass' || finding.status === 'skip') return exitCodes.done;
  const fallback: ErrorCode = 'api-refused';
  const code = catalogue[finding.code ?? fallback].exitCode;
  if (finding.status === 'warn') return code === exitCodes.done ? code : exitCodes.attention;
  return code === exitCodes.done ? exitCodes.prerequisite : code;
}

/** The one of several exit codes that most needs somebody to act. */
export function worstOf(codes: Iterable<number>): ExitCode {
  const given = new Set(codes);
  return byWeight.find((code) => given.has(code)) ?? exitCodes.done;
}

/** The exit code that all findings together ask for; 0 when none failed or warned of something that matters. */
export const exitCodeFor = (findings: readonly Finding[]): ExitCode => worstOf(findings.map(exitCodeOf));

/** Whether a finding says neither that something is so nor that it is not. */
export const isUntold = ({ reason }: Pick<Finding, 'reason'>): boolean => reason === 'cannot-tell';

/** How findings came out, such as `17 pass, 1 cannot be told`; what warns or fails is not in it. Pure. */
export function countFindings(findings: readonly Finding[]): string {
  const count = (fits: (finding: Finding) => boolean): number => findings.filter(fits).length;
  const untold = count(isUntold);
  const left = count((finding) => finding.status === 'skip' && !isUntold(finding));
  return [
    `${count(({ status }) => status === 'pass')} pass`,
    ...(untold === 0 ? [] : [`${untold} cannot be told`]),
    ...(left === 0 ? [] : [`${left} ${left === 1 ? 'was' : 'were'} left out`]),
  ].join(', ');
}

/** Later findings replace earlier ones of the same id, each keeping its first place. */
export function mergeFindings(...lists: readonly (readonly Finding[])[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of lists.flat()) merged.set(finding.id, finding);
  return [...merged.values()];
}
