import { dirname } from 'node:path';
import type { CredentialKind } from '../core/choices.ts';
import { WizardError } from '../core/errors.ts';
import { utcMinutes } from '../core/moment.ts';
import type { Redactor } from '../core/redact.ts';
import { safeText } from '../core/text.ts';
import type { LocalCertificate, LocalCertificates } from './certificate.ts';
import { CertificateProblem } from './certificate.ts';
import type { ConfigReading } from './config.ts';
import { resolvePath } from './config-file.ts';
import { realPathIfThere } from './file-system.ts';
import { freeKeyPath, keyPaths, readKeyFile } from './private-key-file.ts';

/** What reading keys may touch. */
export interface KeyIo {
  readonly cwd: string;
  readonly redactor: Redactor;
  /** The pass phrase of a private key. Rejects with WizardError where there is none to be had. */
  readonly passPhrase: (message: string) => Promise<string>;
  readonly now: () => Date;
}

/** The certificate at a path, or what is wrong with it: completes "<file> …". */
async function tryRead(
  path: string,
  io: KeyIo,
  question?: string,
): Promise<LocalCertificate | string | undefined> {
  try {
    return await readKeyFile(path, io.redactor, async (isAgain) =>
      question === undefined
        ? undefined
        : io.passPhrase(isAgain ? `That does not open it. ${question}` : question),
    );
  } catch (error) {
    if (error instanceof CertificateProblem) return error.message;
    throw error;
  }
}

const questionFor = (path: string): string => `Pass phrase of the private key in ${safeText(path, 300)}`;

/** What is wrong with the dates of a certificate, if anything: completes "<file> …". Pure. */
function datesProblem({ notBefore, notAfter }: LocalCertificate, now: Date): string | undefined {
  const today = `now it is ${utcMinutes(now)}`;
  if (Date.parse(notAfter) <= now.getTime())
    return `holds a certificate that ended on ${notAfter.slice(0, 10)} (${today})`;
  if (Date.parse(notBefore) > now.getTime())
    return `holds a certificate that begins on ${notBefore} (${today})`;
  return undefined;
}

/**
 * The certificate of `--certificate-file` is valid at that time: asked again once the servers told theirs. Throws
 * WizardError `certificate-invalid`.
 */
export function requireDates(given: LocalCertificate | undefined, now: Date): void {
  const problem = given && datesProblem(given, now);
  if (problem) throw new WizardError('certificate-invalid', `${safeText(given.path, 500)} ${problem}.`);
}

/** The certificate of `--certificate-file`. Throws WizardError `certificate-invalid`. */
async function loadGiven(name: string, path: string, io: KeyIo): Promise<LocalCertificate> {
  const read = (await tryRead(path, io, questionFor(name))) ?? 'is not there';
  const problem = typeof read === 'string' ? read : datesProblem(read, io.now());
  if (typeof read === 'object' && problem === undefined) return read;
  throw new WizardError('certificate-invalid', `${safeText(name, 500)} ${problem}.`);
}

/**
 * Whether a file lies in the folder of another, symbolic links followed. One that is not there lies nowhere else.
 */
export async function isBeside(path: string, other: string): Promise<boolean> {
  const [real, place] = await Promise.all([realPathIfThere(path), realPathIfThere(other)]);
  return real === undefined || dirname(real) === dirname(place ?? other);
}

/** The certificate that a config file names, or why it is of no use. A relative path counts from `folder`. */
export async function loadSaved(
  certificatePath: string | undefined,
  folder: string,
  io: KeyIo,
  mayAsk: boolean,
): Promise<LocalCertificate | string | undefined> {
  if (certificatePath === undefined) return undefined;
  const path = resolvePath(certificatePath, folder);
  return (await tryRead(path, io, mayAsk ? questionFor(path) : undefined)) ?? 'is not there';
}

/**
 * Reads every certificate that a run of setup may meet: the one that was given, the config file's, and what an earlier
 * run left where a new one would go. Throws WizardError before anything is written where the given one is of no use.
 */
export async function loadCertificates(
  wanted: { readonly credential?: CredentialKind; readonly certificateFile?: string },
  output: string,
  config: ConfigReading,
  io: KeyIo,
): Promise<LocalCertificates> {
  const held = config.status === 'ok' ? config.config : undefined;
  const kind = wanted.credential ?? held?.credential.kind ?? 'secret';
  const name = wanted.certificateFile;
  const given = name === undefined ? undefined : await loadGiven(name, resolvePath(name, io.cwd), io);
  const savedPath =
    held?.certificatePath === undefined ? undefined : resolvePath(held.certificatePath, io.cwd);
  const previous = held?.credential.previous ?? [];
  const used = [held?.certificatePath, ...previous.map(({ certificatePath }) => certificatePath)];
  const path = freeKeyPath(
    output,
    used.map((one) => one && resolvePath(one, io.cwd)),
  );
  const slots = keyPaths(output);
  const isSlot = (one: LocalCertificate): boolean => slots.includes(one.path);
  const own = <T>(one: LocalCertificate | T): LocalCertificate | T =>
    typeof one === 'object' && one !== null && 'pem' in one
      ? { ...one, isOwn: one.isOwn && isSlot(one) }
      : one;
  const saved =
    given && given.path === savedPath
      ? given
      : await loadSaved(savedPath, io.cwd, io, kind === 'certificate' && given === undefined);
  return { given, saved: own(saved), slot: { path, left: own(await tryRead(path, io)) } };
}
