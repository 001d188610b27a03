import type { Call, Outcome } from './context.ts';
import { badRequest, methodNotAllowed, unknownSegment } from './refusal.ts';

/** `('x')` or `(appId='x')` behind a segment. */
export interface Key {
  /** The alternate key's name; undefined for the plain id. */
  readonly by: string | undefined;
  readonly value: string;
}

/** One step of a resource path: a name, which may as well be an id, or a key in parentheses. */
type Segment = { readonly name: string } | { readonly key: Key };

const parenthesised = /^([\w.$]+)\((?:(\w+)=)?'((?:[^']|'')*)'\)$/;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('Invalid URI.', 'BadRequest');
  }
}

function split(text: string): Segment[] {
  const [, name, by, value] = parenthesised.exec(text) ?? [];
  if (name === undefined || value === undefined) return [{ name: text }];
  return [{ name }, { key: { by, value: value.replaceAll("''", "'") } }];
}

/** The steps of a path below the version: `applications(appId='x')/owners` has three. */
export function parsePath(path: string): Segment[] {
  return path
    .split('/')
    .filter((part) => part !== '')
    .flatMap((part) => split(decode(part)));
}

/** How a step is written in a message. */
export function nameOf(segment: Segment): string {
  return 'name' in segment ? segment.name : segment.key.value;
}

/** What a pattern's `{}` and `(name)` met, in order. */
export type Keys = readonly Key[];

function matchOne(segment: Segment, pattern: string): Key | true | undefined {
  const parameter = /^\((\w+)\)$/.exec(pattern)?.[1];
  if (parameter !== undefined) {
    return 'key' in segment && segment.key.by === parameter ? segment.key : undefined;
  }
  if (pattern === '{}') {
    return 'key' in segment ? segment.key : { by: undefined, value: segment.name };
  }
  return 'name' in segment && segment.name.toLowerCase() === pattern.toLowerCase() ? true : undefined;
}

/** How many steps of the path the pattern matches from the start, and the keys met on the way. */
export function follow(
  segments: readonly Segment[],
  pattern: readonly string[],
): { steps: number; keys: Keys } {
  const keys: Key[] = [];
  for (const [index, segment] of segments.entries()) {
    const expected = pattern[index];
    const met = expected === undefined ? undefined : matchOne(segment, expected);
    if (met === undefined) return { steps: index, keys };
    if (met !== true) keys.push(met);
  }
  return { steps: segments.length, keys };
}

/** Answers one resource; `keys` are those of the path, in order. */
export type Handler = (call: Call, ...keys: Key[]) => Outcome;

/** Handlers by method. */
export type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', Handler>>>;

/** Handlers by path: `{}` stands for a key, `(name)` for a function's parameter. */
export type Routes = Readonly<Record<string, Methods>>;

interface Compiled {
  readonly pattern: readonly string[];
  readonly methods: Methods;
}

/** Literal names win over keys: `/applications/$count` is no application. */
function compile(routes: Routes): Compiled[] {
  const keyCount = (pattern: readonly string[]): number => pattern.filter((part) => part === '{}').length;
  return Object.entries(routes)
    .map(([path, methods]) => ({ pattern: path.split('/'), methods }))
    .sort((left, right) => keyCount(left.pattern) - keyCount(right.pattern));
}

function methodOf(methods: Methods, method: string): Handler | undefined {
  return Object.entries(methods).find(([name]) => name === method)?.[1];
}

/** The handler of a path, its keys bound. Throws 400 for a path that leads nowhere, 405 for another method. */
export function createRouter(
  routes: Routes,
): (method: string, segments: readonly Segment[]) => (call: Call) => Outcome {
  const table = compile(routes);
  return (method, segments) => {
    let reached = 0;
    let found = false;
    for (const { pattern, methods } of table) {
      const { steps, keys } = follow(segments, pattern);
      reached = Math.max(reached, steps);
      if (steps < segments.length || pattern.length !== segments.length) continue;
      found = true;
      const handler = methodOf(methods, method);
      if (handler !== undefined) return (call) => handler(call, ...keys);
    }
    if (found) throw methodNotAllowed();
    const stranger = segments[reached] ?? segments.at(-1);
    throw unknownSegment(stranger === undefined ? '' : nameOf(stranger));
  };
}
