import { resolve } from 'node:path';
import type { CommandName } from '../../cli/options.ts';
import { defaultOutput, resolvePath } from '../../config/config-file.ts';
import { requireFilePath } from '../../config/config-output.ts';
import {
  readTextFile,
  realFiles,
  replaceFile,
  withWizardErrors,
  writeTemporary,
} from '../../config/file-system.ts';
import { WizardError } from '../../core/errors.ts';
import { commandLine, type ShellHost, safeText } from '../../core/text.ts';
import type { SentWrite, WriteLog } from '../../graph/graph-client.ts';
import type { Outcome, Receipt, ReceiptWrite } from './run-outcome.ts';
import { aboutOption } from './settle.ts';

/** First line of the file: by it the program knows its own. */
const heading = '# Receipts of reporting-setup';

/** What a receipt is made of. */
interface ReceiptInput {
  readonly command: CommandName;
  readonly outcome: Outcome;
  readonly sent: readonly SentWrite[];
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** The scenarios, where the run was in the sandbox. */
  readonly sandbox: string | undefined;
  readonly host: ShellHost;
}

/** After these the credential of the run's own file reads no logs any more, and mostly the file is gone as well. */
const endsCredential = (command: CommandName): boolean => command === 'teardown';

const anotherCredential =
  'They need the file of another application that may read the audit log: add --config and that file, for the credential of this run reads nothing any more. Or, without any: look the ids up as correlation ID in the audit log of the Entra admin center.';

/** The rows come late: it is asked for from the day of the write on, whenever that is done. */
function exploreCommand(write: SentWrite, { command, outcome, sandbox, host }: ReceiptInput): string {
  const { requestId, clientRequestId, at } = write;
  const config =
    outcome.config === undefined || endsCredential(command) ? [] : ['--config', outcome.config.path];
  const id = requestId ?? clientRequestId;
  const place = sandbox === undefined ? [] : ['--sandbox', ...(sandbox === 'default' ? [] : [sandbox])];
  return commandLine(
    ['explore', 'audits', '--id', id, '--since', at.slice(0, 10), ...config, ...place],
    host,
  );
}

/** What a run did, as it is known at its end. Pure. */
export function composeReceipt(input: ReceiptInput): Receipt {
  const { command, outcome, sent, startedAt, endedAt } = input;
  const { account, checks, credential, error } = outcome;
  return {
    command,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt.toISOString(),
    exitCode: outcome.exitCode,
    error: error?.code,
    account: account && { kind: account.kind, name: account.name },
    tenant: outcome.tenant,
    application: outcome.application,
    changes: outcome.changes.map(({ action, kind, name, id }) => ({
      action,
      kind,
      name,
      ...(id === undefined ? {} : { id }),
    })),
    proven: checks
      .filter(({ status }) => status === 'pass')
      .map(({ id, title, evidence }) => ({ id, title, evidence })),
    remarks: checks.flatMap(({ id, status, code, title, evidence }) =>
      status === 'warn' || status === 'fail' ? [{ id, status, ...(code && { code }), title, evidence }] : [],
    ),
    writes: sent.map((write) => ({ ...write, explore: exploreCommand(write, input) })),
    ...(endsCredential(command) && sent.length > 0 ? { exploreNeeds: anotherCredential } : {}),
    validUntil: credential?.expires,
    undo: outcome.undo,
  };
}

/** A name from elsewhere, as code: no link, no page and no heading comes of what is in it. */
const inCode = (text: string, most?: number): string => `\`${safeText(text, most).replaceAll('`', "'")}\``;

const did = { create: 'made', update: 'changed', remove: 'removed', keep: 'kept' } as const;

const kinds: Readonly<Record<string, string>> = {
  application: 'application',
  servicePrincipal: 'service principal',
  appRoleAssignment: 'permission',
  passwordCredential: 'client secret',
  keyCredential: 'certificate',
  federatedIdentityCredential: 'federated credential',
  deletedItem: 'from the recycle bin:',
  configFile: 'config file',
  file: 'file',
};

const changeLine = ({ action, kind, name, id }: Receipt['changes'][number]): string =>
  `- ${did[action]} ${kinds[kind] ?? kind} ${inCode(name)}${id === undefined ? '' : `, ID ${inCode(id)}`}`;

