/** How a run is watched from outside: the live view on standard error, and `--metrics`. */
import type { RunProgress } from '../run/progress.js';
import { openLive, type Stream } from './live.js';
import { openMetrics } from './metrics.js';

/** Options of every command that can be watched. */
export interface WatchOptions {
  /** Show nothing while it runs. */
  readonly quiet?: boolean;
  /** A port of this machine to serve the counters on. */
  readonly metrics?: number;
}

export interface Watch {
  update(progress: RunProgress): void;
  /** Lets `write` print to a terminal that has the live view at its end. */
  above(write: () => void): void;
  /** Takes the view away and ends the server. The last thing to call, also after an error. */
  close(): Promise<void>;
}

/** Throws UsageError for a port that cannot be had: call it before anything else begins. */
export async function openWatch(
  command: string,
  { quiet = false, metrics: port }: WatchOptions,
  { out, err }: { readonly out: Stream; readonly err: Stream },
): Promise<Watch> {
  const metrics = await openMetrics(port, command, err);
  const live = openLive({ out, err, quiet });
  return {
    update(progress) {
      metrics.update(progress);
      live.update(progress);
    },
    above: (write) => live.above(write),
    close() {
      live.stop();
      return metrics.close();
    },
  };
}
