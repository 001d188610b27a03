import { webcrypto } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { exportJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeDue, retire } from '../../helpers/replaced.ts';
import { createWorld, type RunOptions, type Typed, type World } from '../../helpers/world.ts';

const issuer = 'https://id.example/realms/ci';
const subject = 'system:serviceaccount:logs:Reader';
const audience = 'api://AzureADTokenExchange';
const common = ['--sandbox', '--yes', '--json'];
const federated = [...common, '--credential', 'federated', '--issuer', issuer, '--subject', subject];
const verify = ['verify', '--sandbox', '--json'];

const keys = await webcrypto.subtle.generateKey(
  {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  true,
  ['sign', 'verify'],
);

/** The environment of a workload whose identity provider the sandbox can reach. */
async function workload(
  world: World,
  claims: { sub?: string; aud?: string; iss?: string } = {},
): Promise<RunOptions> {
  const { sub = subject, aud = audience, iss = issuer } = claims;
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  world.sandbox.trustIssuer(iss, { keys: [jwk] });
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ iss, sub, aud, nbf: now - 60, iat: now, exp: now + 86_400 })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .sign(keys.privateKey);
  const path = join(world.folder, 'token');
  await writeFile(path, `${token}\n`);
  return { env: { AZURE_FEDERATED_TOKEN_FILE: path } };
}

async function applicationIn(world: World) {
  const config = await world.config();
  const found = world.sandbox.tenant.applications.find(({ appId }) => appId === config['clientId']);
  if (!found) throw new Error('no application');
  return found;
}

type Outcome = Awaited<ReturnType<World['run']>>;
const checkOf = (run: Outcome, id: string) => run.json().checks.find((check) => check.id === id);
const statuses = (run: Outcome, ...ids: string[]) => ids.map((id) => checkOf(run, id)?.status);
const changesOf = (run: Outcome) => run.json().changes.map(({ action, kind }) => `${action} ${kind}`);

describe('a federated credential outside its workload', () => {
  it('is set up without any secret, and never called proven', async () => {
    const world = await createWorld();
    const run = await world.run(federated);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    expect(statuses(run, 'credential.token', 'api.directoryAudits', 'api.signIns')).toEqual([
      'skip',
      'skip',
      'skip',
    ]);
    expect(statuses(run, 'permission.AuditLog.Read.All', 'credential.expiry')).toEqual(['pass', 'pass']);
    expect(run.stderr).not.toMatch(/is proven|Everything is in order/);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain(
      'the credential is not proven: it only works inside the workload',
    );
    const application = await applicationIn(world);
    expect(application.passwordCredentials).toEqual([]);
    expect(application.federatedIdentityCredentials).toMatchObject([
      { issuer, subject, audiences: [audience] },
    ]);
    const config = await world.config();
    expect(config).not.toHaveProperty('clientSecret');
    expect(config['credential']).toMatchObject({ kind: 'federated', issuer, subject, audience });
  });

  it('is verified as far as that goes, and said so', async () => {
    const world = await createWorld();
    await world.run(federated);
    const run = await world.run(verify);
    expect(run.code).toBe(0);
    expect(statuses(run, 'network.graph', 'config.file', 'credential.token', 'api.signIns')).toEqual([
      'pass',
      'pass',
      'skip',
      'skip',
    ]);
    expect(checkOf(run, 'credential.token')?.evidence).toContain('AZURE_FEDERATED_TOKEN_FILE');
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('only be proven inside its workload');
  });

  it('stays as it is the second time', async () => {
    const world = await createWorld();
    await world.run(federated);
    const before = await world.read();
    world.newWrites();
    world.pass(60_000);
    for (const argv of [federated, common]) {
      const run = await world.run(argv);
      expect([run.code, new Set(run.json().changes.map(({ action }) => action))]).toEqual([
        0,
        new Set(['keep']),
      ]);
    }
    expect(world.newWrites()).toEqual([]);
    expect(await world.read()).toBe(before);
  });

  it('follows a change of audience, and keeps what is there already under another name', async () => {
    const world = await createWorld();
    await world.run(federated);
    world.pass(60_000);
    const changed = await world.run([...federated, '--audience', 'api://mine']);
    expect(changesOf(changed)).toContain('update federatedIdentityCredential');
    const application = await applicationIn(world);
    expect(application.federatedIdentityCredentials).toMatchObject([{ audiences: ['api://mine'] }]);
    const [credential] = application.federatedIdentityCredentials;
    application.federatedIdentityCredentials = credential ? [{ ...credential, name: 'by-hand' }] : [];
    const clash = await world.run(federated);
    expect([clash.code, clash.json().error?.code]).toEqual([3, 'federated-refused']);
    expect(clash.json().error?.remedy).toContain('--audience api://mine');
    const kept = await world.run([...federated, '--audience', 'api://mine']);
    expect([kept.code, application.federatedIdentityCredentials.length]).toEqual([0, 1]);
  });

  it('leaves the client secret it replaces, and says which', async () => {
    const world = await createWorld();
    await world.run(common);
    const application = await applicationIn(world);
    const [secret] = application.passwordCredentials;
    world.pass(60_000);
    const run = await world.run(federated);
    expect(run.code).toBe(0);
    expect(application.passwordCredentials).toHaveLength(1);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain(`${secret?.keyId}) is still valid`);
  });

  it('writes the variables that a workload needs, and no secret', async () => {
    const world = await createWorld();
    const awkward = "repo:octo/app:environment:it's 100% ready";
    const run = await world.run([...federated.slice(0, -1), awkward, '--output', '.env']);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    const env = parse(await world.read('.env'));
    expect(env['AZURE_CLIENT_ID']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.keys(env)).not.toContain('AZURE_CLIENT_SECRET');
    expect(Object.keys(env)).not.toContain('AZURE_CLIENT_CERTIFICATE_PATH');
    const again = await world.run([...common, '--output', '.env']);
    expect(new Set(again.json().changes.map(({ action }) => action))).toEqual(new Set(['keep']));
  });

  it.each(['lag', 'throttled', 'flaky', 'secrets-blocked'])(
    'gets there in the scenario %s',
    async (scenario) => {
      const world = await createWorld({ scenarios: [scenario] });
      const run = await world.run(federated);
      expect([run.code, run.json().error]).toEqual([0, undefined]);
      expect((await applicationIn(world)).federatedIdentityCredentials).toHaveLength(1);
    },
  );
});

