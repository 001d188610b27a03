import type { Json } from '../json.ts';
import type { Tenant } from '../model.ts';
import type { SandboxRequest, World } from '../world.ts';
import type { LogCursor } from './logs/row-source.ts';
import type { Query } from './odata/query.ts';

/** A value that an object had until `changedAt` (epoch milliseconds); kept only in the lag scenario. */
interface Revision {
  readonly changedAt: number;
  readonly before: unknown;
}

/** Where the next page of a listing begins. */
export interface Cursor {
  readonly rows: readonly Json[];
  readonly offset: number;
}

/** Cursors by $skiptoken. */
export type Pages<T> = Map<
  string,
  {
    readonly cursor: T;
    /** Epoch milliseconds. */
    readonly expiresAt: number;
  }
>;

/** One server's memory beyond the tenant itself; it dies with the process. */
export interface Graph {
  readonly world: World;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly cursors: Pages<Cursor>;
  readonly logCursors: Pages<LogCursor>;
  /** Times (epoch milliseconds) of each application's recent requests to /auditLogs, by client id. */
  readonly reportRequests: Map<string, number[]>;
  /** By object id, oldest first. */
  readonly revisions: Map<string, Revision[]>;
}

/** Who calls: a person through a client, or an application for itself. */
export interface Caller {
  readonly kind: 'user' | 'application';
  /** Object id of the user or service principal. */
  readonly id: string;
  /** Client id of the application that holds the token. */
  readonly appId: string;
  /** Values of `scp` or of `roles`. */
  readonly permissions: ReadonlySet<string>;
  /** Template ids of the directory roles that are active now. */
  readonly roles: ReadonlySet<string>;
}

/** The ids under which one request is known. */
export interface RequestIds {
  readonly request: string;
  readonly client: string;
}

/** One authenticated request to a resource. */
export interface Call {
  readonly graph: Graph;
  readonly world: World;
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly request: SandboxRequest;
  readonly query: Query;
  readonly ids: RequestIds;
  /** The copy of the directory that answers. */
  readonly replica: number;
}

/** What a handler answers; a body that is text goes out as text/plain. */
export interface Outcome {
  readonly status: number;
  readonly body?: Json | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `v1.0` or `beta`: the first segment of a request's path. */
export function versionOf({ url }: SandboxRequest): string {
  return url.pathname.split('/')[1] ?? '';
}

/** `@odata.context` for what `fragment` names. */
export function contextOf(call: Call, fragment: string): string {
  return `${call.world.origin}/${versionOf(call.request)}/$metadata#${fragment}`;
}

/** The `Location` of a new directory object, which is no address of v1.0 (recorded of the real service). */
export function directoryLink({ world, tenant }: Call, id: string, type: string): string {
  return `${world.origin}/v2/${tenant.id}/directoryObjects/${id}/Microsoft.DirectoryServices.${type}`;
}

export const noContent: Outcome = { status: 204 };

/** Compares GUIDs, which Graph does without regard to case. */
export function sameId(left: string | null | undefined, right: string | null | undefined): boolean {
  return typeof left === 'string' && typeof right === 'string' && left.toLowerCase() === right.toLowerCase();
}
