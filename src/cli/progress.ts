/**
 * The progress bar of `replay`: on stderr, and only if that is a terminal that can redraw a line.
 */
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** `bytes` of the log taken in, `records` handed on, `frames` sent, all since the start. */
  update(bytes: number, records: number, frames: number): void;
  /** So many of `hosts` hosts have booted; nothing is sent yet. */
  making(hostsUp: number, hosts: number): void;
  /** Takes the bar away. The last thing to call, also after an error. */
  stop(): void;
}

export interface ProgressOptions {
  /** Where the bar goes. */
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The caller prints JSON for machines: no bar. */
  readonly json: boolean;
  /** Size of the log; 0: not known, no bar. */
  readonly totalBytes: number;
}

const NO_PROGRESS: Progress = { update: () => undefined, making: () => undefined, stop: () => undefined };

/**
 * A bar, or something that shows nothing. A non-empty NO_COLOR leaves out the colour
 * (no-color.org).
 */
export function openProgress(options: ProgressOptions): Progress {
  const { stream, env, json, totalBytes } = options;
  if (stream.isTTY !== true || json || totalBytes <= 0 || env['TERM'] === 'dumb') return NO_PROGRESS;
  const plain = (env['NO_COLOR'] ?? '') !== '';
  const [on, off] = plain ? ['', ''] : ['\x1b[36m', '\x1b[0m'];
  const bar = new SingleBar({
    stream,
    format: `${on}{bar}${off} {percentage}% | {what} | {eta_formatted} left`,
    barsize: 30,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    clearOnComplete: true,
    // A hidden cursor would need a SIGINT handler to bring it back, and that would swallow the
    // first Ctrl-C.
    hideCursor: false,
    gracefulExit: false,
  });
  bar.start(totalBytes, 0, { what: '0 records, 0 frames' });
  return {
    update(bytes, records, frames) {
      bar.update(Math.min(bytes, totalBytes), { what: `${records} records, ${frames} frames` });
    },
    making(hostsUp, hosts) {
      bar.update(0, { what: `making hosts: ${hostsUp} of ${hosts}` });
    },
    stop() {
      bar.stop();
    },
  };
}
