import ora from 'ora';
import type { KeyWatch } from './key-watch.ts';
import { describeProgress, type Progress, tenthOf } from './progress.ts';
import type { Screen, StartTask, Task } from './report.ts';
import { hang, linesOf, type Style } from './style.ts';

/** Ten cells, as many of them full as tenths are done. */
function bar(progress: Progress, style: Style): string {
  const [full, empty] = style.symbols.pass === 'ok' ? ['#', '.'] : ['█', '░'];
  return full.repeat(tenthOf(progress)) + empty.repeat(10 - tenthOf(progress));
}

/** A task on a terminal that can be drawn again: ora's spinner, then one line that stays. */
function animatedTask(
  { writer, style, stream }: Screen,
  text: string,
  ended: () => void,
  keys: KeyWatch | undefined,
): Task {
  const fits = (text: string): string => {
    const [first = '', ...others] = text.split('\n').map((line) => hang('', line, 2, style).trimEnd());
    return [first, ...others.map((line) => `  ${line}`)].join('\n');
  };
  const title = writer.clean(text);
  let shown = title;
  const spinner = ora({
    text: fits(shown),
    stream: stream as unknown as NodeJS.WritableStream,
    color: style.chalk.level > 0 ? 'cyan' : false,
    isEnabled: true,
    // It knows Ctrl-C alone.
    discardStdin: false,
  }).start();
  const release = keys?.hold(() => {
    spinner.stop();
    return () => void spinner.start();
  });
  const show = (line: string): void => {
    shown = line;
    spinner.text = fits(line);
  };
  // A window that gets narrower breaks what is shown into several lines, of which ora would clear the last alone.
  const onResize = (): void => {
    const above = linesOf(`  ${spinner.text}`, style.columns()) - 1;
    if (above > 0) stream.write(`\u001b[${above}A\u001b[J`);
    show(shown);
  };
  stream.on?.('resize', onResize);
  const drop = (): void => {
    stream.off?.('resize', onResize);
    release?.();
    spinner.stop();
    ended();
  };
  const end = (mark: string, line = text): void => {
    drop();
    writer.block(`${mark} `, writer.clean(line), 2);
  };
  return {
    wait: (reason) => show(`${writer.clean(reason)}\n${title}`),
    progress: (progress) => {
      show(`${bar(progress, style)} ${describeProgress(progress)}`);
      // At once and not with the next frame: a count that moved is shown even where all ends soon.
      spinner.render();
    },
    succeed: (line) => end(style.chalk.green(style.symbols.pass), line),
    fail: (line) => end(style.chalk.red(style.symbols.fail), line),
    drop,
  };
}

/** Shows tasks by ora's spinner. `keys` hears what is typed meanwhile; it asks for a paused standard input. */
export const spinnerTasks =
  (keys: KeyWatch | undefined): StartTask =>
  (screen, text, ended) =>
    animatedTask(screen, text, ended, keys);
