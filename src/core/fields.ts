/** A JSON object, or an empty one in place of anything else: replies are read defensively. */
export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** The object that a JSON text holds; an empty one in place of anything else. */
export function fieldsIn(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The string, or an empty one in place of anything else. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The objects of an array; none in place of anything else. */
export const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** The strings of an array; an empty one in place of anything else in it. */
export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(textOf) : []);

/** Items of an OData collection. */
export const valuesOf = (body: unknown): Fields[] => listOf(fieldsOf(body)['value']);

/** What ids of tenants, applications and almost all else look like. */
export const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** GUIDs are compared without regard to case (graph-docs). */
export const sameId = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();

/** What a JSON text holds; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
