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
import type { AncestorName } from '../ancestors/index.js';
import { KernelError } from '../errno.js';
import type { NetDevice } from '../net/device.js';
import { type SharedDevice, shareDevice } from '../net/share.js';
import { type Profile, profile as profileByName } from '../profile/index.js';
import { type Clock, systemClock } from '../run/clock.js';
import type { LogRecord } from './formats/record.js';
import { type HostCounts, type HostSettings, type Line, ReplayHost } from './host.js';
import { Pace, type Speed } from './pace.js';
import type { LogFormat, LogProblem, LogReader } from './reader.js';
import { ANCESTOR_PROFILES, checkTargets, DEFAULT_TARGET, splitTargets } from './target.js';

export interface ReplayOptions {
  /** Each in the syntax of the module parameter `netconsole=`. Default: an extended one with documentation addresses. */
  readonly targets?: readonly string[];
  /** Default: the newest. */
  readonly profile?: string | Profile;
  /** What `uname -r` prints. Default: the profile's. */
  readonly release?: string;
  /** Records with this level or a higher number are not sent. 1 to 8. Default 7, as Linux has it. */
  readonly loglevel?: number;
  /** Against the recorded stamps. Default `max`. */
  readonly speed?: Speed;
  /** So many hosts send the log, each from its own addresses. Default 1. */
  readonly hosts?: number;
  /** The number of the first of them, from 0. */
  readonly firstHost?: number;
  /** The size of each host's log, as a power of 2. Default 17; 12 for more than 64 hosts. */
  readonly logBufShift?: number;
  /** The dialect of 2015's reliable netconsole that extended targets speak. Default: off. */
  readonly reliable?: string;
  /** Not as netconsole, but as a system it descends from, with the one target, not extended. */
  readonly as?: AncestorName;
  /** Stay for so many seconds after the last record, to answer what the receiver asks for. Default 0. */
  readonly lingerSeconds?: number;
  /** Set to the stamp of each record in turn, which is then sent by itself: for a capture file's clock. */
  readonly stamp?: { usec: number };
  readonly clock?: Clock;
  /** Stops the replay; what was sent is in the summary. */
  readonly signal?: AbortSignal;
  /** Called now and then. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  /** Bytes of the log taken in, its records sent, frames that the device took. */
  readonly bytesRead: number;
  readonly records: number;
  readonly frames: number;
}

export interface ReplaySummary extends HostCounts {
  /** Absent when the log was not read far enough to know. */
  readonly format?: LogFormat;
  readonly profile: string;
  readonly hosts: number;
  /** Records of the log that every host has logged, and how many of those the loglevel kept back. */
  readonly records: number;
  readonly filtered: number;
  /** Kernels that each host has been: one, and one more for each time the log's seq goes back. */
  readonly boots: number;
  /** What the device sent, and its bytes. */
  readonly frames: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** Lines of the log that gave no record; the first 20 of them. */
  readonly brokenLines: number;
  readonly problems: readonly LogProblem[];
  /** Why it ended before the log did. */
  readonly stopped?: { readonly code: string; readonly message: string };
}

