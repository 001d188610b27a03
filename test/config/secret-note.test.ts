import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Files, realFiles } from '../../src/config/file-system.ts';
import { onePath, openSecretNote, type SecretMarker } from '../../src/config/secret-note.ts';
import { failingOn, fault, useFolder } from '../helpers/temp-folder.ts';

const inFolder = useFolder();
const output = (): string => inFolder('c.json');
const state = (): string => inFolder('state');
const names = (): string[] => (existsSync(state()) ? readdirSync(state()) : []);
const path = (): string =>
  join(state(), `secrets-${createHash('sha256').update(output()).digest('hex').slice(0, 32)}.json`);

/** Opens the note, and keeps what is told of it in `said`. */
function openNote(files?: Files, stateFolder = async (): Promise<string> => state(), said: string[] = []) {
  return openSecretNote(output(), { stateFolder, report: { warn: (text) => void said.push(text) } }, files);
}

const marker = (displayName: string): SecretMarker => ({
  applicationId: 'a',
  displayName,
  endDateTime: '2030-01-01T00:00:00Z',
  knownKeyIds: [],
});

describe('the note of a secret to come', () => {
  it('is there for the next run, for its owner alone, until it is cleared', async () => {
    const { note } = await openNote();
    await note.write(marker('one'));
    await note.write(marker('two'));
    expect(names()).toEqual([basename(path())]);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect((await openNote()).markers).toEqual([marker('one'), marker('two')]);
    await note.clear();
    expect(names()).toEqual([]);
    expect((await openNote()).markers).toEqual([]);
  });

  it('is on disk before it takes the place of the one before, and its folder after', async () => {
    const steps: string[] = [];
    const files: Files = {
      ...realFiles,
      open: async (at, flags, mode) => {
        const file = await realFiles.open(at, flags, mode);
        const sync = file.sync.bind(file);
        file.sync = () => {
          steps.push(at === state() ? 'sync folder' : 'sync file');
          return sync();
        };
        return file;
      },
      rename: async (from, to) => {
        steps.push('rename');
        return realFiles.rename(from, to);
      },
    };
    await (await openNote(files)).note.write(marker('one'));
    expect(steps).toEqual(['sync file', 'rename', 'sync folder']);
  });

  it.each([
    ['a folder', (at: string) => mkdirSync(at)],
    ['a FIFO', (at: string) => void execFileSync('mkfifo', [at])],
    ['a symbolic link', (at: string) => symlinkSync(inFolder('victim'), at)],
  ])('that is %s is told, kept, and stops nothing', async (_name, make) => {
    mkdirSync(state(), { mode: 0o700 });
    make(path());
    writeFileSync(inFolder('victim'), 'kept');
    const said: string[] = [];
    const { note, markers } = await openNote(undefined, undefined, said);
    await note.write(marker('one'));
    await note.clear();
    expect([markers, said.length]).toEqual([[], 1]);
    expect(said[0]).toContain('cannot be read, and nothing is recorded over it');
    expect(names()).toEqual([basename(path())]);
    expect(readFileSync(inFolder('victim'), 'utf8')).toBe('kept');
  });

  it('that somebody has spoilt, or that is of another output, names no secret', async () => {
    mkdirSync(state(), { mode: 0o700 });
    const other = { version: 1, output: '/elsewhere', markers: [marker('one')] };
    const { output: _output, ...nobodys } = other;
    const texts = [other, nobodys].map((note) => JSON.stringify(note));
    for (const text of ['', '{"version": 1, "mark', '{"version": 1, "markers": [{}]}', 'null', ...texts]) {
      writeFileSync(path(), text);
      expect((await openNote()).markers).toEqual([]);
    }
  });

  it('is never taken from next to the output', async () => {
    await (await openNote()).note.write(marker('one'));
    writeFileSync(`${output()}.pending`, readFileSync(path()));
    writeFileSync(inFolder(basename(path())), readFileSync(path()));
    await (await openNote()).note.clear();
    expect((await openNote()).markers).toEqual([]);
    expect(readdirSync(inFolder()).sort()).toEqual([basename(path()), 'c.json.pending', 'state'].sort());
  });

  it('is one for an output, by whatever way it is reached', async () => {
    await (await openNote()).note.write(marker('one'));
    symlinkSync(inFolder(), inFolder('way'));
    const io = { stateFolder: async () => state(), report: { warn: () => undefined } };
    expect((await openSecretNote(inFolder('way', 'c.json'), io)).markers).toEqual([marker('one')]);
    expect((await openSecretNote(inFolder('d.json'), io)).markers).toEqual([]);
  });

  it('says once that nothing can be recorded, and why, and stops nothing', async () => {
    const said: string[] = [];
    const { note } = await openNote(undefined, async () => 'relative', said);
    expect(said).toEqual([]);
    await note.write(marker('one'));
    await note.write(marker('two'));
    expect(note.written()).toHaveLength(2);
    await note.clear();
    expect(note.written()).toEqual([]);
    expect(said).toEqual([expect.stringContaining('this user has no home folder')]);
  });

  it.each(['writeFile', 'sync'] as const)('leaves the old one whole where %s fails', async (operation) => {
    await (await openNote()).note.write(marker('one'));
    const said: string[] = [];
    const { note } = await openNote(failingOn(/\.tmp$/, operation, 'ENOSPC'), undefined, said);
    await note.write(marker('two'));
    expect(said).toEqual([expect.stringContaining('the disk is full')]);
    expect(names()).toEqual([basename(path())]);
    expect((await openNote()).markers).toEqual([marker('one')]);
  });

  it('takes away what a killed run left of it, and a failure to do so fails nothing', async () => {
    const stopped: Files = {
      ...realFiles,
      rename: () => Promise.reject(new Error('killed')),
      unlink: () => Promise.resolve(),
    };
    await expect((await openNote(stopped)).note.write(marker('one'))).rejects.toThrow('killed');
    expect(names()).toHaveLength(1);
    const stuck: Files = { ...realFiles, unlink: () => Promise.reject(fault('EROFS')) };
    await (await openNote(stuck)).note.clear();
    await (await openNote()).note.clear();
    expect(names()).toEqual([]);
  });
});

it.each([
  ['linux', 'A/u\u0308.json', 'A/u\u0308.json'],
  ['darwin', '/Users/Ada/u\u0308.JSON', '/users/ada/\u00fc.json'],
  ['win32', 'C:\\Users\\Ada\\X.json', 'c:\\users\\ada\\x.json'],
])('knows one file by one path on %s', (platform, path, one) => {
  expect(onePath(path, platform)).toBe(one);
});
