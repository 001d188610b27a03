import type { ReportingConfig } from '../../config/config.ts';
import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import type { Application } from '../directory-objects.ts';
import type { ApplicationDetail, Inventory, MarkedApplication, Owner, RedirectUri } from '../inventory.ts';
import { checkAssignmentRequired, checkPrincipal } from '../service-principal.ts';
import { type Check, fail, judge, judgeIfThere, listed, pass, type Verdict, warn } from '../verdict.ts';
import { defaultAppName, ownUniqueName } from './read-application.ts';

const registration: Check = { id: 'app.application', title: 'Application' };

const notFound = fail(
  'application-missing',
  'not found in this tenant',
  'Register what is missing: `reporting-setup`',
);

/** What the config file says of the application. */
export interface RecordedApplication extends Pick<ReportingConfig, 'clientId'> {
  readonly application: Pick<ReportingConfig['application'], 'uniqueName' | 'displayName'>;
}

/** Whether setup, or the application by itself, found the application. Pure. */
export const checkRegistration = (application: Application | undefined): Finding => ({
  ...registration,
  ...(application ? pass(`"${application.displayName}", client ID ${application.appId}`) : notFound),
});

const nameOf = ({ displayName, appId }: MarkedApplication): string =>
  `${quoted(displayName)} (client ID ${appId})`;

function judgeAbsence(clientId: string, { deleted }: Inventory): Verdict {
  const bin = 'value' in deleted ? deleted.value : [];
  const own = bin.find(({ appId }) => sameId(appId, clientId));
  if (!own) return notFound;
  const day = own.deletedDateTime.slice(0, 10);
  return fail(
    'application-deleted',
    `${nameOf(own)} is in the recycle bin${day === '' ? '' : ` since ${day}`}`,
    'Restore it within 30 days of that, under App registrations > Deleted applications; then make what went with it anew: `reporting-setup`',
  );
}

function judgeName(
  { application: { displayName: recorded } }: RecordedApplication,
  { application: { displayName, uniqueName } }: ApplicationDetail,
): Verdict {
  if (uniqueName !== ownUniqueName) return pass(`${quoted(displayName)}, registered by somebody else`);
  if (displayName === (recorded ?? defaultAppName)) return pass(quoted(displayName));
  const expected =
    recorded === undefined
      ? `setup says ${quoted(defaultAppName)} unless --app-name is given`
      : `the file records ${quoted(recorded)}`;
  return warn(
    'application-renamed',
    `${quoted(displayName)}, where ${expected}`,
    'Nothing breaks: it is recognised by its client ID. To record the name: `reporting-setup`, or with --app-name give it another.',
  );
}

function judgeUniqueName(
  { clientId, application: { uniqueName: recorded } }: RecordedApplication,
  { application: { uniqueName }, tags }: ApplicationDetail,
): Verdict {
  if (recorded !== undefined && uniqueName !== recorded) {
    const there = uniqueName === null ? 'it has none' : `it is ${quoted(uniqueName)}`;
    return warn(
      'application-unrecognised',
      `the file records ${quoted(recorded)}, and ${there}`,
      `A uniqueName cannot be given back. From now on: \`reporting-setup --client-id ${clientId}\``,
    );
  }
  if (uniqueName !== ownUniqueName) return pass('none of this program: it is recognised by its client ID');
  if (tags.includes(ownUniqueName)) return pass(`uniqueName and tag ${quoted(ownUniqueName)}`);
  return warn(
    'application-unrecognised',
    `its tag ${quoted(ownUniqueName)} is gone; uniqueName ${quoted(uniqueName)} is there`,
    `Add ${quoted(ownUniqueName)} to its tags, under App registrations > Manifest.`,
  );
}

function judgeAudience({ application: { signInAudience } }: ApplicationDetail): Verdict {
  if (signInAudience === 'AzureADMyOrg') return pass('accounts of this tenant alone (AzureADMyOrg)');
  return warn(
    'application-multi-tenant',
    `signInAudience is ${quoted(signInAudience)}: not this tenant alone`,
    'Choose "Accounts in this organizational directory only" under App registrations > Authentication.',
  );
}

/** Sent in the clear to another machine, or to whoever matches. */
const isUnsafe = ({ uri }: RedirectUri): boolean =>
  /^http:\/\/(?!(localhost|127\.0\.0\.1)([:/?]|$))/i.test(uri) || uri.includes('*');

const showUri = (redirect: RedirectUri): string =>
  `${quoted(redirect.uri)} (${redirect.platform}${isUnsafe(redirect) ? ', unsafe' : ''})`;

