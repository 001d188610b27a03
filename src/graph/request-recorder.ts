import { type Fields, fieldsOf, listOf, sameId, textOf } from '../core/fields.ts';
import { createDirectory, type Directory } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import type { GraphCall, GraphReply } from './graph-client.ts';

/** A request as it would be sent, `$batch` and all. */
export type RecordedRequest = Pick<GraphCall, 'method' | 'path' | 'body'>;

/** Takes requests in the place of Microsoft Graph, and sends none that writes. */
export interface RequestRecorder {
  /** The same that a run writes through: batches are made here as there. */
  readonly directory: Directory;
  /** What it was asked to send, in order; ids that only Graph can give are told in words. */
  readonly requests: () => readonly RecordedRequest[];
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** Object ids that Graph would give, by what they are the id of. */
const idsToCome = {
  application: '00000000-0000-4000-8000-0000000000a1',
  client: '00000000-0000-4000-8000-0000000000a2',
  principal: '00000000-0000-4000-8000-0000000000a3',
  credential: '00000000-0000-4000-8000-0000000000a4',
  assignment: '00000000-0000-4000-8000-0000000000a5',
} as const;

const inWords: Readonly<Record<keyof typeof idsToCome, string>> = {
  application: "<the new application's object ID>",
  client: "<the new application's client ID>",
  principal: "<the new service principal's object ID>",
  credential: "<the new credential's key ID>",
  assignment: "<the new grant's ID>",
};

function worded(text: string): string {
  const names = Object.keys(idsToCome) as (keyof typeof idsToCome)[];
  return names.reduce((shown, name) => shown.replaceAll(idsToCome[name], inWords[name]), text);
}

const emptyApplication = {
  web: null,
  requiredResourceAccess: [],
  passwordCredentials: [],
  keyCredentials: [],
};

/** The key id of a credential that is still to be made. */
export const credentialToCome: string = idsToCome.credential;

/** Objects, or what has changed in them, by their path. */
type Objects = Map<string, Fields>;

/** What Graph answers where it agrees (graph-docs, the page of each request). */
function answerPost(path: string, body: Fields, known: Objects, objects: Objects): Answer {
  if (path === '/applications') {
    const { application: id, client: appId } = idsToCome;
    const made = { ...emptyApplication, ...body, id, appId };
    objects.set(`/applications/${id}`, made);
    return { status: 201, body: made };
  }
  if (path === '/servicePrincipals') {
    const application = [...objects.values(), ...known.values()].find(({ appId }) =>
      sameId(textOf(appId), textOf(body['appId'])),
    );
    const displayName = application?.['displayName'] ?? '';
    const made = { ...body, id: idsToCome.principal, accountEnabled: true, displayName };
    objects.set(`/servicePrincipals/${idsToCome.principal}`, made);
    return { status: 201, body: made };
  }
  if (path.endsWith('/addPassword')) {
    const asked = fieldsOf(body['passwordCredential']);
    return { status: 200, body: { ...asked, keyId: idsToCome.credential, secretText: crypto.randomUUID() } };
  }
  if (path.endsWith('/removePassword')) {
    const owner = path.replace(/\/removePassword$/, '');
    const held = objects.get(owner) ?? {};
    const listed = { ...known.get(owner), ...held };
    const passwordCredentials = listOf(fieldsOf(listed)['passwordCredentials']).filter(
      ({ keyId }) => !sameId(textOf(keyId), textOf(body['keyId'])),
    );
    objects.set(owner, { ...held, passwordCredentials });
    return { status: 204 };
  }
  if (path.endsWith('/appRoleAssignedTo')) {
    return { status: 201, body: { ...body, id: idsToCome.assignment, resourceDisplayName: null } };
  }
  if (path.endsWith('/restore')) return { status: 200, body: known.get(path.replace(/\/restore$/, '')) };
  return { status: 201, body: { ...body, id: idsToCome.credential } };
}

/** What is read comes from the tenant, but for what the requests before have changed. */
async function answerGet(
  path: string,
  objects: Objects,
  gone: ReadonlySet<string>,
  read: Directory,
): Promise<Answer> {
  const [at = ''] = path.split('?');
  if (gone.has(at)) return { status: 404, body: { error: { code: 'Request_ResourceNotFound' } } };
  const changed = objects.get(at);
  if (Object.values(idsToCome).some((id) => path.includes(id)))
    return { status: 200, body: changed ?? { value: [] } };
  try {
    const body = await read.send({ method: 'GET', path, purpose: 'read what a request would build on' });
    return { status: 200, body: changed ? { ...fieldsOf(body), ...changed } : body };
  } catch (error) {
    if (!(error instanceof DirectoryError) || changed === undefined) throw error;
    return { status: 200, body: changed };
  }
}

const noHeaders = new Headers();

/**
 * A recorder for a tenant. `known` are objects as they were read, by their path; `read` is asked for what a request builds
 * on, such as the certificates that are sent back along with a new one. Nothing waits.
 */
export function createRequestRecorder(
  known: Readonly<Record<string, Fields>>,
  read: Directory,
): RequestRecorder {
  const before: Objects = new Map(Object.entries(known));
  const objects: Objects = new Map();
  const gone = new Set<string>();
  const recorded: GraphCall[] = [];
  const answer = async ({
    method,
    path,
    body,
  }: Pick<GraphCall, 'method' | 'path' | 'body'>): Promise<Answer> => {
    const [at = ''] = path.split('?');
    switch (method) {
      case 'GET':
        return answerGet(path, objects, gone, read);
      case 'POST':
        return answerPost(at, fieldsOf(body), before, objects);
      case 'PATCH':
        objects.set(at, { ...objects.get(at), ...fieldsOf(body) });
        return { status: 204 };
      case 'DELETE':
        gone.add(at);
        return { status: 204 };
    }
  };
  const call = async (request: GraphCall): Promise<GraphReply> => {
    recorded.push(request);
    const reply = ({ status, body }: Answer): GraphReply => ({
      status,
      headers: noHeaders,
      text: body === undefined ? '' : JSON.stringify(body),
    });
    if (request.path !== '/$batch') return reply(await answer(request));
    const responses = [];
    for (const item of listOf(fieldsOf(request.body)['requests'])) {
      const {
        id,
        method,
        url: path,
        body,
      } = item as { id: string; method: GraphCall['method']; url: string; body?: unknown };
      responses.push({ id, ...(await answer({ method, path, body })) });
    }
    return reply({ status: 200, body: { responses } });
  };
  let time = 0;
  const directory = createDirectory({
    call,
    pace: async () => undefined,
    now: () => new Date(time),
    sleep: async (delay) => {
      time += delay;
    },
    random: () => 0.5,
    onWait: () => undefined,
  });
  const requests = (): RecordedRequest[] =>
    recorded.map(
      ({ method, path, body }) =>
        JSON.parse(worded(JSON.stringify({ method, path, body }))) as RecordedRequest,
    );
  return { directory, requests };
}
