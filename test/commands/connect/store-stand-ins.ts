import { writeFile } from 'node:fs/promises';
import { createServer as createPlainServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fieldsIn, fieldsOf } from '../../../src/core/fields.ts';
import { sharedKeys } from '../../helpers/keys.ts';
import type { World } from '../../helpers/world.ts';

/** A request as a stand-in got it. */
export interface Got {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Reply = readonly [status: number, body: unknown];

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** A server on this machine that answers as `answer` says, in JSON; it ends with the test. */
export async function standIn(answer: (got: Got) => Reply, plain = false) {
  const got: Got[] = [];
  const listener: RequestListener = (request, response) => {
    bodyOf(request).then((body) => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      got.push(one);
      const [status, reply] = answer(one);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(reply === undefined ? '' : JSON.stringify(reply));
    });
  };
  const { certificate } = await sharedKeys();
  const server = plain
    ? createPlainServer(listener)
    : createServer({ cert: certificate.certificate, key: certificate.privateKey }, listener);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => new Promise<void>((done) => void server.close(() => done()).closeAllConnections()));
  const { port } = server.address() as AddressInfo;
  return { got, host: `127.0.0.1:${port}`, origin: `${plain ? 'http' : 'https'}://127.0.0.1:${port}` };
}

/** GitHub Enterprise as gh asks it, with a public key of the test's own (base64). */
export const gitHub = (publicKey: string, denies = false) =>
  standIn(({ method, url }) => {
    if (denies) return [404, { message: 'Not Found' }];
    if (url.endsWith('/public-key')) return [200, { key_id: '1', key: publicKey }];
    if (method === 'PUT') return [201, {}];
    const name = url.split('/').at(-1);
    if (/\/secrets\/\w+$/.test(url)) return [200, { name, updated_at: '2026-11-28T10:00:00Z' }];
    if (/\/repos\/[^/]+\/[^/]+$/.test(url)) return [200, { id: 7, name }];
    return [200, {}];
  });

/** AWS Secrets Manager, JSON 1.1. */
export function secretsManager() {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:reporting-AbCdEf';
  let tags: unknown;
  const versions = new Map<string, unknown>();
  return standIn(({ headers, body }) => {
    const asked = fieldsIn(body);
    const version = `0000000${versions.size + 1}-0000-4000-8000-000000000000`;
    switch (String(headers['x-amz-target']).split('.')[1]) {
      case 'DescribeSecret':
        return tags === undefined
          ? [400, { __type: 'ResourceNotFoundException', Message: "can't find the specified secret" }]
          : [200, { ARN: arn, Name: 'reporting', Tags: tags }];
      case 'CreateSecret':
      case 'PutSecretValue':
        tags = asked['Tags'] ?? tags;
        versions.set(version, asked['SecretString']);
        return [200, { ARN: arn, Name: 'reporting', VersionId: version }];
      default:
        return [200, { ARN: arn, Name: 'reporting', SecretString: versions.get(String(asked['VersionId'])) }];
    }
  });
}

/** A KV engine of Vault, version 2; one mounted as `old` is of version 1. */
export function keyValueVault() {
  const paths = new Map<string, { version: number; data: unknown }>();
  const write = (path: string, body: string): Reply => {
    const { data, options } = fieldsIn(body);
    const before = paths.get(path)?.version ?? 0;
    if (fieldsOf(options)['cas'] !== before) {
      return [400, { errors: ['check-and-set parameter did not match the current version'] }];
    }
    paths.set(path, { version: before + 1, data });
    return [200, { data: { version: before + 1 } }];
  };
  return standIn(({ method, url, headers, body }) => {
    if (headers['x-vault-token'] !== 'plainly-a-token') return [403, { errors: ['permission denied'] }];
    const [path = ''] = url.split('?');
    if (path.startsWith('/v1/sys/internal/ui/mounts/')) {
      return [200, { data: { type: 'kv', options: { version: path.endsWith('/old') ? '1' : '2' } } }];
    }
    if (method !== 'GET') return write(path, body);
    const held = paths.get(path);
    if (!held) return [404, { errors: [] }];
    return [200, { data: { data: held.data, metadata: { version: held.version } } }];
  }, true);
}

/** The variables of GitLab's projects. */
export function gitLab() {
  const variables = new Map<string, Record<string, unknown>>();
  return standIn(({ method, url, headers, body }) => {
    if (headers['private-token'] !== 'plainly-a-token') return [401, { message: '401 Unauthorized' }];
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const scope = searchParams.get('filter[environment_scope]') ?? '*';
    const [, list = '', name] = /^(\/api\/v4\/projects\/[^/]+\/variables)(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (list === '') return [404, { message: '404 Project Not Found' }];
    const asked = fieldsIn(body);
    if (method === 'POST') {
      const key = `${list} ${String(asked['key'])} ${String(asked['environment_scope'])}`;
      variables.set(key, asked);
      return [201, asked];
    }
    const key = `${list} ${name} ${scope}`;
    const held = variables.get(key);
    if (!held) return [404, { message: '404 Variable Not Found' }];
    if (method === 'PUT') variables.set(key, { ...held, ...asked });
    return [200, variables.get(key)];
  }, true);
}

/** The CA of every stand-in, in a file. */
export async function trust(world: World): Promise<string> {
  const path = join(world.folder, 'stand-in-ca.pem');
  await writeFile(path, world.sandbox.caCertificate);
  return path;
}

/** A text without its line breaks. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
