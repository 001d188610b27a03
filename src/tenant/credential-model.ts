import type { Duration } from '../core/duration.ts';
import type { Secret } from '../core/secret.ts';
import type { Answer } from './tenant-model.ts';

/** The kind of credential that is asked for, and what only that kind takes. */
export type WantedCredential =
  | { readonly kind: 'secret' }
  /** `path` is one's own file with certificate and private key; the program makes one where it is absent. */
  | { readonly kind: 'certificate'; readonly path?: string }
  | ({ readonly kind: 'federated' } & Trust);

/** Whose tokens a federated credential takes: all three are compared byte for byte. */
export interface Trust {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** ISO 8601. */
  readonly endDateTime: string;
}

/** A certificate that an application lists: its public half. */
export interface KeyCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** ISO 8601. */
  readonly endDateTime: string;
  /** The SHA-1 thumbprint as Graph shows it, unless whoever added the certificate chose something else. */
  readonly customKeyIdentifier: string;
}

/** A trust in tokens of another identity provider. */
export interface FederatedCredential {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

/** A certificate with its private key in a file on this machine. */
export interface LocalCertificate {
  /** Full path. */
  readonly path: string;
  /** SHA-1 of the certificate, upper-case hexadecimal: by this Entra shows it. */
  readonly thumbprint: string;
  /** A GUID made from the certificate alone: adding it a second time is recognised. */
  readonly keyId: string;
  /** The certificate, DER in base64: all that is ever sent. */
  readonly key: string;
  /** Common name of its subject. */
  readonly name: string;
  /** ISO 8601, to the second. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Made by this program. */
  readonly isOwn: boolean;
  /** The private key in the file opens only with a pass phrase. */
  readonly isEncrypted: boolean;
  /** Certificate and private key, PEM, no pass phrase. */
  readonly pem: Secret;
}

/** The certificates of this installation. */
export interface LocalCertificates {
  /** The one that `--certificate-file` names. */
  readonly given: LocalCertificate | undefined;
  /** The one that the config file names; a text says why it is of no use. */
  readonly saved: LocalCertificate | string | undefined;
  /** Where a new one goes, and what an earlier run left there. */
  readonly slot: { readonly path: string; readonly left: LocalCertificate | string | undefined };
}

/** What the config file's credential turned out to be when Entra was asked for a token with it. */
export interface SavedCredential {
  readonly keyId: string;
  /** ISO 8601. */
  readonly expires: string;
  /** `presumed` where only the application itself stands in the way. */
  readonly accepted: Answer | 'presumed';
  /** Entra's reason when it was not accepted. */
  readonly reason?: string;
}

/** By what a client secret is recognised whose text was lost: nobody else makes one just like it. */
export interface SecretMarker {
  readonly applicationId: string;
  readonly displayName: string;
  /** ISO 8601, to the second. */
  readonly endDateTime: string;
  /** Key ids that were there before: never this secret. */
  readonly knownKeyIds: readonly string[];
}

/** A client secret made in this run. */
export interface CreatedSecret {
  readonly kind: 'secret';
  readonly keyId: string;
  readonly displayName: string;
  /** ISO 8601. */
  readonly expires: string;
  readonly secret: Secret;
}

/** A certificate that was made known to the tenant in this run. */
export interface CreatedCertificate {
  readonly kind: 'certificate';
  readonly keyId: string;
  readonly displayName: string;
  /** ISO 8601. */
  readonly expires: string;
  readonly certificate: LocalCertificate;
}

/** A trust that was set up in this run; it does not expire. */
export interface CreatedTrust extends Trust {
  readonly kind: 'federated';
  readonly keyId: string;
  readonly displayName: string;
  readonly expires?: undefined;
}

export type CreatedCredential = CreatedSecret | CreatedCertificate | CreatedTrust;

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

/** The note next to the output that a secret is about to be made; it outlives a run that was cut. */
export interface SecretNote {
  write(marker: SecretMarker): Promise<void>;
  /** What this run has written. */
  written(): readonly SecretMarker[];
  clear(): Promise<void>;
}

/** What the tenant's policies say about client secrets; undefined where they are not readable. */
export interface CredentialPolicy {
  /** False where only the setting for registration could be read. */
  readonly isReadable: boolean;
  readonly secretsBlocked: boolean;
  readonly secretLifetimeCap: Duration | undefined;
  readonly certificateLifetimeCap: Duration | undefined;
  /** Whether ordinary users may register applications. */
  readonly usersMayRegister: boolean | undefined;
}