describe('a federated credential inside its workload', () => {
  it('is proven fully by setup and by verify, and no token shows', async () => {
    const world = await createWorld();
    const inside = await workload(world);
    const run = await world.run([...federated, '--debug', '--auth', 'device-code'], inside);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    expect(run.stderr).toContain('The credential is proven');
    const verified = await world.run(verify, inside);
    expect(verified.json().checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    const token = await readFile(join(world.folder, 'token'), 'utf8');
    expect(run.stdout + run.stderr + verified.stdout + verified.stderr).not.toContain(token.trim());
  });

  it('keeps the client secret that it replaces, until rotate retires it inside the workload', async () => {
    const world = await createWorld();
    await world.run(common);
    const application = await applicationIn(world);
    world.pass(60_000);
    const inside = await workload(world);
    const run = await world.run([...federated, '--auth', 'device-code'], inside);
    expect(run.code).toBe(0);
    expect(changesOf(run)).toContain('keep passwordCredential');
    expect(application.passwordCredentials).toHaveLength(1);
    await makeDue(world);
    // Outside of it nothing shows that the trust works.
    const outside = await world.run(retire);
    expect([outside.code, application.passwordCredentials.length]).toEqual([6, 1]);
    expect((await world.run([...retire, '--auth', 'device-code'], inside)).code).toBe(0);
    expect(application.passwordCredentials).toEqual([]);
  });

  it.each<[string, { sub?: string; aud?: string }, string]>([
    ['subject', { sub: 'system:serviceaccount:logs:other' }, '700213'],
    ['case of the subject', { sub: subject.toLowerCase() }, '7002138'],
    ['audience', { aud: 'api://other' }, '700212'],
  ])('tells what does not match: the %s', async (_name, claims, number) => {
    const world = await createWorld();
    await world.run(federated);
    const run = await world.run(verify, await workload(world, claims));
    expect([run.code, checkOf(run, 'credential.token')?.status]).toEqual([3, 'fail']);
    const evidence = checkOf(run, 'credential.token')?.evidence ?? '';
    expect(evidence).toContain(number);
    expect(evidence).toContain(
      `Configured: issuer "${issuer}", subject "${subject}", audience "${audience}"`,
    );
    expect(evidence).toContain(`Presented: issuer "${issuer}", subject "${claims.sub ?? subject}"`);
  });

  it("does not take another workload's token for its own", async () => {
    const world = await createWorld();
    const other = await workload(world, { iss: 'https://other.example' });
    await world.run(federated);
    const elsewhere = await world.run(verify, other);
    expect([elsewhere.code, checkOf(elsewhere, 'credential.token')?.status]).toEqual([0, 'skip']);
    expect(checkOf(elsewhere, 'credential.token')?.evidence).toContain('https://other.example');
    const sibling = await world.run(
      [...federated, '--auth', 'device-code'],
      await workload(world, { sub: 'another' }),
    );
    expect([sibling.code, checkOf(sibling, 'credential.token')?.status]).toEqual([0, 'skip']);
  });

  it('says so where the token file is not there', async () => {
    const world = await createWorld();
    await world.run(federated);
    const run = await world.run(verify, {
      env: { AZURE_FEDERATED_TOKEN_FILE: join(world.folder, 'missing') },
    });
    expect([run.code, checkOf(run, 'credential.token')?.status]).toEqual([3, 'fail']);
    expect(checkOf(run, 'credential.token')?.evidence).toContain('AZURE_FEDERATED_TOKEN_FILE');
  });
});

describe('the options of a federated credential', () => {
  it('are all named at once where they are missing', async () => {
    const world = await createWorld();
    const run = await world.run(['--sandbox', '--credential', 'federated']);
    expect(run.code).toBe(2);
    for (const flag of ['--yes', '--issuer', '--subject', '--github']) expect(run.stderr).toContain(flag);
    const half = await world.run([...common, '--credential', 'federated', '--subject', 'x']);
    expect([half.code, half.json().error?.code]).toEqual([2, 'missing-options']);
    expect(half.json().error?.message).toContain('--issuer');
    expect(half.json().error?.message).not.toContain('--subject');
    expect(world.sandbox.requests).toEqual([]);
  });

  it('come from the preset for GitHub, with a word of warning', async () => {
    const world = await createWorld();
    const run = await world.run([...common, '--credential', 'federated', '--github', 'octo/App:production']);
    expect(run.code).toBe(0);
    const words = run.stderr.replace(/\s+/g, ' ');
    expect(words).toContain('repo:octo/App:environment:production');
    expect(words).toContain('immutable subjects');
    expect((await applicationIn(world)).federatedIdentityCredentials).toMatchObject([
      {
        issuer: 'https://token.actions.githubusercontent.com',
        subject: 'repo:octo/App:environment:production',
      },
    ]);
  });

  const decided = ['--domain', 'contoso.com', '--api', 'microsoft-graph', '--output', 'reporting-setup.json'];

  it.each<[string, readonly Typed[], string, number]>([
    [
      'a repository on GitHub',
      [
        ['Where will it run?', '\r'],
        ['Repository, and what', 'octo/app:environment:production\r'],
      ],
      'repo:octo/app:environment:production',
      80,
    ],
    [
      'the issuer and the subject of anything else',
      [
        ['Where will it run?', '\u001b[B\r'],
        ['Issuer of the tokens', 'https://id.example\r'],
        ['Subject of the tokens', 'the-workload\r'],
      ],
      'the-workload',
      40,
    ],
  ])('are asked for in a terminal: %s', async (_what, keys, subject, columns) => {
    const world = await createWorld();
    const run = await world.run(['--sandbox', '--credential', 'federated', ...decided], {
      columns,
      keys: [...keys, ['Go ahead', '\r']],
    });
    expect(run.code).toBe(0);
    expect((await applicationIn(world)).federatedIdentityCredentials).toMatchObject([{ subject }]);
    expect(run.stderr).not.toContain('never issues');
  });

  it('are told where GitHub never issues such a subject', async () => {
    const world = await createWorld();
    const issuer = 'https://token.actions.githubusercontent.com';
    const words = ['--credential', 'federated', '--issuer', issuer, '--subject', 'repo:octo/app:main'];
    const run = await world.run(['--sandbox', '--dry-run', ...words, '--json'], { columns: 400 });
    expect(run.stderr).toContain(
      'GitHub never issues a token with that subject: behind the repository stands',
    );
  });

  it('exclude each other and need the kind', async () => {
    const world = await createWorld();
    const run = await world.run([...federated, '--github', 'octo/app']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--github and --issuer exclude each other');
    expect((await world.run([...common, '--subject', 'x'])).stderr).toContain(
      '--subject needs --credential federated',
    );
  });
});
