import type { Call, Outcome } from './context.ts';
import { follow, type Key, nameOf, type Segment } from './path.ts';
import { methodNotAllowed, unknownSegment } from './refusal.ts';

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
