import { handOffPath } from '../../config/hand-off-file.ts';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import type { Change, Have } from '../../tenant/model.ts';
import { type NextLine, showChecks, showResult } from '../shared/show.ts';
import { nextSteps } from './credential-outcome.ts';
import { expiryOf, kindOf } from './describe.ts';
import type { Run } from './setup-run.ts';

function nextLines(
  run: Run,
  have: Have,
  changes: readonly Change[],
  findings: readonly Finding[],
  code: ExitCode,
): NextLine[] {
  const { again, verify } = run.job.invocation;
  const { handOff } = run.outcome;
  const sent = handOff?.path === undefined ? 'the lines above' : `the file ${handOffPath(run.target.name)}`;
  const send = handOff === undefined ? [] : [`Send ${sent} to somebody who may grant.`];
  if (code === exitCodes.waiting) return [...send, { does: 'When consent has been given:', run: again }];
  if (code !== exitCodes.done && code !== exitCodes.attention)
    return [...send, { does: 'When that is resolved:', run: again }];
  return nextSteps({ kind: kindOf(have), file: run.target.name, verify }, have, changes, findings);
}

/** What is on the screen at the end: the checks, what there is now, and what to do next. */
export function showOutcome(
  run: Run,
  have: Have,
  findings: readonly Finding[],
  changes: readonly Change[],
  code: ExitCode,
): void {
  const { io, target } = run;
  showChecks(findings, io.report);
  showResult(
    {
      have,
      expires: expiryOf(have),
      path: target.name,
      findings,
      next: nextLines(run, have, changes, findings, code),
    },
    io.report,
  );
}
