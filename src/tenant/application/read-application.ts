import { fieldsOf, listOf, textOf, textsOf } from '../../core/fields.ts';
import { failedWith, isNotFound } from '../../graph/directory-error.ts';
import type { Application } from '../directory-objects.ts';
import type { ObserveIo } from '../model.ts';

const selected =
  '$select=id,appId,displayName,uniqueName,createdDateTime,signInAudience,requiredResourceAccess,passwordCredentials,keyCredentials,web';

/** Reads an `application` as Graph shows it. */
export function parseApplication(body: unknown): Application {
  const fields = fieldsOf(body);
  return {
    id: textOf(fields['id']),
    appId: textOf(fields['appId']),
    displayName: textOf(fields['displayName']),
    uniqueName: textOf(fields['uniqueName']) || null,
    ...(textOf(fields['createdDateTime']) === ''
      ? {}
      : { createdDateTime: textOf(fields['createdDateTime']) }),
    signInAudience: textOf(fields['signInAudience']),
    redirectUris: textsOf(fieldsOf(fields['web'])['redirectUris']),
    requiredResourceAccess: listOf(fields['requiredResourceAccess']).map((resource) => ({
      resourceAppId: textOf(resource['resourceAppId']),
      resourceAccess: listOf(resource['resourceAccess']).map((access) => ({
        id: textOf(access['id']),
        type: textOf(access['type']),
      })),
    })),
    passwordCredentials: listOf(fields['passwordCredentials']).map((credential) => ({
      keyId: textOf(credential['keyId']),
      displayName: textOf(credential['displayName']) || null,
      endDateTime: textOf(credential['endDateTime']),
    })),
    keyCredentials: listOf(fields['keyCredentials']).map((credential) => ({
      keyId: textOf(credential['keyId']),
      displayName: textOf(credential['displayName']) || null,
      endDateTime: textOf(credential['endDateTime']),
      customKeyIdentifier: textOf(credential['customKeyIdentifier']),
    })),
  };
}

/** The application by an alternate key such as `appId='…'`; undefined where it is not there. Rejects with DirectoryError. */
export async function readApplication(
  io: Pick<ObserveIo, 'directory'>,
  key: string,
  awaits: string[] = [],
): Promise<Application | undefined> {
  try {
    const path = `/applications(${key})?${selected}`;
    return parseApplication(
      await io.directory.send({ method: 'GET', path, purpose: 'look for the application', awaits }),
    );
  } catch (error) {
    if (failedWith(error, isNotFound)) return undefined;
    throw error;
  }
}
