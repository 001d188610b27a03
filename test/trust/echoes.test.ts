import { describe, expect, it } from 'vitest';
import type { FaultTarget } from '../../src/sandbox/index.ts';
import { type Json, type Rewrite, spoil } from '../helpers/spoiled-replies.ts';
import { createWorld, type Run, type World } from '../helpers/world.ts';

const setup = ['--sandbox', '--yes', '--json'];

const guid = '11111111-2222-4333-8444-555555555555';
const strange = ['', 7, `${guid}?a=b`, `${guid}'`, `../${guid}`, [guid]];

/** Somebody else's application, with everything that it has. */
const other = ({ sandbox }: World) => {
  const found = sandbox.tenant.applications.find(({ uniqueName }) => uniqueName !== 'reporting-setup');
  if (!found) throw new Error('The tenant has no other application.');
  return found;
};

const ownOf = ({ sandbox }: World) =>
  sandbox.tenant.applications.filter(({ uniqueName }) => uniqueName === 'reporting-setup');

/** What others hold must be as it was, whatever was shown. */
const othersOf = ({ sandbox }: World): unknown =>
  structuredClone(sandbox.tenant.applications.filter(({ uniqueName }) => uniqueName !== 'reporting-setup'));

const held = (run: Run): unknown => [run.code, run.json().error?.code];

