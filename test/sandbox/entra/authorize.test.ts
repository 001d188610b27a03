import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import type { SandboxReply } from '../../../src/sandbox/world.ts';
import {
  applicationOf,
  azureCli,
  type Bench,
  bodyOf,
  claimsOf,
  createBench,
  graphTools,
  press,
  principalOf,
  refusalOf,
  withSecret,
} from './helper.ts';

const redirectUri = 'http://localhost:51234';
const verifier = 'a-code-verifier-of-at-least-forty-three-characters';
const challenge = createHash('sha256').update(verifier).digest('base64url');

let bench: Bench;

beforeEach(() => {
  bench = createBench();
});

function path(change: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: azureCli,
    response_type: 'code',
    redirect_uri: redirectUri,
    response_mode: 'query',
    scope: `${bench.world.origin}/.default openid profile offline_access`,
    state: 'a state & more',
    nonce: 'a nonce',
    prompt: 'select_account',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...change,
  });
  return `/organizations/oauth2/v2.0/authorize?${query}`;
}

function answerOf(reply: SandboxReply): URLSearchParams {
  expect(reply.status).toBe(302);
  return new URL(reply.headers['location'] ?? '').searchParams;
}

async function pick(person: string, change: Record<string, string> = {}): Promise<SandboxReply> {
  return press(bench, await bench.get(path(change)), { user: personId(person) });
}

function redeem(code: string | null, change: Record<string, string> = {}): Promise<SandboxReply> {
  return bench.post('/organizations/oauth2/v2.0/token', {
    grant_type: 'authorization_code',
    client_id: azureCli,
    code: code ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_info: '1',
    ...change,
  });
}

describe('the sign-in page', () => {
  it('lists everybody, needs no scripts, and loads nothing', async () => {
    const page = await bench.get(path());
    expect(page.status).toBe(200);
    for (const { displayName } of bench.world.tenant.users) expect(page.body).toContain(displayName);
    expect(page.body).not.toContain('<script');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; .*form-action 'self' http:\/\/localhost:51234; .*frame-ancestors 'none'$/,
    );
  });

  it('escapes what the tenant and the client put on it', async () => {
    const [user] = bench.world.tenant.users;
    if (user !== undefined) user.displayName = '<img src=x onerror="alert(1)">&\'';
    const page = await bench.get(path({ login_hint: '"><script>' }));
    expect(page.body).not.toContain('<img');
    expect(page.body).not.toContain('"><script>');
    expect(page.body).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;');
    const refused = await bench.get(path({ redirect_uri: 'http://localhost/"><script>alert(1)</script>' }));
    expect(refused.status).toBe(400);
    expect(refused.body).not.toContain('<script>alert');
  });

  it('shows the hinted account first', async () => {
    const page = await bench.get(path({ login_hint: 'Nora@contoso.com' }));
    expect(page.body.indexOf('Nora NoRoles')).toBeLessThan(page.body.indexOf('Ada Admin'));
  });

  it('redirects with code, state and session_state', async () => {
    const reply = await pick('ada');
    expect(reply.headers['location']).toMatch(/^http:\/\/localhost:51234\/\?code=/);
    const answer = answerOf(reply);
    expect([...answer.keys()].sort()).toEqual(['code', 'session_state', 'state']);
    expect(answer.get('state')).toBe('a state & more');
    expect(bench.issued.has(answer.get('code') ?? '')).toBe(true);
  });

  it('takes each form once', async () => {
    const page = await bench.get(path());
    await press(bench, page, { user: personId('ada') });
    const again = await press(bench, page, { user: personId('ada') });
    expect(again.status).toBe(400);
    expect(again.body).toContain('no longer valid');
    const forged = await bench.post('/organizations/oauth2/v2.0/authorize', {
      flow: 'x',
      user: personId('ada'),
    });
    expect(forged.status).toBe(400);
  });

  it('forgets a page after a while', async () => {
    const page = await bench.get(path());
    bench.advance(16 * 60_000);
    expect((await press(bench, page, { user: personId('ada') })).status).toBe(400);
  });

  it('refuses a disabled account with a way back', async () => {
    const refused = await pick('dana');
    expect(refused.body).toContain('AADSTS50057');
    const back = await press(bench, refused, {});
    expect(back.body).toContain('Ada Admin');
    expect(answerOf(await press(bench, back, { user: personId('gus') })).has('code')).toBe(true);
  });

  it('answers in the fragment and by form post', async () => {
    const fragment = await pick('ada', { response_mode: 'fragment' });
    expect(fragment.headers['location']).toMatch(/^http:\/\/localhost:51234\/#code=.*state=a\+state/);
    const form = await pick('ada', { response_mode: 'form_post' });
    expect(form.status).toBe(200);
    expect(form.body).toContain(`<form method="post" action="${redirectUri}">`);
    expect(form.body).toContain('name="state" value="a state &amp; more"');
  });
});

