import type { LocalCertificates } from '../../config/certificate.ts';
import type { ConfigReading } from '../../config/config.ts';
import type { Answer } from '../../core/findings.ts';
import type { Session } from '../../entra/sign-in.ts';
import { roles } from '../../tenant/account/roles.ts';
import type { Inventory } from '../../tenant/inventory.ts';
import type { ObserveInput, Step } from '../../tenant/model.ts';
import { type Have, type ObserveIo, unseen } from '../../tenant/model.ts';
import { permissions } from '../../tenant/permissions/permissions.ts';
import { policy } from '../../tenant/policy.ts';
import { readInventory, whyHidden } from '../../tenant/read-inventory.ts';
import { tenant } from '../../tenant/tenant.ts';
import type { Seen } from '../../tenant/verdict.ts';
import { signedInAs } from '../setup/administrator.ts';

/** What the file's own side showed before the administrator looked. */
export interface OwnSide {
  readonly reading: Extract<ConfigReading, { status: 'ok' }>;
  readonly certificate: LocalCertificates['saved'];
  /** Whether Entra takes the file's credential. */
  readonly accepted: Answer;
}

/** What the administrator sees of the tenant, the account and the application. */
export interface Sight {
  readonly have: Have;
  readonly surroundings: Inventory;
  /** Why a step's part of the tenant could not be read, by the step's id. */
  readonly hidden: ReadonlyMap<string, string>;
}

/** What observing as this session starts from. Pure. */
export function seedFor(session: Session, clientId: string): ObserveInput {
  return { signedIn: signedInAs(session), clientId, onlyClientId: true };
}

/** Steps whose part of the tenant is read along. */
const readSteps: readonly Step[] = [tenant, roles, policy, permissions];

/** The value, where it was seen. Pure. */
export const seenIn = <T>(seen: Seen<T>): T | undefined => ('value' in seen ? seen.value : undefined);

/**
 * Reads everything in one tick, and so in one $batch; what may not be read is hidden. Rejects with DirectoryError where
 * no answer comes.
 */
export async function observeAsAdministrator(
  io: ObserveIo,
  seed: ObserveInput,
  own: OwnSide,
): Promise<Sight> {
  const { clientId, application, credential } = own.reading.config;
  const hidden = new Map<string, string>();
  const look = async (step: Step): Promise<Partial<Have> | undefined> => {
    try {
      return await step.observe?.(io, seed);
    } catch (error) {
      hidden.set(step.id, whyHidden(error));
      return undefined;
    }
  };
  const [surroundings, ...parts] = await Promise.all([
    readInventory(io.directory, { appId: clientId, objectId: application.objectId }),
    ...readSteps.map(look),
  ]);
  const saved = {
    keyId: credential.keyId ?? '',
    expires: credential.expires ?? '',
    accepted: own.accepted,
  };
  const have: Have = Object.assign({}, unseen, ...parts, {
    application: seenIn(surroundings.application)?.application,
    servicePrincipal: seenIn(surroundings.servicePrincipal),
    assignments: seenIn(surroundings.assignments),
    federated: seenIn(surroundings.federated),
    certificates: { ...unseen.certificates, saved: own.certificate },
    config: own.reading,
    saved,
  });
  return { have, surroundings, hidden };
}
