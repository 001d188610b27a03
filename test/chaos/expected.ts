import { createHash, X509Certificate } from 'node:crypto';
import { basename } from 'node:path';
import { parseJsonConfig } from '../../src/config/config-json.ts';
import { catalogue } from '../../src/core/errors.ts';
import type { Tenant } from '../../src/sandbox/index.ts';
import type { Document } from '../helpers/world.ts';
import type { Case } from './cases.ts';
import { type ChaosWorld, configName, type Outcome, type Snapshot } from './chaos-world.ts';
import type { Spot, Trouble } from './disturbances.ts';
import type { Situation } from './situations.ts';

type Registered = Tenant['applications'][number];

const isOwn = ({ uniqueName }: Registered): boolean => uniqueName === 'reporting-setup';

/** The wizard's application. */
export const ownApplication = (tenant: Tenant): Registered | undefined => tenant.applications.find(isOwn);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface SavedConfig {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly certificatePath?: string;
  readonly credential: {
    readonly kind: string;
    readonly keyId: string;
    readonly previous?: readonly { readonly keyId: string; readonly certificatePath?: string }[];
  };
}

/** Whether a config file names it as replaced: then it stays beside the one in use. */
const isReplaced = ({ keyId }: { readonly keyId: string }, config: SavedConfig | undefined): boolean =>
  (config?.credential.previous ?? []).some((entry) => entry.keyId === keyId);

const savedConfig = (text: string | undefined): SavedConfig | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as SavedConfig);

/** What is wrong with the config file at any instant: it is as it was, or a whole new one. */
export function configFaults(text: string | undefined, before: string | undefined): string[] {
  if (text === before) return [];
  if (text === undefined) return ['the config file is gone'];
  const reading = parseJsonConfig(text);
  const whole =
    reading.status === 'ok' &&
    (reading.config.clientSecret !== undefined || reading.config.certificatePath !== undefined);
  return whole ? [] : ['the config file is neither the old one nor a whole new one'];
}

/** What is wrong with how a disturbed run ended. */
export function endingFaults(
  { code, stdout }: Outcome,
  allowed: ReadonlySet<number> = new Set([0, 3, 4, 7]),
): string[] {
  if (code === undefined) return ['the run never ended'];
  const faults = allowed.has(code) ? [] : [`exit code ${code}`];
  let document: Document;
  try {
    document = JSON.parse(stdout) as Document;
  } catch {
    return [...faults, 'stdout is no JSON document'];
  }
  const { error, checks } = document;
  const loud = code === 6 ? /^(fail|warn)$/ : /^fail$/;
  const told = [...(error ? [error] : []), ...checks.filter(({ status }) => loud.test(status))];
  if (code !== 0 && told.length === 0) faults.push('nothing tells why it failed');
  for (const { code: name, remedy } of told) {
    if (name === undefined || !(name in catalogue)) faults.push(`${name} is not in the catalogue`);
    if (name === 'unexpected') faults.push(`unexpected: ${error?.message}`);
    if (!remedy) faults.push(`${name} has no remedy`);
  }
  return faults;
}

/** Secrets that stand in what a run printed. */
export function leaks({ stdout, stderr }: Outcome, secrets: readonly string[]): string[] {
  const printed = stdout + stderr;
  return secrets
    .filter((secret) => secret.length > 12 && printed.includes(secret))
    .map((secret) => `leaked ${secret.slice(0, 8)}…`);
}

/** Lines of the private keys in the folder. */
export function keyTexts(files: Readonly<Record<string, string>>): string[] {
  const keys = Object.entries(files).filter(([name]) => name.endsWith('.pem'));
  return keys.flatMap(([, text]) => {
    const key = /-----BEGIN (?:RSA )?PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1] ?? '';
    return key.split('\n').filter((line) => line.length > 40);
  });
}

/** What is wrong with the application's certificates and the file with the private key. */
function certificateFaults(
  own: Registered,
  config: SavedConfig,
  files: Readonly<Record<string, string>>,
  foreign: Registered['passwordCredentials'],
): string[] {
  const name = basename(config.certificatePath ?? '');
  const der = new X509Certificate(files[name] ?? '').raw.toString('base64');
  const certificates = own.keyCredentials.filter((one) => !isReplaced(one, config));
  const [listed] = certificates;
  const secrets = own.passwordCredentials.filter(
    (one) => !isReplaced(one, config) && !foreign.some(({ keyId }) => keyId === one.keyId),
  );
  return [
    ...(secrets.length === 0 ? [] : ['there is a secret as well']),
    ...(certificates.length === 1 ? [] : [`${certificates.length} certificates`]),
    ...lostForeign(own, foreign),
    ...(listed?.keyId === config.credential.keyId ? [] : ['the config file names another certificate']),
    ...(listed?.key === der ? [] : ['the key file holds another certificate']),
  ];
}

