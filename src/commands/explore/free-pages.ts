import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Batches of rows between two collections. */
const every = 12;

/**
 * Makes what is called with each batch of rows, and lets go of pages that are dealt with. V8 collects by the size of its
 * own heap, in which a page takes next to nothing: the memory that pages lie in would gather to some sixty megabytes.
 */
export function createPageFreeing(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let count = 0;
  return () => {
    count += 1;
    if (count % every === 0 && typeof collect === 'function') collect();
  };
}
