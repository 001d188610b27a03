import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatEnvConfig } from '../../src/config/config-env.ts';
import { formatByName, inspectConfigFile, readConfig } from '../../src/config/config-file.ts';
import { formatJsonConfig } from '../../src/config/config-json.ts';
import { realFiles } from '../../src/config/file-system.ts';
import { fault, foreignFiles, made, useFolder } from '../helpers/temp-folder.ts';
import { reveal, sampleConfig } from './config-data.ts';

const inFolder = useFolder();
const json = formatJsonConfig(sampleConfig, reveal);
const env = formatEnvConfig('', sampleConfig, reveal);

function put(name: string, content: string | Buffer): string {
  const path = inFolder(name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

describe('reading a config file', () => {
  it.each([
    ['config.json', json, 'json'],
    ['.env', env, 'env'],
    ['settings.txt', env, 'env'],
    ['.env.local', json, 'json'],
    ['no-extension', json, 'json'],
  ])('%s: its content tells the format', async (name, content, format) => {
    expect(await readConfig(put(name, content))).toMatchObject({ status: 'ok', format });
  });

  it('gives everything back', async () => {
    const reading = await readConfig(put('c.json', json));
    expect(reading.status === 'ok' && formatJsonConfig(reading.config, reveal)).toBe(json);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await readConfig(inFolder('none.json'))).toEqual({ status: 'absent' });
    expect(await readConfig(inFolder('no-folder', 'none.json'))).toEqual({ status: 'absent' });
    expect(await readConfig(put('.env', 'FOO=1\n'))).toEqual({ status: 'absent' });
    expect(await readConfig(put('settings.txt', 'FOO=1\n'), 'env')).toEqual({ status: 'absent' });
    expect(await readConfig(put('settings.txt', 'FOO=1\n'))).toMatchObject({ status: 'invalid' });
  });

  it('tells broken and newer files apart', async () => {
    expect(await readConfig(put('a.json', json.slice(0, 100)))).toMatchObject({ status: 'invalid' });
    expect(await readConfig(put('b.json', 'hello'))).toMatchObject({ status: 'invalid' });
    expect(await readConfig(put('c.json', ''))).toEqual({
      status: 'invalid',
      problems: ['the file is empty'],
    });
    expect(await readConfig(put('d.json', '{"version":9}'))).toEqual({ status: 'newer', version: 9 });
  });

  it.each<[string, RegExp, () => string]>([
    ['a folder', /it is a folder/, () => made(inFolder('x'), mkdirSync)],
    [
      'a symbolic link',
      /symbolic link/,
      () => made(inFolder('x'), (path) => symlinkSync(put('real', json), path)),
    ],
    ['a link to nowhere', /symbolic link/, () => made(inFolder('x'), (path) => symlinkSync('nowhere', path))],
    ['a FIFO', /no regular file/, () => made(inFolder('x'), (path) => execFileSync('mkfifo', [path]))],
    ['a device', /no regular file/, () => '/dev/zero'],
    ['a large file', /larger than 1 MB/, () => put('x', Buffer.alloc(1_048_577, 'a'))],
    ['another encoding', /not UTF-8/, () => put('x', Buffer.from(`\ufeff${json}`, 'utf16le'))],
  ])('refuses %s', async (_what, reason, make) => {
    await expect(readConfig(make())).rejects.toMatchObject({
      code: 'config-invalid',
      exitCode: 2,
      message: expect.stringMatching(reason),
    });
  });

  it('refuses a file that it may not read, in one safe line', async () => {
    const files = { ...realFiles, open: () => Promise.reject(fault('EACCES')) };
    await expect(readConfig('a\n\u001b[2J.json', 'json', files)).rejects.toThrow(
      /^a \\u\{1b\}\[2J\.json cannot be read: permission denied\.$/,
    );
  });

  it('passes on what is no file system error', async () => {
    const files = { ...realFiles, open: () => Promise.reject(new TypeError('a bug')) };
    await expect(readConfig('a.json', 'json', files)).rejects.toThrow(TypeError);
  });
});

describe('the format by name', () => {
  it.each([
    ['.env', 'env'],
    ['/a/b/.env', 'env'],
    ['.env.production', 'env'],
    ['prod.env', 'env'],
    ['reporting-setup.json', 'json'],
    ['.environment', 'json'],
    ['.env.d/config', 'json'],
    ['env', 'json'],
  ])('%s is %s', (path, format) => {
    expect(formatByName(path)).toBe(format);
  });
});

describe('inspecting a config file', () => {
  it('sees mode and kind', async () => {
    const path = put('c.json', json);
    expect(await inspectConfigFile(path)).toEqual({
      exists: true,
      isRegularFile: true,
      mode: 0o600,
      ownedByMe: true,
      git: 'outside',
    });
    chmodSync(path, 0o644);
    expect(await inspectConfigFile(path)).toMatchObject({ mode: 0o644 });
    symlinkSync(path, inFolder('link'));
    expect(await inspectConfigFile(inFolder('link'))).toMatchObject({ exists: true, isRegularFile: false });
  });

  it('sees that there is none', async () => {
    expect(await inspectConfigFile(inFolder('none'))).toEqual({
      exists: false,
      isRegularFile: false,
      mode: undefined,
      ownedByMe: false,
      git: 'outside',
    });
  });

  it('sees whose it is', async () => {
    const path = put('c.json', json);
    expect(await inspectConfigFile(path, {}, foreignFiles)).toMatchObject({ ownedByMe: false });
  });
});
