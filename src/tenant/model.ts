import type { LocalCertificate, LocalCertificates } from '../config/certificate.ts';
import type { ConfigReading } from '../config/config.ts';
import type { Output } from '../config/config-output.ts';
import type { KeyFiles } from '../config/private-key-file.ts';
import type { SecretMarker, SecretNote } from '../config/secret-note.ts';
import type { Duration } from '../core/duration.ts';
import type { ChangeOf, PlannedChange, StepOf } from '../core/engine.ts';
import type { Answer } from '../core/findings.ts';
import type { Secret } from '../core/secret.ts';
import type { Cloud, CloudReference } from '../entra/clouds.ts';
import type { Directory } from '../graph/directory.ts';
import type {
  Account,
  ApiName,
  Application,
  AppRoleAssignment,
  CredentialPolicy,
  DeletedApplication,
  FederatedCredential,
  Resource,
  ServicePrincipal,
  Tenant,
} from './directory-objects.ts';

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

/** What the operator asked for: complete and valid before the first write. */
export interface Wanted {
  /** Only when given: an existing application keeps its name otherwise. */
  readonly appName?: string;
  /** Home page and redirect URI, null for none; only when given: an existing application keeps its own otherwise. */
  readonly signOnUrl?: string | null;
  readonly apis: readonly ApiName[];
  /** An existing application to use instead of the wizard's own. */
  readonly clientId?: string;
  readonly domain: string;
  readonly cloudReference: CloudReference;
  readonly credential: WantedCredential;
  /** What the secret or certificate is called in the tenant. */
  readonly secretName: string;
  readonly secretLifetime: Duration;
  /** True when the saved secret or certificate is to be replaced although it still works. */
  readonly freshSecret: boolean;
  /** An application that somebody else deactivated is to be activated again. */
  readonly activate?: boolean;
  /** How long a credential that this one replaces stays at least; a week where absent. */
  readonly overlap?: Duration | undefined;
}

/** What is there: read from the tenant and the config file. Steps fill in their own part. */
export interface Have {
  readonly tenant: Tenant;
  readonly account: Account | undefined;
  readonly policy: CredentialPolicy | undefined;
  readonly resources: readonly Resource[];
  readonly application: Application | undefined;
  readonly deletedApplication: DeletedApplication | undefined;
  /** Whether the application that is there gets no tokens, since somebody deactivated it. */
  readonly deactivated: Answer;
  /** This run has activated it again. */
  readonly activated?: true;
  readonly servicePrincipal: ServicePrincipal | undefined;
  /** Granted application permissions; undefined when they could not be read. */
  readonly assignments: readonly AppRoleAssignment[] | undefined;
  /** Why they could not be read. */
  readonly assignmentsHidden?: string;
  /** Why it could not be read what the retired API offers. */
  readonly retiredApiHidden?: string;
  /** Undefined where they were not read, or could not be. */
  readonly federated: readonly FederatedCredential[] | undefined;
  readonly config: ConfigReading;
  readonly certificates: LocalCertificates;
  readonly saved: SavedCredential | undefined;
  /** The credential made in this run, before it is anywhere but in memory and in the config file. */
  readonly created: CreatedCredential | undefined;
  /** Secrets that an earlier attempt or run may have made without anybody having kept their text. */
  readonly markers: readonly LostMarker[];
  /** Changes that Microsoft Graph did not let this account make: somebody else has to. */
  readonly refused: readonly Pick<PlannedChange, 'kind' | 'name'>[];
  /** Object ids and client ids made in this run: only these may be waited for. */
  readonly createdIds: readonly string[];
  /** Key ids of certificates that this run removed, or set out to. */
  readonly removedKeys?: readonly string[];
  /** Objects that this run made for certain, oldest first: only these may be undone. */
  readonly made: readonly Made[];
}

/** A mark, and when its secret may have been made, in epoch milliseconds; absent for one of an earlier run. */
export interface LostMarker extends SecretMarker {
  readonly at?: number;
  /** Graph refused it: a copy of the directory that lags may have said so of what another one did. */
  readonly denied?: true;
}

