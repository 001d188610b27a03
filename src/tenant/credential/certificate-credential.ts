import type { LocalCertificate } from '../../config/certificate.ts';
import type { ReportingConfig } from '../../config/config.ts';
import { addDuration, cappedEnd, type Duration, formatDuration } from '../../core/duration.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { safeText } from '../../core/text.ts';
import { removalOf, requireApplication } from '../changes.ts';
import type { ApplyIo, Change, Have, Update, Wanted } from '../model.ts';
import { isUsable, keepSaved, saveCreated, savedConfig } from '../saved-config.ts';
import { addKey, keyTargetOf, listedKey, removeKey, withoutKey } from './key-credentials.ts';
import { isOwnKeyId } from './previous-credentials.ts';
import { rollIn } from './self-roll.ts';

/** Milliseconds by which a new certificate's dates lie back: clocks differ, also those of whoever checks it later. */
const backdating = 3_600_000;
const day = 86_400_000;

const startOf = (now: Date): Date => new Date(Math.floor((now.getTime() - backdating) / 1_000) * 1_000);

/** When a certificate made now ends, and whether the tenant's cap shortened it. Pure. */
export const certificateEnd = (
  want: Pick<Wanted, 'secretLifetime'>,
  { policy }: Pick<Have, 'policy'>,
  now: Date,
) => cappedEnd(startOf(now), want.secretLifetime, policy?.certificateLifetimeCap);

/** The tenant's cap, where one's own certificate is valid for longer: it cannot be shortened. Pure. */
export function exceededCap({
  certificates,
  policy,
}: Pick<Have, 'certificates' | 'policy'>): Duration | undefined {
  const { given } = certificates;
  const cap = policy?.certificateLifetimeCap;
  if (!given || !cap) return undefined;
  return Date.parse(given.notAfter) > addDuration(new Date(given.notBefore), cap).getTime() ? cap : undefined;
}

/** The config file's certificate, where it can be read. */
function savedCertificate(have: Have): LocalCertificate | undefined {
  const { saved } = have.certificates;
  return savedConfig(have)?.credential.kind === 'certificate' && typeof saved === 'object'
    ? saved
    : undefined;
}

/** Whether the saved certificate is the one that is wanted, and Entra takes it. Pure. */
export function isCertificateKept(have: Have): boolean {
  const saved = savedCertificate(have);
  if (!saved || !isUsable(have)) return false;
  const { given } = have.certificates;
  return given === undefined || given.thumbprint === saved.thumbprint;
}

/** Where the certificate comes from. */
type Source =
  | { readonly from: 'file'; readonly certificate: LocalCertificate }
  | { readonly from: 'new'; readonly path: string };

/** An earlier run made it for this very purpose, and was cut before the config file named it. */
function fits(left: LocalCertificate, want: Wanted, have: Have, now: Date): boolean {
  const saved = savedCertificate(have);
  const newest = !saved || Date.parse(saved.notBefore) < Date.parse(left.notBefore);
  const short = certificateEnd(want, have, now).end.getTime() - Date.parse(left.notAfter);
  return left.isOwn && newest && short > -day / 24 && short < 7 * day;
}

/** Throws WizardError where a new one has no place to go. */
function sourceOf(want: Wanted, have: Have, now: Date): Source {
  const { given, slot } = have.certificates;
  if (given) return { from: 'file', certificate: given };
  const { left } = slot;
  if (typeof left === 'object' && fits(left, want, have, now)) return { from: 'file', certificate: left };
  if (left === undefined || (typeof left === 'object' && left.isOwn)) return { from: 'new', path: slot.path };
  const why = typeof left === 'string' ? `it ${left}` : 'it was not made by this program';
  throw new WizardError('output-unusable', `${safeText(slot.path, 500)} is in the way: ${why}.`, {
    remedy: 'Use that file with --certificate-file, move it away, or choose another --output.',
  });
}

function obtain(source: Source, want: Wanted, have: Have, io: ApplyIo): Promise<LocalCertificate> {
  if (source.from === 'file') return Promise.resolve(source.certificate);
  const now = io.now();
  const notAfter = certificateEnd(want, have, now).end;
  return io.keys.make({ path: source.path, name: want.secretName, notBefore: startOf(now), notAfter });
}

