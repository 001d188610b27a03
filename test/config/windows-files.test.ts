import { constants } from 'node:fs';
import * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { checkConfigFile, isReadableByMeAlone } from '../../src/commands/shared/file-checks.ts';
import { inspectConfigFile } from '../../src/config/config-file.ts';
import { openOutput } from '../../src/config/config-output.ts';
import { type Files, replaceFile } from '../../src/config/file-system.ts';
import { createWindowsFiles, type NodeFiles } from '../../src/config/windows-files.ts';
import { fault, useFolder } from '../helpers/temp-folder.ts';
import { reveal, sampleConfig } from './config-data.ts';

const inFolder = useFolder();
const me = 'S-1-5-21-1-2-3-1001';
const win32 = { env: {}, platform: 'win32' };
const inherited = 'D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)';

interface Call {
  readonly program: string;
  readonly words: readonly string[];
  /** What was in the file by then. */
  readonly content: string;
}

/** Windows with its access lists: each file begins with `first`, and icacls does what its documentation says. */
function windows({
  first = inherited,
  files = {},
  whoami = `"vm\\ada","${me}"\r\n`,
  icacls = true,
  env = { SystemRoot: 'D:\\Win' },
  printed = 'Successfully processed 1 files; Failed processing 0 files\r\n',
}: {
  readonly first?: string;
  readonly files?: Partial<NodeFiles>;
  readonly whoami?: string;
  readonly icacls?: boolean;
  readonly env?: Record<string, string>;
  /** What icacls says on its standard output. */
  readonly printed?: string;
} = {}) {
  const calls: Call[] = [];
  const slept: number[] = [];
  const lists = new Map<string, string>();
  const listOf = (path: string): string => lists.get(path) ?? first;
  const alias = (sid: string): string =>
    ({ 'S-1-5-18': 'SY', 'S-1-5-32-544': 'BA', 'S-1-1-0': 'WD' })[sid] ?? sid;
  const real: NodeFiles = {
    ...promises,
    // The list goes along with the file; Linux has no exclusive opening.
    rename: async (from, to) => {
      await promises.rename(from, to);
      lists.set(String(to), listOf(String(from)));
    },
    open: (path, flags, mode) => promises.open(path, Number(flags) & 0xfff_ffff, mode),
    ...files,
  };
  const run = async (program: string, words: readonly string[]): Promise<string | undefined> => {
    const [path = '', command, copy = ''] = words;
    const content = program.endsWith('icacls.exe')
      ? await promises.readFile(path, 'utf8').catch(() => '')
      : '';
    calls.push({ program, words, content });
    if (program.endsWith('whoami.exe')) return whoami;
    if (!icacls || !listOf(path).startsWith('D:')) return '';
    if (command === '/save') {
      await promises.writeFile(copy, Buffer.from(`name\r\n${listOf(path)}\r\n`, 'utf16le'));
    } else if (command === '/inheritance:r') {
      const explicit = [...listOf(path).matchAll(/\([^()]*\)/g)]
        .map(([one]) => one)
        .filter((one) => !one.includes(';ID;'));
      const given = words
        .filter((word) => word.startsWith('*'))
        .map((word) => `(A;;FA;;;${alias(word.slice(1, -2))})`);
      lists.set(path, `D:PAI${[...explicit, ...given].join('')}`);
    } else if (command === '/remove:g') {
      const gone = words.slice(2).map((word) => `;${alias(word.slice(1))})`);
      const kept = [...listOf(path).matchAll(/\([^()]*\)/g)].map(([one]) => one);
      lists.set(path, `D:PAI${kept.filter((one) => !gone.some((end) => one.endsWith(end))).join('')}`);
    }
    return printed;
  };
  const sleep = async (delay: number): Promise<void> => void slept.push(delay);
  const made = createWindowsFiles({ files: real, env, run, sleep, temporaryFolder: tmpdir() });
  // A path of Linux is none of Windows.
  return { files: { ...made, nameFault: () => undefined } satisfies Files, calls, slept, lists };
}

/** An operation that fails so often first. */
function failing<T extends unknown[], R>(times: number, code: string, work: (...args: T) => Promise<R>) {
  let left = times;
  return async (...args: T): Promise<R> => {
    left -= 1;
    if (left >= 0) throw fault(code);
    return work(...args);
  };
}

