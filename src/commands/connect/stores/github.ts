import { parseRepository } from '../../../cli/option-parsers.ts';
import { WizardError } from '../../../core/errors.ts';
import { fieldsIn, textOf } from '../../../core/fields.ts';
import { safeText, shellWord } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { requireProgram, runProgram, type Wish } from './store-program.ts';
import { askFor, planned, requireSamePlace, valuesOf } from './stored-values.ts';

/** A repository, one of its environments, or an organisation. */
interface GitHubPlace {
  readonly host: string;
  /** `owner/name`, or undefined for an organisation. */
  readonly repo: string | undefined;
  readonly environment: string | undefined;
  readonly org: string | undefined;
  readonly visibility: 'all' | 'private' | 'selected';
  /** Names of repositories of the organisation. */
  readonly selected: readonly string[];
}

type PlaceSettings = Pick<StoreInput['settings'], 'repo' | 'environment' | 'org' | 'visibility'>;

/** `owner/name` and, before it, the host where it names one. */
function splitRepo(repo: string, host: string): { readonly host: string; readonly repo: string } {
  const parts = repo.split('/');
  return parts.length === 3 ? { host: parts[0] ?? host, repo: parts.slice(1).join('/') } : { host, repo };
}

const contradiction = (message: string): WizardError => new WizardError('invalid-options', message);

