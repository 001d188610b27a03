import type { LocalCertificate } from '../../config/certificate.ts';
import type { ReportingConfig, SecretPlace } from '../../config/config.ts';
import type { CredentialKind } from '../../core/choices.ts';
import type { Secret } from '../../core/secret.ts';
import type { WorkloadIdentity } from '../../entra/workload-token.ts';
import type { Have } from '../model.ts';
import { endOf } from '../saved-config.ts';

/** A credential as it is held on this machine. */
export type HeldCredential =
  | {
      readonly kind: 'secret';
      readonly secret: Secret | undefined;
      /** The store that has it in the file's place. */
      readonly secretIn?: SecretPlace;
    }
  | { readonly kind: 'certificate'; readonly certificate: LocalCertificate | string | undefined }
  | ({ readonly kind: 'federated' } & WorkloadIdentity);

/** The credential that a config file holds. */
export function heldIn(
  { clientSecret, credential }: ReportingConfig,
  certificate: LocalCertificate | string | undefined,
): HeldCredential {
  const { kind, issuer, subject, audience, secretIn } = credential;
  switch (kind) {
    case 'secret':
      return { kind, secret: clientSecret, ...(secretIn === undefined ? {} : { secretIn }) };
    case 'certificate':
      return { kind, certificate };
    case 'federated':
      return { kind, issuer, subject, audience };
  }
}

/** The credential that the file holds by now; undefined before there is one. */
export function heldNow({ created, config, certificates }: Have): HeldCredential | undefined {
  if (!created) return config.status === 'ok' ? heldIn(config.config, certificates.saved) : undefined;
  switch (created.kind) {
    case 'secret':
    case 'federated':
      return created;
    case 'certificate':
      return { kind: created.kind, certificate: created.certificate };
  }
}

/** The end of the credential in use, ISO 8601; undefined where it has none, or none is known. */
export function expiryOf(have: Have): string | undefined {
  if (have.created) return have.created.expires;
  return have.config.status === 'ok' ? endOf(have.config.config, have.saved?.expires) : undefined;
}

/** The kind of the credential in use. */
export function kindOf({ created, config }: Have): CredentialKind {
  return created?.kind ?? (config.status === 'ok' ? config.config.credential.kind : 'secret');
}
