import type { Directory } from './model.ts';

/** The reporting application, signed in with its own credential. */
export interface AppSession {
  /** `roles` claim of its token: the application permissions Graph will honour. */
  readonly roles: readonly string[];
  readonly directory: Directory;
}
