import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { targetOf } from '../../tenant/changes.ts';
import { type SeenSecret, seeCreated } from '../../tenant/credential/see-created.ts';
import type { Have } from '../../tenant/model.ts';
import { cannotTell } from '../../tenant/verdict.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { noteApplication } from './setup-outcome.ts';
import type { SignedInRun } from './setup-run.ts';

/** Looks for the secret that this run made in the list of the application that holds it; meanwhile it is proven. */
export async function seeSecret(
  have: Have,
  before: Have,
  { directory, io }: Pick<SignedInRun, 'directory' | 'io'>,
): Promise<SeenSecret | undefined> {
  const { created, application } = have;
  if (created?.kind !== 'secret' || !application) return undefined;
  const known = before.application?.passwordCredentials.map(({ keyId }) => keyId) ?? [];
  return seeCreated(created, known, targetOf(application, have), { directory, sleep: io.sleep });
}

const unlisted: Finding = {
  id: 'credential.listed',
  title: 'The application lists the new client secret',
  ...cannotTell('no list shows it yet, so its key ID in the file rests on the reply to its making alone'),
};

/** What is to be told of a new secret that no list showed. Pure. */
export const unlistedFindings = ({ created }: Have, seen: SeenSecret | undefined): Finding[] =>
  created?.kind === 'secret' && !seen ? [unlisted] : [];

/** The new secret under the key id by which the application lists it, whatever the reply to its making said. */
export function asListed(have: Have, seen: SeenSecret | undefined, outcome: RunOutcome): Have {
  const { created } = have;
  if (created?.kind !== 'secret' || !seen || sameId(created.keyId, seen.keyId)) return have;
  const { keyId } = seen;
  const listed = { ...have, created: { ...created, keyId } };
  noteApplication(listed, outcome);
  outcome.changes = (outcome.changes ?? []).map((change) =>
    sameId(change.id, created.keyId) ? { ...change, id: keyId } : change,
  );
  return listed;
}
