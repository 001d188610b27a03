import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Rows between two collections: those of a full page. Batches of several lists may have one row each. */
const every = 999;

/** One collection in so many looks at old objects too. */
const whole = 24;

/**
 * Makes what is called with the length of each batch of rows, and lets go of pages that are dealt with. V8 collects by the size of its
 * own heap, in which a page takes next to nothing: the memory that pages lie in would gather to some sixty megabytes. They are
 * young when they are done with, so that looking at young objects is enough as a rule, at a tenth of the cost of looking at all.
 */
export function createPageFreeing(): (rows: number) => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let count = 0;
  let collections = 0;
  return (rows) => {
    count += rows;
    if (count < every || typeof collect !== 'function') return;
    count = 0;
    collections += 1;
    if (collections % whole === 0) collect();
    else collect({ type: 'minor' });
  };
}
