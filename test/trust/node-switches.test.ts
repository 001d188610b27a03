import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requireSafeProcess } from '../../src/http/node-switches.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { environmentOf, runProcess, setupArguments } from '../helpers/tenants.ts';
import { createWorld } from '../helpers/world.ts';
import { temporaryFolder } from '../sandbox/start.ts';

const program = join(import.meta.dirname, '../../bin/reporting-setup.js');
const built = existsSync(join(import.meta.dirname, '../../dist/main.js'));

describe('the way the process was started', () => {
  it.each<[Record<string, string>, string[], string[]]>([
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, [], ['NODE_TLS_REJECT_UNAUTHORIZED=0']],
    [{ NODE_DEBUG: 'https' }, [], ['NODE_DEBUG']],
    [{ NODE_DEBUG: 'HTTP,net' }, [], ['NODE_DEBUG']],
    [{ NODE_DEBUG: 'h*' }, [], ['NODE_DEBUG']],
    [{ NODE_DEBUG: 'child_process' }, [], ['NODE_DEBUG']],
    [{ NODE_OPTIONS: '--max-old-space-size=99 --inspect' }, [], ['--inspect']],
    [{ NODE_OPTIONS: '--inspect-brk=127.0.0.1:1' }, [], ['--inspect-brk']],
    [{ NODE_OPTIONS: '"--tls-keylog=/some where/keys"' }, [], ['--tls-keylog']],
    [{}, ['--tls_keylog', 'keys'], ['--tls-keylog']],
    [{}, ['--trace-tls'], ['--trace-tls']],
    [{}, ['--heapsnapshot-signal=SIGUSR2'], ['--heapsnapshot-signal']],
    [{ NODE_DEBUG: 'https', NODE_TLS_REJECT_UNAUTHORIZED: '0' }, ['--inspect'], ['NODE_DEBUG', '--inspect']],
  ])('%o %o is refused before any request', (env, execArgv, named) => {
    for (const name of named) expect(() => requireSafeProcess(env, execArgv)).toThrow(name);
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '1' }, []],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '' }, []],
    [{ NODE_DEBUG: ' ' }, []],
    [{ NODE_EXTRA_CA_CERTS: 'ca.pem', NODE_OPTIONS: '--use-openssl-ca --max-old-space-size=99' }, []],
    [{ NODE_OPTIONS: '--inspect-port=1 --require ./--inspect' }, ['--no-warnings']],
  ])('%o %o is fine', (env, execArgv) => {
    expect(() => requireSafeProcess(env, execArgv)).not.toThrow();
  });

  it.each(['setup --yes', 'verify'])('ends %s with exit code 2 and one document', async (command) => {
    const world = await createWorld();
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_DEBUG: 'https' };
    const run = await world.run([...command.split(' '), '--json', '--sandbox'], { env });
    expect([run.code, run.json().error?.code]).toEqual([2, 'unsafe-environment']);
    expect(run.json().error?.message).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0');
    expect(run.json().error?.message).toContain('NODE_DEBUG');
    expect(world.sandbox.requests).toEqual([]);
  });
});

describe.skipIf(!built)('the built program', () => {
  async function start(more: Readonly<Record<string, string>>, ...node: string[]) {
    const sandbox = await startSandbox({ scenarios: ['default'] });
    onTestFinished(() => sandbox.stop());
    const folder = await temporaryFolder();
    const env = { ...(await environmentOf(sandbox, folder)), ...more };
    const ended = await runProcess(process.execPath, [...node, program, ...setupArguments(sandbox)], {
      cwd: folder,
      env,
    });
    const file = await readFile(join(folder, 'reporting-setup.json'), 'utf8').catch(() => '');
    const shown = ended.stdout + ended.stderr;
    return { sandbox, ended, leaked: [...sandbox.issued].filter((secret) => shown.includes(secret)), file };
  }

  it.each([
    { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    { NODE_DEBUG: 'https' },
    { NODE_DEBUG: '*' },
    { NODE_OPTIONS: '--trace-tls' },
  ])('started with %o sends nothing and shows no secret', async (env) => {
    const { sandbox, ended, leaked, file } = await start(env);
    expect([ended.code, JSON.parse(ended.stdout).error.code]).toEqual([2, 'unsafe-environment']);
    expect([sandbox.requests.length, leaked, file]).toEqual([0, [], '']);
    expect(ended.stderr).not.toContain(sandbox.automation.clientSecret);
  });

  it('looks at options of its own process too', async () => {
    const { sandbox, ended } = await start({}, '--tls-keylog=/dev/null');
    expect([ended.code, JSON.parse(ended.stdout).error.code]).toEqual([2, 'unsafe-environment']);
    expect(sandbox.requests).toEqual([]);
  });

  it.each([{ NODE_DEBUG_NATIVE: 'TLSWRAP,HTTPPARSER,CRYPTO' }, { DEBUG: '*', AZURE_LOG_LEVEL: 'verbose' }])(
    'started with %o shows no secret',
    async (env) => {
      const { sandbox, ended, leaked } = await start(env);
      expect([ended.code, leaked]).toEqual([0, []]);
      expect(ended.stderr + ended.stdout).not.toContain(sandbox.automation.clientSecret);
    },
  );
});
