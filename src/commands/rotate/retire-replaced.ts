import type { PreviousCredential, ReportingConfig } from '../../config/config.ts';
import { readConfig } from '../../config/config-file.ts';
import { loadSaved } from '../../config/local-certificates.ts';
import { keyPaths } from '../../config/private-key-file.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { DirectoryError, graphError } from '../../graph/directory-error.ts';
import { permit } from '../../tenant/account/rights.ts';
import { withoutKey } from '../../tenant/credential/key-credentials.ts';
import {
  isGoneAlready,
  isListed,
  previousRemoval,
  withListedEnd,
} from '../../tenant/credential/previous-removal.ts';
import {
  asksTheLogs,
  type KeepReason,
  type LastUse,
  lastUseOf,
  type RemovalReason,
  retirementOf,
} from '../../tenant/credential/retirement.ts';
import type { Have } from '../../tenant/model.ts';
import { noteWritten } from '../setup/setup-outcome.ts';
import { write } from '../setup/write.ts';
import type { SeenUse } from './key-use.ts';
import type { Proven } from './make-successor.ts';
import { namedAs, nameOf } from './tell-keys.ts';

/** Why a credential that was replaced stays, beyond the rule. */
type Hindrance = 'unproven' | 'store-failed' | 'needs-administrator' | 'not-removed';

/** What became of a credential that was replaced: a row of the outcome. */
export interface Retired {
  readonly entry: PreviousCredential;
  readonly lastUsed: LastUse | null;
  readonly retired: boolean;
  readonly reason: RemovalReason | KeepReason | Hindrance | 'gone';
  /** What stood in the way, where something failed. */
  readonly error?: unknown;
}

/** What is known before anything is retired. */
export interface RetireInput {
  readonly seen: SeenUse;
  /** Why nothing is retired in this run; undefined where it may be. */
  readonly hindrance: 'unproven' | 'store-failed' | undefined;
}

/** A row to come, and why it is to be removed where it is. */
interface Judged extends Omit<Retired, 'retired'> {
  readonly removal: RemovalReason | undefined;
}

/** What the rule says of an entry, and what stands in its way; nothing is touched. */
function judgeEntry(
  entry: PreviousCredential,
  { seen, hindrance }: RetireInput,
  { io, request }: Pick<Proven['run'], 'io' | 'request'>,
  have: Have,
): Judged {
  const now = io.now();
  const dated = withListedEnd(entry, have);
  const rule = retirementOf(dated, now, seen.evidence);
  const { lastUsed } = rule;
  const keep = (reason: Retired['reason']): Judged => ({ entry, lastUsed, reason, removal: undefined });
  if (rule.action === 'keep') return keep(rule.reason);
  if (hindrance !== undefined) return keep(hindrance);
  if (seen.later && asksTheLogs(dated, now)) return { ...keep('logs-unavailable'), error: seen.later };
  if (request.self && entry.kind !== 'certificate') return keep('needs-administrator');
  return { entry, lastUsed, reason: rule.reason, removal: rule.reason };
}

/** The key file of a replaced certificate, where this program made it and nothing else in the file names it. */
async function ownKeyFile(
  entry: PreviousCredential,
  config: ReportingConfig,
  { output, io }: Proven['run'],
): Promise<string | undefined> {
  const { certificatePath } = entry;
  const others = (config.credential.previous ?? []).filter((other) => other !== entry);
  const used = [config.certificatePath, ...others.map((other) => other.certificatePath)];
  if (certificatePath === undefined || used.includes(certificatePath)) return undefined;
  const held = await loadSaved(certificatePath, io.cwd, io, false);
  const isOwn = typeof held === 'object' && held.isOwn && keyPaths(output.path).includes(held.path);
  return isOwn ? held.path : undefined;
}

/** The configuration without an entry. */
function without(config: ReportingConfig, { keyId }: PreviousCredential): ReportingConfig {
  const { previous = [], ...credential } = config.credential;
  const left = previous.filter((other) => !sameId(other.keyId, keyId));
  return { ...config, credential: { ...credential, ...(left.length === 0 ? {} : { previous: left }) } };
}

const why: Readonly<Record<RemovalReason, string>> = {
  expired: 'it ended',
  'no-overlap': 'the new one is proven',
  unused: 'nobody used it of late',
  unknowable: 'its time is over, and nobody can tell whether it is used',
};

