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

/** Starts a browser, and says what became of that: whether its window shows, nobody here can tell. */
async function openHere(address: string): Promise<string> {
  const { openBrowser } = await import('../../entra/browser-credential.ts');
  return openBrowser(address).then(
    () => 'A browser was started here',
    () => 'No browser could be started here: open the address yourself',
  );
}

/** What Enter does; `does` says what became of it. */
interface EnterHelp {
  readonly says: string;
  readonly does: () => string | Promise<string>;
}

/** What Enter does where somebody signs in with a code. */
function codeHelps(
  address: string,
  code: string,
  opens: boolean,
  copy: ((text: string) => void) | undefined,
): EnterHelp[] {
  const opening: EnterHelp = { says: 'opens the page here', does: () => openHere(address) };
  const copying: EnterHelp = {
    says: 'copies the code, where the terminal lets it',
    does: () => {
      copy?.(code);
      return 'The code is copied, if your terminal takes it';
    },
  };
  return [...(opens ? [opening] : []), ...(copy ? [copying] : [])];
}

/** A guide for one sign-in; `waiting` is what it waits for. */
export function guideSignIn(waiting: string, io: Io): SignInGuide {
  const { report, signInHelp, visit } = io;
  const copy = signInHelp?.copy;
  const opens = canOpenBrowser(io.platform, io.env);
  let task = report.task(waiting);
  let off: (() => void) | undefined;
  let isOver = false;
  const onEnter = (does: readonly (() => string | Promise<string>)[]): void => {
    off?.();
    off = signInHelp?.onEnter(async () => {
      const done = await Promise.all(does.map((one) => one()));
      if (!isOver && done.length > 0) task.wait(`${done.join('. ')}.`);
    });
  };
  return {
    task: () => task,
    end() {
      isOver = true;
      off?.();
    },
    onDeviceCode({ userCode, verificationUri, lifetime }) {
      // The SDK calls this after a refusal too, then without a code.
      if (!userCode || !verificationUri) return;
      task.succeed('Got a code to sign in with');
      report.line('Sign in as an administrator, in any browser on any device:');
      report.address(verificationUri);
      report.code(`code  ${userCode}`);
      if (lifetime !== undefined) report.line(`The code lives ${inMinutes(lifetime)}.`);
      const helps = signInHelp ? codeHelps(verificationUri, userCode, opens, copy) : [];
      if (helps.length > 0) report.line(`Enter ${helps.map(({ says }) => says).join(', and ')}.`);
      task = report.task('Waiting for you to sign in');
      onEnter(helps.map(({ does }) => does));
    },
    ...(signInHelp || visit
      ? {
          async onAddress(address) {
            task.succeed('Ready for the browser');
            if (visit) {
              task = report.task('Signing in by itself');
              return visit(address);
            }
            report.line(
              opens
                ? 'Enter opens this address, in a browser on this machine:'
                : 'Open this address in a browser on this machine:',
            );
            report.address(address);
            task = report.task('Waiting for you to sign in');
            if (opens) onEnter([() => openHere(address)]);
          },
        }
      : {}),
  };
}
