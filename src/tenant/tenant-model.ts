import type { ApiName } from './model.ts';

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
  /** `roles` claim of an application's token; empty for a person. */
  readonly permissions: readonly string[];
  /** What the tenant lets its ordinary members do does not hold for its guests. */
  readonly isGuest: boolean;
  /** Template ids of roles in the sign-in's token (`wids`): a hint, for where the roles are not readable. */
  readonly roleHints: readonly string[];
  /** Whether it owns the application that is there already. */
  readonly ownsApplication: Answer;
  /** Roles it may activate and has not; unknown where this sign-in may not look. */
  readonly eligible: readonly DirectoryRole[] | 'unknown';
  /** Where roles are activated: the cloud's admin center. */
  readonly portal: string;
}

export type Answer = 'yes' | 'no' | 'unknown';

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

/** Application permissions of one resource, as its service principal in this tenant declares them. */
export interface Resource {
  readonly api: ApiName;
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly appRoles: readonly { readonly id: string; readonly value: string; readonly displayName: string }[];
}
