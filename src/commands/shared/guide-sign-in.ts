import { canOpenBrowser } from '../../entra/auth-methods.ts';
import type { SignInRequest } from '../../entra/azure-credentials.ts';
import type { Task } from '../../terminal/report.ts';
import type { Io } from './io.ts';

/** Shows a person where and how to sign in, and helps with the keys of the terminal. */
export interface SignInGuide extends Pick<SignInRequest, 'onDeviceCode' | 'onAddress'> {
  /** The wait that shows by now. */
  readonly task: () => Task;
  /** Hears no key any more. */
  readonly end: () => void;
}

/** What the page of Entra will name: whoever expects this program's name would take it for a trick. */
export function describeClient(loginClientId: string | undefined): string {
  return loginClientId === undefined
    ? 'The page will name "Microsoft Azure CLI": every tenant knows that client of Microsoft\'s, and this program signs in through it (another: --login-client-id).'
    : `The page will name the client ${loginClientId}, as --login-client-id asks.`;
}

const inMinutes = (seconds: number): string =>
  seconds < 120 ? `${seconds} seconds` : `${Math.floor(seconds / 60)} minutes`;

async function openHere(address: string, { visit, report }: Io): Promise<void> {
  const { openBrowser } = await import('../../entra/browser-credential.ts');
  await (visit ?? openBrowser)(address).catch((error: unknown) => {
    if (visit) throw error;
    report.warn('No browser opened here: open the address yourself.');
  });
}

/** A guide for one sign-in; `waiting` is what it waits for. */
export function guideSignIn(waiting: string, io: Io): SignInGuide {
  const { report, signInHelp, visit } = io;
  const opens = canOpenBrowser(io.platform, io.env);
  let task = report.task(waiting);
  let off: (() => void) | undefined;
  const onEnter = (does: () => Promise<void>): void => {
    off?.();
    off = signInHelp?.onEnter(() => void does());
  };
  return {
    task: () => task,
    end: () => off?.(),
    onDeviceCode({ userCode, verificationUri, lifetime }) {
      // The SDK calls this after a refusal too, then without a code.
      if (!userCode || !verificationUri) return;
      task.succeed('Got a code to sign in with');
      report.line('Sign in as an administrator, in any browser on any device:');
      report.address(verificationUri);
      report.code(`code  ${userCode}`);
      if (lifetime !== undefined) report.line(`The code lives ${inMinutes(lifetime)}.`);
      const does = [
        ...(opens ? ['opens the page here'] : []),
        ...(signInHelp?.copy ? ['copies the code, where the terminal lets it'] : []),
      ];
      if (signInHelp && does.length > 0) report.line(`Enter ${does.join(', and ')}.`);
      task = report.task('Waiting for you to sign in');
      onEnter(async () => {
        signInHelp?.copy?.(userCode);
        if (opens) await openHere(verificationUri, io);
      });
    },
    ...(signInHelp || visit
      ? {
          async onAddress(address) {
            task.succeed('Ready for the browser');
            if (visit) {
              task = report.task('Signing in by itself');
              return openHere(address, io);
            }
            report.line(
              opens
                ? 'Enter opens this address, in a browser on this machine:'
                : 'Open this address in a browser on this machine:',
            );
            report.address(address);
            task = report.task('Waiting for you to sign in');
            if (opens) onEnter(() => openHere(address, io));
          },
        }
      : {}),
  };
}
