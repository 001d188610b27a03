import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { automationToken, type Started, start } from './start.ts';

type Json = Record<string, unknown>;

const begin = Date.parse('2026-11-24T10:00:00Z');

interface Clocked extends Started {
  readonly advance: (milliseconds: number) => void;
}

async function startAt(...scenarios: string[]): Promise<Clocked> {
  let time = begin;
  const started = await start({ scenarios: ['unthrottled', ...scenarios], now: () => time });
  return {
    ...started,
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}

async function read({ call }: Started, token: string, path: string): Promise<Json[]> {
  const reply = await call(path, { headers: { authorization: `Bearer ${token}` } });
  const body = (await reply.json()) as { value: Json[] };
  return body.value;
}

/** The automation application's own sign-ins, newest first. */
function ownSignIns(started: Started, token: string): Promise<Json[]> {
  const { clientId } = started.sandbox.automation;
  const filter = encodeURIComponent(
    `signInEventTypes/any(t: t eq 'servicePrincipal') and appId eq '${clientId}'`,
  );
  return read(started, token, `/beta/auditLogs/signIns?$filter=${filter}`);
}

function keyIdOf({ sandbox }: Started): unknown {
  const { clientId } = sandbox.automation;
  return sandbox.tenant.applications.find(({ appId }) => appId === clientId)?.passwordCredentials[0]?.keyId;
}

describe("an application's own sign-in", () => {
  it.each([
    [[], 2000],
    [['late-rows'], 20_000],
  ])('appears with its key %j after %i ms', async (scenarios, delay) => {
    const started = await startAt(...scenarios);
    const token = await automationToken(started);
    expect(await ownSignIns(started, token)).toEqual([]);
    started.advance(delay - 1);
    expect(await ownSignIns(started, token)).toEqual([]);
    started.advance(1);
    const rows = await ownSignIns(started, token);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      createdDateTime: '2026-11-24T10:00:00Z',
      appId: started.sandbox.automation.clientId,
      appDisplayName: 'Sandbox automation',
      signInEventTypes: ['servicePrincipal'],
      clientCredentialType: 'clientSecret',
      servicePrincipalCredentialKeyId: keyIdOf(started),
      servicePrincipalId: decodeJwt(token)['oid'],
      uniqueTokenIdentifier: decodeJwt(token)['uti'],
      resourceDisplayName: 'Microsoft Graph',
      status: { errorCode: 0 },
    });
  });

  it('never shows in v1.0, nor where nothing is shown', async () => {
    const started = await startAt();
    const token = await automationToken(started);
    started.advance(5000);
    const rows = await read(started, token, '/v1.0/auditLogs/signIns');
    expect(rows.some(({ appId }) => appId === started.sandbox.automation.clientId)).toBe(false);
    const silent = await startAt('no-logs');
    const other = await automationToken(silent);
    silent.advance(5000);
    expect(await ownSignIns(silent, other)).toEqual([]);
    for (const path of [
      '/v1.0/auditLogs/directoryAudits',
      '/v1.0/auditLogs/provisioning',
      '/beta/reports/appCredentialSignInActivities',
    ]) {
      expect(await read(silent, other, path)).toEqual([]);
    }
  });

  it('leaves no trace where it fails', async () => {
    const started = await startAt();
    const { sandbox, call } = started;
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: sandbox.automation.clientId,
      client_secret: 'wrong',
      scope: `${sandbox.graphUrl}/.default`,
    });
    const reply = await call(`/${sandbox.tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
    expect(reply.status).toBe(401);
    expect(sandbox.tenant.activity.clientSignIns).toEqual([]);
  });

  it('is kept for the last thousand', async () => {
    const started = await startAt();
    const { tenant } = started.sandbox;
    await automationToken(started);
    const [sample] = tenant.activity.clientSignIns;
    if (sample === undefined) throw new Error('no sign-in was noted');
    tenant.activity.clientSignIns = Array.from({ length: 1000 }, (_, index) => ({
      ...sample,
      id: `${index}`,
    }));
    await automationToken(started);
    expect(tenant.activity.clientSignIns).toHaveLength(1000);
    expect(tenant.activity.clientSignIns[0]?.id).toBe('1');
  });
});

describe('/beta/reports/appCredentialSignInActivities', () => {
  it('tells when each credential was last used', async () => {
    const started = await startAt();
    const token = await automationToken(started);
    const path = '/beta/reports/appCredentialSignInActivities';
    expect(await read(started, token, path)).toEqual([]);
    started.advance(60_000);
    await automationToken(started);
    started.advance(2000);
    const rows = await read(started, token, path);
    const keyId = keyIdOf(started);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      id: Buffer.from(`${String(keyId)}|application`).toString('base64'),
      keyId,
      keyType: 'clientSecret',
      credentialOrigin: 'application',
      appId: started.sandbox.automation.clientId,
      signInActivity: { lastSignInDateTime: '2026-11-24T10:01:00Z' },
    });
    const filter = encodeURIComponent("keyId eq 'another'");
    expect(await read(started, token, `${path}?$filter=${filter}`)).toEqual([]);
  });
});
