import type { ClientSecretCredentialOptions, TokenCredential } from '@azure/identity';
import { WizardError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { quoted } from '../core/text.ts';
import type { OAuthError } from './oauth-error.ts';

/** Whose tokens a federated credential takes, or whose token this is; undefined where nothing says so. */
export interface TokenParty {
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly audience: string | undefined;
}

/** What proves to Entra that it is the reporting application that asks. */
export type ApplicationCredential =
  | { readonly kind: 'secret'; readonly secret: Secret }
  /** Certificate and private key, PEM, no pass phrase. */
  | { readonly kind: 'certificate'; readonly pem: Secret }
  | {
      readonly kind: 'federated';
      /** A fresh token of the other identity provider. Rejects with WizardError. */
      readonly assertion: () => Promise<Secret>;
      readonly presented: TokenParty;
      readonly configured: TokenParty;
    };

/** The reporting application's own identity. */
export interface ApplicationIdentity {
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: ApplicationCredential;
}

/** The credential object of @azure/identity for it. Rejects with WizardError where no assertion is to be had. */
export async function buildApplicationCredential(
  { tenantId, clientId, credential }: ApplicationIdentity,
  reveal: (secret: Secret) => string,
  options: ClientSecretCredentialOptions,
): Promise<TokenCredential> {
  const identity = await import('./azure-identity.ts');
  switch (credential.kind) {
    case 'secret':
      return new identity.ClientSecretCredential(tenantId, clientId, reveal(credential.secret), options);
    case 'certificate': {
      const certificate = reveal(credential.pem);
      return new identity.ClientCertificateCredential(tenantId, clientId, { certificate }, options);
    }
    case 'federated': {
      // Fetched here first: an error thrown inside the SDK would lose its details.
      let first: Secret | undefined = await credential.assertion();
      const assertion = async (): Promise<string> => {
        const token = first ?? (await credential.assertion());
        first = undefined;
        return reveal(token);
      };
      return new identity.ClientAssertionCredential(tenantId, clientId, assertion, options);
    }
  }
}

const describeParty = ({ issuer, subject, audience }: TokenParty): string =>
  [
    `issuer ${quoted(issuer ?? 'unknown', 600)}`,
    `subject ${quoted(subject ?? 'unknown', 600)}`,
    `audience ${quoted(audience ?? 'unknown', 600)}`,
  ].join(', ');

/** AADSTS numbers of a token that no federated credential takes (entra-docs reference-error-codes). */
const mismatches: readonly number[] = [70021, 700211, 700212, 700213, 7002137, 7002138];

/** Adds to Entra's refusal of a federated token what the token says and what the file says. */
export function explainMismatch(
  error: WizardError,
  refusal: OAuthError | undefined,
  credential: ApplicationCredential,
): WizardError {
  if (credential.kind !== 'federated' || !refusal?.numbers.some((one) => mismatches.includes(one)))
    return error;
  const message = `${error.message} Presented: ${describeParty(credential.presented)}. Configured: ${describeParty(credential.configured)}.`;
  return new WizardError(error.code, message, {
    remedy: error.remedy,
    requestId: error.requestId,
    cause: error,
  });
}
