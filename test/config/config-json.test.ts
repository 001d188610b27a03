import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJsonConfig, parseJsonConfig } from '../../src/config/config-json.ts';
import { configs, mayBeSecret, reveal, sampleConfig } from './config-data.ts';

const sample = (): Record<string, unknown> => JSON.parse(formatJsonConfig(sampleConfig, reveal));
const parse = (data: unknown) => parseJsonConfig(JSON.stringify(data));
const problemsOf = (text: string): readonly string[] => {
  const reading = parseJsonConfig(text);
  return reading.status === 'invalid' ? reading.problems : [];
};

describe('the json format', () => {
  it('is written in the documented order', () => {
    expect(Object.keys(sample())).toEqual([
      'version',
      'cloud',
      'tenantId',
      'domain',
      'clientId',
      'clientSecret',
      'credential',
      'application',
      'permissions',
    ]);
    expect(sample()['clientSecret']).toBe('plainly~fake.secret_value-1');
  });

  it('reads back whatever was written', () => {
    const oneLine = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text) && mayBeSecret(text));
    fc.assert(
      fc.property(configs(oneLine), (config) => {
        const text = formatJsonConfig(config, reveal);
        const reading = parseJsonConfig(text);
        expect(reading).toMatchObject({ status: 'ok', format: 'json' });
        if (reading.status === 'ok') expect(formatJsonConfig(reading.config, reveal)).toBe(text);
      }),
    );
  });

  it('takes a byte order mark, unknown fields and endpoints with a trailing slash', () => {
    const endpoints = { authorityHost: 'https://localhost:8443/', graphUrl: 'https://graph.test' };
    const reading = parseJsonConfig(
      `\ufeff${JSON.stringify({ ...sample(), cloud: 'custom', endpoints, later: { x: 1 } })}`,
    );
    expect(reading).toMatchObject({
      status: 'ok',
      config: { endpoints: { authorityHost: 'https://localhost:8443', graphUrl: 'https://graph.test' } },
    });
    expect(reading).not.toHaveProperty('config.later');
  });

  it('leaves the secret out where the credential is no secret', () => {
    const reading = parse({ ...sample(), credential: { kind: 'federated' } });
    expect(reading).toMatchObject({ status: 'ok', config: { credential: { kind: 'federated' } } });
    expect(reading).not.toHaveProperty('config.clientSecret');
  });

  it('knows a file of a later version', () => {
    expect(parse({ version: 2 })).toEqual({ status: 'newer', version: 2 });
    expect(parse({ ...sample(), version: '2' })).toEqual({
      status: 'invalid',
      problems: ['version is not 1'],
    });
  });
});

describe('a json file that is not right', () => {
  it('tells every problem at once', () => {
    const { credential: _, ...rest } = sample();
    expect(
      parse({
        ...rest,
        cloud: 'mars',
        tenantId: 'contoso',
        domain: 5,
        clientId: undefined,
        application: { objectId: 'x', servicePrincipalId: null },
        endpoints: { authorityHost: 'http://login.test', graphUrl: 'https://graph.test/v1.0' },
        permissions: ['two words'],
      }),
    ).toEqual({
      status: 'invalid',
      problems: [
        'cloud is not one of: global, usgov, usgov-dod, china, sandbox, custom',
        'tenantId is not a GUID',
        'domain is not a text',
        'clientId is missing',
        'credential is missing',
        'application.objectId is not a GUID',
        'application.servicePrincipalId is not a text',
        'endpoints.authorityHost is not an https address without a path',
        'endpoints.graphUrl is not an https address without a path',
        'permissions.0 is not the name of a permission',
      ],
    });
  });

  it('misses what its other fields call for', () => {
    const { clientSecret: _, ...rest } = sample();
    expect(parse({ ...rest, cloud: 'custom' })).toEqual({
      status: 'invalid',
      problems: ['clientSecret is missing', 'endpoints is missing'],
    });
    expect(parse({ ...rest, credential: { kind: 'certificate' } })).toEqual({
      status: 'invalid',
      problems: ['certificatePath is missing'],
    });
  });

  it.each(['yesterday', '2028-02-30T00:00:00Z', '24/11/2028', ''])('refuses %j as the end', (expires) => {
    expect(parse({ ...sample(), credential: { kind: 'secret', expires } })).toEqual({
      status: 'invalid',
      problems: ['credential.expires is not an ISO 8601 date'],
    });
  });

  it.each([
    ['', 'the file is empty'],
    ['[]', 'the file is not an object'],
    ['null', 'the file is not an object'],
    ['{\n  "version": 1,\n  "clientSecret": hush\n}', 'it is not JSON from line 3, column 19 on'],
    ['{"a": 1,}', 'it is not JSON from line 1, column 9 on'],
    ['{"a": "open', 'it is not JSON from line 1, column 7 on'],
    ['{"a": [1, {"b": nul', 'it is not JSON from line 1, column 17 on'],
    ['{} x', 'it is not JSON from line 1, column 4 on'],
    ['{"a" 1}', 'it is not JSON from line 1, column 6 on'],
    ['{"a": 1', 'it is not JSON from line 1, column 8 on'],
    ['{"a": 01}', 'it is not JSON from line 1, column 7 on'],
    ['[1 2]', 'it is not JSON from line 1, column 4 on'],
    ['{1: 2}', 'it is not JSON from line 1, column 2 on'],
    ['[1}', 'it is not JSON from line 1, column 3 on'],
  ])('%j: %s', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('never quotes what it holds', () => {
    const secret = 'SECRET-TEXT-OF-THIS-TEST';
    fc.assert(
      fc.property(fc.nat({ max: 900 }), fc.constantFrom('', secret, `"${secret}"`, '{', '\\'), (at, junk) => {
        const text = formatJsonConfig(sampleConfig, reveal).replaceAll(/plainly|contoso|Reporting/g, secret);
        const problems = problemsOf(text.slice(0, at) + junk + text.slice(at + 3));
        expect(problems.join()).not.toContain(secret);
      }),
    );
  });

  it('says where a cut-off file ends', () => {
    const text = formatJsonConfig(sampleConfig, reveal);
    for (let length = 1; length < text.length - 1; length += 1) {
      expect(problemsOf(text.slice(0, length))).toEqual([
        expect.stringMatching(/^it is not JSON from line \d+, column \d+ on$/),
      ]);
    }
  });
});