const modeOf = async (path: string, files: Files) => {
  const [mode] = await checkConfigFile(path, win32, async () => 'outside', files);
  return mode;
};

describe('access on Windows', () => {
  it('is taken from all others before the secret is in the file, and read back', async () => {
    const { files, calls } = windows();
    const path = inFolder('a b & %PATH%.json');
    const output = await openOutput(path, 'json', reveal, files);
    await output.save(sampleConfig);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.map(({ content }) => content)).toEqual(calls.map(() => ''));
    expect(calls.map(({ program }) => program)).toContain('D:\\Win\\System32\\icacls.exe');
    expect(calls.map(({ program }) => program)).toContain('D:\\Win\\System32\\whoami.exe');
    expect(await promises.readFile(path, 'utf8')).toContain('plainly~fake');
    expect(await modeOf(path, files)).toMatchObject({
      id: 'config.mode',
      status: 'pass',
      evidence: 'its access list lets in you, SYSTEM and Administrators',
    });
    expect(await isReadableByMeAlone(path, win32, files)).toBe(true);
    expect(await promises.readdir(inFolder())).toEqual(['a b & %PATH%.json']);
  });

  it.each([
    [
      'English',
      'C:\\x NT AUTHORITY\\SYSTEM:(F)\r\n     BUILTIN\\Administrators:(F)\r\nSuccessfully processed 1 files',
    ],
    [
      'German',
      'C:\\x NT-AUTORIT\ufffdT\\SYSTEM:(F)\r\n     VORDEFINIERT\\Administratoren:(F)\r\n1 Dateien erfolgreich verarbeitet',
    ],
    [
      'French',
      'C:\\x AUTORITE NT\\Syst\ufffdme:(F)\r\n     BUILTIN\\Administrateurs:(F)\r\n1 fichiers correctement trait\ufffds',
    ],
    ['Russian', 'C:\\x NT AUTHORITY\\\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd:(F)\r\n'],
    ['Japanese', 'C:\\x NT AUTHORITY\\SYSTEM:(F)\r\n1 \ufffdt\ufffd@\ufffdC\ufffd\ufffd'],
    ['no words', ''],
  ])('is told alike where icacls speaks %s', async (_language, printed) => {
    const { files } = windows({ printed });
    await replaceFile(inFolder('x'), 'secret', files);
    expect(await modeOf(inFolder('x'), files)).toMatchObject({ status: 'pass' });
    const open = windows({ printed, first: `${inherited}(A;;FR;;;WD)` });
    await promises.writeFile(inFolder('y'), 'secret');
    expect((await modeOf(inFolder('y'), open.files))?.evidence).toContain('Users and Everyone');
  });

  it('is taken from those too whom the list of the folder does not name', async () => {
    const { files } = windows({ first: 'D:(A;;FA;;;WD)(A;;FR;;;S-1-5-21-9-9-9-513)' });
    await replaceFile(inFolder('x'), 'secret', files);
    expect(await modeOf(inFolder('x'), files)).toMatchObject({ status: 'pass' });
  });

  it('names who else may read, and what takes it away', async () => {
    const { files } = windows({ first: `${inherited}(A;ID;0x1200a9;;;WD)` });
    const path = inFolder('x y.json');
    await promises.writeFile(path, '{}');
    const mode = await modeOf(path, files);
    expect(mode).toMatchObject({ status: 'fail', code: 'config-mode', title: 'File permissions' });
    expect(mode?.evidence).toBe('its access list lets others read it: Users and Everyone');
    expect(mode?.remedy).toContain(
      `icacls "${path}" /inheritance:r /grant:r "*${me}:F" /grant:r "*S-1-5-18:F"`,
    );
    expect(mode?.remedy).toContain('/remove:g "*S-1-5-32-545" "*S-1-1-0"');
    expect(await isReadableByMeAlone(path, win32, files)).toBe(false);
  });

  it.each([
    ['icacls prints nothing, as wine does', { icacls: false }],
    ['nobody tells who runs this', { whoami: 'VM\\root\r\n' }],
    ['whoami is not there', { whoami: '' }],
    ['the list is of a form that is not known', { first: 'X:what' }],
    ['there is no folder for temporary files', { files: { mkdtemp: () => Promise.reject(fault('EACCES')) } }],
  ] satisfies [string, Parameters<typeof windows>[0]][])('is not claimed where %s', async (_name, given) => {
    const { files } = windows(given);
    const path = inFolder('x.json');
    await (await openOutput(path, 'json', reveal, files)).save(sampleConfig);
    const mode = await modeOf(path, files);
    expect(mode).toMatchObject({ id: 'config.mode', status: 'skip', reason: 'cannot-tell' });
    expect(JSON.stringify(mode)).not.toMatch(/alone|private|0600/i);
    expect(await isReadableByMeAlone(path, win32, files)).toBe(false);
    expect(await inspectConfigFile(path, {}, files, async () => 'outside')).toMatchObject({
      mode: undefined,
    });
  });

  it('is not given to whoever opened the file before', async () => {
    const open: NodeFiles['open'] = (path, flags, mode) => {
      if ((Number(flags) & constants.O_CREAT) === 0) return Promise.reject(fault('EBUSY'));
      return promises.open(path, flags, mode);
    };
    const { files, slept } = windows({ files: { open } });
    await expect(replaceFile(inFolder('x'), 'secret', files)).rejects.toThrow(/another program holds/);
    expect(slept.length).toBeGreaterThan(3);
    expect(await promises.readdir(inFolder())).toEqual([]);
  });
});

