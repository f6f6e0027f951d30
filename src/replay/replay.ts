/**
 * The replay: records of a log go into emulated kernels, whose frames go to a device.
 *
 *   LogReader -> lines -> chunk -> every host: lock the console, store, unlock (one flush) -> shared device
 *
 * What is sent: the records of the log and nothing else, with the log's seq, stamp, level, facility, device and caller where it
 * has them, as the chosen kernel would have sent them. A gap in the log's seq is a gap in what is sent, of which plain targets are told
 * in the kernel's words (`** 5 printk messages dropped **`). A log whose seq goes back is another boot: a new kernel.
 *
 * A chunk is bounded: by the slots that are free, so that no frame is given up for want of one, and by half of the ring's text, so that
 * no record is overwritten before it was sent. When the device is busy, reading waits. What is lost all the same is counted.
 *
 *   const device = await openDevice('af-packet:veth0');
 *   const summary = await replay(readLog('boot.kmsg'), device, { speed: 1 });
 */
import { KernelError } from '../errno.js';
import type { NetDevice } from '../net/device.js';
import { type SharedDevice, shareDevice } from '../net/share.js';
import { type Clock, systemClock } from '../run/clock.js';
import { Chunk } from './chunk.js';
import type { LogRecord } from './formats/record.js';
import { type HostSettings, ReplayHost } from './host.js';
import type { ReplayOptions, ReplaySummary } from './options.js';
import { Pace } from './pace.js';
import { type ReplayFacts, ReplayWatch } from './progress.js';
import type { LogReader } from './reader.js';
import { DeviceRoom } from './room.js';
import { kernelOf, settingsOf } from './settings.js';
import { summarize } from './summary.js';
import { Timeline } from './timeline.js';
import { closeInTurns, sleep, Turns } from './turns.js';

/** More frames a flush gain nothing. */
const CHUNK_FRAMES = 256;
/** Of a log that does not say, and what is sent. Linux: default_message_loglevel, default_console_loglevel. */
const DEFAULT_LEVEL = 4;
const DEFAULT_LOGLEVEL = 7;

/**
 * Replays `log` through `device`, which is the replay's from then on and closed at its end; a function is called for it when the first
 * records have been read, so that a log that is none opens nothing. Throws KernelError: EINVAL for a target that the kernel does not
 * take or a wrong option, and what reading the log and opening the device throw. A device that goes ends it: see `stopped`.
 */
export async function replay(
  log: LogReader,
  device: NetDevice | (() => Promise<NetDevice>),
  options: ReplayOptions = {},
): Promise<ReplaySummary> {
  return await new Replay(log, options).run(device);
}

class Replay {
  readonly #log: LogReader;
  readonly #options: ReplayOptions;
  readonly #settings: HostSettings;
  readonly #clock: Clock;
  readonly #pace: Pace;
  #shared: SharedDevice | undefined;
  #hosts: ReplayHost[] = [];
  readonly #chunk: Chunk;
  readonly #timeline: Timeline;
  /** Of the log, up to the record at hand. */
  #bytes = 0;
  #records = 0;
  #filtered = 0;
  #started = 0;
  #hostsUp = 0;
  readonly #turns = new Turns();
  readonly #watch: ReplayWatch;
  #room: DeviceRoom | undefined;

  constructor(log: LogReader, options: ReplayOptions) {
    this.#log = log;
    this.#options = options;
    this.#settings = settingsOf(options);
    const { targets, logBufShift } = this.#settings;
    this.#chunk = new Chunk({ targets: targets.length, ringBytes: 2 ** logBufShift });
    this.#clock = options.clock ?? systemClock;
    this.#watch = new ReplayWatch(this.#clock, options);
    this.#timeline = new Timeline(log);
    this.#pace = new Pace(options.speed ?? 'max', (options.maxGapSeconds ?? Number.POSITIVE_INFINITY) * 1e6);
  }

