/** Verbs that change a kernel's log without logging anything. */

import { shown } from '../options.js';
import type { KernelCore } from './core.js';

/** Keeps the kernel's own messages out of the log until the function that it returns is called. */
export function mute(core: KernelCore): () => void {
  core.muted++;
  let muted = true;
  return () => {
    if (muted) core.muted--;
    muted = false;
  };
}

/** Gives the next record the seq `seq`. Throws RangeError for one that cannot come next. */
export function skipTo({ ring, consoles }: KernelCore, seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < ring.nextSeq) {
    throw new RangeError(
      `skipTo(${shown(seq)}): the next seq is ${ring.nextSeq}; give it or a later one, a whole number`,
    );
  }
  ring.skipTo(seq);
  consoles.printkStored();
}
