import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Target } from '../../../src/commands/connect/target.ts';
import { loadTargets, targetNames } from '../../../src/commands/connect/targets.ts';
import { fieldsOf, listOf, parseJson } from '../../../src/core/fields.ts';
import { publicCloud } from '../../../src/entra/clouds.ts';
import { has, hasPython, python, run, titled } from './programs.ts';
import { hostileSecret, inputFor, storage } from './target-inputs.ts';

const targets = await loadTargets();
const targetOf = (name: string): Target => {
  const found = targets.find((target) => target.name === name);
  if (!found) throw new Error(`There is no target ${name}`);
  return found;
};

/** The files that a target makes, by name. */
function madeBy(name: string, given: Parameters<typeof inputFor>[1] = {}): Record<string, string> {
  const target = targetOf(name);
  const secret = target.secret === 'literal' ? hostileSecret : '';
  const made = target.make?.(inputFor('secret', { secret, settings: { storageAccount: storage }, ...given }));
  const files = made?.files.map(({ name: file, text, merge }) => [file, merge ? merge('') : text] as const);
  return Object.fromEntries(files ?? []);
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'reporting-setup-test-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

const { tenantId, clientId } = inputFor('secret').config;

describe.each(targets)('$name', (target) => {
  it('goes by its name in the table, and says what it needs', () => {
    expect(targetNames).toContain(target.name);
    expect(target.title.length).toBeLessThanOrEqual(51);
    expect(target.credentials).not.toEqual([]);
    expect(target.clouds).toContain('global');
    expect(Boolean(target.make) || Boolean(target.store)).toBe(true);
    expect(Boolean(target.store)).toBe(target.group === 'store');
  });

  it.skipIf(!target.make)('makes something of each kind of credential and each cloud that it names', () => {
    for (const kind of target.credentials) {
      for (const name of ['global', 'usgov', 'usgov-dod', 'china'] as const) {
        if (!target.clouds.includes(name)) continue;
        const input = inputFor(kind, { cloud: publicCloud(name), settings: { storageAccount: storage } });
        const made = target.make?.(input);
        expect(made?.files).not.toEqual([]);
        expect(made?.steps).not.toEqual([]);
      }
    }
  });

  it.skipIf(!target.make || target.secret === 'literal')('makes texts without the secret in them', () => {
    const made = target.make?.(inputFor('secret', { settings: { storageAccount: storage } }));
    expect(JSON.stringify(made)).not.toContain(hostileSecret);
  });
});

describe('the table', () => {
  it('loads each target under its own name', () => {
    expect(targets.map(({ name }) => name)).toEqual(targetNames);
  });
});

describe('YAML for collectors', () => {
  it('holds the very values', () => {
    const [signIns, audits] = listOf(parseYaml(madeBy('filebeat')['entra.yml'] ?? ''));
    expect(fieldsOf(fieldsOf(fieldsOf(signIns?.['auth'])['oauth2'])['client'])).toEqual({
      id: clientId,
      secret: `\${REPORTING_CLIENT_SECRET}`,
    });
    expect(fieldsOf(audits?.['request'])['url']).toBe(
      'https://graph.microsoft.com/v1.0/auditLogs/directoryAudits',
    );
    const apis = listOf(fieldsOf(parseYaml(madeBy('logzio')['config.yaml'] ?? ''))['apis']);
    expect(apis.map((api) => api['azure_ad_secret_value'])).toEqual([hostileSecret, hostileSecret]);
  });

  const there = hasPython('yaml');
  it.skipIf(!there)(titled('is the same to PyYAML', there, 'python3-yaml'), async () => {
    for (const name of [
      'filebeat',
      'cribl',
      'grafana-infinity',
      'logzio',
      'data-prepper',
      'github-schedule',
    ]) {
      const [text = ''] = Object.values(madeBy(name));
      const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin), default=str))';
      const ended = await run(python, ['-c', program], { cwd: await folder(), input: text });
      // YAML 1.1 takes the key `on` of a workflow for true; GitHub does not.
      const theirs = ended.stdout.replace('"true": {', '"on": {');
      expect(parseJson(theirs), name).toEqual(parseYaml(text));
    }
  });
});

