import { describe, expect, it, onTestFinished } from 'vitest';
import { type Case, pairCases, seeded, singleCases } from './chaos/cases.ts';
import { openWorld } from './chaos/chaos-world.ts';
import { spotsOf } from './chaos/disturbances.ts';
import { claimFaults, configFaults, endingFaults, leaks, successFaults } from './chaos/expected.ts';
import { casesOf, runCases, type Verdict } from './chaos/runner.ts';
import { situations } from './chaos/situations.ts';
import { putFigures, tableOf } from './chaos/table.ts';

/** The instants at which something can be lost for good. */
const delicate = [
  'POST /applications | reset after',
  'POST /servicePrincipals | truncated after',
  'POST /$batch[2] | hang after',
  'addPassword | reset after',
  'addPassword | status-503 after lasting',
  'addPassword | stop after',
  'addPassword | denied 404 after',
  'POST /applications | denied 403 after',
  'POST /servicePrincipals | page 200 after',
  'POST /$batch[2]#2 | date of another year after',
];

function requireCase(cases: readonly Case[], name: string): Case {
  const found = cases.find(({ id }) => id.endsWith(name));
  if (found === undefined) throw new Error(`There is no case ${name}.`);
  return found;
}

function sample(cases: readonly Case[], named: readonly string[], drawn: number): Case[] {
  const random = seeded(7);
  const others = Array.from({ length: drawn }, () => cases[Math.floor(random() * cases.length)]);
  return [
    ...named.map((name) => requireCase(cases, name)),
    ...others.filter((tested) => tested !== undefined),
  ];
}

async function verdictsOf(name: string, named: readonly string[], drawn: number): Promise<Verdict[]> {
  const situation = situations.find((candidate) => candidate.name === name);
  if (situation === undefined) throw new Error(`There is no situation ${name}.`);
  const verdicts: Verdict[] = [];
  const cases = sample(await casesOf({ ...situation, stride: 1 }, 20, 7), named, drawn);
  await runCases(cases, situation, (verdict) => verdicts.push(verdict));
  return verdicts;
}

describe('a disturbed run, and a plain one after it', () => {
  it.each([
    ['fresh-app', delicate, 3],
    ['secret-gone', ['addPassword | truncated after'], 2],
    ['wrong-clock', [], 1],
    ['teardown-deactivate', ['PATCH /applications/* | reset after'], 0],
    ['teardown-purge', ['DELETE /directory/deletedItems/* | stop after'], 1],
    ['verify', ['logs | both: page 200', 'POST /$batch[10] | other types after'], 3],
  ] as const)(
    'keeps its promises: %s',
    async (name, named, drawn) => {
      const verdicts = await verdictsOf(name, named, drawn);
      expect(verdicts.length).toBe(named.length + drawn);
      expect(verdicts.filter(({ faults }) => faults.length > 0)).toEqual([]);
    },
    90_000,
  );
});

describe('the judge', () => {
  const outcome = { code: 0, stdout: '{"checks":[]}', stderr: '', requests: [] };

  it('notices a config file that is neither old nor whole', () => {
    expect(configFaults('{"version":1', undefined)).not.toEqual([]);
    expect(configFaults(undefined, 'old')).not.toEqual([]);
    expect(configFaults('old', 'old')).toEqual([]);
  });

  it('notices how a run ends', () => {
    expect(endingFaults({ ...outcome, code: undefined })).not.toEqual([]);
    expect(endingFaults({ ...outcome, code: 1 })).toContain('exit code 1');
    expect(endingFaults({ ...outcome, stdout: '' })).toContain('stdout is no JSON document');
    const error = JSON.stringify({ error: { code: 'unexpected', message: 'x', remedy: '' }, checks: [] });
    expect(endingFaults({ ...outcome, code: 7, stdout: error })).toEqual([
      'unexpected: x',
      'unexpected has no remedy',
    ]);
    expect(endingFaults(outcome)).toEqual([]);
  });

  it('notices a success that is none, and a claim that nothing stands behind', async () => {
    const situation = situations.find(({ name }) => name === 'fresh-app');
    if (situation === undefined) throw new Error('There is no such situation.');
    const logs = requireCase(await casesOf(situation, 1, 1), 'logs | signIns: empty object');
    const world = await openWorld(['default']);
    onTestFinished(() => world.close());
    const before = world.take();
    expect(successFaults(outcome, world, situation, before)).toEqual([
      'false success: there is no config file',
    ]);
    expect(successFaults({ ...outcome, code: 7 }, world, situation, before)).toEqual([]);
    const passed = JSON.stringify({ checks: [{ id: 'api.signIns', status: 'pass' }] });
    expect(claimFaults({ ...outcome, code: 6, stdout: passed }, logs, world)).toEqual([
      'api.signIns passes without an answer',
    ]);
    const whole = await world.run(situation.argv);
    expect([whole.code, successFaults(whole, world, situation, before)]).toEqual([0, []]);
    world.tenant.applications.find(({ uniqueName }) => uniqueName !== null)?.passwordCredentials.splice(0);
    expect(successFaults(whole, world, situation, before)).toContain(
      'false success: 0 secrets of this machine',
    );
    const saidGone = { ...outcome, stderr: 'Everything that this run made is gone again.' };
    expect(claimFaults(saidGone, logs, world)).toContain('what is said to be gone is there');
  });

  it('notices a secret in the output', () => {
    const secret = crypto.randomUUID();
    expect(leaks({ ...outcome, stderr: `it is ${secret}` }, [secret])).toHaveLength(1);
    expect(leaks(outcome, [secret])).toEqual([]);
  });
});

describe('the cases', () => {
  const request = {
    kind: 'graph',
    method: 'GET',
    url: '/v1.0/me?$select=id',
    headers: {},
    body: '',
    at: 0,
  } as const;
  const spots = spotsOf([
    { ...request, status: 200, items: [] },
    { ...request, status: 200, items: [] },
  ]);

  it('tell requests of the same name apart', () => {
    expect(spots).toEqual([
      { name: 'GET /me', occurrence: 1, items: 0 },
      { name: 'GET /me', occurrence: 2, items: 0 },
    ]);
  });

  it('have names of their own, and pairs are the same for the same seed', () => {
    const singles = singleCases('x', spots);
    expect(new Set(singles.map(({ id }) => id)).size).toBe(singles.length);
    expect(pairCases('x', singles, 5, 3)).toEqual(pairCases('x', singles, 5, 3));
    expect(pairCases('x', singles, 5, 4)).not.toEqual(pairCases('x', singles, 5, 3));
  });

  it('are counted in a table that has its place in a document', () => {
    const table = tableOf([{ situation: 's', group: 'stop', id: 'a', code: 130, faults: ['x'] }]);
    expect(table).toContain('| s, stop | 1 | 130: 1 | 1 |');
    const document = 'a\n<!-- figures: written by npm run chaos -->old<!-- end of figures -->\nb';
    expect(putFigures(putFigures(document, 'one'), 'two')).toContain('two');
    expect(putFigures(document, 'new')).not.toContain('old');
    expect(() => putFigures('a', 'b')).toThrow('no place');
  });
});
