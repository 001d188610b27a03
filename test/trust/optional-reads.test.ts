import { describe, expect, it } from 'vitest';
import { type Answer, answerInstead, type MadeUp, refusal } from '../helpers/replies.ts';
import { createWorld, type Run, type World } from '../helpers/world.ts';

const setup = ['--sandbox', '--yes', '--json'];
const verifyAdmin = ['verify', '--sandbox', '--admin', '--json'];
const checkOf = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

/** What nothing depends on, as an administrator's run asks for it. */
const optional: Readonly<Record<string, RegExp>> = {
  'the recycle bin': /^\/directory\/deletedItems\/microsoft/,
  "the application's own policy": /\/appManagementPolicies/,
  'the policy for application credentials': /^\/policies\/defaultAppManagementPolicy/,
  'whether users may register': /^\/policies\/authorizationPolicy/,
  'the roles of the account': /^\/me\/transitiveMemberOf/,
  'its role assignments': /^\/roleManagement\/directory\/roleAssignments/,
  'the roles that it may activate': /^\/roleManagement\/directory\/roleEligibility/,
  'who owns the application': /\/owners/,
  'who is signed in': /^\/me\?/,
  'what is granted': /\/appRoleAssignments\?\$top/,
  'the retired API': /00000002-0000-0000-c000-000000000000/,
};

const answers: Readonly<Record<string, MadeUp>> = {
  'a refusal of the query': refusal(400, 'Request_UnsupportedQuery'),
  'a refusal of the method': refusal(405, 'Request_BadRequest'),
  'a refusal of the caller': refusal(403, 'Authorization_RequestDenied'),
  'a refusal without a word': { status: 403 },
  'not there': refusal(404, 'ResourceNotFound'),
  gone: refusal(410, 'Gone'),
  'for legal reasons': refusal(451, 'UnavailableForLegalReasons'),
  'not for this token': refusal(401, 'InvalidAuthenticationToken'),
  'not implemented': refusal(501, 'NotImplemented'),
  'an empty object': { status: 200, body: {} },
  'another list': { status: 200, body: { value: null } },
  'rows of something else': { status: 200, body: { value: [{ surprise: true }] } },
  'nothing at all': { status: 204 },
};

const answerTo =
  (pattern: RegExp, reply: MadeUp): Answer =>
  ({ method, path }) =>
    method === 'GET' && pattern.test(path) ? reply : undefined;

/** Every third, another one for each `turn`: together they meet each answer, and all go the same way through the program. */
const third = <T>(all: readonly T[], turn: number): T[] =>
  all.filter((_one, index) => (index + turn) % 3 === 0);

const cases = Object.keys(optional).flatMap((what, turn) =>
  third(Object.keys(answers), turn).map((how) => [what, how] as const),
);

describe('a read that nothing depends on', () => {
  it.each(cases)('ends no setup: %s, answered with %s', async (what, how) => {
    const world = await createWorld();
    answerInstead(world, answerTo(optional[what] ?? /^$/, answers[how] ?? { status: 500 }));
    const run = await world.run(setup);
    expect(run.json().error).toBeUndefined();
    expect(run.code).toBe(0);
    expect(world.slept()).toBeLessThan(1_000);
  });
});

/** With an application that is set up already. */
async function ready(): Promise<World> {
  const world = await createWorld();
  expect((await world.run(setup)).code).toBe(0);
  world.pass(60_000);
  return world;
}

describe('what such a read would have told', () => {
  it.each<[string, RegExp]>([
    ['the policy for application credentials', /^\/policies\/defaultAppManagementPolicy/],
    ["the application's own policy", /\/appManagementPolicies/],
  ])('cannot be told in setup: %s', async (what, pattern) => {
    const world = await ready();
    for (const [how, reply] of third(Object.entries(answers), what.length)) {
      world.sandbox.faults.clear();
      answerInstead(world, answerTo(pattern, reply));
      const finding = checkOf(await world.run([...setup, '--dry-run']), 'policy.credential');
      expect(finding, how).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
      expect(finding?.evidence).toContain(what);
    }
  });

  it('of what is granted is only what this run saw itself: nobody knows what else is', async () => {
    const world = await ready();
    const before = world.sandbox.tenant.appRoleAssignments.length;
    answerInstead(world, answerTo(/\/appRoleAssignments\?\$top/, refusal(400, 'Request_BadRequest')));
    const run = await world.run(setup);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    expect(checkOf(run, 'permission.AuditLog.Read.All')?.status).toBe('pass');
    expect(checkOf(run, 'permission.excess')).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
    expect(world.sandbox.tenant.appRoleAssignments).toHaveLength(before);
  });

  it.each<[string, RegExp]>([
    ['policy.credential', /^\/policies\/defaultAppManagementPolicy/],
    ['policy.credential', /\/appManagementPolicies/],
    ['permission.excess', /\/appRoleAssignments\?\$top/],
    ['permission.delegated', /\/oauth2PermissionGrants/],
    ['app.owners', /\/owners\?\$select=id,displayName/],
    ['app.federatedCredentials', /\/federatedIdentityCredentials/],
    ['app.duplicates', /tags\/any/],
  ])(
    'cannot be told in verify --admin: %s',
    async (id, pattern) => {
      const world = await ready();
      for (const [how, reply] of third(Object.entries(answers), pattern.source.length)) {
        world.sandbox.faults.clear();
        answerInstead(world, answerTo(pattern, reply));
        const run = await world.run(verifyAdmin);
        expect([how, run.code, run.json().error], run.stderr).toEqual([how, 0, undefined]);
        expect(checkOf(run, id), `${how}: ${checkOf(run, id)?.evidence}`).toMatchObject({
          status: 'skip',
          reason: 'cannot-tell',
        });
      }
    },
    30_000,
  );

  it('is counted apart on the screen', async () => {
    const world = await ready();
    answerInstead(world, answerTo(/\/oauth2PermissionGrants/, refusal(400, 'BadRequest')));
    const run = await world.run(['verify', '--sandbox', '--admin']);
    expect(run.stderr).toMatch(/\d+ pass, 1 cannot be told/);
  });
});

describe('logs that are refused together', () => {
  const logs = /^\/auditLogs\//;
  const batched =
    (reply: MadeUp): Answer =>
    ({ path, isBatched }) =>
      isBatched && logs.test(path) ? reply : undefined;

  it.each(Object.entries(answers))('are read once plainly: %s', async (_how, reply) => {
    const world = await createWorld();
    answerInstead(world, batched(reply));
    const run = await world.run(setup);
    expect([checkOf(run, 'api.directoryAudits')?.status, checkOf(run, 'api.signIns')?.status]).toEqual([
      'pass',
      'pass',
    ]);
    expect(run.code).toBe(0);
    world.pass(60_000);
    expect((await world.run(['verify', '--sandbox', '--json'])).code).toBe(0);
  });

  it('are told as refused where that is refused as well, after one try of each', async () => {
    const world = await createWorld();
    let plain = 0;
    answerInstead(world, ({ path, isBatched }) => {
      if (!logs.test(path)) return undefined;
      plain += isBatched ? 0 : 1;
      return refusal(400, 'Request_BadRequest', 'No such log');
    });
    const run = await world.run(setup);
    expect(checkOf(run, 'api.directoryAudits')).toMatchObject({ status: 'fail', code: 'api-refused' });
    expect(run.code).toBe(3);
    expect(plain).toBe(2);
  });
});
