import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileReason, WizardError } from '../core/errors.ts';
import type { Redactor } from '../core/redact.ts';
import { safeText } from '../core/text.ts';
import type { LocalCertificate } from './certificate.ts';
import { CertificateProblem, readCertificate } from './certificate.ts';
import { type ConfigFileState, inspectConfigFile } from './config-file.ts';
import { type Files, ifThere, realFiles } from './file-system.ts';
import { syncFolder, writeTemporary } from './private-file.ts';
import { readTextFile } from './text-file.ts';

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

/** `reporting.json` has `reporting.pem` and `reporting.next.pem`: one in use, the other for its successor. */
export function keyPaths(output: string): readonly [string, string] {
  // An output that is called .pem itself must not be taken for its key.
  const extension = extname(output) === '.pem' ? '' : extname(output);
  const stem = join(dirname(output), basename(output, extension));
  return [`${stem}.pem`, `${stem}.next.pem`];
}

/** The first bytes of DER, which PFX files are made of. */
const looksBinary = (error: unknown): boolean =>
  error instanceof WizardError && /is not UTF-8/.test(error.message);

/** Mounted secrets and certificate tools hand out symbolic links: they are followed. */
async function textOf(path: string): Promise<string | undefined> {
  const real = await ifThere(realpath(path));
  if (real === undefined) return undefined;
  try {
    return await readTextFile(real);
  } catch (error) {
    if (looksBinary(error)) {
      throw new CertificateProblem(
        'is no PEM file. A .pfx or .p12 file is turned into one by: openssl pkcs12 -in file.pfx -out file.pem -noenc',
        false,
        error,
      );
    }
    if (!(error instanceof WizardError)) throw error;
    throw new CertificateProblem(
      error.message.replace(/^.*cannot be read: /s, 'cannot be read: ').replace(/\.$/, ''),
    );
  }
}

/**
 * Reads a certificate with its private key, undefined where there is no file. `passPhrase` is asked only where the key
 * needs one. Throws CertificateProblem.
 */
export async function readKeyFile(
  path: string,
  redactor: Redactor,
  passPhrase: () => Promise<string | undefined>,
): Promise<LocalCertificate | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  try {
    return readCertificate({ path, text, redactor });
  } catch (error) {
    if (!(error instanceof CertificateProblem) || !error.needsPassPhrase) throw error;
    const given = await passPhrase();
    if (given === undefined) throw error;
    return readCertificate({ path, text, redactor, passPhrase: given });
  }
}

/** What can be seen of a key file from outside; of what a symbolic link leads to. */
export async function inspectKeyFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ConfigFileState> {
  return inspectConfigFile((await ifThere(realpath(path))) ?? path, env);
}

/** Throws WizardError in place of a failure of the file system. */
async function translated<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const reason = fileReason(error);
    throw new WizardError('output-not-saved', `${safeText(path)} was not saved: ${reason}.`, {
      cause: error,
    });
  }
}

/** Keeps private keys on this machine; `make` and `remove` throw WizardError `output-not-saved`. */
export function createKeyFiles(redactor: Redactor, files: Files = realFiles): KeyFiles {
  return {
    async make({ path, name, notBefore, notAfter }) {
      const { makeCertificate } = await import('./certificate-maker.ts');
      const text = await makeCertificate(name, notBefore, notAfter);
      const certificate = readCertificate({ path, text, redactor });
      await translated(path, async () => {
        const temporary = await writeTemporary(path, text, files);
        await files.rename(temporary, path);
        await syncFolder(path, files);
      });
      return certificate;
    },
    remove: (path) =>
      translated(path, async () => {
        await ifThere(files.unlink(path));
        await syncFolder(path, files);
      }),
  };
}