  async run(device: NetDevice | (() => Promise<NetDevice>)): Promise<ReplaySummary> {
    let ready = false;
    let opened = typeof device === 'function' ? undefined : device;
    try {
      for await (const batch of this.#log) {
        if (this.#shared === undefined) {
          opened ??= await (device as () => Promise<NetDevice>)();
          this.#open(opened);
        }
        for (let i = 0, before = this.#bytes; i < batch.length && !this.#ended; i++) {
          this.#bytes = before + ((this.#log.bytesRead - before) * i) / batch.length;
          const wait = this.#add(batch[i]!);
          if (wait !== undefined) await wait;
          if (this.#timeline.boot >= 0 && !ready) {
            ready = true;
            await this.#options.onReady?.();
          }
        }
        // The batch's texts are in the chunk, but its stamps may lie ahead: nothing waits for the next batch.
        if (!this.#ended) await this.#flush();
        this.#watch.look(this.#facts);
        if (this.#ended) break;
      }
      if (!this.#ended) await this.#finish();
      const ended = this.#clock.now();
      if (this.#shared !== undefined) this.#watch.end(this.#facts);
      closeInTurns(this.#hosts);
      await opened?.close();
      return this.#summary(opened, ended);
    } catch (error) {
      closeInTurns(this.#hosts);
      await opened?.close();
      throw error;
    }
  }

  get #ended(): boolean {
    return this.#shared?.gone !== undefined || this.#options.signal?.aborted === true;
  }

  #open(device: NetDevice): void {
    const { hosts = 1, firstHost = 0 } = this.#options;
    if (hosts > 1 && device.caps.medium === 'udp') {
      throw new KernelError(
        'EINVAL',
        'replay',
        "udp sends from this machine's own address, so its hosts could not be told apart; use another transport",
      );
    }
    // That the device is gone is seen between two hosts; to tell each of them would take as long as sending.
    this.#shared = shareDevice(device, { onDown: () => {} });
    this.#hosts = Array.from(
      { length: hosts },
      (_, i) => new ReplayHost(this.#shared!, this.#settings, firstHost + i, this.#clock),
    );
    this.#room = new DeviceRoom(device, this.#clock, () => this.#ended);
    this.#started = this.#clock.now();
  }

  /** Takes a record in. A promise only if there is something to wait for. */
  #add(record: LogRecord): Promise<void> | undefined {
    const timeline = this.#timeline;
    const due = this.#started + this.#pace.dueUsec(timeline.usecOf(record), record.boot);
    if (this.#pace.speed !== 'max' && due > this.#clock.now()) return this.#addAt(record, due);
    const seq = timeline.seqOf(record);
    const maxFrames = Math.min(CHUNK_FRAMES, this.#shared!.device.slab.count / 2);
    const room =
      timeline.goesOn(record, seq) &&
      this.#options.stamp === undefined &&
      this.#chunk.fits(record.text.length, seq - timeline.nextSeq, maxFrames);
    const wait = (room ? undefined : this.#flush()) ?? this.#boot(record, seq);
    if (wait === undefined) {
      this.#take(record, seq);
      return undefined;
    }
    return wait.then(async () => {
      if (!this.#ended) await this.#boot(record, seq);
      if (!this.#ended) this.#take(record, seq);
    });
  }

  async #addAt(record: LogRecord, due: number): Promise<void> {
    await this.#flush();
    await this.#sleepUntil(due);
    // Its pace does not go back, so it is due now.
    if (!this.#ended) await this.#add(record);
  }

  /** If the record is the first, or of another boot, the hosts boot. A promise only if that takes long. */
  #boot(record: LogRecord, seq: number): Promise<void> | undefined {
    if (this.#timeline.goesOn(record, seq)) return undefined;
    this.#timeline.begin(record.boot, seq);
    this.#hostsUp = 0;
    return this.#bootRest(seq, record.callerId !== undefined);
  }

  #bootRest(seq: number, caller: boolean): Promise<void> | undefined {
    for (; this.#hostsUp < this.#hosts.length && !this.#ended; this.#hostsUp++) {
      if (this.#turns.over) return this.#turn().then(() => this.#bootRest(seq, caller));
      this.#hosts[this.#hostsUp]!.boot(seq, caller);
    }
    return undefined;
  }

  #take(record: LogRecord, seq: number): void {
    const timeline = this.#timeline;
    const usec = timeline.stampOf(record);
    const level = record.level < 0 ? DEFAULT_LEVEL : record.level;
    if (level >= (this.#options.loglevel ?? DEFAULT_LOGLEVEL)) this.#chunk.filtered++;
    this.#chunk.add(record, seq, seq - timeline.nextSeq, usec);
    timeline.nextSeq = seq + 1;
  }

  /** Every host logs the chunk. A promise only if the device lets us wait. */
  #flush(): Promise<void> | undefined {
    if (this.#chunk.count === 0) return undefined;
    const { stamp } = this.#options;
    if (stamp !== undefined) stamp.usec = this.#timeline.lastUsec;
    const room = this.#room!;
    for (let i = 0; i < this.#hosts.length; i++) {
      if (this.#turns.over) return this.#flushFrom(i);
      if (!room.has(this.#chunk.frames)) return this.#flushFrom(i);
      this.#hosts[i]!.print(this.#chunk.lines, this.#chunk.count);
      if (this.#hosts[i]!.waiting > 0 || room.lost) return this.#flushFrom(i, true);
    }
    this.#flushed();
    return undefined;
  }

  /** The rest of a flush, from host `i` on, which may have printed already. */
  async #flushFrom(i: number, printed = false): Promise<void> {
    const room = this.#room!;
    let waits = printed;
    let at = i;
    for (; at < this.#hosts.length && !this.#ended; at++) {
      const host = this.#hosts[at]!;
      if (this.#turns.over) {
        await this.#turn();
        if (this.#ended) break;
      }
      if (!waits) {
        await room.waitForSlots(this.#chunk.frames);
        if (this.#ended) break;
        host.print(this.#chunk.lines, this.#chunk.count);
      }
      // A device that loses frames may be about to say that it is gone.
      if (waits || room.lost) await new Promise((resolve) => setImmediate(resolve));
      waits = false;
      await room.waitFor(
        () => host.waiting === 0,
        () => host.retry(),
      );
    }
    // A record counts when every host has logged it.
    if (at < this.#hosts.length) this.#chunk.clear();
    else this.#flushed();
  }

  async #turn(): Promise<void> {
    this.#watch.look(this.#facts);
    await this.#turns.next();
  }

  #flushed(): void {
    this.#records += this.#chunk.count;
    this.#filtered += this.#chunk.filtered;
    this.#chunk.clear();
  }

  async #sleepUntil(usec: number): Promise<void> {
    const { signal } = this.#options;
    this.#watch.look(this.#facts);
    // Looks up now and then: the device may go.
    while (!this.#ended && this.#clock.now() < usec) {
      await sleep(this.#clock, Math.min(usec, this.#clock.now() + 1e6), signal);
    }
  }

  /** What follows the last record. */
  async #finish(): Promise<void> {
    for (const host of this.#hosts) {
      if (this.#turns.over) await this.#turn();
      if (this.#ended) return;
      host.finish();
      if (host.waiting > 0)
        await this.#room!.waitFor(
          () => host.waiting === 0,
          () => host.retry(),
        );
    }
    const seconds = this.#options.lingerSeconds ?? 0;
    if (seconds > 0 && this.#shared !== undefined) await this.#sleepUntil(this.#clock.now() + seconds * 1e6);
  }

  get #facts(): ReplayFacts {
    const usec = this.#clock.now() - this.#started;
    const { stats } = this.#shared!.device;
    return { usec, stats, bytesRead: this.#bytes, hosts: this.#hosts, hostsUp: this.#hostsUp, records: this.#records };
  }

  #summary(device: NetDevice | undefined, ended: number): ReplaySummary {
    return summarize({
      log: this.#log,
      kernel: kernelOf(this.#options),
      hosts: this.#hosts.map((host) => host.counts),
      device: device?.stats,
      timeline: this.#timeline,
      pace: this.#pace,
      records: this.#records,
      filtered: this.#filtered,
      intervals: this.#watch.intervals,
      seconds: device === undefined ? 0 : (ended - this.#started) / 1e6,
      gone: this.#shared?.gone,
      aborted: this.#options.signal?.aborted === true,
    });
  }
}
