import { createHash, randomUUID, webcrypto } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  InteractiveBrowserCredential,
} from '@azure/identity';
import { exportJWK, SignJWT } from 'jose';
import { Agent, fetch } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadX509 } from '../../../src/sandbox/certificate.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import {
  actionOf,
  applicationOf,
  claimsOf,
  type Fixture,
  flowOf,
  serveFixture,
  withSecret,
} from './helper.ts';

const { PemConverter, X509CertificateGenerator } = await loadX509();

let fixture: Fixture;
let caCertificate: string;
let close: () => Promise<void>;

/** @azure/identity looks at the real time, so the sandbox does too. */
async function serve(autoApprove?: string): Promise<void> {
  const options = { now: () => performance.timeOrigin + performance.now() };
  ({ fixture, caCertificate, close } = await serveFixture(
    autoApprove === undefined ? options : { ...options, autoApprove },
  ));
}

beforeEach(() => serve());
afterEach(async () => {
  vi.unstubAllEnvs();
  await close();
});

function trust() {
  return {
    authorityHost: fixture.world.origin,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: caCertificate },
  };
}

function scope(): string {
  return `${fixture.world.origin}/.default`;
}

/** What opens instead of a browser: it follows the address like one, trusting the sandbox, and notes the visit. */
async function fakeBrowser(): Promise<{ folder: string; visits: () => Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-browser-'));
  const [ca, log, script] = [join(folder, 'ca.pem'), join(folder, 'log'), join(folder, 'browser')];
  await writeFile(ca, caCertificate);
  const program = `require('fs').appendFileSync('${log}', process.argv[1] + '\\n'); fetch(process.argv[1])`;
  const node = `NODE_EXTRA_CA_CERTS='${ca}' exec '${process.execPath}' -e "${program}" "$1"`;
  await writeFile(script, `#!/bin/sh\n${node}\n`, { mode: 0o700 });
  vi.stubEnv('BROWSER', script);
  vi.stubEnv('DISPLAY', '');
  return { folder, visits: async () => (await readFile(log, 'utf8')).trim().split('\n') };
}

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

describe('@azure/identity', () => {
  it('signs in by secret, by tenant id and by domain', async () => {
    const { appId, secret } = withSecret(fixture);
    for (const tenant of [fixture.world.tenant.id, 'contoso.com']) {
      const token = await new ClientSecretCredential(tenant, appId, secret, trust()).getToken(scope());
      expect(claimsOf(token.token)['roles']).toContain('AuditLog.Read.All');
    }
  });

  it('reports a wrong secret', async () => {
    const { appId } = withSecret(fixture);
    const credential = new ClientSecretCredential(fixture.world.tenant.id, appId, 'wrong', trust());
    await expect(credential.getToken(scope())).rejects.toThrow(
      /AADSTS7000215: Invalid client secret provided\./,
    );
  });

  it('asks for continuous access evaluation', async () => {
    const { appId, secret } = withSecret(fixture);
    const credential = new ClientSecretCredential(fixture.world.tenant.id, appId, secret, trust());
    const { token } = await credential.getToken(scope(), { enableCae: true });
    expect(claimsOf(token)['xms_cc']).toEqual(['CP1']);
  });

  it('signs in by certificate', async () => {
    const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=test',
      keys,
      signingAlgorithm: rsa,
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2049-01-01T00:00:00Z'),
    });
    const application = applicationOf(fixture, 'Sandbox automation');
    application.keyCredentials.push({
      customKeyIdentifier: createHash('sha1').update(Buffer.from(certificate.rawData)).digest('hex'),
      displayName: 'CN=test',
      startDateTime: '2020-01-01T00:00:00Z',
      endDateTime: '2049-01-01T00:00:00Z',
      key: Buffer.from(certificate.rawData).toString('base64'),
      keyId: randomUUID(),
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
      usableFrom: 0,
    });
    const privateKey = PemConverter.encode(
      await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
      'PRIVATE KEY',
    );
    const pem = `${certificate.toString('pem')}\n${privateKey}\n`;
    const credential = new ClientCertificateCredential(
      fixture.world.tenant.id,
      application.appId,
      { certificate: pem },
      trust(),
    );
    expect(claimsOf((await credential.getToken(scope())).token)['appidacr']).toBe('2');
  });

  it("signs in by another provider's token", async () => {
    const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
    const application = applicationOf(fixture, 'Sandbox automation');
    const trusted = {
      issuer: 'https://issuer.example',
      subject: 'job',
      audiences: ['api://AzureADTokenExchange'],
    };
    application.federatedIdentityCredentials.push({
      ...trusted,
      id: randomUUID(),
      name: 'ci',
      description: null,
      usableFrom: 0,
    });
    fixture.entra.sessions.issuers.set(trusted.issuer, { keys: [await exportJWK(keys.publicKey)] });
    const assertion = (): Promise<string> =>
      new SignJWT({ iss: trusted.issuer, sub: 'job', aud: trusted.audiences })
        .setProtectedHeader({ alg: 'RS256' })
        .setExpirationTime('5m')
        .sign(keys.privateKey);
    const credential = new ClientAssertionCredential(
      fixture.world.tenant.id,
      application.appId,
      assertion,
      trust(),
    );
    expect(claimsOf((await credential.getToken(scope())).token)['idtyp']).toBe('app');
  });

  it('signs in by device code, approved by itself', async () => {
    await close();
    await serve('rita');
    const messages: string[] = [];
    const credential = new DeviceCodeCredential({
      ...trust(),
      userPromptCallback: ({ message }) => messages.push(message),
    });
    const { token } = await credential.getToken(scope());
    expect(claimsOf(token)['oid']).toBe(personId('rita'));
    expect(messages.join()).toContain(`${fixture.world.origin}/devicelogin`);
  });

  it('signs in by browser, and again without it', async () => {
    await close();
    await serve('rita');
    const { folder, visits } = await fakeBrowser();
    const credential = new InteractiveBrowserCredential(trust());
    const first = await credential.getToken(scope());
    expect(claimsOf(first.token)['oid']).toBe(personId('rita'));
    const second = await credential.getToken('https://graph.microsoft.com/.default');
    expect(claimsOf(second.token)['oid']).toBe(personId('rita'));
    expect((await visits()).length).toBe(1);
    await rm(folder, { recursive: true });
  });
});

it('a person signs in through the pages over HTTPS', async () => {
  const dispatcher = new Agent({ connect: { ca: caCertificate } });
  const { origin } = fixture.world;
  const query = new URLSearchParams({
    client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    response_type: 'code',
    redirect_uri: 'http://localhost:1234',
    scope: scope(),
  });
  const shown = await fetch(`${origin}/common/oauth2/v2.0/authorize?${query}`, { dispatcher });
  const page = { status: shown.status, headers: {}, body: await shown.text() };
  const sent = await fetch(origin + actionOf(page), {
    dispatcher,
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ flow: flowOf(page), user: personId('gina') }),
  });
  expect(sent.status).toBe(302);
  expect(sent.headers.get('location')).toMatch(/^http:\/\/localhost:1234\/\?code=/);
  await dispatcher.destroy();
});
