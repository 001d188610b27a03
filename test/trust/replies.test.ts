import { describe, expect, it, onTestFinished } from 'vitest';
import type { FaultTarget } from '../../src/sandbox/index.ts';
import { type ChaosWorld, configName, openWorld } from '../chaos/chaos-world.ts';
import { at, type Spot, spotsOf } from '../chaos/disturbances.ts';
import { configFaults, endingFaults, settledFaults } from '../chaos/expected.ts';
import { prepareSituation, situations } from '../chaos/situations.ts';

type Reply = NonNullable<FaultTarget['reply']>;

const json = (body: unknown): Partial<Reply> => ({ body: JSON.stringify(body) });

const challenge = (claims: string): Partial<Reply> => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${claims}"` },
  ...json({ error: { code: 'InvalidAuthenticationToken', message: '' } }),
});

const claimsOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

/** Replies that neither Entra nor Graph would give, but something between here and there might. */
const oddities: Readonly<Record<string, Partial<Reply>>> = {
  'a broken compression': { headers: { 'content-encoding': 'gzip' } },
  'another broken compression': { headers: { 'content-encoding': 'br' } },
  'no body': { body: '' },
  'an empty object': json({}),
  'a list': json([]),
  null: json(null),
  'a text': json('x'),
  'a list that is none': json({ value: null }),
  'items that are none': json({ value: [null, 7, 'x', [], {}] }),
  'replies that are none': json({ responses: [null, 7, { id: 1, status: '200' }, { id: '1' }] }),
  'status 202 without a body': { status: 202, body: '' },
  'status 205': { status: 205 },
  'status 299': { status: 299 },
  'status 301': { status: 301, headers: { location: 'https://elsewhere.invalid/' } },
  'status 304': { status: 304, body: '' },
  'status 401 without a body': { status: 401, body: '' },
  'status 407': { status: 407, body: '<html></html>' },
  'status 600': { status: 600 },
  'status 999': { status: 999 },
  'claims that are no base64': challenge('%%%'),
  'claims that are a number': challenge(claimsOf(7)),
  'claims that are a list': challenge(claimsOf([])),
  'claims that hold nothing': challenge(claimsOf({ access_token: null })),
  'an error that is a text': { status: 400, ...json({ error: 'x', error_description: 7 }) },
  'an error of other types': {
    status: 400,
    ...json({ error: { code: 7, message: { a: 1 }, innerError: 'x', details: 'y' } }),
  },
};

/** Has the next request at a spot answered like this, after the server acted. */
function answer(world: ChaosWorld, spot: Spot, oddity: Partial<Reply>): void {
  const isHere = at(spot, false);
  let chosen: object | undefined;
  const replace = ({ request, reply }: FaultTarget): boolean => {
    if (reply === undefined) {
      if (isHere({ kind: 'graph', request })) chosen = request;
    } else if (request === chosen) {
      Object.assign(reply, oddity, { headers: { ...reply.headers, ...oddity.headers } });
    }
    return false;
  };
  for (const when of ['before', 'after'] as const) {
    world.sandbox.faults.add({ when, fault: { kind: 'reset' }, matches: replace });
  }
}

const allowed = new Set([0, 3, 4, 7]);

describe('a reply that nobody expects', () => {
  it('ends with an error of the catalogue or not at all, and the next run settles everything', async () => {
    const situation = situations.find(({ name }) => name === 'fresh-app');
    if (situation === undefined) throw new Error('There is no such situation.');
    const world = await openWorld(situation.scenarios);
    onTestFinished(() => world.close());
    const before = await prepareSituation(situation, world);
    const spots = spotsOf((await world.run(situation.argv)).requests);
    const broken: string[] = [];
    for (const [index, [name, oddity]] of Object.entries(oddities).entries()) {
      const spot = spots[index % spots.length];
      if (spot === undefined) throw new Error('The run asked for nothing.');
      await world.restore(before);
      answer(world, spot, oddity);
      const first = await world.run(situation.argv);
      world.sandbox.faults.clear();
      world.pass(15_000);
      const faults = [...endingFaults(first, allowed), ...configFaults(world.files()[configName], undefined)];
      const second = await world.run(situation.argv);
      world.pass(15_000);
      if (second.code === 0) faults.push(...settledFaults(world, situation, before));
      else faults.push(`the next run ends with ${second.code}`);
      broken.push(...faults.map((fault) => `${name} to ${spot.name}: ${fault}`));
    }
    expect(broken).toEqual([]);
    expect(world.sandbox.crashes).toEqual([]);
  }, 120_000);
});
