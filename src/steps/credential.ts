import type { ReportingConfig } from '../core/config.ts';
import { failedWith, isOutcomeUnknown } from '../core/directory-error.ts';
import { formatDuration } from '../core/duration.ts';
import { WizardError } from '../core/errors.ts';
import { sameId } from '../core/fields.ts';
import type {
  ApplyIo,
  Change,
  CreatedCredential,
  Have,
  SecretMarker,
  Update,
  Wanted,
} from '../core/model.ts';
import type { Step } from '../core/reconcile.ts';
import { configFor, hasChanged, keptConfig } from './config.ts';
import { awaited } from './graph.ts';
import { secretEnd } from './policy.ts';
import {
  addPassword,
  lostSecrets,
  type PasswordRequest,
  removePassword,
  sweep,
  type Target,
} from './secrets.ts';

/** Graph's dates without milliseconds, as its samples write them. */
const graphDate = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** The end is drawn out of ten minutes, so that no two machines make secrets that look the same. */
function requestFor(want: Wanted, have: Have, io: Pick<ApplyIo, 'now' | 'random'>): PasswordRequest {
  const now = io.now();
  const { end } = secretEnd(want, have, now);
  const drawn = new Date(end.getTime() - Math.floor(io.random() * 600) * 1_000);
  return { displayName: want.secretName, startDateTime: graphDate(now), endDateTime: graphDate(drawn) };
}

function markerFor(request: PasswordRequest, target: Target, have: Have): SecretMarker {
  return {
    applicationId: target.applicationId,
    displayName: request.displayName,
    endDateTime: request.endDateTime,
    knownKeyIds: have.application?.passwordCredentials.map(({ keyId }) => keyId) ?? [],
  };
}

/** A lost reply may have held a secret: that one is looked for and removed before another is asked for. */
async function addOnce(request: PasswordRequest, marker: SecretMarker, target: Target, io: ApplyIo) {
  try {
    return { created: await addPassword(target, request, io.directory), lost: [] };
  } catch (error) {
    if (!failedWith(error, isOutcomeUnknown)) throw error;
    await sweep(marker, undefined, target.awaits, io);
    return { created: await addPassword(target, request, io.directory), lost: [marker] };
  }
}

/** Saves what was just made. A secret that cannot be saved is lost for good and must not stay behind as a valid one. */
async function save(
  want: Wanted,
  have: Have,
  created: CreatedCredential,
  target: Target,
  io: ApplyIo,
): Promise<void> {
  try {
    await io.output.save(configFor(want, have, created));
  } catch (error) {
    await removePassword(target, created.keyId, io.directory);
    await io.note.clear();
    throw error;
  }
}

/** The secret is made and saved in one change: nothing comes between the reply and the file. */
async function create(want: Wanted, have: Have, io: ApplyIo): Promise<Update> {
  const { application } = have;
  if (!application) throw new WizardError('unexpected', 'There is no application to create a secret for.');
  const target = { applicationId: application.id, awaits: awaited(have, application.id) };
  const request = requestFor(want, have, io);
  const marker = markerFor(request, target, have);
  await io.note.write(marker);
  const { created, lost } = await addOnce(request, marker, target, io);
  await save(want, have, created, target, io);
  return (current) => ({ ...current, created, markers: [...current.markers, ...lost] });
}

/** The config file's secret, when it belongs to this application (or to the deleted one that comes back). */
function savedConfig(have: Have): ReportingConfig | undefined {
  const { config, application, deletedApplication } = have;
  if (config.status !== 'ok') return undefined;
  return sameId(config.config.clientId, (application ?? deletedApplication)?.appId)
    ? config.config
    : undefined;
}

/** Whether the saved secret stays: Entra took it, and nobody asked for another. */
export function isKept(want: Wanted, have: Have): boolean {
  return !want.freshSecret && savedConfig(have) !== undefined && have.saved?.accepted === 'yes';
}

/** The saved secret stays; the file is written again only where something else in it changed. */
function keepPlan(want: Wanted, have: Have, saved: ReportingConfig): Change[] {
  const name = saved.credential.displayName ?? want.secretName;
  const until =
    saved.credential.expires === undefined ? '' : `, valid until ${saved.credential.expires.slice(0, 10)}`;
  const keep: Change = {
    action: 'keep',
    kind: 'passwordCredential',
    name,
    ...(saved.credential.keyId === undefined ? {} : { id: saved.credential.keyId }),
    title: `Client secret "${name}" in the file still works${until}`,
  };
  if (!hasChanged(want, have, saved)) return [keep];
  const rewrite: Change = {
    action: 'update',
    kind: 'configFile',
    name: 'config file',
    title: 'Bring the config file up to date, with the same secret',
    apply: async (now, io) => {
      await io.output.save(keptConfig(want, now, saved));
      return (current) => current;
    },
  };
  return [keep, rewrite];
}

function removal(keyId: string, name: string, title: string): Change {
  return {
    action: 'remove',
    kind: 'passwordCredential',
    name,
    id: keyId,
    title,
    apply: async (now, io) => {
      const { application } = now;
      if (application) {
        await removePassword(
          { applicationId: application.id, awaits: awaited(now, application.id) },
          keyId,
          io.directory,
        );
      }
      return (current) => current;
    },
  };
}

/** Secrets that a record of this installation names and whose text nobody has. */
function lostRemovals(have: Have): Change[] {
  const { application } = have;
  const saved = savedConfig(have)?.credential.keyId;
  return have.markers.flatMap((marker) => {
    if (!application || !sameId(marker.applicationId, application.id)) return [];
    const lost = lostSecrets(marker, application.passwordCredentials).filter(
      ({ keyId }) => !sameId(keyId, saved),
    );
    const [only] = lost;
    if (!only || lost.length > 1) return [];
    const name = only.displayName ?? only.keyId;
    return [
      removal(only.keyId, name, `Remove client secret "${name}" of a run that was cut: nobody has its text`),
    ];
  });
}

/** The replaced secret goes once the new one is proven; only the one that this file held, never another machine's. */
function replacedRemovals(have: Have): Change[] {
  const credential = savedConfig(have)?.credential;
  const listed = have.application?.passwordCredentials.find(({ keyId }) => sameId(keyId, credential?.keyId));
  const restored = have.application === undefined && have.deletedApplication !== undefined;
  if (credential?.kind !== 'secret' || credential.keyId === undefined || !(listed || restored)) return [];
  const name = credential.displayName ?? credential.keyId;
  return [
    removal(credential.keyId, name, `Remove the replaced client secret "${name}" once the new one is proven`),
  ];
}

function creation(want: Wanted, have: Have, now: Date): Change {
  const { end, capped } = secretEnd(want, have, now);
  const note = capped ? ` (the tenant allows ${formatDuration(capped)} at most)` : '';
  return {
    action: 'create',
    kind: 'passwordCredential',
    name: want.secretName,
    title: `Create client secret "${want.secretName}", valid until ${graphDate(end).slice(0, 10)}${note}, and save it`,
    ...(have.policy?.secretsBlocked ? { blocked: "the tenant's policy blocks client secrets" } : {}),
    apply: (current, io) => create(want, current, io),
  };
}

function plan(want: Wanted, have: Have, now: Date): Change[] {
  const saved = savedConfig(have);
  if (saved && isKept(want, have)) return [...keepPlan(want, have, saved), ...lostRemovals(have)];
  return [creation(want, have, now), ...lostRemovals(have), ...replacedRemovals(have)];
}

/** The client secret. */
export const credential: Step = { id: 'credential', plan };
