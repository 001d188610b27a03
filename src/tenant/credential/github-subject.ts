import { quoted } from '../../core/text.ts';

/** Whose tokens GitHub Actions are, and for what: what `--github` stands for. */
export interface GitHubTrust {
  readonly issuer: string;
  readonly subject: string;
  /** The subject names owner and repository by their ids too, which stay when they are renamed. */
  readonly isImmutable: boolean;
}

/** GitHub Actions' identity provider. */
export const gitHubIssuer = 'https://token.actions.githubusercontent.com';

const owner = '[A-Za-z0-9][A-Za-z0-9-]{0,38}';
const repository = String.raw`[\w.-]{1,100}`;
const pattern = new RegExp(
  `^(?<owner>${owner})(?<ownerId>@\\d+)?/(?<repository>${repository})(?<repositoryId>@\\d+)?(?::(?<rest>.*))?$`,
);

const expected =
  'a GitHub repository and what runs there: owner/repo (branch main), owner/repo:ref:refs/heads/release, owner/repo:environment:production or owner/repo:pull_request';

/** The part of the subject behind the repository; undefined where the text names nothing that GitHub has. */
function contextOf(rest: string): string | undefined {
  if (rest === 'pull_request') return rest;
  const ref = /^(?:ref:)?(refs\/(?:heads|tags)\/[^\s:]+)$/.exec(rest)?.[1];
  if (ref !== undefined) return `ref:${ref}`;
  if (/^(?:ref:|refs\/)/.test(rest)) return undefined;
  // GitHub writes a colon in an environment's name in another way: --subject takes what its tokens really say.
  const environment = /^(?:environment:)?([^\p{Cc}:]+)$/u.exec(rest)?.[1];
  return environment === undefined || environment.trim() !== environment
    ? undefined
    : `environment:${environment}`;
}

/**
 * Composes the subject of GitHub Actions' tokens for `owner/repo`, with `:environment:<name>` (or just `:<name>`),
 * `:ref:<ref>` (or just `:refs/…`) or `:pull_request` behind it; without any of them it is branch main. Ids behind an @
 * make an immutable subject: `owner@1/repo@2`. Nothing changes case: Entra compares it. Throws RangeError.
 */
export function parseGitHub(text: string): GitHubTrust {
  const groups = pattern.exec(text)?.groups;
  const context = groups && contextOf(groups['rest'] ?? 'refs/heads/main');
  const immutable = groups?.['ownerId'] !== undefined;
  const half = immutable !== (groups?.['repositoryId'] !== undefined);
  if (!groups || context === undefined || half) throw new RangeError(`${quoted(text)} is not ${expected}`);
  const { ownerId = '', repositoryId = '' } = groups;
  const name = `${groups['owner']}${ownerId}/${groups['repository']}${repositoryId}`;
  return { issuer: gitHubIssuer, subject: `repo:${name}:${context}`, isImmutable: immutable };
}

/** Claims of GitHub's tokens that a repository may put into its subjects (github-docs, OpenID Connect reference). */
const claims =
  /^(?:repo|context|actor|actor_id|base_ref|check_run_id|enterprise|enterprise_id|environment|event_name|head_ref|job_workflow_ref|job_workflow_sha|ref|ref_type|repository|repository_id|repository_owner|repository_owner_id|repository_visibility|run_attempt|run_id|run_number|runner_environment|sha|workflow|workflow_ref|workflow_sha):./;

const wholeName = new RegExp(`^repo:${owner}(?:@\\d+)?/${repository}(?:@\\d+)?(?::(?<context>.*))?$`);

function neverIn(context: string | undefined): string | undefined {
  if (context === undefined || context === '') return 'nothing behind the repository says what runs there';
  if (context === 'pull_request') return undefined;
  if (/^ref:(?!refs\/(?:heads|tags|pull)\/.)/.test(context)) {
    return 'a branch is written as ref:refs/heads/<branch>, a tag as ref:refs/tags/<tag>';
  }
  if (claims.test(context)) return undefined;
  return 'behind the repository stands ref:refs/heads/<branch>, ref:refs/tags/<tag>, environment:<name> or pull_request';
}

/**
 * Why GitHub Actions never issues a token with such a subject, so that the credential could not be used; undefined where
 * it may, subjects that a repository puts together itself among them, and for other issuers. Pure.
 */
export function neverIssued(issuer: string, subject: string): string | undefined {
  if (issuer.replace(/\/$/, '').toLowerCase() !== gitHubIssuer) return undefined;
  if (issuer !== gitHubIssuer) return `its issuer is ${gitHubIssuer}, spelled exactly so`;
  // Names of environments may hold what no branch and no repository does.
  const [before = '', environment] = subject.split(/(?<=:environment:)/);
  if (/[*?]/.test(before) || environment === '*')
    return 'Entra compares the whole subject and knows no wildcards';
  const groups = wholeName.exec(subject)?.groups;
  if (groups) return neverIn(groups['context']);
  if (/^repo:/.test(subject)) return 'behind repo: stands owner/repository';
  return claims.test(subject) ? undefined : 'it begins with repo:<owner>/<repository>:';
}

/** Characters that issuer, subject and audience may have (graph-docs, federatedIdentityCredential). */
const longest = 600;

function requireLine(text: string, what: string): string {
  const fits =
    text !== '' && [...text].length <= longest && text.trim() === text && !/[\p{Cc}\p{Cs}]/u.test(text);
  if (!fits) throw new RangeError(`${quoted(text)} is not ${what}`);
  return text;
}

/** An issuer exactly as its tokens spell it. Throws RangeError. */
export function parseIssuer(text: string): string {
  const what =
    'an https address as the tokens spell it in iss, such as https://token.actions.githubusercontent.com';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.protocol === 'https:' && !url.username && !url.password && !url.search && !url.hash;
  if (!plain) throw new RangeError(`${quoted(text)} is not ${what}`);
  return requireLine(text, what);
}

/** A subject exactly as the tokens spell it. Throws RangeError. */
export const parseSubject = (text: string): string =>
  requireLine(
    text,
    `one line of 1 to ${longest} characters without spaces around it, as the tokens spell it in sub`,
  );

/** An audience exactly as the tokens spell it. Throws RangeError. */
export const parseAudience = (text: string): string =>
  requireLine(
    text,
    `one line of 1 to ${longest} characters without spaces around it, as the tokens spell it in aud`,
  );
