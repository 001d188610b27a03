import type { TeardownMode } from '../../cli/teardown-options.ts';
import type { PlannedChange } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import { DirectoryError, isForbidden } from '../../graph/directory-error.ts';
import { setDeactivated } from '../../tenant/application/activation.ts';
import {
  type PurgeRefusal,
  purge,
  purgePrincipals,
  removeLingering,
} from '../../tenant/application/recycle-bin.ts';
import { removeObject } from '../../tenant/confirm-removal.ts';
import { removeTrust } from '../../tenant/credential/federated-credential.ts';
import { type KeyTarget, removeKey } from '../../tenant/credential/key-credentials.ts';
import { removePassword } from '../../tenant/credential/password-credentials.ts';
import { isNamedByUs } from '../../tenant/credential/previous-credentials.ts';
import type { AppRoleAssignment } from '../../tenant/directory-objects.ts';
import type { ApplyIo } from '../../tenant/model.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import { takeBack } from '../../tenant/undo.ts';
import type { Target } from './find-target.ts';
import { called, isListed, type OwnCredential, ownCredentials } from './own-credentials.ts';
import type { TeardownRecords } from './teardown-run.ts';

/** What a removal may touch. */
export type RemovalIo = Pick<ApplyIo, 'directory' | 'now' | 'sleep' | 'random'>;

/** Why a removal was not done, although the rest may go on: Graph keeps it in the recycle bin, or it goes with another. */
export type Remark = { readonly refusal: PurgeRefusal } | { readonly left: string };

/** One write not done yet; one that is no more than told has no `apply`. */
export interface Removal extends PlannedChange {
  readonly apply?: (io: RemovalIo) => Promise<Remark | undefined>;
}

async function removeCredential(
  { kind, keyId, name }: OwnCredential,
  target: KeyTarget,
  io: RemovalIo,
): Promise<void> {
  switch (kind) {
    case 'passwordCredential':
      return removePassword(target, keyId, io);
    case 'keyCredential':
      return removeKey(target, keyId, undefined, 'remove the certificate', io);
    case 'federatedIdentityCredential':
      return removeTrust(target, keyId, name, io);
  }
}

/**
 * What is listed goes. What is not listed is gone already, as far as one copy of the directory tells: it is asked for all
 * the same where nothing takes the rest of the application along.
 */
function credentialRemovals(target: Target, records: TeardownRecords): Removal[] {
  const owned = ownCredentials(target, records);
  const seen = (target.application?.keyCredentials ?? [])
    .map(({ keyId }) => keyId)
    .filter((listed) => listed !== '' && !owned.some(({ keyId }) => sameId(keyId, listed)));
  return owned.flatMap((own): Removal[] => {
    const { kind, name, keyId } = own;
    const base = { action: 'remove', kind, name, id: keyId } as const;
    if (!isListed(own, target) && target.isWhole) return [];
    if (kind === 'federatedIdentityCredential' && !target.isWhole && !isNamedByUs(trustName(own, target)))
      return [];
    return [
      {
        ...base,
        title: `Remove ${own.isReplaced ? 'replaced ' : ''}${called(own)}`,
        apply: async (io) => {
          await removeCredential(own, { applicationId: target.id, awaits: [], seen }, io);
          return undefined;
        },
      },
    ];
  });
}

const trustName = ({ keyId }: OwnCredential, { inventory }: Target): string | undefined =>
  seenIn(inventory.federated)?.find(({ id }) => sameId(id, keyId))?.name;

/** A grant by the name of its permission, where that could be read. Pure. */
export function grantName(
  { appRoleId, resourceId, resourceDisplayName }: AppRoleAssignment,
  target: Target,
): string {
  const resource = target.resources.find(({ id }) => sameId(id, resourceId));
  return (
    resource?.appRoles.find(({ id }) => sameId(id, appRoleId))?.value ??
    `${resourceDisplayName || 'an API'} ${appRoleId}`
  );
}

/** All grants of an application that goes as a whole; of another one those that this installation recorded as its own. */
function grantRemovals(target: Target, { held }: TeardownRecords): Removal[] {
  const principal = seenIn(target.inventory.servicePrincipal);
  const recorded = held?.config.application.grants ?? [];
  const granted = (seenIn(target.inventory.assignments) ?? []).filter(
    ({ id }) => target.isWhole || recorded.includes(id),
  );
  if (!principal) return [];
  return granted.map((grant) => {
    const name = grantName(grant, target);
    return {
      action: 'remove',
      kind: 'appRoleAssignment',
      name,
      id: grant.id,
      title: `Take ${name} back`,
      apply: async (io) => {
        try {
          await takeBack(principal.id, { id: grant.id, name }, io, []);
        } catch (error) {
          // Whoever may delete an application need not be allowed to take grants back: they go with it.
          if (!target.isWhole || !(error instanceof DirectoryError) || !isForbidden(error.failure))
            throw error;
          return { left: `this account may not take ${name} back by itself; it goes with the application` };
        }
        return undefined;
      },
    };
  });
}

