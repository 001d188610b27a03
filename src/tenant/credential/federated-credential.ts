import type { ReportingConfig } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';
import { fieldsOf, textOf, textsOf } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import type { Directory } from '../../graph/directory.ts';
import { listAll } from '../../graph/directory.ts';
import { type DirectoryError, failedWith, isAlreadyThere } from '../../graph/directory-error.ts';
import { isResource } from '../../graph/resource-schemas.ts';
import { confirms, removalOf, requireApplication, showsMade, type Target, targetOf } from '../changes.ts';
import { removeObject } from '../confirm-removal.ts';
import type { FederatedCredential } from '../directory-objects.ts';
import type { ApplyIo, Change, CreatedTrust, Have, Trust, Update, Wanted } from '../model.ts';
import { readIfPossible, type Sight, seenIn } from '../optional-read.ts';
import { rewrites, saveCreated, savedConfig } from '../saved-config.ts';
import { isNamedByUs, trustNamePrefix } from './previous-credentials.ts';

/** FNV-1a, 64 bits: names apart what is different, and gives the same name every time. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}

/** The name of a trust in the tenant: the same for the same issuer and subject. */
const trustName = ({ issuer, subject }: Pick<Trust, 'issuer' | 'subject'>): string =>
  trustNamePrefix + fingerprint(`${issuer}\n${subject}`);

function parse(value: unknown): FederatedCredential {
  const fields = fieldsOf(value);
  return {
    id: textOf(fields['id']),
    name: textOf(fields['name']),
    issuer: textOf(fields['issuer']),
    subject: textOf(fields['subject']),
    audiences: textsOf(fields['audiences']).filter(Boolean),
  };
}

const setOf = (applicationId: string): string =>
  `/applications/${applicationId}/federatedIdentityCredentials`;

/**
 * The federated credentials that an application lists. Graph garbles the list when one of them uses claims matching
 * (msgraph-sdk-python #1359): it is asked for once.
 */
export function readFederated(
  applicationId: string,
  directory: Directory,
): Promise<Sight<readonly FederatedCredential[]>> {
  const purpose = "read the application's federated credentials";
  const request = { method: 'GET', path: setOf(applicationId), purpose, once: true } as const;
  return readIfPossible(directory, async (optional) =>
    (await listAll(optional, request, isResource('federatedCredential'))).map(parse),
  );
}

type Pair = Partial<Pick<Trust, 'issuer' | 'subject'>>;

const samePair = (a: Pair, b: Pair): boolean => a.issuer === b.issuer && a.subject === b.subject;

const isSame = (held: FederatedCredential, trust: Trust): boolean =>
  samePair(held, trust) && held.audiences.length === 1 && held.audiences[0] === trust.audience;

/** The trust that is wanted, where the application has it already. Pure. */
function findTrust(trust: Trust, have: Have): FederatedCredential | undefined {
  return have.federated?.find((held) => isSame(held, trust));
}

/** Whether the config file names this trust and the application has it. Pure. */
export function isTrustKept(trust: Trust, have: Have): boolean {
  const saved = savedConfig(have)?.credential;
  const isNamed = saved?.kind === 'federated' && samePair(saved, trust) && saved.audience === trust.audience;
  return isNamed && findTrust(trust, have) !== undefined;
}

function takenElsewhere(held: FederatedCredential, trust: Trust): WizardError {
  const audience = held.audiences[0] ?? '';
  return new WizardError(
    'federated-refused',
    `The application trusts this issuer and subject already, as ${quoted(held.name)}, but for audience ${quoted(audience)} and not ${quoted(trust.audience)}.`,
    { remedy: `Add --audience ${audience}, or remove that credential under Certificates & secrets.` },
  );
}

async function correct(held: FederatedCredential, trust: Trust, target: Target, directory: Directory) {
  if (isSame(held, trust)) return held;
  if (held.name !== trustName(trust)) throw takenElsewhere(held, trust);
  const { issuer, subject, audience } = trust;
  await directory.send({
    method: 'PATCH',
    path: `${setOf(target.applicationId)}/${held.id}`,
    body: { issuer, subject, audiences: [audience] },
    purpose: 'update the federated credential',
    awaits: target.awaits,
    accepts: confirms(held.id),
  });
  return held;
}

/** Graph refused because the name or the pair is there already: it is looked up, and brought up to date. */
async function adopt(trust: Trust, target: Target, directory: Directory, cause: unknown) {
  const listed = seenIn(await readFederated(target.applicationId, directory));
  const held =
    listed?.find(({ name }) => name === trustName(trust)) ?? listed?.find((one) => samePair(one, trust));
  if (!held) throw cause;
  return correct(held, trust, target, directory);
}

