import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testCertificate } from '../../helpers/pem.ts';
import { createWorld } from '../../helpers/world.ts';
import { appName, down, ownOf, preparedWorld, setup } from './teardown-helpers.ts';

const purge = [...down, '--mode', 'purge', '--confirm', appName];

describe('the files of the machine', () => {
  it('go with the key that setup made, whatever replaced it is named there too', async () => {
    const world = await preparedWorld({}, [...setup, '--credential', 'certificate']);
    const own = ownOf(world);
    const [key] = own.keyCredentials;
    const config = JSON.parse(await world.read());
    config.credential.previous = [
      {
        kind: 'certificate',
        keyId: crypto.randomUUID(),
        expires: '2027-01-01T00:00:00Z',
        replacedAt: '2026-01-01T00:00:00Z',
        retireAfter: '2026-01-08T00:00:00Z',
        certificatePath: '/etc/hostname',
      },
    ];
    config.connected = [{ target: 'filebeat', at: '2026-01-01T00:00:00Z', where: '/etc/entra.yml' }];
    await writeFile(join(world.folder, 'reporting-setup.json'), JSON.stringify(config));
    const run = await world.run(purge);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain('/etc/entra.yml');
    expect(run.json().changes.map(({ kind }) => kind)).toEqual([
      'keyCredential',
      'appRoleAssignment',
      'appRoleAssignment',
      'application',
      'deletedItem',
      'deletedItem',
      'file',
      'configFile',
    ]);
    expect(run.json().changes[0]?.id).toBe(key?.keyId);
    expect(await readdir(world.folder)).toEqual([]);
    expect(await stat('/etc/hostname')).toBeTruthy();
  });

  it("leave one's own certificate where it is", async () => {
    const world = await createWorld();
    const { certificate, key } = await testCertificate();
    await writeFile(join(world.folder, 'mine.pem'), certificate + key, { mode: 0o600 });
    const argv = [...setup, '--credential', 'certificate', '--certificate-file', 'mine.pem'];
    expect((await world.run(argv)).code).toBe(0);
    const run = await world.run([...down, '--mode', 'delete', '--confirm', appName]);
    expect(run.code, run.stderr).toBe(0);
    expect(await readdir(world.folder)).toEqual(['mine.pem']);
  });

  it('leave the other lines of a .env as they are', async () => {
    const world = await createWorld();
    const mine = '# mine\nPORT=8080\nexport AZURE_SUBSCRIPTION_ID=x\n';
    await writeFile(join(world.folder, '.env'), mine);
    expect((await world.run([...setup, '--output', '.env'])).code).toBe(0);
    const off = await world.run([...down, '--mode', 'deactivate', '--confirm', appName, '--config', '.env']);
    expect(off.code, off.stderr).toBe(0);
    expect(await world.read('.env')).toContain('REPORTING_APPLICATION_DEACTIVATED_AT=');
    expect((await world.run([...setup, '--output', '.env'])).code).toBe(0);
    expect(await world.read('.env')).not.toContain('REPORTING_APPLICATION_DEACTIVATED_AT=');
    const run = await world.run([...down, '--mode', 'delete', '--confirm', appName, '--config', '.env']);
    expect(run.code, run.stderr).toBe(0);
    expect(await world.read('.env')).toBe(mine);
  });

  it('stay with --keep-files, and setup goes on with them', async () => {
    const world = await preparedWorld();
    const run = await world.run([...purge, '--keep-files']);
    expect(run.code, run.stderr).toBe(0);
    expect(await readdir(world.folder)).toEqual(['reporting-setup.json']);
    const again = await world.run(purge);
    expect(again.code, again.stderr).toBe(0);
    expect(await readdir(world.folder)).toEqual([]);
  });
});

describe('a credential that another one replaced', () => {
  it('is named as valid before anything is removed, and by its name in the plan', async () => {
    const world = await preparedWorld();
    expect((await world.run(['rotate', '--sandbox', '--yes', '--json'])).code).toBe(0);
    const { credential } = (await world.config()) as unknown as {
      credential: { previous: readonly { keyId: string }[] };
    };
    const [replaced] = credential.previous;
    const listed = ownOf(world).passwordCredentials.find(({ keyId }) => keyId === replaced?.keyId);
    if (!replaced || !listed) throw new Error('The replaced secret is not listed any more.');
    listed.displayName = 'Collector of the branch';
    world.pass(60_000);
    const words = [...down, '--mode', 'delete', '--confirm', appName];
    const run = await world.run([...words, '--dry-run'], { columns: 400 });
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).not.toContain('nothing else signs in');
    expect(run.stderr).toContain('1 replaced credential that is still valid: collectors may still hold it');
    expect(run.stderr).toContain(`client secret "Collector of the branch", key ID ${replaced.keyId}, ends`);
    expect(run.stderr).toContain(
      `Remove replaced client secret "Collector of the branch" (key ID ${replaced.keyId})`,
    );
    expect(run.json()).toMatchObject({
      before: { otherCredentials: [], replacedCredentials: [{ keyId: replaced.keyId }] },
    });
    // One without a name goes by its key ID, once.
    Object.assign(listed, { displayName: null });
    const unnamed = await world.run([...words, '--dry-run'], { columns: 400 });
    expect(unnamed.stderr).toContain(`Remove replaced client secret with key ID ${replaced.keyId}`);
  });
});

