import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { targetNames } from '../../../src/commands/connect/targets.ts';
import { fieldsOf, listOf } from '../../../src/core/fields.ts';
import { createWorld, type World } from '../../helpers/world.ts';
import { change, file, modeOf, prepared } from './prepared-world.ts';

const made = async (world: World): Promise<string[]> =>
  (await readdir(world.folder)).filter((name) => name !== file && !name.endsWith('.json')).sort();

describe('connect without a target', () => {
  it('lists them on standard output where nobody can be asked', async () => {
    const world = await createWorld();
    const { code, stdout, stderr } = await world.run(['connect']);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of targetNames) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('lists them as JSON', async () => {
    const world = await createWorld();
    const { code, json } = await world.run(['connect', '--list', '--json']);
    const targets = listOf(fieldsOf(json())['targets']);
    expect(code).toBe(0);
    expect(targets.map(({ name }) => name)).toEqual(targetNames);
    expect(targets.find(({ name }) => name === 'wazuh')).toEqual({
      name: 'wazuh',
      group: 'collector',
      title: 'Wazuh, modules ms-graph and azure-logs',
      credentials: ['secret'],
      permissions: ['SecurityAlert.Read.All', 'SecurityIncident.Read.All'],
      secret: 'literal',
      needs: ['--output <folder>'],
    });
  });

  it('lets a person search and choose in a terminal', async () => {
    const world = await prepared();
    const { code, stdout, stderr } = await world.run(['connect'], {
      keys: [
        ['What to connect', 'infin'],
        ['Grafana', '\r'],
      ],
    });
    expect(code, stderr).toBe(0);
    expect(stripVTControlCharacters(stderr)).toContain(
      'What to connect: grafana-infinity: Grafana, Infinity data source\n',
    );
    expect(stdout).toContain('yesoreyeram-infinity-datasource');
  });

  it('asks by a part of the name where the screen cannot be drawn again', async () => {
    const world = await prepared();
    const { code, stdout, stderr } = await world.run(['connect'], {
      env: { TERM: 'dumb' },
      keys: [
        ['Name, or a part of it', 'splunk\n'],
        ['2 of them fit: type more of one.', 'splunk add-on azure\n'],
      ],
    });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('[MS_AAD_signins://');
  });
});

describe('what connect refuses, before it writes anything', () => {
  it('a target that is not there, naming what may be meant', async () => {
    const world = await prepared();
    const { code, error, stderr } = await world.run(['connect', 'filebea']);
    expect([code, error]).toEqual([2, expect.objectContaining({ code: 'invalid-options' })]);
    expect(stderr).toContain('There is no target "filebea". Did you mean filebeat?');
  });

  it('to work without a config file', async () => {
    const world = await createWorld();
    const { code, error } = await world.run(['connect', 'filebeat']);
    expect([code, error]).toEqual([3, expect.objectContaining({ code: 'config-missing' })]);
  });

  it('a kind of credential that the target cannot use, naming how to get one that it can', async () => {
    const world = await prepared('--credential', 'certificate');
    const before = await made(world);
    const { code, error, stderr, stdout } = await world.run(['connect', 'wazuh', '--output', 'wazuh']);
    expect([code, stdout, error]).toEqual([3, '', expect.objectContaining({ code: 'target-credential' })]);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'cannot use a credential of kind certificate: it takes secret.',
    );
    expect(await made(world)).toEqual(before);
    expect(await world.config()).not.toHaveProperty('connected');
  });

  it('a cloud that the target does not know', async () => {
    const world = await prepared();
    await change(world, { cloud: 'china' });
    const { code, error } = await world.run(['connect', 'sumo-logic', '--output', 'source.json']);
    expect([code, error]).toEqual([3, expect.objectContaining({ code: 'target-cloud' })]);
    expect(await readdir(world.folder)).not.toContain('source.json');
    expect((await world.run(['connect', 'curl'])).stdout).toContain('https://login.chinacloudapi.cn');
  });

  it('a config file that what it makes could not read', async () => {
    const world = await prepared('--output', 'prod.env');
    const { code, error, stdout } = await world.run(['connect', 'powershell', '--config', 'prod.env']);
    expect([code, stdout, error]).toEqual([3, '', expect.objectContaining({ code: 'target-format' })]);
    expect((await world.run(['connect', 'node', '--config', 'prod.env'])).stderr).toContain(
      `node --env-file='${join(world.folder, 'prod.env')}' entra-logs.mjs`,
    );
  });

  it('to print a secret, in a pipe too', async () => {
    const world = await prepared();
    const { clientSecret } = await world.config();
    for (const argv of [
      ['connect', 'sumo-logic'],
      ['connect', 'steampipe', '--json'],
      ['connect', 'wazuh'],
    ]) {
      const { code, error, stdout, stderr } = await world.run(argv);
      expect([code, error]).toEqual([2, expect.objectContaining({ code: 'missing-options' })]);
      expect(stdout + stderr).not.toContain(clientSecret);
      expect(stderr).toContain('--output');
    }
  });

  it('a file that it did not write, a link, and one that cannot say who wrote it', async () => {
    const world = await prepared();
    await writeFile(join(world.folder, 'azuread.spc'), 'connection "mine" {}\n');
    await writeFile(join(world.folder, 'source.json'), '{}\n');
    await symlink(join(world.folder, file), join(world.folder, 'link.yml'));
    const refused = async (target: string, output: string): Promise<unknown> => {
      const { code, error } = await world.run(['connect', target, '--output', output]);
      return [code, fieldsOf(error)['code']];
    };
    expect(await refused('steampipe', 'azuread.spc')).toEqual([2, 'output-not-ours']);
    expect(await refused('sumo-logic', 'source.json')).toEqual([2, 'output-not-ours']);
    expect(await refused('filebeat', 'link.yml')).toEqual([2, 'output-unusable']);
    expect(await refused('filebeat', file)).toEqual([2, 'output-not-ours']);
    expect(await refused('azure-sdk', file)).toEqual([2, 'output-unusable']);
    expect(await world.read('azuread.spc')).toBe('connection "mine" {}\n');
    expect(await world.config()).not.toHaveProperty('connected');
  });

  it('a secret in a file that git tracks, and warns of one that nothing keeps out', async () => {
    const world = await prepared();
    const git = (...argv: string[]): void => void execFileSync('git', argv, { cwd: world.folder });
    git('init', '-q');
    await writeFile(join(world.folder, 'azuread.spc'), '');
    git('add', 'azuread.spc');
    const tracked = await world.run(['connect', 'steampipe', '--output', 'azuread.spc']);
    expect([tracked.code, tracked.error]).toEqual([3, expect.objectContaining({ code: 'config-tracked' })]);
    const other = await world.run(['connect', 'steampipe', '--output', 'other.spc']);
    expect(other.code).toBe(0);
    expect(other.stderr.replace(/\s+/g, ' ')).toContain('is not ignored: add it to .gitignore.');
  });

  it('the sandbox for a file of another cloud', async () => {
    const world = await prepared();
    await change(world, { cloud: 'global' });
    const { code, error } = await world.run(['connect', 'filebeat', '--sandbox']);
    expect([code, error]).toEqual([2, expect.objectContaining({ code: 'config-other-cloud' })]);
  });
});