describe('a write whose reply shows something else', () => {
  it.each<[string, Rewrite]>([
    ['all of another application', (_body, world) => ({ ...other(world), web: null })],
    [
      'the ids of another application',
      (body, world) => ({ ...body, id: other(world).id, appId: other(world).appId }),
    ],
    ['the object id of another application', (body, world) => ({ ...body, id: other(world).id })],
    ['the name of another application', (body) => ({ ...body, displayName: 'Other' })],
    ['no mark', (body) => ({ ...body, uniqueName: null })],
    ['accounts of everybody', (body) => ({ ...body, signInAudience: 'AzureADMultipleOrgs' })],
    ...strange.map((id): [string, Rewrite] => [`the id ${JSON.stringify(id)}`, (body) => ({ ...body, id })]),
    ...strange.map((appId): [string, Rewrite] => [
      `the client id ${JSON.stringify(appId)}`,
      (body) => ({ ...body, appId }),
    ]),
    ['nothing', () => ({})],
  ])('is looked up where a new application shows %s', async (_name, rewrite) => {
    const world = await createWorld();
    const before = othersOf(world);
    const spoiled = spoil(world, { method: 'POST', path: /\/applications$/, rewrite, times: 1 });
    const run = await world.run(setup);
    expect(spoiled()).toBe(1);
    expect(held(run)).toEqual([0, undefined]);
    const [own, ...more] = ownOf(world);
    expect(more).toEqual([]);
    expect(own?.passwordCredentials).toHaveLength(1);
    expect((await world.config())['clientId']).toBe(own?.appId);
    expect(run.json().application?.['objectId']).toBe(own?.id);
    expect(othersOf(world)).toEqual(before);
  });

  it('is looked up where another has both its ids and its address', async () => {
    const world = await createWorld();
    const before = othersOf(world);
    const named = world.sandbox.tenant.servicePrincipals.map(({ appId }) => appId);
    const stranger = world.sandbox.tenant.applications.find(({ appId }) => named.includes(appId));
    let first = true;
    world.sandbox.faults.add({
      when: 'after',
      fault: { kind: 'reset' },
      matches: ({ request, reply }) => {
        if (!first || reply?.status !== 201 || !request.url.pathname.endsWith('/applications')) return false;
        first = false;
        const body = JSON.parse(reply.body) as Json;
        const { location: _address, ...headers } = reply.headers;
        const ids = { id: stranger?.id, appId: stranger?.appId };
        Object.assign(reply, { headers, body: JSON.stringify({ ...body, ...ids }) });
        return false;
      },
    });
    const run = await world.run(setup);
    expect(held(run)).toEqual([0, undefined]);
    const [own] = ownOf(world);
    expect((await world.config())['clientId']).toBe(own?.appId);
    expect(own?.passwordCredentials).toHaveLength(1);
    expect(othersOf(world)).toEqual(before);
  });

  it('does not lead to the removal of another application', async () => {
    const world = await createWorld();
    const before = othersOf(world);
    let named = false;
    world.sandbox.faults.add({
      when: 'after',
      fault: { kind: 'reset' },
      matches: ({ request, reply }) => {
        if (named || reply?.status !== 201 || !request.url.pathname.endsWith('/applications')) return false;
        named = true;
        const { location: _address, ...headers } = reply.headers;
        const ids = { id: other(world).id, appId: other(world).appId };
        Object.assign(reply, {
          headers,
          body: JSON.stringify({ ...(JSON.parse(reply.body) as Json), ...ids }),
        });
        return false;
      },
    });
    const matches = ({ request }: FaultTarget): boolean =>
      named && request.method === 'POST' && request.url.pathname.endsWith('/servicePrincipals');
    world.sandbox.faults.add({ when: 'before', fault: { kind: 'reset' }, matches });
    const run = await world.run([...setup, '--on-failure', 'undo']);
    expect([named, run.code]).toEqual([true, 7]);
    expect(run.stderr).not.toContain('is gone again');
    expect(othersOf(world)).toEqual(before);
  });

  it.each<[string, RegExp, Rewrite]>([
    [
      'service principal of another application',
      /\/servicePrincipals$/,
      (body, world) => ({ ...body, appId: other(world).appId }),
    ],
    ['service principal with another id', /\/servicePrincipals$/, (body) => ({ ...body, id: guid })],
    ['service principal with no id', /\/servicePrincipals$/, (body) => ({ ...body, id: `${guid}/x` })],
    ['grant to somebody else', /\/appRoleAssignedTo$/, (body) => ({ ...body, principalId: guid })],
    ['grant of something else', /\/appRoleAssignedTo$/, (body) => ({ ...body, appRoleId: guid })],
    ['grant with a strange id', /\/appRoleAssignedTo$/, (body) => ({ ...body, id: 'a/../b?c' })],
    ['secret without a text', /\/addPassword$/, (body) => ({ ...body, secretText: null })],
    ['secret that is a number', /\/addPassword$/, (body) => ({ ...body, secretText: 7 })],
    [
      'secret of two lines',
      /\/addPassword$/,
      (body) => ({ ...body, secretText: `${String(body['secretText'])}\nx` }),
    ],
    ['secret with another hint', /\/addPassword$/, (body) => ({ ...body, hint: '\u0001' })],
    ['secret of another name', /\/addPassword$/, (body) => ({ ...body, displayName: 'Other' })],
    ['secret without a key id', /\/addPassword$/, (body) => ({ ...body, keyId: undefined })],
    ['secret with a strange key id', /\/addPassword$/, (body) => ({ ...body, keyId: `${guid}'` })],
    ['secret without an end', /\/addPassword$/, (body) => ({ ...body, endDateTime: 'soon' })],
  ])('counts as lost: a %s', async (_name, path, rewrite) => {
    const world = await createWorld();
    const before = othersOf(world);
    const spoiled = spoil(world, { method: 'POST', path, rewrite, times: 1 });
    const run = await world.run(setup);
    expect(spoiled()).toBe(1);
    expect(held(run)).toEqual([0, undefined]);
    const [own] = ownOf(world);
    expect(own?.passwordCredentials).toHaveLength(1);
    expect(run.json().credential?.['keyId']).toBe(own?.passwordCredentials[0]?.keyId);
    const principal = world.sandbox.tenant.servicePrincipals.find(({ appId }) => appId === own?.appId);
    expect(run.json().application?.['servicePrincipalId']).toBe(principal?.id);
    expect(othersOf(world)).toEqual(before);
  });

  it('takes no key id that was there before for the new one', async () => {
    const world = await createWorld();
    await world.run(setup);
    world.pass(60_000);
    const [kept] = ownOf(world)[0]?.passwordCredentials ?? [];
    const rewrite: Rewrite = (body) => ({ ...body, keyId: kept?.keyId });
    spoil(world, { method: 'POST', path: /\/addPassword$/, rewrite, times: 1 });
    const run = await world.run([...setup, '--output', 'second.json']);
    expect(held(run)).toEqual([0, undefined]);
    expect(run.json().credential?.['keyId']).not.toBe(kept?.keyId);
    expect(ownOf(world)[0]?.passwordCredentials.map(({ keyId }) => keyId)).toContain(kept?.keyId);
  });

  it('leaves no success where every reply is like that', async () => {
    const world = await createWorld();
    const rewrite: Rewrite = (body) => ({ ...body, keyId: 'x' });
    spoil(world, { method: 'POST', path: /\/addPassword$/, rewrite });
    const run = await world.run(setup);
    expect(held(run)).toEqual([7, 'service-unavailable']);
    await expect(world.read()).rejects.toThrow('ENOENT');
  });
});

