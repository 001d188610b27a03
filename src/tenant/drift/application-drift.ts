import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import { defaultAppName } from '../application/write-application.ts';
import type { Account } from '../directory-objects.ts';
import { ownUniqueName } from '../graph.ts';
import { type Check, fine, judge, listed, notChecked, odd, type Verdict } from './drift.ts';
import { checkSignInDrift } from './sign-in-drift.ts';
import type {
  ApplicationDetail,
  Owner,
  PrincipalDetail,
  Seen,
  Sibling,
  Surroundings,
} from './surroundings.ts';

/** What is known of the application from the config file and from the sign-in. */
export interface Known {
  readonly clientId: string;
  /** As the file records it. */
  readonly uniqueName: string | undefined;
  /** As the file records it; undefined for the name that setup gives by itself. */
  readonly displayName: string | undefined;
  readonly account: Pick<Account, 'id'> | undefined;
}

const nameOf = ({ displayName, appId }: Sibling): string => `${quoted(displayName)} (client ID ${appId})`;

function checkPresence({ clientId }: Known, { application, deleted }: Surroundings): Finding {
  return judge({ id: 'app.application', title: 'Application' }, application, (detail) => {
    if (detail) return fine(`${quoted(detail.application.displayName)}, client ID ${clientId}`);
    const bin = 'value' in deleted ? deleted.value : [];
    const own = bin.find(({ appId }) => sameId(appId, clientId));
    if (!own) {
      return {
        status: 'fail',
        evidence: 'not found in this tenant',
        remedy: 'Run reporting-setup again: it registers what is missing.',
        code: 'application-missing',
      };
    }
    const day = own.deletedDateTime.slice(0, 10);
    return {
      status: 'fail',
      evidence: `${nameOf(own)} is in the recycle bin${day === '' ? '' : ` since ${day}`}`,
      remedy:
        'Restore it within 30 days of that, under App registrations > Deleted applications; then run reporting-setup again for what went with it.',
      code: 'application-deleted',
    };
  });
}

function checkPrincipal(seen: Seen<PrincipalDetail | undefined>): Finding {
  return judge({ id: 'app.servicePrincipal', title: 'Service principal' }, seen, (principal) => {
    if (!principal) {
      return {
        status: 'fail',
        evidence: 'not found in this tenant',
        remedy: 'Run reporting-setup again: it creates what is missing.',
        code: 'application-missing',
      };
    }
    if (principal.accountEnabled) return fine(`enabled, object ID ${principal.id}`);
    return {
      status: 'fail',
      evidence: 'sign-in is disabled for it (accountEnabled is false)',
      remedy: 'Enable it under Enterprise applications > Properties > Enabled for users to sign in.',
      code: 'service-principal-disabled',
    };
  });
}

function judgeName(known: Known, { application: { displayName, uniqueName } }: ApplicationDetail): Verdict {
  if (uniqueName !== ownUniqueName) return fine(`${quoted(displayName)}, registered by somebody else`);
  if (displayName === (known.displayName ?? defaultAppName)) return fine(quoted(displayName));
  const expected =
    known.displayName === undefined
      ? `setup says ${quoted(defaultAppName)} unless --app-name is given`
      : `the file records ${quoted(known.displayName)}`;
  return odd(
    'application-renamed',
    `${quoted(displayName)}, where ${expected}`,
    'Nothing breaks: it is recognised by its client ID. reporting-setup records the name, or with --app-name gives it another.',
  );
}

