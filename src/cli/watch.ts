/** Lets a run be watched from outside: by the live view on standard error, and by `--metrics`. */
import type { RunProgress } from '../run/progress.js';
import { openLive, type Stream } from './live.js';
import { openMetrics } from './metrics.js';

/** Options of every command that can be watched. */
export interface WatchOptions {
  /** Show nothing while it runs. */
  readonly quiet?: boolean;
  /** The port of this machine that the counters are served on; 0 takes any free one. */
  readonly metrics?: number;
}

/** The live view and the metrics of a run. */
export interface Watch {
  /** Takes the newest progress, for the view and for the metrics. */
  update(progress: RunProgress): void;
  /** Calls `write`, which may print to the terminal that shows the live view. */
  above(write: () => void): void;
  /** Takes the view away and ends the server. Call it last, also after an error. */
  close(): Promise<void>;
}

/**
 * Opens what the options ask for. Throws UsageError for a port that cannot be had, so call it
 * before anything else begins.
 */
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
