import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Json, spoil } from '../helpers/spoiled-replies.ts';
import { createWorld, type Run, type World } from '../helpers/world.ts';

const setup = ['--sandbox', '--yes', '--json'];
const guid = '11111111-2222-4333-8444-555555555555';

const ownOf = ({ sandbox }: World) =>
  sandbox.tenant.applications.filter(({ uniqueName }) => uniqueName === 'reporting-setup');

const held = (run: Run): unknown => [run.code, run.json().error?.code];

describe('a new secret', () => {
  it.each([
    ['once', 1],
    ['and the first list cannot be read', 2],
  ])('is named as it is listed where the reply has the key id of another: %s', async (_name, spoilt) => {
    const world = await createWorld();
    const keyId = () => ({ keyId: guid });
    spoil(world, { method: 'POST', path: /\/addPassword$/, rewrite: (body) => ({ ...body, ...keyId() }) });
    const lists = /\/applications\/[^/]+$/;
    if (spoilt > 1) spoil(world, { path: lists, rewrite: () => ({}), times: 1 });
    const run = await world.run(setup);
    const [listed] = ownOf(world)[0]?.passwordCredentials ?? [];
    expect(held(run)).toEqual([0, undefined]);
    expect(run.json().credential?.['keyId']).toBe(listed?.keyId);
    expect(await world.read()).toContain(listed?.keyId);
    expect(run.json().changes.find(({ kind }) => kind === 'passwordCredential')?.id).toBe(listed?.keyId);
    world.pass(60_000);
    expect((await world.run(setup)).json().changes.every(({ action }) => action === 'keep')).toBe(true);
  });

  it('is told as not listed where no list shows it', async () => {
    const world = await createWorld();
    spoil(world, {
      path: /\/applications\/[^/]+$/,
      rewrite: (body) => ({ ...body, passwordCredentials: [] }),
    });
    const run = await world.run(setup);
    expect(run.code).toBe(0);
    const untold = { id: 'credential.listed', status: 'skip', reason: 'cannot-tell' };
    expect(run.json().checks).toContainEqual(expect.objectContaining(untold));
  });

  it.each([403, 404])('goes again where its making was answered with %i', async (status) => {
    const world = await createWorld();
    let denied = 0;
    world.sandbox.faults.add({
      when: 'after',
      fault: { kind: 'reset' },
      matches: ({ request, reply }) => {
        if (request.url.pathname.endsWith('/addPassword') && reply && denied++ === 0) {
          const code = status === 403 ? 'Authorization_RequestDenied' : 'Request_ResourceNotFound';
          Object.assign(reply, { status, body: JSON.stringify({ error: { code, message: 'Denied.' } }) });
        }
        return false;
      },
    });
    const run = await world.run(setup);
    expect([run.code, denied]).toEqual([0, 2]);
    expect(ownOf(world)[0]?.passwordCredentials.map(({ keyId }) => keyId)).toEqual([
      run.json().credential?.['keyId'],
    ]);
  });

  it('goes by its name and end as well where it cannot be saved, and the reply had the key id of another', async () => {
    const world = await createWorld();
    const path = join(world.folder, 'reporting-setup.json');
    const rewrite = (body: Json): Json => {
      mkdirSync(path, { recursive: true });
      return { ...body, keyId: guid };
    };
    spoil(world, { method: 'POST', path: /\/addPassword$/, rewrite });
    const run = await world.run(setup);
    expect([run.code, ownOf(world)[0]?.passwordCredentials]).toEqual([2, []]);
  });

  it('is asked for three times, and none is left, where no reply shows it', async () => {
    const world = await createWorld();
    const rewrite = ({ keyId: _keyId, ...body }: Json): Json => body;
    const asked = spoil(world, { method: 'POST', path: /\/addPassword$/, rewrite });
    const run = await world.run(setup);
    expect([run.code, asked(), ownOf(world)[0]?.passwordCredentials]).toEqual([7, 3, []]);
  });
});

it('proves a log by no rows of the other one', async () => {
  const world = await createWorld();
  const context = {
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#auditLogs/directoryAudits',
  };
  spoil(world, { path: /\/auditLogs\/signIns$/, rewrite: (body) => ({ ...body, ...context }) });
  const run = await world.run(setup);
  expect(run.code).not.toBe(0);
  expect(run.json().checks.find(({ id }) => id === 'api.signIns')?.status).toBe('fail');
});