/** Takes one out of the tenant, then its key, so that the file names it until both are gone. */
async function remove(
  entry: PreviousCredential,
  reason: RemovalReason,
  config: ReportingConfig,
  { run, have }: Proven,
): Promise<void> {
  const file = await ownKeyFile(entry, config, run);
  const title = `Remove the replaced ${namedAs(entry, have)} (${why[reason]})`;
  const change = previousRemoval(entry, { name: nameOf(entry, have), title, file });
  await write(permit([change], have), have, run, (done) => noteWritten(done, have, run.outcome));
}

/** What keeps the run from removing one may pass: the others are looked at all the same. */
const mayPass = (error: unknown): boolean =>
  error instanceof DirectoryError || (error instanceof WizardError && error.code === 'removal-unconfirmed');

/** Whether it is gone although its time is not over: somebody else removed it. */
async function wasTakenAway(entry: PreviousCredential, { run, have }: Proven): Promise<boolean> {
  const { directory, io } = run;
  if (entry.kind === 'federated' || isListed(entry, have)) return false;
  return isGoneAlready(entry, have, { directory, now: io.now, sleep: io.sleep });
}

async function retire(
  entry: PreviousCredential,
  config: ReportingConfig,
  input: RetireInput,
  proven: Proven,
): Promise<Retired> {
  const { removal, ...judged } = judgeEntry(entry, input, proven.run, proven.have);
  try {
    if (await wasTakenAway(entry, proven)) {
      const file = await ownKeyFile(entry, config, proven.run);
      if (file !== undefined) await proven.run.output.keys.remove(file);
      return { ...judged, retired: true, reason: 'gone' };
    }
    if (removal === undefined) return { ...judged, retired: false };
    await remove(entry, removal, config, proven);
    return { ...judged, retired: true };
  } catch (error) {
    if (!mayPass(error)) throw error;
    const { report } = proven.run.io;
    report.stop('fail');
    report.warn(error instanceof DirectoryError ? graphError(error).message : (error as Error).message);
    return { ...judged, retired: false, reason: 'not-removed', error };
  }
}

/** What the file holds now: a store that has the secret in its place has taken it out of there. */
async function configNow({ run, config }: Proven): Promise<ReportingConfig> {
  const { path, format } = run.output;
  const reading = await readConfig(path, format);
  return reading.status === 'ok' ? reading.config : config;
}

/** The rows of entries as they would come out now; nothing is touched. */
export const rowsToCome = (
  entries: readonly PreviousCredential[],
  input: RetireInput,
  run: Pick<Proven['run'], 'io' | 'request'>,
  have: Have,
): readonly Retired[] =>
  entries.map((entry) => {
    const { removal: _removal, ...judged } = judgeEntry(entry, input, run, have);
    return { ...judged, retired: false };
  });

/**
 * Retires what the file names as replaced, one after the other; each leaves the file once it is gone. Gives what became of
 * all of them. Throws WizardError where the file cannot be written or the run is stopped.
 */
export async function retireReplaced(proven: Proven, input: RetireInput): Promise<readonly Retired[]> {
  const { run } = proven;
  let { have } = proven;
  let config = await configNow(proven);
  const rows: Retired[] = [];
  const entries = config.credential.previous ?? [];
  const tell = (): void => {
    const left = rowsToCome(entries.slice(rows.length), input, run, have);
    run.outcome.details = { ...run.outcome.details, previous: [...rows, ...left].map(rowOf) };
  };
  tell();
  for (const entry of entries) {
    const row = await retire(entry, config, input, { ...proven, have });
    // Whatever came of it: the lists may lack it from now on, since it was meant.
    if (row.retired || row.error !== undefined) have = withoutKey(entry.keyId)(have);
    rows.push(row);
    tell();
    if (!row.retired) continue;
    config = without(config, entry);
    await run.output.file.save(config);
  }
  return rows;
}

/** As `--json` shows it. */
export const rowOf = ({ entry, lastUsed, retired, reason }: Retired) => ({
  keyId: entry.keyId,
  lastUsed,
  retired,
  reason,
});

/** The last use of the key in the file, for people. */
export const lastUseOfHeld = ({ keyId = '' }: ReportingConfig['credential'], { evidence }: SeenUse) =>
  lastUseOf(keyId, evidence);
