import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createKeyWatch } from '../../src/terminal/key-watch.ts';

/** A terminal's input that notes in which mode it is, and what keys did. */
function watched(options: { readonly noSuspend?: boolean; readonly meanwhile?: () => void } = {}) {
  const events: string[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => void events.push(raw ? 'raw' : 'cooked'),
  });
  input.pause();
  const suspend = async (): Promise<void> => {
    events.push('stopped');
    options.meanwhile?.();
  };
  const watch = createKeyWatch(input, {
    interrupt: () => void events.push('interrupted'),
    suspend: options.noSuspend ? undefined : suspend,
  });
  const type = async (text: string): Promise<void> => {
    input.write(text);
    for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
  };
  return { watch, events, type, input };
}

it('hears Ctrl-C, Ctrl-Z and Enter while something is held, and swallows the rest', async () => {
  const { watch, events, type, input } = watched();
  const release = watch.hold(() => {
    events.push('cleared');
    return () => void events.push('drawn');
  });
  const off = watch.onEnter(() => void events.push('entered'));
  await type('x\u001b[B');
  await type('\r');
  await type('\u0003');
  await type('\u001a');
  expect(events).toEqual([
    ...['raw', 'entered', 'interrupted'],
    ...['cleared', 'cooked', 'stopped', 'raw', 'drawn'],
  ]);
  off();
  await type('\r');
  release();
  release();
  expect(events.slice(8)).toEqual(['cooked']);
  expect(input.isPaused()).toBe(true);
});

it('goes on where no shell can let it go on, and is held until everybody has let go', async () => {
  const { watch, events, type } = watched({ noSuspend: true });
  const [one, other] = [watch.hold(), watch.hold()];
  one();
  await type('\u001a\u0003');
  other();
  expect(events).toEqual(['raw', 'interrupted', 'cooked']);
});

it('draws nothing again that has ended meanwhile', async () => {
  const ends: (() => void)[] = [];
  const { watch, events, type } = watched({ meanwhile: () => ends.pop()?.() });
  const draw = (name: string) => () => () => void events.push(name);
  watch.hold(draw('goes on'));
  ends.push(watch.hold(draw('has ended')));
  await type('\u001a');
  expect(events).toEqual(['raw', 'cooked', 'stopped', 'raw', 'goes on']);
});
