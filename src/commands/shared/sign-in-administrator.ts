import type { Settings } from '../../cli/settings.ts';
import type { ReportingConfig } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { canOpenBrowser, requireEnvironment } from '../../entra/auth-methods.ts';
import { type Session, signIn } from '../../entra/sign-in.ts';
import { probeAuthority, probeTenant } from '../../entra/tenant-probe.ts';
import type { ObserveInput } from '../../tenant/model.ts';
import { parseTenant } from '../../tenant/tenant.ts';
import { type Connection, openDirectory } from './connection.ts';
import { describeClient, guideSignIn } from './guide-sign-in.ts';
import type { Io } from './io.ts';

const isGuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

const waitingFor: Readonly<Record<AuthMethod, string>> = {
  browser: 'Waiting for you to sign in',
  'device-code': 'Waiting for a sign-in code',
  'azure-cli': 'Asking Azure CLI for a token',
  environment: 'Signing in with the credential in AZURE_CLIENT_ID and its companions',
  'workload-identity': 'Signing in with the workload identity token',
  'managed-identity': 'Signing in with the managed identity',
};

/** Refusals that another way of signing in may get around. */
const worthAnotherWay = (error: unknown): boolean =>
  error instanceof WizardError && ['sign-in-blocked', 'browser-missing'].includes(error.code);

/** Throws WizardError `browser-missing` where none can open, and nobody is there to open one: nothing else would end it. */
function requireBrowser({ platform, env, signInHelp, visit }: Io): void {
  if (signInHelp || visit || platform === 'darwin' || platform === 'win32' || canOpenBrowser(platform, env))
    return;
  throw new WizardError('browser-missing', 'No browser can open here: there is no display.');
}

/** Ends with the run: the SDK goes on waiting for a browser, and for Azure CLI, whatever happens. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new WizardError('cancelled', 'Cancelled during sign-in.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

async function signInBy(
  method: AuthMethod,
  settings: Settings,
  connection: Connection,
  io: Io,
  scopes?: readonly string[],
): Promise<Session> {
  requireEnvironment(method, io.env, settings.tenant);
  const { loginClientId } = settings;
  if (method === 'browser') {
    requireBrowser(io);
    if (!io.signInHelp && !io.visit) {
      io.report.line(
        'A browser opens for you to sign in. If none does, press Ctrl-C and add --auth device-code.',
      );
    }
  }
  const guide = guideSignIn(waitingFor[method], io);
  try {
    const { tenant } = settings;
    const scope = scopes === undefined ? {} : { scopes };
    const signingIn = signIn(connection, { method, tenant, loginClientId, ...scope, ...guide });
    const session = await untilAborted(signingIn, io.signal);
    guide.task().succeed('Signed in');
    return session;
  } catch (error) {
    io.report.stop('fail');
    throw error;
  } finally {
    guide.end();
  }
}

/** Ways in that a person may try, as the remedy says them. */
const ways: Partial<Record<AuthMethod, string>> = {
  browser: '`reporting-setup … --auth browser`',
  'device-code': '`reporting-setup … --auth device-code`',
  'azure-cli': 'after `az login`: `reporting-setup … --auth azure-cli`',
};

/** The same error, whose remedy names none of the ways that were just refused. Pure. */
function withoutTried(error: unknown, tried: readonly AuthMethod[]): unknown {
  if (
    !(error instanceof WizardError) ||
    !tried.some((method) => new RegExp(`\\b${method}\\b`).test(error.remedy))
  )
    return error;
  const { code, message, requestId, cause } = error;
  const left = Object.entries(ways).flatMap(([method, way]) =>
    tried.some((one) => one === method) ? [] : [way],
  );
  const remedy = error.remedy.includes('managed device')
    ? 'Sign in on a managed device, or ask whoever owns the policy.'
    : `Try ${left.join(', or ')}; or ask whoever owns the policy.`;
  return new WizardError(code, message, { remedy, requestId, cause });
}

/** Signs the administrator in, by the first way that works; for Graph, or for `scopes` of another API. Throws WizardError. */
export async function signInAdministrator(
  methods: readonly AuthMethod[],
  settings: Settings,
  connection: Connection,
  io: Io,
  scopes?: readonly string[],
): Promise<Session> {
  if (methods.some((method) => method === 'browser' || method === 'device-code')) {
    io.report.line(describeClient(settings.loginClientId));
  }
  for (const [index, method] of methods.entries()) {
    try {
      return await signInBy(method, settings, connection, io, scopes);
    } catch (error) {
      if (index === methods.length - 1 || !worthAnotherWay(error)) {
        throw withoutTried(error, methods.slice(0, index + 1));
      }
      io.report.warn(`${error instanceof Error ? error.message : ''} Trying another way to sign in.`);
    }
  }
  throw new WizardError('sign-in-failed', 'There is no way to sign in.');
}

async function lookUpTenant(tenant: string, { cloud, transport }: Connection, io: Io): Promise<string> {
  const task = io.report.task('Looking the tenant up');
  try {
    const id = await probeTenant(cloud, transport, tenant);
    task.succeed('Found the tenant');
    return id;
  } catch (error) {
    const isAbsent = error instanceof WizardError && error.code === 'tenant-not-found';
    task.fail(isAbsent ? 'The tenant was not found' : 'The tenant could not be looked up');
    throw error;
  }
}

