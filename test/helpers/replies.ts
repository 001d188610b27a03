import type { FaultTarget } from '../../src/sandbox/index.ts';
import type { World } from './world.ts';

/** A reply of Graph that a test makes up. */
export interface MadeUp {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request to Graph, by itself or as an item of a `$batch`; `path` is relative to the versioned root, with its query. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly isBatched: boolean;
}

/** What a request is answered; undefined leaves it to the server. */
export type Answer = (asked: Asked) => MadeUp | undefined;

interface Item {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

export const refusal = (status: number, code: string, message = code): MadeUp => ({
  status,
  body: { error: { code, message } },
});

/**
 * Answers requests in the server's place, which does not act on them; with `acts` it does, and only its answer is another.
 * Holds until the faults are cleared.
 */
export function answerInstead({ sandbox }: World, answer: Answer, acts = false): void {
  const made = new Map<object, Map<string, MadeUp>>();
  const ask = ({ request }: FaultTarget): void => {
    const path = decodeURIComponent(request.url.pathname + request.url.search).replace(/^\/v1\.0/, '');
    const found = new Map<string, MadeUp>();
    if (path.endsWith('/$batch')) {
      const { requests } = JSON.parse(request.body) as { requests: Item[] };
      const left = requests.filter(({ id, method, url }) => {
        const reply = answer({ method, path: decodeURIComponent(url), isBatched: true });
        if (reply) found.set(id, reply);
        return reply === undefined || acts;
      });
      // A batch without items is refused: one that nobody counts stands in for them.
      const items = left.length > 0 ? left : [{ id: 'none', method: 'GET', url: '/organization' }];
      Object.assign(request, { body: JSON.stringify({ requests: items }) });
    } else {
      const reply = answer({ method: request.method, path, isBatched: false });
      if (reply) found.set('', reply);
      if (reply && !acts)
        Object.assign(request, { method: 'GET', url: new URL('/v1.0/organization', request.url), body: '' });
    }
    if (found.size > 0) made.set(request, found);
  };
  const replace = ({ request, reply }: FaultTarget): void => {
    const found = made.get(request);
    if (!found || !reply) return;
    const alone = found.get('');
    if (alone) {
      const body = alone.body === undefined ? '' : JSON.stringify(alone.body);
      const headers = { 'content-type': 'application/json', ...alone.headers };
      Object.assign(reply, { status: alone.status, headers, body });
      return;
    }
    const { responses } = JSON.parse(reply.body) as { responses: { id: string }[] };
    const others = responses.filter(({ id }) => id !== 'none' && !found.has(id));
    Object.assign(reply, {
      body: JSON.stringify({ responses: [...others, ...[...found].map(([id, one]) => ({ id, ...one }))] }),
    });
  };
  const watch =
    (look: (target: FaultTarget) => void) =>
    (target: FaultTarget): boolean => {
      if (target.kind === 'graph') look(target);
      return false;
    };
  sandbox.faults.add({ when: 'before', fault: { kind: 'reset' }, matches: watch(ask) });
  sandbox.faults.add({ when: 'after', fault: { kind: 'reset' }, matches: watch(replace) });
}
