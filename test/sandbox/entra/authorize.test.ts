import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { answerOf, redirectUri, signInSteps } from './authorize-helpers.ts';
import { createFixture, type Fixture, graphTools, press } from './helper.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = createFixture();
});

const { path, pick } = signInSteps(() => fixture);

describe('the sign-in page', () => {
  it('lists everybody, needs no scripts, and loads nothing', async () => {
    const page = await fixture.get(path());
    expect(page.status).toBe(200);
    for (const { displayName } of fixture.world.tenant.users) expect(page.body).toContain(displayName);
    expect(page.body).not.toContain('<script');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; .*form-action 'self' http:\/\/localhost:51234; .*frame-ancestors 'none'$/,
    );
  });

  it('escapes what the tenant and the client put on it', async () => {
    const [user] = fixture.world.tenant.users;
    if (user !== undefined) user.displayName = '<img src=x onerror="alert(1)">&\'';
    const page = await fixture.get(path({ login_hint: '"><script>' }));
    expect(page.body).not.toContain('<img');
    expect(page.body).not.toContain('"><script>');
    expect(page.body).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;');
    const refused = await fixture.get(path({ redirect_uri: 'http://localhost/"><script>alert(1)</script>' }));
    expect(refused.status).toBe(400);
    expect(refused.body).not.toContain('<script>alert');
  });

  it('shows the hinted account first', async () => {
    const page = await fixture.get(path({ login_hint: 'Nora@contoso.com' }));
    expect(page.body.indexOf('Nora NoRoles')).toBeLessThan(page.body.indexOf('Ada Admin'));
  });

  it('redirects with code, state and session_state', async () => {
    const reply = await pick('ada');
    expect(reply.headers['location']).toMatch(/^http:\/\/localhost:51234\/\?code=/);
    const answer = answerOf(reply);
    expect([...answer.keys()].sort()).toEqual(['code', 'session_state', 'state']);
    expect(answer.get('state')).toBe('a state & more');
    expect(fixture.issued.has(answer.get('code') ?? '')).toBe(true);
  });

  it('takes each form once', async () => {
    const page = await fixture.get(path());
    await press(fixture, page, { user: personId('ada') });
    const again = await press(fixture, page, { user: personId('ada') });
    expect(again.status).toBe(400);
    expect(again.body).toContain('no longer valid');
    const forged = await fixture.post('/organizations/oauth2/v2.0/authorize', {
      flow: 'x',
      user: personId('ada'),
    });
    expect(forged.status).toBe(400);
  });

  it('forgets a page after a while', async () => {
    const page = await fixture.get(path());
    fixture.advance(16 * 60_000);
    expect((await press(fixture, page, { user: personId('ada') })).status).toBe(400);
  });

  it('refuses a disabled account with a way back', async () => {
    const refused = await pick('dana');
    expect(refused.body).toContain('AADSTS50057');
    const back = await press(fixture, refused, {});
    expect(back.body).toContain('Ada Admin');
    expect(answerOf(await press(fixture, back, { user: personId('gus') })).has('code')).toBe(true);
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
    const reply = await fixture.get(path(change));
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
    const answer = answerOf(await fixture.get(path(change)));
    expect(answer.get('error')).toBe(error);
    expect(answer.get('error_description')).toMatch(text);
    expect(answer.get('state')).toBe('a state & more');
  });

  it('refuses the Azure CLI what it is not pre-authorised for', async () => {
    const answer = answerOf(await pick('ada', { scope: 'RoleManagement.Read.Directory' }));
    expect(answer.get('error_description')).toMatch(/^AADSTS65002/);
  });
});

describe('a sandbox that approves by itself', () => {
  it('redirects at once, and consents where the person may', async () => {
    fixture = createFixture({ autoApprove: 'ada' });
    expect(answerOf(await fixture.get(path())).has('code')).toBe(true);
    const tools = { client_id: graphTools, scope: 'AuditLog.Read.All' };
    expect(answerOf(await fixture.get(path(tools))).has('code')).toBe(true);
    fixture = createFixture({ autoApprove: 'nora' });
    expect(answerOf(await fixture.get(path(tools))).get('error_description')).toMatch(/^AADSTS90094/);
    fixture = createFixture({ autoApprove: 'dana' });
    expect(answerOf(await fixture.get(path())).get('error_description')).toMatch(/^AADSTS50057/);
  });
});
