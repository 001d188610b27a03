import { basename, dirname, extname, join } from 'node:path';
import { WizardError } from '../core/errors.ts';
import type { Redactor } from '../core/redact.ts';
import {
  CertificateProblem,
  type LocalCertificate,
  type MakeKeyPair,
  makeCertificate,
  readCertificate,
} from './certificate.ts';
import { type ConfigFileState, inspectConfigFile } from './config-file.ts';
import {
  type Files,
  ifThere,
  readTextFile,
  realFiles,
  realPathIfThere,
  replaceFile,
  syncFolder,
  unreadableReason,
  withWizardErrors,
} from './file-system.ts';

/** Private keys with their certificates, each in a file of its own next to the output. */
export interface KeyFiles {
  /** Makes a key pair and a self-signed certificate, and saves both in a file that only its owner can read. */
  make(request: {
    readonly path: string;
    readonly name: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
  }): Promise<LocalCertificate>;
  /** Deletes one that this program made; one that is gone already is fine. */
  remove(path: string): Promise<void>;
}

/** So many keys of one output may be in use at a time: the present one, its successor, and those that are not retired yet. */
const mostKeys = 12;

/** `reporting.json` has `reporting.pem` and `reporting.next.pem`: one in use, the other for its successor; and more where several stay valid beside each other. */
export function keyPaths(output: string): readonly string[] {
  // An output that is called .pem itself must not be taken for its key.
  const extension = extname(output).toLowerCase() === '.pem' ? '' : extname(output);
  const stem = join(dirname(output), basename(output, extension));
  const more = Array.from({ length: mostKeys - 2 }, (_, index) => `${stem}.next${index + 2}.pem`);
  return [`${stem}.pem`, `${stem}.next.pem`, ...more];
}

/** Where a new key goes: the first place that none in use has. Throws WizardError where all are taken. */
export function freeKeyPath(output: string, used: readonly (string | undefined)[]): string {
  const free = keyPaths(output).find((path) => !used.includes(path));
  if (free !== undefined) return free;
  throw new WizardError('output-unusable', `${mostKeys} private keys of this file are in use already.`, {
    remedy: 'Retire those that were replaced first: `reporting-setup rotate --if-expires-within 30d --yes`',
  });
}

/** Mounted secrets and certificate tools hand out symbolic links: they are followed. */
async function textOf(path: string): Promise<string | undefined> {
  const real = await realPathIfThere(path);
  if (real === undefined) return undefined;
  try {
    return await readTextFile(real);
  } catch (error) {
    const reason = unreadableReason(error);
    // PFX files are DER, whose first bytes are no text.
    const problem = reason.includes('is not UTF-8')
      ? 'is no PEM file. A .pfx or .p12 file is turned into one by: openssl pkcs12 -in file.pfx -out file.pem -noenc'
      : `cannot be read: ${reason}`;
    throw new CertificateProblem(problem, false, error);
  }
}

/** How often a pass phrase is asked for. */
const mostTries = 3;

/**
 * Reads a certificate with its private key, undefined where there is no file. `passPhrase` is asked only where the key
 * needs one, and again where another answer did not open it. Throws CertificateProblem.
 */
export async function readKeyFile(
  path: string,
  redactor: Redactor,
  passPhrase: (isAgain: boolean) => Promise<string | undefined>,
): Promise<LocalCertificate | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  let given: string | undefined;
  for (let tries = 0; ; tries += 1) {
    try {
      return readCertificate({ path, text, redactor, ...(given === undefined ? {} : { passPhrase: given }) });
    } catch (error) {
      if (!(error instanceof CertificateProblem) || !error.needsPassPhrase || tries === mostTries)
        throw error;
      const next = await passPhrase(tries > 0);
      // Whoever says the same again, as a pipe does, has no other.
      if (next === undefined || next === given) throw error;
      given = next;
    }
  }
}

/** What can be seen of a key file from outside; of what a symbolic link leads to. */
export async function inspectKeyFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  files: Files = realFiles,
): Promise<ConfigFileState> {
  return inspectConfigFile((await realPathIfThere(path)) ?? path, env, files);
}

/**
 * Keeps private keys on this machine; `make` and `remove` throw WizardError `output-not-saved`, and what
 * `requireSameFolder` throws, which is asked before a key is written.
 */
export function createKeyFiles(
  redactor: Redactor,
  requireSameFolder = async (): Promise<void> => undefined,
  makeKeyPair?: MakeKeyPair,
): KeyFiles {
  return {
    async make({ path, name, notBefore, notAfter }) {
      await requireSameFolder();
      const text = await makeCertificate(name, notBefore, notAfter, makeKeyPair);
      const certificate = readCertificate({ path, text, redactor });
      await withWizardErrors('output-not-saved', path, () =>
        replaceFile(path, text, realFiles, requireSameFolder),
      );
      return certificate;
    },
    remove: (path) =>
      withWizardErrors('output-not-saved', path, async () => {
        await ifThere(realFiles.unlink(path));
        await syncFolder(path, realFiles);
      }),
  };
}
