import { type Fields, fieldsOf, textOf, textsOf } from '../core/fields.ts';
import type { Directory, DirectoryRequest } from '../graph/directory.ts';
import { listAll } from '../graph/directory.ts';
import { failedWith } from '../graph/directory-error.ts';
import { echoes, isResource, type ResourceName } from '../graph/resource-schemas.ts';
import {
  applicationProperties,
  ownUniqueName,
  parseApplication,
  parseCredentials,
} from './application/read-application.ts';
import { readFederated } from './credential/federated-credential.ts';
import type {
  ApplicationDetail,
  DelegatedGrant,
  Inventory,
  MarkedApplication,
  Owner,
  PrincipalDetail,
  RedirectUri,
} from './inventory.ts';
import { readIfPossible, type Sight, unlessAbsent } from './optional-read.ts';
import { readAssignments } from './permissions/permissions.ts';
import { parsePrincipal } from './service-principal.ts';
import type { Seen } from './verdict.ts';

type Get = Pick<DirectoryRequest, 'path' | 'purpose' | 'headers' | 'accepts'>;
type GetList = Omit<Get, 'accepts'> & { readonly of: ResourceName };

async function see<T>(
  directory: Directory,
  get: Get,
  parse: (body: unknown) => T,
): Promise<Seen<T | undefined>> {
  const read = (optional: Directory) => optional.send({ method: 'GET', ...get }).then(parse);
  return unlessAbsent(await readIfPossible(directory, read), undefined);
}

/** Page by page: one that cannot be read hides the whole list. */
async function readAll<T>(
  directory: Directory,
  { of, ...get }: GetList,
  parse: (item: Fields) => T,
): Promise<readonly T[]> {
  return (await listAll(directory, { method: 'GET', ...get }, isResource(of))).map(parse);
}

/** The same, where nothing depends on it. */
const seeAll = <T>(
  directory: Directory,
  get: GetList,
  parse: (item: Fields) => T,
): Promise<Sight<readonly T[]>> => readIfPossible(directory, (optional) => readAll(optional, get, parse));

function redirectUrisOf(fields: Fields): RedirectUri[] {
  const of = (property: string, platform: RedirectUri['platform']): RedirectUri[] =>
    textsOf(fieldsOf(fields[property])['redirectUris']).map((uri) => ({ platform, uri }));
  return [...of('web', 'web'), ...of('spa', 'single-page'), ...of('publicClient', 'public client')];
}

/** Reads an `application` as Graph shows it, in full. */
export function parseApplicationDetail(body: unknown): ApplicationDetail {
  const fields = fieldsOf(body);
  const web = fieldsOf(fields['web']);
  const implicit = fieldsOf(web['implicitGrantSettings']);
  return {
    application: parseApplication(body),
    tags: textsOf(fields['tags']),
    homePageUrl: textOf(web['homePageUrl']),
    redirectUris: redirectUrisOf(fields),
    implicitGrant: [
      ...(implicit['enableAccessTokenIssuance'] === true ? (['access tokens'] as const) : []),
      ...(implicit['enableIdTokenIssuance'] === true ? (['ID tokens'] as const) : []),
    ],
    isPublicClient: fields['isFallbackPublicClient'] === true,
  };
}

/** Reads a `servicePrincipal` as Graph shows it, in full. */
export const parsePrincipalDetail = (body: unknown): PrincipalDetail => ({
  ...parsePrincipal(body),
  assignmentRequired: fieldsOf(body)['appRoleAssignmentRequired'] === true,
  ...parseCredentials(fieldsOf(body)),
});

const parseGrant = (fields: Fields): DelegatedGrant => ({
  resourceId: textOf(fields['resourceId']),
  forEverybody: fields['consentType'] === 'AllPrincipals',
  scopes: textOf(fields['scope']).split(/\s+/).filter(Boolean),
});

