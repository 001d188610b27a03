import { exitCodes, WizardError } from '../../core/errors.ts';
import { exactJson } from '../../core/exact-numbers.ts';
import type { Finding } from '../../core/findings.ts';
import { type SpellCommand, spellRemedy } from '../../core/remedy.ts';
import type { SentWrite } from '../../graph/graph-client.ts';
import type { Account } from '../../tenant/directory-objects.ts';
import type { Change } from '../../tenant/model.ts';

/** One request to Microsoft Graph that gives consent to one permission. */
export interface ConsentRequest {
  readonly permission: string;
  readonly method: 'POST';
  readonly url: string;
  /** Object ids of service principals, and the id of the permission. */
  readonly body: {
    readonly principalId: string;
    readonly resourceId: string;
    readonly appRoleId: string;
  };
}

/** What somebody else needs to give consent, or to register what this account may not. It holds no secret. */
export interface HandOff {
  readonly kind?: 'registration';
  /** The file it was saved in, where it could be. */
  readonly path?: string;
  /** The page on which everything is granted at once; absent while there is nothing to grant to. */
  readonly url?: string;
  /** The same as commands of Azure CLI. */
  readonly commands: readonly string[];
  /** Those for PowerShell and for cmd.exe, where a command file takes the quotes of JSON for its own. */
  readonly windowsCommands?: { readonly powershell: readonly string[]; readonly cmd: readonly string[] };
  readonly requests: readonly ConsentRequest[];
}

/** What a command did and found, whatever way it ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly tenant?: {
    readonly id: string;
    /** Absent where the command does not ask for it: no config file has it. */
    readonly displayName?: string;
    readonly domain: string;
    readonly cloud: string;
  };
  readonly account?: Account;
  readonly application?: {
    readonly clientId: string;
    readonly objectId?: string;
    readonly servicePrincipalId?: string;
  };
  readonly credential?: { readonly kind: string; readonly keyId?: string; readonly expires?: string };
  readonly config?: { readonly path: string; readonly format: 'json' | 'env' };
  /** What somebody else needs to give consent, where that is what is left. */
  readonly handOff?: HandOff;
  readonly checks: readonly Finding[];
  readonly changes: readonly Pick<Change, 'action' | 'kind' | 'name' | 'id'>[];
  /** What became of each, where the command was about several files. */
  readonly files?: FileResults;
  /** How to undo it, for the receipt: a sentence, the command, and the day until which it does, ISO 8601. */
  readonly undo?: { readonly does: string; readonly run?: string; readonly until?: string };
  /** Where one was asked for. */
  readonly receipt?: Receipt & { readonly path: string };
  /** What this command alone tells. It holds no secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly error?: WizardError;
}

/** The outcome as far as it is known: a command fills it in as it goes, so that a failure still tells what was done. */
export type RunOutcome = { -readonly [K in keyof Outcome]?: Outcome[K] };

/** A finding with the commands of its remedy spelled out, unless they are already. Pure. */
export function spelledFinding(finding: Finding, spell: SpellCommand): Finding {
  if (finding.remedy === undefined || finding.commands) return finding;
  const { text, commands } = spellRemedy(finding.remedy, spell);
  return { ...finding, remedy: text, ...(commands.length === 0 ? {} : { commands }) };
}

/** The same of an error; a new one. */
export function spelledError(error: WizardError, spell: SpellCommand): WizardError {
  const { code, message, requestId, cause } = error;
  const { text: remedy } = spellRemedy(error.remedy, spell);
  return remedy === error.remedy ? error : new WizardError(code, message, { remedy, requestId, cause });
}

/** What a command did and found, with the commands of every remedy spelled out. Pure. */
export const spelledOutcome = (outcome: Outcome, spell: SpellCommand): Outcome => ({
  ...outcome,
  checks: outcome.checks.map((finding) => spelledFinding(finding, spell)),
  ...(outcome.error && { error: spelledError(outcome.error, spell) }),
});

/** One write, with the command that finds its rows in the audit log. */
export interface ReceiptWrite extends Readonly<SentWrite> {
  readonly explore: string;
}

