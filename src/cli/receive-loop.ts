/**
 * The loop of `receive`: turns datagrams into lines until a limit is reached, a signal comes or
 * nobody reads any more. The lines of all datagrams that were ready together are written at once.
 */
import { createReceiverSet, type Protocol } from '../receiver/index.js';
import { REPORTED_HOSTS } from '../report/index.js';
import { systemClock, TIMER_MAX_MS } from '../run/clock.js';
import { RunObserver } from '../run/observer.js';
import type { RunProgress } from '../run/progress.js';
import type { Listener } from './listen.js';
import type { Stream } from './live.js';
import { Output } from './output.js';
import { KEPT } from './protocol.js';
import { ReceivedLines } from './receive-lines.js';
import type { ReceiveOptions } from './receive-options.js';
import { type ReceiveSummary, summaryText } from './receive-summary.js';
import { SourceTally } from './sources.js';
import type { Watch } from './watch.js';

/** Counts that the sources of some protocols have. */
type Count = 'datagrams' | 'bytes' | 'fragments' | 'responses' | 'emergencies' | 'skipped' | 'overrun';
type Counts = { readonly [count in Count]?: number };
/** Milliseconds from one look at what the system has dropped to the next. */
const DROPS_MS = 1000;
/** When this many bytes of lines wait, they are written, even if more datagrams are ready. */
const WRITE_BYTES = 128 * 1024;

/** What a loop talks to besides its listener. */
export interface LoopStreams {
  /** Takes the lines, and with `--json` the summary. */
  readonly out: Stream;
  /** Takes notices, and without `--json` the summary. */
  readonly err: Stream;
  /** Is given the progress; the loop closes it at the end. */
  readonly watch: Watch;
  /** Is called at the end with what `--json` prints, and with all hosts that are known. */
  readonly onSummary?: (summary: ReceiveSummary) => void;
  /** Whether the summary is printed, which is the default, or only handed on to `onSummary`. */
  readonly summaries?: 'printed' | 'handed on';
  /** Ends the loop, as SIGINT does. */
  readonly signal?: AbortSignal;
}

/** Runs a loop to its end. Returns the exit code: 0, or 1 if `out` could not be written. */
export function run(
  protocol: Protocol<unknown>,
  listener: Listener,
  options: ReceiveOptions,
  streams: LoopStreams,
): Promise<number> {
  return new Promise((resolve) => new Loop(protocol, listener, options, streams, resolve).start());
}

