import type { Failure } from '../http/retry.ts';

/** A request to Graph that failed for good: retried as far as the policy allows, or not retryable. */
export class DirectoryError extends Error {
  readonly failure: Failure;
  /** What was being done, for people. */
  readonly purpose: string;
  /** An earlier try of the same request may have been carried out. */
  readonly uncertain: boolean;

  constructor(
    failure: Failure,
    purpose: string,
    { cause, uncertain = false }: { readonly cause?: unknown; readonly uncertain?: boolean } = {},
  ) {
    super(failure.message, { cause });
    this.name = 'DirectoryError';
    this.failure = failure;
    this.purpose = purpose;
    this.uncertain = uncertain;
  }
}

/** True for a DirectoryError that a predicate over its failure accepts. */
export function failedWith(error: unknown, test: (failure: Failure) => boolean): error is DirectoryError {
  return error instanceof DirectoryError && test(error.failure);
}

/** Graph says the object is not there (or not yet). Facts: graph-docs concepts/errors.md. */
export const isNotFound = (failure: Failure): boolean => failure.status === 404;

/** Graph says that the caller lacks the right: by role, by permission, or as no owner; which of them it does not say. */
export const isDenied = (failure: Failure): boolean =>
  failure.status === 403 && failure.code === 'Authorization_RequestDenied';

/** Graph says the caller may not. */
export const isForbidden = (failure: Failure): boolean => failure.status === 403;

/**
 * The object of a POST is there already, in the wordings seen for applications, service principals and
 * app role assignments (terraform-provider-azuread, msgraph-bicep-types #161).
 */
export function isAlreadyThere(failure: Failure): boolean {
  if (failure.code === 'Request_MultipleObjectsWithSameKeyValue') return true;
  return failure.status === 400 && /already exists|same value for property/i.test(failure.message);
}

/** Nobody can tell whether the server acted: no reply, a broken one, or a failure inside the server. */
export function isOutcomeUnknown(failure: Failure): boolean {
  return failure.kind !== 'http' || failure.status >= 500 || failure.status === 408;
}

/** As isOutcomeUnknown, and where a request was turned away at the door, which is only as good as the door. */
export const mayHaveActed = (failure: Failure): boolean =>
  isOutcomeUnknown(failure) || failure.status === 429 || failure.claims !== undefined;
