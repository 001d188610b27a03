import { describe, expect, it } from 'vitest';
import { programWords } from '../../src/core/called-program.ts';

const cwd = '/home/ada/tenants';

describe('the program as it was started', () => {
  it.each<[string, string, Record<string, string>, string, readonly string[]]>([
    ['by its name', '/usr/bin/reporting-setup', {}, 'linux', ['reporting-setup']],
    [
      'through npx',
      '/home/ada/tenants/node_modules/.bin/reporting-setup',
      { npm_command: 'exec' },
      'linux',
      ['npx', 'reporting-setup'],
    ],
    [
      'by its path in a project',
      '/home/ada/tenants/node_modules/.bin/reporting-setup',
      {},
      'linux',
      ['npx', 'reporting-setup'],
    ],
    [
      'from a checkout',
      '/home/ada/tenants/bin/reporting-setup.js',
      {},
      'linux',
      ['node', 'bin/reporting-setup.js'],
    ],
    [
      'from a checkout elsewhere',
      '/srv/a b/bin/reporting-setup.js',
      {},
      'darwin',
      ['node', '/srv/a b/bin/reporting-setup.js'],
    ],
    [
      'by a shim that names the script',
      '/usr/lib/node_modules/reporting-setup/bin/reporting-setup.js',
      {},
      'linux',
      ['reporting-setup'],
    ],
    [
      'on Windows, where npm names the script',
      'C:\\tools\\reporting-setup\\bin\\reporting-setup.js',
      {},
      'win32',
      ['reporting-setup'],
    ],
  ])('is %s', (_how, script, env, platform, words) => {
    expect(programWords({ script, env, cwd, platform }, () => undefined)).toEqual(words);
  });

  it.each([
    ['file:../../../tenants/reporting-setup-0.1.0.tgz', ['npx', './reporting-setup-0.1.0.tgz']],
    ['file:../../../../../srv/reporting-setup-0.1.0.tgz', ['npx', '/srv/reporting-setup-0.1.0.tgz']],
    // The folder itself is a checkout, where npx finds the program by its name.
    ['file:../../../tenants', ['npx', 'reporting-setup']],
    ['^0.1.0', ['npx', 'reporting-setup']],
  ])('is a package that npx was given: %s', (source, words) => {
    const script = '/home/ada/.npm/_npx/0123abcd/node_modules/.bin/reporting-setup';
    const read = (path: string) =>
      path === '/home/ada/.npm/_npx/0123abcd/package.json'
        ? JSON.stringify({ dependencies: { 'reporting-setup': source } })
        : undefined;
    const start = { script, env: { npm_command: 'exec' }, cwd, platform: 'linux' };
    expect(programWords(start, read)).toEqual(words);
  });
});
