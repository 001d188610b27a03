import type {
  Application,
  AppRoleAssignment,
  FederatedCredential,
  ListedCredentials,
  ServicePrincipal,
} from './directory-objects.ts';
import type { Seen } from './verdict.ts';

/** Where sign-ins to an application may be sent. */
export interface RedirectUri {
  readonly platform: 'web' | 'single-page' | 'public client';
  readonly uri: string;
}

/** An application registration with everything in which it may differ from what setup makes. */
export interface ApplicationDetail {
  readonly application: Application;
  readonly tags: readonly string[];
  readonly homePageUrl: string;
  readonly redirectUris: readonly RedirectUri[];
  /** Kinds of token that the implicit grant hands out. */
  readonly implicitGrant: readonly ('access tokens' | 'ID tokens')[];
  readonly isPublicClient: boolean;
}

/** Its service principal likewise. */
export interface PrincipalDetail extends ServicePrincipal, ListedCredentials {
  readonly assignmentRequired: boolean;
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

/** An application with a mark of this program: the tag or the uniqueName. */
export interface MarkedApplication {
  /** Object id; empty where it was not asked for. */
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly uniqueName: string;
  readonly tags: readonly string[];
  /** ISO 8601; empty for one that is not deleted. */
  readonly deletedDateTime: string;
}

/** What an administrator sees of an application and all that belongs to it. An object that is not there is undefined. */
export interface Inventory {
  readonly application: Seen<ApplicationDetail | undefined>;
  readonly servicePrincipal: Seen<PrincipalDetail | undefined>;
  readonly assignments: Seen<readonly AppRoleAssignment[]>;
  readonly delegated: Seen<readonly DelegatedGrant[]>;
  readonly owners: Seen<readonly Owner[]>;
  readonly federated: Seen<readonly FederatedCredential[]>;
  /** Applications with this program's tag. */
  readonly tagged: Seen<readonly MarkedApplication[]>;
  /** The recycle bin. */
  readonly deleted: Seen<readonly MarkedApplication[]>;
}
