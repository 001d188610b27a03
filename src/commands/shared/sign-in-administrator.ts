import type { Settings } from '../../cli/options.ts';
import { WizardError } from '../../core/errors.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import { canOpenBrowser, requireEnvironment } from '../../entra/auth-methods.ts';
import { type Session, signIn } from '../../entra/sign-in.ts';
import type { Connection } from './connection.ts';
import type { Io } from './io.ts';

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

/** Throws WizardError `browser-missing` where none can open: the SDK would wait for it without end. */
function requireBrowser({ platform, env }: Io): void {
  if (platform === 'darwin' || platform === 'win32' || canOpenBrowser(platform, env)) return;
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
): Promise<Session> {
  requireEnvironment(method, io.env, settings.tenant);
  if (method === 'browser') {
    requireBrowser(io);
    io.report.line(
      'A browser opens for you to sign in. If none does, press Ctrl-C and add --auth device-code.',
    );
  }
  let task = io.report.task(waitingFor[method]);
  try {
    const signingIn = signIn(connection, {
      method,
      tenant: settings.tenant,
      loginClientId: settings.loginClientId,
      onDeviceCode: ({ userCode, verificationUri }) => {
        // The SDK calls this after a refusal too, then without a code.
        if (!userCode || !verificationUri) return;
        task.succeed('Got a code to sign in with');
        io.report.line('Sign in as an administrator, in any browser on any device:');
        io.report.code(`open  ${verificationUri}`);
        io.report.code(`code  ${userCode}`);
        task = io.report.task('Waiting for you to sign in');
      },
    });
    const session = await untilAborted(signingIn, io.signal);
    task.succeed('Signed in');
    return session;
  } catch (error) {
    io.report.stop('fail');
    throw error;
  }
}

/** Signs the administrator in, by the first way that works. Throws WizardError. */
export async function signInAdministrator(
  methods: readonly AuthMethod[],
  settings: Settings,
  connection: Connection,
  io: Io,
): Promise<Session> {
  for (const [index, method] of methods.entries()) {
    try {
      return await signInBy(method, settings, connection, io);
    } catch (error) {
      if (index === methods.length - 1 || !worthAnotherWay(error)) throw error;
      io.report.warn(`${error instanceof Error ? error.message : ''} Trying another way to sign in.`);
    }
  }
  throw new WizardError('sign-in-failed', 'There is no way to sign in.');
}
