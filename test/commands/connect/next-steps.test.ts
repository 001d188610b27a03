import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseEnv } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { change, prepared } from './prepared-world.ts';
import { storage } from './target-inputs.ts';

describe('what to do next', () => {
  it('names the file that was written, with its path', async () => {
    const world = await prepared();
    const at = (name: string): string => join(world.folder, name);
    const lines = {
      'azure-sdk': `. '${at('my file')}'`,
      'sumo-logic': `--data '@${at('my file')}'`,
      'diagnostic-settings': `--body '@${at('my file')}'`,
      'splunk-azure': `cp '${at('my file')}' "$SPLUNK_HOME`,
      'splunk-o365': `cp '${at('my file')}' "$SPLUNK_HOME`,
      'grafana-infinity': `cp '${at('my file')}' /etc/grafana/provisioning/datasources/entra.yaml`,
      steampipe: `install -m 600 '${at('my file')}' ~/.steampipe/config/azuread.spc`,
      prowler: `sh '${at('my file')}' --output-formats`,
      kubernetes: `-f '${at('my file')}'`,
      curl: `bash '${at('my file')}' signIns`,
      node: `node '${at('my file')}' signIns`,
      python: `python3 '${at('my file')}' signIns`,
      powershell: `pwsh '${at('my file')}' signIns`,
      cron: `cat '${at('my file')}')`,
      prometheus: `install -m 644 '${at('my file')}' /var`,
      'task-scheduler': `-File '${at('my file')}'`,
      wazuh: `-m 640 '${at('my file/credentials')}' /var`,
      'systemd-timer': `'${at('my file/reporting-setup.service')}' '${at('my file/reporting-setup.timer')}' &&`,
    };
    for (const [target, line] of Object.entries(lines)) {
      await rm(at('my file'), { recursive: true, force: true });
      const more = target === 'diagnostic-settings' ? ['--storage-account', storage] : [];
      const { code, stderr } = await world.run(['connect', target, '--output', 'my file', ...more]);
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(line);
    }
    const printed = await world.run(['connect', 'curl']);
    expect(printed.stderr).toContain('bash entra-logs.sh signIns');
  });

  it('remarks a category of logs that nobody knows', async () => {
    const world = await prepared();
    const argv = ['connect', 'diagnostic-settings', '--storage-account', storage, '--category'];
    const odd = await world.run([...argv, 'AuditLogs', '--category', 'SignInsLog']);
    expect(odd.code, odd.stderr).toBe(0);
    expect(odd.stderr).toMatch(/Not known here: .?SignInsLog.?\./);
    expect((await world.run([...argv, 'AuditLogs'])).stderr).not.toContain('Not known here');
  });

  it('is to make another secret where no .env file can hold this one', async () => {
    const world = await prepared();
    await change(world, { clientSecret: `plainly'not"a\`secret$x` });
    const { code, error } = await world.run(['connect', 'azure-sdk', '--output', '.env']);
    expect([code, error]).toEqual([3, expect.objectContaining({ code: 'target-value' })]);
    expect(await readdir(world.folder)).not.toContain('.env');
  });

  it('is said of a .env file that was printed whole', async () => {
    const world = await prepared('--credential', 'certificate');
    const { stdout, stderr } = await world.run(['connect', 'azure-sdk']);
    expect(parseEnv(stdout)).toMatchObject({ AZURE_CLIENT_ID: (await world.config())['clientId'] });
    expect(stderr).toContain('. ./.env');
  });
});