/** What a run did, for whoever has to account for it. It holds no secret. */
export interface Receipt {
  readonly command: string;
  /** ISO 8601, by the servers' clock. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly exitCode: number;
  /** The code of the error that it ended with. */
  readonly error?: string | undefined;
  readonly account?: { readonly kind: string; readonly name: string } | undefined;
  readonly tenant?: Outcome['tenant'] | undefined;
  readonly application?: Outcome['application'] | undefined;
  readonly changes: Outcome['changes'];
  /** Checks that passed. */
  readonly proven: readonly { readonly id: string; readonly title: string; readonly evidence: string }[];
  /** Checks that warned or failed: what was refused, and why. */
  readonly remarks: readonly Pick<Finding, 'id' | 'status' | 'code' | 'title' | 'evidence'>[];
  readonly writes: readonly ReceiptWrite[];
  /** What the commands of the writes need, where the run's own file does not do: a sentence. */
  readonly exploreNeeds?: string;
  /** The end of the credential, ISO 8601. */
  readonly validUntil?: string | undefined;
  readonly undo?: Outcome['undo'] | undefined;
}

/** Several files, one document each. */
export interface FileResults {
  /** How many files there are; the other counts are of those that were looked at. */
  readonly total: number;
  readonly results: readonly (Readonly<Record<string, unknown>> & { readonly exitCode: number })[];
}

/** How many files came out how: in order, working but not for ever, not working, not to be told now. Pure. */
export function summarise({ total, results }: FileResults) {
  const count = (fits: (code: number) => boolean): number =>
    results.filter(({ exitCode }) => fits(exitCode)).length;
  return {
    total,
    pass: count((code) => code === exitCodes.done),
    attention: count((code) => code === exitCodes.attention),
    fail: count((code) => !apart.includes(code)),
    unavailable: count((code) => code === exitCodes.unavailable),
  };
}

/** Exit codes at which the credential works: done, and working but needing attention. */
const working: readonly number[] = [exitCodes.done, exitCodes.attention];

/** Exit codes that say something else than that something is wrong with the tenant or the file. */
const apart: readonly number[] = [...working, exitCodes.unavailable];

const errorOf = (error: WizardError | undefined) =>
  error && { code: error.code, message: error.message, remedy: error.remedy, requestId: error.requestId };

/** The `--json` document: its fields are part of the command-line contract. */
export function documentOf(command: string, outcome: Outcome): Record<string, unknown> {
  const { account, exitCode, files } = outcome;
  const head = { schemaVersion: 1, command, ok: working.includes(exitCode), exitCode };
  const error = errorOf(outcome.error);
  if (files) return { ...head, summary: summarise(files), results: files.results, error };
  return {
    ...head,
    tenant: outcome.tenant,
    account: account && {
      kind: account.kind,
      name: account.name,
      roles:
        account.kind === 'user'
          ? (account.roles ?? []).map((role) => role.displayName)
          : (account.permissions ?? []),
    },
    application: outcome.application,
    credential: outcome.credential,
    config: outcome.config,
    handOff: outcome.handOff,
    checks: outcome.checks.map(({ id, status, reason, title, evidence, remedy, commands, code }) => ({
      id,
      status,
      reason,
      title,
      evidence,
      remedy,
      commands,
      code,
    })),
    changes: outcome.changes.map(({ action, kind, name, id }) => ({ action, kind, name, id })),
    ...outcome.details,
    receipt: outcome.receipt,
    error,
  };
}

/** Characters that JSON leaves as they are although a terminal would act on them. */
const unsafeInTerminal = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u061c\ufeff]/g;

/** What a reader that takes UTF-8 for its own code page gets wrong, as PowerShell on Windows does. */
const beyondAscii = /[\u007f-\uffff]/g;

/** The same with each text in it cleaned. */
export function cleanDocument<T extends object>(document: T, clean: (text: string) => string): T {
  const cleaned = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? clean(value) : value;
  return JSON.parse(JSON.stringify(document, cleaned)) as T;
}

/**
 * One JSON document as text, safe to show in a terminal as it is. `clean` is given each text in it: applied to the whole
 * it could take away what JSON needs.
 */
export function formatDocument(
  document: unknown,
  clean: (text: string) => string,
  { asciiAlone = false } = {},
): string {
  const text = exactJson(document, clean, 2);
  const escaped = asciiAlone ? beyondAscii : unsafeInTerminal;
  return `${text.replace(escaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
