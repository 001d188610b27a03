import { parseJsonConfig } from '../../src/config/config-json.ts';
import type { Tenant } from '../../src/sandbox/index.ts';
import { type ChaosWorld, configName, type Outcome, type Snapshot } from './chaos-world.ts';
import type { Judge } from './situations.ts';

type Mode = 'deactivate' | 'delete' | 'purge';
type Registered = Tenant['applications'][number];

const isOwn = ({ uniqueName }: Registered): boolean => uniqueName === 'reporting-setup';

const ownIn = (before: Snapshot): Registered | undefined => before.tenant.applications?.find(isOwn);

interface SavedConfig {
  readonly credential: { readonly keyId: string };
  readonly application: { readonly deactivatedAt?: string };
}

const savedIn = (text: string | undefined): SavedConfig | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as SavedConfig);

/** What was done to others, their secrets in our application among it. */
function strangerFaults(tenant: Tenant, before: Snapshot, mode: Mode): string[] {
  const own = ownIn(before);
  const { applications = [], servicePrincipals = [] } = before.tenant;
  const now = [...tenant.applications, ...tenant.servicePrincipals];
  const touched = [...applications, ...servicePrincipals]
    .filter(({ appId }) => appId !== own?.appId)
    .filter((one) => JSON.stringify(now.find(({ id }) => id === one.id)) !== JSON.stringify(one))
    .map(({ displayName }) => `somebody else's ${displayName} was touched`);
  const keyId = savedIn(before.files[configName])?.credential.keyId;
  const foreign = (own?.passwordCredentials ?? []).filter((secret) => secret.keyId !== keyId);
  const left = [...tenant.applications, ...tenant.deletedItems.applications].find(({ id }) => id === own?.id);
  const lost = foreign.filter(
    (secret) => !left?.passwordCredentials.some((one) => one.keyId === secret.keyId),
  );
  // Only a purge takes the secrets of other machines along, with everything else.
  return left || mode !== 'purge'
    ? [...touched, ...lost.map(() => "another machine's secret was removed")]
    : touched;
}

/** What is not as the mode has it. */
function tenantFaults(tenant: Tenant, before: Snapshot, mode: Mode): string[] {
  const own = ownIn(before);
  const keyId = savedIn(before.files[configName])?.credential.keyId;
  const live = tenant.applications.find(({ id }) => id === own?.id);
  const deleted = tenant.deletedItems.applications.find(({ id }) => id === own?.id);
  const principals = tenant.servicePrincipals.filter(({ appId }) => appId === own?.appId);
  const binned = tenant.deletedItems.servicePrincipals.filter(({ appId }) => appId === own?.appId);
  const again = tenant.applications.filter((one) => isOwn(one) && one.id !== own?.id);
  const faults = again.map(() => 'an application was made');
  if (mode === 'deactivate') {
    if (live?.properties['isDisabled'] !== true) faults.push('the application is not deactivated');
    if (live?.passwordCredentials.length !== own?.passwordCredentials.length)
      faults.push('a secret was removed');
    if (principals.length !== 1) faults.push('the service principal is gone');
    return faults;
  }
  if (live) faults.push('the application is there');
  if (principals.length > 0) faults.push('the service principal is there');
  return [...faults, ...binFaults(deleted, binned.length, keyId, mode)];
}

function binFaults(
  deleted: Registered | undefined,
  principals: number,
  keyId: string | undefined,
  mode: Mode,
): string[] {
  if (mode === 'purge') return deleted || principals > 0 ? ['something is left in the recycle bin'] : [];
  const isOurs = deleted?.passwordCredentials.some((one) => one.keyId === keyId);
  return [
    ...(deleted ? [] : ['the application is not in the recycle bin']),
    ...(isOurs ? ['our secret lies in the bin'] : []),
  ];
}

/** The file at any instant: the old one or a whole new one; gone only once the tenant has nothing more of it. */
function configFaults(
  text: string | undefined,
  before: Snapshot,
  { tenant }: ChaosWorld,
  mode: Mode,
): string[] {
  if (text === before.files[configName]) return [];
  if (text === undefined) {
    return mode === 'deactivate'
      ? ['the config file is gone']
      : tenantFaults(tenant, before, mode).map((fault) => `the config file went too early: ${fault}`);
  }
  const reading = parseJsonConfig(text);
  const isWhole = reading.status === 'ok' && reading.config.clientSecret !== undefined;
  return isWhole ? [] : ['the config file is neither the old one nor a whole new one'];
}

function fileFaults(world: ChaosWorld, mode: Mode): string[] {
  const files = world.files();
  const strays = Object.keys(files).filter((name) => mode !== 'deactivate' || name !== configName);
  const left = strays.map((name) => `${name} is left behind`);
  const records = Object.keys(world.state()).filter((name) => name.includes('secrets-'));
  const noted = savedIn(files[configName])?.application.deactivatedAt !== undefined;
  return [
    ...left,
    ...records.map((name) => `${name} is left behind`),
    ...(mode === 'deactivate' && !noted ? ['the file does not say who deactivated it'] : []),
  ];
}

/** What is said to be so, and is not. */
function claimFaults(
  { code, stdout, stderr }: Outcome,
  world: ChaosWorld,
  before: Snapshot,
  mode: Mode,
): string[] {
  const claims =
    code === 0 || code === 6 || /Made sure of it|gone for good|is not there, in the/.test(stderr);
  // A purge that was refused says so.
  if (!claims || /"code": "purge-protected"/.test(stdout)) return [];
  return tenantFaults(world.tenant, before, mode).map((fault) => `false success: ${fault}`);
}

/** Judges runs of teardown in one of its modes. */
export const teardownJudge = (mode: Mode): Judge => ({
  config: (text, before, world) => configFaults(text, before, world, mode),
  claims: (outcome, world, before) => claimFaults(outcome, world, before, mode),
  settled: (world, before) => [
    ...tenantFaults(world.tenant, before, mode),
    ...strangerFaults(world.tenant, before, mode),
    ...fileFaults(world, mode),
  ],
});
