/** Ways to sign in, as `--auth` spells them. */
export const authMethods = [
  'browser',
  'device-code',
  'azure-cli',
  'environment',
  'workload-identity',
  'managed-identity',
] as const;
export type AuthMethod = (typeof authMethods)[number];

/** Kinds of credential that setup can make, as `--credential` spells them. */
export const credentialKinds = ['secret', 'certificate', 'federated'] as const;
export type CredentialKind = (typeof credentialKinds)[number];
