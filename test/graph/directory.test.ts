import { describe, expect, it } from 'vitest';
import {
  createDirectory,
  createPace,
  type Directory,
  type DirectoryRequest,
  listAll,
} from '../../src/graph/directory.ts';
import { DirectoryError } from '../../src/graph/directory-error.ts';
import type { GraphCall, GraphReply } from '../../src/graph/graph-client.ts';

const reply = (status: number, body: unknown, headers: Record<string, string> = {}): GraphReply => ({
  status,
  headers: new Headers(headers),
  text: typeof body === 'string' ? body : JSON.stringify(body),
});

const refusal = (code: string): unknown => ({ error: { code, message: code } });
const lost = (): never => {
  throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
};

const challengeHeader = {
  'www-authenticate': `Bearer error="insufficient_claims", claims="${Buffer.from('{"a":1}').toString('base64')}"`,
};

/** A directory whose service gives these replies in turn, on a clock that waiting moves. */
function createSubject(replies: readonly (GraphReply | (() => never))[], canRenew = true) {
  let clock = 0;
  const calls: GraphCall[] = [];
  const renewed: string[] = [];
  const time = {
    now: () => new Date(clock),
    sleep: async (delay: number) => {
      clock += delay;
    },
    random: () => 0,
  };
  const directory = createDirectory({
    ...time,
    call: async (call) => {
      const next = replies[calls.length] ?? reply(200, {});
      calls.push(call);
      return typeof next === 'function' ? next() : next;
    },
    ...(canRenew ? { renew: async (claims: string) => void renewed.push(claims) } : {}),
    pace: createPace(time),
    onWait: () => undefined,
  });
  return { directory, calls, renewed, elapsed: () => clock };
}

const read: DirectoryRequest = { method: 'GET', path: '/me', purpose: 'look' };
const create: DirectoryRequest = {
  method: 'POST',
  path: '/things',
  body: {},
  purpose: 'make',
  repeatable: true,
};

async function errorOf(promise: Promise<unknown>): Promise<DirectoryError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof DirectoryError) return error;
  throw new Error(`Expected a DirectoryError, not ${String(error)}`);
}

describe('a reply that was lost', () => {
  it('is asked for again, and leaves the next refusal uncertain', async () => {
    const { directory } = createSubject([lost, reply(400, refusal('Request_BadRequest'))]);
    expect((await errorOf(directory.send(create))).uncertain).toBe(true);
  });

  it('leaves nothing uncertain where it was refused at once', async () => {
    const { directory } = createSubject([reply(400, refusal('Request_BadRequest'))]);
    expect((await errorOf(directory.send(create))).uncertain).toBe(false);
  });

  it('is not asked for again where a second one would do harm', async () => {
    for (const request of [
      { ...create, repeatable: false },
      { ...create, once: true },
    ]) {
      const { directory, calls } = createSubject([lost]);
      expect((await errorOf(directory.send(request))).failure.networkCode).toBe('ECONNRESET');
      expect(calls).toHaveLength(1);
    }
  });

  it.each([
    ['a page of a proxy', reply(200, '<html></html>')],
    ['an error inside a success', reply(200, refusal('InternalServerError'))],
  ])('is also %s', async (_name, broken) => {
    const { directory, calls } = createSubject([broken, reply(200, { id: 'x' })]);
    expect(await directory.send(read)).toEqual({ id: 'x' });
    expect(calls).toHaveLength(2);
  });
});

describe('a $batch', () => {
  const other: DirectoryRequest = { method: 'GET', path: '/organization', purpose: 'look' };

  it('asks again only for the items that failed', async () => {
    const responses = [
      { id: '1', status: 200, body: { id: 'me' } },
      { id: '2', status: 429, headers: { 'Retry-After': '9' }, body: refusal('TooManyRequests') },
    ];
    const { directory, calls, elapsed } = createSubject([
      reply(200, { responses }),
      reply(200, { id: 'org' }),
    ]);
    expect(await Promise.all([directory.send(read), directory.send(other)])).toEqual([
      { id: 'me' },
      { id: 'org' },
    ]);
    expect(calls.map(({ path }) => path)).toEqual(['/$batch', '/organization']);
    expect(elapsed()).toBe(9_000);
  });

  it('asks again for an item that is missing', async () => {
    const responses = [{ id: '1', status: 200, body: { id: 'me' } }];
    const { directory, calls } = createSubject([reply(200, { responses }), reply(200, { id: 'org' })]);
    await Promise.all([directory.send(read), directory.send(other)]);
    expect(calls.map(({ path }) => path)).toEqual(['/$batch', '/organization']);
  });
});

describe('a $batch that is answered by something else', () => {
  it.each([
    ['another success', reply(299, { id: 'x' })],
    ['a success without a body', reply(202, '')],
    ['a success without replies', reply(200, { responses: 'none' })],
  ])('%s tells nothing about its items', async (_name, odd) => {
    const grants = ['/a', '/b'].map((path) => ({ ...create, path }));
    const responses = ['1', '2'].map((id) => ({ id, status: 201, body: { id } }));
    const { directory, calls } = createSubject([odd, reply(200, { responses })]);
    const bodies = await Promise.all(grants.map((grant) => directory.send(grant)));
    expect(bodies).toEqual([{ id: '1' }, { id: '2' }]);
    expect(calls.map(({ path }) => path)).toEqual(['/$batch', '/$batch']);
  });

  it('that nobody can read says so', async () => {
    const unreadable = (): never => {
      throw Object.assign(new Error('cannot be read'), { code: 'EBADMSG' });
    };
    const { directory } = createSubject([unreadable]);
    const { failure } = await errorOf(directory.send({ ...create, once: true }));
    expect(failure).toMatchObject({ kind: 'malformed', networkCode: 'EBADMSG' });
  });
});

