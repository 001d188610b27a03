import { expect, it } from 'vitest';
import { createWorld, type Typed } from '../../helpers/world.ts';

const change: Typed = ['Go ahead?', '\u001b[B\r'];
const questions = ['Account to work', 'File to save', 'Domain to write', 'Credential:', 'How long'] as const;

/** Ctrl-Z at a question, which is asked again once the shell has let the process go on. */
const stopAt = (question: string, typed = ''): Typed[] => [
  [question, `${typed}\u001a`],
  ['Stopped', ''],
];
const env = { NO_COLOR: '1' };
const stops = (text: string): number => text.split('Stopped').length - 1;

it.each(questions)('asks "%s" again when the process goes on after Ctrl-Z', async (question) => {
  const world = await createWorld();
  const run = await world.run(['--sandbox'], {
    env,
    keys: [
      change,
      ...questions.flatMap((asked): Typed[] => [...(asked === question ? stopAt(asked) : []), [asked, '\r']]),
      ['Go ahead?', '\r'],
    ],
  });
  expect([run.code, stops(run.stderr)]).toEqual([0, 1]);
});

it('forgets what was typed before Ctrl-Z, and still takes Ctrl-C and Ctrl-D after it', async () => {
  const world = await createWorld();
  const before: Typed[] = [change, ['Account to work', '\r']];
  const twice = [...before, ...stopAt('File to save', 'half'), ...stopAt('File to save')];
  const asked = '(reporting-setup.json)';
  for (const cancel of ['\u0003', '\u0004']) {
    const run = await world.run(['--sandbox'], { env, keys: [...twice, [asked, cancel]] });
    expect([run.code, stops(run.stderr)]).toEqual([130, 2]);
    expect(run.stderr).toContain('Cancelled. Nothing was changed.');
  }
});