/** Secrets of other machines: what was there before, and neither in the file nor named in it as replaced. */
function foreignBefore(before: Snapshot): Registered['passwordCredentials'] {
  const held = before.tenant.applications?.find(isOwn)?.passwordCredentials ?? [];
  const config = savedConfig(before.files[configName]);
  return held.filter((one) => one.keyId !== config?.credential.keyId && !isReplaced(one, config));
}

const lostForeign = (own: Registered, foreign: Registered['passwordCredentials']): string[] =>
  foreign
    .filter(
      (secret) => !own.passwordCredentials.some((now) => JSON.stringify(now) === JSON.stringify(secret)),
    )
    .map(() => "another machine's secret was touched");

function secretFaults(own: Registered, before: Snapshot, config: SavedConfig): string[] {
  const foreign = foreignBefore(before);
  const faults = lostForeign(own, foreign);
  const mine = own.passwordCredentials.filter(
    (one) => !foreign.some((other) => other.keyId === one.keyId) && !isReplaced(one, config),
  );
  if (mine.length !== 1) faults.push(`${mine.length} secrets of this machine`);
  return [...faults, ...heldSecretFaults(own, config)];
}

function heldSecretFaults(own: Registered, config: SavedConfig): string[] {
  const secret = own.passwordCredentials.find(({ keyId }) => keyId === config.credential.keyId);
  if (secret === undefined) return ['the config file names another secret'];
  return secret.secretHash === sha256(config.clientSecret ?? '')
    ? []
    : ['the config file holds another secret'];
}

/** What is wrong with the credential in the config file at any instant: the tenant takes it. */
export function workingFaults(world: ChaosWorld): string[] {
  const files = world.files();
  const config = savedConfig(files[configName]);
  const own = ownApplication(world.tenant);
  if (config === undefined || own === undefined) return ['there is no credential that works'];
  if (config.credential.kind === 'secret') return heldSecretFaults(own, config);
  const der = new X509Certificate(files[basename(config.certificatePath ?? '')] ?? '').raw.toString('base64');
  return own.keyCredentials.some(({ keyId, key }) => keyId === config.credential.keyId && key === der)
    ? []
    : ['the certificate in the config file does not work'];
}

/** What was done to the applications of others. */
function strangerFaults(tenant: Tenant, before: Snapshot): string[] {
  const text = (value: unknown): string => JSON.stringify(value);
  const { applications = [], servicePrincipals = [] } = before.tenant;
  const touched = [...applications, ...servicePrincipals]
    .filter((one) => !('uniqueName' in one && isOwn(one)))
    .filter(({ appId }) => !tenant.applications.some((own) => isOwn(own) && own.appId === appId))
    .filter((one) => {
      const now = [...tenant.applications, ...tenant.servicePrincipals].find(({ id }) => id === one.id);
      return text(now) !== text(one);
    });
  return touched.map(({ displayName }) => `somebody else's ${displayName} was touched`);
}

function tenantFaults(
  tenant: Tenant,
  before: Snapshot,
  config: SavedConfig,
  files: Readonly<Record<string, string>>,
): string[] {
  const own = tenant.applications.filter(isOwn);
  const deleted = tenant.deletedItems.applications.filter(isOwn);
  const [application] = own;
  if (own.length !== 1 || application === undefined || deleted.length > 0) {
    return [`${own.length} applications, ${deleted.length} deleted`];
  }
  const principals = tenant.servicePrincipals.filter(({ appId }) => appId === application.appId);
  const assigned = tenant.appRoleAssignments.filter(({ principalId }) => principalId === principals[0]?.id);
  const graph = tenant.servicePrincipals.find(({ displayName }) => displayName === 'Microsoft Graph');
  const values = assigned.map(({ appRoleId }) => graph?.appRoles.find(({ id }) => id === appRoleId)?.value);
  const known = before.tenant.applications?.length ?? 0;
  const added = before.tenant.applications?.some(isOwn) ? 0 : 1;
  return [
    ...(principals.length === 1 ? [] : [`${principals.length} service principals`]),
    ...(values.sort().join() === 'AuditLog.Read.All,Directory.Read.All' ? [] : [`granted: ${values.join()}`]),
    ...(config.clientId === application.appId ? [] : ['the config file names another application']),
    ...(tenant.applications.length === known + added ? [] : ['another application appeared']),
    ...strangerFaults(tenant, before),
    ...(config.credential.kind === 'certificate'
      ? certificateFaults(application, config, files, foreignBefore(before))
      : secretFaults(application, before, config)),
  ];
}

