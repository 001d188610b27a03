/** Kinds of credential that setup can make, as `--credential` spells them. */
export const credentialKinds = ['secret', 'certificate', 'federated'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** What they are called in a sentence. */
export const credentialNouns: Readonly<Record<CredentialKind, string>> = {
  secret: 'client secret',
  certificate: 'certificate',
  federated: 'federated credential',
};

/** What can be special about the sandbox tenant, as `--sandbox` and `--scenario` spell it; the sandbox has the last word. */
export const sandboxScenarios = [
  'default',
  'reader',
  'app-admin',
  'privileged-role-admin',
  'pim-eligible',
  'no-roles',
  'no-premium',
  'no-logs',
  'secrets-blocked',
  'lifetime-cap',
  'registration-disabled',
  'device-code-blocked',
  'lag',
  'throttled',
  'flaky',
  'no-legacy-graph',
  'many-rows',
  'unthrottled',
  'late-rows',
  'strict-filters',
  'secrets-blocked-with-exclusions',
  'deactivated',
  'protected-purge',
  'hard-delete-protected',
] as const;
