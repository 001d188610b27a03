import type { Fault, FaultRule, FaultTarget, LoggedRequest } from '../../src/sandbox/index.ts';
import type { ChaosWorld } from './chaos-world.ts';
import type { ChangeReply } from './odd-replies.ts';

export type When = 'before' | 'after';

/** One request of a run, recognised whatever else happens: its name and which of that name it is, from 1. */
export interface Spot {
  readonly name: string;
  readonly occurrence: number;
  /** The items of a `$batch`. */
  readonly items: number;
}

/** What goes wrong at a spot. */
export type Trouble =
  | {
      readonly kind: 'fault';
      readonly label: string;
      readonly fault: Fault;
      readonly when: When;
      readonly lasting: boolean;
    }
  | {
      readonly kind: 'item';
      readonly label: string;
      readonly item: number;
      readonly reply: ItemReply;
      readonly when: When;
    }
  | {
      readonly kind: 'reply';
      readonly label: string;
      readonly change: ChangeReply;
      readonly when: When;
      readonly lasting: boolean;
    }
  /** Every read of a log is answered so, alone and within a batch. */
  | { readonly kind: 'logs'; readonly label: string; readonly log: RegExp; readonly change: ChangeReply }
  /** From here on nothing can be saved at the place of the output. */
  | { readonly kind: 'unsavable'; readonly label: string; readonly when: When }
  | { readonly kind: 'stop'; readonly label: string; readonly when: When };

/** What stands in a batch reply instead of an item's own answer; undefined leaves the item out. */
export type ItemReply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  | undefined;

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

function nameOf(method: string, path: string, batched: number): string {
  const plain = path
    .replace(/\?.*$/, '')
    .replace(/^\/v1\.0/, '')
    .replace(guid, '*');
  return `${method} ${plain}${batched > 0 ? `[${batched}]` : ''}`;
}

const batchSize = (path: string, body: string): number =>
  path.endsWith('/$batch') ? (JSON.parse(body) as { requests: unknown[] }).requests.length : 0;

const nameOfTarget = ({ request: { method, url, body } }: FaultTarget): string =>
  nameOf(method, url.pathname, batchSize(url.pathname, body));

/** The requests of an undisturbed run. */
export function spotsOf(requests: readonly LoggedRequest[]): Spot[] {
  const counts = new Map<string, number>();
  return requests.map(({ method, url, items }) => {
    const name = nameOf(method, url, items.length);
    const occurrence = (counts.get(name) ?? 0) + 1;
    counts.set(name, occurrence);
    return { name, occurrence, items: items.length };
  });
}

/** Accepts the request at a spot; every later one of that name as well where the trouble lasts. */
export function at(spot: Spot, lasting: boolean): (target: FaultTarget) => boolean {
  let seen = 0;
  return (target) => {
    if (nameOfTarget(target) !== spot.name) return false;
    seen += 1;
    return lasting ? seen >= spot.occurrence : seen === spot.occurrence;
  };
}

interface Envelope {
  requests: { id: string }[];
  responses: { id: string; status: number }[];
}

const envelopeOf = (text: string): Partial<Envelope> => JSON.parse(text) as Partial<Envelope>;

/** Keeps an item from the server; the other items go their way. */
function withhold({ request }: FaultTarget, item: number): void {
  const { requests = [] } = envelopeOf(request.body);
  Object.assign(request, {
    body: JSON.stringify({ requests: requests.filter((_, index) => index !== item) }),
  });
}

/** Puts another answer in the place of an item's own. */
function replace({ reply }: FaultTarget, id: string, answer: ItemReply): void {
  const { responses = [] } = envelopeOf(reply?.body ?? '{}');
  const others = responses.filter((response) => response.id !== id);
  const body = JSON.stringify({ responses: answer === undefined ? others : [...others, { id, ...answer }] });
  if (reply) Object.assign(reply, { body });
}

function armItem(spot: Spot, trouble: Extract<Trouble, { kind: 'item' }>, world: ChaosWorld): void {
  const isHere = at(spot, false);
  const chosen = new WeakSet<object>();
  const fault: Fault = { kind: 'reset' };
  world.sandbox.faults.add({
    when: 'before',
    fault,
    matches: (target) => {
      if (!isHere(target)) return false;
      chosen.add(target.request);
      if (trouble.when === 'before') withhold(target, trouble.item);
      return false;
    },
  });
  world.sandbox.faults.add({
    when: 'after',
    fault,
    matches: (target) => {
      if (chosen.has(target.request)) replace(target, String(trouble.item + 1), trouble.reply);
      return false;
    },
  });
}

/** Changes the answers that concern a log, with the rest of a batch as it is. */
function armLogs({ log, change }: Extract<Trouble, { kind: 'logs' }>, world: ChaosWorld): void {
  world.sandbox.faults.add({
    when: 'after',
    fault: { kind: 'reset' },
    matches: ({ request, reply }) => {
      if (reply === undefined) return false;
      if (log.test(request.url.pathname)) Object.assign(reply, change(reply, world));
      if (!request.url.pathname.endsWith('/$batch') || reply.status !== 200) return false;
      const { requests = [] } = JSON.parse(request.body) as { requests?: { id: string; url: string }[] };
      for (const { id } of requests.filter(({ url }) => log.test(url))) {
        const { status, body } = change({ status: 200, headers: {}, body: '{}' }, world);
        const isJson = /^[[{"n]/.test(body);
        const answer = { status, body: isJson ? JSON.parse(body) : body };
        replace({ kind: 'graph', request, reply }, id, answer);
      }
      return false;
    },
  });
}

/** Milliseconds of real time that other requests under way are given before the time limit strikes. */
const hangFor = 15;

function faultOf(trouble: Trouble, world: ChaosWorld): Fault {
  if (trouble.kind === 'fault') return trouble.fault;
  if (trouble.kind !== 'reply') return { kind: 'reset' };
  return { kind: 'answer', answer: (own) => trouble.change(own, world) };
}

/** Makes the trouble happen in the next run; `stop` asks that run to stop. */
export function arm(spot: Spot, trouble: Trouble, world: ChaosWorld, stop: () => void): void {
  if (trouble.kind === 'item') {
    armItem(spot, trouble, world);
    return;
  }
  if (trouble.kind === 'logs') {
    armLogs(trouble, world);
    return;
  }
  const isHere = at(spot, 'lasting' in trouble && trouble.lasting);
  const rule: FaultRule = {
    when: trouble.when,
    fault: faultOf(trouble, world),
    matches: (target) => {
      if (!isHere(target)) return false;
      if (trouble.kind === 'stop') stop();
      else if (trouble.kind === 'unsavable') world.blockOutput();
      else if (trouble.kind === 'fault' && trouble.fault.kind === 'hang') setTimeout(world.expire, hangFor);
      return trouble.kind === 'fault' || trouble.kind === 'reply';
    },
  };
  world.sandbox.faults.add(rule);
}
