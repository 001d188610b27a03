import { beforeEach, describe, expect, it } from 'vitest';
import { appIds } from '../../../src/sandbox/seed/well-known.ts';
import { createFixture, type Fixture, origin, refusalOf, register, type Send } from './helper.ts';

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.as('ada');
});

const q = (filter: string): string => encodeURIComponent(filter);
const advanced = { headers: { consistencylevel: 'eventual' } };

describe('$select', () => {
  it('narrows to what is asked, and says so in the context', async () => {
    const { body } = await send('GET', '/applications?$select=id,displayName&$top=1');
    expect(body['@odata.context']).toBe(`${origin}/v1.0/$metadata#applications(id,displayName)`);
    expect(Object.keys(body.value[0])).toEqual(['id', 'displayName']);
  });

  it('shows the newest properties and those without a value, too', async () => {
    const { id, appId } = await register(send);
    const { body: principal } = await send('POST', '/servicePrincipals', { body: { appId } });
    const of = async (path: string) => {
      const { '@odata.context': _context, ...shown } = (await send('GET', path)).body;
      return shown;
    };
    const application = 'id,isDisabled,authenticationBehaviors,createdByAppId';
    expect(await of(`/applications/${id}?$select=${application}`)).toEqual({
      id,
      isDisabled: null,
      authenticationBehaviors: null,
      createdByAppId: appIds.azureCli,
    });
    const selected = 'id,isDisabled,customSecurityAttributes,createdByAppId';
    expect(await of(`/servicePrincipals/${principal.id}?$select=${selected}`)).toEqual({
      id: principal.id,
      isDisabled: null,
      customSecurityAttributes: null,
      createdByAppId: appIds.azureCli,
    });
  });

  it('refuses what the type lacks', async () => {
    for (const path of ['/applications', '/me', '/auditLogs/signIns']) {
      const reply = await send('GET', `${path}?$select=shoeSize`);
      expect(refusalOf(reply)).toBe('400 BadRequest');
      expect(reply.body.error.message).toMatch(
        /^Parsing OData Select and Expand failed: Could not find a property named 'shoeSize' on type 'microsoft\.graph\.\w+'\.$/,
      );
    }
  });
});

describe('$expand', () => {
  it('brings what the type leads to', async () => {
    const nora = await fixture.as('nora');
    const { id } = await register(nora);
    const { body } = await send('GET', `/applications/${id}?$expand=owners&$select=id`);
    expect(body.owners).toMatchObject([
      { '@odata.type': '#microsoft.graph.user', userPrincipalName: 'nora@contoso.com' },
    ]);
    const reply = await send('GET', `/applications/${id}?$expand=friends`);
    expect(refusalOf(reply)).toBe('400 BadRequest');
  });
});

describe('$filter', () => {
  it('finds by any filterable property, as clients write it', async () => {
    const { id, appId } = await register(send, {
      displayName: "O'Brien & Sons",
      tags: ['reporting-setup'],
      identifierUris: ['api://one'],
    });
    for (const filter of [
      `appId eq '${appId}'`,
      `id eq '${id}'`,
      "displayName eq 'O''Brien & Sons'",
      "startswith(displayName,'O''B')",
      "tags/any(t:t eq 'reporting-setup')",
      "identifierUris/any(s:s eq 'api://one')",
      `appId in ('${appId}')`,
    ]) {
      const { body } = await send('GET', `/applications?$filter=${q(filter)}`);
      expect(
        body.value.map((row: { id: string }) => row.id),
        filter,
      ).toEqual([id]);
    }
  });

  it('finds service principals by name, as the Azure CLI asks', async () => {
    const graph = '00000003-0000-0000-c000-000000000000';
    const filter = `servicePrincipalNames/any(c:c eq '${graph}')`;
    const { body } = await send('GET', `/servicePrincipals?$filter=${q(filter)}`);
    expect(body.value).toHaveLength(1);
    expect(body.value[0].displayName).toBe('Microsoft Graph');
  });

  it.each([
    ["shoeSize eq '1'", 'BadRequest', /Could not find a property named 'shoeSize'/],
    ['displayName eq 1', 'BadRequest', /'Edm.String' and 'Edm.Int32' for operator kind 'Equal'/],
    ["tags eq 'x'", 'BadRequest', /Collection\(Edm.String\)/],
    ["displayName eq 'x", 'BadRequest', /Syntax error/],
    ["displayName/any(t:t eq 'x')", 'BadRequest', /Any\/All/],
    ["notes eq 'x'", 'Request_UnsupportedQuery', /'notes' of resource 'Application'/],
    ["uniqueName eq 'x'", 'Request_UnsupportedQuery', /'uniqueName' of resource 'Application'/],
    ["startswith(uniqueName,'x')", 'Request_UnsupportedQuery', /'uniqueName' of resource 'Application'/],
    ["displayName ne 'x'", 'Request_UnsupportedQuery', /Unsupported/],
    ["not (displayName eq 'x')", 'Request_UnsupportedQuery', /Unsupported/],
    ["endswith(displayName,'x')", 'Request_UnsupportedQuery', /Unsupported/],
  ])('%s is refused', async (filter, code, message) => {
    const reply = await send('GET', `/applications?$filter=${q(filter)}`);
    expect(refusalOf(reply)).toBe(`400 ${code}`);
    expect(reply.body.error.message).toMatch(message);
  });

  it('compares GUIDs unquoted', async () => {
    const { value } = (await send('GET', '/servicePrincipals?$top=1')).body;
    const owner = value[0].appOwnerOrganizationId;
    const unquoted = await send(
      'GET',
      `/servicePrincipals?$filter=${q(`appOwnerOrganizationId eq ${owner}`)}`,
    );
    expect(unquoted.body.value.length).toBeGreaterThan(0);
    const quoted = await send(
      'GET',
      `/servicePrincipals?$filter=${q(`appOwnerOrganizationId eq '${owner}'`)}`,
    );
    expect(refusalOf(quoted)).toBe('400 BadRequest');
  });
});

