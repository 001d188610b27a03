import type { SecretPlace } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { Secret } from '../../core/secret.ts';
import { joinWords, quoted, safeText } from '../../core/text.ts';
import type { ApplicationCredential, ApplicationIdentity } from '../../entra/azure-credentials.ts';
import { type Cloud, requireAskedFor } from '../../entra/clouds.ts';
import type { WorkloadIdentity } from '../../entra/workload-token.ts';
import { describeWorkload, findWorkloadToken } from '../../entra/workload-token.ts';
import type { HeldCredential } from '../../tenant/credential/held-credential.ts';
import type { Connection } from './connection.ts';
import type { Io } from './io.ts';

/** The application with its credential, or the reason why it cannot prove itself from here. */
export type Identity = { readonly identity: ApplicationIdentity } | { readonly absent: string };

/** The audience that Entra expects in each cloud (facts seen across Azure SDKs and samples). */
export function defaultAudience(cloud: Pick<Cloud, 'name'>): string {
  if (cloud.name === 'china') return 'api://AzureADTokenExchangeChina';
  const isGovernment = cloud.name === 'usgov' || cloud.name === 'usgov-dod';
  return isGovernment ? 'api://AzureADTokenExchangeUSGov' : 'api://AzureADTokenExchange';
}

const outside =
  'it can only be proven inside the workload that it trusts: neither AZURE_FEDERATED_TOKEN_FILE nor GitHub Actions offers a token here';

const sameText = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a.toLowerCase() === b.toLowerCase();

/** Why the token at hand says nothing about this credential; undefined where it does. */
function foreign(
  presented: WorkloadIdentity,
  configured: WorkloadIdentity,
  anySubject: boolean,
): string | undefined {
  const issuer = presented.issuer === configured.issuer || configured.issuer === undefined;
  if (issuer && (anySubject || sameText(presented.subject, configured.subject))) return undefined;
  return `the token at hand is another workload's (${describeWorkload(presented)}), and this credential trusts ${describeWorkload(configured)}`;
}

/** Which tokens of a workload are tried. */
interface TokenChoice {
  /** Taken for the workload itself although its token names another subject: then it is told why that fails. */
  readonly anySubject: boolean;
}

type Opened = ApplicationCredential | { readonly absent: string };

async function openFederated(
  trusted: WorkloadIdentity,
  { anySubject }: TokenChoice,
  connection: Connection,
  io: Io,
): Promise<Opened> {
  const { cloud, transport } = connection;
  requireAskedFor(cloud, 'the token of this workload');
  const configured = { ...trusted, audience: trusted.audience ?? defaultAudience(cloud) };
  const from = { env: io.env, transport, redactor: io.redactor, local: cloud.ca !== undefined };
  try {
    const token = await findWorkloadToken(configured.audience, from);
    if (!token) return { absent: outside };
    const { presented } = token;
    const reason = foreign(presented, configured, anySubject);
    if (reason !== undefined) return { absent: reason };
    return { kind: 'federated', assertion: token.read, presented, configured };
  } catch (error) {
    if (!(error instanceof WizardError) || error.code !== 'credential-rejected') throw error;
    if (!anySubject) return { absent: error.message };
    const unknown = { issuer: undefined, subject: undefined, audience: undefined };
    return { kind: 'federated', assertion: () => Promise.reject(error), presented: unknown, configured };
  }
}

/** Whose secret the variables of the Azure SDKs hold. */
const variables = { tenantId: 'AZURE_TENANT_ID', clientId: 'AZURE_CLIENT_ID' } as const;

/**
 * The secret of a file that does not hold it, as the store sets it for a job: AZURE_CLIENT_SECRET, where AZURE_TENANT_ID and
 * AZURE_CLIENT_ID are the file's. Throws WizardError `secret-elsewhere` naming the store.
 */
export function secretFromStore(
  application: { readonly tenantId: string; readonly clientId: string },
  { target, where }: SecretPlace,
  { env, redactor }: Pick<Io, 'env' | 'redactor'>,
): Secret {
  const names = ['tenantId', 'clientId'] as const;
  const other = names.filter((name) => !sameId(env[variables[name]] ?? '', application[name]));
  const secret = env['AZURE_CLIENT_SECRET'] ?? '';
  if (secret !== '') redactor.add(secret);
  if (other.length === 0 && secret !== '') return Secret.of(secret);
  const foreign = other.map((name) => variables[name]).filter((name) => env[name]);
  const why =
    foreign.length > 0
      ? `${joinWords(foreign)} here ${foreign.length === 1 ? 'is' : 'are'} another application's`
      : 'it is not in AZURE_CLIENT_SECRET here, with AZURE_TENANT_ID and AZURE_CLIENT_ID beside it';
  const place = `${safeText(target)} (${safeText(where, 500)})`;
  throw new WizardError('secret-elsewhere', `The client secret is in ${place}, not in the file, and ${why}.`);
}

async function openCredential(
  application: { readonly tenantId: string; readonly clientId: string },
  held: HeldCredential,
  choice: TokenChoice,
  connection: Connection,
  io: Io,
): Promise<Opened> {
  switch (held.kind) {
    case 'secret':
      if (held.secret) return { kind: 'secret', secret: held.secret };
      if (!held.secretIn) return { absent: 'there is no client secret' };
      return { kind: 'secret', secret: secretFromStore(application, held.secretIn, io) };
    case 'certificate': {
      const { certificate } = held;
      if (typeof certificate === 'object') return { kind: 'certificate', pem: certificate.pem };
      return { absent: `its private key cannot be used: the file ${certificate ?? 'is not there'}` };
    }
    case 'federated':
      return openFederated(held, choice, connection, io);
  }
}

/** Opens the application's own credential. Rejects with WizardError where the network fails. */
export async function openIdentity(
  application: { readonly tenantId: string; readonly clientId: string },
  held: HeldCredential,
  choice: TokenChoice,
  connection: Connection,
  io: Io,
): Promise<Identity> {
  const { tenantId, clientId } = application;
  const opened = await openCredential(application, held, choice, connection, io);
  return 'absent' in opened ? opened : { identity: { tenantId, clientId, credential: opened } };
}

/** Whether a token that was accepted speaks for this credential at all. Pure. */
export function acceptedForAnother({ credential }: ApplicationIdentity): string | undefined {
  if (credential.kind !== 'federated') return undefined;
  const { presented, configured } = credential;
  if (configured.subject === undefined || presented.subject === configured.subject) return undefined;
  return `by another federated credential: the token's subject is ${quoted(presented.subject ?? '', 600)}`;
}