describe('a log that is none', () => {
  const bodies: readonly [string, unknown][] = [
    ['an empty object', {}],
    ['null in place of rows', { value: null }],
    ['nothing', undefined],
    ['an object in place of rows', { value: {} }],
    ['rows that are none', { value: [null, 7, {}] }],
    ['a row with a date that is a number', { value: [{ id: 'x', createdDateTime: 7, activityDateTime: 7 }] }],
    ['a next page that is none', { value: [], '@odata.nextLink': 7 }],
  ];

  it.each(bodies)('proves nothing: %s', async (_name, body) => {
    const world = await createWorld();
    await world.run(setup);
    world.pass(60_000);
    for (const [log, id] of [
      ['signIns', 'api.signIns'],
      ['directoryAudits', 'api.directoryAudits'],
    ] as const) {
      world.sandbox.faults.clear();
      spoil(world, { path: new RegExp(`/auditLogs/${log}$`), rewrite: () => body });
      const run = await world.run(['verify', '--sandbox', '--json']);
      expect(run.json().checks.find((check) => check.id === id)?.status).not.toBe('pass');
      expect(run.code).toBe(7);
    }
  });

  it('is one where it is empty', async () => {
    const world = await createWorld();
    spoil(world, { path: /\/auditLogs\//, rewrite: () => ({ value: [] }) });
    const run = await world.run(setup);
    expect(run.code).toBe(0);
  });
});

describe('a tenant of another id than the sign-in', () => {
  it.each([[guid], ['x'], [`${guid}?`], [null], [7]])(
    'ends the run before anything is written: %j',
    async (id) => {
      const world = await createWorld();
      const rewrite: Rewrite = ({ value }) => ({ value: (value as Json[]).map((one) => ({ ...one, id })) });
      spoil(world, { path: /\/organization$/, rewrite });
      const run = await world.run(setup);
      expect([4, 7]).toContain(run.code);
      expect(world.newWrites()).toEqual([]);
      await expect(world.read()).rejects.toThrow('ENOENT');
    },
  );

  it('fails verify too', async () => {
    const world = await createWorld();
    await world.run(setup);
    world.pass(60_000);
    const rewrite: Rewrite = ({ value }) => ({
      value: (value as Json[]).map((one) => ({ ...one, id: guid })),
    });
    spoil(world, { path: /\/organization$/, rewrite });
    const run = await world.run(['verify', '--sandbox', '--json']);
    expect(held(run)).toEqual([4, 'sign-in-wrong-tenant']);
  });
});

describe('certificates of others', () => {
  it.each([[{}], [{ keyCredentials: null }], [{ keyCredentials: [{ keyId: 'x' }] }]])(
    'stay where the list of them cannot be read: %j',
    async (body) => {
      const world = await createWorld();
      await world.run([...setup, '--credential', 'certificate']);
      world.pass(60_000);
      const before = structuredClone(ownOf(world)[0]?.keyCredentials);
      expect(before).toHaveLength(1);
      const path = /\/applications\/[0-9a-f-]{36}$/;
      spoil(world, { path, rewrite: () => body });
      const run = await world.run([...setup, '--credential', 'certificate', '--output', 'second.json']);
      expect(run.code).toBe(7);
      expect(ownOf(world)[0]?.keyCredentials).toEqual(before);
    },
  );
});
