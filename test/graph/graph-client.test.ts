import { describe, expect, it } from 'vitest';
import { chooseCloud } from '../../src/entra/clouds.ts';
import { createGraphClient, type GraphCall } from '../../src/graph/graph-client.ts';
import { type FetchInit, largestLogPage } from '../../src/http/transport.ts';

/** A client for Graph at this address, and what it sent. */
function clientAt(graphUrl: string) {
  const sent: (FetchInit & { readonly url: string })[] = [];
  const fetch = async (url: string, init: FetchInit = {}): Promise<Response> => {
    sent.push({ url, ...init });
    return new Response('{}');
  };
  const cloud = chooseCloud({ authorityHost: 'https://login.example', graphUrl });
  const transport = {
    fetch,
    read: () => Promise.reject(new Error('Nothing is read without a token here.')),
    via: () => undefined,
    close: async () => undefined,
  };
  return {
    sent,
    call: createGraphClient(
      cloud,
      transport,
      async () => 'plainly-fake',
      () => 'an-id',
    ),
  };
}

const me: GraphCall = { method: 'GET', path: '/me?$select=id' };

describe('the client of Graph', () => {
  it.each([
    'https://graph.microsoft.com',
    'https://graph.example:8443',
    'https://GRAPH.example',
    'https://127.0.0.1:8443',
    'https://[::1]:8443',
    'https://[2001:db8::1]',
  ])('sends the token to %s', async (graphUrl) => {
    const { sent, call } = clientAt(graphUrl);
    await call(me);
    await call({ method: 'POST', path: '/applications', body: { displayName: 'x' } });
    expect(sent.map(({ url }) => new URL(url).origin)).toEqual(Array(2).fill(new URL(graphUrl).origin));
    expect(sent.map(({ headers }) => headers?.['authorization'])).toEqual(
      Array(2).fill('Bearer plainly-fake'),
    );
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/v1.0/me', '/v1.0/applications']);
  });

  it('sends no token to another address', async () => {
    const { sent, call } = clientAt('https://graph.example');
    await expect(call({ ...me, path: 'https://evil.example/v1.0/me' })).rejects.toThrow(
      'no address of Graph',
    );
    expect(sent).toEqual([]);
  });

  it.each<[GraphCall, number | undefined]>([
    [me, undefined],
    [{ method: 'GET', path: '/auditLogs/signIns?$top=10' }, largestLogPage],
    [{ method: 'POST', path: '/$batch', body: { requests: [{ url: '/me' }] } }, undefined],
    [
      {
        method: 'POST',
        path: '/$batch',
        body: { requests: [{ url: '/me' }, { url: '/auditLogs/signIns' }] },
      },
      largestLogPage,
    ],
    [{ method: 'GET', path: '/applications?$filter=x eq /auditLogs/' }, undefined],
  ])('takes more for a page of a log than for anything else: %o', async (request, most) => {
    const { sent, call } = clientAt('https://graph.example');
    await call(request);
    expect(sent.map((one) => one.most)).toEqual([most]);
  });
});