function writeLines(write: ReceiptWrite): string[] {
  const { method, path, at, status, requestId, clientRequestId, explore } = write;
  const end = status === undefined ? 'no reply came: nobody can tell whether it was done' : `HTTP ${status}`;
  return [
    `- ${inCode(`${method} ${path}`, 500)}, ${at}: ${end}`,
    ...(requestId === undefined ? [] : [`  - request-id ${inCode(requestId)}`]),
    `  - client-request-id ${inCode(clientRequestId)}`,
    `  - ${inCode(explore, 2_000)}`,
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `### ${title}`, '', ...lines];

function undoLines({ undo }: Receipt): string[] {
  if (!undo) return [];
  return [safeText(undo.does, 500), ...(undo.run === undefined ? [] : ['', `    ${undo.run}`])];
}

/** One receipt as Markdown, from its own heading on. Pure. */
export function receiptText(receipt: Receipt): string {
  const { command, startedAt, endedAt, exitCode, error, account, tenant, application, writes } = receipt;
  const names = application && [
    `client ID ${inCode(application.clientId)}`,
    ...(application.objectId === undefined ? [] : [`object ID ${inCode(application.objectId)}`]),
    ...(application.servicePrincipalId === undefined
      ? []
      : [`service principal ${inCode(application.servicePrincipalId)}`]),
  ];
  const facts = [
    `- when: ${startedAt} to ${endedAt}`,
    ...(account ? [`- who: ${inCode(account.name)} (${account.kind})`] : []),
    ...(tenant
      ? [
          `- tenant: ${tenant.displayName === undefined ? '' : `${inCode(tenant.displayName)}, `}${inCode(tenant.id)}, ${tenant.cloud}`,
        ]
      : []),
    ...(names ? [`- application: ${names.join(', ')}`] : []),
    `- ended with exit code ${exitCode}${error === undefined ? '' : ` (${error})`}`,
    ...(receipt.validUntil === undefined ? [] : [`- the credential is valid until ${receipt.validUntil}`]),
  ];
  const late = 'Rows of the audit log come minutes later.';
  const finds =
    receipt.exploreNeeds === undefined
      ? `${late} These commands find them, with a credential that may read them:`
      : `${late} These commands find them. ${receipt.exploreNeeds}`;
  return [
    `## ${command}, ${startedAt}`,
    '',
    ...facts,
    ...section('What was done', receipt.changes.map(changeLine)),
    ...section(
      'What was proven',
      receipt.proven.map(({ title, evidence }) => `- ${safeText(title)}: ${inCode(evidence, 500)}`),
    ),
    ...section(
      'Remarks',
      receipt.remarks.map(
        ({ title, code, evidence }) =>
          `- ${safeText(title)}${code === undefined ? '' : ` (${code})`}: ${inCode(evidence, 1_000)}`,
      ),
    ),
    ...section('Requests', writes.length === 0 ? [] : [finds, '', ...writes.flatMap(writeLines)]),
    ...section('Undo', undoLines(receipt)),
    '',
  ].join('\n');
}

/** Throws WizardError where the file is there and is none of this program's receipts. */
function requireReceipts(path: string, held: string | undefined): void {
  if (held === undefined || held.startsWith(heading)) return;
  throw new WizardError('output-not-ours', `${safeText(path, 500)} is there, and holds no receipts.`, {
    remedy: 'Choose another file with --receipt, or move that one away.',
  });
}

const readReceipts = (path: string): Promise<string | undefined> =>
  withWizardErrors('output-unusable', path, () => readTextFile(path));

/** Does something with the file of receipts; its errors name the option of that. Rejects as `work`. */
const withReceipts = (work: () => Promise<void>): Promise<void> =>
  work().catch((error: unknown) => {
    throw aboutOption(error, '--receipt');
  });

/** Adds a receipt to the file; one of a run that changed nothing only to a file that is not there yet. */
async function addReceipt(path: string, receipt: Receipt, redact: (text: string) => string): Promise<void> {
  const held = await readReceipts(path);
  requireReceipts(path, held);
  const changed = receipt.writes.length > 0 || receipt.changes.some(({ action }) => action !== 'keep');
  if (held !== undefined && !changed) return;
  const text = `${held ?? `${heading}\n`}\n${redact(receiptText(receipt))}`;
  await withWizardErrors('output-not-saved', path, () => replaceFile(path, text, realFiles));
}

/** What keeping a receipt of a run takes from outside. */
interface ReceiptIo extends ShellHost {
  readonly cwd: string;
  /** The config file of the run, as it was given: no receipt goes in its place. */
  readonly configName: string | undefined;
  /** The servers' time. */
  readonly now: () => Date;
  readonly redact: (text: string) => string;
}

/** The receipt of one run. */
export interface RunReceipt {
  /** For the requests of the run. */
  readonly writeLog: WriteLog;
  /** Adds the run, as it ended, to the file. Throws WizardError `output-not-saved`, or as opening does. */
  keep(command: CommandName, outcome: Outcome, sandbox: string | undefined): Promise<Outcome['receipt']>;
}

/**
 * Opens the file of `--receipt` before anything is done: one that could not be written in the end is refused now. Throws
 * WizardError `output-unusable` or `output-not-ours`.
 */
export async function openReceipt(name: string, io: ReceiptIo): Promise<RunReceipt> {
  const path = resolvePath(name, io.cwd);
  if (resolve(path) === resolve(resolvePath(io.configName ?? defaultOutput, io.cwd))) {
    throw new WizardError('invalid-options', '--receipt: that is the place of the config file');
  }
  await withReceipts(async () => {
    await withWizardErrors('output-unusable', path, async () => {
      await requireFilePath(path, realFiles);
      await realFiles.unlink(await writeTemporary(path, '', realFiles));
    });
    requireReceipts(path, await readReceipts(path));
  });
  const writeLog: WriteLog = { now: io.now, sent: [] };
  const startedAt = io.now();
  return {
    writeLog,
    async keep(command, outcome, sandbox) {
      const { sent } = writeLog;
      const receipt = composeReceipt({
        command,
        outcome,
        sent,
        startedAt,
        endedAt: io.now(),
        sandbox,
        host: io,
      });
      await withReceipts(() => addReceipt(path, receipt, io.redact));
      return { ...receipt, path };
    },
  };
}
