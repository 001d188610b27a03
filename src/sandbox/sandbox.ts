import type { JSONWebKeySet } from 'jose';
import type { Automation } from './automation.ts';
import type { ServerCertificate } from './certificate.ts';
import type { Crash } from './exchange.ts';
import type { FaultControl } from './faults.ts';
import type { Tenant } from './model.ts';
import type { LoggedRequest } from './request-log.ts';
import type { Traffic } from './server.ts';
import type { SigningKey } from './world.ts';

/** By what clients know a sandbox. */
export interface SandboxKeys {
  readonly certificate: ServerCertificate;
  readonly key: SigningKey;
}

/** How a sandbox is to be. */
export interface SandboxOptions {
  /** Combined; each one name or several with commas between. RangeError names the valid ones. */
  readonly scenarios: readonly string[];
  /** 0, the default, is any free port. */
  readonly port?: number;
  /** Keeps the tenant between starts. Default: it lives as long as the sandbox. */
  readonly stateFile?: string;
  /** Sign-ins are approved at once, for the person of the scenario. */
  readonly autoApprove?: boolean;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Milliseconds that each request takes at the least. */
  readonly latency?: number;
  /** Its certificate and signing key; new ones where absent. */
  readonly keys?: SandboxKeys;
  /** Shapes a new tenant after its scenarios have; a tenant that was kept stays as it is. */
  readonly adjust?: (tenant: Tenant) => void;
}

/** Someone who can sign in on the sign-in page. */
export interface SandboxUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  /** Display names of the active directory roles. */
  readonly roles: readonly string[];
}

/** A running sandbox tenant. */
export interface Sandbox {
  readonly origin: string;
  readonly authorityHost: string;
  readonly graphUrl: string;
  readonly tenantId: string;
  /** PEM. */
  readonly caCertificate: string;
  /** The tenant itself, not a copy. */
  readonly tenant: Tenant;
  readonly requests: readonly LoggedRequest[];
  /** What went wrong inside the sandbox: always empty, or there is a bug. */
  readonly crashes: readonly Crash[];
  /** Every secret, token, code and assertion handed out or shown by a client. */
  readonly issued: ReadonlySet<string>;
  readonly users: readonly SandboxUser[];
  /** With a secret of this start's own. */
  readonly automation: Automation;
  readonly faults: FaultControl;
  /** What went over the wire so far. */
  readonly traffic: () => Traffic;
  /** Accepts assertions of an identity provider that a federated credential names. */
  readonly trustIssuer: (issuer: string, keys: JSONWebKeySet) => void;
  /** Ends every connection at once and gives the state file up. */
  readonly stop: () => Promise<void>;
}
