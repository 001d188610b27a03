import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inspectConfigFile } from '../../src/config/config-file.ts';
import { addToGitignore, findOnWindows, gitStanding } from '../../src/config/git.ts';
import { useFolder } from '../helpers/temp-folder.ts';

const inFolder = useFolder();
const env = { PATH: '/usr/bin:/bin:/usr/local/bin', HOME: '/nonexistent' };

const git = (...args: readonly string[]) =>
  execFileSync('git', args, {
    cwd: inFolder(),
    env: { ...env, GIT_CONFIG_GLOBAL: '/dev/null' },
    stdio: 'pipe',
  });
const emptyGit = () => {
  rmSync(inFolder('.git'), { recursive: true });
  mkdirSync(inFolder('.git'));
};
const breakLink = () => {
  rmSync(inFolder('.git'), { recursive: true });
  put('.git', 'gitdir: /nonexistent/repository\n');
};
const put = (name: string, content = '') => writeFileSync(inFolder(name), content);

describe('where a file stands towards git', () => {
  it('is outside of a work tree, or not known', async () => {
    expect(await gitStanding(inFolder('c.json'), env)).toBe('outside');
    expect(await gitStanding(inFolder('none', 'c.json'), env)).toBe('unknown');
  });

  it('is known without git where no .git lies above, and only there', async () => {
    const none = { PATH: inFolder() };
    expect(await gitStanding(inFolder('c.json'), none)).toBe('outside');
    git('init', '-q');
    mkdirSync(inFolder('deep/er'), { recursive: true });
    for (const name of ['c.json', 'deep/er/c.json']) {
      expect(await gitStanding(inFolder(name), none)).toBe('no-git');
    }
  });

  it.each<[string, () => void]>([
    ['bare, with a work tree', () => git('config', 'core.bare', 'true')],
    ['bare, with a work tree that is named', () => git('config', 'core.worktree', inFolder())],
    ['no repository any more', () => writeFileSync(inFolder('.git/HEAD'), 'x')],
    ['a file that leads nowhere', () => breakLink()],
    ['an empty folder', () => emptyGit()],
    ['of a version to come', () => git('config', 'core.repositoryFormatVersion', '9')],
  ])('is not known below a .git that is %s', async (name, damage) => {
    git('init', '-q');
    if (name.includes('named')) git('config', 'core.bare', 'true');
    put('c.json');
    git('--work-tree', inFolder(), 'add', 'c.json');
    damage();
    mkdirSync(inFolder('deep'));
    expect(await gitStanding(inFolder('deep', 'c.json'), env)).toBe('unknown');
    expect(await gitStanding(inFolder('c.json'), env)).toBe('unknown');
  });

  it.skipIf(process.getuid?.() !== 0)('is not known in a repository of another owner', async () => {
    git('init', '-q');
    for (const name of ['', '.git']) chownSync(inFolder(name), 12_345, 12_345);
    expect(await gitStanding(inFolder('c.json'), env)).toBe('unknown');
    const trusting = {
      ...env,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    };
    expect(await gitStanding(inFolder('c.json'), trusting)).toBe('exposed');
  });

  it('is asked of the repository that GIT_DIR names too', async () => {
    mkdirSync(inFolder('tree'));
    put('tree/c.json');
    git('init', '-q', '--bare', 'repository');
    const named = { ...env, GIT_DIR: inFolder('repository'), GIT_WORK_TREE: inFolder('tree') };
    expect(await gitStanding(inFolder('tree', 'c.json'), named)).toBe('exposed');
    git('-C', 'tree', '--git-dir', inFolder('repository'), '--work-tree', inFolder('tree'), 'add', 'c.json');
    expect(await gitStanding(inFolder('tree', 'c.json'), named)).toBe('tracked');
    expect(await gitStanding(inFolder('tree', 'c.json'), env)).toBe('outside');
    expect(await gitStanding(inFolder('c.json'), named)).toBe('outside');
  });

  it('is exposed, ignored or tracked', async () => {
    git('init', '-q');
    expect(await gitStanding(inFolder('c.json'), env)).toBe('exposed');
    put('c.json');
    expect(await inspectConfigFile(inFolder('c.json'), env)).toMatchObject({ git: 'exposed' });
    put('.gitignore', 'c.json\n');
    expect(await gitStanding(inFolder('c.json'), env)).toBe('ignored');
    git('add', '-f', 'c.json');
    expect(await gitStanding(inFolder('c.json'), env)).toBe('tracked');
    expect(await gitStanding(inFolder('.git', 'c.json'), env)).toBe('outside');
  });

  it('takes names literally', async () => {
    git('init', '-q');
    put('c1.json');
    git('add', 'c1.json');
    for (const name of ['c[1].json', 'c?.json', ':(top)c1.json', '-c1.json', '*']) {
      expect(await gitStanding(inFolder(name), env)).toBe('exposed');
    }
  });

  it('is not misled by the environment', async () => {
    git('init', '-q');
    const misled = {
      ...env,
      GIT_DIR: '/nonexistent',
      GIT_CEILING_DIRECTORIES: inFolder(),
      GIT_LITERAL_PATHSPECS: 'x',
    };
    expect(await gitStanding(inFolder('c.json'), misled)).toBe('exposed');
  });
});

