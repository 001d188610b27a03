import { expect, it } from 'vitest';
import { createOpenIdMemory } from '../../src/adapters/openid-memory.ts';
import type { Transport } from '../../src/adapters/transport.ts';

const address = 'https://login.example/t/v2.0/.well-known/openid-configuration';
const configuration = '{"token_endpoint":"https://login.example/t/oauth2/v2.0/token"}';

type Policy = ReturnType<typeof createOpenIdMemory>['policy'];
type Request = Parameters<Policy['sendRequest']>[0];
type Response = Awaited<ReturnType<Policy['sendRequest']>>;

/** A transport that answers everything alike, and a network behind the policy that counts. */
function network(status: number, body: string) {
  const counted = { fetched: 0, sent: 0 };
  const transport: Transport = {
    fetch: async () => {
      counted.fetched += 1;
      return new Response(body, { status });
    },
    read: async () => ({ status, body }),
    agent: undefined,
    close: async () => undefined,
  };
  const next = async (request: Request): Promise<Response> => {
    counted.sent += 1;
    return { request, status: 200, headers: request.headers, bodyAsText: configuration };
  };
  return { transport, next, counted };
}

const asking = (url: string, method = 'GET') => ({ url, method, headers: {} }) as unknown as Request;

it('answers from what was fetched ahead, and fetches once', async () => {
  const { transport, next, counted } = network(200, configuration);
  const { prefetch, policy } = createOpenIdMemory();
  prefetch(address, transport);
  prefetch(address, transport);
  expect((await policy.sendRequest(asking(address), next)).bodyAsText).toBe(configuration);
  expect(counted).toEqual({ fetched: 1, sent: 0 });
});

it('answers from what was read, and from what it let through before', async () => {
  const { transport, next, counted } = network(200, configuration);
  const read = createOpenIdMemory();
  await read.keeping(transport).read(address);
  await read.policy.sendRequest(asking(address), next);
  expect(counted.sent).toBe(0);
  const { policy } = createOpenIdMemory();
  for (const _turn of [1, 2]) await policy.sendRequest(asking(address), next);
  expect(counted.sent).toBe(1);
});

it.each([
  ['a refusal', 400, configuration],
  ['a page of a proxy', 200, '<html>'],
  ['something else', 200, '{}'],
  ['null', 200, 'null'],
])('asks again after %s', async (_name, status, body) => {
  const { transport, next, counted } = network(status, body);
  const { prefetch, policy } = createOpenIdMemory();
  prefetch(address, transport);
  await policy.sendRequest(asking(address), next);
  expect(counted.sent).toBe(1);
});

it('asks again where no reply came', async () => {
  const { transport, next, counted } = network(200, configuration);
  const { prefetch, policy } = createOpenIdMemory();
  prefetch(address, { ...transport, fetch: () => Promise.reject(new Error('lost')) });
  await policy.sendRequest(asking(address), next);
  expect(counted.sent).toBe(1);
});

it('leaves everything else alone', async () => {
  const { transport, next, counted } = network(200, configuration);
  const { prefetch, policy } = createOpenIdMemory();
  prefetch(address, transport);
  await policy.sendRequest(asking('https://login.example/t/oauth2/v2.0/token', 'POST'), next);
  await policy.sendRequest(asking(address.replace('/t/', '/u/')), next);
  expect(counted.sent).toBe(2);
});
