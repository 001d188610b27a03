/** A JSON object. */
export type Json = Record<string, unknown>;

/** Whether a value is a JSON object, and neither null nor a list. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property that is text, or undefined where it is anything else. */
export function textOf(object: Json, property: string): string | undefined {
  const value = object[property];
  return typeof value === 'string' ? value : undefined;
}

/** The strings in a property that is a collection. */
export function textsOf(object: Json, property: string): string[] {
  const value = object[property];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The objects in a property that is a collection. */
export function objectsOf(object: Json, property: string): Json[] {
  const value = object[property];
  return Array.isArray(value) ? value.filter(isObject) : [];
}