describe('advanced queries', () => {
  it('need both the header and $count', async () => {
    const path = `/applications?$filter=${q("displayName ne 'x'")}`;
    expect(refusalOf(await send('GET', path, advanced))).toBe('400 Request_UnsupportedQuery');
    expect(refusalOf(await send('GET', `${path}&$count=true`))).toBe('400 Request_UnsupportedQuery');
    const { body } = await send('GET', `${path}&$count=true`, advanced);
    expect(body['@odata.count']).toBe(body.value.length);
  });

  it('are: a cast, $search, ordering with a filter, /$count', async () => {
    const cast = '/me/transitiveMemberOf/microsoft.graph.directoryRole';
    expect(refusalOf(await send('GET', cast))).toBe('400 Request_UnsupportedQuery');
    const search = await send('GET', '/applications?$search="displayName:rep"');
    expect(refusalOf(search)).toBe('400 Request_UnsupportedQuery');
    expect(search.body.error.message).toContain('ConsistencyLevel: eventual');
    const found = await send('GET', '/applications?$search="displayName:rep"', advanced);
    expect(found.body.value).toHaveLength(1);
    const ordered = `/applications?$orderby=displayName desc&$filter=${q("startswith(displayName,'a')")}`;
    expect(refusalOf(await send('GET', ordered))).toBe('400 Request_UnsupportedQuery');
    expect(refusalOf(await send('GET', '/applications/$count'))).toBe('400 Request_BadRequest');
    const counted = await send('GET', '/applications/$count', advanced);
    expect([counted.text, counted.headers['content-type']]).toEqual(['2', 'text/plain']);
  });

  it('show no count to a client that does not accept a late index', async () => {
    const { body } = await send('GET', '/applications?$count=true');
    expect(body).not.toHaveProperty('@odata.count');
  });
});

describe('pages', () => {
  it('follow each other until the last, keeping the other options', async () => {
    for (let index = 0; index < 5; index += 1) await register(send, { displayName: `App ${index}` });
    const names: string[] = [];
    let link: string | undefined =
      `/applications?$top=3&$select=displayName&$filter=${q("startswith(displayName,'App ')")}`;
    let pages = 0;
    while (link !== undefined) {
      const { body } = await send('GET', link);
      names.push(...body.value.map((row: { displayName: string }) => row.displayName));
      link = body['@odata.nextLink'];
      if (link !== undefined)
        expect(link).toMatch(/^https:\/\/127\.0\.0\.1:8443\/v1\.0\/applications\?\$top=3&\$select=/);
      pages += 1;
    }
    expect(names).toEqual(['App 0', 'App 1', 'App 2', 'App 3', 'App 4']);
    expect(pages).toBe(2);
  });

  it('hold 100 by default and 999 at most', async () => {
    for (let index = 0; index < 105; index += 1) await register(send);
    const { body } = await send('GET', '/applications');
    expect(body.value).toHaveLength(100);
    expect((await send('GET', '/applications?$top=999')).body.value).toHaveLength(107);
    for (const top of [0, 1000]) {
      const reply = await send('GET', `/applications?$top=${top}`);
      expect(refusalOf(reply)).toBe('400 Request_UnsupportedQuery');
      expect(reply.body.error.message).toBe(
        `Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`,
      );
    }
  });

  it('cannot be skipped, and their tokens not made up', async () => {
    expect((await send('GET', '/applications?$skip=1')).status).toBe(400);
    expect(refusalOf(await send('GET', '/applications?$skiptoken=abc'))).toBe(
      '400 Directory_ExpiredPageToken',
    );
  });
});
