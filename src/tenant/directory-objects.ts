import type { Duration } from '../core/duration.ts';
import type { Answer } from '../core/findings.ts';

export const apiNames = ['microsoft-graph', 'azure-ad-graph'] as const;

export type ApiName = (typeof apiNames)[number];

/** A directory role that is active, spelled as Graph spells it. */
export interface DirectoryRole {
  readonly roleTemplateId: string;
  readonly displayName: string;
}

/** Who is signed in: a person, or an application with the Graph permissions its token carries. */
export interface Account {
  readonly kind: 'user' | 'application';
  readonly id: string;
  readonly name: string;
  /** Directory roles that are active, groups resolved; undefined when they could not be read. */
  readonly roles: readonly DirectoryRole[] | undefined;
  /** `roles` claim of an application's token, undefined where that cannot be read; empty for a person. */
  readonly permissions: readonly string[] | undefined;
  /** What the tenant lets its ordinary members do does not hold for its guests; undefined where nobody can tell. */
  readonly isGuest: boolean | undefined;
  /** Template ids of roles in the sign-in's token (`wids`): a hint, for where the roles are not readable. */
  readonly roleHints: readonly string[];
  /** Whether it owns the application that is there already. */
  readonly ownsApplication: Answer;
  /** Roles it may activate and has not; unknown where this sign-in may not look. */
  readonly eligible: readonly DirectoryRole[] | 'unknown';
  /** Where roles are activated: the cloud's admin center. */
  readonly portal: string;
}

interface VerifiedDomain {
  readonly name: string;
  readonly isDefault: boolean;
  readonly isInitial: boolean;
}

export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  readonly tenantType: string | undefined;
  readonly verifiedDomains: readonly VerifiedDomain[];
  /** Whether Microsoft Entra ID P1 or P2 is there; unknown when the plans are not readable. */
  readonly premium: Answer;
}

/** Application permissions of one resource, as its service principal in this tenant declares them. */
export interface Resource {
  readonly api: ApiName;
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly appRoles: readonly { readonly id: string; readonly value: string; readonly displayName: string }[];
}

export interface RequiredResourceAccess {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: string }[];
}

/** Secrets and certificates of an application or a service principal. */
export interface ListedCredentials {
  readonly passwordCredentials: readonly ListedCredential[];
  readonly keyCredentials: readonly KeyCredential[];
}

export interface Application extends ListedCredentials {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly uniqueName: string | null;
  /** ISO 8601; empty where Graph does not say. */
  readonly createdDateTime?: string;
  readonly signInAudience: string;
  /** Of its web platform; null where it has none. */
  readonly homePageUrl: string | null;
  /** Of its web platform. */
  readonly redirectUris: readonly string[];
  readonly requiredResourceAccess: readonly RequiredResourceAccess[];
}

/** The wizard's own application in the recycle bin, where its uniqueName stays taken for 30 days. */
export type DeletedApplication = Pick<Application, 'id' | 'appId' | 'displayName'>;

export interface ServicePrincipal {
  readonly id: string;
  readonly accountEnabled: boolean;
}

export interface AppRoleAssignment {
  readonly id: string;
  readonly appRoleId: string;
  readonly resourceId: string;
  readonly resourceDisplayName: string;
}

/** A client secret or certificate as an object lists it. */
export interface ListedCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** ISO 8601; empty where Graph does not say. */
  readonly startDateTime: string;
  readonly endDateTime: string;
}

/** A certificate: its public half. */
export interface KeyCredential extends ListedCredential {
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

/** What the tenant's policies say about credentials. */
export interface CredentialPolicy {
  /** True only where that is certain for whoever asks. */
  readonly secretsBlocked: boolean;
  readonly secretLifetimeCap: Duration | undefined;
  readonly certificateLifetimeCap: Duration | undefined;
  /** Why it cannot be told what holds for each kind of credential; undefined where it can. */
  readonly untold: { readonly secret?: string | undefined; readonly certificate?: string | undefined };
  /** Whether ordinary users may register applications. */
  readonly usersMayRegister: boolean | undefined;
}
