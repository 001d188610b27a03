import { addToGitignore } from '../../config/git.ts';
import { exitCodes, WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { safeText } from '../../core/text.ts';
import { defaultAnswers } from '../../terminal/prompt.ts';
import { askExistingFile, askOutput } from './choose-output.ts';
import { type JudgedTenant, judgeAgain } from './judge-tenant.ts';
import { describeOthers, findOtherSecrets } from './other-secrets.ts';
import { planSetup, type SetupPlan } from './plan-setup.ts';
import { keepsAccount, offersAnotherAccount, readAgain } from './read-tenant.ts';
import { type SignedInRun, withOutput } from './setup-run.ts';
import { showPlan, writesAnything } from './show-plan.ts';
import { resolveWanted } from './wanted.ts';

/** A plan for a tenant, with the run that it is for. */
export interface Proposal {
  readonly run: SignedInRun;
  readonly tenant: JudgedTenant;
  readonly plan: SetupPlan;
}

type Basis = Omit<Proposal, 'plan'>;

/** Defaults for everything that has one: nobody is asked but for what nothing stands in for. */
async function propose({ run, tenant }: Basis): Promise<Proposal> {
  const { settings, cloud, io } = run;
  const answers = { needed: io.prompt, offered: defaultAnswers, now: io.now() };
  const want = await resolveWanted(settings, tenant.have, cloud, answers);
  return { run, tenant, plan: await planSetup(tenant, want, run) };
}

/** The same tenant with another file, whose credential decides what has to be made. */
async function withFile({ run, tenant }: Basis, output: SignedInRun['output']): Promise<Basis> {
  if (output === run.output) return { run, tenant };
  const changed = withOutput(run, output);
  return { run: changed, tenant: await judgeAgain(await readAgain(changed), tenant, changed) };
}

/**
 * The application has secrets that no file near by holds: a person may know where their file lies, so that none is made
 * beside them. Throws WizardError.
 */
async function lookForFile(basis: Basis): Promise<Basis> {
  const { run, tenant } = basis;
  const { io, output } = run;
  if (!io.asks || run.planOnly || output.config.status !== 'absent') return basis;
  const others = await findOtherSecrets([], tenant.have, run);
  if (others.unheld.length === 0) return basis;
  io.report.warn(`${describeOthers(others)}.`);
  const where = await io.prompt.select({
    message: 'Where may its file lie?',
    choices: [
      { value: 'nowhere', label: 'Nowhere that I know: go on without it' },
      { value: 'somewhere', label: 'In another file: type its path' },
    ],
    fallback: 'nowhere',
  });
  if (where === 'nowhere') return basis;
  const found = await askExistingFile('The file that holds it', output.name, run.slot, io);
  if (!found) return lookForFile(basis);
  const { config } = found;
  if (config.status !== 'ok') io.report.warn(`${safeText(found.name, 300)} holds no credential.`);
  else if (!sameId(config.config.clientId, tenant.have.application?.appId)) {
    io.report.warn(`${safeText(found.name, 300)} holds the credential of another application.`);
  } else return withFile(basis, found);
  return lookForFile(await withFile(basis, await run.slot.open(output.name)));
}

/** Asks one thing after the other, each beginning with what holds now; undefined where another account is meant. */
async function change({ run, tenant, plan }: Proposal): Promise<Proposal | undefined> {
  const { io } = run;
  io.report.title('What to change');
  if (offersAnotherAccount(run) && !(await keepsAccount(tenant.have, run))) return undefined;
  const output = await askOutput('File to save the credential in', run.output.name, run.slot, io);
  const basis = await withFile({ run, tenant }, output);
  const answers = { needed: io.prompt, offered: io.prompt, before: plan.want, now: io.now() };
  const want = await resolveWanted(run.settings, basis.tenant.have, run.cloud, answers);
  const changed = await planSetup(basis.tenant, want, basis.run);
  const ignores = [];
  for (const path of changed.ignores) {
    const message = `${safeText(path, 300)} lies in a git work tree and is not ignored. Add it to .gitignore?`;
    if (await io.prompt.confirm({ message, fallback: true })) ignores.push(path);
  }
  return { ...basis, plan: { ...changed, ignores } };
}

/** Whether other answers may do where an error speaks against these; somebody who stopped at one is not asked again. */
const isAboutAnswers = (error: unknown): error is WizardError =>
  error instanceof WizardError &&
  error.code !== 'policy-blocks-secrets' &&
  (error.exitCode === exitCodes.usage || error.exitCode === exitCodes.prerequisite);

/** The same until nothing is wrong with the answers: what cannot be planned is told, and asked again. */
async function changeUntilPlanned(proposal: Proposal): Promise<Proposal | undefined> {
  for (;;) {
    try {
      return await change(proposal);
    } catch (error) {
      if (!isAboutAnswers(error)) throw error;
      proposal.run.io.report.warn(`${error.message} ${error.remedy}`);
    }
  }
}

const choicesIn = (run: SignedInRun) =>
  [
    { value: 'go', label: 'Yes, go ahead' },
    {
      value: 'change',
      label: `Change something: ${offersAnotherAccount(run) ? 'another account, ' : ''}file, domain, credential`,
    },
    { value: 'stop', label: 'Stop: nothing is written' },
  ] as const;

/**
 * Shows the plan and asks the one question, where something would be written and somebody is there: go ahead, change
 * something, or stop. Undefined where another account is to sign in. Throws WizardError `cancelled`.
 */
export async function agree(tenant: JudgedTenant, run: SignedInRun): Promise<Proposal | undefined> {
  let proposal = await propose(await lookForFile({ run, tenant }));
  for (;;) {
    const { io, planOnly } = proposal.run;
    await showPlan(proposal.plan, proposal.run);
    if (planOnly || !writesAnything(proposal.plan)) return proposal;
    const choices = choicesIn(proposal.run);
    const answer = await io.prompt.select({ message: 'Go ahead?', choices, fallback: 'go' });
    if (answer === 'stop') {
      throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
    }
    if (answer === 'go') return proposal;
    const changed = await changeUntilPlanned(proposal);
    if (!changed) return undefined;
    proposal = changed;
  }
}

/** Does what was approved before anything is saved that git would take in. Throws WizardError. */
export async function ignoreFiles({ plan, run }: Pick<Proposal, 'plan' | 'run'>): Promise<void> {
  for (const path of plan.ignores) await addToGitignore(path, run.io.env);
}
