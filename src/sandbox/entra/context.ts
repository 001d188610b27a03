import type { JSONWebKeySet } from 'jose';
import type { SandboxReply, SandboxRequest, World } from '../world.ts';
import type { Refusal } from './errors.ts';

/** A signed-in person's consent to one client, from which tokens are minted. */
export interface Authorization {
  readonly clientId: string;
  readonly userId: string;
  readonly scope: string;
  /** Whether the client redeems it without a credential of its own. */
  readonly publicClient: boolean;
  readonly nonce?: string;
}

export interface Challenge {
  readonly value: string;
  readonly method: 'S256' | 'plain';
}

export interface AuthorizationCode extends Authorization {
  readonly redirectUri: string;
  readonly challenge?: Challenge;
  readonly expiresAt: number;
  redeemed: boolean;
}

interface RefreshToken extends Authorization {
  readonly issuedAt: number;
}

/** A device that waits for a person; `outcome` stays undefined until one has decided. */
export interface DeviceRequest {
  readonly clientId: string;
  readonly scope: string;
  readonly userCode: string;
  readonly expiresAt: number;
  outcome: { readonly userId: string } | { readonly refusal: Refusal } | 'redeemed' | undefined;
}

/** What happens when the form of a page comes back. */
export interface PendingPage {
  readonly path: string;
  readonly expiresAt: number;
  readonly resume: (form: URLSearchParams) => SandboxReply | Promise<SandboxReply>;
}

/** What Entra remembers between requests. It dies with the process: no code or token is ever written down. */
export interface Sessions {
  readonly codes: Map<string, AuthorizationCode>;
  readonly devices: Map<string, DeviceRequest>;
  readonly refreshTokens: Map<string, RefreshToken>;
  /** Pages shown, by the value that their form must bring back once. */
  readonly pages: Map<string, PendingPage>;
  /** Key sets of the external identity providers that a federated credential may name, by issuer. */
  readonly issuers: Map<string, JSONWebKeySet>;
}

/** What every handler of this folder receives. */
export interface Entra {
  readonly world: World;
  readonly sessions: Sessions;
  /** Object id of the person on whose behalf every sign-in is approved at once. */
  readonly autoApprove?: string;
}

/** One request to a tenant's endpoint: `https://host/{tenant}/…`. */
export interface Call {
  readonly entra: Entra;
  readonly request: SandboxRequest;
  /** The first path segment as the client wrote it. */
  readonly tenant: string;
  /** The parsed form body, empty unless it is a form. */
  readonly form: URLSearchParams;
  /** The client's id of the request, echoed in errors. */
  readonly correlation: string;
}

export function createSessions(): Sessions {
  return {
    codes: new Map(),
    devices: new Map(),
    refreshTokens: new Map(),
    pages: new Map(),
    issuers: new Map(),
  };
}
