import type { Settings } from '../../cli/options.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Cloud, CloudReference } from '../../entra/clouds.ts';
import type { Session } from '../../entra/sign-in.ts';
import type { Directory } from '../../graph/directory.ts';
import type { Have, Wanted } from '../../tenant/model.ts';
import type { Connection } from '../shared/connection.ts';
import type { Draft } from '../shared/draft.ts';
import type { Io } from '../shared/io.ts';
import { describeApplication, describeCredential } from './describe.ts';
import type { Target } from './output.ts';
import type { Waits } from './write.ts';

/** What a run of setup is about. */
export interface SetupJob {
  readonly settings: Settings;
  readonly cloud: Cloud;
  readonly place: CloudReference;
  readonly methods: readonly AuthMethod[];
  /** Stop before the first write. */
  readonly planOnly: boolean;
  /** How this run was called, to be repeated: `reporting-setup --sandbox`. */
  readonly invocation: { readonly again: string; readonly verify: string };
}

/** A run of setup under way. */
export interface Run {
  readonly job: SetupJob;
  readonly io: Io;
  readonly draft: Draft;
  readonly connection: Connection;
  readonly target: Target;
  readonly directory: Directory;
  readonly session: Session;
  readonly waits: Waits;
  readonly want: Wanted;
}

/** Keeps in the draft what the application and its credential are by now. */
export function note(run: Pick<Run, 'draft'>, have: Have): void {
  const application = describeApplication(have);
  const credential = describeCredential(have);
  if (application) run.draft.application = application;
  if (credential) run.draft.credential = credential;
}
