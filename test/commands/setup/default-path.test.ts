import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fakeBrowser } from '../../helpers/signing-in.ts';
import { createWorld, type Typed } from '../../helpers/world.ts';

const down = '\u001b[B';
const go: Typed = ['Go ahead?', '\r'];
const change: Typed = ['Go ahead?', `${down}\r`];

describe('the default path', () => {
  it('takes one key with a code, says first what it does, and asks nothing the second time', async () => {
    const world = await createWorld();
    const run = await world.run(['--sandbox'], { keys: [go] });
    expect(run.code).toBe(0);
    const [first = ''] = run.stderr.split('The page will name');
    expect(first).toContain('the SANDBOX: a tenant on this machine alone');
    expect(first).toContain('Nothing is written before you approve the plan.');
    expect(run.stderr).toContain('The code lives 15 minutes.');
    world.pass(60_000);
    const again = await world.run(['--sandbox', '--tenant', 'contoso.com'], { keys: [] });
    expect([again.code, again.stderr.includes('Go ahead?')]).toEqual([0, false]);
    expect(again.stderr).toContain('contoso.com.\n');
  });

  it('takes two with a browser, whose address is shown, and opens it with the first', async () => {
    const world = await createWorld();
    const { visits } = await fakeBrowser(world.sandbox.caCertificate);
    const run = await world.run(['--sandbox', '--auth', 'browser'], {
      env: { DISPLAY: ':0' },
      keys: [['Enter opens this address', '\r'], go],
    });
    const [address = ''] = await visits();
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`    ${address}\n`);
    expect(run.stderr).toContain('"Microsoft Azure CLI"');
  });

  it('stops with nothing written', async () => {
    const world = await createWorld();
    const run = await world.run(['--sandbox'], { keys: [['Go ahead?', `${down}${down}\r`]] });
    expect([run.code, world.newWrites()]).toEqual([130, []]);
    expect(readdirSync(world.folder).filter((name) => name.startsWith('reporting'))).toEqual([]);
  });

  it('tells of an unknown application before anything is asked', async () => {
    const world = await createWorld({ scenarios: ['no-premium'] });
    const unknown = '11111111-2222-4333-8444-555555555555';
    const run = await world.run(['--sandbox', '--client-id', unknown], { keys: [] });
    expect([run.code, run.error]).toEqual([2, expect.objectContaining({ code: 'application-not-found' })]);
    expect(run.stderr).not.toContain('Go on with audit logs alone?');
  });

  it('is one account, or another where this one cannot do it', async () => {
    const world = await createWorld({ scenarios: ['reader', 'registration-disabled'] });
    const run = await world.run(['--sandbox'], { keys: [['This account cannot do it', '\r']] });
    expect([run.code, world.newWrites()]).toEqual([3, []]);
    expect(run.stderr).toContain('Sign in with another account');
  });
});

describe('a code to sign in with', () => {
  it('is copied by Enter, which opens the page where a browser can open, while it waits', async () => {
    const world = await createWorld({ autoApprove: false });
    const { visits } = await fakeBrowser(world.sandbox.caCertificate, '0');
    let stop = (): void => undefined;
    const run = await world.run(['--sandbox'], {
      env: { DISPLAY: ':0' },
      columns: 40,
      keys: [
        ['Enter opens the page here', '\r'],
        ['if your terminal', '', () => stop()],
      ],
      onStop: (end) => {
        stop = end;
      },
    });
    expect(run.code).toBe(130);
    expect(stripVTControlCharacters(run.stderr).replace(/\s+/g, ' ')).toContain(
      'A browser was started here. The code is copied, if your terminal takes it.',
    );
    const code = / {4}code {2}(\w+)/.exec(run.stderr)?.[1] ?? '';
    expect(run.stderr).toContain(`\u001b]52;c;${Buffer.from(code).toString('base64')}\u0007`);
    expect(code).toMatch(/^\w{8,}$/);
    await expect
      .poll(visits, { timeout: 20_000 })
      .toEqual([expect.stringMatching(/^https:.*\/devicelogin$/)]);
  });

  it('says what the page names, and whose client that is where another was given', async () => {
    const world = await createWorld();
    const tools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
    const run = await world.run(['--sandbox', '--login-client-id', tools], { keys: [go] });
    expect(run.stderr).toContain(`The page will name the client ${tools}`);
    expect(run.stderr).not.toContain('Azure CLI');
  });
});

describe('a refused code', () => {
  it('leads to the browser in the sandbox too, which is answered by itself where there is none', async () => {
    const world = await createWorld({ scenarios: ['device-code-blocked'] });
    const run = await world.run(['--sandbox'], { keys: [go] });
    expect(run.code).toBe(0);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('Trying another way to sign in.');
  });

  it('is in no remedy: not the code where it was refused, nor both where both were', async () => {
    const world = await createWorld({ scenarios: ['device-code-blocked'] });
    const code = await world.run(['--sandbox', '--yes', '--json', '--auth', 'device-code']);
    expect(code.json().error?.remedy).toContain('--auth browser');
    expect(code.json().error?.remedy).not.toContain('device-code');
    const refusal = 'error=access_denied&error_description=AADSTS53003: Blocked.';
    const program = `const a = new URL(process.argv[1]).searchParams; fetch(a.get('redirect_uri') + '?state=' + a.get('state') + '&${refusal}')`;
    await fakeBrowser(world.sandbox.caCertificate, program);
    const both = await world.run(['--sandbox'], {
      env: { DISPLAY: ':0' },
      keys: [['Enter opens this address', '\r']],
    });
    expect(both.code).toBe(4);
    expect(both.error).toMatchObject({ remedy: expect.not.stringMatching(/browser|device-code/) });
  });
});

