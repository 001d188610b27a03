import { parseName } from '../../../cli/option-parsers.ts';
import { WizardError } from '../../../core/errors.ts';
import { safeText, shellWord } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { openStoreHttp, type StoreHttp, type StoreReply } from './store-http.ts';
import {
  addressFrom,
  askFor,
  planned,
  requireSamePlace,
  type StoredValues,
  valuesOf,
} from './stored-values.ts';

/** The variables of a project or a group, in one environment scope. */
interface GitLabPlace {
  /** Without a slash at the end. */
  readonly address: string;
  /** `projects` or `groups`. */
  readonly kind: 'projects' | 'groups';
  /** A path or a number. */
  readonly id: string;
  readonly scope: string;
}

/** Where the options and the variables of GitLab's own programs lead. Throws WizardError. */
function placeOf({ settings }: StoreInput, { env }: Pick<Io, 'env'>): GitLabPlace {
  const { project, group, environment: scope = '*', address: given } = settings;
  if (project !== undefined && group !== undefined) {
    throw new WizardError('invalid-options', '--project and --group: give one of them');
  }
  const id = project ?? group;
  if (id === undefined) throw new WizardError('missing-options', 'Missing: --project or --group');
  const address = addressFrom(given, 'GITLAB_HOST', env['GITLAB_HOST'], 'https://gitlab.com');
  return { address, kind: project === undefined ? 'groups' : 'projects', id, scope };
}

const listUrl = ({ address, kind, id }: GitLabPlace): string =>
  `${address}/api/v4/${kind}/${encodeURIComponent(id)}/variables`;

const whereOf = (place: GitLabPlace): string =>
  `${listUrl(place)}/AZURE_CLIENT_SECRET?environment_scope=${encodeURIComponent(place.scope)}`;

/** The address stays the environment's: a token of the shell does not follow what only a file says. */
function optionsOf(where: string): StoreInput['settings'] | undefined {
  const url = URL.canParse(where) ? new URL(where) : undefined;
  const [, kind, id] =
    /\/api\/v4\/(projects|groups)\/([^/]+)\/variables\/AZURE_CLIENT_SECRET$/.exec(url?.pathname ?? '') ?? [];
  if (id === undefined) return undefined;
  const environment = url?.searchParams.get('environment_scope') ?? '*';
  const path = decodeURIComponent(id);
  return { environment, ...(kind === 'projects' ? { project: path } : { group: path }) };
}

function tokenOf({ env, redactor }: Io): string {
  const token = env['GITLAB_TOKEN'] || env['GITLAB_PRIVATE_TOKEN'] || '';
  if (/^[\x21-\x7e]+$/.test(token)) {
    redactor.add(token);
    return token;
  }
  throw new WizardError('store-refused', 'Nobody is signed in to GitLab here: there is no GITLAB_TOKEN.', {
    remedy:
      'Set GITLAB_TOKEN to an access token with the scope api. The job token of a pipeline cannot write variables.',
  });
}

function refusal({ status, body }: StoreReply, name: string): WizardError {
  const said = safeText(JSON.stringify(body['message'] ?? body['error'] ?? ''), 400);
  const remedies: Readonly<Record<number, string>> = {
    400: 'GitLab masks values of one line with 8 or more characters and no spaces. Nothing is stored without a mask.',
    401: 'Set GITLAB_TOKEN to an access token with the scope api that is still valid.',
    403: 'It takes the role Maintainer of the project, or Owner of the group.',
    404: 'Check --project or --group: it is not there, or this token does not see it (Maintainer of the project, Owner of the group).',
  };
  const remedy = remedies[status];
  return new WizardError('store-refused', `GitLab did not take ${name} (HTTP ${status}): ${said}`, {
    ...(remedy === undefined ? {} : { remedy: `The config file is as it was. ${remedy}` }),
  });
}

/** Throws WizardError for a value that GitLab cannot mask (docs.gitlab.com, "Mask a CI/CD variable"). */
function requireMaskable(secret: string): void {
  if (/^\S{8,}$/.test(secret)) return;
  throw new WizardError(
    'target-value',
    'GitLab can mask this secret in no log: it has a space in it, or less than 8 characters.',
  );
}