/** Into the recycle bin, its service principal with it. */
function deletion({ name, id, inventory }: Target): Removal {
  const principal = seenIn(inventory.servicePrincipal)?.id;
  return {
    action: 'remove',
    kind: 'application',
    name,
    id,
    title: `Delete application ${quoted(name)}, into the recycle bin`,
    apply: async (io) => {
      const what = `the application ${id}`;
      await removeObject({ path: `/applications/${id}`, purpose: 'delete the application', what }, io);
      if (principal !== undefined) await removeLingering(principal, io);
      return undefined;
    },
  };
}

/** One that outlived its application: whether Graph always takes it along is in dispute. */
function lingeringPrincipal({ name, inventory }: Target): Removal[] {
  const principal = seenIn(inventory.servicePrincipal);
  if (!principal) return [];
  const { id } = principal;
  return [
    {
      action: 'remove',
      kind: 'servicePrincipal',
      name,
      id,
      title: `Delete its service principal ${id}, which is still there`,
      apply: async (io) => {
        await removeLingering(id, io);
        return undefined;
      },
    },
  ];
}

/** Its service principals before itself: a run that is cut finds the rest by the application. */
function purges(target: Target): Removal[] {
  const { name, id, appId, application, deletedPrincipals, inventory } = target;
  const justDeleted = application !== undefined;
  const held = seenIn(inventory.servicePrincipal)?.id;
  const known = [...(held === undefined ? [] : [held]), ...deletedPrincipals];
  const refusalOf = (refusal: PurgeRefusal | undefined) => refusal && { refusal };
  return [
    {
      action: 'remove',
      kind: 'deletedItem',
      name: `${name} (service principal)`,
      ...(known[0] === undefined ? {} : { id: known[0] }),
      title: `Purge the service principal of ${quoted(name)} from the recycle bin, for good`,
      apply: async (io) => refusalOf(await purgePrincipals(appId, known, justDeleted, io)),
    },
    {
      action: 'remove',
      kind: 'deletedItem',
      name,
      id,
      title: `Purge the application ${quoted(name)} from the recycle bin, for good`,
      apply: async (io) => refusalOf(await purge(id, 'application', justDeleted, io)),
    },
  ];
}

const kept = (target: Target, title: string): Removal => ({
  action: 'keep',
  kind: 'application',
  name: target.name,
  id: target.id,
  title,
});

function deactivation(target: Target): Removal {
  const { name, id, isWhole, application, deactivated } = target;
  if (!application) {
    throw new WizardError(
      'application-deleted',
      `${quoted(name)} lies in the recycle bin: it gets no tokens, and there is nothing to deactivate.`,
      {
        remedy:
          'Nothing has to be done. This restores it: `reporting-setup`. This removes it for good: `reporting-setup … --mode purge`',
      },
    );
  }
  if (!isWhole) {
    throw new WizardError(
      'application-not-ours',
      `This program did not register ${quoted(name)}: what else uses it would stop, too.`,
      {
        remedy: `If that is meant: \`reporting-setup … --client-id ${target.appId}\`. --mode delete removes no more than this file's credential.`,
      },
    );
  }
  if (deactivated === 'yes') return kept(target, `Application ${quoted(name)} is deactivated already`);
  return {
    action: 'update',
    kind: 'application',
    name,
    id,
    title: `Deactivate application ${quoted(name)}: it gets no more tokens, everything else stays`,
    apply: async ({ directory }) => {
      await setDeactivated(id, true, directory);
      return undefined;
    },
  };
}

/** What stays of an application that this program did not register, and that no record says it may take away. */
function leftOf(target: Target, { held }: TeardownRecords): Removal[] {
  const { name, inventory } = target;
  const principal = seenIn(inventory.servicePrincipal);
  if (!principal) return [];
  const recorded = held?.config.application.grants ?? [];
  const others = (seenIn(inventory.assignments) ?? []).filter(({ id }) => !recorded.includes(id));
  const grants = others.map((grant): Removal => {
    const permission = grantName(grant, target);
    const title = `${permission} stays granted: no record of this machine says that it came from here`;
    return { action: 'keep', kind: 'appRoleAssignment', name: permission, id: grant.id, title };
  });
  const title = `Its service principal ${principal.id} stays, whoever made it`;
  return [...grants, { action: 'keep', kind: 'servicePrincipal', name, id: principal.id, title }];
}

/** What takes the application back as far as was asked for, in order. Pure. Throws WizardError where it cannot. */
export function planTeardown(target: Target, mode: TeardownMode, records: TeardownRecords): Removal[] {
  const { application, deleted, isWhole, name } = target;
  if (mode === 'deactivate') return [deactivation(target)];
  if (!isWhole) {
    if (!application)
      return [kept(target, `${quoted(name)} lies in the recycle bin, and is not this program's`)];
    const stays = kept(target, `Application ${quoted(name)} itself stays: this program did not register it`);
    return [
      ...credentialRemovals(target, records),
      ...grantRemovals(target, records),
      stays,
      ...leftOf(target, records),
    ];
  }
  if (mode === 'delete') {
    if (deleted) {
      const there = kept(target, `Application ${quoted(name)} lies in the recycle bin already`);
      return [there, ...lingeringPrincipal(target)];
    }
    return [...credentialRemovals(target, records), deletion(target)];
  }
  const first = application
    ? [...credentialRemovals(target, records), ...grantRemovals(target, records), deletion(target)]
    : lingeringPrincipal(target);
  return [...first, ...purges(target)];
}
