import fc from 'fast-check';
import { expect, it } from 'vitest';
import { handleEntra } from '../../../src/sandbox/entra/index.ts';
import { applicationOf, azureCli, createFixture, refusalOf } from './helper.ts';

const fixture = createFixture();
const { appId } = applicationOf(fixture, 'Sandbox automation');

const paths = [
  '/common/discovery/instance',
  '/devicelogin',
  '/error',
  ...[
    ...['v2.0/.well-known/openid-configuration', '.well-known/openid-configuration', 'discovery/v2.0/keys'],
    ...['oauth2/v2.0/authorize', 'oauth2/v2.0/devicecode', 'oauth2/deviceauth', 'oauth2/v2.0/token'],
    ...['oauth2/token', 'oauth2/v2.0/logout', 'adminconsent'],
  ].flatMap((rest) =>
    ['contoso.com', 'common', 'consumers', '%zz', 'a%2Fb'].map((tenant) => `/${tenant}/${rest}`),
  ),
];
const names = [
  ...[
    'client_id',
    'scope',
    'redirect_uri',
    'response_type',
    'response_mode',
    'state',
    'nonce',
    'prompt',
    'flow',
  ],
  ...[
    'code',
    'code_verifier',
    'code_challenge',
    'code_challenge_method',
    'grant_type',
    'client_secret',
    'user',
  ],
  ...[
    'client_assertion',
    'client_assertion_type',
    'device_code',
    'refresh_token',
    'claims',
    'resource',
    'username',
  ],
  ...['password', 'authorization_endpoint', 'api-version', 'login_hint', 'answer'],
];
const values = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    ...[
      azureCli,
      appId,
      'http://localhost',
      'code',
      'S256',
      'authorization_code',
      'refresh_token',
      'password',
    ],
    ...[
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
      '/.default',
      '//',
      'null',
      '[]',
      '{}',
    ],
    ...[
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      'https://graph.microsoft.com/.default openid',
    ],
  ),
);
const parameters = fc.dictionary(fc.constantFrom(...names), values);

it('answers whatever comes, and never with markup that the client wrote', async () => {
  const requests = fc.record({ path: fc.constantFrom(...paths), query: parameters, form: parameters });
  await fc.assert(
    fc.asyncProperty(
      requests,
      fc.constantFrom('GET', 'POST', 'DELETE'),
      async ({ path, query, form }, method) => {
        const url = new URL(`${path}?${new URLSearchParams(query)}`, fixture.world.origin);
        const headers = {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${form['code']}`,
        };
        const marked = { ...form, state: '<b>mark', login_hint: '"><b>mark' };
        const body = new URLSearchParams(marked).toString();
        const reply = await handleEntra(fixture.entra, { method, url, headers, body });
        expect(reply?.status).toSatisfy((status: number) => [200, 302, 400, 401, 403].includes(status));
        expect(reply?.body).not.toContain('<b>mark');
      },
    ),
    { numRuns: 400 },
  );
});

it.each([
  ['a number as issuer', { iss: 5 }],
  ['a list as subject', { iss: appId, sub: [] }],
  ['words as times', { iss: 'x', exp: 'tomorrow', nbf: {} }],
  ['times beyond any calendar', { iss: 'x', exp: 1e300, nbf: 1e300 }],
  ['nothing', {}],
])('refuses an assertion with %s', async (_name, claims) => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const reply = await fixture.token({
    grant_type: 'client_credentials',
    client_id: appId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${encode({ alg: 'RS256', x5t: 5 })}.${encode(claims)}.eA`,
    scope: 'https://graph.microsoft.com/.default',
  });
  expect(refusalOf(reply)).toMatch(/^401 invalid_client (50027|700211)$/);
});