/** Throws WizardError where a sign-in landed in a tenant that was not asked for, or nothing tells in which. */
function requireNamedTenant(named: string | undefined, signedIn: string | undefined, name: string): void {
  if (named === undefined || (signedIn !== undefined && sameId(named, signedIn))) return;
  throw new WizardError(
    'sign-in-wrong-tenant',
    `The sign-in landed in ${signedIn === undefined ? 'a tenant that cannot be told' : `tenant ${signedIn}`}, not in ${quoted(name)} as --tenant demands.`,
  );
}

/** The administrator's session. Throws WizardError `sign-in-wrong-tenant` where it landed in another tenant. */
export async function openAdministrator(
  methods: readonly AuthMethod[],
  settings: Settings,
  connection: Connection,
  io: Io,
): Promise<Session> {
  const named =
    settings.tenant === undefined ? undefined : await lookUpTenant(settings.tenant, connection, io);
  // A browser that cannot get there tells nobody but the person in front of it.
  if (methods[0] === 'browser') await probeAuthority(connection.cloud, connection.transport);
  const session = await signInAdministrator(
    methods,
    { ...settings, ...(named && { tenant: named }) },
    connection,
    io,
  );
  const located = await withTenant(session, connection, io);
  requireNamedTenant(named, located.claims.tenantId, settings.tenant ?? '');
  return located;
}

/** Where the token does not say in which tenant it is of use, Graph does: nothing is locked or written before. */
async function withTenant(session: Session, connection: Connection, io: Io): Promise<Session> {
  if (session.claims.tenantId !== undefined) return session;
  const directory = openDirectory(connection, session, io, () => undefined);
  const path = '/organization?$select=id';
  const { id } = parseTenant(await directory.send({ method: 'GET', path, purpose: 'read the tenant' }));
  return id === '' ? session : { ...session, claims: { ...session.claims, tenantId: id } };
}

/** Throws WizardError `sign-in-wrong-tenant` unless that is the file's tenant. */
export function requireFileTenant(tenantId: string | undefined, config: ReportingConfig): void {
  if (tenantId === undefined || tenantId === '' || sameId(tenantId, config.tenantId)) return;
  throw new WizardError(
    'sign-in-wrong-tenant',
    `The sign-in landed in tenant ${tenantId}; the file is of tenant ${config.tenantId}.`,
    { remedy: 'Sign in with an account of that tenant, or name the file of the other one with --config.' },
  );
}

/** Signs an administrator in, in the file's tenant. Throws WizardError where that is refused, or ends elsewhere. */
export async function openFileTenant(
  methods: readonly AuthMethod[],
  settings: Settings,
  config: ReportingConfig,
  connection: Connection,
  io: Io,
): Promise<Session> {
  const inFileTenant = { ...settings, tenant: config.tenantId };
  const session = await signInAdministrator(methods, inFileTenant, connection, io);
  requireFileTenant(session.claims.tenantId, config);
  return session;
}

/** Throws WizardError where the file is not of the tenant that --tenant names. */
export async function requireTenant(
  name: string,
  config: ReportingConfig,
  connection: Connection,
): Promise<void> {
  // An id needs no answer: the one asked would be whom the file names.
  const id = isGuid(name) ? name : await probeTenant(connection.cloud, connection.transport, name);
  if (sameId(id, config.tenantId)) return;
  throw new WizardError(
    'config-other-tenant',
    `The file is of tenant ${config.tenantId}, not of ${quoted(name)}.`,
    {
      remedy: 'Correct --tenant, or name the file of that tenant with --config.',
    },
  );
}

/** Where the token says nothing, the way of signing in may: by some it takes a person, by others there is none. */
const kindsByMethod: Readonly<Partial<Record<Session['method'], 'user' | 'application'>>> = {
  browser: 'user',
  'device-code': 'user',
  'workload-identity': 'application',
  'managed-identity': 'application',
};

function kindOf({ claims, method }: Pick<Session, 'claims' | 'method'>): ObserveInput['signedIn']['kind'] {
  const { identityType, scopes, roles = [], name } = claims;
  if (identityType === 'app') return 'application';
  if (identityType === 'user' || scopes.length > 0) return 'user';
  if (roles.length > 0) return 'application';
  const isOpaque = claims.roles === undefined;
  return !isOpaque && name === undefined ? 'application' : (kindsByMethod[method] ?? 'unknown');
}

/** Who a session's token says is signed in, as far as it says anything. Pure. */
export function signedInAs(session: Pick<Session, 'claims' | 'method'>): ObserveInput['signedIn'] {
  const { claims } = session;
  return {
    kind: kindOf(session),
    name: claims.name ?? claims.clientId ?? 'unknown',
    permissions: claims.roles,
    objectId: claims.objectId ?? '',
    tenantId: claims.tenantId,
    roleHints: claims.wids.map((id) => id.toLowerCase()),
  };
}