/** Hosts beyond this number get small rings. */
const LARGE_RING_HOSTS = 64;
/** More frames a flush gain nothing. */
const CHUNK_FRAMES = 256;
/** Bytes of an escaped message that surely fit one frame's body, and the header that may come with it. */
const PIECE_BYTES = 800;
const HEADER_BYTES = 200;
/** The ring has a descriptor for so many bytes of text. Linux: PRB_AVGBITS. */
const DESC_TEXT_BYTES = 32;
const NEWLINE = 0x0a;
/** Slots that nobody has freed for so long are not waited for. */
const STALLED_USEC = 2e6;
/** Turns of the event loop before waiting for the device takes time off. */
const EAGER_TURNS = 64;

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
  readonly #profile: Profile;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #chunkBytes: number;
  #shared: SharedDevice | undefined;
  #hosts: ReplayHost[] = [];
  #lines: Line[] = [];
  #count = 0;
  /** The chunk's texts, each with a newline. */
  #text = new Uint8Array(4096);
  #textUsed = 0;
  /** What the chunk may become: frames, bytes and descriptors in the ring. */
  #frames = 0;
  #bytes = 0;
  #descs = 0;
  #nextSeq = -1;
  #lastUsec = 0;
  #records = 0;
  #filtered = 0;
  #boots = 0;
  #started = 0;
  #lostFrames = 0;
  /** Slots in use that are not on their way. */
  #kept = 0;

  constructor(log: LogReader, options: ReplayOptions) {
    this.#log = log;
    this.#options = options;
    const { hosts = 1, release, loglevel, reliable, as, profile } = options;
    if (!Number.isInteger(hosts) || hosts < 1) throw invalid(`hosts ${hosts}: a whole number from 1`);
    if (loglevel !== undefined && !(Number.isInteger(loglevel) && loglevel >= 1 && loglevel <= 8)) {
      throw invalid(`loglevel ${loglevel}: a whole number from 1 (only emergencies) to 8 (everything)`);
    }
    this.#profile = typeof profile === 'object' ? profile : profileByName(profile ?? (as && ANCESTOR_PROFILES[as]));
    const targets = splitTargets(options.targets ?? [as === undefined ? DEFAULT_TARGET : DEFAULT_TARGET.slice(1)]);
    checkTargets(targets, this.#profile, {
      ...(reliable !== undefined && { reliable }),
      ...(as !== undefined && { as }),
    });
    const logBufShift = options.logBufShift ?? (hosts > LARGE_RING_HOSTS ? 12 : 17);
    this.#settings = {
      targets,
      profile: this.#profile,
      logBufShift,
      ...(release !== undefined && { release }),
      ...(loglevel !== undefined && { loglevel }),
      ...(reliable !== undefined && { reliable }),
      ...(as !== undefined && { as }),
    };
    this.#chunkBytes = 2 ** logBufShift / 2;
    this.#clock = options.clock ?? systemClock;
    this.#pace = new Pace(options.speed ?? 'max');
  }

  async run(device: NetDevice | (() => Promise<NetDevice>)): Promise<ReplaySummary> {
    let opened = typeof device === 'function' ? undefined : device;
    try {
      for await (const batch of this.#log) {
        if (this.#shared === undefined) {
          opened ??= await (device as () => Promise<NetDevice>)();
          this.#open(opened);
        }
        for (let i = 0; i < batch.length && !this.#ended; i++) {
          const wait = this.#add(batch[i]!);
          if (wait !== undefined) await wait;
        }
        // The batch's texts are in the chunk, but its stamps may lie ahead: nothing waits for the next batch.
        if (!this.#ended) await this.#flush();
        this.#report();
        if (this.#ended) break;
      }
      if (!this.#ended) await this.#finish();
      const ended = this.#clock.now();
      for (const host of this.#hosts) host.close();
      await opened?.close();
      return this.#summary(opened, ended);
    } catch (error) {
      for (const host of this.#hosts) host.close();
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
      throw invalid(
        "udp sends from this machine's own address, so its hosts could not be told apart; use another transport",
      );
    }
    this.#shared = shareDevice(device);
    this.#hosts = Array.from(
      { length: hosts },
      (_, i) => new ReplayHost(this.#shared!, this.#settings, firstHost + i, this.#clock),
    );
    this.#started = this.#clock.now();
  }

  /** Takes a record in. A promise only if there is something to wait for. */
  #add(record: LogRecord): Promise<void> | undefined {
    const due = this.#started + this.#pace.dueUsec(record.tsUsec);
    if (this.#pace.speed !== 'max' && due > this.#clock.now()) return this.#addAt(record, due);
    const { slab } = this.#shared!.device;
    const frames = this.#settings.targets.length * framesOf(record.text.length);
    const bytes = record.text.length + 16;
    const seq = record.seq ?? Math.max(this.#nextSeq, 0);
    // A gap takes descriptors too.
    const descs = seq - this.#nextSeq + 1;
    const full =
      this.#descs + descs > this.#chunkBytes / DESC_TEXT_BYTES ||
      this.#frames + frames > Math.min(CHUNK_FRAMES, slab.count / 2) ||
      this.#bytes + bytes > this.#chunkBytes ||
      this.#options.stamp !== undefined;
    const wait = full || seq < this.#nextSeq ? this.#flush() : undefined;
    if (wait !== undefined) {
      return wait.then(() => {
        if (!this.#ended) this.#take(record, seq, frames, bytes);
      });
    }
    this.#take(record, seq, frames, bytes);
    return undefined;
  }

  async #addAt(record: LogRecord, due: number): Promise<void> {
    await this.#flush();
    await this.#sleepUntil(due);
    // Its pace does not go back, so it is due now.
    if (!this.#ended) await this.#add(record);
  }

  #take(record: LogRecord, seq: number, frames: number, bytes: number): void {
    if (this.#boots === 0 || seq < this.#nextSeq) {
      this.#boots++;
      this.#nextSeq = seq;
      for (const host of this.#hosts) host.boot(seq, record.callerId !== undefined);
    }
    this.#descs += seq - this.#nextSeq + 1;
    this.#nextSeq = seq + 1;
    this.#lastUsec = record.tsUsec ?? this.#lastUsec;
    this.#frames += frames;
    this.#bytes += bytes;
    this.#put(record, seq);
  }

  #put(record: LogRecord, seq: number): void {
    const { text, level } = record;
    const from = this.#textUsed;
    const to = from + text.length + 1;
    if (to > this.#text.length) {
      // Lines made before keep the old memory.
      this.#text = new Uint8Array(Math.max(2 * this.#text.length, to));
      this.#textUsed = 0;
      this.#put(record, seq);
      return;
    }
    this.#text.set(text, from);
    this.#text[to - 1] = NEWLINE;
    this.#textUsed = to;
    const { callerId, subsystem, device } = record;
    this.#lines[this.#count++] = {
      seq,
      bytes: this.#text.subarray(from, to),
      options: {
        facility: record.facility,
        tsUsec: this.#lastUsec,
        cont: record.cont,
        ...(level >= 0 && { level: level as 0 }),
        ...(callerId !== undefined && { callerId }),
        ...((subsystem !== undefined || device !== undefined) && {
          dev: { subsystem: subsystem ?? '', device: device ?? '' },
        }),
      },
    };
    // Linux: default_message_loglevel, for a log that does not say.
    if ((level < 0 ? 4 : level) >= (this.#options.loglevel ?? 7)) this.#filtered++;
  }

  /** Every host logs the chunk. A promise only if the device lets us wait. */
  #flush(): Promise<void> | undefined {
    if (this.#count === 0) return undefined;
    const { stamp } = this.#options;
    if (stamp !== undefined) stamp.usec = this.#lastUsec;
    const { slab } = this.#shared!.device;
    for (let i = 0; i < this.#hosts.length; i++) {
      if (slab.count - slab.inUse < this.#frames && slab.inUse > this.#kept) return this.#flushFrom(i);
      this.#hosts[i]!.print(this.#lines, this.#count);
      if (this.#hosts[i]!.waiting > 0 || this.#lost) return this.#flushFrom(i, true);
    }
    this.#flushed();
    return undefined;
  }

  /** The rest of a flush, from host `i` on, which may have printed already. */
  async #flushFrom(i: number, printed = false): Promise<void> {
    let waits = printed;
    for (let at = i; at < this.#hosts.length && !this.#ended; at++) {
      const host = this.#hosts[at]!;
      if (!waits) {
        await this.#waitForSlots();
        if (this.#ended) break;
        host.print(this.#lines, this.#count);
      }
      // A device that loses frames may be about to say that it is gone.
      if (waits || this.#lost) await new Promise((resolve) => setImmediate(resolve));
      waits = false;
      await this.#waitFor(() => host.waiting === 0, host);
    }
    this.#flushed();
  }

  /** Until the chunk has slots enough, or those in use are hosts' reserves (2001), which do not come back. */
  async #waitForSlots(): Promise<void> {
    const { slab } = this.#shared!.device;
    let used = slab.inUse;
    let since = this.#clock.now();
    await this.#waitFor(() => {
      if (slab.inUse !== used) {
        used = slab.inUse;
        since = this.#clock.now();
      } else if (this.#clock.now() > since + STALLED_USEC) {
        this.#kept = used;
      }
      return slab.count - slab.inUse >= this.#frames || slab.inUse <= this.#kept;
    });
  }

  /** Whether the device has lost frames since this was asked last. */
  get #lost(): boolean {
    const { txDropped, txErrors } = this.#shared!.device.stats;
    const before = this.#lostFrames;
    this.#lostFrames = txDropped + txErrors;
    return this.#lostFrames > before;
  }

  #flushed(): void {
    this.#records += this.#count;
    this.#count = 0;
    this.#frames = 0;
    this.#bytes = 0;
    this.#descs = 0;
    this.#textUsed = 0;
  }

  /** Until the device has taken what it has to. */
  async #waitFor(done: () => boolean, host?: ReplayHost): Promise<void> {
    for (let turn = 0; !done() && !this.#ended; turn++) {
      if (turn < EAGER_TURNS) await new Promise((resolve) => setImmediate(resolve));
      else await new Promise((resolve) => setTimeout(resolve, 1));
      if (this.#ended) return;
      this.#shared!.device.poll();
      host?.retry();
    }
  }

  async #sleepUntil(usec: number): Promise<void> {
    const { signal } = this.#options;
    this.#report();
    while (!this.#ended && this.#clock.now() < usec) {
      // Looks up now and then: the device may go.
      const until = Math.min(usec, this.#clock.now() + 1e6);
      await new Promise<void>((resolve) => {
        const done = () => {
          stop();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const stop = this.#clock.at(until, done);
        signal?.addEventListener('abort', done);
      });
    }
  }

  /** What follows the last record. */
  async #finish(): Promise<void> {
    for (const host of this.#hosts) {
      host.finish();
      if (host.waiting > 0) await this.#waitFor(() => host.waiting === 0, host);
    }
    const seconds = this.#options.lingerSeconds ?? 0;
    if (seconds > 0 && this.#shared !== undefined) await this.#sleepUntil(this.#clock.now() + seconds * 1e6);
  }

  #report(): void {
    this.#options.onProgress?.({
      bytesRead: this.#log.bytesRead,
      records: this.#records,
      frames: this.#shared?.device.stats.txPackets ?? 0,
    });
  }

  #summary(device: NetDevice | undefined, ended: number): ReplaySummary {
    const { problems, format } = this.#log;
    const counts: HostCounts = { fragments: 0, droppedFrames: 0, droppedRecords: 0, cutRecords: 0 };
    for (const host of this.#hosts) {
      for (const key of Object.keys(counts) as (keyof HostCounts)[]) counts[key] += host.counts[key];
    }
    const stats = device?.stats;
    counts.droppedFrames += (stats?.txDropped ?? 0) + (stats?.txErrors ?? 0);
    const seconds = device === undefined ? 0 : (ended - this.#started) / 1e6;
    const frames = stats?.txPackets ?? 0;
    const gone = this.#shared?.gone;
    const aborted = this.#options.signal?.aborted === true;
    return {
      ...(format !== undefined && { format }),
      profile: this.#profile.name,
      hosts: this.#hosts.length,
      records: this.#records,
      filtered: this.#filtered,
      boots: this.#boots,
      frames,
      bytes: stats?.txBytes ?? 0,
      ...counts,
      seconds,
      framesPerSecond: seconds > 0 ? Math.round(frames / seconds) : 0,
      brokenLines: problems.total,
      problems: problems.named,
      ...(gone !== undefined
        ? { stopped: { code: gone.code, message: gone.message } }
        : aborted && { stopped: { code: 'EINTR', message: 'stopped before the end of the log' } }),
    };
  }
}

/** Frames that a record can become, at most, for one target. */
function framesOf(textBytes: number): number {
  const longest = 4 * textBytes + HEADER_BYTES;
  return longest <= 1000 ? 1 : 1 + Math.ceil(longest / PIECE_BYTES);
}

function invalid(what: string): KernelError {
  return new KernelError('EINVAL', 'replay', what);
}
