import { type Fields, fieldsOf, listOf, textOf, textsOf } from '../../core/fields.ts';
import { safeText } from '../../core/text.ts';
import type { DirectoryRequest } from '../../graph/directory.ts';
import { listAll } from '../../graph/directory.ts';
import { DirectoryError, failedWith, isNotFound } from '../../graph/directory-error.ts';
import type { Failure } from '../../http/retry.ts';
import { parseApplication } from '../application/read-application.ts';
import { readFederated } from '../credential/federated-credential.ts';
import type { AppRoleAssignment, FederatedCredential } from '../directory-objects.ts';
import { ownUniqueName } from '../graph.ts';
import type { ObserveIo } from '../model.ts';
import { readAssignments } from '../service-principal.ts';
import type {
  ApplicationDetail,
  DelegatedGrant,
  ListedCredential,
  ListedCredentials,
  Owner,
  PrincipalDetail,
  RedirectUri,
  Seen,
  Sibling,
  Surroundings,
} from './surroundings.ts';

/** A refusal hides what was asked for; anything else is no answer at all. */
const isHiding = ({ kind, status }: Failure): boolean =>
  kind === 'http' && status >= 400 && status < 500 && ![401, 408, 429].includes(status);

/** Why something is not readable. Rethrows what says nothing about that. */
export function whyHidden(error: unknown): string {
  if (!(error instanceof DirectoryError) || !isHiding(error.failure)) throw error;
  const { status, code } = error.failure;
  const label = code === '' ? '' : ` (${safeText(code, 80)})`;
  return status === 403 ? `this account may not read it${label}` : `Microsoft Graph does not show it${label}`;
}

type Get = Pick<DirectoryRequest, 'path' | 'purpose' | 'headers'>;

async function seen<T>(read: Promise<T>, absent: T): Promise<Seen<T>> {
  try {
    return { value: await read };
  } catch (error) {
    if (failedWith(error, isNotFound)) return { value: absent };
    return { hidden: whyHidden(error) };
  }
}

async function see<T>(io: ObserveIo, get: Get, parse: (body: unknown) => T): Promise<Seen<T | undefined>> {
  return seen<T | undefined>(io.directory.send({ method: 'GET', ...get }).then(parse), undefined);
}

/** Page by page: one that cannot be read hides the whole list. */
async function seeAll<T>(io: ObserveIo, get: Get, parse: (item: Fields) => T): Promise<Seen<readonly T[]>> {
  const items = listAll(io.directory, { method: 'GET', ...get });
  return seen<readonly T[]>(
    items.then((all) => all.map(parse)),
    [],
  );
}

function credentialsOf(fields: Fields): ListedCredentials {
  const parse = (credential: Fields): ListedCredential => ({
    keyId: textOf(credential['keyId']),
    displayName: textOf(credential['displayName']) || null,
    startDateTime: textOf(credential['startDateTime']),
    endDateTime: textOf(credential['endDateTime']),
  });
  return {
    secrets: listOf(fields['passwordCredentials']).map(parse),
    certificates: listOf(fields['keyCredentials']).map(parse),
  };
}

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
    credentials: credentialsOf(fields),
  };
}

/** Reads a `servicePrincipal` as Graph shows it. */
export function parsePrincipalDetail(body: unknown): PrincipalDetail {
  const fields = fieldsOf(body);
  return {
    id: textOf(fields['id']),
    accountEnabled: fields['accountEnabled'] !== false,
    assignmentRequired: fields['appRoleAssignmentRequired'] === true,
    credentials: credentialsOf(fields),
  };
}

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

const parseSibling = (fields: Fields): Sibling => ({
  appId: textOf(fields['appId']),
  displayName: textOf(fields['displayName']),
  uniqueName: textOf(fields['uniqueName']),
  tags: textsOf(fields['tags']),
  deletedDateTime: textOf(fields['deletedDateTime']),
});

const applicationProperties =
  'id,appId,displayName,uniqueName,createdDateTime,signInAudience,requiredResourceAccess,passwordCredentials,keyCredentials,tags,web,spa,publicClient,isFallbackPublicClient';

