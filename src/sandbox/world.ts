import type { CryptoKey, JWK } from 'jose';
import type { Tenant } from './model.ts';

/** One request as the handlers see it. Header names are lower case. */
export interface SandboxRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** One reply; `body` is the exact text that goes out. */
export interface SandboxReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The key pair that signs this sandbox's tokens; made anew at each start. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** Behaviours of a scenario that are not data of the tenant. */
export interface Behaviour {
  /** New objects, secrets and grants become visible late and unevenly. */
  readonly lag: boolean;
  /** Some requests are answered 429, with and without Retry-After. */
  readonly throttled: boolean;
  /** Some requests are answered 503 or 504, reset, or lose their reply after the server acted. */
  readonly flaky: boolean;
  /** Log rows come late, out of order and through short pages, and some change after they came. */
  readonly lateRows: boolean;
  /** The logs may be asked for as often as anybody likes. */
  readonly unthrottled: boolean;
  /** The logs take documented $filter operators alone. */
  readonly strictFilters: boolean;
  /** Permanent deletion asks for a stronger sign-in (entra-docs protected-actions-overview). */
  readonly protectedPurge: boolean;
  /** What was deleted cannot be deleted for good for 7 days (graph-docs beta directory-deleteditems-delete). */
  readonly hardDeleteProtected: boolean;
  /** The logs show nothing, whatever happens. */
  readonly noLogs: boolean;
  /** How many rows each log has, made when they are read; 0 for those of the default tenant. */
  readonly manyRows: number;
}

/** Everything a handler may read or change. `tenant` is mutable data; nothing else is. */
export interface World {
  /** `https://127.0.0.1:<port>`: authority host and Graph root at once; also the audience of Graph tokens. */
  readonly origin: string;
  readonly tenant: Tenant;
  readonly behaviour: Behaviour;
  readonly key: SigningKey;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly randomUUID: () => string;
  /** `size` random bytes. */
  readonly randomBytes: (size: number) => Buffer;
  /**
   * Notes a secret that the sandbox hands out (client secret, token, code, device code) and returns it unchanged, so
   * that a test can look for it wherever it must never be.
   */
  readonly issue: (secret: string) => string;
  /**
   * What the throttled scenario answers instead of performing this item of a `$batch`, or undefined to perform it.
   * Asked once per item that would be performed; `url` is the item's own. Absent where no scenario refuses items.
   */
  readonly itemFault?: (method: string, url: string) => SandboxReply | undefined;
}

/** An expected reason why the sandbox cannot start or go on: what happened, and what to do about it. */
export class SandboxError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SandboxError';
    this.remedy = remedy;
  }
}

/** Node's code (`ENOENT`, `EADDRINUSE`, …) of a failed system call. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