describe('what is wrong with a request', () => {
  it.each([
    ['no client', { client_id: '' }, 'AADSTS900144'],
    ['an unknown client', { client_id: '11111111-2222-4333-8444-555555555555' }, 'AADSTS700016'],
    ['no address', { redirect_uri: '' }, 'AADSTS900971'],
    ['another host', { redirect_uri: 'http://evil.example' }, 'AADSTS50011'],
    ['another path', { redirect_uri: 'http://localhost:51234/callback' }, 'AADSTS50011'],
    ['https', { redirect_uri: 'https://localhost:51234' }, 'AADSTS50011'],
    ['a name in the address', { redirect_uri: 'http://localhost@evil.example' }, 'AADSTS50011'],
  ])('stays on a page: %s', async (_name, change, text) => {
    const reply = await bench.get(path(change));
    expect(reply.status).toBe(400);
    expect(reply.headers['content-type']).toMatch('text/html');
    expect(reply.headers['location']).toBeUndefined();
    expect(reply.body).toContain(text);
  });

  it.each([
    ['another response type', { response_type: 'token' }, 'unsupported_response_type', 'AADSTS70005'],
    ['another response mode', { response_mode: 'web_message' }, 'invalid_request', 'AADSTS70007'],
    ['no scope', { scope: '' }, 'invalid_request', 'AADSTS900144'],
    ['a short challenge', { code_challenge: 'abc' }, 'invalid_request', 'AADSTS501491'],
    ['another challenge method', { code_challenge_method: 'S512' }, 'invalid_request', 'AADSTS90100'],
    ['an unknown API', { scope: 'https://nothing.example/.default' }, 'invalid_resource', 'AADSTS500011'],
    ['nobody signed in', { prompt: 'none' }, 'login_required', 'AADSTS50058'],
  ])('is told to the application: %s', async (_name, change, error, text) => {
    const answer = answerOf(await bench.get(path(change)));
    expect(answer.get('error')).toBe(error);
    expect(answer.get('error_description')).toMatch(text);
    expect(answer.get('state')).toBe('a state & more');
  });

  it('refuses the Azure CLI what it is not pre-authorised for', async () => {
    const answer = answerOf(await pick('ada', { scope: 'RoleManagement.Read.Directory' }));
    expect(answer.get('error_description')).toMatch(/^AADSTS65002/);
  });
});

