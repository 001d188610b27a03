import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { formatEnvConfig, parseEnvConfig } from '../../src/config/config-env.ts';
import { formatJsonConfig } from '../../src/config/config-json.ts';
import { quoteEnvValue } from '../../src/config/env-lines.ts';
import { WizardError } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import { awkward, configs, mayBeSecret, reveal, sampleConfig } from './config-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-env-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The variables that a shell has after reading the file with `set -a`. */
function sourced(text: string, shell: string): Record<string, string> {
  const file = join(folder, '.env');
  writeFileSync(file, text);
  const script = 'set -a; . "$1"; exec env -0';
  const output = execFileSync(shell, ['-c', script, shell, file], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: '/home/nobody' },
  });
  return Object.fromEntries(
    output
      .split('\0')
      .filter(Boolean)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

const written = formatEnvConfig('', sampleConfig, reveal);

describe('quoting of .env values', () => {
  it('gives dotenv and shells back the same text', () => {
    const values = fc
      .sample(fc.oneof(awkward, fc.string({ unit: 'binary' }), fc.string()), { numRuns: 1500, seed: 7 })
      .filter((value) => quoteEnvValue(value) !== undefined);
    const text = values.map((value, index) => `V${index}=${quoteEnvValue(value)}\n`).join('');
    const expected = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
    expect(values.length).toBeGreaterThan(500);
    expect(parse(text)).toEqual(expected);
    expect(parse(text, { fast: true })).toEqual(expected);
    for (const shell of ['bash', 'sh']) expect(sourced(text, shell)).toMatchObject(expected);
  });

  it.each([
    ['aB3~.q_-Z', 'aB3~.q_-Z'],
    ['~home', "'~home'"],
    ['a:~b', "'a:~b'"],
    ['$HOME `id` "x" #y \\z', `'$HOME \`id\` "x" #y \\z'`],
    ["it's", '"it\'s"'],
    [' edges ', "' edges '"],
    ['', "''"],
    ['tab\there', "'tab\there'"],
  ])('%j is written as %s', (value, form) => {
    expect(quoteEnvValue(value)).toBe(form);
  });

  it.each(['a\nb', 'a\rb', 'a\0b', 'ends with \\', '\'"', "'$x", "'`", "it's \\n", '\ud800'])(
    '%j has no form',
    (value) => {
      expect(quoteEnvValue(value)).toBeUndefined();
    },
  );

  it('has a form for every value without single quotes, controls or a backslash at its end', () => {
    const good = fc
      .string({ unit: fc.constantFrom(...'abc $`"\\#~!{}=;&|<>*?') })
      .filter((v) => !v.endsWith('\\'));
    fc.assert(fc.property(good, (value) => quoteEnvValue(value) !== undefined));
  });
});

describe('the env format', () => {
  it('has the variables of EnvironmentCredential and its own', () => {
    expect(written.split('\n')).toEqual([
      'AZURE_TENANT_ID=0f8fad5b-d9cb-469f-a165-70867728950e',
      'AZURE_CLIENT_ID=7c9e6679-7425-40de-944b-e07fc1f90ae7',
      'AZURE_CLIENT_SECRET=plainly~fake.secret_value-1',
      'REPORTING_VERSION=1',
      'REPORTING_CLOUD=global',
      'REPORTING_DOMAIN=contoso.onmicrosoft.com',
      'REPORTING_CREDENTIAL_KIND=secret',
      'REPORTING_CREDENTIAL_KEY_ID=16fd2706-8baf-433b-82eb-8c7fada847da',
      "REPORTING_CREDENTIAL_NAME='Reporting API'",
      'REPORTING_CREDENTIAL_EXPIRES=2028-11-24T00:00:00Z',
      'REPORTING_APPLICATION_OBJECT_ID=886313e1-3b8a-5372-9b90-0c9aee199e5d',
      'REPORTING_APPLICATION_SERVICE_PRINCIPAL_ID=a8098c1a-f86e-11da-bd1a-00112444be1e',
      'REPORTING_APPLICATION_UNIQUE_NAME=reporting-setup',
      'REPORTING_PERMISSIONS=AuditLog.Read.All,Directory.Read.All',
      '',
    ]);
  });

  it.each([
    ['usgov', 'https://login.microsoftonline.us'],
    ['usgov-dod', 'https://login.microsoftonline.us'],
    ['china', 'https://login.chinacloudapi.cn'],
  ] as const)('names the authority of %s', (cloud, authority) => {
    expect(parse(formatEnvConfig('', { ...sampleConfig, cloud }, reveal))).toMatchObject({
      AZURE_AUTHORITY_HOST: authority,
      REPORTING_CLOUD: cloud,
    });
  });

  it('reads back whatever was written, in any shell as well', () => {
    const secrets = awkward.filter((value) => mayBeSecret(value) && quoteEnvValue(value) !== undefined);
    const shells = fc.sample(configs(secrets), { numRuns: 12, seed: 3 });
    for (const config of shells) {
      const text = formatEnvConfig('', config, reveal);
      expect(sourced(text, 'bash')).toMatchObject(parse(text));
    }
    fc.assert(
      fc.property(configs(secrets), (config) => {
        const reading = parseEnvConfig(formatEnvConfig('', config, reveal));
        expect(reading).toMatchObject({ status: 'ok', format: 'env' });
        const back = reading.status === 'ok' ? formatJsonConfig(reading.config, reveal) : '';
        expect(back).toBe(formatJsonConfig(config, reveal));
      }),
    );
  });

  it('refuses a secret that no quoting carries, without showing it', () => {
    const save = () =>
      formatEnvConfig('', { ...sampleConfig, clientSecret: Secret.of(`hush'$hush`) }, reveal);
    expect(save).toThrow(WizardError);
    expect(save).toThrow(/^No .env file can hold the value of AZURE_CLIENT_SECRET\.$/);
  });

  it('names the variables of all problems', () => {
    const text = written
      .replace(/AZURE_TENANT_ID=.*/, 'AZURE_TENANT_ID=hush')
      .replace(/REPORTING_DOMAIN=.*\n/, '')
      .replace(/REPORTING_PERMISSIONS=.*/, "REPORTING_PERMISSIONS='hush hush'")
      .replace('REPORTING_CLOUD=global', 'REPORTING_CLOUD=custom\nREPORTING_GRAPH_URL=http://hush');
    expect(parseEnvConfig(text)).toEqual({
      status: 'invalid',
      problems: [
        'AZURE_TENANT_ID is not a GUID',
        'REPORTING_DOMAIN is missing',
        'AZURE_AUTHORITY_HOST is missing',
        'REPORTING_GRAPH_URL is not an https address without a path',
        'REPORTING_PERMISSIONS is not the name of a permission',
      ],
    });
  });

  it('tells what it is not: absent, newer, or of another application', () => {
    expect(parseEnvConfig('')).toEqual({ status: 'absent' });
    expect(parseEnvConfig('OTHER=1\n# AZURE_CLIENT_ID=x\nAZURE_TENANT_ID=x\n')).toEqual({ status: 'absent' });
    expect(parseEnvConfig('REPORTING_SETUP_GRAPH_URL=https://graph.test')).toEqual({ status: 'absent' });
    expect(parseEnvConfig('REPORTING_VERSION=7')).toEqual({ status: 'newer', version: 7 });
    expect(parseEnvConfig('AZURE_CLIENT_ID=x\nAZURE_CLIENT_SECRET=y')).toEqual({
      status: 'invalid',
      problems: ['it holds the credential of another application: AZURE_CLIENT_ID without REPORTING_VERSION'],
      foreign: true,
    });
    for (const name of ['AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH']) {
      expect(parseEnvConfig(`${name}=x\n`)).toMatchObject({ status: 'invalid', foreign: true });
      expect(parseEnvConfig(`${name}=\n`)).toEqual({ status: 'absent' });
    }
  });
});

describe('an existing .env file', () => {
  const certificate = {
    ...sampleConfig,
    clientSecret: undefined,
    certificatePath: '/keys/reporting.pem',
    credential: { kind: 'certificate' },
  } as const;
  const { clientSecret: _, ...withCertificate } = certificate;

  it('keeps every other line byte for byte, and its own lines in place', () => {
    const before = [
      '# settings',
      '',
      'export FOO="a b" # note',
      '  AZURE_TENANT_ID = old # mine',
      'export AZURE_CLIENT_ID=old',
      "MULTI='first",
      'AZURE_CLIENT_SECRET=inside a quote',
      "last'",
      'BAR=`x`',
      '#AZURE_CLIENT_SECRET=commented',
      'AZURE_AUTHORITY_HOST=https://login.microsoftonline.us',
      'AZURE_CLIENT_ID=again',
      'no assignment here',
      'TAIL=1',
    ].join('\n');
    const after = formatEnvConfig(before, sampleConfig, reveal).split('\n');
    expect(after.slice(0, 12)).toEqual([
      '# settings',
      '',
      'export FOO="a b" # note',
      '  AZURE_TENANT_ID=0f8fad5b-d9cb-469f-a165-70867728950e',
      'export AZURE_CLIENT_ID=7c9e6679-7425-40de-944b-e07fc1f90ae7',
      "MULTI='first",
      'AZURE_CLIENT_SECRET=inside a quote',
      "last'",
      'BAR=`x`',
      '#AZURE_CLIENT_SECRET=commented',
      'no assignment here',
      'TAIL=1',
    ]);
    expect(after[12]).toBe('AZURE_CLIENT_SECRET=plainly~fake.secret_value-1');
  });

  it.each([
    ['all others', '\ufeffAZURE_TENANT_ID=old\r\nFOO=1\r\n', '\r\n'],
    ['most others, not our own', `A=1\r\nB=2\r\nC=3\n${written}`, '\r\n'],
    ['as many of the others', 'A=1\r\nB=2\n', '\n'],
    ['our own, there being no others', written.replaceAll('\n', '\r\n'), '\r\n'],
    ['the last line, which has no end', 'A=1\r\nB=2', '\r\n'],
  ])('ends its lines on Windows as %s do', (_name, before, end) => {
    const after = formatEnvConfig(before, sampleConfig, reveal, 'win32');
    for (const key of ['AZURE_TENANT_ID', 'AZURE_CLIENT_SECRET', 'REPORTING_PERMISSIONS']) {
      expect(after).toMatch(new RegExp(`^\ufeff?${key}=[^\r\n]+${end}`, 'm'));
    }
    expect(after).toContain(before.startsWith('A=1') ? 'A=1\r\n' : '');
    expect(parseEnvConfig(after).status).toBe('ok');
    expect(formatEnvConfig(after, sampleConfig, reveal, 'win32')).toBe(after);
    expect(parse(after.replace('\ufeff', ''))['AZURE_CLIENT_SECRET']).toBe('plainly~fake.secret_value-1');
  });

  it('ends its lines elsewhere so that a shell takes no CR into a value, and leaves the others alone', () => {
    const after = formatEnvConfig('FOO=1\r\nAZURE_CLIENT_SECRET=old\r\n', sampleConfig, reveal, 'linux');
    expect(after).toMatch(/^FOO=1\r\nAZURE_CLIENT_SECRET=[^\r\n]+\n/);
    expect(after.split('\r')).toHaveLength(2);
  });

  it('is read by node --env-file, whatever the ends of its lines', () => {
    const path = join(folder, 'crlf.env');
    writeFileSync(path, formatEnvConfig('FOO=1\r\n', sampleConfig, reveal, 'win32'));
    const script =
      'const { FOO, AZURE_CLIENT_SECRET, REPORTING_PERMISSIONS } = process.env; console.log(JSON.stringify([FOO, AZURE_CLIENT_SECRET, REPORTING_PERMISSIONS]))';
    const read = execFileSync(process.execPath, [`--env-file=${path}`, '-e', script], {
      encoding: 'utf8',
      env: {},
    });
    expect(JSON.parse(read)).toEqual([
      '1',
      'plainly~fake.secret_value-1',
      'AuditLog.Read.All,Directory.Read.All',
    ]);
  });

  it('is not changed by writing the same again', () => {
    const before = `FIRST=1\n${written}LAST='2'`;
    expect(formatEnvConfig(before, sampleConfig, reveal)).toBe(before);
  });

  it('loses what the new credential does not have', () => {
    const after = formatEnvConfig(`${written}FOO=1\n`, withCertificate, reveal);
    expect(parse(after)).toMatchObject({
      AZURE_CLIENT_CERTIFICATE_PATH: '/keys/reporting.pem',
      REPORTING_CREDENTIAL_KIND: 'certificate',
      FOO: '1',
    });
    expect(after).not.toMatch(/AZURE_CLIENT_SECRET|CREDENTIAL_KEY_ID|EXPIRES/);
    const again = formatEnvConfig(after, sampleConfig, reveal);
    expect(again).not.toContain('CERTIFICATE');
    expect(parseEnvConfig(again)).toMatchObject({ status: 'ok', config: { credential: { kind: 'secret' } } });
  });

  it('refuses lines that cannot be kept: a value that begins on the line after its name', () => {
    const before = "ODD=\n'first\nAZURE_CLIENT_ID=x\nlast'\n";
    expect(() => formatEnvConfig(before, sampleConfig, reveal)).toThrow(/lines that cannot be kept/);
  });

  it('never loses a foreign variable', () => {
    const value = fc.oneof(
      fc.constantFrom('1', '', '"two words"', "'single'", '`tick`', '"a\nb"', 'x # note', "it's", '"open'),
      awkward.filter((text) => !text.includes('\n')),
    );
    const line = fc
      .tuple(
        fc.constantFrom('', 'export ', '  ', '#'),
        fc.constantFrom('FOO', 'AZURE_CLIENT_ID', 'REPORTING_CLOUD', 'B.c'),
        value,
      )
      .map(([prefix, key, text]) => `${prefix}${key}=${text}`);
    const ending = fc.constantFrom('\n', '\r\n');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), ending, (lines, newline) => {
        const before = lines.join(newline);
        let after: string;
        try {
          after = formatEnvConfig(before, sampleConfig, reveal);
        } catch (error) {
          expect(error).toBeInstanceOf(WizardError);
          return;
        }
        const foreign = ({ FOO, 'B.c': other }: Record<string, string>) => ({ FOO, other });
        expect(foreign(parse(after))).toEqual(foreign(parse(before)));
        expect(parseEnvConfig(after)).toMatchObject({
          status: 'ok',
          config: { tenantId: sampleConfig.tenantId },
        });
        expect(formatEnvConfig(after, sampleConfig, reveal)).toBe(after);
      }),
    );
  });
});
