import type { Readable } from 'node:stream';

/** An input that may be a terminal's. */
type KeyInput = Readable & {
  readonly isTTY?: boolean;
  readonly isRaw?: boolean;
  setRawMode?(raw: boolean): unknown;
};

/** What keys ask for while nothing is asked. */
export interface KeyActions {
  /** Ctrl-C, which a terminal does not tell by a signal meanwhile. */
  readonly interrupt: () => void;
  /** Ctrl-Z: stops the process until the shell lets it go on; absent where no shell can. */
  readonly suspend?: (() => Promise<void>) | undefined;
}

/** Hears keys while work goes on: what else is typed is neither shown nor taken for an answer. */
export interface KeyWatch {
  /** Begins to listen; the given function ends it. `pause` clears the screen for Ctrl-Z, and gives what draws it again. */
  hold(pause?: () => () => void): () => void;
  /** Calls back at each Enter, until the given function is called. */
  onEnter(callback: () => void): () => void;
}

const [ctrlC, ctrlZ] = ['\u0003', '\u001a'];

/** A watch over an input that is paused while nobody listens. */
export function createKeyWatch(input: KeyInput, { interrupt, suspend }: KeyActions): KeyWatch {
  const holders = new Set<(() => () => void) | undefined>();
  const enters = new Set<() => void>();
  const raw = (on: boolean): void => void (input.isTTY && input.setRawMode?.(on));
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (!suspend || stopping) return;
    stopping = true;
    const paused = [...holders].map((pause) => ({ pause, resume: pause?.() }));
    raw(false);
    await suspend();
    // The work may have ended meanwhile, or some of it.
    if (holders.size > 0) raw(true);
    for (const { pause, resume } of paused) if (holders.has(pause)) resume?.();
    stopping = false;
  };
  const onData = (chunk: Buffer | string): void => {
    const typed = String(chunk);
    if (typed.includes(ctrlC)) interrupt();
    else if (typed.includes(ctrlZ)) void stop();
    else if (/[\r\n]/.test(typed)) for (const callback of [...enters]) callback();
  };
  return {
    hold(pause) {
      const holder = pause ?? (() => (): void => undefined);
      if (holders.size === 0) {
        raw(true);
        input.on('data', onData);
        input.resume();
      }
      holders.add(holder);
      return () => {
        if (!holders.delete(holder) || holders.size > 0) return;
        input.off('data', onData);
        raw(false);
        input.pause();
      };
    },
    onEnter(callback) {
      const once = (): void => callback();
      enters.add(once);
      return () => void enters.delete(once);
    },
  };
}
