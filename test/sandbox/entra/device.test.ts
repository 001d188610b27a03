import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import type { SandboxReply } from '../../../src/sandbox/world.ts';
import {
  azureCli,
  bodyOf,
  claimsOf,
  createFixture,
  type Fixture,
  type FixtureOptions,
  graphTools,
  press,
  refusalOf,
} from './helper.ts';

const scope = 'https://graph.microsoft.com/.default openid offline_access';

let fixture: Fixture;
let deviceCode: string;
let userCode: string;

async function begin(
  options: FixtureOptions = {},
  change: Record<string, string> = {},
): Promise<SandboxReply> {
  fixture = createFixture(options);
  const reply = await fixture.post('/organizations/oauth2/v2.0/devicecode', {
    client_id: azureCli,
    scope,
    ...change,
  });
  deviceCode = String(bodyOf(reply)['device_code']);
  userCode = String(bodyOf(reply)['user_code']);
  return reply;
}

function poll(change: Record<string, string> = {}): Promise<SandboxReply> {
  return fixture.post('/organizations/oauth2/v2.0/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: azureCli,
    device_code: deviceCode,
    ...change,
  });
}

async function enter(code: string): Promise<SandboxReply> {
  const short = await fixture.get('/devicelogin');
  return press(fixture, await fixture.get(short.headers['location'] ?? ''), { code });
}

async function pick(person: string): Promise<SandboxReply> {
  return press(fixture, await enter(userCode), { user: personId(person) });
}

beforeEach(async () => {
  await begin();
});

describe('the device code flow', () => {
  it('shows a code and where to enter it', async () => {
    const body = bodyOf(await begin());
    expect(body).toMatchObject({
      expires_in: 900,
      interval: 5,
      verification_uri: `${fixture.world.origin}/devicelogin`,
    });
    expect(userCode).toMatch(/^[A-Z0-9]{9}$/);
    expect(body['message']).toContain(userCode);
    expect(fixture.issued.has(deviceCode)).toBe(true);
  });

  it('is pending until a person approves, then gives tokens once', async () => {
    expect(refusalOf(await poll())).toBe('400 authorization_pending 70016');
    const page = await pick('ada');
    expect(page.body).toContain('Are you trying to sign in to');
    expect(refusalOf(await poll())).toBe('400 authorization_pending 70016');
    expect((await press(fixture, page, { answer: 'accept' })).body).toContain('You have signed in');
    const body = bodyOf(await poll());
    expect(claimsOf(body['access_token'])['oid']).toBe(personId('ada'));
    expect(body).toHaveProperty('refresh_token');
    expect(refusalOf(await poll())).toBe('400 invalid_grant 70018');
  });

  it('ends when the person declines', async () => {
    await press(fixture, await pick('ada'), { answer: 'decline' });
    expect(refusalOf(await poll())).toBe('400 authorization_declined 65004');
  });

  it('knows only its codes, however they are typed', async () => {
    const wrong = await enter('XXXXXXXXX');
    expect(wrong.body).toContain('That code didn&#39;t work');
    const typed = `${userCode.slice(0, 4).toLowerCase()} ${userCode.slice(4)}`;
    expect((await press(fixture, wrong, { code: typed })).body).toContain('Pick an account');
    expect(refusalOf(await poll({ device_code: 'x' }))).toBe('400 bad_verification_code 70018');
    expect(refusalOf(await poll({ client_id: graphTools }))).toBe('400 bad_verification_code 70018');
  });

  it('expires', async () => {
    const page = await pick('ada');
    fixture.advance(900_000);
    expect(refusalOf(await poll())).toBe('400 expired_token 70020');
    expect((await enter(userCode)).body).toContain('That code didn&#39;t work');
    expect((await press(fixture, page, { answer: 'accept' })).body).not.toContain('You have signed in');
  });

  it('takes one answer only', async () => {
    const [first, second] = [await pick('ada'), await pick('nora')];
    await press(fixture, first, { answer: 'accept' });
    expect((await press(fixture, second, { answer: 'accept' })).body).toContain('AADSTS90120');
    expect(claimsOf(bodyOf(await poll())['access_token'])['oid']).toBe(personId('ada'));
  });

  it('asks for consent, and refuses who may not give it', async () => {
    const change = { client_id: graphTools, scope: 'AuditLog.Read.All' };
    await begin({}, change);
    const page = await pick('ada');
    expect(page.body).toContain('Read all audit log data');
    await press(fixture, page, { answer: 'accept' });
    expect(claimsOf(bodyOf(await poll(change))['access_token'])['scp']).toBe('AuditLog.Read.All');
    await begin({}, change);
    expect((await pick('nora')).body).toContain('AADSTS90094');
    expect(refusalOf(await poll(change))).toBe('400 access_denied 90094');
  });

  it.each([
    ['no client', { client_id: '' }, '400 invalid_request 900144'],
    ['no scope', { scope: '' }, '400 invalid_request 900144'],
    ['an unknown client', { client_id: 'x' }, '400 unauthorized_client 700016'],
  ])('refuses %s', async (_name, change, expected) => {
    expect(refusalOf(await begin({}, change))).toBe(expected);
  });

  it('is not for clients that hold a credential', async () => {
    const [application] = fixture.world.tenant.applications;
    const client = { client_id: fixture.world.tenant.applications[1]?.appId ?? '' };
    expect(application).toBeDefined();
    await fixture.post('/contoso.com/oauth2/v2.0/devicecode', { ...client, scope });
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'x', ...client };
    expect(refusalOf(await fixture.token(form))).toBe('401 invalid_client 7000218');
  });
});

describe('Conditional Access against the device code flow', () => {
  const policy = '5a5b5c5d-0000-4000-8000-000000000001';

  it('refuses on the page and at the token endpoint, naming the policy', async () => {
    fixture.world.tenant.deviceCodeBlockedBy = [policy];
    expect(refusalOf(await poll())).toBe('400 authorization_pending 70016');
    expect((await pick('ada')).body).toContain('AADSTS53003');
    const reply = await poll();
    expect(refusalOf(reply)).toBe('400 invalid_grant 53003');
    expect(bodyOf(reply)['suberror']).toBe('message_only');
    expect(JSON.parse(String(bodyOf(reply)['claims']))).toEqual({
      access_token: { capolids: { essential: true, values: [policy] } },
    });
  });

  it('refuses the first poll where sign-ins are approved by themselves', async () => {
    fixture = createFixture({ autoApprove: 'ada' });
    fixture.world.tenant.deviceCodeBlockedBy = [policy];
    const reply = await fixture.post('/common/oauth2/v2.0/devicecode', { client_id: azureCli, scope });
    deviceCode = String(bodyOf(reply)['device_code']);
    expect(refusalOf(await poll())).toBe('400 invalid_grant 53003');
  });
});

it('a sandbox that approves by itself gives tokens at the first poll', async () => {
  await begin({ autoApprove: 'rita' });
  expect(claimsOf(bodyOf(await poll())['access_token'])['oid']).toBe(personId('rita'));
});
