import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseEnv } from 'dotenv';
import { Agent, fetch } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { fieldsOf, listOf, textsOf } from '../../../src/core/fields.ts';
import { prepared } from './prepared-world.ts';

describe('filebeat', () => {
  it('is given addresses, a scope and a filter that the sandbox answers', async () => {
    const world = await prepared();
    const inputs = listOf(parseYaml((await world.run(['connect', 'filebeat'])).stdout));
    const { sandbox } = world;
    const dispatcher = new Agent({ connect: { ca: sandbox.caCertificate } });
    onTestFinished(() => dispatcher.destroy());
    const here = (url: unknown): string => sandbox.origin + new URL(String(url)).pathname;
    for (const input of inputs) {
      const oauth = fieldsOf(fieldsOf(input['auth'])['oauth2']);
      const request = fieldsOf(input['request']);
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: String(fieldsOf(oauth['client'])['id']),
        client_secret: (await world.config()).clientSecret,
        scope: String(textsOf(oauth['scopes'])[0]).replace('https://graph.microsoft.com', sandbox.graphUrl),
      });
      const reply = await fetch(here(oauth['token_url']), { method: 'POST', body, dispatcher });
      const authorization = `Bearer ${fieldsOf(await reply.json())['access_token']}`;
      const query = new URLSearchParams();
      for (const transform of listOf(request['transforms'])) {
        const { target, value, default: first } = fieldsOf(transform['set']);
        // What stands between the brackets is a time.
        const text = String(first ?? value).replace(
          /\[\[ formatDate \(now [^\]]*"-(\d+)([hm])"[^\]]*\]\]/g,
          (_, n, unit) =>
            new Date(Date.now() - Number(n) * (unit === 'h' ? 3_600_000 : 60_000))
              .toISOString()
              .replace(/\.\d+/, ''),
        );
        query.set(String(target).replace('url.params.', ''), text);
      }
      expect(query.toString()).not.toContain('%5B');
      const page = await fetch(`${here(request['url'])}?${query}`, {
        headers: { authorization },
        dispatcher,
      });
      expect(page.status, query.toString()).toBe(200);
      expect(listOf(fieldsOf(await page.json())['value']).length).toBeGreaterThan(0);
    }
  });
});

describe('azure-sdk', () => {
  it('merges into a .env file, with which verify proves the credential', async () => {
    const world = await prepared();
    await writeFile(join(world.folder, '.env'), '# mine\nPORT=8080\n', { mode: 0o600 });
    const { code, stderr } = await world.run(['connect', 'azure-sdk', '--output', '.env']);
    expect(code, stderr).toBe(0);
    const text = await world.read('.env');
    const { clientSecret, clientId } = await world.config();
    expect(text.split('\n').slice(0, 3)).toEqual(['# SANDBOX: of use nowhere else.', '# mine', 'PORT=8080']);
    expect(parseEnv(text)).toMatchObject({ AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret });
    expect((await world.run(['verify', '--sandbox', '--config', '.env'])).code).toBe(0);
    expect((await world.run(['connect', 'azure-sdk', '--output', '.env'])).code).toBe(0);
    expect(await world.read('.env')).toBe(text);
  });

  it('leaves the credential of another application alone', async () => {
    const world = await prepared();
    const other = 'AZURE_TENANT_ID=a\nAZURE_CLIENT_ID=b\nAZURE_CLIENT_SECRET=plainly-not-a-secret\n';
    await writeFile(join(world.folder, '.env'), other);
    expect((await world.run(['connect', 'azure-sdk', '--output', '.env'])).code).toBe(2);
    expect(await world.read('.env')).toBe(other);
  });

  it('names the key of a certificate by its full path', async () => {
    const world = await prepared('--credential', 'certificate');
    await mkdir(join(world.folder, 'app'));
    const { code, stderr } = await world.run(['connect', 'azure-sdk', '--output', 'app/.env']);
    expect(code, stderr).toBe(0);
    expect(parseEnv(await world.read('app/.env'))['AZURE_CLIENT_CERTIFICATE_PATH']).toBe(
      join(world.folder, 'reporting-setup.pem'),
    );
    expect((await world.run(['verify', '--sandbox', '--config', 'app/.env'])).code).toBe(0);
  });
});

describe('diagnostic-settings', () => {
  const workspace =
    '/subscriptions/00000000-1111-4222-8333-444444444444/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/w';

  it('says which options give a destination', async () => {
    const world = await prepared();
    const { code, stderr } = await world.run(['connect', 'diagnostic-settings']);
    expect(code).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toContain('--workspace, --event-hub-rule or --storage-account');
  });

  it('makes the request, with the lines of az that send it and take it away', async () => {
    const world = await prepared();
    const argv = ['connect', 'diagnostic-settings', '--workspace', workspace, '--category', 'AuditLogs'];
    const { code, stdout, stderr } = await world.run(argv);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      properties: { workspaceId: workspace, logs: [{ category: 'AuditLogs', enabled: true }] },
    });
    expect(stderr).toContain(
      "az rest --method put --url '/providers/microsoft.aadiam/diagnosticSettings/reporting-setup?api-version=2017-04-01' --body @diagnostic-settings.json",
    );
    expect(await world.config()).not.toHaveProperty('connected');
  });

  it('asks a person for the destination', async () => {
    const world = await prepared();
    const { code, stdout, stderr } = await world.run(['connect', 'diagnostic-settings'], {
      keys: [
        ['Where the logs are to go', '\r'],
        ['Its resource ID', `${workspace}\r`],
      ],
    });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(workspace);
  });
});
