import { everyFault } from '../../src/sandbox/index.ts';
import type { ItemReply, Spot, Trouble, When } from './disturbances.ts';

/** One disturbed run: what goes wrong, and where. */
export interface Case {
  /** Names the case, so that it can be run alone. */
  readonly id: string;
  readonly group: 'one fault' | 'lasting fault' | 'batch item' | 'stop' | 'two faults';
  readonly troubles: readonly { readonly spot: Spot; readonly trouble: Trouble }[];
}

const moments: readonly When[] = ['before', 'after'];

const graphError = (code: string): { error: { code: string; message: string } } => ({
  error: { code, message: '' },
});

const itemReplies: Readonly<Record<string, ItemReply>> = {
  '429': { status: 429, body: graphError('TooManyRequests') },
  '429-seconds': { status: 429, headers: { 'Retry-After': '2' }, body: graphError('TooManyRequests') },
  '500': { status: 500, body: graphError('InternalServerError') },
  '503': { status: 503, body: graphError('UnknownError') },
  'no-json': { status: 200, body: '<html></html>' },
  missing: undefined,
};

const describeSpot = ({ name, occurrence }: Spot): string =>
  `${name}${occurrence > 1 ? `#${occurrence}` : ''}`;

function single(group: Case['group'], situation: string, spot: Spot, trouble: Trouble): Case {
  return {
    id: `${situation} | ${describeSpot(spot)} | ${trouble.label}`,
    group,
    troubles: [{ spot, trouble }],
  };
}

function faultsAt(situation: string, spot: Spot): Case[] {
  return Object.entries(everyFault).flatMap(([name, fault]) =>
    [false, true].flatMap((lasting) =>
      moments.map((when) => {
        const label = `${name} ${when}${lasting ? ' lasting' : ''}`;
        const trouble: Trouble = { kind: 'fault', label, fault, when, lasting };
        return single(lasting ? 'lasting fault' : 'one fault', situation, spot, trouble);
      }),
    ),
  );
}

function itemsAt(situation: string, spot: Spot): Case[] {
  return Array.from({ length: spot.items }, (_, item) =>
    Object.entries(itemReplies).flatMap(([name, reply]) =>
      moments.map((when) =>
        single('batch item', situation, spot, {
          kind: 'item',
          label: `item ${item + 1} ${name} ${when}`,
          item,
          reply,
          when,
        }),
      ),
    ),
  ).flat();
}

/** Every case of one disturbance for the requests of a run. */
export function singleCases(situation: string, spots: readonly Spot[]): Case[] {
  return spots.flatMap((spot) => [
    ...faultsAt(situation, spot),
    ...itemsAt(situation, spot),
    ...moments.map((when) => single('stop', situation, spot, { kind: 'stop', label: `stop ${when}`, when })),
  ]);
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Two of the single cases at once, drawn by a seed. */
export function pairCases(situation: string, singles: readonly Case[], count: number, seed: number): Case[] {
  const random = seeded(seed);
  const draw = (): Case | undefined => singles[Math.floor(random() * singles.length)];
  return Array.from({ length: count }, (_, index): Case => {
    const troubles = [draw(), draw()].flatMap((drawn) => drawn?.troubles ?? []);
    const parts = troubles.map(({ spot, trouble }) => `${describeSpot(spot)} ${trouble.label}`);
    return {
      id: `${situation} | pair ${seed}.${index + 1} | ${parts.join(' + ')}`,
      group: 'two faults',
      troubles,
    };
  });
}
