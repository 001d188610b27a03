import type { ConfigReading, ReportingConfig } from '../config/config.ts';
import type { Duration } from '../core/duration.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Cloud } from '../entra/clouds.ts';
import type { Application, DeletedApplication } from './application-model.ts';
import type {
  CreatedCredential,
  CredentialPolicy,
  FederatedCredential,
  KeyFiles,
  LocalCertificates,
  SavedCredential,
  SecretMarker,
  SecretNote,
  WantedCredential,
} from './credential-model.ts';
import type { Account, AppRoleAssignment, Resource, ServicePrincipal, Tenant } from './tenant-model.ts';

export type * from './application-model.ts';
export type * from './credential-model.ts';
export type * from './tenant-model.ts';

export const apiNames = ['microsoft-graph', 'azure-ad-graph'] as const;
export type ApiName = (typeof apiNames)[number];

/** Where the tenant is reached; `endpoints` only where the cloud's name does not tell. */
export interface ConfigPlace {
  readonly cloud: ReportingConfig['cloud'];
  readonly endpoints?: { readonly authorityHost: string; readonly graphUrl: string };
}

/** What the operator asked for: complete and valid before the first write. */
export interface Wanted {
  /** Only when given: an existing application keeps its name otherwise. */
  readonly appName?: string;
  /** Home page and redirect URI; null registers none. */
  readonly signOnUrl: string | null;
  readonly apis: readonly ApiName[];
  /** An existing application to use instead of the wizard's own. */
  readonly clientId?: string;
  readonly domain: string;
  readonly place: ConfigPlace;
  readonly credential: WantedCredential;
  /** What the secret or certificate is called in the tenant. */
  readonly secretName: string;
  readonly secretLifetime: Duration;
  /** True when the saved secret or certificate is to be replaced although it still works. */
  readonly freshSecret: boolean;
}

/** What is there: read from the tenant and the config file. Steps fill in their own part. */
export interface Have {
  readonly tenant: Tenant;
  readonly account: Account | undefined;
  readonly policy: CredentialPolicy | undefined;
  readonly resources: readonly Resource[];
  readonly application: Application | undefined;
  readonly deletedApplication: DeletedApplication | undefined;
  readonly servicePrincipal: ServicePrincipal | undefined;
  /** Granted application permissions; undefined when they could not be read. */
  readonly assignments: readonly AppRoleAssignment[] | undefined;
  /** Undefined where they were not read, or could not be. */
  readonly federated: readonly FederatedCredential[] | undefined;
  readonly config: ConfigReading;
  readonly certificates: LocalCertificates;
  readonly saved: SavedCredential | undefined;
  /** The credential made in this run, before it is anywhere but in memory and in the config file. */
  readonly created: CreatedCredential | undefined;
  /** Secrets that an earlier attempt or run may have made without anybody having kept their text. */
  readonly markers: readonly SecretMarker[];
  /** Changes that Microsoft Graph did not let this account make: somebody else has to. */
  readonly refused: readonly Pick<Change, 'kind' | 'name'>[];
  /** Object ids and client ids made in this run: only these may be waited for. */
  readonly createdIds: readonly string[];
  /** Objects that this run made for certain, oldest first: only these may be undone. */
  readonly made: readonly Made[];
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

type ChangeAction = 'create' | 'update' | 'keep' | 'remove';
type ChangeKind =
  | 'application'
  | 'servicePrincipal'
  | 'appRoleAssignment'
  | 'passwordCredential'
  | 'keyCredential'
  | 'federatedIdentityCredential'
  | 'configFile';

/** Turns what was there before a change into what is there after it. */
export type Update = (have: Have) => Have;

/** One write not done yet. It takes ids from `have` when it runs, so that an empty tenant can be planned. */
export interface Change {
  readonly action: ChangeAction;
  readonly kind: ChangeKind;
  readonly name: string;
  /** The object's id where it is known already. */
  readonly id?: string;
  /** One line for people. */
  readonly title: string;
  /** Why it cannot be done by whoever is signed in; the run then ends waiting for somebody else. */
  readonly blocked?: string;
  /** Absent for `keep`. May throw WizardError or DirectoryError. */
  readonly apply?: (have: Have, io: ApplyIo) => Promise<Update>;
}

type FindingStatus = 'pass' | 'warn' | 'fail' | 'skip';

/** The outcome of one check, in the same words wherever it is shown. */
export interface Finding {
  readonly id: string;
  readonly status: FindingStatus;
  readonly title: string;
  /** What was seen. */
  readonly evidence: string;
  /** What to do; only for warn and fail. */
  readonly remedy?: string;
  readonly code?: ErrorCode;
}

/** One request to Graph, relative to its versioned root. */
export interface DirectoryRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Begins with a slash; query included and encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** For people: what is being done, shown while waiting. */
  readonly purpose: string;
  /** Ids made in this run that the request refers to: their replication is waited for. */
  readonly awaits?: readonly string[];
  /** A POST that Graph refuses the second time, and so may be sent again when its reply was lost. */
  readonly repeatable?: boolean;
  /** Whether a success says what it has to; one that does not counts as a reply that was lost. */
  readonly accepts?: (body: unknown) => boolean;
  /** Tried once: its step reads again before it decides about another try. */
  readonly once?: boolean;
}

/** Microsoft Graph, or whatever stands in for it. Rejects with DirectoryError. */
export interface Directory {
  /** The reply's JSON body (undefined for an empty one). Requests of the same tick travel in one $batch. */
  send(request: DirectoryRequest): Promise<unknown>;
}

/** The proven-writable place where the configuration goes. */
export interface Output {
  readonly path: string;
  save(config: ReportingConfig): Promise<void>;
  /** Undoes every `save`: puts back what was there before the first, or takes the file away. */
  restore(): Promise<Restoration>;
}

/** What became of the file: `unsaved` where there was nothing to undo. */
export type Restoration = 'unsaved' | 'restored' | 'removed';

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
}

/** What observing may touch. */
export interface ObserveIo {
  readonly directory: Directory;
  readonly cloud: Cloud;
  readonly now: () => Date;
}
