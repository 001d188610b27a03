import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  PageIterator,
} from '@microsoft/microsoft-graph-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { mintUserToken } from '../../../src/sandbox/entra/tokens.ts';
import { handleGraph } from '../../../src/sandbox/graph/index.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { appIds } from '../../../src/sandbox/seed/well-known.ts';
import { cliScopes, createFixture, type Fixture, origin, principalOf } from './helper.ts';

let fixture: Fixture;
let client: Client;

/** Microsoft's own client, its last middleware handing requests to the handler instead of the network. */
async function connect(): Promise<Client> {
  const { tenant, world, graph } = fixture;
  const user = tenant.users.find(({ id }) => id === personId('ada'));
  if (user === undefined) throw new Error('nobody to sign in');
  const resource = { principal: principalOf(tenant, appIds.graph), audience: origin };
  const options = { scopes: cliScopes, proof: 'none', cae: false } as const;
  const token = await mintUserToken(world, principalOf(tenant, appIds.azureCli), resource, user, options);
  return Client.initWithMiddleware({
    baseUrl: origin,
    customHosts: new Set(['127.0.0.1']),
    middleware: {
      execute: async (context) => {
        const request = new Request(context.request, context.options as RequestInit);
        const reply = await handleGraph(graph, {
          method: request.method,
          url: new URL(request.url),
          headers: { ...Object.fromEntries(request.headers), authorization: `Bearer ${token}` },
          body: await request.text(),
        });
        const empty = reply.status === 204;
        context.response = new Response(empty ? null : reply.body, {
          status: reply.status,
          headers: { ...reply.headers },
        });
      },
    },
  });
}

beforeEach(async () => {
  fixture = createFixture();
  client = await connect();
});

describe("Microsoft's Graph client", () => {
  it('creates, reads, changes and removes', async () => {
    const made = await client.api('/applications').post({ displayName: 'Client' });
    await client.api(`/applications/${made.id}`).patch({ notes: 'mine' });
    const read = await client.api(`/applications/${made.id}`).select(['id', 'notes']).get();
    expect(read).toMatchObject({ id: made.id, notes: 'mine' });
    const found = await client.api('/applications').filter("displayName eq 'Client'").get();
    expect(found.value).toHaveLength(1);
    await client.api(`/applications/${made.id}`).delete();
    const error = await client
      .api(`/applications/${made.id}`)
      .get()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphError);
    expect(error).toMatchObject({ statusCode: 404, code: 'Request_ResourceNotFound' });
    expect(error).toHaveProperty('requestId', expect.stringMatching(/^[\da-f-]{36}$/));
  });

  it('iterates over every page of a log', async () => {
    const first = await client.api('/auditLogs/signIns').top(100).get();
    const ids: string[] = [];
    const iterator = new PageIterator(client, first, (row: { id: string }) => {
      ids.push(row.id);
      return true;
    });
    await iterator.iterate();
    expect(ids).toEqual(fixture.tenant.signIns.map(({ id }) => id));
  });

  it('sends batches with dependencies', async () => {
    const make = new Request(`${origin}/applications`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ displayName: 'Batched' }),
    });
    const content = new BatchRequestContent([
      { id: '1', request: make },
      { id: '2', request: new Request(`${origin}/me`, { method: 'GET' }), dependsOn: ['1'] },
    ]);
    const reply = await client.api('/$batch').post(await content.getContent());
    const responses = new BatchResponseContent(reply);
    expect(responses.getResponseById('1').status).toBe(201);
    expect(await responses.getResponseById('2').json()).toMatchObject({ displayName: 'Ada Admin' });
  });

  it('asks with advanced query parameters', async () => {
    const roles = await client
      .api('/me/transitiveMemberOf/microsoft.graph.directoryRole')
      .header('ConsistencyLevel', 'eventual')
      .count(true)
      .select('displayName')
      .get();
    expect(roles.value).toEqual([{ displayName: 'Global Administrator' }]);
  });
});
