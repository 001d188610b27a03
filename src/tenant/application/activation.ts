import { WizardError } from '../../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../../core/fields.ts';
import type { Answer } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import type { Directory, DirectoryRequest } from '../../graph/directory.ts';
import { failedWith } from '../../graph/directory-error.ts';
import { isResource } from '../../graph/resource-schemas.ts';
import { awaited, confirms, requireApplication } from '../changes.ts';
import type { Application } from '../directory-objects.ts';
import type { Change, Have, ObserveInput, Wanted } from '../model.ts';
import { readIfPossible } from '../optional-read.ts';
import { type ApplicationKey, inAddress, ownUniqueName } from './read-application.ts';

/** Whether an application is deactivated, as a copy of the directory shows it. */
export interface Activation {
  /** Object id. */
  readonly id: string;
  readonly deactivated: Answer;
}

/**
 * Reads whether an application is deactivated (entra-docs deactivate-app-registration): null is active. By a request of
 * its own, for a cloud that does not know the property refuses all that is asked for with it. Never rejects for what
 * Graph answers; undefined where that does not tell.
 */
export async function readActivation(
  directory: Directory,
  key: ApplicationKey | { readonly id: string },
): Promise<Activation | undefined> {
  const address = 'id' in key ? `/applications/${key.id}` : `/applications(${inAddress(key)})`;
  const request: DirectoryRequest = {
    method: 'GET',
    path: `${address}?$select=id,isDisabled`,
    purpose: 'see whether the application is deactivated',
    accepts: isResource('activation'),
  };
  const seen = await readIfPossible(directory, (optional) => optional.send(request));
  if (!('value' in seen)) return undefined;
  const { id, isDisabled } = fieldsOf(seen.value);
  return { id: textOf(id), deactivated: isDisabled === true ? 'yes' : 'no' };
}

/** As readActivation, of each application that may be the one that is meant. */
export async function readActivations(
  directory: Directory,
  { clientId, onlyClientId }: Pick<ObserveInput, 'clientId' | 'onlyClientId'>,
): Promise<readonly Activation[]> {
  const keys: readonly ApplicationKey[] = [
    ...(clientId === undefined ? [] : [{ appId: clientId }]),
    ...(onlyClientId ? [] : [{ uniqueName: ownUniqueName }]),
  ];
  const seen = await Promise.all(keys.map((key) => readActivation(directory, key)));
  return seen.filter((one) => one !== undefined);
}

/** Whether what was read says that this application is deactivated. Pure. */
export const activationOf = (seen: readonly Activation[], id: string | undefined): Answer =>
  seen.find((one) => sameId(one.id, id))?.deactivated ?? 'unknown';

/**
 * Switches an application off or on: documented for beta alone, and tried on v1.0 first, which has the property too.
 * Rejects with DirectoryError.
 */
export async function setDeactivated(
  id: string,
  isDisabled: boolean,
  directory: Directory,
  awaits: readonly string[] = [],
): Promise<void> {
  const request: DirectoryRequest = {
    method: 'PATCH',
    path: `/applications/${id}`,
    body: { isDisabled },
    purpose: isDisabled ? 'deactivate the application' : 'activate the application',
    awaits,
    accepts: confirms(id),
  };
  try {
    await directory.send(request);
  } catch (error) {
    if (!failedWith(error, ({ kind, status }) => kind === 'http' && status === 400)) throw error;
    await directory.send({ ...request, version: 'beta' });
  }
}

/** Whether the config file says that teardown deactivated this very application. Pure. */
function isOwnDoing({ config, application }: Have): boolean {
  if (config.status !== 'ok' || !sameId(config.config.clientId, application?.appId)) return false;
  return config.config.application.deactivatedAt !== undefined;
}

/** Whether somebody has to say if a deactivated application may be switched on again. Pure. */
export const needsConsentToActivate = (have: Have): boolean =>
  have.application !== undefined && have.deactivated === 'yes' && !isOwnDoing(have);

/** What is said where it stays deactivated. */
export function leftDeactivated(
  { displayName }: Pick<Application, 'displayName'>,
  { config }: Have,
): WizardError {
  const wasCut = config.status === 'ok' && config.config.application.deactivatingAt !== undefined;
  const message = `${quoted(displayName)} is deactivated, and the config file does not say that teardown did it: somebody may have stopped it on purpose.`;
  if (!wasCut) return new WizardError('application-deactivated', message);
  return new WizardError('application-deactivated', `${message} Or it was a teardown that was cut.`, {
    remedy:
      'If it was, run the same teardown again, which takes note of it; then setup activates the application by itself. Otherwise find out who deactivated it, and why.',
  });
}

/**
 * Throws WizardError `application-deactivated` where the application gets no tokens, since somebody deactivated it: as the
 * tenant says, or, where that cannot be read, the config file. Pure.
 */
export function requireActive(have: Have): void {
  const { application, deactivated, config } = have;
  if (!application || deactivated === 'no' || (deactivated === 'unknown' && !isOwnDoing(have))) return;
  if (!isOwnDoing(have)) throw leftDeactivated(application, have);
  const at = config.status === 'ok' ? config.config.application.deactivatedAt : undefined;
  throw new WizardError(
    'application-deactivated',
    `${quoted(application.displayName)} is deactivated: teardown did it on ${(at ?? '').slice(0, 10)}.`,
    { remedy: 'This activates it again, and renews its credential where that has ended: `reporting-setup`' },
  );
}

/**
 * The change that switches a deactivated application on again. Throws WizardError `application-deactivated` where nothing
 * says that this installation switched it off, and nobody that it may be switched on. Pure.
 */
export function activations(want: Wanted, have: Have): Change[] {
  const { application, config } = have;
  if (!application || have.deactivated !== 'yes') return [];
  const { displayName: name, id } = application;
  const own = isOwnDoing(have);
  if (!own && want.activate !== true) throw leftDeactivated(application, have);
  const at = own && config.status === 'ok' ? config.config.application.deactivatedAt : undefined;
  const since = at === undefined ? '' : `: teardown deactivated it on ${at.slice(0, 10)}`;
  return [
    {
      action: 'update',
      kind: 'application',
      name,
      id,
      title: `Activate application "${name}" again${since}`,
      apply: async (now, io) => {
        const { id: applicationId } = requireApplication(now);
        await setDeactivated(applicationId, false, io.directory, awaited(now, applicationId));
        return (current) => ({ ...current, deactivated: 'no', activated: true });
      },
    },
  ];
}