describe('what connect writes', () => {
  it('goes to standard output alone where there is no secret in it, and what to do to standard error', async () => {
    const world = await prepared();
    const { code, stdout, stderr } = await world.run(['connect', 'filebeat']);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      '# SANDBOX, of use nowhere else. Written by reporting-setup connect filebeat',
    );
    expect(stdout).toContain('https://login.microsoftonline.com/');
    expect(stderr).toContain('filebeat keystore add REPORTING_CLIENT_SECRET');
  });

  it('is readable by its owner alone, and replaced where its first line says that connect wrote it', async () => {
    const world = await prepared();
    const { clientSecret } = await world.config();
    expect((await world.run(['connect', 'wazuh', '--output', 'wazuh'])).code).toBe(0);
    expect(await modeOf(world, 'wazuh')).toBe(0o700);
    expect(await modeOf(world, 'wazuh/credentials')).toBe(0o600);
    expect(await modeOf(world, 'wazuh/ossec-entra.xml')).toBe(0o600);
    expect(await world.read('wazuh/credentials')).toContain(`application_key = ${clientSecret}\n`);
    await chmod(join(world.folder, 'wazuh/credentials'), 0o644);
    const again = await world.run(['connect', 'wazuh', '--output', 'wazuh']);
    expect(again.code, again.stderr).toBe(0);
    expect(await modeOf(world, 'wazuh/credentials')).toBe(0o600);
    await change(world, { clientSecret: 'a-newer-value-plainly-not-a-secret' });
    expect((await world.run(['connect', 'wazuh', '--output', 'wazuh'])).code).toBe(0);
    expect(await world.read('wazuh/credentials')).toContain('= a-newer-value-plainly-not-a-secret\n');
    const foreign = [
      'application_id = 1\napplication_key = plainly-not-a-secret\n',
      `${await world.read('wazuh/credentials')}# mine\n`,
    ];
    for (const text of foreign) {
      await writeFile(join(world.folder, 'wazuh/credentials'), text);
      const { code, error } = await world.run(['connect', 'wazuh', '--output', 'wazuh']);
      expect([code, fieldsOf(error)['code']]).toEqual([2, 'output-not-ours']);
      expect(await world.read('wazuh/credentials')).toBe(text);
    }
    await rm(join(world.folder, 'wazuh/credentials'));
    await writeFile(join(world.folder, 'wazuh/ossec-entra.xml'), '<ossec_config/>\n');
    expect((await world.run(['connect', 'wazuh', '--output', 'wazuh'])).code).toBe(2);
  });

  it('is nothing in a dry run', async () => {
    const world = await prepared();
    const { code, stderr } = await world.run(['connect', 'wazuh', '--output', 'wazuh', '--dry-run']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('was not written.')]);
    expect(await readdir(world.folder)).not.toContain('wazuh');
    expect(await world.config()).not.toHaveProperty('connected');
  });

  it('goes into a folder under its own name where it is the only file of a target that may have more', async () => {
    const world = await prepared();
    await change(world, { cloud: 'usgov' });
    const { code, stderr } = await world.run(['connect', 'wazuh', '--output', 'wazuh']);
    expect(code, stderr).toBe(0);
    expect(await readdir(join(world.folder, 'wazuh'))).toEqual(['ossec-entra.xml']);
    expect((await world.run(['connect', 'wazuh', '--output', 'wazuh'])).code).toBe(0);
  });

  it('goes into a folder that can be made, and no further', async () => {
    const world = await prepared();
    const { code, error } = await world.run(['connect', 'wazuh', '--output', 'a/b']);
    expect([code, error]).toEqual([2, expect.objectContaining({ code: 'output-unusable' })]);
  });

  it('goes where a person says', async () => {
    const world = await prepared();
    const { code, stderr, stdout } = await world.run(['connect', 'steampipe'], {
      keys: [['File to write it to', '\r']],
    });
    expect([code, stdout], stderr).toEqual([0, '']);
    expect(await modeOf(world, 'azuread.spc')).toBe(0o600);
  });

  it('a calendar replaces the one before, and no other', async () => {
    const world = await prepared();
    const argv = ['connect', 'ics', '--output', 'reporting.ics'];
    const sequence = async (): Promise<number> =>
      Number(/^SEQUENCE:(\d+)/m.exec(await world.read('reporting.ics'))?.[1]);
    expect((await world.run(argv)).code).toBe(0);
    const before = await sequence();
    expect((await world.run(argv)).code).toBe(0);
    expect(await sequence()).toBeGreaterThan(before);
    expect(await world.read('reporting.ics')).toContain('SUMMARY:SANDBOX: The secret of');
    await writeFile(
      join(world.folder, 'reporting.ics'),
      'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n',
    );
    expect((await world.run(argv)).code).toBe(2);
  });

  it('is told as one JSON document, without the secret', async () => {
    const world = await prepared();
    const { clientSecret } = await world.config();
    const written = await world.run(['connect', 'steampipe', '--output', 'a.spc', '--json']);
    expect(written.json()).toMatchObject({
      command: 'connect',
      ok: true,
      target: 'steampipe',
      group: 'tool',
      files: [{ path: join(world.folder, 'a.spc') }],
      stored: null,
      secretIn: null,
    });
    expect(written.stdout).not.toContain(clientSecret);
    const printed = await world.run(['connect', 'cron', '--json']);
    expect(printed.json()).toMatchObject({ files: [{ content: expect.stringContaining('17 6 * * *') }] });
  });

  it('names what stays dark and what nobody could confirm', async () => {
    const world = await prepared();
    const { stderr } = await world.run(['connect', 'data-prepper']);
    expect(stderr.replace(/\s+/g, ' ')).toContain('AWS names the source microsoft_entra_id on one page');
    const splunk = await world.run(['connect', 'splunk-azure']);
    expect(splunk.stderr.replace(/\s+/g, ' ')).toContain(
      'IdentityRiskEvent.Read.All, IdentityRiskyUser.Read.All',
    );
  });
});

describe('setup', () => {
  it('names connect under Next, with the file and the sandbox of the run', async () => {
    const world = await createWorld();
    const { stderr } = await world.run(['--sandbox', '--yes', '--no-input', '--output', 'prod.json']);
    expect(stderr.slice(stderr.indexOf('\nNext'))).toContain(
      'reporting-setup connect --sandbox --config prod.json',
    );
    const { code } = await world.run(['connect', '--sandbox', '--config', 'prod.json', 'filebeat']);
    expect(code).toBe(0);
    expect(await readFile(join(world.folder, 'prod.json'), 'utf8')).toContain('"connected"');
  });

  it.each(['cron', 'systemd-timer', 'task-scheduler'])('has %s look in the sandbox again', async (target) => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes']);
    await world.run(['connect', target, '--output', 'made']);
    const made = join(world.folder, 'made');
    const path = target === 'systemd-timer' ? join(made, 'reporting-setup.service') : made;
    expect(await readFile(path, 'utf8')).toContain('--sandbox');
  });
});
