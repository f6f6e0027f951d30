/** Opens the log of a replay, which each round of `loop` reads anew. */
import { KernelError } from '../errno.js';
import type { ReplayedLog } from './options.js';
import type { LogReader } from './reader.js';

/** Keeps the log of the current round. */
export class Rounds {
  /** The log as the first round reads it, which the summary describes. */
  readonly first: LogReader;
  /** The log as the current round reads it. */
  current: LogReader;
  readonly #read: () => LogReader;

  /** Throws EINVAL for several rounds of a log that can be read only once. */
  constructor(log: ReplayedLog, rounds: number) {
    if (rounds > 1 && typeof log !== 'function') {
      const why = `loop ${rounds}: a log is read once, so give a function that reads it: () => readLog(file)`;
      throw new KernelError('EINVAL', 'replay', why);
    }
    this.#read = typeof log === 'function' ? log : () => log;
    this.first = this.#read();
    this.current = this.first;
  }

  /** Opens the log anew for the next round, and returns it. */
  next(): LogReader {
    this.current = this.#read();
    return this.current;
  }
}