/** Reads an owner; a sign-in that may see little gets no more than the id and the type. */
export function parseOwner(fields: Fields): Owner {
  const type = textOf(fields['@odata.type']);
  const id = textOf(fields['id']);
  const name = textOf(fields['userPrincipalName']) || textOf(fields['displayName']) || id;
  if (type.endsWith('.servicePrincipal')) return { id, name, kind: 'service principal' };
  if (!type.endsWith('.user')) return { id, name, kind: 'unknown' };
  return { id, name, kind: fields['userType'] === 'Guest' || /#EXT#/i.test(name) ? 'guest' : 'member' };
}

const parseMarked = (fields: Fields): MarkedApplication => ({
  id: textOf(fields['id']),
  appId: textOf(fields['appId']),
  displayName: textOf(fields['displayName']),
  uniqueName: textOf(fields['uniqueName']),
  tags: textsOf(fields['tags']),
  deletedDateTime: textOf(fields['deletedDateTime']),
});

/** A filter that plain Graph does not support needs its other index (graph-docs aad-advanced-queries). */
async function readTagged(directory: Directory): Promise<readonly MarkedApplication[]> {
  const filter = encodeURIComponent(`tags/any(t:t eq '${ownUniqueName}')`);
  const path = `/applications?$filter=${filter}&$select=appId,displayName,uniqueName,tags`;
  const purpose = 'look for other applications of this program';
  try {
    const request = { method: 'GET', path, purpose } as const;
    return (await listAll(directory, request, isResource('markedApplication'))).map(parseMarked);
  } catch (error) {
    if (!failedWith(error, ({ code }) => code === 'Request_UnsupportedQuery')) throw error;
    const headers = { ConsistencyLevel: 'eventual' };
    const get = { path: `${path}&$count=true`, purpose, headers, of: 'markedApplication' } as const;
    return readAll(directory, get, parseMarked);
  }
}

/** By list and not by filter: which properties the recycle bin filters by is not documented. */
export function readDeleted(directory: Directory): Promise<Sight<readonly MarkedApplication[]>> {
  const properties = 'id,appId,displayName,uniqueName,tags,deletedDateTime';
  const path = `/directory/deletedItems/microsoft.graph.application?$select=${properties}&$top=999`;
  const get = { path, purpose: 'look into the recycle bin', of: 'markedApplication' } as const;
  return seeAll(directory, get, parseMarked);
}

/** A list of what belongs to something: none where that is not there; where it is, a list that is not says nothing. */
const ofOwner = <T>(owner: Seen<unknown>, list: Sight<readonly T[]>): Seen<readonly T[]> =>
  'value' in owner && owner.value === undefined ? unlessAbsent(list, []) : list;

/**
 * Reads an application and everything that belongs to it, all in the same tick. What may not be read is hidden.
 */
export async function readInventory(
  directory: Directory,
  { appId, objectId }: { readonly appId: string; readonly objectId: string },
): Promise<Inventory> {
  const applicationPath = `/applications(appId='${appId}')`;
  const principalPath = `/servicePrincipals(appId='${appId}')`;
  const applicationGet: Get = {
    path: `${applicationPath}?$select=${applicationProperties},tags,spa,publicClient,isFallbackPublicClient`,
    purpose: 'read the whole application',
    accepts: echoes('applicationDetail', { appId }),
  };
  const principalGet: Get = {
    path: `${principalPath}?$select=id,appId,accountEnabled,appRoleAssignmentRequired,passwordCredentials,keyCredentials`,
    purpose: 'read the whole service principal',
    accepts: echoes('principalDetail', { appId }),
  };
  const delegatedGet: GetList = {
    path: `${principalPath}/oauth2PermissionGrants`,
    purpose: 'read the delegated permissions',
    of: 'delegatedGrant',
  };
  const ownersGet: GetList = {
    path: `${applicationPath}/owners?$select=id,displayName,userPrincipalName,userType`,
    purpose: 'read the owners of the application',
    of: 'owner',
  };
  const [application, servicePrincipal, assignments, delegated, owners, federated, tagged, deleted] =
    await Promise.all([
      see(directory, applicationGet, parseApplicationDetail),
      see(directory, principalGet, parsePrincipalDetail),
      readAssignments(directory, appId),
      seeAll(directory, delegatedGet, parseGrant),
      seeAll(directory, ownersGet, parseOwner),
      readFederated(objectId, directory),
      readIfPossible(directory, readTagged),
      readDeleted(directory),
    ]);
  return {
    application,
    servicePrincipal,
    assignments: ofOwner(servicePrincipal, assignments),
    delegated: ofOwner(servicePrincipal, delegated),
    owners: ofOwner(application, owners),
    federated: ofOwner(application, federated),
    tagged,
    deleted,
  };
}