/** A filter that plain Graph does not support needs its other index (graph-docs aad-advanced-queries). */
async function seeTagged(io: ObserveIo): Promise<Seen<readonly Sibling[]>> {
  const filter = encodeURIComponent(`tags/any(t:t eq '${ownUniqueName}')`);
  const path = `/applications?$filter=${filter}&$select=appId,displayName,uniqueName,tags`;
  const purpose = 'look for other applications of this program';
  try {
    return { value: (await listAll(io.directory, { method: 'GET', path, purpose })).map(parseSibling) };
  } catch (error) {
    if (!failedWith(error, ({ code }) => code === 'Request_UnsupportedQuery'))
      return { hidden: whyHidden(error) };
    const headers = { ConsistencyLevel: 'eventual' };
    return seeAll(io, { path: `${path}&$count=true`, purpose, headers }, parseSibling);
  }
}

async function seeAssignments(io: ObserveIo, appId: string): Promise<Seen<readonly AppRoleAssignment[]>> {
  const value = await readAssignments(io.directory, appId);
  return value ? { value } : { hidden: 'this account may not read it' };
}

async function seeFederated(io: ObserveIo, objectId: string): Promise<Seen<readonly FederatedCredential[]>> {
  const value = await readFederated(objectId, io.directory);
  return value ? { value } : { hidden: 'Microsoft Graph does not show it to this account' };
}

function seeApplication(io: ObserveIo, path: string): Promise<Seen<ApplicationDetail | undefined>> {
  const get = { path: `${path}?$select=${applicationProperties}`, purpose: 'read the whole application' };
  return see(io, get, parseApplicationDetail);
}

function seePrincipal(io: ObserveIo, path: string): Promise<Seen<PrincipalDetail | undefined>> {
  const properties = 'id,accountEnabled,appRoleAssignmentRequired,passwordCredentials,keyCredentials';
  const get = { path: `${path}?$select=${properties}`, purpose: 'read the whole service principal' };
  return see(io, get, parsePrincipalDetail);
}

function seeDelegated(io: ObserveIo, path: string): Promise<Seen<readonly DelegatedGrant[]>> {
  const get = { path: `${path}/oauth2PermissionGrants`, purpose: 'read the delegated permissions' };
  return seeAll(io, get, parseGrant);
}

function seeOwners(io: ObserveIo, path: string): Promise<Seen<readonly Owner[]>> {
  const get = {
    path: `${path}/owners?$select=id,displayName,userPrincipalName,userType`,
    purpose: 'read the owners of the application',
  };
  return seeAll(io, get, parseOwner);
}

/** By list and not by filter: which properties the recycle bin filters by is not documented. */
function seeDeleted(io: ObserveIo): Promise<Seen<readonly Sibling[]>> {
  const properties = 'id,appId,displayName,uniqueName,tags,deletedDateTime';
  const get = {
    path: `/directory/deletedItems/microsoft.graph.application?$select=${properties}&$top=999`,
    purpose: 'look into the recycle bin',
  };
  return seeAll(io, get, parseSibling);
}

/**
 * Reads an application and everything that hangs on it, all in the same tick. What may not be read is hidden. Rejects
 * with DirectoryError where Graph gives no answer.
 */
export async function observeSurroundings(
  io: ObserveIo,
  { appId, objectId }: { readonly appId: string; readonly objectId: string },
): Promise<Surroundings> {
  const applicationPath = `/applications(appId='${appId}')`;
  const principalPath = `/servicePrincipals(appId='${appId}')`;
  const [application, servicePrincipal, assignments, delegated, owners, federated, tagged, deleted] =
    await Promise.all([
      seeApplication(io, applicationPath),
      seePrincipal(io, principalPath),
      seeAssignments(io, appId),
      seeDelegated(io, principalPath),
      seeOwners(io, applicationPath),
      seeFederated(io, objectId),
      seeTagged(io),
      seeDeleted(io),
    ]);
  return { application, servicePrincipal, assignments, delegated, owners, federated, tagged, deleted };
}
