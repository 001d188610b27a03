import { isObject, type Json, textOf } from '../json.ts';
import type { SandboxRequest } from '../world.ts';
import { addDuration } from './dates.ts';

import { badRequest, type GraphRefusal } from './refusal.ts';
import { type ComplexType, kindOf, type Scalar, type Spec, specOf } from './types/spec.ts';

const guid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)$/i;
/** As .NET reads it: white space between the letters is none of its business; or the alphabet of base64url. */
const base64 = /^(?:[A-Za-z\d+/\s]*={0,2}|[\w-]*={0,2})\s*$/;

/** Whether text is a GUID in the usual form. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}

function unreadable(): GraphRefusal {
  return badRequest(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    'BadRequest',
  );
}

function mismatch(property: string): GraphRefusal {
  return badRequest(`Property ${property} in payload has a value that does not match schema.`, 'BadRequest');
}

/** The request's body as a JSON object. Throws 400 for none, for no JSON and for anything but an object. */
export function parseBody(request: SandboxRequest): Json {
  if (request.body === '') throw badRequest('Empty Payload. JSON content expected.', 'BadRequest');
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) throw unreadable();
  let value: unknown;
  try {
    value = JSON.parse(request.body);
  } catch {
    throw unreadable();
  }
  if (!isObject(value)) throw unreadable();
  return value;
}

function fitsText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function fits(value: unknown, scalar: Scalar): boolean {
  switch (scalar) {
    case 'String':
      return typeof value === 'string';
    case 'Boolean':
      return typeof value === 'boolean';
    case 'Int32':
      return Number.isInteger(value);
    case 'Double':
      return typeof value === 'number';
    case 'Guid':
      return fitsText(value, guid);
    case 'DateTimeOffset':
      return fitsText(value, dateTime) && !Number.isNaN(Date.parse(String(value)));
    case 'Duration':
      return typeof value === 'string' && addDuration(0, value) !== undefined;
    case 'Binary':
      return fitsText(value, base64);
  }
}

function checkOne(property: string, value: unknown, of: Scalar | ComplexType): void {
  if (typeof of === 'string') {
    if (!fits(value, of)) throw mismatch(property);
    return;
  }
  if (!isObject(value)) throw mismatch(property);
  checkProperties(value, of);
}

function checkValue(property: string, value: unknown, spec: Spec): void {
  const { many, of } = kindOf(spec);
  if (!many) {
    if (value !== null) checkOne(property, value, of);
    return;
  }
  if (!Array.isArray(value)) throw mismatch(property);
  for (const item of value) checkOne(property, item, of);
}

/** Throws 400 for a property that the type lacks, that is read-only, or whose value has another type. */
function checkProperties(body: Json, type: ComplexType): void {
  for (const [property, value] of Object.entries(body)) {
    if (property.includes('@')) continue;
    const spec = specOf(type, property);
    if (spec === undefined) throw badRequest(`Invalid property '${property}'.`);
    if (type.readOnly?.includes(property) && value !== null) {
      throw badRequest(`Property '${property}' is read-only and cannot be set.`);
    }
    checkValue(property, value, spec);
  }
}

/** The request's body, checked against the type; annotations such as `@odata.type` are left out. */
export function readBody(request: SandboxRequest, type: ComplexType): Json {
  const body = parseBody(request);
  checkProperties(body, type);
  return Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes('@')));
}

/** The object id at the end of `@odata.id`. Throws 400 where the body has none. */
export function readReference(request: SandboxRequest): string {
  const link = textOf(parseBody(request), '@odata.id') ?? '';
  const id = /\/(?:[A-Za-z]+\/|[A-Za-z]+\('?)([\da-f-]{36})(?:'?\))?$/i.exec(link)?.[1];
  if (id === undefined || !isGuid(id)) throw badRequest("Invalid URL format specified in '@odata.id'.");
  return id;
}
