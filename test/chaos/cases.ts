import { everyFault } from '../../src/sandbox/index.ts';
import type { ItemReply, Spot, Trouble, When } from './disturbances.ts';
import { type ChangeReply, denials, oddBodies, oddBytes, otherObjects, wrongDates } from './odd-replies.ts';

/** One disturbed run: what goes wrong, and where. */
export interface Case {
  /** Names the case, so that it can be run alone. */
  readonly id: string;
  readonly group:
    | 'one fault'
    | 'lasting fault'
    | 'batch item'
    | 'stop'
    | 'two faults'
    | 'odd body'
    | 'other object'
    | 'denial'
    | 'wrong date'
    | 'odd log'
    | 'not saved';
  readonly troubles: readonly { readonly spot: Spot; readonly trouble: Trouble }[];
}

const moments: readonly When[] = ['before', 'after'];

const graphError = (code: string, message = ''): { error: { code: string; message: string } } => ({
  error: { code, message },
});

const itemReplies: Readonly<Record<string, ItemReply>> = {
  '429': { status: 429, body: graphError('TooManyRequests') },
  '429-seconds': { status: 429, headers: { 'Retry-After': '2' }, body: graphError('TooManyRequests') },
  '500': { status: 500, body: graphError('InternalServerError') },
  '503': { status: 503, body: graphError('UnknownError') },
  'no-json': { status: 200, body: '<html></html>' },
  missing: undefined,
  'empty object': { status: 200, body: {} },
  'value null': { status: 200, body: { value: null } },
  'no content': { status: 204, body: undefined },
  '404': { status: 404, body: graphError('Request_ResourceNotFound', 'Resource does not exist.') },
  '403': { status: 403, body: graphError('Authorization_RequestDenied', 'Insufficient privileges.') },
  '400': { status: 400, body: graphError('Request_BadRequest', 'Invalid request.') },
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

const isGraph = ({ name }: Spot): boolean => !/oauth2|openid|devicecode/.test(name);

type Replies = Readonly<Record<string, ChangeReply>>;

/** Replies at a spot, once after the server acted; the others of each by turns, since they show the client the same. */
function repliesAt(
  group: Case['group'],
  situation: string,
  spot: Spot,
  index: number,
  replies: Replies,
): Case[] {
  return Object.entries(replies).flatMap(([name, change], at) => {
    const turn = (index + at) % 2 === 0;
    const variants: readonly (readonly [When, boolean])[] = [
      ['after', false],
      turn ? ['before', false] : ['after', true],
    ];
    return (
      variants
        // What the server did not answer cannot be made to tell of something else.
        .filter(([when]) => when === 'after' || group !== 'other object')
        .map(([when, lasting]) => {
          const label = `${name} ${when}${lasting ? ' lasting' : ''}`;
          return single(group, situation, spot, { kind: 'reply', label, change, when, lasting });
        })
    );
  });
}

function bytesAt(situation: string, spot: Spot): Case[] {
  return Object.entries(oddBytes).map(([name, fault]) =>
    single('odd body', situation, spot, {
      kind: 'fault',
      label: `${name} after`,
      fault,
      when: 'after',
      lasting: false,
    }),
  );
}

function oddRepliesAt(situation: string, spot: Spot, index: number): Case[] {
  const graph = (group: Case['group'], replies: Replies): Case[] =>
    isGraph(spot) ? repliesAt(group, situation, spot, index, replies) : [];
  return [
    ...repliesAt('odd body', situation, spot, index, oddBodies),
    ...bytesAt(situation, spot),
    ...graph('other object', otherObjects),
    ...graph('denial', denials),
    ...repliesAt('wrong date', situation, spot, index, wrongDates),
  ];
}

const logs = {
  both: /auditLogs/,
  signIns: /auditLogs\/signIns/,
  directoryAudits: /auditLogs\/directoryAudits/,
};

/** Every read of a log, or of both, is answered by something that is no row and no empty list. */
function oddLogs(situation: string): Case[] {
  const spot: Spot = { name: 'logs', occurrence: 1, items: 0 };
  return Object.entries(logs).flatMap(([name, log]) =>
    Object.entries({ ...oddBodies, ...denials }).map(([odd, change]) =>
      single('odd log', situation, spot, { kind: 'logs', label: `${name}: ${odd}`, log, change }),
    ),
  );
}

const removal: Spot = { name: 'POST /applications/*/removePassword', occurrence: 1, items: 0 };
const deletion: Spot = { name: 'DELETE /applications/*', occurrence: 1, items: 0 };

/** A secret was made and cannot be saved, and its removal is denied or goes wrong. */
function unsavedAt(situation: string, spots: readonly Spot[]): Case[] {
  const spot = spots.find(({ name }) => name.endsWith('/addPassword'));
  if (!spot) return [];
  const unsavable = { spot, trouble: { kind: 'unsavable', label: 'not saved', when: 'after' } } as const;
  const alone: Case = {
    id: `${situation} | not saved`,
    group: 'not saved',
    troubles: [unsavable],
  };
  const denied = [removal, deletion].flatMap((at) =>
    Object.entries(denials).flatMap(([name, change]) =>
      moments.flatMap((when) =>
        [false, true].map((lasting): Case => {
          const label = `${name} ${when}${lasting ? ' lasting' : ''}`;
          const trouble: Trouble = { kind: 'reply', label, change, when, lasting };
          return {
            id: `${situation} | not saved + ${at.name} ${label}`,
            group: 'not saved',
            troubles: [unsavable, { spot: at, trouble }],
          };
        }),
      ),
    ),
  );
  return [alone, ...denied];
}

/** Every case of one disturbance for the requests of a run. */
export function singleCases(situation: string, spots: readonly Spot[]): Case[] {
  return spots.flatMap((spot, index) => [
    ...faultsAt(situation, spot),
    ...itemsAt(situation, spot),
    ...moments.map((when) => single('stop', situation, spot, { kind: 'stop', label: `stop ${when}`, when })),
    ...oddRepliesAt(situation, spot, index),
  ]);
}

/** What goes wrong with a run as a whole, in the situations that it concerns. */
export function wholeRunCases(situation: string, spots: readonly Spot[]): Case[] {
  return [
    ...(/^(fresh-app|verify)$/.test(situation) ? oddLogs(situation) : []),
    ...(/^(fresh-app|fresh-undo)$/.test(situation) ? unsavedAt(situation, spots) : []),
  ];
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
