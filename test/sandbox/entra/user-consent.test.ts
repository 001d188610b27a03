import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { answerOf, signInSteps } from './authorize-helpers.ts';
import { bodyOf, claimsOf, createFixture, type Fixture, graphTools, press, principalOf } from './helper.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = createFixture();
});

const { pick, redeem } = signInSteps(() => fixture);

describe('consent', () => {
  const asked = { client_id: graphTools, scope: 'AuditLog.Read.All User.Read openid offline_access' };

  it('is asked once, for the person', async () => {
    const page = await pick('ada', asked);
    expect(page.body).toContain('Read all audit log data');
    const code = answerOf(await press(fixture, page, { answer: 'accept' })).get('code');
    const body = bodyOf(await redeem(code, { client_id: graphTools }));
    expect(claimsOf(body['access_token'])['scp']).toBe('AuditLog.Read.All User.Read openid');
    expect(String(body['scope'])).toBe('openid AuditLog.Read.All User.Read');
    expect(fixture.world.tenant.oauth2PermissionGrants).toMatchObject([
      {
        clientId: principalOf(fixture, graphTools).id,
        consentType: 'Principal',
        principalId: personId('ada'),
        scope: 'AuditLog.Read.All User.Read',
      },
    ]);
    expect(answerOf(await pick('ada', asked)).has('code')).toBe(true);
  });

  it('may be given for everybody by an administrator', async () => {
    await press(fixture, await pick('ada', asked), { answer: 'accept', organisation: 'yes' });
    expect(fixture.world.tenant.oauth2PermissionGrants[0]).toMatchObject({
      consentType: 'AllPrincipals',
      principalId: null,
    });
    expect(answerOf(await pick('nora', asked)).has('code')).toBe(true);
  });

  it('may be declined', async () => {
    const answer = answerOf(await press(fixture, await pick('ada', asked), { answer: 'decline' }));
    expect(answer.get('error')).toBe('access_denied');
    expect(answer.get('error_description')).toMatch(/^AADSTS65004/);
    expect(fixture.world.tenant.oauth2PermissionGrants).toEqual([]);
  });

  it('is refused to those who may not give it, with the way back to the application', async () => {
    const page = await pick('nora', asked);
    expect(page.body).toContain('Need admin approval');
    const answer = answerOf(await press(fixture, page, {}));
    expect(answer.get('error')).toBe('access_denied');
    expect(answer.get('error_description')).toMatch(/^AADSTS90094: The grant requires admin permission\./);
  });

  it('lets everybody consent to what concerns only him, without the choice for everybody', async () => {
    const page = await pick('nora', { ...asked, scope: 'User.Read' });
    expect(page.body).not.toContain('on behalf of your organization');
    const reply = await press(fixture, page, { answer: 'accept', organisation: 'yes' });
    expect(answerOf(reply).has('code')).toBe(true);
    expect(fixture.world.tenant.oauth2PermissionGrants[0]?.principalId).toBe(personId('nora'));
  });

  it('cannot be given to what the API does not publish', async () => {
    const answer = answerOf(await pick('ada', { ...asked, scope: 'Nothing.Read' }));
    expect(answer.get('error_description')).toMatch(/^AADSTS650053/);
  });
});
