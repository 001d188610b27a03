import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import type { SandboxReply } from '../../../src/sandbox/world.ts';
import { applicationOf, createFixture, type Fixture, graphId, press } from './helper.ts';

const auditLogRole = 'b0afded3-3588-46d8-8b3d-9842eff778da';
const userReadScope = 'e1fe6dd8-ba31-4d61-89e7-88639da4683d';

let fixture: Fixture;
let appId: string;

beforeEach(() => {
  fixture = createFixture();
  const application = applicationOf(fixture, 'Reporting API application');
  appId = application.appId;
  application.properties['web'] = { redirectUris: ['https://localhost'] };
  application.requiredResourceAccess = [
    {
      resourceAppId: graphId,
      resourceAccess: [
        { id: auditLogRole, type: 'Role' },
        { id: userReadScope, type: 'Scope' },
      ],
    },
  ];
});

function path(change: Record<string, string> = {}): string {
  const query = { client_id: appId, redirect_uri: 'https://localhost', state: '12 34', ...change };
  return `/${fixture.world.tenant.id}/adminconsent?${new URLSearchParams(query)}`;
}

async function pick(person: string, change: Record<string, string> = {}): Promise<SandboxReply> {
  return press(fixture, await fixture.get(path(change)), { user: personId(person) });
}

function roles(): string[] {
  const principal = fixture.world.tenant.servicePrincipals.find((candidate) => candidate.appId === appId);
  return fixture.world.tenant.appRoleAssignments
    .filter(({ principalId }) => principalId === principal?.id)
    .map(({ appRoleId }) => appRoleId);
}

describe('administrator consent', () => {
  it.each(['ada', 'petra'])('of %s grants what is declared, making the service principal', async (person) => {
    const page = await pick(person);
    expect(page.body).toContain('Read all audit log data');
    const reply = await press(fixture, page, { answer: 'accept' });
    const location = new URL(reply.headers['location'] ?? '');
    expect(location.origin).toBe('https://localhost');
    expect(Object.fromEntries(location.searchParams)).toEqual({
      tenant: fixture.world.tenant.id,
      state: '12 34',
      admin_consent: 'True',
    });
    expect(roles()).toEqual([auditLogRole]);
    expect(fixture.world.tenant.oauth2PermissionGrants).toMatchObject([
      { consentType: 'AllPrincipals', scope: 'User.Read' },
    ]);
  });

  it('twice changes nothing more', async () => {
    await press(fixture, await pick('ada'), { answer: 'accept' });
    const before = structuredClone(fixture.world.tenant);
    await press(fixture, await pick('ada'), { answer: 'accept' });
    expect(fixture.world.tenant).toEqual(before);
  });

  it.each(['andy', 'nora', 'paul'])('is not for %s', async (person) => {
    const page = await pick(person);
    expect(page.body).toContain('Need admin approval');
    const answer = new URL((await press(fixture, page, {})).headers['location'] ?? '').searchParams;
    expect(answer.get('error')).toBe('permission_denied');
    expect(answer.get('state')).toBe('12 34');
    expect(roles()).toEqual([]);
  });

  it('leaves delegated permissions to application administrators', async () => {
    const application = applicationOf(fixture, 'Reporting API application');
    for (const access of application.requiredResourceAccess) {
      access.resourceAccess = access.resourceAccess.filter(({ type }) => type === 'Scope');
    }
    const reply = await press(fixture, await pick('andy'), { answer: 'accept' });
    expect(reply.headers['location']).toContain('admin_consent=True');
  });

  it('may be declined', async () => {
    const reply = await press(fixture, await pick('ada'), { answer: 'decline' });
    expect(reply.headers['location']).toContain('error=permission_denied');
    expect(roles()).toEqual([]);
  });

  it('never redirects to an address that is not registered', async () => {
    const reply = await fixture.get(path({ redirect_uri: 'https://evil.example' }));
    expect(reply.status).toBe(400);
    expect(reply.body).toContain('AADSTS50011');
    expect(reply.headers['location']).toBeUndefined();
  });

  it('ends on a page where no address was given', async () => {
    const reply = await press(fixture, await pick('ada', { redirect_uri: '' }), { answer: 'accept' });
    expect(reply.status).toBe(200);
    expect(reply.body).toContain('Permissions granted');
    expect(roles()).toEqual([auditLogRole]);
  });

  it('knows only the applications of the tenant', async () => {
    const reply = await fixture.get(path({ client_id: '11111111-2222-4333-8444-555555555555' }));
    expect(reply.body).toContain('AADSTS700016');
  });
});
