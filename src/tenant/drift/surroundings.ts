import type { Application, AppRoleAssignment, FederatedCredential } from '../directory-objects.ts';

/** What was read; or why it was not, in words that complete "not checked: …". */
export type Seen<T> = { readonly value: T } | { readonly hidden: string };

/** A client secret or certificate as an object lists it. */
export interface ListedCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** ISO 8601; empty where Graph does not say. */
  readonly startDateTime: string;
  readonly endDateTime: string;
}

/** Secrets and certificates of an application or a service principal. */
export interface ListedCredentials {
  readonly secrets: readonly ListedCredential[];
  readonly certificates: readonly ListedCredential[];
}

/** Where sign-ins to an application may be sent. */
export interface RedirectUri {
  readonly platform: 'web' | 'single-page' | 'public client';
  readonly uri: string;
}

/** An application registration with everything that drift may show in. */
export interface ApplicationDetail {
  readonly application: Application;
  readonly tags: readonly string[];
  readonly homePageUrl: string;
  readonly redirectUris: readonly RedirectUri[];
  /** Kinds of token that the implicit grant hands out. */
  readonly implicitGrant: readonly ('access tokens' | 'ID tokens')[];
  readonly isPublicClient: boolean;
  readonly credentials: ListedCredentials;
}

/** Its service principal likewise. */
export interface PrincipalDetail {
  readonly id: string;
  readonly accountEnabled: boolean;
  readonly assignmentRequired: boolean;
  readonly credentials: ListedCredentials;
}

/** A delegated permission grant: to act for everybody, or for one person. */
export interface DelegatedGrant {
  readonly resourceId: string;
  readonly forEverybody: boolean;
  /** Values of the permissions. */
  readonly scopes: readonly string[];
}

/** Who owns an application. */
export interface Owner {
  readonly id: string;
  readonly name: string;
  readonly kind: 'member' | 'guest' | 'service principal' | 'unknown';
}

/** An application of this program's, by the marks that it carries. */
export interface Sibling {
  readonly appId: string;
  readonly displayName: string;
  readonly uniqueName: string;
  readonly tags: readonly string[];
  /** ISO 8601; empty for one that is not deleted. */
  readonly deletedDateTime: string;
}

/** An application with everything that hangs on it. An object that is not there is undefined. */
export interface Surroundings {
  readonly application: Seen<ApplicationDetail | undefined>;
  readonly servicePrincipal: Seen<PrincipalDetail | undefined>;
  readonly assignments: Seen<readonly AppRoleAssignment[]>;
  readonly delegated: Seen<readonly DelegatedGrant[]>;
  readonly owners: Seen<readonly Owner[]>;
  readonly federated: Seen<readonly FederatedCredential[]>;
  /** Applications with this program's tag. */
  readonly tagged: Seen<readonly Sibling[]>;
  /** The recycle bin. */
  readonly deleted: Seen<readonly Sibling[]>;
}
