import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseEnv } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { fieldsOf, listOf } from '../../../src/core/fields.ts';
import { change, file, modeOf, prepared } from './prepared-world.ts';

describe('what was connected', () => {
  it('stands in the file once for each place, and other fields stay', async () => {
    const world = await prepared();
    await change(world, { notOurs: { a: [1, 'x'] }, connected: [{ target: 'older', extra: true }] });
    const argv = ['connect', 'steampipe', '--output', 'a.spc'];
    for (let round = 0; round < 2; round += 1) expect((await world.run(argv)).code).toBe(0);
    await world.run(['connect', 'filebeat']);
    await world.run(['connect', 'node']);
    const config = await world.config();
    const keyId = fieldsOf(config['credential'])['keyId'];
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(config['connected']).toEqual([
      { target: 'older', extra: true },
      { target: 'steampipe', at, where: join(world.folder, 'a.spc'), keyId },
      { target: 'filebeat', at, where: 'standard output', keyId },
    ]);
    expect(config['notOurs']).toEqual({ a: [1, 'x'] });
    expect(await modeOf(world, file)).toBe(0o600);
  });

  it('stands in an env file too, and other lines stay', async () => {
    const world = await prepared('--output', 'prod.env');
    await writeFile(join(world.folder, 'prod.env'), `# mine\n${await world.read('prod.env')}PORT=1\n`);
    const before = await world.read('prod.env');
    const { code, stderr } = await world.run(['connect', 'cribl', '--config', 'prod.env']);
    expect(code, stderr).toBe(0);
    const text = await world.read('prod.env');
    expect(text.startsWith(before)).toBe(true);
    const [entry] = JSON.parse(decodeURIComponent(parseEnv(text)['REPORTING_CONNECTED'] ?? ''));
    expect(entry).toMatchObject({ target: 'cribl', where: 'standard output' });
    expect((await world.run(['verify', '--sandbox', '--config', 'prod.env'])).code).toBe(0);
  });

  it('survives setup, which writes the file again', async () => {
    const world = await prepared();
    await change(world, { notOurs: 1 });
    await world.run(['connect', 'filebeat']);
    const { keyId } = fieldsOf((await world.config())['credential']) as { keyId: string };
    await change(world, { clientSecret: 'plainly-not-the-secret-that-entra-knows' });
    expect((await world.run(['--sandbox', '--yes', '--no-input'])).code).toBe(0);
    const config = await world.config();
    expect(fieldsOf(config['credential'])['keyId']).not.toBe(keyId);
    expect(config['notOurs']).toBe(1);
    expect(listOf(config['connected'])).toMatchObject([{ target: 'filebeat', keyId }]);
    const verified = await world.run(['verify', '--sandbox', '--json']);
    const check = verified.json().checks.find(({ id }) => id === 'config.connected');
    expect([verified.code, check]).toEqual([
      6,
      expect.objectContaining({
        status: 'warn',
        code: 'connected-outdated',
        evidence: 'has an older credential: filebeat (standard output)',
        remedy: 'Hand it over again: reporting-setup connect filebeat --sandbox',
      }),
    ]);
    await world.run(['connect', 'filebeat']);
    expect((await world.run(['verify', '--sandbox'])).code).toBe(0);
  });

  it('is left out, and that is said, where the file cannot be written', async () => {
    const world = await prepared();
    await writeFile(join(world.folder, `${file}.lock`), 'held by somebody else');
    const { code, stdout, stderr } = await world.run(['connect', 'filebeat']);
    expect([code, stdout.length > 0]).toEqual([0, true]);
    expect(stderr.replace(/\s+/g, ' ')).toContain('Not noted in the config file');
    expect(await world.config()).not.toHaveProperty('connected');
  });
});