function judgeRedirects({ redirectUris, homePageUrl }: ApplicationDetail): Verdict {
  const excess = redirectUris.filter(
    (redirect) => redirect.platform !== 'web' || redirect.uri !== homePageUrl || isUnsafe(redirect),
  );
  if (excess.length === 0) {
    return pass(redirectUris.length === 0 ? 'none' : `its sign-on URL alone, ${quoted(homePageUrl)}`);
  }
  return warn(
    'redirect-uri-excess',
    `beyond its sign-on URL: ${listed(excess.map(showUri))}`,
    'Nobody signs in to this application: remove them under App registrations > Authentication.',
  );
}

function judgeImplicitGrant({ implicitGrant }: ApplicationDetail): Verdict {
  if (implicitGrant.length === 0) return pass('off');
  return warn(
    'implicit-grant-enabled',
    `it hands out ${implicitGrant.join(' and ')}`,
    'Switch it off under App registrations > Authentication > Implicit grant and hybrid flows.',
  );
}

function judgePublicClient({ isPublicClient }: ApplicationDetail): Verdict {
  if (!isPublicClient) return pass('off');
  return warn(
    'public-client-enabled',
    'isFallbackPublicClient is true',
    'Set "Allow public client flows" to No under App registrations > Authentication.',
  );
}

const showOwner = ({ name, kind }: Owner): string =>
  kind === 'guest' ? `${name} (a GUEST)` : kind === 'member' ? name : `${name} (${kind})`;

function judgeOwners(account: Pick<Owner, 'id'> | undefined, owners: readonly Owner[]): Verdict {
  const others = owners.filter(({ id }) => !sameId(id, account?.id));
  if (others.length === 0) return pass(owners.length === 0 ? 'nobody' : 'the signed-in account alone');
  const guests = others.filter(({ kind }) => kind === 'guest').length;
  const warning = guests === 0 ? '' : " An account of somebody else's tenant hardly ought to.";
  return warn(
    'owner-excess',
    `${listed(others.map(showOwner))}: each may add credentials to it`,
    `Remove whoever need not renew its credential, under App registrations > Owners.${warning}`,
  );
}

function judgeDuplicates(
  clientId: string,
  tagged: readonly MarkedApplication[],
  { deleted }: Inventory,
): Verdict {
  const isOther = ({ appId }: MarkedApplication): boolean => !sameId(appId, clientId);
  const others = tagged.filter(isOther);
  const bin = ('value' in deleted ? deleted.value : []).filter(
    (one) => isOther(one) && (one.tags.includes(ownUniqueName) || one.uniqueName === ownUniqueName),
  );
  const inBin = bin.length === 0 ? '' : `; in the recycle bin: ${listed(bin.map(nameOf))}`;
  if (others.length === 0) return pass(`none that is in use${inBin}`);
  return warn(
    'application-duplicate',
    `${listed(others.map(nameOf))}${inBin}`,
    'Find out whether another machine uses them; delete those that nobody does.',
  );
}

/**
 * How the application registration and its service principal differ from what setup makes. `account` is who is signed
 * in: its own ownership is no finding. Pure.
 */
export function checkApplication(
  recorded: RecordedApplication,
  account: Pick<Owner, 'id'> | undefined,
  inventory: Inventory,
): Finding[] {
  const { clientId } = recorded;
  const { application, servicePrincipal, owners, tagged } = inventory;
  const of = (id: string, title: string, verdict: (detail: ApplicationDetail) => Verdict): Finding =>
    judgeIfThere({ id, title }, application, 'it is not there', verdict);
  const isAbsent = 'value' in application && application.value === undefined;
  const differences = [
    of('app.name', 'Name', (detail) => judgeName(recorded, detail)),
    of('app.uniqueName', 'Marks of this program', (detail) => judgeUniqueName(recorded, detail)),
    of('app.audience', 'Who may sign in to it', judgeAudience),
    of('app.redirectUris', 'Redirect URIs', judgeRedirects),
    of('app.implicitGrant', 'Implicit grant', judgeImplicitGrant),
    of('app.publicClient', 'Public client', judgePublicClient),
    checkAssignmentRequired(servicePrincipal),
    judge({ id: 'app.owners', title: 'Owners' }, owners, (value) => judgeOwners(account, value)),
  ];
  return [
    judge(registration, application, (detail) =>
      detail
        ? pass(`${quoted(detail.application.displayName)}, client ID ${clientId}`)
        : judgeAbsence(clientId, inventory),
    ),
    checkPrincipal(servicePrincipal),
    ...(isAbsent ? [] : differences),
    judge({ id: 'app.duplicates', title: 'Other applications of this program' }, tagged, (others) =>
      judgeDuplicates(clientId, others, inventory),
    ),
  ];
}
