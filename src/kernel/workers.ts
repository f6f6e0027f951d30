/**
 * Deferred work of a kernel, which runs when the call that queued it returns. Linux:
 * kernel/workqueue.c.
 */
import type { Task } from '../printk/record.js';

/** The task that runs deferred work. */
const KWORKER: Task = { pid: 9, comm: 'kworker/u4:0', cpu: 0 };

/** The deferred work of one kernel. */
export class Workers {
  readonly #works: (() => void)[] = [];

  /** Says whether work is waiting. */
  get busy(): boolean {
    return this.#works.length > 0;
  }

  /** Leaves `fn` to the worker, which runs it when the current call of the kernel ends. */
  queue(fn: () => void): void {
    this.#works.push(fn);
  }

  /**
   * Runs all work that waits, as the kernel's worker. If a piece throws, the rest waits for the
   * next call.
   */
  run(who: { current: Task }): void {
    const works = this.#works;
    if (works.length === 0) return;
    const { current } = who;
    who.current = KWORKER;
    try {
      for (let work = works.shift(); work !== undefined; work = works.shift()) work();
    } finally {
      who.current = current;
    }
  }
}
