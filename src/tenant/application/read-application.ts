import { type Fields, fieldsOf, listOf, sameId, textOf, textsOf } from '../../core/fields.ts';
import type { Directory } from '../../graph/directory.ts';
import { listAll } from '../../graph/directory.ts';
import { isNotFound, withFallback } from '../../graph/directory-error.ts';
import { echoes, isResource } from '../../graph/resource-schemas.ts';
import type {
  Application,
  DeletedApplication,
  ListedCredential,
  ListedCredentials,
} from '../directory-objects.ts';
import type { ObserveInput, Wanted } from '../model.ts';
import { readIfPossible, seenIn } from '../optional-read.ts';

/** The alternate key by which the wizard recognises its own application; unique in a tenant. */
export const ownUniqueName = 'reporting-setup';

/** Where none is given. */
export const defaultAppName = 'Reporting API application';
const defaultSignOnUrl = 'https://localhost';

/** The sign-on URL of an application that is to be registered; null for none. Pure. */
export const signOnUrlOf = ({ signOnUrl = defaultSignOnUrl }: Pick<Wanted, 'signOnUrl'>): string | null =>
  signOnUrl;

/** Properties of an application that parseApplication reads. */
export const applicationProperties =
  'id,appId,displayName,uniqueName,createdDateTime,signInAudience,requiredResourceAccess,passwordCredentials,keyCredentials,web';

const parseCredential = (fields: Fields): ListedCredential => ({
  keyId: textOf(fields['keyId']),
  displayName: textOf(fields['displayName']) || null,
  startDateTime: textOf(fields['startDateTime']),
  endDateTime: textOf(fields['endDateTime']),
});

/** Reads the secrets and certificates of an `application` or a `servicePrincipal`. */
export const parseCredentials = (fields: Fields): ListedCredentials => ({
  passwordCredentials: listOf(fields['passwordCredentials']).map(parseCredential),
  keyCredentials: listOf(fields['keyCredentials']).map((credential) => ({
    ...parseCredential(credential),
    customKeyIdentifier: textOf(credential['customKeyIdentifier']),
  })),
});

/** Reads an `application` as Graph shows it. */
export function parseApplication(body: unknown): Application {
  const fields = fieldsOf(body);
  return {
    id: textOf(fields['id']),
    appId: textOf(fields['appId']),
    displayName: textOf(fields['displayName']),
    uniqueName: textOf(fields['uniqueName']) || null,
    createdDateTime: textOf(fields['createdDateTime']),
    signInAudience: textOf(fields['signInAudience']),
    homePageUrl: textOf(fieldsOf(fields['web'])['homePageUrl']) || null,
    redirectUris: textsOf(fieldsOf(fields['web'])['redirectUris']),
    requiredResourceAccess: listOf(fields['requiredResourceAccess']).map((resource) => ({
      resourceAppId: textOf(resource['resourceAppId']),
      resourceAccess: listOf(resource['resourceAccess']).map((access) => ({
        id: textOf(access['id']),
        type: textOf(access['type']),
      })),
    })),
    ...parseCredentials(fields),
  };
}

/** What an application is asked for by. */
export type ApplicationKey = { readonly appId: string } | { readonly uniqueName: string };

/** An alternate key as it stands in an address. */
export const inAddress = (key: ApplicationKey): string =>
  'appId' in key ? `appId='${key.appId}'` : `uniqueName='${key.uniqueName}'`;

/** The application by an alternate key; undefined where it is not there. Rejects with DirectoryError. */
export function readApplication(
  directory: Directory,
  key: ApplicationKey,
  awaits: readonly string[] = [],
): Promise<Application | undefined> {
  const path = `/applications(${inAddress(key)})?$select=${applicationProperties}`;
  const purpose = 'look for the application';
  const accepts = echoes('application', key);
  const body = directory.send({ method: 'GET', path, purpose, awaits, accepts });
  return withFallback(body.then(parseApplication), isNotFound, undefined);
}

/** Which application is most likely meant: the recorded one, else the wizard's own. */
export const likelyKey = ({ clientId }: ObserveInput): string =>
  inAddress(clientId === undefined ? { uniqueName: ownUniqueName } : { appId: clientId });

/** Finds the application by the recorded client id, else by its uniqueName; never by its display name. */
export async function findApplication(
  directory: Directory,
  { clientId, onlyClientId }: ObserveInput,
): Promise<Application | undefined> {
  const [recorded, own] = await Promise.all([
    clientId === undefined ? undefined : readApplication(directory, { appId: clientId }),
    onlyClientId ? undefined : readApplication(directory, { uniqueName: ownUniqueName }),
  ]);
  return recorded ?? own;
}

/**
 * The wizard's own application among the deleted ones, or the only one that will do. Read by list and not by filter:
 * which properties the recycle bin filters by is not documented. Who may not look gets none; creation then tells.
 */
export async function findDeleted(
  directory: Directory,
  { clientId, onlyClientId }: Pick<ObserveInput, 'clientId' | 'onlyClientId'>,
): Promise<DeletedApplication | undefined> {
  const request = {
    method: 'GET',
    path: '/directory/deletedItems/microsoft.graph.application?$select=id,appId,displayName,uniqueName&$top=999',
    purpose: 'look into the recycle bin',
  } as const;
  const deleted = await readIfPossible(directory, (optional) =>
    listAll(optional, request, isResource('markedApplication')),
  );
  const seen = seenIn(deleted) ?? [];
  const own = seen.find((item) =>
    onlyClientId ? sameId(textOf(item['appId']), clientId) : item['uniqueName'] === ownUniqueName,
  );
  return (
    own && { id: textOf(own['id']), appId: textOf(own['appId']), displayName: textOf(own['displayName']) }
  );
}

/** Key ids of what an application lists to sign in with, and ids of its trusts. Rejects with DirectoryError. */
export async function readCredentialIds(
  directory: Directory,
  id: string,
  withTrusts: boolean,
): Promise<readonly string[]> {
  const purpose = 'read what the application signs in with';
  const [body, trusts] = await Promise.all([
    directory.send({
      method: 'GET',
      path: `/applications/${id}?$select=id,passwordCredentials,keyCredentials`,
      purpose,
      accepts: isResource('credentialLists'),
    }),
    withTrusts
      ? listAll(
          directory,
          { method: 'GET', path: `/applications/${id}/federatedIdentityCredentials?$select=id`, purpose },
          isResource('listedTrust'),
        )
      : [],
  ]);
  const { passwordCredentials, keyCredentials } = parseCredentials(fieldsOf(body));
  return [
    ...[...passwordCredentials, ...keyCredentials].map(({ keyId }) => keyId),
    ...trusts.map((trust) => textOf(trust['id'])),
  ];
}
