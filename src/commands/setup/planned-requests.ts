import type { LocalCertificate } from '../../config/certificate.ts';
import type { KeyFiles } from '../../config/private-key-file.ts';
import { apply } from '../../core/engine.ts';
import { Secret } from '../../core/secret.ts';
import {
  createRequestRecorder,
  credentialToCome,
  type RecordedRequest,
} from '../../graph/request-recorder.ts';
import type { ApplyIo, Change, Have } from '../../tenant/model.ts';
import type { Report } from '../../terminal/report.ts';
import type { SetupPlan } from './plan-setup.ts';
import type { SignedInRun } from './setup-run.ts';

/** A certificate is made when it is sent; the request shows where it goes. */
const certificateToCome: KeyFiles = {
  make: async ({ path, name, notBefore, notAfter }): Promise<LocalCertificate> =>
    afterFile().then(() => ({
      path,
      name,
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      thumbprint: '<thumbprint of the new certificate>',
      keyId: credentialToCome,
      key: '<the new certificate, base64>',
      isOwn: true,
      isEncrypted: false,
      pem: Secret.of('a private key to come'),
    })),
  remove: async () => undefined,
};

const output: ApplyIo['output'] = {
  proveWritable: async () => undefined,
  save: async () => undefined,
  restore: async () => 'unsaved',
};

/** A file takes its time: what is sent after it was written shares no batch with what was sent meanwhile. */
const afterFile = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
};

const note: ApplyIo['note'] = { write: afterFile, written: () => [], clear: async () => undefined };

/** A request that a plan would send. */
export interface PlannedRequest extends RecordedRequest {
  /** Not sent before the new credential is shown to work. */
  readonly onceProven?: true;
}

/** Objects as they were read, by their path. */
function knownObjects({ application, deletedApplication }: Have) {
  return {
    ...(application ? { [`/applications/${application.id}`]: { ...application } } : {}),
    ...(deletedApplication
      ? { [`/directory/deletedItems/${deletedApplication.id}`]: { ...deletedApplication } }
      : {}),
  };
}

/**
 * The requests by which a plan would be written: the changes themselves make them, as they do when they are applied, and
 * only what takes them is another. What they wait for takes no time. Nothing is written. Rejects as a change does.
 */
export async function plannedRequests(
  { changes, have }: SetupPlan,
  run: SignedInRun,
): Promise<readonly PlannedRequest[]> {
  const recorder = createRequestRecorder(knownObjects(have), run.directory);
  let waited = 0;
  const applyIo: ApplyIo = {
    directory: recorder.directory,
    output,
    note,
    keys: certificateToCome,
    now: () => new Date(run.io.now().getTime() + waited),
    sleep: async (delay) => {
      waited += delay;
    },
    random: run.io.random,
  };
  const unseen = { begin: (): void => undefined, done: (): void => undefined };
  const write = (some: readonly Change[], now: Have): Promise<Have> =>
    apply<Have, ApplyIo>(some, now, applyIo, unseen, () => undefined);
  const isRemoval = ({ action }: Change): boolean => action === 'remove';
  const written = await write(
    changes.filter((change) => !isRemoval(change)),
    have,
  );
  const first = recorder.requests().length;
  await write(changes.filter(isRemoval), written);
  const all = recorder.requests();
  return all.map((request, index) => (index < first ? request : { ...request, onceProven: true }));
}

/** A request inside a `$batch`. */
interface BatchItem {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

const itemsOf = ({ path, body }: RecordedRequest): readonly BatchItem[] =>
  path === '/$batch' ? (body as { readonly requests: readonly BatchItem[] }).requests : [];

/** As one line that may be broken behind each value. */
const spacedJson = (value: unknown): string => JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');

/** The lines of a request, those of what a batch holds below it. Pure. */
function linesOf(request: RecordedRequest): string[] {
  const { method, path, body } = request;
  const head = `${method} /v1.0${path}`;
  const withBody = (line: string, sent: unknown): string[] =>
    sent === undefined ? [line] : [line, `  ${spacedJson(sent)}`];
  const inside = itemsOf(request).flatMap((item) => withBody(`${item.method} ${item.url}`, item.body));
  return inside.length === 0 ? withBody(head, body) : [head, ...inside.map((line) => `  ${line}`)];
}

/** Shows method, path and body of each request, of those inside a `$batch` too. */
export function showRequests(requests: readonly PlannedRequest[], report: Report): void {
  if (requests.length === 0) return;
  report.title('Requests to Microsoft Graph');
  const first = requests.findIndex(({ onceProven }) => onceProven);
  for (const [index, request] of requests.entries()) {
    if (index === first) report.line('And, once the new credential is shown to work:');
    for (const line of linesOf(request)) report.code(line);
  }
  if (!JSON.stringify(requests).includes('/addPassword')) return;
  report.line(
    'The client secret is in none of them: Microsoft Graph makes it, and shows it in its reply alone. Its end is set when it is asked for.',
  );
}
