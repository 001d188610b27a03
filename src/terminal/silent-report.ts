import type { Report, Task } from './io.ts';

const nothing = (): void => undefined;

const task: Task = { wait: nothing, progress: nothing, succeed: nothing, fail: nothing };

/** A report that nobody sees: for one of many that are told of together. */
export const silentReport: Report = {
  title: nothing,
  line: nothing,
  item: nothing,
  fact: nothing,
  finding: nothing,
  table: nothing,
  change: nothing,
  code: nothing,
  warn: nothing,
  task: () => task,
  error: nothing,
  stop: nothing,
};