describe('a challenge', () => {
  const challenge = reply(401, refusal('InvalidAuthenticationToken'), challengeHeader);

  it('is answered with a new token that holds its claims', async () => {
    const { directory, renewed } = createSubject([challenge, reply(200, { id: 'x' })]);
    expect(await directory.send(create)).toEqual({ id: 'x' });
    expect(renewed).toEqual(['{"a":1}']);
  });

  it('gives a step that tries by itself the new token and the choice', async () => {
    const { directory, renewed, calls } = createSubject([challenge]);
    await errorOf(directory.send({ ...create, once: true }));
    expect([renewed, calls.length]).toEqual([['{"a":1}'], 1]);
  });

  it('ends the request where a new token takes a person', async () => {
    const { directory, calls } = createSubject([challenge], false);
    expect((await errorOf(directory.send(read))).failure.claims).toBe('{"a":1}');
    expect(calls).toHaveLength(1);
  });
});

it('does not wait for a clock that was set back', async () => {
  let clock = 86_400_000;
  const slept: number[] = [];
  const pace = createPace({
    now: () => new Date(clock),
    sleep: async (delay) => {
      slept.push(delay);
      clock += delay;
    },
  });
  for (let request = 1; request <= 5; request += 1) await pace('/auditLogs/signIns');
  clock = 0;
  await pace('/auditLogs/signIns');
  expect(slept).toEqual([]);
});

it('keeps to five requests of the reporting API in ten seconds', async () => {
  const { directory, calls, elapsed } = createSubject([]);
  const log = (page: number): DirectoryRequest => ({ ...read, path: `/auditLogs/signIns?$skip=${page}` });
  for (let page = 1; page <= 5; page += 1) await directory.send(log(page));
  expect(elapsed()).toBe(0);
  await directory.send(read);
  expect(elapsed()).toBe(0);
  await directory.send(log(6));
  expect(elapsed()).toBe(10_100);
  expect(calls).toHaveLength(7);
});

const things: DirectoryRequest = { method: 'GET', path: '/things?$top=2', purpose: 'read the things' };

function serve(pages: Readonly<Record<string, unknown>>): { directory: Directory; asked: string[] } {
  const asked: string[] = [];
  let clock = 0;
  const time = {
    now: () => new Date(clock),
    sleep: async (delay: number) => {
      clock += delay;
    },
    random: () => 0,
  };
  const directory = createDirectory({
    ...time,
    call: async ({ path }) => {
      asked.push(path);
      return reply(200, pages[path]);
    },
    pace: createPace(time),
    onWait: () => undefined,
  });
  return { directory, asked };
}

const isThing = (item: unknown): boolean => typeof item === 'object' && item !== null;

describe('a list', () => {
  it('reads page after page', async () => {
    const { directory, asked } = serve({
      '/things?$top=2': {
        value: [{ id: 1 }, { id: 2 }],
        '@odata.nextLink': 'https://graph.example/v1.0/things?$top=2&$skiptoken=a',
      },
      '/things?$top=2&$skiptoken=a': { value: [{ id: 3 }] },
    });
    expect(await listAll(directory, things, isThing)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(asked).toHaveLength(2);
  });

  it('asks for the next page where the first one was, whatever host its address names', async () => {
    const { directory, asked } = serve({
      '/things?$top=2': { value: [], '@odata.nextLink': 'https://evil.example/v1.0/things?$skiptoken=b' },
      '/things?$skiptoken=b': { value: [{ id: 1 }] },
    });
    expect(await listAll(directory, things, isThing)).toEqual([{ id: 1 }]);
    expect(asked.every((path) => path.startsWith('/'))).toBe(true);
  });

  it('ends, even where the server does not, and takes no part of it for all', async () => {
    const { directory, asked } = serve({
      '/things?$top=2': { value: [{}], '@odata.nextLink': 'https://graph.example/v1.0/things?$top=2' },
    });
    const { failure } = await errorOf(listAll(directory, things, isThing));
    expect(failure.kind).toBe('malformed');
    expect(asked).toHaveLength(100);
  });

  it.each<[string, unknown]>([
    ['a link that is no address', { value: [{}], '@odata.nextLink': '//x' }],
    ['a link that is no text', { value: [{}], '@odata.nextLink': 7 }],
    ['nothing', {}],
    ['null', { value: null }],
    ['an item that is none', { value: [{}, null] }],
    ['an object', { value: { id: 1 } }],
  ])('is no list with %s', async (_name, body) => {
    const { directory } = serve({ '/things?$top=2': body });
    const { failure } = await errorOf(listAll(directory, things, isThing));
    expect(failure.kind).toBe('malformed');
  });
});