describe('Cribl', () => {
  it('gets expressions that give the right addresses and a body that is read back', () => {
    const jobs = fieldsOf(parseYaml(madeBy('cribl')['jobs.yml'] ?? ''));
    const conf = fieldsOf(fieldsOf(fieldsOf(jobs['entra_sign_ins'])['collector'])['conf']);
    const evaluate = (expression: unknown): string =>
      String(
        new Function('C', 'username', 'state', 'token', `return ${String(expression)}`)(
          { vars: { reporting_client_secret: hostileSecret }, Time: { strftime: (at: number) => `<${at}>` } },
          conf['username'],
          { latestTime: 10_000 },
          'the-token',
        ),
      );
    expect(evaluate(conf['loginUrl'])).toBe(
      `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
    );
    expect(Object.fromEntries(new URLSearchParams(evaluate(conf['loginBody'])))).toEqual({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: hostileSecret,
      scope: 'https://graph.microsoft.com/.default',
    });
    expect(evaluate(conf['authHeaderExpr'])).toBe('Bearer the-token');
    const filter = listOf(conf['collectRequestParams']).find(({ name }) => name === '$filter');
    expect(evaluate(filter?.['value'])).toMatch(/^createdDateTime ge <8200> and createdDateTime le <\d/);
  });
});

describe('Wazuh', () => {
  const there = has('xmllint', '--version');
  it.skipIf(!there)(
    titled('gets a block in which xmllint finds the values', there, 'libxml2-utils'),
    async () => {
      const at = await folder();
      const files = madeBy('wazuh');
      await writeFile(join(at, 'ossec.conf'), `<ossec_config>\n${files['ossec-entra.xml']}</ossec_config>\n`);
      const find = async (path: string): Promise<string> => {
        const ended = await run('xmllint', ['--xpath', `string(${path})`, 'ossec.conf'], { cwd: at });
        expect(ended.stderr).toBe('');
        return ended.stdout.replace(/\n$/, '');
      };
      expect(await find('//ms-graph/api_auth/secret_value')).toBe(hostileSecret);
      expect(await find('//ms-graph/api_auth/client_id')).toBe(clientId);
      expect(await find('//wodle[@name="azure-logs"]/graph/tenantdomain')).toBe('contoso.onmicrosoft.com');
      expect(files['credentials']).toBe(`application_id = ${clientId}\napplication_key = ${hostileSecret}\n`);
    },
  );

  it('gets no block for audits in a cloud that its module does not know', () => {
    const files = madeBy('wazuh', { cloud: publicCloud('usgov') });
    expect(Object.keys(files)).toEqual(['ossec-entra.xml']);
    expect(files['ossec-entra.xml']).toContain('<api_type>gcc-high</api_type>');
  });
});

describe('Splunk', () => {
  const there = hasPython('configparser');
  it.skipIf(!there)(titled('gets stanzas that configparser reads', there, 'python3'), async () => {
    const program =
      'import configparser, json, sys\nc = configparser.RawConfigParser()\nc.read_file(sys.stdin)\nprint(json.dumps({s: dict(c[s]) for s in c.sections()}))';
    const read = async (name: string): Promise<unknown> => {
      const input = madeBy(name)['inputs.conf'] ?? '';
      return parseJson((await run(python, ['-c', program], { cwd: await folder(), input })).stdout);
    };
    expect(await read('splunk-azure')).toMatchObject({
      'MS_AAD_signins://entra_sign_ins': {
        tenant_id: tenantId,
        environment: 'public',
        query_window_size: '0',
      },
      'MS_AAD_audit://entra_audits': { azure_app_account: 'entra_reporting', query_backoff_throttle: '600' },
    });
    expect(await read('splunk-o365')).toMatchObject({
      'splunk_ta_o365_management_activity://entra_audits': { content_type: 'Audit.AzureActiveDirectory' },
    });
  });
});

describe('JSON', () => {
  const there = has('jq', '--version');
  it.skipIf(!there).each([
    ['google-secops', '.details.azureAdSettings.authentication.clientSecret', hostileSecret],
    ['sumo-logic', '.source.config.secret_key', hostileSecret],
    ['sumo-logic', '.source.config.supported_apis[1]', 'Signin'],
    ['diagnostic-settings', '.properties.storageAccountId', storage],
    ['diagnostic-settings', '.properties.logs[1].category', 'SignInLogs'],
  ])(titled('for %s: jq finds %s', there, 'jq'), async (name, path, value) => {
    const [text = ''] = Object.values(madeBy(name));
    const ended = await run('jq', ['-r', path], { cwd: await folder(), input: text });
    expect(ended.stdout).toBe(`${value}\n`);
  });
});

describe('Prometheus', () => {
  const there = hasPython('prometheus_client');
  it.skipIf(!there)(
    titled('is read back by its Python client', there, 'python3-prometheus-client'),
    async () => {
      const program =
        'import json, sys\nfrom prometheus_client.parser import text_string_to_metric_families as parse\nprint(json.dumps([[s.name, s.labels, s.value] for f in parse(sys.stdin.read()) for s in f.samples]))';
      const input = madeBy('prometheus')['reporting_setup.prom'] ?? '';
      const ended = await run(python, ['-c', program], { cwd: await folder(), input });
      expect(parseJson(ended.stdout)).toEqual([
        [
          'reporting_setup_credential_expires_timestamp_seconds',
          { client_id: clientId, tenant_id: tenantId },
          Date.parse('2028-11-24T00:00:00Z') / 1000,
        ],
      ]);
    },
  );
});

/** A folder with a program in it that only notes what it was given. */
async function standIn(name: string): Promise<{ readonly at: string; readonly PATH: string }> {
  const at = await folder();
  const note = `printf '%s\\n' "$@" "$AZURE_CLIENT_ID" "$AZURE_CLIENT_SECRET" > '${join(at, 'seen')}'`;
  await writeFile(join(at, name), `#!/bin/sh\n${note}\n`);
  await chmod(join(at, name), 0o755);
  return { at, PATH: `${at}:${process.env['PATH'] ?? ''}` };
}

describe('what runs the program itself', () => {
  const configPath = `/srv/it's 100%/$HOME/reporting "1".json`;

  it('cron hands the very path over, once it has taken the escapes off', async () => {
    const { at, PATH } = await standIn('reporting-setup');
    const line = madeBy('cron', { configPath })['reporting-setup.cron'] ?? '';
    const command = line.replace(/^(?:\S+ ){5}/, '').replaceAll('\\%', '%');
    expect((await run('sh', ['-c', command], { cwd: at, env: { PATH } })).code).toBe(0);
    const seen = (await run('cat', ['seen'], { cwd: at })).stdout.split('\n');
    expect(seen).toContain(configPath);
    expect(seen).toContain('30d');
  });

  const there = has('systemd-analyze', '--version');
  it.skipIf(!there)(titled('systemd takes both units', there, 'systemd'), async () => {
    const at = await folder();
    const files = madeBy('systemd-timer', { configPath });
    for (const [name, text] of Object.entries(files)) await writeFile(join(at, name), text);
    const ended = await run('systemd-analyze', ['verify', '--user', ...Object.keys(files)], {
      cwd: at,
      env: { XDG_RUNTIME_DIR: at },
    });
    const about = ended.stderr.split('\n').filter((line) => line.includes('reporting-setup.'));
    expect([ended.code, about]).toEqual([0, []]);
    expect(files['reporting-setup.service']).toContain(`"/srv/it's 100%%/$$HOME/reporting \\"1\\".json"`);
  });

  const hasJq = has('jq', '--version');
  it.skipIf(!hasJq)(titled('Prowler is given what the file says', hasJq, 'jq'), async () => {
    const { at, PATH } = await standIn('prowler');
    const file = join(at, `it's.json`);
    await writeFile(file, JSON.stringify({ tenantId, clientId, clientSecret: hostileSecret }));
    await writeFile(join(at, 'prowler.sh'), madeBy('prowler', { configPath: file })['prowler.sh'] ?? '');
    const ended = await run('sh', ['prowler.sh', '--output-formats', 'csv'], { cwd: at, env: { PATH } });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const seen = (await run('cat', ['seen'], { cwd: at })).stdout;
    expect(seen).toBe(`m365\n--sp-env-auth\n--output-formats\ncsv\n${clientId}\n${hostileSecret}\n`);
  });

  it('a workflow writes the file out for itself alone, and looks', async () => {
    const { at, PATH } = await standIn('npx');
    const workflow = parseYaml(madeBy('github-schedule')['reporting-credential.yml'] ?? '');
    const [step] = listOf(fieldsOf(fieldsOf(fieldsOf(workflow)['jobs'])['look'])['steps']);
    const ended = await run('bash', ['-e', '-c', String(step?.['run'])], {
      cwd: at,
      env: { PATH, REPORTING_CONFIG: '{"a": "%s\\n"}' },
    });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const listed = await run('sh', ['-c', 'stat -c %a reporting-setup.json; cat reporting-setup.json seen'], {
      cwd: at,
    });
    expect(listed.stdout).toMatch(/^600\n\{"a": "%s\\n"\}--yes\nreporting-setup\nverify\n/);
  });
});
