import type { KeyCredential, PasswordCredential } from './credential-model.ts';

export interface RequiredResourceAccess {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: string }[];
}

export interface Application {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly uniqueName: string | null;
  /** ISO 8601. */
  readonly createdDateTime?: string;
  readonly signInAudience: string;
  /** Of its web platform. */
  readonly redirectUris: readonly string[];
  readonly requiredResourceAccess: readonly RequiredResourceAccess[];
  readonly passwordCredentials: readonly PasswordCredential[];
  readonly keyCredentials: readonly KeyCredential[];
}

/** The wizard's own application in the recycle bin, where its uniqueName stays taken for 30 days. */
export interface DeletedApplication {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
}
