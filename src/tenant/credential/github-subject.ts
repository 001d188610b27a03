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