class Loop {
  readonly #listener: Listener;
  readonly #options: ReceiveOptions;
  readonly #streams: LoopStreams;
  readonly #out: Stream;
  readonly #resolve: (code: number) => void;
  readonly #set: ReturnType<typeof createReceiverSet<unknown>>;
  readonly #left: number;
  readonly #output = new Output();
  readonly #lines: ReceivedLines;
  readonly #sources = new SourceTally();
  readonly #observer: RunObserver;
  readonly #startedUsec = systemClock.now();
  #printed = 0;
  #unsent = 0;
  #drops = 0;
  #blocked = false;
  #draining = false;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #limit: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    protocol: Protocol<unknown>,
    listener: Listener,
    options: ReceiveOptions,
    streams: LoopStreams,
    resolve: (code: number) => void,
  ) {
    this.#listener = listener;
    this.#options = options;
    this.#streams = streams;
    this.#out = streams.out;
    this.#resolve = resolve;
    this.#lines = new ReceivedLines(protocol, this.#output, options.json === true ? 'json' : 'text');
    this.#left = options.maxRecords ?? Number.POSITIVE_INFINITY;
    this.#set = createReceiverSet<unknown>((source) => protocol.create(source), {
      ...KEPT,
      onForgotten: (source, stats) => this.#sources.add(source, stats),
    });
    this.#observer = new RunObserver({ clock: systemClock, onProgress: (progress) => streams.watch.update(progress) });
  }

  start(): void {
    const { maxSeconds } = this.#options;
    if (maxSeconds !== undefined) {
      this.#limit = setTimeout(this.#interrupted, Math.min(Math.ceil(maxSeconds * 1000), TIMER_MAX_MS));
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#interrupted);
    this.#streams.signal?.addEventListener('abort', this.#interrupted);
    this.#out.on('error', this.#broken);
    this.#out.on('drain', this.#drained);
    this.#drops = this.#listener.drops() ?? 0;
    this.#watch = setInterval(() => {
      this.#tellDrops();
      this.#look();
    }, DROPS_MS);
    this.#listener.start({
      datagram: (payload, from, port) => {
        if (this.#stopping) return;
        this.#set.process(from, port, payload, performance.now());
        if (this.#waits()) return;
        this.#collect();
        if (this.#output.length > WRITE_BYTES) this.#write();
        if (this.#printed >= this.#left) void this.#stop();
      },
      pause: () => this.#pump(),
    });
    if (this.#streams.signal?.aborted === true) this.#interrupted();
  }

  /**
   * Says whether a slow reader keeps lines from being made. Then records wait in the set, which is
   * bounded and counts what it drops. At the end lines are made all the same, and wait in the
   * output: there are no more of them than were in the socket.
   */
  #waits(): boolean {
    return this.#blocked && !this.#draining;
  }

  /** Makes lines of the records that are ready. */
  #collect(): void {
    while (this.#printed < this.#left) {
      const next = this.#set.borrow();
      if (next === undefined) return;
      this.#printed++;
      this.#lines.add(next);
    }
  }

  #write(): void {
    if (this.#output.length === 0) return;
    const print = () => {
      this.#blocked = !this.#out.write(this.#output.take());
    };
    if (this.#out.isTTY === true) this.#streams.watch.above(print);
    else print();
  }

  #tell(text: string): void {
    this.#streams.watch.above(() => this.#streams.err.write(text));
  }

  #look(): void {
    const usec = systemClock.now() - this.#startedUsec;
    if (this.#observer.isDue(usec)) this.#observe(usec);
  }

  #observe(usec: number): void {
    const {
      datagrams = 0,
      fragments = 0,
      responses: acks = 0,
      emergencies = 0,
      skipped = 0,
      overrun = 0,
    } = this.#set.totals() as Counts;
    const { maxSeconds } = this.#options;
    const progress: RunProgress = {
      seconds: usec / 1e6,
      ...(maxSeconds !== undefined && { done: usec / 1e6 / maxSeconds }),
      records: this.#printed,
      frames: datagrams,
      hostsUp: this.#set.size,
      lost: { socket: this.#drops, receiver: overrun + this.#set.stats.overrun },
      ...{ fragments, acks, emergencies, skipped },
    };
    this.#observer.take(usec, progress, { achieved: progress.frames });
  }

  #pump(): void {
    if (this.#stopping) return;
    this.#look();
    for (let r = this.#set.nextResponse(); r !== undefined; r = this.#set.nextResponse())
      this.#listener.send(r.payload, r.source.address, r.source.port, () => this.#unsent++);
    if (!this.#waits()) {
      this.#collect();
      this.#write();
    }
    if (this.#printed >= this.#left) return void this.#stop();
    const due = this.#set.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (due === this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    if (due !== Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(this.#tick, Math.max(1, Math.ceil(due - performance.now())));
  }

  readonly #tick = (): void => {
    this.#due = Number.POSITIVE_INFINITY;
    this.#set.advance(performance.now());
    this.#pump();
  };

  readonly #drained = (): void => {
    this.#blocked = false;
    this.#pump();
  };

  readonly #interrupted = (): void => void this.#stop();

  readonly #broken = (error: NodeJS.ErrnoException): void => {
    // With EPIPE nobody reads any more, as with `| head`, which is not an error.
    if (error.code !== 'EPIPE') this.#tell(`receive: the output cannot be written: ${error.message}\n`);
    void this.#stop(error.code === 'EPIPE' ? 0 : 1);
  };

  /**
   * Tells what the system has dropped, as soon as that is known: it shows as a gap in the seqs of a
   * sender that has sent everything.
   */
  #tellDrops(): void {
    const drops = this.#listener.drops();
    if (drops === undefined || drops === this.#drops) return;
    const more = drops - this.#drops;
    this.#drops = drops;
    this.#tell(
      `the system dropped ${more} datagram${more === 1 ? '' : 's'} that were not read in time (its buffer holds ${this.#listener.bufferBytes} bytes)\n`,
    );
  }

  async #stop(failed?: number): Promise<void> {
    if (this.#stopping) return;
    if (failed === undefined && this.#printed < this.#left) {
      // The end has begun: what waits is read, and nothing else is let in.
      if (this.#draining) return;
      this.#draining = true;
      const all = await this.#listener.drain();
      if (this.#stopping) return;
      if (!all) this.#tell('datagrams still came at the end: how many were not read is not known\n');
    }
    this.#stopping = true;
    for (const handle of [this.#timer, this.#limit]) clearTimeout(handle);
    clearInterval(this.#watch);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#interrupted);
    this.#out.off('drain', this.#drained);
    this.#tellDrops();
    const afterEnd = this.#listener.late() ?? 0;
    this.#listener.close();
    const usec = systemClock.now() - this.#startedUsec;
    this.#observe(usec);
    await this.#streams.watch.close();
    this.#set.flush();
    if (failed === undefined) this.#collect();
    const { overrun, ...sources } = this.#set.stats;
    const totals = this.#set.totals();
    const summary = {
      ...{ ...sources, ...totals, unsent: this.#unsent, overrun: Number(totals['overrun'] ?? 0) + overrun },
      ...{ droppedBySystem: this.#drops, afterEnd },
    };
    const course = { seconds: usec / 1e6, intervals: this.#observer.intervals };
    const all = { printed: this.#printed, ...summary, ...course, worst: this.#sources.worst(REPORTED_HOSTS) };
    const { onSummary, summaries = 'printed', err } = this.#streams;
    const { text, toOut } = summaryText(all, this.#options);
    if (summaries === 'printed' && toOut) this.#output.text(text);
    // `out` emits its error after this callback, so the listener has to stay until then.
    const write = (done: () => void) =>
      this.#out.write(this.#output.take(), (error) => {
        if (!error) this.#out.off('error', this.#broken);
        done();
      });
    if (failed === undefined) await new Promise<void>(write);
    if (summaries === 'printed' && !toOut) err.write(text);
    onSummary?.(all);
    this.#resolve(failed ?? 0);
  }
}
