import { isObject, type Json, objectsOf, textOf, textsOf } from '../json.ts';
import type { SandboxReply, SandboxRequest } from '../world.ts';
import { parseBody } from './body.ts';

import { badRequest, type GraphRefusal } from './refusal.ts';

/** graph-docs json-batching.md. */
const mostRequests = 20;

interface Item {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly dependsOn: readonly string[];
}

/** Answers one item as if it had come alone. */
export type Answer = (item: SandboxRequest) => Promise<SandboxReply>;

function malformed(message: string): GraphRefusal {
  return badRequest(message, 'BadRequest');
}

function headersOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name.toLowerCase(), String(text)]));
}

function parseItem(raw: Json): Item {
  const id = textOf(raw, 'id');
  const method = textOf(raw, 'method');
  const url = textOf(raw, 'url');
  if (id === undefined || id === '' || method === undefined || url === undefined || url === '') {
    throw malformed('Invalid batch payload format.');
  }
  if (/^[a-z][\w+.-]*:/i.test(url)) throw malformed(`Request Id: ${id}. The url must be relative.`);
  const headers = headersOf(raw['headers']);
  const body = raw['body'];
  const hasBody = body !== undefined && body !== null;
  if (hasBody && headers['content-type'] === undefined) {
    throw malformed(`Write request id : ${id} does not contain Content-Type header or body.`);
  }
  return { id, method: method.toUpperCase(), url, headers, body, dependsOn: textsOf(raw, 'dependsOn') };
}

/** All parallel, one chain in order, or all that wait waiting for the same request; nothing in between. */
function isUniform(items: readonly Item[]): boolean {
  const waiting = items.filter(({ dependsOn }) => dependsOn.length > 0);
  if (waiting.length === 0) return true;
  const [first] = waiting;
  const same = waiting.every(({ dependsOn }) => dependsOn.join('\n') === first?.dependsOn.join('\n'));
  const chained = items.every(({ dependsOn }, index) => {
    const before = items[index - 1];
    return before === undefined
      ? dependsOn.length === 0
      : dependsOn.length === 1 && dependsOn[0] === before.id;
  });
  return same || chained;
}

function checkDependencies(items: readonly Item[]): void {
  const ids = new Set<string>();
  for (const { id, dependsOn } of items) {
    if (ids.has(id)) throw malformed(`Request Id: ${id} is not unique in the batch.`);
    const unknown = dependsOn.find((other) => !ids.has(other));
    if (unknown !== undefined)
      throw malformed(`Request Id: ${id} depends on ${unknown}, which does not come before it.`);
    ids.add(id);
  }
  if (!isUniform(items))
    throw malformed('The dependsOn properties must be all absent, a chain, or all the same.');
}

function parseItems(request: SandboxRequest): Item[] {
  const body = parseBody(request);
  const requests = body['requests'];
  if (!Array.isArray(requests) || requests.length === 0 || !requests.every(isObject)) {
    throw malformed('Invalid batch payload format.');
  }
  if (requests.length > mostRequests) {
    throw malformed(`Number of batch request steps exceeds the maximum value of ${mostRequests}.`);
  }
  const items = objectsOf(body, 'requests').map(parseItem);
  checkDependencies(items);
  return items;
}

function toRequest(
  outer: SandboxRequest,
  version: string,
  { method, url, headers, body }: Item,
): SandboxRequest {
  const path = url.startsWith('/') ? url : `/${url}`;
  return {
    method,
    url: new URL(`${version}${path}`, outer.url),
    headers: { authorization: outer.headers['authorization'], ...headers },
    body: body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** The headers that an item's reply keeps, as a batch spells them. */
const shownHeaders = ['Cache-Control', 'x-ms-resource-unit', 'OData-Version', 'Content-Type', 'Retry-After'];

/** An item's reply inside the batch's; its body is JSON where the reply has one. */
function toResponse(id: string, reply: SandboxReply): Json {
  const headers = Object.fromEntries(
    shownHeaders.flatMap((name) => {
      const value = reply.headers[name.toLowerCase()];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const isJson = reply.body !== '' && reply.headers['content-type']?.startsWith('application/json') === true;
  const body: unknown = isJson ? JSON.parse(reply.body) : reply.body;
  return { id, status: reply.status, headers, ...(reply.body === '' ? {} : { body }) };
}

function failedDependency(id: string): Json {
  const error = {
    code: 'FailedDependency',
    message: 'The request failed because a request that it depends on has failed.',
  };
  return { id, status: 424, headers: { 'Content-Type': 'application/json' }, body: { error } };
}

/**
 * The replies to a batch's items, each answered on its own; an item whose dependency failed gets 424. Throws 400 for
 * a batch that is malformed as a whole.
 */
export async function answerBatch(request: SandboxRequest, answer: Answer): Promise<Json[]> {
  const items = parseItems(request);
  const version = request.url.pathname.replace(/\/\$batch\/?$/i, '');
  const failed = new Set<string>();
  const responses: Json[] = [];
  for (const item of items) {
    const blocked = item.dependsOn.some((id) => failed.has(id));
    const reply = blocked ? undefined : await answer(toRequest(request, version, item));
    if (reply === undefined || reply.status >= 400) failed.add(item.id);
    responses.push(reply === undefined ? failedDependency(item.id) : toResponse(item.id, reply));
  }
  return responses;
}
