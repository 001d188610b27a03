import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SandboxError, startSandbox, stateFileName } from '../../src/sandbox/index.ts';
import { automationToken, type Started, start, temporaryFolder } from './start.ts';

let stateFile = '';

beforeEach(async () => {
  stateFile = join(await temporaryFolder(), 'states', 'tenant.json');
});

/** Starts on the state file, changes the tenant as `change` says, and lets one request pass, which saves it. */
async function startAndChange(displayName: string): Promise<Started> {
  const started = await start({ stateFile });
  started.sandbox.tenant.displayName = displayName;
  await started.call('/v1.0/me');
  return started;
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('a kept tenant', () => {
  it('is as it was after the last request, in a file of its owner alone', async () => {
    const { sandbox } = await startAndChange('Changed');
    await sandbox.stop();
    expect(await readdir(dirname(stateFile))).toEqual(['tenant.json']);
    expect(await modeOf(stateFile)).toBe(0o600);
    expect(await modeOf(dirname(stateFile))).toBe(0o700);
    const again = await start({ stateFile });
    expect(again.sandbox.tenant.displayName).toBe('Changed');
    expect(again.sandbox.tenantId).toBe(sandbox.tenantId);
  });

  it('survives a process that was killed, and its lock', async () => {
    const { sandbox } = await startAndChange('Killed');
    const left = await readFile(stateFile, 'utf8');
    const elsewhere = join(await temporaryFolder(), 'tenant.json');
    await writeFile(elsewhere, left);
    await writeFile(`${elsewhere}.lock`, `${await deadProcess()}\n`);
    const again = await start({ stateFile: elsewhere });
    expect(again.sandbox.tenant.displayName).toBe('Killed');
    expect(sandbox.tenant).not.toBe(again.sandbox.tenant);
    expect(await readFile(`${elsewhere}.lock`, 'utf8')).toBe(`${process.pid}\n`);
    expect((await readdir(dirname(elsewhere))).sort()).toEqual(['tenant.json', 'tenant.json.lock']);
  });

  it('survives a lock that this process did not take, though it has the same pid', async () => {
    await startAndChange('Recycled').then(({ sandbox }) => sandbox.stop());
    await writeFile(`${stateFile}.lock`, `${process.pid}\n`);
    const { sandbox } = await start({ stateFile });
    expect(sandbox.tenant.displayName).toBe('Recycled');
  });

  it('has the logs of the days before each start', async () => {
    const then = Date.parse('2026-01-15T12:00:00Z');
    const { sandbox } = await start({ stateFile, now: () => then });
    await sandbox.stop();
    const later = then + 90 * 86_400_000;
    const again = await start({ stateFile, now: () => later });
    const newest = again.sandbox.tenant.signIns[0]?.['createdDateTime'];
    expect(later - Date.parse(String(newest))).toBeLessThan(86_400_000);
  });

  it('remembers who signed in and what was changed', async () => {
    const first = await start({ stateFile });
    await automationToken(first);
    await first.sandbox.stop();
    const { sandbox } = await start({ stateFile });
    expect(sandbox.tenant.activity.clientSignIns).toEqual(first.sandbox.tenant.activity.clientSignIns);
    expect(sandbox.tenant.activity.clientSignIns).toHaveLength(1);
  });

  it('may come from before the sandbox remembered that', async () => {
    await startAndChange('Old').then(({ sandbox }) => sandbox.stop());
    const saved = JSON.parse(await readFile(stateFile, 'utf8')) as { tenant: Record<string, unknown> };
    delete saved.tenant['activity'];
    await writeFile(stateFile, JSON.stringify(saved));
    const { sandbox } = await start({ stateFile });
    expect(sandbox.tenant.displayName).toBe('Old');
    expect(sandbox.tenant.activity).toEqual({ clientSignIns: [], changes: [] });
  });

  it('holds no row that was only generated', async () => {
    const { sandbox, call } = await start({ stateFile, scenarios: ['many-rows:100000'] });
    const token = await automationToken({ sandbox, call });
    const reply = await call('/v1.0/auditLogs/signIns', { headers: { authorization: `Bearer ${token}` } });
    const { value } = (await reply.json()) as { value: { id: string }[] };
    expect(value).toHaveLength(1000);
    expect(await readFile(stateFile, 'utf8')).not.toContain(value[0]?.id);
  });

  it('stays without logs where its scenario has none', async () => {
    const { sandbox } = await start({ stateFile, scenarios: ['no-logs'] });
    await sandbox.stop();
    const again = await start({ stateFile, scenarios: ['no-logs'] });
    expect(again.sandbox.tenant.directoryAudits).toEqual([]);
  });

  it('holds no secret', async () => {
    const { sandbox } = await startAndChange('Quiet');
    expect(await readFile(stateFile, 'utf8')).not.toContain(sandbox.automation.clientSecret);
  });

  it('is shaped once', async () => {
    const adjust = (tenant: { displayName: string }): void => {
      tenant.displayName += ', adjusted';
    };
    const { sandbox } = await start({ stateFile, adjust });
    await sandbox.stop();
    const again = await start({ stateFile, adjust });
    expect(again.sandbox.tenant.displayName).toBe('Contoso, adjusted');
  });
});

describe('a state file', () => {
  it('belongs to one sandbox at a time', async () => {
    const { sandbox } = await start({ stateFile });
    const second = startSandbox({ scenarios: ['default'], stateFile });
    await expect(second).rejects.toBeInstanceOf(SandboxError);
    await expect(second).rejects.toMatchObject({
      message: `The sandbox state ${stateFile} is in use by process ${process.pid}`,
    });
    await sandbox.stop();
    await start({ stateFile });
    await sandbox.stop();
    await expect(startSandbox({ scenarios: [], stateFile })).rejects.toThrow('in use');
  });

  it('belongs to one of many that start at once', async () => {
    await start({ stateFile }).then(({ sandbox }) => sandbox.stop());
    await writeFile(`${stateFile}.lock`, `${await deadProcess()}\n`);
    const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => start({ stateFile })));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is given up by a sandbox that could not start', async () => {
    const { sandbox } = await start();
    const port = Number(new URL(sandbox.origin).port);
    await expect(startSandbox({ scenarios: [], stateFile, port })).rejects.toThrow('it is in use');
    await start({ stateFile });
  });

  it.each([
    ['not JSON', '{"version":', 'it is not valid JSON'],
    ['empty', '', 'it is not valid JSON'],
    ['something else', '[]', 'it is not a sandbox state'],
    ['of another version', '{"version":2,"tenant":{}}', 'it has version 2, not 1'],
    ['without a tenant', '{"version":1,"scenarios":[]}', 'it holds no tenant'],
    [
      'incomplete',
      '{"version":1,"scenarios":[],"tenant":{"id":"x"}}',
      'its displayName is missing or damaged',
    ],
  ])('that is %s is refused and left alone', async (_, text, message) => {
    const damaged = join(await temporaryFolder(), 'tenant.json');
    await writeFile(damaged, text);
    await expect(startSandbox({ scenarios: [], stateFile: damaged })).rejects.toMatchObject({
      name: 'SandboxError',
      message: `The sandbox state ${damaged} cannot be used: ${message}`,
      remedy: `Delete ${damaged} to start with a new tenant, or choose another state file.`,
    });
    expect(await readFile(damaged, 'utf8')).toBe(text);
    expect(await readdir(dirname(damaged))).toEqual(['tenant.json']);
  });

  it('that is a folder is refused', async () => {
    const folder = await temporaryFolder();
    const attempt = startSandbox({ scenarios: [], stateFile: folder });
    await expect(attempt).rejects.toThrow('it cannot be read (EISDIR)');
  });

  it('that cannot be there is refused', async () => {
    const file = join(await temporaryFolder(), 'a-file');
    await writeFile(file, '');
    await expect(startSandbox({ scenarios: [], stateFile: join(file, 'tenant.json') })).rejects.toMatchObject(
      {
        name: 'SandboxError',
        message: expect.stringMatching(/cannot be written: (ENOTDIR|EEXIST)$/),
      },
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'ends where no folder can be made for it, and names that',
    async () => {
      await expect(start({ stateFile: '/proc/a/b.json' })).rejects.toThrow(/in the folder \/proc\/a/);
    },
  );

  it('that takes no more makes the request fail, loudly', async () => {
    const { sandbox, call } = await startAndChange('Kept');
    await rm(stateFile);
    await mkdir(stateFile);
    sandbox.tenant.displayName = 'Lost';
    expect((await call('/v1.0/me')).status).toBe(500);
    expect(sandbox.crashes).toMatchObject([{ error: { name: 'SandboxError' } }]);
    expect((await readdir(dirname(stateFile))).sort()).toEqual(['tenant.json', 'tenant.json.lock']);
  });

  it('that is a link is never written through', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'precious');
    const link = join(folder, 'tenant.json');
    const { sandbox } = await startAndChange('Kept');
    const before = await readFile(stateFile, 'utf8');
    await sandbox.stop();
    await writeFile(target, before);
    await symlink(target, link);
    const linked = await start({ stateFile: link });
    expect(linked.sandbox.tenant.displayName).toBe('Kept');
    expect(await readFile(target, 'utf8')).toBe(before);
    expect((await lstat(link)).isSymbolicLink()).toBe(false);
  });

  it('keeps the scenario of its tenant, whoever signs in and however the network is', async () => {
    await start({ stateFile, scenarios: ['no-premium'] }).then(({ sandbox }) => sandbox.stop());
    await expect(startSandbox({ scenarios: ['default'], stateFile })).rejects.toMatchObject({
      message: `The sandbox state ${stateFile} holds the tenant of scenario no-premium, not default`,
    });
    const { sandbox } = await start({ stateFile, scenarios: ['flaky', 'reader', 'no-premium'] });
    expect(sandbox.tenant.assignedPlans.map(({ capabilityStatus }) => capabilityStatus)).toEqual(['Deleted']);
  });
});

describe('the name of a state file', () => {
  it('is the same for the same scenarios', () => {
    expect(stateFileName(['throttled', 'lag'])).toBe('lag+throttled.json');
    expect(stateFileName(['lag,throttled', 'lag', 'default'])).toBe('lag+throttled.json');
    expect(stateFileName([])).toBe('default.json');
    expect(stateFileName(['many-rows:10000', 'lag'])).toBe('lag+many-rows-10000.json');
  });

  it('is never made of what is no scenario', () => {
    expect(() => stateFileName(['../lag'])).toThrow(RangeError);
  });
});
