import { beforeEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, refusalOf, type Send } from './helper.ts';

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.as('ada');
});

interface Response {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: a parsed body, which each test knows the shape of
  readonly body: any;
}

async function batch(requests: readonly object[]): Promise<Map<string, Response>> {
  const reply = await send('POST', '/$batch', { body: { requests } });
  if (reply.status !== 200) throw new Error(reply.text);
  return new Map(reply.body.responses.map((response: Response) => [response.id, response]));
}

const json = { 'Content-Type': 'application/json' };

describe('$batch', () => {
  it('answers each item as if it had come alone', async () => {
    const replies = await batch([
      { id: 'a', method: 'GET', url: '/me?$select=id' },
      { id: 'b', method: 'GET', url: "applications(uniqueName='none')" },
      { id: 'c', method: 'POST', url: '/applications', headers: json, body: { displayName: 'Batched' } },
      {
        id: 'd',
        method: 'get',
        url: '/me/transitiveMemberOf/microsoft.graph.directoryRole?$count=true',
        headers: { ConsistencyLevel: 'eventual' },
      },
      { id: 'e', method: 'GET', url: '/nothing' },
      { id: 'f', method: 'POST', url: '/$batch', headers: json, body: { requests: [] } },
    ]);
    const statuses = Object.fromEntries([...replies].map(([id, { status }]) => [id, status]));
    expect(statuses).toEqual({ a: 200, b: 404, c: 201, d: 200, e: 400, f: 400 });
    expect(replies.get('a')?.headers['Content-Type']).toMatch(/^application\/json/);
    expect(replies.get('b')?.body.error.code).toBe('Request_ResourceNotFound');
    expect(replies.get('d')?.body['@odata.count']).toBe(1);
  });

  it('leaves the body out where there is none', async () => {
    const { body } = await send('POST', '/applications', { body: { displayName: 'x' } });
    const patch = { method: 'PATCH', url: `/applications/${body.id}`, headers: json, body: { notes: 'x' } };
    const replies = await batch([{ id: '1', ...patch }]);
    expect(replies.get('1')).toMatchObject({ status: 204 });
    expect(replies.get('1')).not.toHaveProperty('body');
  });

  it('fails what depends on a failure, in a chain and side by side', async () => {
    const chain = await batch([
      { id: '1', method: 'GET', url: '/nothing' },
      { id: '2', method: 'GET', url: '/me', dependsOn: ['1'] },
      { id: '3', method: 'GET', url: '/me', dependsOn: ['2'] },
    ]);
    expect([...chain.values()].map(({ id, status }) => `${id} ${status}`).sort()).toEqual([
      '1 400',
      '2 424',
      '3 424',
    ]);
    const fan = await batch([
      { id: '1', method: 'GET', url: '/me' },
      { id: '2', method: 'GET', url: '/me', dependsOn: ['1'] },
      { id: '3', method: 'GET', url: '/me', dependsOn: ['1'] },
    ]);
    expect([...fan.values()].map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  const me = (id: string, dependsOn?: string[]): object => ({
    id,
    method: 'GET',
    url: '/me',
    ...(dependsOn === undefined ? {} : { dependsOn }),
  });

  it.each<[string, unknown]>([
    ['no requests', {}],
    ['an empty list', { requests: [] }],
    ['21 requests', { requests: Array.from({ length: 21 }, (_, index) => me(String(index))) }],
    ['an id twice', { requests: [me('1'), me('1')] }],
    ['no id', { requests: [{ method: 'GET', url: '/me' }] }],
    ['a number as id', { requests: [{ id: 1, method: 'GET', url: '/me' }] }],
    [
      'an absolute address',
      { requests: [{ id: '1', method: 'GET', url: 'https://graph.microsoft.com/v1.0/me' }] },
    ],
    [
      'a body without Content-Type',
      { requests: [{ id: '1', method: 'POST', url: '/applications', body: {} }] },
    ],
    ['an unknown dependency', { requests: [me('1', ['2'])] }],
    ['a mixed graph of dependencies', { requests: [me('1'), me('2', ['1']), me('3', ['2']), me('4')] }],
  ])('refuses %s', async (_, body) => {
    expect(refusalOf(await send('POST', '/$batch', { body }))).toBe('400 BadRequest');
  });

  it('takes 20 requests', async () => {
    expect((await batch(Array.from({ length: 20 }, (_, index) => me(String(index))))).size).toBe(20);
  });

  it('needs a token', async () => {
    const reply = await fixture.send('POST', '/$batch', { body: { requests: [me('1')] } });
    expect(refusalOf(reply)).toBe('401 InvalidAuthenticationToken');
  });

  it('lets a scenario refuse single items', async () => {
    const seen: string[] = [];
    fixture = createFixture({
      itemFault: (method, url) => {
        seen.push(`${method} ${url}`);
        const body = '{"error":{"code":"TooManyRequests","message":"Too Many Requests"}}';
        const headers = { 'content-type': 'application/json', 'retry-after': '1' };
        return seen.length === 1 ? { status: 429, headers, body } : undefined;
      },
    });
    send = await fixture.as('ada');
    const replies = await batch([me('1'), me('2')]);
    expect(replies.get('1')).toMatchObject({ status: 429, headers: { 'Retry-After': '1' } });
    expect(replies.get('2')?.status).toBe(200);
    expect(seen).toEqual(['GET /v1.0/me', 'GET /v1.0/me']);
  });
});
