import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatEnvConfig } from '../../src/config/config-env.ts';
import { readConfig } from '../../src/config/config-file.ts';
import { formatJsonConfig } from '../../src/config/config-json.ts';
import { openOutput } from '../../src/config/config-output.ts';
import { type Files, realFiles } from '../../src/config/file-system.ts';
import { Secret } from '../../src/core/secret.ts';
import { failingOn, fault, foreignFiles, made, useFolder } from '../helpers/temp-folder.ts';
import { reveal, sampleConfig } from './config-data.ts';

const inFolder = useFolder();
const json = formatJsonConfig(sampleConfig, reveal);
const other = { ...sampleConfig, clientSecret: Secret.of('another-plainly-fake-one') };

function put(name: string, content: string, mode = 0o600): string {
  writeFileSync(inFolder(name), content, { mode });
  return inFolder(name);
}

const open = (path: string, files?: Files) => openOutput(path, 'json', reveal, files);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('saving', () => {
  it('writes a file for its owner alone, and nothing else', async () => {
    const path = inFolder('c.json');
    const output = await open(path);
    expect(readdirSync(dirname(path))).toEqual([]);
    await output.proveWritable();
    expect(readdirSync(dirname(path))).toEqual([]);
    await output.save(sampleConfig);
    expect(readdirSync(dirname(path))).toEqual(['c.json']);
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual([json, 0o600]);
    expect(await readConfig(path)).toMatchObject({ status: 'ok' });
  });

  it('makes a wider mode narrow, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const path = put('c.json', json, 0o666);
      await (await open(path)).save(other);
      expect(modeOf(path)).toBe(0o600);
      process.umask(0o777);
      await (await open(path)).save(sampleConfig);
      expect(modeOf(path)).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  it('has the mode before the first byte, and everything on disk before the rename', async () => {
    const steps: string[] = [];
    const path = inFolder('c.json');
    const noting = <T>(step: string, result: T): T => {
      steps.push(step);
      return result;
    };
    const files: Files = {
      ...realFiles,
      open: async (at, flags, mode) => {
        const file = await realFiles.open(at, flags, mode);
        const { writeFile, sync } = file;
        file.writeFile = (...rest) => writeFile.apply(file, noting('write', rest));
        file.sync = () => sync.apply(noting(at === dirname(path) ? 'sync folder' : 'sync', file));
        return at.endsWith('.tmp') ? noting(`create ${mode}`, file) : file;
      },
      rename: (from, to) => realFiles.rename(noting('rename', from), to),
    };
    await (await open(path, files)).save(sampleConfig);
    expect(steps).toEqual([`create ${0o600}`, 'write', 'sync', 'rename', 'sync folder']);
  });

  it.each(['.env', 'settings.txt'])('merges into an existing %s', async (name) => {
    const path = put(name, '# mine\nFOO=1\n', 0o644);
    const output = await openOutput(path, 'env', reveal);
    await output.proveWritable();
    await output.save(sampleConfig);
    await output.save(other);
    expect(readFileSync(path, 'utf8')).toBe(formatEnvConfig('# mine\nFOO=1\n', other, reveal));
    expect(modeOf(path)).toBe(0o600);
  });
});

describe('an output that cannot be', () => {
  it.each<[string, RegExp, () => string]>([
    ['a folder', /it is a folder/, () => made(inFolder('x'), mkdirSync)],
    [
      'a symbolic link',
      /symbolic link/,
      () => made(inFolder('x'), (path) => symlinkSync(put('real', json), path)),
    ],
    ['a link to nowhere', /symbolic link/, () => made(inFolder('x'), (path) => symlinkSync('nowhere', path))],
    ['a FIFO', /no regular file/, () => made(inFolder('x'), (path) => execFileSync('mkfifo', [path]))],
    ['a device', /no regular file/, () => '/dev/null'],
    ['a folder to come', /it names a folder/, () => `${inFolder('x')}/`],
    [
      'a missing folder',
      /the folder .*no-folder is not there: create it first/,
      () => inFolder('no-folder', 'x'),
    ],
    ['a file in place of a folder', /(no folder|not there)/, () => `${put('file', '')}/x`],
  ])('is refused when opened: %s', async (_what, reason, make) => {
    const path = make();
    const before = readdirSync(inFolder());
    await expect(open(path)).rejects.toMatchObject({
      code: 'output-unusable',
      exitCode: 2,
      message: expect.stringMatching(reason),
    });
    expect(readdirSync(inFolder())).toEqual(before);
  });

  it("is refused when it is somebody else's", async () => {
    await expect(open(put('c.json', json), foreignFiles)).rejects.toThrow(/belongs to another user/);
  });

  it.each<[string, string, string, 'json' | 'env', RegExp]>([
    ['other settings', '.env', 'FOO=1\n', 'json', /it holds the env format/],
    ['json where env is asked for', 'c.json', json, 'env', /it holds the json format/],
    [
      'json of something else',
      'package.json',
      '{"name":"x"}',
      'json',
      /no usable configuration: version is missing/,
    ],
    ['an empty file', 'c.json', '', 'json', /the file is empty/],
    [
      'lines that would change',
      '.env',
      "ODD=\n'a\nAZURE_CLIENT_ID=x\nb'\n",
      'env',
      /lines that cannot be kept/,
    ],
    ['a broken file', 'c.json', '{"version":1,', 'json', /no usable configuration: it is not JSON/],
    ['a newer file', 'c.json', '{"version":2}', 'json', /newer reporting-setup \(version 2\)/],
    [
      "another application's",
      '.env',
      'AZURE_CLIENT_ID=x\nAZURE_CLIENT_SECRET=y\n',
      'env',
      /another application/,
    ],
  ])('never loses what is there: %s', async (_what, name, content, format, reason) => {
    const path = put(name, content);
    const output = await openOutput(path, format, reveal);
    await expect(output.proveWritable()).rejects.toThrow(reason);
    await expect(output.save(sampleConfig)).rejects.toThrow(reason);
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(readdirSync(inFolder())).toEqual([name]);
  });

  it.each([
    ['EACCES', 'permission denied'],
    ['EROFS', 'the file system is read-only'],
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the disk quota is used up'],
    ['EWEIRD', 'the system says EWEIRD'],
  ])('shows before the secret is made: %s', async (code, reason) => {
    const path = inFolder('c.json');
    const files: Files = {
      ...realFiles,
      open: (at, flags, mode) =>
        at.endsWith('.tmp') ? Promise.reject(fault(code)) : realFiles.open(at, flags, mode),
    };
    await expect((await open(path, files)).proveWritable()).rejects.toMatchObject({
      code: 'output-unusable',
      message: `${path} cannot be written: ${reason}${/^E(ACCES|ROFS)/.test(code) ? `, in the folder ${dirname(path)}` : ''}.`,
    });
  });

  it('is proven with as much as will be written', async () => {
    const sizes: number[] = [];
    const files: Files = {
      ...realFiles,
      unlink: async (path) => {
        sizes.push(statSync(path).size);
        await realFiles.unlink(path);
      },
    };
    const path = put('.env', `FOO='${'x'.repeat(5000)}'\n`);
    await (await openOutput(path, 'env', reveal, files)).proveWritable();
    expect(sizes).toEqual([5007 + 8192]);
  });

  it.each(['writeFile', 'sync', 'chmod'] as const)(
    'leaves nothing behind when %s fails in the proof',
    async (operation) => {
      const output = await open(inFolder('c.json'), failingOn(/\.tmp$/, operation, 'ENOSPC'));
      await expect(output.proveWritable()).rejects.toMatchObject({ code: 'output-unusable' });
      expect(readdirSync(inFolder())).toEqual([]);
    },
  );
});

describe('a save that fails', () => {
  it.each<[string, () => Files]>([
    ['full disk', () => failingOn(/\.tmp$/, 'writeFile', 'ENOSPC')],
    ['failing fsync', () => failingOn(/\.tmp$/, 'sync', 'EIO')],
    ['failing rename', () => ({ ...realFiles, rename: () => Promise.reject(fault('EIO')) })],
  ])('keeps the old file: %s', async (_what, files) => {
    const path = put('c.json', json);
    const output = await open(path, files());
    await expect(output.save(other)).rejects.toMatchObject({ code: 'output-not-saved', exitCode: 1 });
    expect(readFileSync(path, 'utf8')).toBe(json);
    expect(readdirSync(inFolder())).toEqual(['c.json']);
  });

  it.each<[string, (path: string) => void]>([
    ['a symbolic link', (path) => symlinkSync(put('victim', 'untouched'), path)],
    ['a folder', (path) => mkdirSync(path)],
  ])('notices %s that came between', async (_what, intrude) => {
    const path = inFolder('c.json');
    const files: Files = {
      ...realFiles,
      open: async (at, flags, mode) => {
        const file = await realFiles.open(at, flags, mode);
        if (at.endsWith('.tmp')) intrude(path);
        return file;
      },
    };
    const output = await open(path, files);
    await expect(output.save(sampleConfig)).rejects.toMatchObject({ code: 'output-unusable' });
    expect(readdirSync(inFolder()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(
      readdirSync(inFolder()).includes('victim') ? readFileSync(inFolder('victim'), 'utf8') : 'untouched',
    ).toBe('untouched');
  });

  it('is none when only the folder cannot be synced', async () => {
    const path = inFolder('c.json');
    await (await open(path, failingOn(/config-file-[^/]*$/, 'sync', 'EINVAL'))).save(sampleConfig);
    expect(readFileSync(path, 'utf8')).toBe(json);
  });

  it('never shows the secret', async () => {
    const output = await open(inFolder('c.json'), failingOn(/\.tmp$/, 'sync', 'EIO'));
    const error: unknown = await output.save(sampleConfig).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: `${inFolder('c.json')} was not saved: the disk reports an error.`,
    });
    const all = JSON.stringify(error, Object.getOwnPropertyNames(error));
    expect(all).not.toContain('plainly~fake');
  });
});

it('removes what a killed run left of this output, and of no other', async () => {
  const path = inFolder('c.json');
  const killed: Files = {
    ...realFiles,
    rename: () => Promise.reject(fault('EIO')),
    unlink: () => Promise.resolve(),
  };
  await expect((await open(path, killed)).save(sampleConfig)).rejects.toThrow();
  await expect((await open(inFolder('d.json'), killed)).save(sampleConfig)).rejects.toThrow();
  expect(readdirSync(inFolder())).toHaveLength(2);
  await (await open(path)).proveWritable();
  expect(readdirSync(inFolder())).toHaveLength(1);
  await (await open(inFolder('d.json'))).proveWritable();
  expect(readdirSync(inFolder())).toEqual([]);
});
