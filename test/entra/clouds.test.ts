import { describe, expect, it } from 'vitest';
import { consentUrl } from '../../src/commands/setup/consent.ts';
import { formatJsonConfig, parseJsonConfig } from '../../src/config/config-json.ts';
import { parseDuration } from '../../src/core/duration.ts';
import {
  authorityHosts,
  type Cloud,
  chooseCloud,
  cloudOfConfig,
  defaultScope,
  offersSignIns,
  publicCloudNames,
  referenceTo,
  signInScopes,
} from '../../src/entra/clouds.ts';
import { type Have, unseen, type Wanted } from '../../src/tenant/model.ts';
import { reveal, sampleConfig } from '../config/config-data.ts';

const table = {
  global: {
    authority: 'https://login.microsoftonline.com',
    graph: 'https://graph.microsoft.com',
    portal: 'https://entra.microsoft.com',
    alias: 'login.windows.net',
    signIns: true,
  },
  usgov: {
    authority: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us',
    portal: 'https://entra.microsoft.us',
    alias: 'login.usgovcloudapi.net',
    signIns: true,
  },
  'usgov-dod': {
    authority: 'https://login.microsoftonline.us',
    graph: 'https://dod-graph.microsoft.us',
    portal: 'https://entra.microsoft.us',
    alias: 'login.usgovcloudapi.net',
    signIns: true,
  },
  china: {
    authority: 'https://login.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    portal: 'https://entra.microsoft.cn',
    alias: 'login.partner.microsoftonline.cn',
    signIns: false,
  },
} as const;

const tenantId = '11111111-2222-4333-8444-555555555555';
const appId = '66666666-7777-4888-8999-000000000000';
const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';

const registered: Have = {
  ...unseen,
  tenant: { ...unseen.tenant, id: tenantId },
  application: {
    id: 'object',
    appId,
    displayName: 'Reporting API application',
    uniqueName: null,
    signInAudience: 'AzureADMyOrg',
    homePageUrl: 'https://localhost',
    redirectUris: ['https://localhost'],
    requiredResourceAccess: [],
    passwordCredentials: [],
    keyCredentials: [],
  },
};

const wanted = (cloud: Cloud): Wanted => ({
  signOnUrl: 'https://localhost',
  apis: ['microsoft-graph'],
  domain: 'contoso.com',
  cloudReference: referenceTo(cloud),
  credential: { kind: 'secret' },
  secretName: 'Reporting API',
  secretLifetime: parseDuration('2y'),
  freshSecret: false,
});

describe.each(publicCloudNames)('cloud %s', (name) => {
  const expected = table[name];
  const cloud = chooseCloud({ cloud: name });

  it('has its own authority, Graph, scopes and portal', () => {
    expect([cloud.name, cloud.authorityHost, cloud.graphUrl, cloud.entraPortal]).toEqual([
      name,
      expected.authority,
      expected.graph,
      expected.portal,
    ]);
    expect(defaultScope(cloud)).toBe(`${expected.graph}/.default`);
    expect(signInScopes(cloud, undefined)).toEqual([`${expected.graph}/.default`]);
    for (const scope of signInScopes(cloud, graphTools)) expect(scope).toMatch(`${expected.graph}/`);
  });

  it('lets a sign-in go to its authority and the names Entra has for it, and nowhere else', () => {
    const hosts = authorityHosts(cloud);
    expect(hosts).toContain(new URL(expected.authority).host);
    expect(hosts).toContain(expected.alias);
    for (const other of publicCloudNames) {
      const { authority } = table[other];
      expect(hosts.includes(new URL(authority).host)).toBe(authority === expected.authority);
    }
  });

  it('sends an administrator who consents to its own authority', () => {
    expect(consentUrl(cloud, wanted(cloud), registered)).toBe(
      `${expected.authority}/${tenantId}/adminconsent?client_id=${appId}&redirect_uri=https%3A%2F%2Flocalhost`,
    );
  });

  it('is written to the config file by its name, and read again', () => {
    expect(referenceTo(cloud)).toEqual({ cloud: name });
    const reading = parseJsonConfig(formatJsonConfig({ ...sampleConfig, cloud: name }, reveal));
    if (reading.status !== 'ok') throw new Error('the config is not read again');
    expect(cloudOfConfig(reading.config, {})).toEqual(cloud);
  });

  it('is recognised by its two addresses', () => {
    const given = { authorityHost: expected.authority, graphUrl: expected.graph };
    expect(chooseCloud(given)).toEqual(cloud);
  });

  it('offers sign-in logs, or is known not to', () => {
    expect(offersSignIns(name)).toBe(expected.signIns);
  });
});

describe('a cloud with addresses of its own', () => {
  const cloud = chooseCloud({
    authorityHost: 'https://127.0.0.1:8443',
    graphUrl: 'https://127.0.0.1:8443',
  });

  it('lets a sign-in go to its authority alone, port and all', () => {
    expect(authorityHosts(cloud)).toEqual(['127.0.0.1:8443']);
    expect(cloud.instanceDiscovery).toBe(false);
  });

  it('is asked for its sign-in logs, since nothing is known of it', () => {
    expect(offersSignIns(cloud.name)).toBe(true);
  });
});
