import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/core/redact.ts';
import { findWorkloadToken } from '../../src/entra/workload-token.ts';
import { temporaryFolder } from '../sandbox/start.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${part({ alg: 'RS256' })}.${part({ iss: 'https://issuer.example', sub: 'me', aud: 'api://x' })}.c2ln`;
const gitHub = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.example/token?api-version=2.0',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token-plainly-fake',
};

function world(
  env: Record<string, string>,
  reply = new Response(JSON.stringify({ value: token })),
  local = false,
) {
  const asked: { url: string; headers: Readonly<Record<string, string>> }[] = [];
  const redactor = createRedactor();
  const transport = {
    fetch: async (url: string, init: { headers?: Readonly<Record<string, string>> } = {}) => {
      asked.push({ url, headers: init.headers ?? {} });
      return reply.clone();
    },
  };
  return { asked, redactor, io: { env, transport, redactor, local } };
}

describe('the token of a workload', () => {
  it('is absent outside of one', async () => {
    expect(await findWorkloadToken('api://x', world({}).io)).toBeUndefined();
  });

  it('comes from GitHub for the audience, its bearer only to that address, and is never printable', async () => {
    const { asked, io, redactor } = world(gitHub);
    const found = await findWorkloadToken('api://AzureADTokenExchange', io);
    expect(found?.presented).toEqual({
      issuer: 'https://issuer.example',
      subject: 'me',
      audience: 'api://x',
    });
    expect((await found?.read())?.reveal()).toBe(token);
    await found?.read();
    expect(asked).toHaveLength(2);
    expect(asked[0]?.url).toBe(
      'https://pipelines.example/token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange',
    );
    expect(asked[0]?.headers['authorization']).toBe('bearer request-token-plainly-fake');
    expect(redactor.redact(`a request-token-plainly-fake b`)).toBe('a [redacted] b');
    expect(redactor.redact(token)).toBe('[redacted]');
  });

  it('is not asked for without https, nor elsewhere where only this machine is spoken to', async () => {
    const plain = world({ ...gitHub, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://pipelines.example/token' });
    await expect(findWorkloadToken('api://x', plain.io)).rejects.toThrow('no https address');
    const local = world(gitHub, undefined, true);
    expect(await findWorkloadToken('api://x', local.io)).toBeUndefined();
    expect([...plain.asked, ...local.asked]).toEqual([]);
  });

  it.each([
    ['a refusal', new Response('{"message":"no"}', { status: 403 }), 'HTTP 403'],
    ['no token', new Response('{}'), 'HTTP 200'],
    ['no JSON', new Response('<html>'), 'HTTP 200'],
    ['no JWT', new Response('{"value":"opaque-value"}'), 'no JSON web token'],
  ])('tells of %s', async (_name, reply, words) => {
    await expect(findWorkloadToken('api://x', world(gitHub, reply).io)).rejects.toThrow(words);
  });

  it('is read again from its file each time: platforms renew it', async () => {
    const path = join(await temporaryFolder(), 'token');
    await writeFile(path, `${token}\n`);
    const { io, asked } = world({ ...gitHub, AZURE_FEDERATED_TOKEN_FILE: path });
    const found = await findWorkloadToken('api://x', io);
    expect((await found?.read())?.reveal()).toBe(token);
    await writeFile(path, 'renewed');
    expect((await found?.read())?.reveal()).toBe('renewed');
    expect(asked).toEqual([]);
  });
});
