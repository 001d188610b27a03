import type { Json } from '../json.ts';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: readonly Json[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by any handler that refuses; becomes Graph's error envelope where it is caught. */
export class GraphRefusal extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** 400, as directory objects refuse a value (graph-docs concepts/errors.md). */
export function badRequest(
  message: string,
  code = 'Request_BadRequest',
  details?: readonly Json[],
): GraphRefusal {
  return new GraphRefusal({ status: 400, code, message, ...(details === undefined ? {} : { details }) });
}

/** 400: the query is well formed, but not served (graph-docs aad-advanced-queries.md). */
export function unsupportedQuery(message = 'Unsupported Query.'): GraphRefusal {
  return badRequest(message, 'Request_UnsupportedQuery');
}

/** 400: nothing is called `segment` at this place. */
export function unknownSegment(segment: string): GraphRefusal {
  return badRequest(`Resource not found for the segment '${segment}'.`, 'BadRequest');
}

/** 404: no such object, or this copy of the directory does not know it yet. */
export function notFound(id: string): GraphRefusal {
  return new GraphRefusal({
    status: 404,
    code: 'Request_ResourceNotFound',
    message: `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  });
}

/** 403, with the same words whatever is lacking; `claims`, base64, are what a token would have to show in addition. */
export function denied(
  message = 'Insufficient privileges to complete the operation.',
  claims?: string,
): GraphRefusal {
  const challenge = `Bearer realm="", error="insufficient_claims", claims="${claims}"`;
  const headers = claims === undefined ? {} : { headers: { 'www-authenticate': challenge } };
  return new GraphRefusal({ status: 403, code: 'Authorization_RequestDenied', message, ...headers });
}

/** 403 with a code of its own. */
export function forbidden(code: string, message: string): GraphRefusal {
  return new GraphRefusal({ status: 403, code, message });
}

/** 409: the alternate key is taken. */
export function conflict(message: string, details?: readonly Json[]): GraphRefusal {
  const code = 'Request_MultipleObjectsWithSameKeyValue';
  return new GraphRefusal({ status: 409, code, message, ...(details === undefined ? {} : { details }) });
}

/** 409: another write to the same object is still under way. */
export function concurrent(): GraphRefusal {
  return new GraphRefusal({
    status: 409,
    code: 'Directory_ConcurrencyViolation',
    message: 'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
  });
}

/** 405: the resource exists, the method does not. */
export function methodNotAllowed(): GraphRefusal {
  const message = 'Specified HTTP method is not allowed for the request target.';
  return new GraphRefusal({ status: 405, code: 'Request_BadRequest', message });
}

/** 400: a value that its property does not take. */
export function invalidValue(property: string, resource: string): GraphRefusal {
  return badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`);
}

/** 400: the body lacks a property. */
export function missingValue(property: string, resource: string): GraphRefusal {
  return badRequest(`A value is required for property '${property}' of resource '${resource}'.`);
}

/** 400: a $filter that does not parse, or does not fit the type. */
export function invalidFilter(reason: string): GraphRefusal {
  return badRequest(`Invalid filter clause: ${reason}`, 'BadRequest');
}

/** 400: a $select or $expand that does not fit the type (microsoft-graph-docs #9988). */
export function invalidSelect(property: string, type: string): GraphRefusal {
  return badRequest(
    `Parsing OData Select and Expand failed: ${missingProperty(property, type)}`,
    'BadRequest',
  );
}

/** How OData says that a type lacks a property. */
export function missingProperty(property: string, type: string): string {
  return `Could not find a property named '${property}' on type '${type}'.`;
}
