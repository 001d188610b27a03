import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { scenarioNames, startSandbox } from '../../src/sandbox/index.ts';
import { combine, parseScenarios } from '../../src/sandbox/scenarios.ts';
import { createTenant } from '../../src/sandbox/seed/tenant.ts';
import { premiumPlans } from '../../src/sandbox/seed/well-known.ts';
import { automationToken, type Started, start } from './start.ts';

const now = Date.parse('2026-11-02T10:00:00Z');

function tenantOf(...given: string[]) {
  const tenant = createTenant(now);
  combine(parseScenarios(given)).edit(tenant);
  return tenant;
}

function personOf(...given: string[]): string {
  return combine(parseScenarios(given)).person;
}

/** What Microsoft Graph answers the automation application. */
async function read(
  started: Started,
  path: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = await automationToken(started);
  const reply = await started.call(`/v1.0${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

describe('the names of scenarios', () => {
  it('are those of the contract', () => {
    const contract = [
      'default',
      'reader',
      'app-admin',
      'privileged-role-admin',
      'pim-eligible',
      'no-roles',
      'no-premium',
      'no-logs',
      'secrets-blocked',
      'lifetime-cap',
      'registration-disabled',
      'device-code-blocked',
      'lag',
      'throttled',
      'flaky',
      'no-legacy-graph',
      'many-rows',
      'unthrottled',
      'late-rows',
      'strict-filters',
      'secrets-blocked-with-exclusions',
      'deactivated',
      'protected-purge',
      'hard-delete-protected',
    ];
    expect([...scenarioNames].sort()).toEqual(contract.sort());
  });

  it('are separate or joined by commas', () => {
    const namesOf = (...given: string[]): string[] => parseScenarios(given).map(({ text }) => text);
    expect(namesOf('lag, throttled', 'reader', 'lag')).toEqual(['lag', 'throttled', 'reader']);
    expect(namesOf()).toEqual(['default']);
    expect(namesOf('default', 'no-logs')).toEqual(['no-logs']);
  });

  it('may have a number behind them, of which the last counts', () => {
    const rowsOf = (...given: string[]): number => combine(parseScenarios(given)).behaviour.manyRows;
    expect(rowsOf('lag')).toBe(0);
    expect(rowsOf('many-rows')).toBe(1_000_000);
    expect(rowsOf('lag, many-rows:10000')).toBe(10_000);
    expect(rowsOf('many-rows:5,lag', 'many-rows:999999999')).toBe(999_999_999);
  });

  it.each([
    'many-rows:',
    'many-rows:0',
    'many-rows:1e3',
    'many-rows:-1',
    'many-rows:1000000000',
    'many-rows:1:2',
  ])('take no number like %s', (name) => {
    expect(() => parseScenarios([name])).toThrow('the number behind many-rows goes from 1 to 999999999');
  });

  it('take a number only where one means something', () => {
    expect(() => parseScenarios(['lag:5'])).toThrow('choose from default');
  });

  it.each(['lagg', '', 'lag,', 'toString', 'LAG'])('are not %j', async (name) => {
    const attempt = startSandbox({ scenarios: [name] });
    await expect(attempt).rejects.toThrow(RangeError);
    await expect(attempt).rejects.toThrow(`choose from ${scenarioNames.join(', ')}`);
  });
});

describe('who signs in', () => {
  it.each([
    ['default', 'ada'],
    ['reader', 'rita'],
    ['app-admin', 'andy'],
    ['privileged-role-admin', 'petra'],
    ['pim-eligible', 'paul'],
    ['no-roles', 'nora'],
    ['registration-disabled', 'petra'],
    ['no-premium', 'ada'],
    ['lag', 'ada'],
  ])('in %s is %s', (scenario, person) => {
    expect(personOf(scenario)).toBe(person);
  });

  it('is whom the last scenario that names someone names', () => {
    expect(personOf('reader', 'app-admin', 'lag')).toBe('andy');
    expect(personOf('app-admin', 'registration-disabled')).toBe('andy');
  });
});

describe('a sign-in that is approved by itself', () => {
  it.each([
    ['default', 'ada@contoso.com', '62e90394-69f5-4237-9190-012177145e10'],
    ['reader', 'rita@contoso.com', '5d6b6bb7-de71-4623-b4af-96380a352509'],
    ['app-admin', 'andy@contoso.com', '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3'],
    ['privileged-role-admin', 'petra@contoso.com', 'e8611ab8-c189-46e8-94e1-60213ab1f814'],
    ['pim-eligible', 'paul@contoso.com', undefined],
    ['no-roles', 'nora@contoso.com', undefined],
  ])('is, in %s, that of %s', async (scenario, upn, role) => {
    const started = await start({ scenarios: [scenario], autoApprove: true });
    const claims = decodeJwt(String((await signInByDeviceCode(started))['access_token']));
    const member = 'b79fbf4d-3ef9-4689-8143-76b194e85509';
    expect(claims).toMatchObject({ upn, wids: role === undefined ? [member] : [role, member] });
  });

  it('is for those who ask for it', async () => {
    const reply = await signInByDeviceCode(await start());
    expect(reply).toMatchObject({ error: 'authorization_pending' });
  });
});

describe('the tenant of a scenario', () => {
  it('without premium shows that it once had it', async () => {
    const started = await start({ scenarios: ['no-premium'] });
    const { body } = await read(started, '/organization');
    const [organization] = body['value'] as { assignedPlans: Record<string, unknown>[] }[];
    expect(organization?.assignedPlans).toMatchObject([
      { servicePlanId: premiumPlans.p1, capabilityStatus: 'Deleted' },
    ]);
    const signIns = await read(started, '/auditLogs/signIns?$top=1');
    expect(signIns.status).toBe(403);
    expect(signIns.body).toMatchObject({
      error: { code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant' },
    });
    expect((await read(started, '/auditLogs/directoryAudits?$top=1')).status).toBe(200);
  });

  it('without logs answers with empty lists', async () => {
    const started = await start({ scenarios: ['no-logs'] });
    for (const log of ['signIns', 'directoryAudits']) {
      expect(await read(started, `/auditLogs/${log}?$top=1`)).toMatchObject({
        status: 200,
        body: { value: [] },
      });
    }
  });

  it('that blocks secrets says so in its policy, and refuses them', async () => {
    const started = await start({ scenarios: ['secrets-blocked'] });
    const { body } = await read(started, '/policies/defaultAppManagementPolicy');
    expect(body).toMatchObject({
      isEnabled: true,
      applicationRestrictions: {
        passwordCredentials: [{ restrictionType: 'passwordAddition', state: 'enabled', maxLifetime: null }],
      },
    });
    expect(await addPassword(started, '2027-01-01T00:00:00Z')).toMatchObject({
      status: 400,
      error: { code: 'CredentialTypeNotAllowedAsPerAppPolicy' },
    });
  });

  it('that blocks secrets for most shows whom it leaves out, and means it', async () => {
    const started = await start({ scenarios: ['secrets-blocked-with-exclusions'], autoApprove: true });
    const { body } = await read(started, '/policies/defaultAppManagementPolicy');
    expect(body).toMatchObject({
      isEnabled: true,
      applicationRestrictions: {
        passwordCredentials: [
          {
            restrictionType: 'passwordAddition',
            state: 'enabled',
            excludeActors: {
              customSecurityAttributes: [{ operator: 'equals', value: 'ExemptFromRestrictions' }],
            },
          },
        ],
      },
    });
    const end = '2027-01-01T00:00:00Z';
    expect(await addPassword(started, end)).toMatchObject({
      status: 400,
      error: { code: 'CredentialTypeNotAllowedAsPerAppPolicy' },
    });
    const { access_token: token } = await signInByDeviceCode(started);
    expect(await addPassword(started, end, String(token))).toMatchObject({ status: 200 });
  });

  it('with a cap on lifetimes accepts 180 days and no more', async () => {
    const started = await start({ scenarios: ['lifetime-cap'], now: () => now });
    const { body } = await read(started, '/policies/defaultAppManagementPolicy');
    expect(body).toMatchObject({
      applicationRestrictions: {
        passwordCredentials: [
          { restrictionType: 'passwordLifetime', state: 'enabled', maxLifetime: 'P180D' },
        ],
      },
    });
    const inDays = (days: number): string => new Date(now + days * 86_400_000).toISOString();
    expect(await addPassword(started, inDays(180))).toMatchObject({ status: 200 });
    expect(await addPassword(started, inDays(181))).toMatchObject({
      status: 400,
      error: { code: 'CredentialInvalidLifetimeAsPerAppPolicy' },
    });
  });

  it('may restrict both, once each', () => {
    const { applicationRestrictions } = tenantOf(
      'secrets-blocked',
      'lifetime-cap',
    ).defaultAppManagementPolicy;
    const types = applicationRestrictions.passwordCredentials.map(({ restrictionType }) => restrictionType);
    expect(types).toEqual(['passwordAddition', 'passwordLifetime']);
  });

  it('edited twice is as edited once', () => {
    for (const name of scenarioNames) {
      const once = tenantOf(name);
      const twice = structuredClone(once);
      combine(parseScenarios([name])).edit(twice);
      expect(twice).toEqual(once);
    }
  });

  it('may let no member register applications', () => {
    expect(tenantOf('default', 'no-roles').allowedToCreateApps).toBe(true);
    expect(tenantOf('registration-disabled').allowedToCreateApps).toBe(false);
  });

  it('may lack the legacy Graph', async () => {
    const path = "/servicePrincipals?$filter=appId eq '00000002-0000-0000-c000-000000000000'&$select=id";
    const withIt = await read(await start(), path);
    const without = await read(await start({ scenarios: ['no-legacy-graph'] }), path);
    expect(withIt.body['value']).toHaveLength(1);
    expect(without.body['value']).toEqual([]);
  });

  it('may refuse the device code flow by a policy', async () => {
    const started = await start({ scenarios: ['device-code-blocked'], autoApprove: true });
    const reply = await signInByDeviceCode(started);
    expect(reply).toMatchObject({ error: 'invalid_grant', error_codes: [53003], suberror: 'message_only' });
    expect(JSON.parse(String(reply['claims']))).toEqual({
      access_token: { capolids: { essential: true, values: started.sandbox.tenant.deviceCodeBlockedBy } },
    });
  });

  it('is that of all scenarios together', () => {
    const tenant = tenantOf('no-logs,no-premium', 'no-legacy-graph');
    expect(tenant.signIns).toEqual([]);
    expect(tenant.assignedPlans).toHaveLength(1);
    expect(tenant.servicePrincipals.map(({ appId }) => appId)).not.toContain(
      '00000002-0000-0000-c000-000000000000',
    );
    const { manyRows, ...others } = combine(parseScenarios(['lag', 'flaky'])).behaviour;
    const on = Object.entries(others).filter(([, isOn]) => isOn);
    expect(on.map(([name]) => name).sort()).toEqual(['flaky', 'lag']);
    expect(manyRows).toBe(0);
  });
});

const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** The token endpoint's answer to the first poll. */
async function signInByDeviceCode({ sandbox, call }: Started): Promise<Record<string, unknown>> {
  const post = async (endpoint: string, form: Record<string, string>): Promise<Record<string, unknown>> => {
    const reply = await call(`/organizations/oauth2/v2.0/${endpoint}`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: azureCli, ...form }),
    });
    return (await reply.json()) as Record<string, unknown>;
  };
  const device = await post('devicecode', { scope: `${sandbox.graphUrl}/.default openid` });
  return post('token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(device['device_code']),
  });
}

interface PasswordReply {
  readonly status: number;
  readonly error?: unknown;
}

/** Asks for a secret on the application that a job uses. */
async function addPassword(started: Started, endDateTime: string, given?: string): Promise<PasswordReply> {
  const token = given ?? (await automationToken(started));
  const { clientId } = started.sandbox.automation;
  const reply = await started.call(`/v1.0/applications(appId='${clientId}')/addPassword`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ passwordCredential: { displayName: 'x', endDateTime } }),
  });
  return { status: reply.status, ...((await reply.json()) as object) };
}
