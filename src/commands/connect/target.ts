import type { Settings } from '../../cli/settings.ts';
import type { ConfigFormat, ReportingConfig } from '../../config/config.ts';
import type { CredentialKind } from '../../core/choices.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Cloud, CloudName } from '../../entra/clouds.ts';
import type { Prompt } from '../../terminal/prompt.ts';
import type { Io } from '../shared/io.ts';

export const targetGroups = ['collector', 'tool', 'code', 'store', 'reminder'] as const;
export type TargetGroup = (typeof targetGroups)[number];

/** How the secret is in what is made: not at all, by a name for where it lies, or itself. */
export type SecretUse = 'none' | 'reference' | 'literal';

/** Whoever takes any address. */
export const everyCloud: readonly CloudName[] = ['global', 'usgov', 'usgov-dod', 'china', 'custom'];

/** Whoever has Microsoft's worldwide addresses built in. */
export const globalAlone: readonly CloudName[] = ['global'];

/** What takes a credential. Everything that is said of it elsewhere (list, manual, checks) comes from here. */
export interface Target {
  readonly name: string;
  readonly group: TargetGroup;
  readonly title: string;
  /** The kinds of credential that it can use. */
  readonly credentials: readonly CredentialKind[];
  /** The clouds that it knows; what fits the global one fits the sandbox. */
  readonly clouds: readonly CloudName[];
  /** The formats of the config file that it can read where it reads that itself; absent where any will do. */
  readonly formats?: readonly ConfigFormat[];
  /** Application permissions that it can use beyond those that setup grants. */
  readonly permissions: readonly string[];
  readonly secret: SecretUse;
  /** What has to be there or given: a program, an option. */
  readonly needs: readonly string[];
  /** A new credential makes what was made out of date: it holds the secret, a key's path or the day it ends. */
  readonly ages: boolean;
  /** What the tests do with it: real programs that take it, or parsers that read it. For the manual. */
  readonly proven: string;
  /** What nobody could confirm; said wherever it is made. */
  readonly unconfirmed?: string;
  /** Fills in options that are missing, by asking where somebody can be asked. Throws WizardError naming what is missing. */
  readonly complete?: (settings: Settings, prompt: Prompt | undefined) => Promise<Settings>;
  /** What goes into files; absent where only a store takes it. Pure. */
  readonly make?: (input: TargetInput) => Made;
  /** Puts the credential away; absent where it is all in files. */
  readonly store?: Store;
}

/** What a target is made from. */
export interface TargetInput {
  readonly config: ReportingConfig;
  /** Of the config file, in full. */
  readonly configPath: string;
  readonly format: ConfigFormat;
  /** Of the PEM file with certificate and key, in full; only with a certificate. */
  readonly certificatePath?: string;
  /** Where the tenant lives; for a sandbox the global cloud. */
  readonly cloud: Cloud;
  /** The client secret in clear; empty for a target that does not hold it. */
  readonly secret: string;
  readonly settings: Settings;
  readonly now: Date;
  /** Where a file of that name goes: its path in full, or the name alone while nobody has said. */
  readonly pathOf: (name: string) => string;
  /** Words as the shell of this machine takes them. */
  readonly shellLine: (words: readonly string[]) => string;
}

/** How a format writes a line that its readers skip. */
export type CommentStyle = 'hash' | 'slashes' | 'xml' | 'calendar' | 'none';

/** One file, without the line that says who wrote it. */
export interface MadeFile {
  /** Its name in the folder where there are several, and the one that is offered where there is one. */
  readonly name: string;
  readonly text: string;
  readonly comments: CommentStyle;
  /** Puts it into what is there already, and leaves the rest alone; then `text` is not looked at. Pure. */
  readonly merge?: (existing: string) => string;
  /** The text that takes the place of an earlier one of the same target, where that is not simply `text`. Pure. */
  readonly after?: (existing: string) => string;
  /**
   * Whether a text is an earlier one of the same target, word for word but for what a new credential changes: for a file
   * in a folder whose format has no comments. Pure.
   */
  readonly isEarlier?: (existing: string) => boolean;
}

export interface Made {
  readonly files: readonly MadeFile[];
  /** They lie in a folder under their own names even where there is one alone. */
  readonly inFolder?: true;
  /** What to do with it, one sentence each: where it goes, how to reload, how to see the first events. */
  readonly steps: readonly Step[];
}

/** A sentence, and a line to copy where it has one. */
export interface Step {
  readonly does: string;
  readonly run?: string;
}

/** What a store is given. */
export interface StoreInput extends Omit<TargetInput, 'secret' | 'pathOf' | 'shellLine'> {
  /** How an administrator signs in, for a store that wants one. */
  readonly methods: readonly AuthMethod[];
  /** Says what would be done and does nothing. */
  readonly dryRun: boolean;
  /**
   * Where the last one was put, as `connected` has it, with the options that `optionsOf` finds for it: it goes there again, or
   * nowhere. Undefined where the options are a person's.
   */
  readonly place: string | undefined;
}

/** What became of a credential that was put away. */
export interface Stored {
  /** Where it is: enough to find it again, for `connected` and `--remove-file`. */
  readonly where: string;
  /** What was read back, in a sentence's end: `version 3, updated 2026-11-28T…`; undefined where nothing can be. */
  readonly confirmed?: string;
  /** What to do next. */
  readonly steps: readonly Step[];
  /** How to take it out again. */
  readonly takeOut: Step;
}

/** A place that keeps secrets. */
export interface Store {
  /** It takes a new value without a person, so that a rotation can update it. */
  readonly unattended: boolean;
  /** It keeps what it is given in a file, which `--output` names. */
  readonly takesOutput?: true;
  /** Throws WizardError where it did not take the credential; then nothing of it is left there. */
  readonly put: (input: StoreInput, io: Io) => Promise<Stored>;
  /** The options that lead to a place again, from the `where` of `put`; undefined where it is none of this store's. Pure. */
  readonly optionsOf: (where: string) => Settings | undefined;
}
