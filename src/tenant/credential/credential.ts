import type { ReportingConfig } from '../../config/config.ts';
import { formatDuration } from '../../core/duration.ts';
import { sameId } from '../../core/fields.ts';
import type { Change, Have, Step, Wanted } from '../model.ts';
import { isUsable, keepSaved, savedConfig } from '../saved-config.ts';
import {
  certificateCreation,
  certificateKeep,
  isCertificateKept,
  replacedCertificate,
} from './certificate-credential.ts';
import { lostSecretRemovals, secretCreation, secretRemoval } from './client-secret.ts';
import { isTrustKept, namesTrust, replacedTrust, trustCreation, trustKeep } from './federated-credential.ts';
import { defaultOverlap, staysBeside } from './previous-credentials.ts';

/** Whether the saved credential stays: it is of the kind that is wanted, it works, and nobody asked for another. */
export function isKept(want: Wanted, have: Have): boolean {
  const { credential } = want;
  if (savedConfig(have)?.credential.kind !== credential.kind) return false;
  if (credential.kind === 'federated') return isTrustKept(credential, have);
  if (want.freshSecret) return false;
  return credential.kind === 'secret' ? isUsable(have) : isCertificateKept(have);
}

function keepPlan(want: Wanted, have: Have, saved: ReportingConfig): Change[] {
  const { credential } = want;
  switch (credential.kind) {
    case 'secret':
      return keepSaved(
        'passwordCredential',
        (name) => `Client secret "${name}" in the file`,
        want,
        have,
        saved,
      );
    case 'certificate':
      return certificateKeep(want, have, saved);
    case 'federated':
      return trustKeep(want, have, credential, saved);
  }
}

function creation(want: Wanted, have: Have, now: Date): Change[] {
  const { credential } = want;
  switch (credential.kind) {
    case 'secret':
      return [secretCreation(want, have, now)];
    case 'certificate':
      return certificateCreation(want, have, now);
    case 'federated':
      return [trustCreation(want, have, credential)];
  }
}

const kinds = {
  secret: ['passwordCredential', 'Client secret'],
  certificate: ['keyCredential', 'Certificate'],
  federated: ['federatedIdentityCredential', 'Federated credential'],
} as const satisfies Record<string, readonly [Change['kind'], string]>;

/** A credential that works is named in the file beside the new one, until nobody uses it any more. */
function stayingBeside({ credential, overlap = defaultOverlap }: Wanted, saved: ReportingConfig): Change[] {
  const { kind: held, keyId = '', displayName } = saved.credential;
  if (credential.kind === 'federated' && namesTrust(saved, credential)) return [];
  const [kind, noun] = kinds[held];
  const name = displayName ?? keyId;
  const time = formatDuration(overlap);
  const stays =
    time === '' ? 'stays until the new one is proven' : `stays valid beside it for ${time} at least`;
  return [{ action: 'keep', kind, name, id: keyId, title: `${noun} "${name}" ${stays}` }];
}

/** The replaced credential goes once the new one is proven; only the one that this file held, never another machine's. */
function replacedRemovals(want: Wanted, have: Have): Change[] {
  const saved = savedConfig(have);
  if (!saved) return [];
  if (staysBeside(saved, have)) return stayingBeside(want, saved);
  const { kind, keyId, displayName } = saved.credential;
  const { credential } = want;
  const name = displayName ?? keyId ?? '';
  const titleOf = (what: string): string =>
    `Remove the replaced ${what} "${name}" once the new credential is proven`;
  if (credential.kind === 'federated' && namesTrust(saved, credential)) return [];
  if (kind === 'federated') return replacedTrust(saved, titleOf('federated credential'));
  if (kind === 'certificate') return replacedCertificate(have, saved, titleOf('certificate'));
  const listed = have.application?.passwordCredentials.some((one) => sameId(one.keyId, keyId));
  const restored = have.application === undefined && have.deletedApplication !== undefined;
  if (keyId === undefined || !(listed || restored)) return [];
  return [secretRemoval(keyId, name, titleOf('client secret'))];
}

function plan(want: Wanted, have: Have, now: Date): Change[] {
  const saved = savedConfig(have);
  if (saved && isKept(want, have)) return [...keepPlan(want, have, saved), ...lostSecretRemovals(have)];
  return [...creation(want, have, now), ...lostSecretRemovals(have), ...replacedRemovals(want, have)];
}

/** The credential: a client secret, a certificate, or the trust in another identity provider. */
export const credential: Step = { id: 'credential', plan };
