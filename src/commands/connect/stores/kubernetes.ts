import { WizardError } from '../../../core/errors.ts';
import { fieldsIn, fieldsOf, textOf } from '../../../core/fields.ts';
import { safeText, shellWord } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { yamlText } from '../formats.ts';
import { everyCloud, type Made, type Stored, type StoreInput, type Target } from '../target.ts';
import { requireProgram, runProgram, type Wish } from './store-program.ts';
import { planned, requireName, requireSamePlace, type StoredValues, valuesOf } from './stored-values.ts';

/** A Secret in a cluster. */
interface KubernetesPlace {
  readonly context: string;
  readonly namespace: string;
  readonly name: string;
}

/** Names are DNS names (kubernetes.io, "Object Names and IDs"). */
const nameOf = ({ storeName = 'reporting-setup' }: StoreInput['settings']): string =>
  requireName(
    storeName,
    /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/,
    'lower-case letters, digits, hyphens and dots between them',
  );

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** `data` and not `stringData`, which server-side apply does not take back again (kubernetes.io, "Secrets"). */
function manifest(name: string, namespace: string | undefined, values: StoredValues): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'reporting-setup' },
    },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)])),
  };
}

const whereOf = ({ context, namespace, name }: KubernetesPlace): string =>
  `kubernetes:${[context, namespace, name].map(encodeURIComponent).join('/')}`;

function optionsOf(where: string): StoreInput['settings'] | undefined {
  const parts = /^kubernetes:([^/]*)\/([^/]+)\/([^/]+)$/.exec(where)?.slice(1).map(decodeURIComponent);
  const [context = '', namespace, storeName] = parts ?? [];
  if (namespace === undefined || storeName === undefined) return undefined;
  return { namespace, storeName, ...(context === '' ? {} : { context }) };
}

const howToGet =
  'Install kubectl (https://kubernetes.io/docs/tasks/tools), or write a manifest with --output <file>.';

const wish: Wish = {
  failed: 'The cluster did not take the Secret',
  howToGet,
  remedy: (complaint) => {
    if (/conflict/i.test(complaint)) {
      return 'Something else owns these fields of a Secret of that name: choose another one with --name.';
    }
    if (/forbidden/i.test(complaint))
      return 'It takes the right to get, create and patch secrets in that namespace.';
    if (/not found/i.test(complaint)) return 'Check --namespace and --context.';
    return undefined;
  },
};

/** Where kubectl would go: in a pod there is no context, and its own cluster is meant. */
async function placeOf({ settings }: StoreInput, io: Io): Promise<KubernetesPlace> {
  const name = nameOf(settings);
  const ask = async (...words: string[]): Promise<string> => {
    const ended = await runProgram({ program: 'kubectl', words }, howToGet, io);
    return ended.code === 0 ? ended.stdout.trim() : '';
  };
  const context = settings.context ?? (await ask('config', 'current-context'));
  if (settings.namespace !== undefined) return { context, namespace: settings.namespace, name };
  const at = context === '' ? [] : ['--context', context];
  const own = await ask('config', 'view', '--minify', ...at, '-o', 'jsonpath={..namespace}');
  return { context, namespace: own === '' ? 'default' : own, name };
}

/** Whether the cluster gives the very values back; undefined where they may not be read. */
async function readBack(
  place: KubernetesPlace,
  at: readonly string[],
  values: StoredValues,
  io: Io,
): Promise<string | undefined> {
  const words = [...at, 'get', 'secret', place.name, '-o', 'json'];
  const ended = await runProgram({ program: 'kubectl', words }, howToGet, io);
  if (ended.code !== 0) return undefined;
  const { data, metadata } = fieldsIn(ended.stdout);
  if (Object.entries(values).every(([key, value]) => fieldsOf(data)[key] === base64(value))) {
    return `resource version ${safeText(textOf(fieldsOf(metadata)['resourceVersion']), 40)}`;
  }
  throw new WizardError('store-refused', 'The cluster gives another value back than it was given.');
}

const use = (name: string) => ({
  does: 'Give it to a pod as environment variables; it takes a new value when it starts anew (kubectl rollout restart):',
  run: `envFrom: [{ secretRef: { name: ${name} } }]`,
});

const takeOut = (at: readonly string[], name: string) => ({
  does: 'Take it out again:',
  run: ['kubectl', ...at, 'delete', 'secret', name].map(shellWord).join(' '),
});

async function put(input: StoreInput, io: Io): Promise<Stored> {
  const values = valuesOf(input.config, io);
  const place = await placeOf(input, io);
  const where = whereOf(place);
  requireSamePlace(where, input.place);
  if (input.dryRun) return planned(`a Secret ${place.name}`, where, io);
  const at = [...(place.context === '' ? [] : ['--context', place.context]), '--namespace', place.namespace];
  const text = yamlText(manifest(place.name, place.namespace, values));
  const words = [...at, 'apply', '--server-side', '--field-manager', 'reporting-setup', '-f', '-'];
  await requireProgram({ program: 'kubectl', words, input: text }, wish, io);
  const confirmed = await readBack(place, at, values, io);
  return {
    where,
    ...(confirmed === undefined ? {} : { confirmed }),
    steps: [use(place.name)],
    takeOut: takeOut(at, place.name),
  };
}

/** The same as a manifest, for whoever applies it elsewhere. */
function make({
  config,
  secret,
  settings,
  pathOf,
  shellLine,
}: Parameters<NonNullable<Target['make']>>[0]): Made {
  const { tenantId, clientId } = config;
  const name = nameOf(settings);
  const values = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret };
  const at = settings.namespace === undefined ? [] : ['--namespace', settings.namespace];
  return {
    files: [
      { name: 'secret.yaml', text: yamlText(manifest(name, settings.namespace, values)), comments: 'hash' },
    ],
    steps: [
      {
        does: 'Base64 is no encryption: keep it out of version control, and delete it once it is applied. Without --server-side the cluster would keep it a second time, in an annotation:',
        run: `kubectl apply --server-side --field-manager reporting-setup ${shellLine(['-f', pathOf('secret.yaml')])}`,
      },
      use(name),
      takeOut(at, name),
    ],
  };
}

export const target: Target = {
  name: 'kubernetes',
  group: 'store',
  title: 'Kubernetes Secret, by kubectl or as a manifest',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['kubectl and a cluster, or --output <file> for a manifest'],
  ages: true,
  proven:
    'run: kubectl takes the manifest (client-side) and reads the very values back; what it is asked to apply, a stand-in of kubectl notes, since no cluster is there',
  make,
  store: { unattended: true, put, optionsOf },
};