/** Key file first, then the tenant, then the config file: whatever cuts this short, a second run goes on from there. */
async function create(source: Source, want: Wanted, have: Have, io: ApplyIo): Promise<Update> {
  const target = keyTargetOf(requireApplication(have), have);
  const certificate = await obtain(source, want, have, io);
  const present = { certificate, displayName: want.secretName };
  const keyId = io.possession
    ? await rollIn(target, certificate, io.possession, io)
    : await addKey(target, present, 'add the certificate', io);
  const created = {
    kind: 'certificate',
    keyId,
    displayName: want.secretName,
    expires: certificate.notAfter,
    certificate,
  } as const;
  await saveCreated(want, have, created, io);
  return (current) => ({ ...current, created });
}

function titleFor(source: Source, want: Wanted, have: Have, now: Date): string {
  if (source.from === 'file') {
    const { certificate } = source;
    return `Add the certificate in ${certificate.path} as "${want.secretName}", valid until ${certificate.notAfter.slice(0, 10)}`;
  }
  const { end, capped } = certificateEnd(want, have, now);
  const note = capped ? ` (the tenant allows ${formatDuration(capped)} at most)` : '';
  return `Make certificate "${want.secretName}", valid until ${end.toISOString().slice(0, 10)}${note}, its private key only in ${source.path}`;
}

/** A certificate that goes, by its key id; its file too, where it is this program's. */
interface Leaving {
  readonly keyId: string;
  readonly name: string;
  readonly file: LocalCertificate | undefined;
}

/** The certificate in use when this one goes; undefined where another kind of credential is. */
function successorOf({ keyId }: Leaving, now: Have): LocalCertificate | undefined {
  const { created } = now;
  const current = created ? created.kind === 'certificate' && created.certificate : savedCertificate(now);
  return current && current.keyId !== keyId ? current : undefined;
}

async function remove(leaving: Leaving, now: Have, io: ApplyIo): Promise<void> {
  const { application, created } = now;
  const successor = successorOf(leaving, now);
  if (application) {
    // A copy of the directory that lags may not show the successor yet: left out, it would be gone.
    const present = successor && {
      certificate: successor,
      displayName: created?.displayName ?? successor.name,
    };
    const purpose = 'remove the replaced certificate';
    await removeKey(keyTargetOf(application, now), leaving.keyId, present, purpose, io);
  }
  const { file } = leaving;
  if (file?.isOwn && file.path !== successor?.path) await io.keys.remove(file.path);
}

const removal = (leaving: Leaving, title: string): Change =>
  removalOf(
    { kind: 'keyCredential', name: leaving.name, id: leaving.keyId, title },
    (now, io) => remove(leaving, now, io),
    withoutKey(leaving.keyId),
  );

/** The config file's certificate goes once another credential is proven; one that somebody else added stays. */
export function replacedCertificate(have: Have, { credential }: ReportingConfig, title: string): Change[] {
  const { keyId = '', displayName } = credential;
  const listed = have.application?.keyCredentials.some((held) => sameId(held.keyId, keyId));
  if (!listed || !isOwnKeyId(keyId) || sameId(have.certificates.given?.keyId, keyId)) return [];
  return [removal({ keyId, name: displayName ?? keyId, file: savedCertificate(have) }, title)];
}

/** What a cut run left in the tenant and in its file, and what has a successor by now. */
function lostRemovals(have: Have, used: string | undefined): Change[] {
  const { left } = have.certificates.slot;
  if (typeof left !== 'object' || !left.isOwn || sameId(left.keyId, used)) return [];
  const listed = listedKey(left, have.application?.keyCredentials ?? []);
  if (!sameId(listed?.keyId, left.keyId)) return [];
  const title = `Remove certificate "${left.name}" of a run that was cut: another has taken its place`;
  return [removal({ keyId: left.keyId, name: left.name, file: left }, title)];
}

/** The saved certificate stays, and what a cut run left behind goes. */
export const certificateKeep = (want: Wanted, have: Have, saved: ReportingConfig): Change[] => [
  ...keepSaved('keyCredential', (name) => `Certificate "${name}"`, want, have, saved),
  ...lostRemovals(have, saved.credential.keyId),
];

/** The change that makes or takes a certificate, adds it and saves where it is, with what a cut run left behind. */
export function certificateCreation(want: Wanted, have: Have, now: Date): Change[] {
  const source = sourceOf(want, have, now);
  const creation: Change = {
    action: 'create',
    kind: 'keyCredential',
    name: want.secretName,
    title: titleFor(source, want, have, now),
    ...(exceededCap(have) ? { blocked: 'the tenant allows only certificates that end sooner' } : {}),
    apply: (current, io) => create(source, want, current, io),
  };
  const used = source.from === 'file' ? source.certificate.keyId : undefined;
  return [creation, ...lostRemovals(have, used)];
}
