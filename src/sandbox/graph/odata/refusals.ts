import { badRequest, type GraphRefusal } from '../refusal.ts';

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