describe('adding to .gitignore', () => {
  const names = [
    'c.json',
    'with space.json',
    'ends with space ',
    'a[1]*?.json',
    'back\\slash',
    '!bang',
    '#hash',
    'new\nline',
    'ünï',
  ];

  it.each(names)('ignores %j and nothing like it, once', async (name) => {
    git('init', '-q');
    put('.gitignore', 'dist');
    expect(await addToGitignore(inFolder(name), env)).toBe(inFolder('.gitignore'));
    expect(await gitStanding(inFolder(name), env)).toBe('ignored');
    expect(await gitStanding(inFolder(`${name}x`), env)).toBe('exposed');
    const text = readFileSync(inFolder('.gitignore'), 'utf8');
    expect(text).toMatch(/^dist\n\/.*\n$/);
    expect(await addToGitignore(inFolder(name), env)).toBeUndefined();
    expect(readFileSync(inFolder('.gitignore'), 'utf8')).toBe(text);
  });

  it('names a file below the root by its path, and only that one', async () => {
    git('init', '-q');
    mkdirSync(inFolder('deep/er'), { recursive: true });
    put('.gitignore', 'dist\r\n');
    await addToGitignore(inFolder('deep', 'er', 'c.json'), env);
    expect(readFileSync(inFolder('.gitignore'), 'utf8')).toBe('dist\r\n/deep/er/c.json\r\n');
    expect(await gitStanding(inFolder('c.json'), env)).toBe('exposed');
  });

  it('works through a symbolic link to a folder', async () => {
    git('init', '-q');
    mkdirSync(inFolder('real'));
    symlinkSync('real', inFolder('link'));
    await addToGitignore(inFolder('link', 'c.json'), env);
    expect(readFileSync(inFolder('.gitignore'), 'utf8')).toBe('/real/c.json\n');
  });

  it('does nothing outside of a work tree', async () => {
    expect(await addToGitignore(inFolder('c.json'), env)).toBeUndefined();
  });

  it('refuses a .gitignore that is a symbolic link', async () => {
    git('init', '-q');
    symlinkSync(inFolder('victim'), inFolder('.gitignore'));
    await expect(addToGitignore(inFolder('c.json'), env)).rejects.toMatchObject({
      code: 'output-unusable',
      message: expect.stringContaining('symbolic link'),
    });
  });
});

describe('git on Windows', () => {
  const there = [
    'C:\\Program Files\\Git\\cmd\\git.exe',
    'D:\\tools\\git.exe',
    '.\\git.exe',
    'tools\\git.exe',
  ];
  const find = (env: Record<string, string>) =>
    findOnWindows('git.exe', env, async (path) => there.includes(path));

  it.each([
    [{ Path: 'C:\\Windows;C:\\Program Files\\Git\\cmd' }, there[0]],
    [{ PATH: '"C:\\Program Files\\Git\\cmd\\";D:\\tools' }, there[0]],
    [{ PATH: 'D:/tools;C:\\Program Files\\Git\\cmd' }, there[1]],
    [{ PATH: '.;tools;;\\tools;C:tools' }, undefined],
    [{ PATH: 'C:\\Windows' }, undefined],
    [{}, undefined],
  ])('is found by %j, never in the present folder', async (path, found) => {
    expect(await find(path)).toBe(found);
  });
});