/** An object whose creation Graph confirmed: not one that was there before, or that somebody else may have made. */
export interface Made {
  readonly kind: 'application' | 'servicePrincipal' | 'appRoleAssignment';
  readonly name: string;
  readonly id: string;
}

/** A tenant nothing is known of yet. */
export const unseen: Have = {
  tenant: { id: '', displayName: '', tenantType: undefined, verifiedDomains: [], premium: 'unknown' },
  account: undefined,
  policy: undefined,
  resources: [],
  application: undefined,
  deletedApplication: undefined,
  deactivated: 'unknown',
  servicePrincipal: undefined,
  assignments: undefined,
  federated: undefined,
  certificates: { given: undefined, saved: undefined, slot: { path: '', left: undefined } },
  config: { status: 'absent' },
  saved: undefined,
  created: undefined,
  markers: [],
  refused: [],
  createdIds: [],
  made: [],
};

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

/** A credential that was made in this run, as the tenant lists it. */
interface Created {
  readonly keyId: string;
  readonly displayName: string;
  /** ISO 8601. */
  readonly expires: string;
}

export interface CreatedSecret extends Created {
  readonly kind: 'secret';
  readonly secret: Secret;
}

export interface CreatedCertificate extends Created {
  readonly kind: 'certificate';
  readonly certificate: LocalCertificate;
}

/** It does not expire. */
export interface CreatedTrust extends Omit<Created, 'expires'>, Trust {
  readonly kind: 'federated';
  readonly expires?: undefined;
}

export type CreatedCredential = CreatedSecret | CreatedCertificate | CreatedTrust;

/** One application permission that the job needs, resolved in this tenant. */
export interface NeededPermission {
  readonly api: ApiName;
  readonly value: string;
  readonly appRoleId: string;
  /** Object id of the resource's service principal in this tenant. */
  readonly resourceId: string;
  readonly resourceAppId: string;
  readonly resourceName: string;
}

/** Proves that one has the private key of a certificate. */
export interface Possession {
  /** One that the application lists by now. */
  readonly certificate: LocalCertificate;
  /** The RSA signature (PKCS #1, SHA-256) of a text by that certificate's key, in base64url. */
  readonly sign: (text: string) => string;
}

/** What a change may touch. */
export interface ApplyIo {
  readonly directory: Directory;
  readonly output: Output;
  readonly note: SecretNote;
  readonly keys: KeyFiles;
  /** Rejects when the run is cancelled. Milliseconds. */
  readonly sleep: (delay: number) => Promise<void>;
  readonly now: () => Date;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** The application rolls its own certificates over: by what it proves that it holds one of them. */
  readonly possession?: Possession | undefined;
  /** The account was read to have the right for this change: that an object of this run is denied to it may pass. */
  readonly permitted?: boolean;
}

/** What observing may touch. */
export interface ObserveIo {
  readonly directory: Directory;
  readonly cloud: Cloud;
  readonly now: () => Date;
}

/** What observing starts from: who is signed in and which application to look for first. */
export interface ObserveInput {
  readonly signedIn: {
    /** Unknown where the token does not tell: then Graph does. */
    readonly kind: 'user' | 'application' | 'unknown';
    readonly name: string;
    /** Of an application; undefined where the token does not tell. */
    readonly permissions: readonly string[] | undefined;
    /** Empty where the token does not tell. */
    readonly objectId: string;
    /** `tid` claim of the token; undefined where it does not say. */
    readonly tenantId: string | undefined;
    /** `wids` claim of the token. */
    readonly roleHints: readonly string[];
  };
  /** Client ids to look up, best first; the wizard's own uniqueName comes after them. */
  readonly clientId: string | undefined;
  /** True when only the application of `clientId` will do. */
  readonly onlyClientId: boolean;
}

/** Turns what was there before a change into what is there after it. */
export type Update = (have: Have) => Have;

/** One write not done yet. */
export type Change = ChangeOf<Have, ApplyIo>;

/** One resource or prerequisite of the job. */
export type Step = StepOf<Wanted, Have, ObserveIo, ObserveInput, ApplyIo>;