describe('a receipt', () => {
  it('has what was done with the ids of each write, and no secret', async () => {
    const world = await createWorld();
    const made = await world.run([...setup, '--receipt', 'receipts.md']);
    expect(made.code, made.stderr).toBe(0);
    const { clientSecret } = await world.config();
    const { receipt } = made.json() as unknown as {
      receipt: {
        path: string;
        validUntil: string;
        undo: { run: string };
        writes: {
          method: string;
          path: string;
          requestId: string;
          clientRequestId: string;
          explore: string;
        }[];
      };
    };
    expect(receipt.path).toBe(join(world.folder, 'receipts.md'));
    expect(receipt.undo.run).toContain(`teardown --sandbox --mode delete --confirm ${ownOf(world).appId}`);
    expect(
      receipt.writes.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/g, '*')}`),
    ).toEqual([
      'POST /v1.0/applications',
      'POST /v1.0/servicePrincipals',
      'POST /v1.0/servicePrincipals/*/appRoleAssignedTo',
      'POST /v1.0/servicePrincipals/*/appRoleAssignedTo',
      'POST /v1.0/applications/*/addPassword',
    ]);
    const text = await world.read('receipts.md');
    expect(text).not.toContain(clientSecret);
    const known = JSON.stringify(world.sandbox.tenant);
    for (const { requestId, clientRequestId, explore } of receipt.writes) {
      expect(text).toContain(requestId);
      expect(text).toContain(clientRequestId);
      expect(explore).toContain(`explore audits --id ${requestId}`);
      expect(known).toContain(requestId);
    }
    // The command of the receipt finds the row, once the log has it.
    world.pass(1_800_000);
    const [program, ...words] = (receipt.writes[0]?.explore ?? '').split(' ');
    const found = await world.run([...words, '--json']);
    expect([program, found.code], found.stderr).toEqual(['reporting-setup', 0]);
    expect((found.json() as unknown as { rows: unknown[] }).rows).toHaveLength(1);
    const gone = await world.run([...purge, '--receipt', 'receipts.md']);
    expect(gone.code, gone.stderr).toBe(0);
    const both = await world.read('receipts.md');
    expect(both.startsWith(text)).toBe(true);
    expect(both).toContain('## teardown, ');
    expect(both).toContain('It cannot be undone');
    // Its commands name no file that it removed, and run with another one.
    const [first] = (gone.json() as unknown as { receipt: { writes: { explore: string }[] } }).receipt.writes;
    const added = both.slice(text.length);
    expect(added).not.toMatch(/explore .*--config/);
    expect(added).toContain('add --config and that file');
    expect(added).toContain('correlation ID in the audit log of the Entra admin center');
    expect((await world.run([...setup, '--output', 'other.json'])).code).toBe(0);
    world.pass(1_800_000);
    const [, ...anew] = (first?.explore ?? '').split(' ');
    const seen = await world.run([...anew, '--json', '--config', 'other.json']);
    expect(seen.code, seen.stderr).toBe(0);
    expect((seen.json() as unknown as { rows: unknown[] }).rows).toHaveLength(1);
    expect((await world.run([...purge, '--config', 'other.json'])).code).toBe(0);
    // Nothing was changed: nothing is added.
    expect((await world.run([...purge, '--receipt', 'receipts.md'])).code).toBe(0);
    expect(await world.read('receipts.md')).toBe(both);
    expect((await stat(join(world.folder, 'receipts.md'))).mode & 0o777).toBe(0o600);
  });

  it('is to be had of a rotation, too', async () => {
    const world = await preparedWorld();
    const run = await world.run(['rotate', '--sandbox', '--yes', '--json', '--receipt', 'receipt.md']);
    expect(run.code, run.stderr).toBe(0);
    const { clientSecret } = await world.config();
    const text = await world.read('receipt.md');
    expect(text).toContain('## rotate, ');
    expect(text).toMatch(/POST \/v1\.0\/applications\/[\w-]+\/addPassword/);
    expect(text).toContain('the credential is valid until');
    expect(text).not.toContain(clientSecret);
  });

  it('goes over no file of somebody else, and is refused before anything is done', async () => {
    const world = await preparedWorld();
    await writeFile(join(world.folder, 'notes.md'), '# Notes\n');
    for (const [name, code] of [
      ['notes.md', 'output-not-ours'],
      ['.', 'output-unusable'],
      ['./reporting-setup.json', 'invalid-options'],
      ['missing/receipt.md', 'output-unusable'],
    ]) {
      const run = await world.run([...purge, '--receipt', name ?? '']);
      expect([run.code, run.json().error?.code]).toEqual([2, code]);
    }
    expect(world.newWrites()).toEqual([]);
    expect(await readFile(join(world.folder, 'notes.md'), 'utf8')).toBe('# Notes\n');
    const dry = await world.run([...purge, '--receipt', 'dry.md', '--dry-run']);
    expect([dry.code, await readdir(world.folder)]).toEqual([0, expect.not.arrayContaining(['dry.md'])]);
  });

  it('tells of a run that failed, too', async () => {
    const world = await preparedWorld();
    world.sandbox.faults.add({
      when: 'before',
      fault: { kind: 'status', status: 403 } as never,
      matches: ({ request }) => request.method === 'DELETE',
    });
    const run = await world.run([...purge, '--receipt', 'receipt.md']);
    expect(run.code).not.toBe(0);
    const text = await world.read('receipt.md');
    expect(text).toContain(`exit code ${run.code}`);
    expect(text).toContain('removePassword');
  });
});
