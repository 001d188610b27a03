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
  make: async ({ path, name, notBefore, notAfter }): Promise<LocalCertificate> => ({
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
  }),
  remove: async () => undefined,
};

const output: ApplyIo['output'] = {
  proveWritable: async () => undefined,
  save: async () => undefined,
  restore: async () => 'unsaved',
};

const note: ApplyIo['note'] = {
  write: async () => undefined,
  written: () => [],
  clear: async () => undefined,
};

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
): Promise<readonly RecordedRequest[]> {
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
  await apply<Have, ApplyIo>(changes as readonly Change[], have, applyIo, unseen, () => undefined);
  return recorder.requests();
}

const bodyOf = (body: unknown): string | undefined => (body === undefined ? undefined : JSON.stringify(body));

/** Shows method, path and body of each request, of those inside a `$batch` too. */
export function showRequests(requests: readonly RecordedRequest[], report: Report): void {
  if (requests.length === 0) return;
  report.title('Requests to Microsoft Graph');
  for (const { method, path, body } of requests) {
    const inside = path === '/$batch' ? itemsOf(body) : undefined;
    report.code(`${method} /v1.0${path}`);
    if (inside === undefined && body !== undefined) report.code(`  ${bodyOf(body)}`);
    for (const item of inside ?? []) {
      report.code(`  ${item.method} ${item.url}`);
      if (item.body !== undefined) report.code(`    ${bodyOf(item.body)}`);
    }
  }
  if (!JSON.stringify(requests).includes('/addPassword')) return;
  report.line(
    'The client secret is in none of them: Microsoft Graph makes it, and shows it in its reply alone. Its end is set when it is asked for.',
  );
}

interface BatchItem {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

const itemsOf = (body: unknown): readonly BatchItem[] =>
  (body as { readonly requests: readonly BatchItem[] }).requests;
