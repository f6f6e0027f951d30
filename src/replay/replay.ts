/**
 * Replays a log: its records go into emulated kernels, whose frames go to a device.
 *
 *   LogReader -> lines -> chunk -> every host: lock the console, store, unlock (one flush)
 *     -> the host's network -> shared device -> schedule (with a rate) -> device
 *
 * Only the records of the log are sent, as the chosen kernel would have sent them, with the log's
 * seq, stamp, level, facility, device and caller if it has them. A gap in the log's seqs stays a
 * gap; plain targets are told of it in the kernel's words (`** 5 printk messages dropped **`). If
 * the log's seq goes back, another boot begins, for which a new kernel is made.
 *
 * A chunk is bounded by the free slots, so that no frame is given up for want of one, and by half
 * of the ring's text, so that no record is overwritten before it was sent. While the device is
 * busy, nothing is read. What is lost nevertheless is counted.
 *
 *   const device = await openDevice('af-packet:veth0');
 *   const summary = await replay(readLog('boot.kmsg'), device, { speed: 1 });
 */
import type { NetDevice } from '../net/device.js';
import { type Clock, systemClock } from '../run/clock.js';
import { releaseOf } from './banner.js';
import { Chunk } from './chunk.js';
import type { LogRecord } from './formats/record.js';
import type { ReplayedLog, ReplayOptions, ReplaySummary } from './options.js';
import { Pace } from './pace.js';
import { type ReplayFacts, ReplayWatch } from './progress.js';
import type { LogReader } from './reader.js';
import { Rounds } from './rounds.js';
import { checkOpened, checkReplay, type HostSettings, kernelOf, settingsOf } from './settings.js';
import { StampClock } from './stamp-clock.js';
import { summarize } from './summary.js';
import { Timeline } from './timeline.js';
import { onAbort, sleepExactly } from './turns.js';
import { type Wiring, wire } from './wiring.js';

/**
 * Replays `log` through `device`. A device that is given belongs to the replay from then on, which
 * closes it at the end. A function is called for the device once the first records have been read,
 * so that nothing is opened for a log that is none. Throws KernelError: EINVAL for a wrong option
 * or a target that the kernel does not take, and what reading the log and opening the device throw.
 * If the device goes away, the replay ends: see `stopped`.
 */
export async function replay(
  log: ReplayedLog,
  device: NetDevice | (() => Promise<NetDevice>),
  options: ReplayOptions = {},
): Promise<ReplaySummary> {
  return await new Replay(checkReplay(log, device), options).run(device);
}

class Replay {
  readonly #log: Rounds;
  readonly #options: ReplayOptions;
  readonly #settings: HostSettings;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #watch: ReplayWatch;
  /** The clock of the frames in a capture file. */
  readonly #stamps: StampClock | undefined;
  #wiring: Wiring | undefined;
  readonly #chunk: Chunk;
  readonly #timeline: Timeline;
  /** The batch that is being sent, in which the kernel's banner is searched. */
  #batch: readonly LogRecord[] = [];
  #at = 0;
  /** How many bytes of the log were read before this batch, and including it. */
  #bytesBefore = 0;
  #bytes = 0;
  #ready = false;
  #records = 0;
  #filtered = 0;
  /** When the chunk was due, and how many frames had been sent before it. */
  #dueUsec = 0;
  #framesBefore = 0;
  /** True when all records have been sent and the hosts only linger. */
  #lingers = false;

  constructor(log: ReplayedLog, options: ReplayOptions) {
    this.#options = options;
    this.#settings = settingsOf(options);
    const { loop = 1, loglevel, stamp, speed = 'max', maxGapSeconds = Number.POSITIVE_INFINITY } = options;
    this.#log = new Rounds(log, loop);
    const { targets, logBufShift } = this.#settings;
    this.#chunk = new Chunk({ targets: targets.length, ringBytes: 2 ** logBufShift, loglevel });
    this.#clock = options.clock ?? systemClock;
    this.#stamps = stamp === undefined ? undefined : new StampClock(stamp);
    this.#watch = new ReplayWatch(this.#clock, options);
    this.#timeline = new Timeline(this.#log.first);
    this.#pace = new Pace(speed, maxGapSeconds * 1e6);
  }

