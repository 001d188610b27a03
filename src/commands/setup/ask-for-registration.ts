import { handOffPath } from '../../config/output-files.ts';
import type { Finding } from '../../core/findings.ts';
import type { Have } from '../../tenant/model.ts';
import { defaultAnswers } from '../../terminal/prompt.ts';
import { saveBeside } from './hand-off.ts';
import { requestCommands, requestText, takes } from './registration-request.ts';
import type { SignedInRun } from './setup-run.ts';
import { resolveWanted } from './wanted.ts';

/**
 * Where the account may not even register, somebody else does that part: saves what to ask them for, and says so. Nothing
 * where a role that the account may activate is all that is missing. Throws WizardError.
 */
export async function askForRegistration(
  findings: readonly Finding[],
  have: Have,
  run: SignedInRun,
): Promise<void> {
  const { cloud, settings, output, io } = run;
  const failed = findings.filter(({ status }) => status === 'fail');
  if (failed.some(({ code }) => code === 'role-inactive')) return;
  const answers = { needed: defaultAnswers, offered: defaultAnswers, now: io.now() };
  const want = await resolveWanted(settings, have, cloud, answers);
  const known = have.application ? [] : ['--client-id', '<client-id>'];
  const again = io.spellerFor({})(known);
  const request = { cloud, want, have, again };
  const path = await saveBeside(output, requestText(request), io);
  if (path !== undefined)
    run.outcome.handOff = { kind: 'registration', path, commands: requestCommands(request), requests: [] };
  const { report } = io;
  report.title('What somebody else can do');
  report.item(`${takes(request)} Send this file to somebody who may:`);
  if (path === undefined) for (const command of requestCommands(request)) report.code(command);
  else report.address(handOffPath(output.name));
  report.item(have.application ? 'Then go on with:' : 'With the client ID that they send back, go on with:');
  report.code(again);
}
