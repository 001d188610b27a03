import {
  AzureCliCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import type { Secret } from '../core/secret.ts';
import type { AuthMethod } from './auth-methods.ts';
import { buildBrowserCredential } from './browser-credential.ts';
import {
  createIdentityHttp,
  createOAuthRetry,
  type OAuthMonitor,
  type SignInContext,
} from './identity-pipeline.ts';
import type { WorkloadIdentity } from './workload-token.ts';

/** How an administrator, or the application that a CI job runs as, wants to sign in. */
export interface SignInRequest {
  readonly method: AuthMethod;
  /** Tenant id or verified domain; the account's home tenant where absent. */
  readonly tenant?: string | undefined;
  /** Public client used for sign-in; Azure CLI's where absent. */
  readonly loginClientId?: string | undefined;
  /** What the token is for; Graph where absent. */
  readonly scopes?: readonly string[];
  /** Shows where to sign in and with which code. */
  readonly onDeviceCode: (info: {
    readonly userCode: string;
    readonly verificationUri: string;
    /** Seconds. */
    readonly lifetime: number | undefined;
  }) => void;
  /** Leads a person, or whoever stands in for one, to the address at which to sign in; opens a browser where absent. */
  readonly onAddress?: ((address: string) => Promise<void>) | undefined;
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
      readonly presented: WorkloadIdentity;
      readonly configured: WorkloadIdentity;
    };

/** The reporting application's own identity. */
export interface ApplicationIdentity {
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: ApplicationCredential;
}

/**
 * A proxy that nobody uses: the transport decides. Without one @azure/identity looks for its own in the environment, and
 * throws where that names no protocol.
 */
const noProxy = { host: 'http://localhost', port: 9 } as const;

/** Options that every credential of @azure/identity understands. */
function identityOptions(context: SignInContext, monitor: OAuthMonitor) {
  const { cloud, transport } = context;
  return {
    authorityHost: cloud.authorityHost,
    disableInstanceDiscovery: !cloud.instanceDiscovery,
    additionalPolicies: [
      { policy: createOAuthRetry(context), position: 'perCall' as const },
      { policy: monitor.policy, position: 'perRetry' as const },
    ],
    retryOptions: { maxRetries: 0 },
    httpClient: createIdentityHttp(transport),
    proxyOptions: noProxy,
  };
}

/** The address as a URL has it, whatever else stands in it; the monitor has refused what is none. */
const plainAddress = (address: string): string => (URL.canParse(address) ? new URL(address).href : address);

/** The credential object of @azure/identity for an administrator's sign-in. */
export function buildCredential(
  request: SignInRequest,
  context: SignInContext,
  monitor: OAuthMonitor,
): TokenCredential {
  const options = identityOptions(context, monitor);
  const tenantId = request.tenant ?? 'organizations';
  const client = request.loginClientId === undefined ? {} : { clientId: request.loginClientId };
  const tenant = request.tenant === undefined ? {} : { tenantId: request.tenant };
  switch (request.method) {
    case 'browser':
      return buildBrowserCredential(request, context, monitor);
    case 'device-code':
      return new DeviceCodeCredential({
        ...options,
        ...client,
        tenantId,
        userPromptCallback: ({ userCode, verificationUri }) =>
          request.onDeviceCode({
            userCode,
            verificationUri: plainAddress(verificationUri),
            lifetime: monitor.codeLifetime(),
          }),
      });
    case 'azure-cli':
      return new AzureCliCredential(tenant);
    case 'environment':
      return new EnvironmentCredential(options);
    case 'workload-identity':
      return new WorkloadIdentityCredential({ ...options, ...tenant });
    case 'managed-identity':
      return new ManagedIdentityCredential(client);
  }
}

/** The same for the reporting application. Rejects with WizardError where no assertion is to be had. */
export async function buildApplicationCredential(
  { tenantId, clientId, credential }: ApplicationIdentity,
  reveal: (secret: Secret) => string,
  context: SignInContext,
  monitor: OAuthMonitor,
): Promise<TokenCredential> {
  const options = identityOptions(context, monitor);
  switch (credential.kind) {
    case 'secret':
      return new ClientSecretCredential(tenantId, clientId, reveal(credential.secret), options);
    case 'certificate': {
      const certificate = reveal(credential.pem);
      return new ClientCertificateCredential(tenantId, clientId, { certificate }, options);
    }
    case 'federated': {
      // Fetched here first: an error thrown inside the SDK would lose its details.
      let first: Secret | undefined = await credential.assertion();
      const assertion = async (): Promise<string> => {
        const token = first ?? (await credential.assertion());
        first = undefined;
        return reveal(token);
      };
      return new ClientAssertionCredential(tenantId, clientId, assertion, options);
    }
  }
}