describe('a file that something holds open on Windows', () => {
  it.each(['EPERM', 'EBUSY', 'EACCES'])('is replaced once it is let go of (%s)', async (code) => {
    const path = inFolder('x');
    await promises.writeFile(path, 'old');
    const { files, slept } = windows({ files: { rename: failing(3, code, promises.rename) } });
    await replaceFile(path, 'new', files);
    expect(await promises.readFile(path, 'utf8')).toBe('new');
    expect(slept).toEqual([50, 100, 200]);
  });

  it('keeps what it holds where it is not let go of, and that is told', async () => {
    const path = inFolder('x.json');
    const { files: free } = windows();
    await (await openOutput(path, 'json', reveal, free)).save(sampleConfig);
    const before = await promises.readFile(path, 'utf8');
    const { files, slept } = windows({ files: { rename: () => Promise.reject(fault('EPERM')) } });
    const output = await openOutput(path, 'json', reveal, files);
    await expect(output.save({ ...sampleConfig, domain: 'new.example.com' })).rejects.toMatchObject({
      code: 'output-not-saved',
      message: expect.stringContaining('another program holds it open, or it is write-protected'),
      remedy: expect.stringContaining('close the program that holds the file open'),
    });
    const total = slept.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBeGreaterThan(3_000);
    expect(total).toBeLessThan(15_000);
    expect(await promises.readFile(path, 'utf8')).toBe(before);
    expect(await promises.readdir(inFolder())).toEqual(['x.json']);
  });

  it.each(['ENOSPC', 'ENOENT', 'EXDEV'])('is not waited for after %s', async (code) => {
    const { files, slept } = windows({ files: { rename: () => Promise.reject(fault(code)) } });
    await expect(replaceFile(inFolder('x'), 'new', files)).rejects.toMatchObject({ code });
    expect(slept).toEqual([]);
  });

  it('is deleted once it is let go of', async () => {
    const path = inFolder('x');
    await promises.writeFile(path, 'old');
    await windows({ files: { unlink: failing(2, 'EBUSY', promises.unlink) } }).files.unlink(path);
    expect(await promises.readdir(inFolder())).toEqual([]);
  });
});

it('follows no link to read, put there meanwhile or before', async () => {
  const { files } = windows();
  await promises.writeFile(inFolder('a'), 'a');
  await promises.writeFile(inFolder('b'), 'b');
  await promises.symlink(inFolder('a'), inFolder('link'));
  await expect(files.open(inFolder('link'), constants.O_RDONLY)).rejects.toMatchObject({ code: 'ELOOP' });
  const swapped = windows({ files: { lstat: () => promises.lstat(inFolder('b')) as never } });
  await expect(swapped.files.open(inFolder('a'), constants.O_RDONLY)).rejects.toMatchObject({
    code: 'ELOOP',
  });
});
