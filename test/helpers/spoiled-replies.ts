import type { FaultTarget } from '../../src/sandbox/index.ts';
import type { World } from './world.ts';

export type Json = Record<string, unknown>;
export type Rewrite = (body: Json, world: World) => unknown;

interface Spoiled {
  /** The end of a request's path, without its query. */
  readonly path: RegExp;
  readonly method?: string;
  readonly rewrite: Rewrite;
  /** How many replies are rewritten; all of them where absent. */
  readonly times?: number;
}

const isJson = (text: string): boolean => text.trimStart().startsWith('{');

interface Item {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}
interface Answer {
  readonly id: string;
  readonly status: number;
  body: unknown;
}

/** Gives each success of a batch, with what was asked for it, to `change`. */
function changeItems(
  { request, reply }: Required<FaultTarget>,
  change: (item: Item, answer: Answer) => void,
) {
  const { requests } = JSON.parse(request.body) as { requests: Item[] };
  const { responses = [] } = JSON.parse(reply.body) as { responses?: Answer[] };
  for (const answer of responses) {
    const item = requests.find(({ id }) => id === answer.id);
    if (item && answer.status < 300) change(item, answer);
  }
  Object.assign(reply, { body: JSON.stringify({ responses }) });
}

/** Rewrites replies on their way back, alone or as items of a batch: the sandbox has done what it was asked. */
export function spoil(world: World, spoiled: Spoiled): () => number {
  const { path, method = 'GET', rewrite, times = Number.POSITIVE_INFINITY } = spoiled;
  let done = 0;
  const isHere = (item: Omit<Item, 'id'>): boolean =>
    item.method === method && path.test(decodeURIComponent(item.url.replace(/\?.*$/, ''))) && done < times;
  const rewritten = (body: unknown): unknown => {
    done += 1;
    return rewrite((body ?? {}) as Json, world);
  };
  const changeOne = ({ request, reply }: Required<FaultTarget>): void => {
    if (reply.status >= 300 || !isHere({ method: request.method, url: request.url.pathname })) return;
    const body = rewritten(isJson(reply.body) ? JSON.parse(reply.body) : undefined);
    Object.assign(reply, { body: body === undefined ? '' : JSON.stringify(body) });
  };
  const matches = ({ reply, ...target }: FaultTarget): boolean => {
    if (reply === undefined) return false;
    if (!target.request.url.pathname.endsWith('/$batch')) changeOne({ ...target, reply });
    else
      changeItems({ ...target, reply }, (item, answer) => {
        if (isHere(item)) answer.body = rewritten(answer.body);
      });
    return false;
  };
  world.sandbox.faults.add({ when: 'after', fault: { kind: 'reset' }, matches });
  return () => done;
}
