import type { ReportingConfig } from '../core/config.ts';
import { failedWith, isNotFound, isOutcomeUnknown } from '../core/directory-error.ts';
import { addDuration, type Duration, formatDuration } from '../core/duration.ts';
import { WizardError } from '../core/errors.ts';
import type {
  Application,
  ApplyIo,
  Change,
  CreatedCredential,
  Directory,
  Finding,
  Have,
  Update,
  Wanted,
} from '../core/model.ts';
import type { Step } from '../core/reconcile.ts';
import { Secret } from '../core/secret.ts';
import { parseApplication } from './application.ts';
import { configFor } from './config.ts';
import { awaited, fieldsOf, sameId, textOf } from './graph.ts';
import { secretEnd } from './policy.ts';

interface PasswordRequest {
  readonly displayName: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

/** Graph's dates without milliseconds, as its samples write them. */
const graphDate = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

const currentCredentials = async (application: Application, directory: Directory, awaits: string[]) =>
  parseApplication(
    await directory.send({
      method: 'GET',
      path: `/applications/${application.id}?$select=id,passwordCredentials`,
      purpose: 'look for a client secret whose reply was lost',
      awaits,
    }),
  ).passwordCredentials;

/**
 * The reply that held a secret was lost: nobody will ever know that secret, so it is removed if it was made.
 * It is recognised by being new, and by its name and its end.
 */
async function removeLost(application: Application, request: PasswordRequest, directory: Directory, awaits: string[]) {
  const known = new Set(application.passwordCredentials.map((credential) => credential.keyId));
  const lost = (await currentCredentials(application, directory, awaits)).filter(
    (credential) =>
      !known.has(credential.keyId) &&
      credential.displayName === request.displayName &&
      Date.parse(credential.endDateTime) === Date.parse(request.endDateTime),
  );
  for (const { keyId } of lost) await removePassword(application, keyId, directory, awaits);
}

async function removePassword(application: Application, keyId: string, directory: Directory, awaits: string[] = []) {
  try {
    await directory.send({
      method: 'POST',
      path: `/applications/${application.id}/removePassword`,
      body: { keyId },
      purpose: 'remove a client secret',
      awaits,
      repeatable: true,
    });
  } catch (error) {
    if (!failedWith(error, isNotFound)) throw error;
  }
}

async function addPassword(
  application: Application,
  passwordCredential: PasswordRequest,
  directory: Directory,
  awaits: string[],
): Promise<CreatedCredential> {
  const post = () =>
    directory.send({
      method: 'POST',
      path: `/applications/${application.id}/addPassword`,
      body: { passwordCredential },
      purpose: 'create the client secret',
      awaits,
    });
  let body: unknown;
  try {
    body = await post();
  } catch (error) {
    if (!failedWith(error, isOutcomeUnknown)) throw error;
    await removeLost(application, passwordCredential, directory, awaits);
    body = await post();
  }
  const fields = fieldsOf(body);
  const text = textOf(fields['secretText']);
  const keyId = textOf(fields['keyId']);
  if (text === '' || keyId === '') {
    throw new WizardError('graph-refused', 'Microsoft Graph created a client secret but its reply does not hold it.');
  }
  return {
    keyId,
    displayName: passwordCredential.displayName,
    expires: textOf(fields['endDateTime']) || passwordCredential.endDateTime,
    secret: Secret.of(text),
  };
}

/** The secret is made and saved in one change: nothing can come between the reply and the file. */
async function create(want: Wanted, have: Have, io: ApplyIo): Promise<Update> {
  const { application } = have;
  if (!application) throw new WizardError('unexpected', 'There is no application to create a secret for.');
  const now = io.now();
  const { end } = secretEnd(want, have, now);
  const request = { displayName: want.secretName, startDateTime: graphDate(now), endDateTime: graphDate(end) };
  const awaits = awaited(have, application.id);
  const created = await addPassword(application, request, io.directory, awaits);
  try {
    await io.output.save(configFor(want, have, created));
  } catch (error) {
    // A secret that could not be saved is lost for good: it must not stay behind as a valid one.
    await removePassword(application, created.keyId, io.directory, [application.id]);
    throw error;
  }
  return (current) => ({ ...current, created });
}

/** The config file's secret, when it belongs to this application. */
function savedConfig(have: Have): ReportingConfig | undefined {
  const { config, application } = have;
  if (config.status !== 'ok' || !sameId(config.config.clientId, application?.appId)) return undefined;
  return config.config;
}

/** Whether the saved secret may stay: Entra took it, and the application still lists it. */
function isKept(want: Wanted, have: Have): boolean {
  return !want.freshSecret && savedConfig(have) !== undefined && have.saved?.accepted === 'yes';
}

function keepPlan(want: Wanted, have: Have, saved: ReportingConfig): Change[] {
  const expires = saved.credential.expires ?? '';
  const base = { name: saved.credential.displayName ?? want.secretName, id: saved.credential.keyId ?? '' };
  const keep: Change = {
    ...base,
    action: 'keep',
    kind: 'passwordCredential',
    title: `Keep client secret "${base.name}", valid until ${expires.slice(0, 10)}`,
  };
  return [keep];
}

function removalOf(keyId: string, have: Have): Change[] {
  const { application } = have;
  const listed = application?.passwordCredentials.find((credential) => sameId(credential.keyId, keyId));
  if (!application || !listed) return [];
  return [
    {
      action: 'remove',
      kind: 'passwordCredential',
      name: listed.displayName ?? keyId,
      id: keyId,
      title: `Remove the replaced client secret "${listed.displayName ?? keyId}" once the new one is proven`,
      apply: async (now, io) => {
        await removePassword(application, keyId, io.directory, awaited(now, application.id));
        return (current) => current;
      },
    },
  ];
}

function plan(want: Wanted, have: Have, now: Date): Change[] {
  const saved = savedConfig(have);
  if (saved && isKept(want, have)) return keepPlan(want, have, saved);
  const { end, capped } = secretEnd(want, have, now);
  const note = capped ? ` (the tenant allows ${formatDuration(capped)} at most)` : '';
  const creation: Change = {
    action: 'create',
    kind: 'passwordCredential',
    name: want.secretName,
    title: `Create client secret "${want.secretName}", valid until ${graphDate(end).slice(0, 10)}${note}, and save it`,
    ...(have.policy?.secretsBlocked ? { blocked: "the tenant's policy blocks client secrets" } : {}),
    apply: (current, io) => create(want, current, io),
  };
  const replaced = saved?.credential.keyId;
  return [creation, ...(replaced ? removalOf(replaced, have) : [])];
}

/** When the credential in use ends, and whether that is soon. Pure; `within` is how soon is too soon. */
export function checkExpiry(expires: string | undefined, now: Date, within: Duration): Finding {
  const base = { id: 'credential.expiry', title: 'Client secret has time left' };
  const end = expires === undefined ? Number.NaN : Date.parse(expires);
  if (expires === undefined || Number.isNaN(end)) return { ...base, status: 'skip', evidence: 'its end is not known' };
  const days = Math.floor((end - now.getTime()) / 86_400_000);
  if (end <= now.getTime()) {
    return {
      ...base,
      status: 'fail',
      evidence: `it ended on ${expires.slice(0, 10)}`,
      remedy: 'Run reporting-setup again: it makes a new client secret.',
      code: 'credential-expired',
    };
  }
  const evidence = `ends on ${expires.slice(0, 10)}, in ${days} ${days === 1 ? 'day' : 'days'}`;
  if (addDuration(now, within).getTime() < end) return { ...base, status: 'pass', evidence };
  return {
    ...base,
    status: 'warn',
    evidence,
    remedy: 'Run reporting-setup before that day and choose to make a new secret.',
    code: 'credential-expires-soon',
  };
}

/** The client secret. */
export const credential: Step = { id: 'credential', plan };
