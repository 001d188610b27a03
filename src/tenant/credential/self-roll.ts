import type { LocalCertificate } from '../../config/certificate.ts';
import { WizardError } from '../../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../../core/fields.ts';
import { DirectoryError, failedWith, isNotFound } from '../../graph/directory-error.ts';
import { createRetryPolicy, type Failure } from '../../http/retry.ts';
import type { Target } from '../changes.ts';
import { removeForGood } from '../confirm-removal.ts';
import type { ApplyIo, Possession } from '../model.ts';
import { isSameKey, readKeys } from './key-credentials.ts';

type RollIo = Pick<ApplyIo, 'directory' | 'now' | 'sleep' | 'random'>;

/** Whom a proof is for, in every cloud (graph-docs concepts/application-rollkey-prooftoken). */
const audience = '00000002-0000-0000-c000-000000000000';

/** Seconds: how long a proof is good, and by how much its beginning lies back, since clocks differ by a second. */
const longest = 600;
const backdating = 30;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A proof that the application holds a key of its own: a JWT of the object, without padding. */
function proofFor({ applicationId }: Target, { certificate, sign }: Possession, now: Date): string {
  const nbf = Math.floor(now.getTime() / 1_000) - backdating;
  const x5t = Buffer.from(certificate.thumbprint, 'hex').toString('base64url');
  const header = { alg: 'RS256', typ: 'JWT', kid: certificate.thumbprint, x5t };
  const claims = { aud: audience, iss: applicationId, nbf, exp: nbf + longest };
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${sign(signed)}`;
}

/** Milliseconds between two looks for a certificate that was added, and how long it is looked for. */
const pause = 2_000;
const patience = 60_000;

async function listedId(target: Target, certificate: LocalCertificate, io: RollIo): Promise<string> {
  const held = await readKeys(target, io);
  return textOf(held.find((entry) => isSameKey(entry, certificate))?.['keyId']);
}

/** The reply tells no id: the list does, once the copy that is asked has learnt of it. */
async function awaitListed(target: Target, certificate: LocalCertificate, io: RollIo): Promise<string> {
  for (let waited = 0; ; waited += pause) {
    const keyId = await listedId(target, certificate, io);
    if (keyId !== '') return keyId;
    if (waited >= patience) {
      const message = 'Microsoft Graph took the certificate, and does not list it yet.';
      throw new WizardError('directory-lagging', message);
    }
    await io.sleep(pause);
  }
}

/**
 * Has the application add a certificate to itself, where it is not there yet. Gives its key id. Needs no permission
 * (graph-docs application-addkey). Rejects with DirectoryError, or WizardError `directory-lagging`.
 */
export async function rollIn(
  target: Target,
  certificate: LocalCertificate,
  possession: Possession,
  io: RollIo,
): Promise<string> {
  const policy = createRetryPolicy(io);
  for (;;) {
    // After a lost reply it may be there.
    const known = await listedId(target, certificate, io);
    if (known !== '') return known;
    try {
      await io.directory.send({
        method: 'POST',
        path: `/applications/${target.applicationId}/addKey`,
        body: {
          keyCredential: { type: 'AsymmetricX509Cert', usage: 'Verify', key: certificate.key },
          passwordCredential: null,
          proof: proofFor(target, possession, io.now()),
        },
        purpose: 'add the certificate with a proof of possession',
        awaits: target.awaits,
        once: true,
        accepts: (body) => fieldsOf(body)['error'] === undefined,
      });
      return await awaitListed(target, certificate, io);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      const wait = policy.after({ failure: error.failure, repeatable: true, fresh: false });
      if (!wait) throw error;
      await io.sleep(wait.delay);
    }
  }
}

const isUnknownKey = (failure: Failure): boolean =>
  isNotFound(failure) || /no key credential found with keyid/i.test(failure.message);

/** A copy that does not know the signing certificate yet: the list then shows that nothing was removed. */
const isUnprovenYet = ({ status, code }: Failure): boolean =>
  status === 401 && code === 'Authentication_MissingOrMalformed';

/**
 * Has the application remove a certificate of its own until the lists agree that it is gone. Rejects with DirectoryError,
 * or WizardError `removal-unconfirmed`.
 */
export function rollOut(target: Target, keyId: string, possession: Possession, io: RollIo): Promise<void> {
  const { applicationId, awaits } = target;
  const isAnswer = (failure: Failure): boolean => isUnknownKey(failure) || isUnprovenYet(failure);
  return removeForGood(
    {
      what: `the certificate with key ID ${keyId}`,
      remove: async () => {
        try {
          await io.directory.send({
            method: 'POST',
            path: `/applications/${applicationId}/removeKey`,
            body: { keyId, proof: proofFor(target, possession, io.now()) },
            purpose: 'remove the replaced certificate with a proof of possession',
            awaits,
            repeatable: true,
            answers: isAnswer,
          });
          return true;
        } catch (error) {
          if (failedWith(error, isAnswer)) return false;
          throw error;
        }
      },
      isThere: async () =>
        (await readKeys(target, io)).some((entry) => sameId(textOf(entry['keyId']), keyId)),
    },
    io,
  );
}