/** What is wrong after the plain run that follows. */
export function settledFaults(
  world: ChaosWorld,
  situation: Pick<Situation, 'unchanged'>,
  before: Snapshot,
  planted: readonly string[] = [],
): string[] {
  const files = world.files();
  const names = Object.keys(files);
  const config = savedConfig(files[configName]);
  const replaced = (config?.credential.previous ?? []).flatMap(
    ({ certificatePath }) => certificatePath ?? [],
  );
  const keys = [config?.certificatePath ?? configName, ...replaced].map((path) => basename(path));
  const kept = [configName, ...keys, ...planted];
  const strays = names.filter((name) => !kept.includes(name)).map((name) => `${name} is left behind`);
  if (config === undefined) return [...strays, 'there is no config file'];
  const text = files[configName];
  const steady = !situation.unchanged || text === before.files[configName];
  return [
    ...strays,
    ...configFaults(text, before.files[configName]),
    ...(steady ? [] : ['the config file changed without a reason']),
    ...tenantFaults(world.sandbox.tenant, before, config, files),
  ];
}

/** Not yet tidied up, which the next run does. */
const isLeftover = (fault: string): boolean =>
  /^(\d+ secrets of this machine|there is a secret as well|\d+ certificates)$/.test(fault);

/** What is wrong where a run of setup ended with a success: by then the credential in the file works. */
export function successFaults(
  { code }: Outcome,
  world: ChaosWorld,
  situation: Situation,
  before: Snapshot,
): string[] {
  if ((code !== 0 && code !== 6) || situation.argv.includes('verify')) return [];
  const files = world.files();
  const config = savedConfig(files[configName]);
  const faults = config
    ? tenantFaults(world.sandbox.tenant, before, config, files)
    : ['there is no config file'];
  return faults
    .filter((fault) => !isLeftover(fault) || fault.startsWith('0 '))
    .map((fault) => `false success: ${fault}`);
}

/** Checks that rest on a log, by what a case spoils of it. */
const checksOfLogs: Readonly<Record<string, readonly string[]>> = {
  both: ['api.directoryAudits', 'api.signIns'],
  signIns: ['api.signIns'],
  directoryAudits: ['api.directoryAudits'],
};

/** What is refused in a batch is asked for by itself, and that may be answered; what nobody depends on is told as untold. */
const isEndlessBomb = (trouble: Trouble, spot: Spot, stdout: string): boolean =>
  trouble.kind === 'fault' &&
  trouble.label === 'bomb after lasting' &&
  !spot.name.includes('$batch') &&
  !stdout.includes('"cannot-tell"');
/** What rotate says to be retired, and what is there all the same. */
function retiredFaults(stdout: string, own: Registered | undefined): string[] {
  const listed = [...(own?.passwordCredentials ?? []), ...(own?.keyCredentials ?? [])];
  return (documentIn(stdout)?.previous ?? [])
    .filter(({ keyId, retired }) => retired && listed.some((held) => held.keyId === keyId))
    .map(({ keyId }) => `${keyId} is said to be retired, and is there`);
}

/** What a run claims although the tenant, or what was answered, says otherwise. */
export function claimFaults(
  { code, stdout, stderr }: Outcome,
  { troubles }: Case,
  world: ChaosWorld,
): string[] {
  const faults: string[] = [];
  const own = ownApplication(world.sandbox.tenant);
  if (/is gone again/.test(stderr) && own) faults.push('what is said to be gone is there');
  faults.push(...retiredFaults(stdout, own));
  for (const { spot, trouble } of troubles) {
    if (trouble.kind === 'unsavable') {
      const unnamed = (own?.passwordCredentials ?? []).filter(
        ({ keyId }) => !(stdout + stderr).includes(keyId),
      );
      faults.push(...unnamed.map(() => 'a secret that nobody holds is not told of'));
    }
    if (isEndlessBomb(trouble, spot, stdout) && code === 0)
      faults.push('a reply beyond every limit is taken');
    if (trouble.kind !== 'logs') continue;
    if (code === 0) faults.push('a log that nobody sent is taken for a success');
    const spoilt = checksOfLogs[trouble.label.replace(/:.*/, '')] ?? [];
    const passed = documentIn(stdout)?.checks.filter(
      ({ id, status }) => status === 'pass' && spoilt.includes(id),
    );
    faults.push(...(passed ?? []).map(({ id }) => `${id} passes without an answer`));
  }
  return faults;
}

/** What rotate tells besides. */
interface RotateDocument extends Document {
  readonly previous?: readonly { readonly keyId: string; readonly retired: boolean }[];
}

function documentIn(stdout: string): RotateDocument | undefined {
  try {
    return JSON.parse(stdout) as RotateDocument;
  } catch {
    return undefined;
  }
}

/** Secrets that stand in a file that is not there for them. */
export function storedSecrets(world: ChaosWorld, secrets: readonly string[]): string[] {
  const others = Object.entries(world.files()).filter(
    ([name]) => name !== configName && !name.endsWith('.pem'),
  );
  return [...others, ...Object.entries(world.state())]
    .filter(([, text]) => secrets.some((secret) => secret.length > 12 && text.includes(secret)))
    .map(([name]) => `${name} holds a secret`);
}
