import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyFault, type FaultTarget } from '../../../src/sandbox/index.ts';
import { makeDue, replacedIn, retire } from '../../helpers/replaced.ts';
import { createWorld, type World } from '../../helpers/world.ts';

const own = (world: World) =>
  world.sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
const secrets = (world: World): string[] =>
  (own(world)?.passwordCredentials ?? []).map(({ keyId }) => keyId).sort();
const argv = ['--sandbox', '--yes', '--json'];

/** A world where the file holds a secret, and another machine one that looks like it. */
async function setUp(): Promise<{ world: World; old: string; foreign: string }> {
  const world = await createWorld();
  await world.run([...argv, '--output', 'elsewhere.json']);
  const [foreign = ''] = secrets(world);
  world.pass(60_000);
  expect((await world.run(argv)).code).toBe(0);
  const old = secrets(world).find((keyId) => keyId !== foreign) ?? '';
  world.pass(60_000);
  return { world, old, foreign };
}

/** What Entra says of a certificate that it does not know. */
const refusal = JSON.stringify({
  error: 'invalid_client',
  error_description: 'AADSTS700027: The certificate is not registered on application.',
  error_codes: [700027],
});

/** Has every credential that proves itself by an assertion refused, or not looked at. */
function refuseAssertions({ sandbox }: World, how: 'refused' | 'unavailable'): void {
  const asserts = ({ kind, request }: FaultTarget): boolean =>
    kind === 'entra' && request.body.includes('client_assertion');
  if (how === 'unavailable') {
    sandbox.faults.add({ matches: asserts, fault: everyFault['status-503'], when: 'before' });
    return;
  }
  const matches = (target: FaultTarget): boolean => {
    if (asserts(target) && target.reply) Object.assign(target.reply, { status: 401, body: refusal });
    return false;
  };
  sandbox.faults.add({ matches, fault: everyFault.reset, when: 'after' });
}

describe('a secret that is replaced', () => {
  const withCertificate = [...argv, '--credential', 'certificate'];

  it.each([
    ['refused', 3],
    ['unavailable', 7],
  ] as const)('stays while its successor is %s, named in the file', async (how, code) => {
    const { world, old, foreign } = await setUp();
    refuseAssertions(world, how);
    const cut = await world.run(withCertificate);
    expect(cut.code).toBe(code);
    expect(secrets(world)).toEqual([foreign, old].sort());
    expect((await replacedIn(world)).map(({ keyId }) => keyId)).toEqual([old]);
    world.sandbox.faults.clear();
    world.pass(60_000);
    const next = await world.run(withCertificate);
    expect([next.code, next.json().error]).toEqual([0, undefined]);
    expect(secrets(world)).toEqual([foreign, old].sort());
    expect(own(world)?.keyCredentials).toHaveLength(1);
    const planned = await world.run([...withCertificate, '--dry-run']);
    expect(planned.stderr.replace(/\s+/g, ' ')).toContain('1 other secret stays valid until');
    await makeDue(world);
    expect((await world.run(retire)).code).toBe(0);
    expect([secrets(world), await replacedIn(world)]).toEqual([[foreign], []]);
  });

  it('goes at once where it does not work any more', async () => {
    const { world, old, foreign } = await setUp();
    const path = join(world.folder, 'reporting-setup.json');
    const { clientSecret } = await world.config();
    writeFileSync(path, (await world.read()).replace(clientSecret, `another-${clientSecret}`), {
      mode: 0o600,
    });
    expect((await world.run(argv)).code).toBe(0);
    expect(secrets(world)).toHaveLength(2);
    expect(secrets(world)).toContain(foreign);
    expect(secrets(world)).not.toContain(old);
    expect(await replacedIn(world)).toEqual([]);
  });

  it('is not taken for a lost one where its successor was not saved', async () => {
    const { world, old, foreign } = await setUp();
    const path = join(world.folder, 'reporting-setup.json');
    const matches = ({ kind, request }: FaultTarget): boolean => {
      if (kind === 'graph' && request.method === 'PATCH' && statSync(path).isFile()) {
        rmSync(path);
        mkdirSync(path);
      }
      return false;
    };
    world.sandbox.faults.add({ matches, fault: everyFault.reset, when: 'after' });
    const run = await world.run([...withCertificate, '--on-failure', 'undo']);
    expect(run.json().error?.message).toContain('it is a folder');
    expect(secrets(world)).toEqual([foreign, old].sort());
  });
});