/** Where `--org` leads. Throws WizardError. */
function organisation(
  org: string,
  { repo = [], environment, visibility }: PlaceSettings,
  host: string,
): GitHubPlace {
  if (!/^[\w.-]+$/.test(org)) throw contradiction('--org: it is no name of an organisation');
  if (environment !== undefined) throw contradiction('--environment does not go with --org');
  const who = visibility ?? (repo.length > 0 ? 'selected' : 'private');
  if (who === 'selected' && repo.length === 0) throw contradiction('--visibility selected needs --repo');
  if (who !== 'selected' && repo.length > 0)
    throw contradiction('--repo beside --org needs --visibility selected');
  const found = repo.map((name) => splitRepo(name, host));
  const stranger = found.find(({ repo: name }) => name.split('/')[0]?.toLowerCase() !== org.toLowerCase());
  if (stranger) throw contradiction(`--repo: ${safeText(stranger.repo)} is no repository of ${org}`);
  const selected = found.map(({ repo: name }) => name.replace(/^[^/]*\//, ''));
  const at = found[0]?.host ?? host;
  return { host: at, repo: undefined, environment: undefined, org, visibility: who, selected };
}

/** Where the options lead. Throws WizardError where they do not go together. */
function placeOf(settings: PlaceSettings, io: Pick<Io, 'env'>): GitHubPlace {
  const host = io.env['GH_HOST'] || 'github.com';
  const { repo = [], environment, org, visibility } = settings;
  if (org !== undefined) return organisation(org, settings, host);
  if (visibility !== undefined) throw contradiction('--visibility needs --org');
  if (repo.length > 1) throw contradiction('--repo: name one, or several beside --org');
  const [name] = repo;
  if (name === undefined) throw new WizardError('missing-options', 'Missing: --repo or --org');
  return { ...splitRepo(name, host), environment, org: undefined, visibility: 'private', selected: [] };
}

/** As it stands in `connected`. */
function whereOf({ host, repo, environment, org, visibility, selected }: GitHubPlace): string {
  if (org !== undefined) {
    const repos = selected.length === 0 ? '' : `&repos=${selected.join(',')}`;
    return `https://${host}/orgs/${org}?visibility=${visibility}${repos}`;
  }
  const behind = environment === undefined ? '' : `/environments/${encodeURIComponent(environment)}`;
  return `https://${host}/${repo}${behind}`;
}

function optionsOf(where: string): PlaceSettings | undefined {
  const url = URL.canParse(where) ? new URL(where) : undefined;
  if (url?.protocol !== 'https:') return undefined;
  const { host, pathname, searchParams } = url;
  const org = /^\/orgs\/([\w.-]+)$/.exec(pathname)?.[1];
  if (org !== undefined) {
    const visibility = (['all', 'private', 'selected'] as const).find(
      (one) => one === searchParams.get('visibility'),
    );
    const repos = searchParams.get('repos')?.split(',') ?? [];
    return {
      org,
      ...(visibility === undefined ? {} : { visibility }),
      ...(repos.length === 0 ? {} : { repo: repos.map((name) => `${host}/${org}/${name}`) }),
    };
  }
  const match = /^\/([\w-][\w.-]*\/[\w.-]+?)(?:\/environments\/([^/]+))?$/.exec(pathname);
  if (!match?.[1]) return undefined;
  const environment = match[2] === undefined ? undefined : decodeURIComponent(match[2]);
  return { repo: [`${host}/${match[1]}`], ...(environment === undefined ? {} : { environment }) };
}

/** The words that tell gh where. */
function wordsFor({ host, repo, environment, org, visibility, selected }: GitHubPlace): string[] {
  if (org === undefined) {
    return ['--repo', `${host}/${repo}`, ...(environment === undefined ? [] : ['--env', environment])];
  }
  const repos = selected.length === 0 ? [] : ['--repos', selected.join(',')];
  return ['--org', org, '--visibility', visibility, ...repos];
}

/** The address at which GitHub tells when a secret was written last (docs.github.com, REST: Actions secrets). */
function apiPath({ repo, environment, org }: GitHubPlace, name: string): string {
  if (org !== undefined) return `orgs/${org}/actions/secrets/${name}`;
  if (environment === undefined) return `repos/${repo}/actions/secrets/${name}`;
  return `repos/${repo}/environments/${encodeURIComponent(environment)}/secrets/${name}`;
}

const howToGet = 'Install GitHub CLI (https://cli.github.com) and sign in: `gh auth login`';

const wishFor = (place: GitHubPlace, name: string): Wish => ({
  failed: `The secret ${name} was not written`,
  howToGet,
  remedy: (complaint) => {
    if (/gh auth login|authentication|HTTP 401/i.test(complaint)) {
      return `GITHUB_TOKEN of a workflow cannot write secrets. Sign in: \`gh auth login --hostname ${place.host}\``;
    }
    if (/HTTP 404/.test(complaint)) {
      return 'Check the name: the repository or environment is not there, or this account does not see it. An environment is made in its settings first.';
    }
    if (/HTTP 403/.test(complaint)) {
      return 'Writing secrets takes a classic token with repo (organisation: admin:org), or a fine-grained one that may write secrets (of an environment: environments).';
    }
    return undefined;
  },
});

/** gh asks nobody, and GH_REPO of the shell does not lead somewhere else. */
const quiet = { GH_PROMPT_DISABLED: '1', GH_REPO: '', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };

/** When GitHub says that the secret was written last; undefined where this account may not read that. */
async function readBack(place: GitHubPlace, io: Io): Promise<string | undefined> {
  const words = ['api', apiPath(place, 'AZURE_CLIENT_SECRET')];
  const env = { ...quiet, GH_HOST: place.host };
  const ended = await runProgram({ program: 'gh', words, env }, howToGet, io);
  if (ended.code !== 0) return undefined;
  const { name, updated_at: updated } = fieldsIn(ended.stdout);
  return name === 'AZURE_CLIENT_SECRET' ? `updated ${safeText(textOf(updated), 40)}` : undefined;
}

/** Ids first: whatever stops it in between, no secret stands beside another application's id as if it were new. */
async function put(input: StoreInput, io: Io): Promise<Stored> {
  const place = placeOf(input.settings, io);
  const where = whereOf(place);
  requireSamePlace(where, input.place);
  const values = valuesOf(input.config, io);
  if (input.dryRun) return planned(Object.keys(values).join(', '), where, io);
  const env = { ...quiet, ...(place.org === undefined ? {} : { GH_HOST: place.host }) };
  for (const [name, value] of Object.entries(values)) {
    const words = ['secret', 'set', name, ...wordsFor(place)];
    await requireProgram({ program: 'gh', words, input: value, env }, wishFor(place, name), io);
  }
  const confirmed = await readBack(place, io);
  const names = Object.keys(values).map((name) => `${name}: \${{ secrets.${name} }}`);
  const flags = wordsFor(place)
    .slice(0, place.org === undefined ? 4 : 2)
    .map(shellWord)
    .join(' ');
  return {
    where,
    ...(confirmed === undefined ? {} : { confirmed }),
    steps: [
      {
        does: `In a workflow${place.environment === undefined ? '' : `, in a job with environment: ${safeText(place.environment)}`}, give it to the step that needs it:`,
        run: `env: { ${names.join(', ')} }`,
      },
      {
        does: 'A workflow needs no secret at all with a federated credential, in a file of its own:',
        run: `reporting-setup --credential federated --github ${place.repo ?? 'owner/name'} --output federated.json`,
      },
    ],
    takeOut: {
      does: 'Take it out again:',
      run: Object.keys(values)
        .map((name) => `gh secret delete ${name} ${flags}`)
        .join(' && '),
    },
  };
}

export const target: Target = {
  name: 'github',
  group: 'store',
  title: 'GitHub Actions secrets',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['--repo <owner/name> or --org <name>', 'GitHub CLI (gh), signed in'],
  ages: true,
  proven:
    'run: gh writes to a stand-in over HTTPS, for a repository, an environment and an organisation, and PyNaCl (libsodium) opens what it sealed to the very values; GitHub itself is not there',
  complete: async (settings, prompt) =>
    settings.repo || settings.org
      ? settings
      : {
          ...settings,
          repo: [await askFor(prompt, '--repo or --org', 'Repository, as owner/name', parseRepository)],
        },
  store: { unattended: true, put, optionsOf },
};