describe('the file', () => {
  const toFile: Typed[] = [change, ['Account to work', '\r']];
  const rest: Typed[] = [
    ['Domain to write', '\r'],
    ['Credential:', '\r'],
    ['How long', '\r'],
  ];

  it('is asked for again where it cannot be one, and is made with its folder where somebody says so', async () => {
    const world = await createWorld();
    mkdirSync(join(world.folder, 'there'));
    const run = await world.run(['--sandbox'], {
      columns: 300,
      keys: [
        ...toFile,
        ['File to save', ' "there" \r'],
        ['is a folder: name a file in it', '\u0015~/a/b c/x.json\r'],
        ['is not there. Make it?', '\r'],
        ...rest,
        go,
      ],
    });
    expect(run.code).toBe(0);
    expect(JSON.parse(await world.read('a/b c/x.json'))).toMatchObject({ version: 1 });
    expect(run.stderr).toContain(`reporting-setup verify --sandbox --config '${world.folder}/a/b c/x.json'`);
    expect(run.stderr).not.toContain('.lock');
  });

  it.skipIf(process.platform !== 'linux')(
    'names a folder that takes none, and makes none there',
    async () => {
      const world = await createWorld();
      for (const name of ['/proc/x.json', '/proc/a/x.json']) {
        const run = await world.run(['--sandbox', '--yes', '--output', name], { columns: 300 });
        expect([run.code, world.newWrites()]).toEqual([2, []]);
        expect(run.stderr).toMatch(
          /the folder \/proc(\/a is not there| takes no new files)|in the folder \/proc/,
        );
      }
      const asked = await world.run(['--sandbox', '--output', '/proc/a/x.json'], {
        columns: 300,
        keys: [['is not there. Make it?', '\r']],
      });
      expect(asked.code).toBe(2);
      expect(asked.stderr).toMatch(
        /\/proc\/a cannot be written: (the folder \/proc takes no|.*in the folder \/proc)/,
      );
      const receipt = await world.run(['--sandbox', '--yes', '--receipt', '/proc/r.md'], { columns: 300 });
      expect([receipt.code, world.newWrites()]).toEqual([2, []]);
      expect(receipt.stderr).toContain('Choose another file with --receipt.');
    },
  );

  it('leaves no folder behind where somebody stops then', async () => {
    const world = await createWorld();
    const run = await world.run(['--sandbox'], {
      columns: 300,
      keys: [
        ...toFile,
        ['File to save', 'a/b/x.json\r'],
        ['is not there. Make it?', '\r'],
        ...rest,
        ['Go ahead?', `${down}${down}\r`],
      ],
    });
    expect([run.code, world.newWrites(), readdirSync(world.folder).includes('a')]).toEqual([130, [], false]);
  });

  it('may be the one that holds the other secret: then nothing is made', async () => {
    const world = await createWorld();
    mkdirSync(join(world.folder, 'elsewhere'));
    await world.run(['--sandbox', '--yes', '--output', 'elsewhere/first.json']);
    world.newWrites();
    world.pass(60_000);
    const run = await world.run(['--sandbox'], {
      columns: 300,
      keys: [
        ['Where may its file lie?', `${down}\r`],
        ['The file that holds it', 'elsewhere/nope.json\r'],
        ['Where may its file lie?', `${down}\r`],
        ['The file that holds it', 'elsewhere/first.json\r'],
      ],
    });
    expect([run.code, world.newWrites()]).toEqual([0, []]);
    expect(run.stderr).toContain('nobody on this machine is known to hold it');
    expect(run.stderr).toContain('elsewhere/nope.json is not there.');
  });

  it('is found where a run that was cut has noted its file', async () => {
    const world = await createWorld();
    mkdirSync(join(world.folder, 'elsewhere'));
    await world.run(['--sandbox', '--yes', '--output', 'elsewhere/first.json']);
    world.pass(60_000);
    const note = { version: 1, output: join(world.folder, 'elsewhere/first.json'), keyId: 'any' };
    writeFileSync(join(world.folder, `rotation-${'0'.repeat(32)}.json`), JSON.stringify(note));
    const run = await world.run(['--sandbox', '--dry-run'], { columns: 300 });
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('elsewhere/first.json holds it (key ID');
  });

  it('is found beside the output, and then no question asks for it', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes', '--output', 'first.json']);
    await world.run(['--sandbox', '--yes', '--output', '.env']);
    world.pass(60_000);
    writeFileSync(join(world.folder, 'no-config.json'), '{"clientId": 1}');
    symlinkSync('first.json', join(world.folder, 'a-link.json'));
    const run = await world.run(['--sandbox'], { columns: 300, keys: [['Go ahead?', `${down}${down}\r`]] });
    expect(run.code).toBe(130);
    expect(run.stderr).not.toContain('Where may its file lie?');
    expect(run.stderr).toMatch(/2 other secrets stay valid until [\d-]+: /);
    for (const file of ['first.json', '.env']) expect(run.stderr).toContain(`${file} holds key ID `);
    expect(run.stderr).not.toMatch(/a-link|known to hold/);
  });
});