function judgeUniqueName(known: Known, { application, tags }: ApplicationDetail): Verdict {
  const { uniqueName } = application;
  if (known.uniqueName !== undefined && uniqueName !== known.uniqueName) {
    const there = uniqueName === null ? 'it has none' : `it is ${quoted(uniqueName)}`;
    return odd(
      'application-unrecognised',
      `the file records ${quoted(known.uniqueName)}, and ${there}`,
      `A uniqueName cannot be given back: pass --client-id ${known.clientId} to reporting-setup from now on.`,
    );
  }
  if (uniqueName !== ownUniqueName) return fine('none of this program: it is recognised by its client ID');
  if (tags.includes(ownUniqueName)) return fine(`uniqueName and tag ${quoted(ownUniqueName)}`);
  return odd(
    'application-unrecognised',
    `its tag ${quoted(ownUniqueName)} is gone; uniqueName ${quoted(uniqueName)} is there`,
    `Add ${quoted(ownUniqueName)} to its tags, under App registrations > Manifest.`,
  );
}

const showOwner = ({ name, kind }: Owner): string =>
  kind === 'guest' ? `${name} (a GUEST)` : kind === 'member' ? name : `${name} (${kind})`;

function judgeOwners(known: Known, owners: readonly Owner[]): Verdict {
  const others = owners.filter(({ id }) => !sameId(id, known.account?.id));
  if (others.length === 0) return fine(owners.length === 0 ? 'nobody' : 'the signed-in account alone');
  const guests = others.filter(({ kind }) => kind === 'guest').length;
  const warning = guests === 0 ? '' : " An account of somebody else's tenant hardly ought to.";
  return odd(
    'owner-excess',
    `${listed(others.map(showOwner))}: each may add credentials to it`,
    `Remove whoever need not renew its credential, under App registrations > Owners.${warning}`,
  );
}

function judgeSiblings({ clientId }: Known, { tagged, deleted }: Surroundings): Verdict {
  if ('hidden' in tagged) return notChecked(tagged.hidden);
  const isOther = ({ appId }: Sibling): boolean => !sameId(appId, clientId);
  const others = tagged.value.filter(isOther);
  const bin = ('value' in deleted ? deleted.value : []).filter(
    (sibling) =>
      isOther(sibling) && (sibling.tags.includes(ownUniqueName) || sibling.uniqueName === ownUniqueName),
  );
  const inBin = bin.length === 0 ? '' : `; in the recycle bin: ${listed(bin.map(nameOf))}`;
  if (others.length === 0) return fine(`none that is in use${inBin}`);
  return odd(
    'application-duplicate',
    `${listed(others.map(nameOf))}${inBin}`,
    'Find out whether another machine uses them; delete those that nobody does.',
  );
}

function judgeAssignment(principal: PrincipalDetail | undefined): Verdict {
  if (!principal) return notChecked('there is no service principal');
  if (!principal.assignmentRequired) return fine('not required');
  return odd(
    'assignment-required',
    'only those who are assigned may sign in to it (appRoleAssignmentRequired is true)',
    'Nothing: that concerns people who sign in to it, not what it reads by itself.',
  );
}

/** How the application registration and its service principal differ from what setup makes. Pure. */
export function checkApplicationDrift(known: Known, surroundings: Surroundings): Finding[] {
  const { application, servicePrincipal, owners } = surroundings;
  const isAbsent = 'value' in application && application.value === undefined;
  const presence = [checkPresence(known, surroundings), checkPrincipal(servicePrincipal)];
  const siblings = {
    id: 'app.duplicates',
    title: 'Other applications of this program',
    ...judgeSiblings(known, surroundings),
  };
  if (isAbsent) return [...presence, siblings];
  const of = (check: Check, verdict: (detail: ApplicationDetail) => Verdict): Finding =>
    judge(check, application, (detail) => (detail ? verdict(detail) : notChecked('it is not there')));
  return [
    ...presence,
    of({ id: 'app.name', title: 'Name' }, (detail) => judgeName(known, detail)),
    of({ id: 'app.uniqueName', title: 'Marks of this program' }, (detail) => judgeUniqueName(known, detail)),
    ...checkSignInDrift(application),
    judge({ id: 'app.assignmentRequired', title: 'Assignment' }, servicePrincipal, judgeAssignment),
    judge({ id: 'app.owners', title: 'Owners' }, owners, (value) => judgeOwners(known, value)),
    siblings,
  ];
}
