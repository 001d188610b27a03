import { expect, it } from 'vitest';
import { createWorld, type World } from '../../helpers/world.ts';

interface Shown {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly onceProven?: true;
}

/** Ids, dates and certificates differ between what is planned and what is sent: nothing else may. */
const neutral = (text: string): string =>
  text
    .replace(/<[^<>]*>|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi, 'id')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'date')
    .replace(/"key":"[^"]*"/g, '"key":"certificate"')
    .replaceAll('%20', ' ');

/** What a dry run says would be sent, and what the same run then sends until it proves the credential. */
async function plannedAndSent(world: World, argv: readonly string[]) {
  const dry = await world.run([...argv, '--yes', '--json', '--dry-run']);
  const planned = (dry.json() as unknown as { readonly requests: readonly Shown[] }).requests;
  const before = world.sandbox.requests.length;
  const run = await world.run([...argv, '--yes', '--json']);
  const sent = world.sandbox.requests
    .slice(before)
    .filter(({ kind }) => kind === 'graph')
    .map(({ method, url, body }) => ({
      method,
      path: url.replace(/^\/v1\.0/, ''),
      body: body === '' ? undefined : (JSON.parse(body) as unknown),
    }));
  // What comes before the first write reads the tenant, and what comes after the last one proves the credential.
  const isWrite = ({ method, path, body }: Shown): boolean =>
    method !== 'GET' && !(path === '/$batch' && !/"method":"(POST|PATCH|DELETE)"/.test(JSON.stringify(body)));
  return { dry, run, planned, sent: sent.filter(isWrite), writes: planned.filter(isWrite) };
}

const lines = (requests: readonly Shown[]): string[] =>
  requests.map(({ method, path, body }) => neutral(JSON.stringify({ method, path, body })));

it.each([
  ['a client secret', [], []],
  ['a certificate in place of a secret', ['--credential', 'certificate'], []],
  ['a federated credential in place of a secret', ['--credential', 'federated', '--github', 'octo/app'], []],
  ['another name', ['--app-name', 'Second app'], []],
  ['another sign-on URL', ['--sign-on-url', 'https://app.example/x'], []],
])('a dry run lists what is sent for %s, body by body', async (name, flags) => {
  const world = await createWorld();
  if (name !== 'a client secret') {
    await world.run(['--sandbox', '--yes']);
    world.pass(60_000);
  }
  world.newWrites();
  const { dry, run, sent, writes } = await plannedAndSent(world, ['--sandbox', ...flags]);
  expect([dry.code, run.code]).toEqual([0, 0]);
  expect(writes.length).toBeGreaterThan(0);
  // Nobody here can prove a federated credential: what waits for that is not sent.
  const due = name.startsWith('a federated') ? writes.filter(({ onceProven }) => !onceProven) : writes;
  expect(lines(due)).toEqual(lines(sent));
  for (const { path, method } of writes.filter(({ path: one }) => one !== '/$batch')) {
    expect(dry.stderr).toContain(`${method} /v1.0${path}`);
  }
  if (name !== 'a client secret') return;
  expect(dry.stderr).toContain('POST /v1.0/$batch');
  expect(dry.stderr).toMatch(/^ {6}POST \/servicePrincipals\/[\da-f-]{36}\/appRoleAssignedTo$/m);
});

it('writes nothing while it lists, not even a folder, and lists nothing where nothing is to be done', async () => {
  const world = await createWorld();
  await world.run(['--sandbox', '--credential', 'certificate', '--dry-run', '--output', 'out.json']);
  expect(world.newWrites()).toEqual([]);
  await expect(world.read('out.pem')).rejects.toThrow('ENOENT');
  await world.run(['--sandbox', '--yes']);
  world.pass(60_000);
  const again = await world.run(['--sandbox', '--dry-run', '--json']);
  expect((again.json() as unknown as { readonly requests: unknown }).requests).toEqual([]);
});

it('says which options change nothing, and what does what they ask for', async () => {
  const world = await createWorld();
  await world.run(['--sandbox', '--yes']);
  world.pass(60_000);
  const flags = ['--secret-lifetime', '90d', '--secret-name', 'Second secret'];
  const { stderr } = await world.run(['--sandbox', '--dry-run', ...flags]);
  const plan = stderr.replace(/\s+/g, ' ');
  expect(plan).toContain('--secret-name and --secret-lifetime change nothing, since the client secret');
  expect(plan).toContain(
    "reporting-setup rotate --sandbox --secret-name 'Second secret' --secret-lifetime 90d",
  );
  const same = await world.run(['--sandbox', '--dry-run', '--secret-name', 'Reporting API']);
  expect(same.stderr).not.toContain('--secret-name');
});

it.each([
  [['--credential', 'federated', '--github', 'octo/app', '--secret-lifetime', '1y'], '--secret-lifetime'],
  [['--credential', 'federated', '--github', 'octo/app', '--secret-name', 'x'], '--secret-name'],
  [
    ['--credential', 'certificate', '--certificate-file', 'own.pem', '--secret-lifetime', '1y'],
    '--secret-life',
  ],
])('refuses options that can have no effect: %j', async (argv, named) => {
  const world = await createWorld();
  const run = await world.run(['--sandbox', '--yes', ...argv]);
  expect(run.code).toBe(2);
  expect(run.stderr.replace(/\s+/g, ' ')).toContain(`${named}`);
  expect(run.stderr.replace(/\s+/g, ' ')).toContain('does not go with');
});

it('tells what changes from what to what', async () => {
  const world = await createWorld();
  await world.run(['--sandbox', '--yes']);
  world.pass(60_000);
  const names = ['--app-name', 'Second app', '--sign-on-url', 'https://app.example/x'];
  const argv = ['--sandbox', '--dry-run', ...names, '--domain', 'fabrikam.com'];
  const { stderr } = await world.run(argv);
  const plan = stderr.replace(/\s+/g, ' ');
  expect(plan).toContain('displayName: Reporting API application -> Second app');
  expect(plan).toContain('(home page and redirect URI): https://localhost -> https://app.example/x');
  expect(plan).toContain('domain: contoso.com -> fabrikam.com');
  const elsewhere = await world.run(['--sandbox', '--dry-run', '--output', 'other.json']);
  expect(elsewhere.stderr.replace(/\s+/g, ' ')).toMatch(
    /1 other secret stays valid until \d{4}-\d\d-\d\d: reporting-setup\.json holds it \(key ID/,
  );
});
