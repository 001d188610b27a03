import { badRequest } from './errors.ts';

/** A parameter's value, or undefined where it is missing or empty. */
export function readParameter(parameters: URLSearchParams, name: string): string | undefined {
  const value = parameters.get(name);
  return value === null || value === '' ? undefined : value;
}

/** A parameter's value. Throws 900144 where it is missing or empty. */
export function requireParameter(parameters: URLSearchParams, name: string): string {
  const value = readParameter(parameters, name);
  if (value === undefined) {
    const text = `The request body must contain the following parameter: '${name}'.`;
    throw badRequest('invalid_request', 900144, text);
  }
  return value;
}

function capabilities(claims: unknown): unknown[] {
  if (typeof claims !== 'object' || claims === null || !('access_token' in claims)) return [];
  const token = claims.access_token;
  if (typeof token !== 'object' || token === null || !('xms_cc' in token)) return [];
  const asked = token.xms_cc;
  if (typeof asked !== 'object' || asked === null || !('values' in asked)) return [];
  return Array.isArray(asked.values) ? asked.values : [];
}

/**
 * Whether the `claims` parameter declares the client capability CP1, that is, that it handles continuous access
 * evaluation. Throws 9002313 where the parameter is no JSON object.
 */
export function declaresCapability(parameters: URLSearchParams): boolean {
  const text = readParameter(parameters, 'claims');
  if (text === undefined) return false;
  const malformed = badRequest(
    'invalid_request',
    9002313,
    'Invalid request. Request is malformed or invalid.',
  );
  let claims: unknown;
  try {
    claims = JSON.parse(text);
  } catch {
    throw malformed;
  }
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw malformed;
  return capabilities(claims).some((value) => typeof value === 'string' && value.toLowerCase() === 'cp1');
}
