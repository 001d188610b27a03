import type { Finding } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import { type Check, fine, judge, listed, notChecked, odd, type Verdict } from './drift.ts';
import type { ApplicationDetail, RedirectUri, Seen } from './surroundings.ts';

function judgeAudience({ application: { signInAudience } }: ApplicationDetail): Verdict {
  if (signInAudience === 'AzureADMyOrg') return fine('accounts of this tenant alone (AzureADMyOrg)');
  return odd(
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
    return fine(redirectUris.length === 0 ? 'none' : `its sign-on URL alone, ${quoted(homePageUrl)}`);
  }
  return odd(
    'redirect-uri-excess',
    `beyond its sign-on URL: ${listed(excess.map(showUri))}`,
    'Nobody signs in to this application: remove them under App registrations > Authentication.',
  );
}

function judgeImplicit({ implicitGrant }: ApplicationDetail): Verdict {
  if (implicitGrant.length === 0) return fine('off');
  return odd(
    'implicit-grant-enabled',
    `it hands out ${implicitGrant.join(' and ')}`,
    'Switch it off under App registrations > Authentication > Implicit grant and hybrid flows.',
  );
}

function judgePublicClient({ isPublicClient }: ApplicationDetail): Verdict {
  if (!isPublicClient) return fine('off');
  return odd(
    'public-client-enabled',
    'isFallbackPublicClient is true',
    'Set "Allow public client flows" to No under App registrations > Authentication.',
  );
}

/** In which ways people could sign in to an application that nobody is meant to sign in to. Pure. */
export function checkSignInDrift(seen: Seen<ApplicationDetail | undefined>): Finding[] {
  const of = (check: Check, verdict: (detail: ApplicationDetail) => Verdict): Finding =>
    judge(check, seen, (detail) => (detail ? verdict(detail) : notChecked('it is not there')));
  return [
    of({ id: 'app.audience', title: 'Who may sign in to it' }, judgeAudience),
    of({ id: 'app.redirectUris', title: 'Redirect URIs' }, judgeRedirects),
    of({ id: 'app.implicitGrant', title: 'Implicit grant' }, judgeImplicit),
    of({ id: 'app.publicClient', title: 'Public client' }, judgePublicClient),
  ];
}
