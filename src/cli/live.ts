/**
 * What a command shows while it runs, on standard error: on a terminal one block that is drawn over
 * itself, elsewhere a line every few seconds, and nothing at all with `--quiet`.
 *
 *   const live = openLive({ err, out, quiet: false });
 *   live.update(progress);                       as often as you like
 *   live.above(() => out.write('a record\n'));   what is printed stays above the block
 *   live.stop();                                 always, also after an error: the block goes away
 */
import { Socket } from 'node:net';
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { RunProgress } from '../run/progress.js';
import { type LiveRow, liveLine, liveRows, type Rates } from './live-rows.js';

/** Standard output or standard error; a terminal has a size, and an event when that changes. */
export type Stream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  hasColors?(): boolean;
};

/** The live view of a run. */
export interface Live {
  /** Takes the newest progress, which is shown when it is time to. */
  update(progress: RunProgress): void;
  /** Calls `write`, which may print to the same terminal: what it prints stays above the view. */
  above(write: () => void): void;
  /** Takes the view away. Idempotent. */
  stop(): void;
}

/** Options of `openLive`. */
export interface LiveOptions {
  /** Where the view goes. */
  readonly err: Stream;
  /** Where the command prints meanwhile: a reader at its other end may use the same terminal. */
  readonly out: Stream;
  /** Show nothing. */
  readonly quiet: boolean;
  /** The environment; with TERM=dumb the view is no block. Default: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The clock, in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** The shortest time between two drawings of the block, in milliseconds. */
const BLOCK_MS = 100;
/** The shortest time between two lines, in milliseconds. */
const LINE_MS = 5000;
/** The time over which rates are measured, in milliseconds. */
const RATE_MS = 2000;

const SILENT: Live = { update: () => {}, above: (write) => write(), stop: () => {} };

/**
 * Opens the view. It is a block only where `err` is a terminal that can move its cursor and `out`
 * is not a pipe, whose reader may print to the same terminal; otherwise it is a line now and then.
 */
export function openLive(options: LiveOptions): Live {
  const { err, out, quiet, env = process.env, now = () => performance.now() } = options;
  if (quiet) return SILENT;
  const piped = out.isTTY !== true && out instanceof Socket;
  if (err.isTTY === true && env['TERM'] !== 'dumb' && !piped) return new Block(err, now);
  return new Lines(err, now);
}

/** Measures how many frames a second there were lately. */
class Speedometer {
  #samples: { readonly at: number; readonly frames: number; readonly asked: number | undefined }[] = [];

  rates(at: number, { frames, asked }: RunProgress): Rates {
    this.#samples.push({ at, frames, asked });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - RATE_MS) this.#samples.shift();
    const first = this.#samples[0]!;
    const seconds = (at - first.at) / 1000;
    if (seconds <= 0) return {};
    return {
      achieved: (frames - first.frames) / seconds,
      ...(asked !== undefined && first.asked !== undefined && { asked: (asked - first.asked) / seconds }),
    };
  }
}

/** Writes a line every few seconds, if something has happened since the last one. */
class Lines implements Live {
  readonly #err: Stream;
  readonly #now: () => number;
  readonly #speed = new Speedometer();
  #saidAt: number;
  #said = '';

  constructor(err: Stream, now: () => number) {
    this.#err = err;
    this.#now = now;
    this.#saidAt = now();
  }

  update(progress: RunProgress): void {
    const now = this.#now();
    const rates = this.#speed.rates(now, progress);
    if (now < this.#saidAt + LINE_MS) return;
    const said = liveLine(progress, {});
    this.#saidAt = now;
    if (said === this.#said) return;
    this.#said = said;
    this.#err.write(`netconsole-emulator: ${liveLine(progress, rates)}\n`);
  }

  above(write: () => void): void {
    write();
  }

  stop(): void {}
}

/** Draws a block of rows on a terminal, and draws over it again and again. */
class Block implements Live {
  readonly #err: Stream;
  readonly #now: () => number;
  readonly #speed = new Speedometer();
  readonly #colors: boolean;
  readonly #timer: NodeJS.Timeout;
  #progress: RunProgress | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  /** The lengths of the rows on the screen, in columns. */
  #drawn: readonly number[] = [];
  #stopped = false;

  constructor(err: Stream, now: () => number) {
    this.#err = err;
    this.#now = now;
    this.#colors = err.hasColors?.() ?? false;
    err.on('resize', this.#resized);
    // A run that waits reports nothing, but its time passes all the same.
    this.#timer = setInterval(() => this.#draw(), RATE_MS / 4);
    this.#timer.unref();
  }

  update(progress: RunProgress): void {
    this.#progress = progress;
    if (this.#now() >= this.#drawnAt + BLOCK_MS) this.#draw();
  }

  above(write: () => void): void {
    if (this.#drawn.length === 0) {
      write();
      return;
    }
    this.#erase();
    write();
    this.#draw();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#err.off('resize', this.#resized);
    this.#erase();
  }

  readonly #resized = (): void => this.#draw();

  #draw(): void {
    if (this.#progress === undefined || this.#stopped) return;
    const now = this.#now();
    this.#drawnAt = now;
    this.#erase();
    const { columns = 80, rows: height = 24 } = this.#err;
    // The last column and the last row stay free, as a terminal that wraps or scrolls there would
    // move the block.
    const rows = liveRows(this.#progress, this.#speed.rates(now, this.#progress), columns - 1).slice(0, height - 1);
    this.#err.write(rows.map((row) => `${this.#painted(row)}\n`).join(''));
    this.#drawn = rows.map((row) => row.reduce((length, { text }) => length + text.length, 0));
  }

  /** Removes the block. A window that has become narrower may have wrapped its rows meanwhile. */
  #erase(): void {
    const { columns = 80 } = this.#err;
    const lines = this.#drawn.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / columns)), 0);
    if (lines === 0) return;
    moveCursor(this.#err, 0, -lines);
    cursorTo(this.#err, 0);
    clearScreenDown(this.#err);
    this.#drawn = [];
  }

  #painted(row: LiveRow): string {
    return row
      .map(({ text, tone }) => (this.#colors && tone !== undefined ? `${TONES[tone]}${text}\x1b[0m` : text))
      .join('');
  }
}

const TONES = { bar: '\x1b[36m', bad: '\x1b[31m' } as const;
