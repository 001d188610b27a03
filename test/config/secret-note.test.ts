import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Files, realFiles } from '../../src/config/file-system.ts';
import { openSecretNote, type SecretMarker } from '../../src/config/secret-note.ts';
import { failingOn, fault, useFolder } from '../helpers/temp-folder.ts';

const inFolder = useFolder();
const output = (): string => inFolder('c.json');
const path = (): string => `${output()}.pending`;
const names = (): string[] => readdirSync(dirname(output()));

const marker = (displayName: string): SecretMarker => ({
  applicationId: 'a',
  displayName,
  endDateTime: '2030-01-01T00:00:00Z',
  knownKeyIds: [],
});

describe('the note of a secret to come', () => {
  it('is there for the next run, for its owner alone, until it is cleared', async () => {
    const { note } = await openSecretNote(output());
    await note.write(marker('one'));
    await note.write(marker('two'));
    expect(names()).toEqual(['c.json.pending']);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect((await openSecretNote(output())).markers).toEqual([marker('one'), marker('two')]);
    await note.clear();
    expect(names()).toEqual([]);
    expect((await openSecretNote(output())).markers).toEqual([]);
  });

  it('is on disk before it takes the place of the one before, and its folder after', async () => {
    const steps: string[] = [];
    const files: Files = {
      ...realFiles,
      open: async (at, flags, mode) => {
        const file = await realFiles.open(at, flags, mode);
        const sync = file.sync.bind(file);
        file.sync = () => {
          steps.push(at === dirname(output()) ? 'sync folder' : 'sync file');
          return sync();
        };
        return file;
      },
      rename: async (from, to) => {
        steps.push('rename');
        return realFiles.rename(from, to);
      },
    };
    await (await openSecretNote(output(), files)).note.write(marker('one'));
    expect(steps).toEqual(['sync file', 'rename', 'sync folder']);
  });

  it.each([
    ['a folder', (at: string) => mkdirSync(at)],
    ['a FIFO', (at: string) => void execFileSync('mkfifo', [at])],
    ['a symbolic link', (at: string) => symlinkSync('victim', at)],
  ])('that is %s is refused before anything is made', async (_name, make) => {
    make(path());
    writeFileSync(inFolder('victim'), 'kept');
    await expect(openSecretNote(output())).rejects.toMatchObject({ code: 'output-unusable' });
    expect(readFileSync(inFolder('victim'), 'utf8')).toBe('kept');
  });

  it('that somebody has spoilt names no secret', async () => {
    for (const text of ['', '{"version": 1, "mark', '{"version": 1, "markers": [{}]}', 'null']) {
      writeFileSync(path(), text);
      expect((await openSecretNote(output())).markers).toEqual([]);
    }
  });

  it.each(['writeFile', 'sync'] as const)('leaves the old one whole where %s fails', async (operation) => {
    await (await openSecretNote(output())).note.write(marker('one'));
    const { note } = await openSecretNote(output(), failingOn(/\.tmp$/, operation, 'ENOSPC'));
    await expect(note.write(marker('two'))).rejects.toMatchObject({
      code: 'output-unusable',
      message: expect.stringContaining('the disk is full'),
    });
    expect(names()).toEqual(['c.json.pending']);
    expect((await openSecretNote(output())).markers).toEqual([marker('one')]);
  });

  it('takes away what a killed run left of it, and a failure to do so fails nothing', async () => {
    const stopped: Files = {
      ...realFiles,
      rename: () => Promise.reject(new Error('killed')),
      unlink: () => Promise.resolve(),
    };
    await expect((await openSecretNote(output(), stopped)).note.write(marker('one'))).rejects.toThrow(
      'killed',
    );
    expect(names()).toHaveLength(1);
    const stuck: Files = { ...realFiles, unlink: () => Promise.reject(fault('EROFS')) };
    await (await openSecretNote(output(), stuck)).note.clear();
    await (await openSecretNote(output())).note.clear();
    expect(names()).toEqual([]);
  });
});