/** Writes a variable: in place of one of the same name and scope, or anew. `raw` keeps a `$` in it from being expanded. */
async function writeOne(
  place: GitLabPlace,
  [name, value]: readonly [string, string],
  http: StoreHttp,
  token: string,
): Promise<void> {
  const headers = { 'private-token': token, 'content-type': 'application/json' };
  const own = `${listUrl(place)}/${name}?filter%5Benvironment_scope%5D=${encodeURIComponent(place.scope)}`;
  const there = await http.send(own, { headers });
  if (there.status !== 200 && there.status !== 404) throw refusal(there, name);
  const isSecret = name === 'AZURE_CLIENT_SECRET';
  const common = { value, raw: true, masked: isSecret, variable_type: 'env_var' };
  const isNew = there.status === 404;
  const body = isNew ? { key: name, ...common, protected: isSecret, environment_scope: place.scope } : common;
  const reply = await http.send(isNew ? listUrl(place) : own, {
    method: isNew ? 'POST' : 'PUT',
    headers,
    body: JSON.stringify(body),
  });
  if (reply.status !== 200 && reply.status !== 201) throw refusal(reply, name);
}

/** What is read back of the secret; undefined where GitLab hides it. Throws WizardError where it is another, or has no mask. */
async function readBack(
  place: GitLabPlace,
  secret: string,
  http: StoreHttp,
  token: string,
): Promise<string | undefined> {
  const own = `${listUrl(place)}/AZURE_CLIENT_SECRET?filter%5Benvironment_scope%5D=${encodeURIComponent(place.scope)}`;
  const { status, body } = await http.send(own, { headers: { 'private-token': token } });
  const { value, masked } = body;
  if (status !== 200 || typeof value !== 'string') return undefined;
  if (value === secret && masked === true)
    return `masked, ${body['protected'] === true ? 'protected, ' : ''}read back`;
  throw new WizardError(
    'store-refused',
    'GitLab gives another value back than it was given, or does not mask it.',
  );
}

async function writeAll(place: GitLabPlace, values: StoredValues, io: Io): Promise<string | undefined> {
  const token = tokenOf(io);
  const http = openStoreHttp(place.address, undefined, io);
  try {
    for (const entry of Object.entries(values)) await writeOne(place, entry, http, token);
    return await readBack(place, values.AZURE_CLIENT_SECRET, http, token);
  } finally {
    await http.close();
  }
}

async function put(input: StoreInput, io: Io): Promise<Stored> {
  const place = placeOf(input, io);
  const where = whereOf(place);
  requireSamePlace(where, input.place);
  const values = valuesOf(input.config, io);
  requireMaskable(values.AZURE_CLIENT_SECRET);
  if (input.dryRun) return planned(Object.keys(values).join(', '), where, io);
  const confirmed = await writeAll(place, values, io);
  const flag = place.kind === 'projects' ? '--repo' : '--group';
  return {
    where,
    ...(confirmed === undefined ? {} : { confirmed }),
    steps: [
      {
        does: 'Jobs have them as variables of the same names. A new AZURE_CLIENT_SECRET is masked in logs, and protected: jobs of protected branches and tags alone get it (Settings > CI/CD > Variables).',
      },
    ],
    takeOut: {
      does: 'Take it out again:',
      run: Object.keys(values)
        .map(
          (name) =>
            `glab variable delete ${name} ${flag} ${shellWord(place.id)} --scope ${shellWord(place.scope)}`,
        )
        .join(' && '),
    },
  };
}

export const target: Target = {
  name: 'gitlab',
  group: 'store',
  title: 'GitLab CI/CD variables',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['--project <path> or --group <path>', 'GITLAB_TOKEN with the scope api'],
  ages: true,
  proven:
    'run: a stand-in of its API takes it, and python-gitlab reads the very values out of that; GitLab itself is not there',
  unconfirmed:
    'Which characters GitLab can mask has changed from version to version: where it refuses, nothing is stored.',
  complete: async (settings, prompt) =>
    settings.project || settings.group
      ? settings
      : {
          ...settings,
          project: await askFor(prompt, '--project or --group', 'Project, as group/name', parseName),
        },
  store: { unattended: true, put, optionsOf },
};
