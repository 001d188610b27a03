import type { ReportingConfig } from '../../config/config.ts';
import { type ErrorCode, WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { mergeFindings } from '../../core/findings.ts';
import { type Cloud, offersSignIns } from '../../entra/clouds.ts';
import { probeGraph, probeTenant } from '../../entra/tenant-probe.ts';
import type { Expectation } from '../../tenant/logs/prove-credential.ts';
import type { Connection } from '../shared/connection.ts';
import { type HeldCredential, openIdentity } from '../shared/held-credential.ts';
import type { Io } from '../shared/io.ts';
import { proveIdentity } from '../shared/proof.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { openOwnTenant, readOwnTenant } from './application-view.ts';

const host = (url: string): string => new URL(url).host;

/** What ends the run rather than a check. */
const stops: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['cancelled', 'timed-out']);

/** A check that needs the network, told as a finding when the network is what fails. */
async function reach(
  base: Pick<Finding, 'id' | 'title'>,
  evidence: string,
  ask: () => Promise<unknown>,
): Promise<Finding> {
  try {
    await ask();
    return { ...base, status: 'pass', evidence };
  } catch (error) {
    if (!(error instanceof WizardError) || stops.has(error.code)) throw error;
    return { ...base, status: 'fail', evidence: error.message, remedy: error.remedy, code: error.code };
  }
}

/** Here it is the file that names the tenant, and no option. */
const ofFile = (finding: Finding): Finding =>
  finding.code === 'tenant-not-found'
    ? { ...finding, remedy: 'Check tenantId and cloud in the file: the tenant is gone, or in another cloud.' }
    : finding;

function checkNetwork(config: ReportingConfig, connection: Connection): Promise<Finding[]> {
  const { cloud, transport } = connection;
  return Promise.all([
    reach({ id: 'network.authority', title: 'Entra answers' }, host(cloud.authorityHost), () =>
      probeTenant(cloud, transport, config.tenantId),
    ).then(ofFile),
    reach({ id: 'network.graph', title: 'Microsoft Graph answers' }, host(cloud.graphUrl), () =>
      probeGraph(cloud, transport),
    ),
  ]);
}

/** What only a working connection could tell, where there is none. */
function unreachable(config: ReportingConfig, evidence: string): Finding[] {
  const ids: readonly (readonly [string, string])[] = [
    ['credential.token', 'The credential gets a token'],
    ...graphPermissions(config).map((value) => [`permission.${value}`, `Microsoft Graph ${value}`] as const),
    ['api.directoryAudits', 'Directory audit logs'],
    ['api.signIns', 'Sign-in logs'],
  ];
  return ids.map(([id, title]) => ({ id, title, status: 'skip', evidence }));
}

const graphPermissions = (config: ReportingConfig): string[] =>
  config.permissions.filter((name) => !name.includes('/'));

const required = ['AuditLog.Read.All', 'Directory.Read.All'];

function expectationFor(config: ReportingConfig, cloud: Cloud): Expectation {
  return {
    permissions: [...new Set([...required, ...graphPermissions(config)])],
    freshCredential: false,
    freshGrants: false,
    premium: 'unknown',
    signInsOffered: offersSignIns(cloud.name),
    createdIds: [],
  };
}

/** What the credential itself can show: its token, rows of the logs, and what it sees of its tenant. */
async function checkCredential(
  config: ReportingConfig,
  held: HeldCredential,
  connection: Connection,
  io: Io,
  outcome: RunOutcome,
): Promise<Finding[]> {
  const expect = expectationFor(config, connection.cloud);
  const opened = await openIdentity(config, held, { anySubject: true }, connection, io);
  if ('absent' in opened) {
    const { findings } = await proveIdentity(opened, expect, connection, io);
    return mergeFindings(unreachable(config, 'not readable without a token'), findings);
  }
  const session = await openOwnTenant(opened.identity, connection, io);
  if (!session) return [...(await proveIdentity(opened, expect, connection, io)).findings];
  // Begun together, so that one $batch holds them all.
  const own = readOwnTenant(config, session, connection, io.now());
  const premium = own.then((seen) => seen.premium);
  // Where this fails, so does what it comes from.
  premium.catch(() => undefined);
  const [{ findings, displayName }, proof] = await Promise.all([
    own,
    proveIdentity(opened, { ...expect, premium }, connection, io, session),
  ]);
  if (outcome.tenant) outcome.tenant = { ...outcome.tenant, displayName };
  return mergeFindings(findings, proof.findings);
}

/** What can be found out over the network with the file's own credential. Throws WizardError. */
export async function checkLive(
  config: ReportingConfig,
  held: HeldCredential,
  connection: Connection,
  io: Io,
  outcome: RunOutcome,
): Promise<Finding[]> {
  const [network, [credential]] = await Promise.all([
    checkNetwork(config, connection),
    Promise.allSettled([checkCredential(config, held, connection, io, outcome)]),
  ]);
  if (network.some(({ status }) => status === 'fail'))
    return [...network, ...unreachable(config, 'not reachable now')];
  if (credential.status === 'rejected') throw credential.reason;
  return mergeFindings(network, credential.value);
}
