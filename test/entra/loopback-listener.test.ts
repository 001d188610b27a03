import { createServer, request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LoopbackListener, listenForResponse } from '../../src/entra/loopback-listener.ts';

const state = 'the-state-of-this-sign-in';
const pages = { successMessage: '<p>well</p>', errorMessage: '<p>not well</p>' };

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly host?: string;
  readonly address?: string;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function open(): Promise<LoopbackListener> {
  const listener = await listenForResponse(state, pages);
  onTestFinished(() => listener.close());
  return listener;
}

function ask({ redirectUri }: LoopbackListener, asked: Asked): Promise<Answer> {
  const { port, host } = new URL(redirectUri);
  return new Promise((resolve, reject) => {
    const { method = 'GET', path, address = '127.0.0.1', body } = asked;
    const headers = {
      host: asked.host ?? host,
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const sent = request({ host: address, port, method, path, headers, agent: false }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => {
        const { statusCode: status = 0, headers: got } = reply;
        resolve({ status, location: got.location, text: Buffer.concat(chunks).toString(), headers: got });
      });
    });
    sent.on('error', reject).end(body);
  });
}

const settledBy = (listener: LoopbackListener): Promise<unknown> =>
  Promise.race([listener.response, new Promise((resolve) => setImmediate(resolve, 'nothing'))]);

describe('the listener for the browser that comes back', () => {
  const good = `/?code=the-code&state=${state}`;

  it('takes the code that comes with its state, and shows the last page under an address without it', async () => {
    const listener = await open();
    expect(listener.redirectUri).toMatch(/^http:\/\/localhost:\d+$/);
    const came = await ask(listener, { path: `${good}&session_state=x` });
    expect([came.status, came.location]).toEqual([303, `${listener.redirectUri}/`]);
    expect(await listener.response).toEqual({ code: 'the-code' });
    const last = await ask(listener, { path: '/' });
    expect([last.status, last.text]).toEqual([200, pages.successMessage]);
    expect(last.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    await listener.shown;
  });

  it('takes the error that comes with its state', async () => {
    const listener = await open();
    const query = new URLSearchParams({
      error: 'access_denied',
      error_description: 'AADSTS65004: No.',
      state,
    });
    await ask(listener, { path: `/?${query}` });
    expect(await listener.response).toEqual({ error: 'access_denied', description: 'AADSTS65004: No.' });
    expect((await ask(listener, { path: '/' })).text).toBe(pages.errorMessage);
  });

  it.each<[string, number, Asked]>([
    ['a code without a state', 400, { path: '/?code=other' }],
    ['an error without a state', 400, { path: '/?error=access_denied&error_description=x' }],
    ['a code with another state', 400, { path: '/?code=other&state=another' }],
    ['a code with an empty state', 400, { path: '/?code=other&state=' }],
    ['a code with a longer state', 400, { path: `/?code=other&state=${state}x` }],
    ['two states', 400, { path: `/?code=other&state=${state}&state=another` }],
    ['two codes', 400, { path: `/?code=one&code=two&state=${state}` }],
    ['two errors', 400, { path: `/?error=one&error=two&state=${state}` }],
    ['code and error', 400, { path: `/?code=other&error=access_denied&state=${state}` }],
    ['neither code nor error', 400, { path: `/?state=${state}` }],
    ['an empty code', 400, { path: `/?code=&state=${state}` }],
    ['another path', 404, { path: `/callback?code=other&state=${state}` }],
    ['a path that begins as ours', 404, { path: `//?code=other&state=${state}` }],
    ['an address in whole', 404, { path: `http://localhost/?code=other&state=${state}` }],
    ['an icon', 404, { path: '/favicon.ico' }],
    ['the last page before its time', 404, { path: '/' }],
    ['a form', 405, { method: 'POST', path: '/', body: `code=other&state=${state}` }],
    ['a form with a query', 405, { method: 'POST', path: `/?code=other&state=${state}` }],
    ['a look without a body', 405, { method: 'HEAD', path: `/?code=other&state=${state}` }],
    ['a foreign name', 421, { path: `/?code=other&state=${state}`, host: 'attacker.example' }],
    ['our name on another port', 421, { path: `/?code=other&state=${state}`, host: 'localhost:1' }],
    ['our name without a port', 421, { path: `/?code=other&state=${state}`, host: 'localhost' }],
    ['an address as a name', 421, { path: `/?code=other&state=${state}`, host: '127.0.0.1' }],
  ])('refuses %s with %i, and goes on waiting', async (_name, status, asked) => {
    const listener = await open();
    const answer = await ask(listener, asked);
    expect([answer.status, answer.text, answer.location]).toEqual([status, '', undefined]);
    expect(await settledBy(listener)).toBe('nothing');
    await ask(listener, { path: good });
    expect(await listener.response).toEqual({ code: 'the-code' });
  });

  it('takes nothing more once it has what it waited for', async () => {
    const listener = await open();
    await ask(listener, { path: good });
    for (const path of [good, `/?code=other&state=${state}`, `/?error=access_denied&state=${state}`]) {
      expect((await ask(listener, { path })).status).toBe(410);
    }
    expect(await listener.response).toEqual({ code: 'the-code' });
    expect((await ask(listener, { path: '/' })).text).toBe(pages.successMessage);
  });

  it('leaves its port to nobody else on either loopback address', async (context) => {
    const hasV6 = await new Promise<boolean>((resolve) => {
      const probe = createServer().once('error', () => resolve(false));
      probe.listen(0, '::1', () => probe.close(() => resolve(true)));
    });
    context.skip(!hasV6, 'there is no IPv6 here');
    const listener = await open();
    const { port } = new URL(listener.redirectUri);
    const other = createServer();
    const failed = new Promise((resolve) => other.once('error', resolve));
    other.listen({ port: Number(port), host: '::1', exclusive: true });
    expect(await failed).toMatchObject({ code: 'EADDRINUSE' });
    await ask(listener, { path: good, address: '::1' });
    expect(await listener.response).toEqual({ code: 'the-code' });
  });

  it('is gone when it is closed', async () => {
    const listener = await open();
    listener.close();
    await expect(ask(listener, { path: good })).rejects.toThrow('ECONNREFUSED');
  });
});