const isTaken = (error: unknown): error is DirectoryError =>
  failedWith(error, (failure) => isAlreadyThere(failure) || /must be unique/i.test(failure.message));

async function add(trust: Trust, target: Target, directory: Directory): Promise<FederatedCredential> {
  const { issuer, subject, audience } = trust;
  try {
    const body = await directory.send({
      method: 'POST',
      path: setOf(target.applicationId),
      body: {
        name: trustName(trust),
        issuer,
        subject,
        audiences: [audience],
        description: 'Reads sign-in and audit logs. Made by reporting-setup.',
      },
      purpose: 'create the federated credential',
      awaits: target.awaits,
      repeatable: true,
      accepts: (shown, header) =>
        showsMade('federatedCredential', { name: trustName(trust), issuer, subject })(shown, header) &&
        isSame(parse(shown), trust),
    });
    return parse(body);
  } catch (error) {
    if (!isTaken(error)) throw error;
    return adopt(trust, target, directory, error);
  }
}

async function create(trust: Trust, want: Wanted, have: Have, io: ApplyIo): Promise<Update> {
  const target = targetOf(requireApplication(have), have);
  const known = have.federated?.find((held) => samePair(held, trust));
  const held = known
    ? await correct(known, trust, target, io.directory)
    : await add(trust, target, io.directory);
  const created: CreatedTrust = { kind: 'federated', keyId: held.id, displayName: held.name, ...trust };
  await saveCreated(want, have, created, io);
  return (current) => ({ ...current, created });
}

/** Trust and file stay as they are. */
export function trustKeep(want: Wanted, have: Have, trust: Trust, saved: ReportingConfig): Change[] {
  const held = findTrust(trust, have);
  const keep: Change = {
    action: 'keep',
    kind: 'federatedIdentityCredential',
    name: held?.name ?? trustName(trust),
    ...(held ? { id: held.id } : {}),
    title: `The application trusts tokens of ${trust.issuer} for ${trust.subject}`,
  };
  return [keep, ...rewrites(want, have, saved)];
}

/** The change that makes the application trust another identity provider, and saves that. Throws WizardError. */
export function trustCreation(want: Wanted, have: Have, trust: Trust): Change {
  if (trust.issuer === '' || trust.subject === '') {
    throw new WizardError(
      'missing-options',
      'Nobody said whose tokens to trust. Missing: --issuer, --subject',
    );
  }
  const held = have.federated?.find((candidate) => samePair(candidate, trust));
  if (held && !isSame(held, trust) && held.name !== trustName(trust)) throw takenElsewhere(held, trust);
  const there = held !== undefined && isSame(held, trust);
  return {
    action: held ? 'update' : 'create',
    kind: there ? 'configFile' : 'federatedIdentityCredential',
    name: there ? 'config file' : trustName(trust),
    ...(held && !there ? { id: held.id } : {}),
    title: there
      ? `Save the config file: the application trusts ${trust.subject} already`
      : `Trust tokens of ${trust.issuer} for subject ${trust.subject} and audience ${trust.audience}: no secret at all`,
    apply: (now, io) => create(trust, want, now, io),
  };
}

/** Removes a trust until the reads agree that it is gone. Rejects as `removeObject` does. */
export function removeTrust(
  { applicationId, awaits }: Target,
  id: string,
  name: string,
  io: Pick<ApplyIo, 'directory' | 'now' | 'sleep'>,
): Promise<void> {
  const path = `${setOf(applicationId)}/${id}`;
  const what = `the federated credential "${name}"`;
  return removeObject({ path, purpose: 'remove the federated credential', what, awaits }, io);
}

/** The change that removes a trust by its id. */
export const trustRemoval = (id: string, name: string, title: string): Change =>
  removalOf({ kind: 'federatedIdentityCredential', name, id, title }, async (now, io) => {
    if (now.application) await removeTrust(targetOf(now.application, now), id, name, io);
  });

/** The replaced trust goes once the new credential is proven; only the one that the config file named. */
export function replacedTrust(saved: ReportingConfig, title: string): Change[] {
  const { kind, keyId, displayName } = saved.credential;
  if (kind !== 'federated' || keyId === undefined || !isNamedByUs(displayName)) return [];
  return [trustRemoval(keyId, displayName, title)];
}

/** Whether the config file names this very trust, its audience apart. Pure. */
export const namesTrust = ({ credential }: ReportingConfig, trust: Trust): boolean =>
  samePair(credential, trust);