  async run(device: NetDevice | (() => Promise<NetDevice>)): Promise<ReplaySummary> {
    let opened = typeof device === 'function' ? undefined : device;
    const open = async () => {
      opened ??= checkOpened(await (device as () => Promise<NetDevice>)());
      this.#open(opened);
    };
    const { loop = 1, loopAs = 'renumbered', signal } = this.#options;
    using _stop = onAbort(signal, () => this.#log.current.stop());
    let ended: number;
    try {
      for (let round = 1; ; round++) {
        await this.#send(this.#log.current, open);
        if (round === loop || this.#ended) break;
        this.#timeline.nextRound(this.#log.next(), loopAs);
      }
      if (!this.#ended) await this.#finish();
      ended = this.#clock.now();
      if (this.#wiring !== undefined) this.#watch.end(this.#facts);
    } finally {
      this.#wiring?.hosts.close();
      await opened?.close?.();
    }
    return this.#summary(opened, ended);
  }

  /** Sends all records of a log once. */
  async #send(log: LogReader, open: () => Promise<void>): Promise<void> {
    const before = this.#bytes;
    let asked = this.#wiring?.now() ?? 0;
    for await (const batch of log) {
      if (this.#wiring === undefined) await open();
      else this.#pace.waited(asked, this.#wiring.now());
      this.#batch = batch;
      this.#bytesBefore = this.#bytes;
      this.#bytes = before + log.bytesRead;
      for (let i = 0; i < batch.length && !this.#ended; i++) {
        this.#at = i;
        const wait = this.#add(batch[i]!);
        if (wait !== undefined) await wait;
        if (!this.#ready && this.#timeline.boot >= 0) {
          this.#ready = true;
          await this.#options.onReady?.();
          this.#wiring!.begin();
          // The first time takes longer; that must not shorten every wait after it.
          if (this.#pace.speed !== 'max') await this.#flush();
          this.#wiring!.begin();
        }
      }
      // Flush now: the next batch may be due much later, and nothing should wait for it.
      if (!this.#ended) await this.#flush();
      asked = this.#wiring!.now();
      if (this.#ended) return;
      this.#watch.look(this.#facts);
    }
    this.#bytes = before + log.bytesRead;
    this.#batch = [];
  }

  get #ended(): boolean {
    return this.#wiring?.shared.gone !== undefined || this.#options.signal?.aborted === true;
  }

  #open(device: NetDevice): void {
    this.#wiring = wire(device, {
      options: this.#options,
      settings: this.#settings,
      meter: this.#watch.meter,
      clock: this.#clock,
      stamps: this.#stamps,
      owner: {
        ended: () => this.#ended,
        onDown: () => this.#log.current.stop(),
        onTurn: () => this.#watch.look(this.#facts),
      },
    });
  }

  /** Adds a record to the chunk. Returns a promise only if there is something to wait for. */
  #add(record: LogRecord): Promise<void> | undefined {
    const timeline = this.#timeline;
    const { speed } = this.#pace;
    const due = this.#pace.dueUsec(timeline.usecOf(record), timeline.bootOf(record));
    if (speed !== 'max' && this.#wiring!.startedUsec + due > this.#clock.now()) return this.#addAt(record, due);
    const seq = timeline.seqOf(record);
    const room =
      timeline.goesOn(record, seq) &&
      this.#stamps === undefined &&
      this.#chunk.fits(record.text.length, seq - timeline.nextSeq, this.#wiring!.maxFrames);
    const wait = (room ? undefined : this.#flush()) ?? this.#boot(record, seq);
    if (wait === undefined) {
      this.#take(record, seq, due);
      return undefined;
    }
    return wait.then(async () => {
      if (!this.#ended) await this.#boot(record, seq);
      if (!this.#ended) this.#take(record, seq, due);
    });
  }

  async #addAt(record: LogRecord, due: number): Promise<void> {
    await this.#flush();
    await this.#sleepUntil(this.#wiring!.startedUsec + due);
    if (!this.#ended) await this.#add(record);
  }

  /**
   * Boots the hosts if the record is the first, or the first of another boot. Returns a promise
   * only if that takes long.
   */
  #boot(record: LogRecord, seq: number): Promise<void> | undefined {
    const timeline = this.#timeline;
    if (timeline.goesOn(record, seq)) return undefined;
    timeline.begin(record, seq);
    return this.#wiring!.hosts.boot({ ...timeline.begun, release: releaseOf(this.#batch, this.#at) });
  }

  #take(record: LogRecord, seq: number, due: number): void {
    const timeline = this.#timeline;
    const usec = timeline.stampOf(record);
    if (this.#chunk.count === 0) this.#dueUsec = due;
    this.#chunk.add(record, seq, seq - timeline.nextSeq, usec);
    timeline.nextSeq = seq + 1;
  }

  /** Has every host log the chunk. Returns a promise only if the device makes them wait. */
  #flush(): Promise<void> | undefined {
    if (this.#chunk.count === 0) return undefined;
    this.#stamps?.moveTo(this.#timeline.lastUsec);
    const { hosts, paced, now } = this.#wiring!;
    if (paced !== undefined) paced.dueUsec = this.#dueUsec;
    const sent = now();
    const done = hosts.print(this.#chunk);
    // A record is counted when every host has logged it.
    const flushed = (all: boolean): void => {
      if (all) {
        this.#records += this.#chunk.count;
        this.#filtered += this.#chunk.filtered;
      }
      this.#flushed(sent);
    };
    if (typeof done !== 'boolean') return done.then(flushed);
    flushed(done);
    return undefined;
  }

  /** Measures the chunk that the hosts have logged. */
  #flushed(sentUsec: number): void {
    const { paced, shared } = this.#wiring!;
    if (paced === undefined && this.#pace.speed !== 'max') {
      const { txPackets } = shared.device.stats;
      this.#watch.meter.sent(this.#dueUsec, sentUsec, txPackets - this.#framesBefore);
      this.#framesBefore = txPackets;
    }
    this.#chunk.clear();
  }

  async #sleepUntil(usec: number): Promise<void> {
    const { signal } = this.#options;
    this.#watch.look(this.#facts);
    while (!this.#ended && this.#clock.now() < usec) {
      await sleepExactly(this.#clock, Math.min(usec, this.#clock.now() + 1e6), signal);
    }
  }

  /** Does what follows the last record: netoops' dump, lingering, the network's last frames. */
  async #finish(): Promise<void> {
    if (this.#wiring === undefined) return;
    const { hosts } = this.#wiring;
    await hosts.finish();
    this.#stamps?.runOut();
    await hosts.arrived();
    if (this.#ended) return;
    this.#lingers = true;
    const { lingerSeconds = 0, reliable } = this.#options;
    if (this.#wiring.paced !== undefined) this.#wiring.paced.dueUsec = undefined;
    await hosts.linger(lingerSeconds * 1e6, reliable === undefined ? 'over' : 'acked', (usec) =>
      this.#sleepUntil(this.#clock.now() + usec),
    );
  }

  get #facts(): ReplayFacts {
    const { hosts, shared, now } = this.#wiring!;
    const part = (this.#at + 1) / Math.max(1, this.#batch.length);
    const bytesRead = this.#bytesBefore + (this.#bytes - this.#bytesBefore) * Math.min(1, part);
    return { usec: now(), stats: shared.device.stats, hosts, bytesRead, records: this.#records };
  }

  #summary(device: NetDevice | undefined, ended: number): ReplaySummary {
    return summarize({
      log: this.#log.first,
      kernel: kernelOf(this.#options),
      options: this.#options,
      wiring: this.#wiring,
      device: device?.stats,
      timeline: this.#timeline,
      pace: this.#pace,
      watch: this.#watch,
      records: this.#records,
      filtered: this.#filtered,
      ended,
      aborted: this.#options.signal?.aborted === true && !this.#lingers,
    });
  }
}
