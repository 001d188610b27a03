import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import type { SandboxReply } from '../../../src/sandbox/world.ts';
import { answerOf, signInSteps, verifier } from './authorize-helpers.ts';
import {
  applicationOf,
  azureCli,
  bodyOf,
  claimsOf,
  createFixture,
  type Fixture,
  graphTools,
  press,
  refusalOf,
  withSecret,
} from './helper.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = createFixture();
});

const { path, pick, redeem } = signInSteps(() => fixture);

describe('redeeming a code', () => {
  it('gives every token that was asked for', async () => {
    const code = answerOf(await pick('rita')).get('code');
    const body = bodyOf(await redeem(code));
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
    expect(String(body['scope']).split(' ')).toEqual(
      expect.arrayContaining(['openid', 'profile', `${fixture.world.origin}/AuditLog.Read.All`]),
    );
    const access = claimsOf(body['access_token']);
    expect(access).toMatchObject({
      idtyp: 'user',
      oid: personId('rita'),
      appidacr: '0',
      upn: 'rita@contoso.com',
    });
    expect(String(access['scp']).split(' ')).toContain('Directory.AccessAsUser.All');
    expect(access['wids']).toContain('5d6b6bb7-de71-4623-b4af-96380a352509');
    expect(access['roles']).toBeUndefined();
    expect(claimsOf(body['id_token'])).toMatchObject({ aud: azureCli, nonce: 'a nonce', ver: '2.0' });
    const info = JSON.parse(Buffer.from(String(body['client_info']), 'base64url').toString());
    expect(info).toEqual({ uid: personId('rita'), utid: fixture.world.tenant.id });
    for (const name of ['access_token', 'refresh_token', 'id_token']) {
      expect(fixture.issued.has(String(body[name]))).toBe(true);
    }
  });

  it('gives neither refresh nor id token unasked', async () => {
    const code = answerOf(await pick('ada', { scope: 'https://graph.microsoft.com/.default' })).get('code');
    const body = bodyOf(await redeem(code, { client_info: '' }));
    expect(Object.keys(body).sort()).toEqual([
      'access_token',
      'expires_in',
      'ext_expires_in',
      'scope',
      'token_type',
    ]);
  });

  it('works once', async () => {
    const code = answerOf(await pick('ada')).get('code');
    expect((await redeem(code)).status).toBe(200);
    expect(refusalOf(await redeem(code))).toBe('400 invalid_grant 54005');
  });

  it.each([
    ['another verifier', { code_verifier: `${verifier}x` }, '400 invalid_grant 501481'],
    ['no verifier', { code_verifier: '' }, '400 invalid_grant 501481'],
    ['another address', { redirect_uri: 'http://localhost:51235' }, '401 invalid_client 500112'],
    ['another client', { client_id: graphTools }, '400 invalid_grant 70000'],
    ['another code', { code: 'x' }, '400 invalid_grant 70000'],
    ['a secret', { client_secret: 'x' }, '401 invalid_client 700025'],
  ])('fails with %s', async (_name, change, expected) => {
    const code = answerOf(await pick('ada')).get('code');
    expect(refusalOf(await redeem(code, change))).toBe(expected);
  });

  it('fails after ten minutes', async () => {
    const code = answerOf(await pick('ada')).get('code');
    fixture.advance(600_000);
    expect(refusalOf(await redeem(code))).toBe('400 invalid_grant 70008');
  });

  it('needs the secret of a web application', async () => {
    const { appId, secret } = withSecret(fixture);
    const application = applicationOf(fixture, 'Sandbox automation');
    application.properties['web'] = { redirectUris: ['https://app.example/back'] };
    application.requiredResourceAccess = [];
    const asked = { client_id: appId, redirect_uri: 'https://app.example/back', scope: 'User.Read' };
    const query = path(asked).replace('/organizations/', '/contoso.com/');
    const consent = await press(fixture, await fixture.get(query), { user: personId('nora') });
    const code = answerOf(await press(fixture, consent, { answer: 'accept' })).get('code');
    const form = { client_id: appId, redirect_uri: 'https://app.example/back' };
    const send = (change: Record<string, string>): Promise<SandboxReply> =>
      fixture.token({
        grant_type: 'authorization_code',
        code: code ?? '',
        code_verifier: verifier,
        ...form,
        ...change,
      });
    expect(refusalOf(await send({}))).toBe('401 invalid_client 7000218');
    const body = bodyOf(await send({ client_secret: secret }));
    expect(claimsOf(body['access_token'])).toMatchObject({ scp: 'User.Read', appidacr: '1' });
  });
});

describe('refresh tokens', () => {
  async function refreshToken(): Promise<string> {
    return String(bodyOf(await redeem(answerOf(await pick('ada')).get('code')))['refresh_token']);
  }

  function refresh(token: string, change: Record<string, string> = {}): Promise<SandboxReply> {
    return fixture.token({
      grant_type: 'refresh_token',
      client_id: azureCli,
      refresh_token: token,
      ...change,
    });
  }

  it('give new tokens, also for another API', async () => {
    const token = await refreshToken();
    expect(bodyOf(await refresh(token))).toHaveProperty('refresh_token');
    const scope = 'https://management.core.windows.net//.default openid offline_access';
    const body = bodyOf(await refresh(token, { scope }));
    expect(claimsOf(body['access_token'])['aud']).toBe('https://management.core.windows.net/');
    expect(body['scope']).toContain('https://management.core.windows.net//.default');
  });

  it('serve their own client and an existing, enabled person', async () => {
    const token = await refreshToken();
    expect(refusalOf(await refresh(token, { client_id: graphTools }))).toBe('400 invalid_grant 70000');
    expect(refusalOf(await refresh('x'))).toBe('400 invalid_grant 70000');
    const ada = fixture.world.tenant.users.find(({ id }) => id === personId('ada'));
    if (ada !== undefined) ada.accountEnabled = false;
    expect(refusalOf(await refresh(token))).toBe('400 invalid_grant 50057');
  });

  it('expire after ninety days', async () => {
    const token = await refreshToken();
    fixture.advance(90 * 86_400_000);
    expect(refusalOf(await refresh(token))).toBe('400 invalid_grant 700082');
  });
});