describe('redeeming a code', () => {
  it('gives every token that was asked for', async () => {
    const code = answerOf(await pick('rita')).get('code');
    const body = bodyOf(await redeem(code));
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
    expect(String(body['scope']).split(' ')).toEqual(
      expect.arrayContaining(['openid', 'profile', `${bench.world.origin}/AuditLog.Read.All`]),
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
    expect(info).toEqual({ uid: personId('rita'), utid: bench.world.tenant.id });
    for (const name of ['access_token', 'refresh_token', 'id_token']) {
      expect(bench.issued.has(String(body[name]))).toBe(true);
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
    bench.advance(600_000);
    expect(refusalOf(await redeem(code))).toBe('400 invalid_grant 70008');
  });

  it('needs the secret of a web application', async () => {
    const { appId, secret } = withSecret(bench);
    const application = applicationOf(bench, 'Sandbox automation');
    application.properties['web'] = { redirectUris: ['https://app.example/back'] };
    application.requiredResourceAccess = [];
    const asked = { client_id: appId, redirect_uri: 'https://app.example/back', scope: 'User.Read' };
    const query = path(asked).replace('/organizations/', '/contoso.com/');
    const consent = await press(bench, await bench.get(query), { user: personId('nora') });
    const code = answerOf(await press(bench, consent, { answer: 'accept' })).get('code');
    const form = { client_id: appId, redirect_uri: 'https://app.example/back' };
    const send = (change: Record<string, string>): Promise<SandboxReply> =>
      bench.token({
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
    return bench.token({ grant_type: 'refresh_token', client_id: azureCli, refresh_token: token, ...change });
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
    const ada = bench.world.tenant.users.find(({ id }) => id === personId('ada'));
    if (ada !== undefined) ada.accountEnabled = false;
    expect(refusalOf(await refresh(token))).toBe('400 invalid_grant 50057');
  });

  it('expire after ninety days', async () => {
    const token = await refreshToken();
    bench.advance(90 * 86_400_000);
    expect(refusalOf(await refresh(token))).toBe('400 invalid_grant 700082');
  });
});

describe('consent', () => {
  const asked = { client_id: graphTools, scope: 'AuditLog.Read.All User.Read openid offline_access' };

  it('is asked once, for the person', async () => {
    const page = await pick('ada', asked);
    expect(page.body).toContain('Read all audit log data');
    const code = answerOf(await press(bench, page, { answer: 'accept' })).get('code');
    const body = bodyOf(await redeem(code, { client_id: graphTools }));
    expect(claimsOf(body['access_token'])['scp']).toBe('AuditLog.Read.All User.Read openid');
    expect(String(body['scope'])).toBe('openid AuditLog.Read.All User.Read');
    expect(bench.world.tenant.oauth2PermissionGrants).toMatchObject([
      {
        clientId: principalOf(bench, graphTools).id,
        consentType: 'Principal',
        principalId: personId('ada'),
        scope: 'AuditLog.Read.All User.Read',
      },
    ]);
    expect(answerOf(await pick('ada', asked)).has('code')).toBe(true);
  });

  it('may be given for everybody by an administrator', async () => {
    await press(bench, await pick('ada', asked), { answer: 'accept', organisation: 'yes' });
    expect(bench.world.tenant.oauth2PermissionGrants[0]).toMatchObject({
      consentType: 'AllPrincipals',
      principalId: null,
    });
    expect(answerOf(await pick('nora', asked)).has('code')).toBe(true);
  });

  it('may be declined', async () => {
    const answer = answerOf(await press(bench, await pick('ada', asked), { answer: 'decline' }));
    expect(answer.get('error')).toBe('access_denied');
    expect(answer.get('error_description')).toMatch(/^AADSTS65004/);
    expect(bench.world.tenant.oauth2PermissionGrants).toEqual([]);
  });

  it('is refused to those who may not give it, with the way back to the application', async () => {
    const page = await pick('nora', asked);
    expect(page.body).toContain('Need admin approval');
    const answer = answerOf(await press(bench, page, {}));
    expect(answer.get('error')).toBe('access_denied');
    expect(answer.get('error_description')).toMatch(/^AADSTS90094: The grant requires admin permission\./);
  });

  it('lets everybody consent to what concerns only him, without the choice for everybody', async () => {
    const page = await pick('nora', { ...asked, scope: 'User.Read' });
    expect(page.body).not.toContain('on behalf of your organization');
    const reply = await press(bench, page, { answer: 'accept', organisation: 'yes' });
    expect(answerOf(reply).has('code')).toBe(true);
    expect(bench.world.tenant.oauth2PermissionGrants[0]?.principalId).toBe(personId('nora'));
  });

  it('cannot be given to what the API does not publish', async () => {
    const answer = answerOf(await pick('ada', { ...asked, scope: 'Nothing.Read' }));
    expect(answer.get('error_description')).toMatch(/^AADSTS650053/);
  });
});

describe('a sandbox that approves by itself', () => {
  it('redirects at once, and consents where the person may', async () => {
    bench = createBench({ autoApprove: 'ada' });
    expect(answerOf(await bench.get(path())).has('code')).toBe(true);
    const tools = { client_id: graphTools, scope: 'AuditLog.Read.All' };
    expect(answerOf(await bench.get(path(tools))).has('code')).toBe(true);
    bench = createBench({ autoApprove: 'nora' });
    expect(answerOf(await bench.get(path(tools))).get('error_description')).toMatch(/^AADSTS90094/);
    bench = createBench({ autoApprove: 'dana' });
    expect(answerOf(await bench.get(path())).get('error_description')).toMatch(/^AADSTS50057/);
  });
});
