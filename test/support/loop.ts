/**
 * Two ends and a bad wire between them, in virtual time: a kernel whose target speaks a reliable dialect, and the receiver of this
 * project, which answers it.
 *
 *   const loop = new Loop({ dialect: 'heo-2015', records: 1000, loss: 0.3, seed: 1 });
 *   loop.run();
 *   loop.delivered; loop.wrong; loop.seconds
 *
 * Time jumps to what is next: a burst of records, a frame's arrival, a deadline of either end. Every record says by itself what
 * it must be (`recordText`), so whoever reads it can judge it.
 */
import { createKernel, insideOf, type Kernel } from '../../src/kernel/index.js';
import type { Target } from '../../src/modules/netconsole/target.js';
import { type Direction, type FaultDevice, type FaultOptions, faultDevice, type Verdict } from '../../src/net/fault.js';
import { createMemoryDevice, type MemoryDevice } from '../../src/net/memory.js';
import { createRandom } from '../../src/net/random.js';
import { tapDevice } from '../../src/net/tap.js';
import { printkRecord } from '../../src/printk/record.js';
import { createReceiver, type ReceivedRecord, type Receiver, type ReceiverOptions } from '../../src/receiver/index.js';
import { parseIp } from '../../src/wire/address.js';
import { parseIpv4, verifyIpv4 } from '../../src/wire/ipv4.js';
import { parseUdp, verifyUdp } from '../../src/wire/udp.js';
import { emitUdpFrame } from '../../src/wire/udp-frame.js';

export type Dialect = 'heo-2015' | 'netconsd';

/** What is logged, how bad the wire is, and how both ends are set up. */
export interface LoopOptions {
  readonly dialect: Dialect;
  /** Records to log. */
  readonly records: number;
  readonly seed: number;
  /** The chance, 0 to 1, that a frame is lost, in either direction. */
  readonly loss: number;
  /** What else the wire does. */
  readonly faults?: Pick<FaultOptions, 'duplicate' | 'reorder' | 'corrupt' | 'delay' | 'delayMaxUsec' | 'rules'>;
  /** Records a second on average (default 50), in bursts of up to `burstMax` (default 100). */
  readonly rate?: number;
  readonly burstMax?: number;
  /** The ring, as a power of 2. Default 24: it holds 100,000 records. */
  readonly logBufShift?: number;
  readonly HZ?: number;
  readonly receiver?: Omit<ReceiverOptions, 'dialect'>;
  /** Whether acks reach the sender. Default true. */
  readonly answer?: boolean;
  /** Whether the first record may be lost, so that the stream begins later. Default false. */
  readonly anyStart?: boolean;
  readonly profile?: string;
}

export const SENDER = { ip: '10.0.2.15', port: 6665 } as const;
export const RECEIVER = { ip: '10.0.2.2', port: 6666 } as const;
const SENDER_IP = parseIp(SENDER.ip)!;
const RECEIVER_IP = parseIp(RECEIVER.ip)!;
const RECEIVER_MAC = Uint8Array.of(0x52, 0x55, 0x0a, 0, 2, 2);
const START_USEC = 400_000_000;
/** How long a frame takes, one way. */
const LATENCY_USEC = 400;
const UDP_AT = 34;

/** Record `i`: its number and some letters; each 50th is escaped and takes several datagrams. */
export function recordText(i: number): string {
  if (i % 50 === 17) return `${i}:${'\\.'.repeat(150 + ((i * 7919) % 230))}`;
  return `${i}:${String.fromCharCode(97 + (i % 26)).repeat(i % 61)}`;
}

/** Loses frames now and then, and then many in a row: a chain of two states. */
export function burstLoss(seed: number, enter: number, leave: number): (frame: Uint8Array, d: Direction) => Verdict {
  const random = createRandom(seed);
  const bad = { tx: false, rx: false };
  return (_frame, direction) => {
    bad[direction] = bad[direction] ? random() >= leave : random() < enter;
    return bad[direction] ? 'drop' : 'pass';
  };
}

interface Arrival {
  readonly at: number;
  readonly frame: Uint8Array;
}

/** A kernel, a wire and a receiver. It judges every record that the receiver delivers. */
export class Loop {
  readonly kernel: Kernel;
  readonly target: Target;
  readonly receiver: Receiver;
  readonly wire: FaultDevice;
  readonly device: MemoryDevice;
  /** Frames that the sender has sent, emergency transmissions among them. */
  frames = 0;
  emergencyFrames = 0;
  delivered = 0;
  /** Seqs that the receiver has given up, wholly or in part. */
  skipped = 0;
  /** Frames that arrived damaged at the receiver, where the checksums showed it. */
  damaged = 0;
  /** What was wrong, in words; empty if nothing was. */
  readonly wrong: string[] = [];
  /** Virtual seconds from the first record to the end. */
  seconds = 0;
  readonly #options: LoopOptions;
  readonly #random: () => number;
  readonly #seen: Uint8Array;
  readonly #seqs = new Set<number>();
  readonly #scratch = printkRecord();
  readonly #arrivals: Arrival[] = [];
  #arrival = 0;
  /** The wire's delayed frames, and when each goes on. */
  readonly #calls: { at: number; fn: () => void }[] = [];
  /** Records logged so far. */
  logged = 0;
  /** The seq that was delivered first; -1: none. */
  firstSeq = -1;
  #nextBurst: number;
  #lastSeq = -1;
  #heard = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#random = createRandom(options.seed);
    this.#seen = new Uint8Array(options.records);
    this.#nextBurst = START_USEC + 1000;
    this.kernel = createKernel({
      profile: options.profile ?? '6.12',
      HZ: options.HZ ?? 250,
      reliable: options.dialect,
      logBufShift: options.logBufShift ?? 24,
      startUsec: START_USEC,
    });
    this.receiver = createReceiver({ dialect: options.dialect, ackIntvMs: 1000, ...options.receiver });
    this.device = createMemoryDevice('eth0', { onFrame: (frame) => this.#arrive(frame) });
    const { rules, ...chances } = options.faults ?? {};
    this.wire = faultDevice(this.device, {
      seed: options.seed ^ 0x5bd1e995,
      drop: options.loss,
      ...chances,
      rules: [(_frame, direction) => this.#first(direction), ...(rules ?? [])],
      schedule: (after, fn) => this.#calls.push({ at: this.kernel.now() + after, fn }),
    });
    const key = options.dialect === 'heo-2015' ? ',emg=1' : ',ncemg=1';
    const tapped = tapDevice(this.wire, (frame, direction) => {
      if (direction !== 'tx') return;
      this.frames++;
      const header = Buffer.from(frame.buffer, frame.byteOffset + UDP_AT + 8, Math.min(100, frame.length - UDP_AT - 8));
      const end = header.indexOf(0x3b);
      const at = header.indexOf(key);
      if (at >= 0 && at < end) this.emergencyFrames++;
    });
    this.kernel.addDevice(tapped, { addresses: [`${SENDER.ip}/24`] });
    this.kernel.insmod('netconsole', `+@${SENDER.ip}/eth0,@${RECEIVER.ip}/52:55:0a:00:02:02`);
    this.target = insideOf(this.kernel).modules.targets[0]!;
  }

  /** Lets the receiver hear the first record first, as a stream begins with what is heard first. */
  #first(direction: Direction): Verdict {
    return direction === 'rx' || this.#heard || this.#options.anyStart === true ? 'pass' : { delayUsec: 0 };
  }

  #arrive(frame: Uint8Array): void {
    this.#arrivals.push({ at: this.kernel.now() + LATENCY_USEC, frame: frame.slice() });
  }

  /** Logs what is left, until both ends agree that everything has arrived. Throws after `limitSeconds`. */
  run(limitSeconds = 100_000): this {
    const { ring } = insideOf(this.kernel);
    while (!this.done) {
      this.step();
      if (this.kernel.now() > START_USEC + limitSeconds * 1e6) {
        throw new Error(`not done after ${limitSeconds} s: acked ${this.target.reliable!.ackSeq} of ${ring.nextSeq}`);
      }
    }
    this.seconds = (this.kernel.now() - START_USEC) / 1e6;
    return this;
  }

  /** Says whether all is logged, the receiver waits for nothing, and the sender knows that. */
  get done(): boolean {
    const last = insideOf(this.kernel).ring.nextSeq - 1;
    return this.logged === this.#options.records && this.#lastSeq === last && this.target.reliable!.ackSeq === last;
  }

  /** Returns the seqs that the log has and that were never delivered. */
  stillInLog(): number[] {
    const { firstSeq, nextSeq } = insideOf(this.kernel).ring;
    const missing: number[] = [];
    for (let seq = firstSeq; seq < nextSeq; seq++) if (this.#inLog(seq) && !this.#seqs.has(seq)) missing.push(seq);
    return missing;
  }

  #inLog(seq: number): boolean {
    return insideOf(this.kernel).ring.read(seq, this.#scratch) === 'ok';
  }

  /** Moves the time to what happens next, and does that. */
  step(): void {
    const { kernel, receiver } = this;
    const arrival = this.#arrivals[this.#arrival]?.at ?? Number.POSITIVE_INFINITY;
    const burst = this.logged < this.#options.records ? this.#nextBurst : Number.POSITIVE_INFINITY;
    let call = Number.POSITIVE_INFINITY;
    for (const { at } of this.#calls) if (at < call) call = at;
    const due = Math.ceil((receiver.nextDeadline() ?? Number.POSITIVE_INFINITY) * 1000);
    const timer = kernel.nextDeadline() ?? Number.POSITIVE_INFINITY;
    const next = Math.max(kernel.now(), Math.min(arrival, burst, call, due, timer));
    if (next === Number.POSITIVE_INFINITY) throw new Error('nothing will ever happen again');
    kernel.advanceTo(next);
    if (call <= next) this.#call(next);
    while (this.#arrival < this.#arrivals.length && this.#arrivals[this.#arrival]!.at <= next) this.#take();
    if (due <= next) this.#process(undefined);
    if (burst <= next) this.#burst();
  }

  #call(now: number): void {
    for (const entry of this.#calls.filter(({ at }) => at <= now)) {
      this.#calls.splice(this.#calls.indexOf(entry), 1);
      entry.fn();
    }
  }

  #burst(): void {
    const { burstMax = 100, rate = 50, records } = this.#options;
    const count = Math.min(records - this.logged, 1 + Math.floor(this.#random() * burstMax));
    for (let i = 0; i < count; i++) this.kernel.printk(`${recordText(this.logged++)}\n`);
    this.#nextBurst = this.kernel.now() + Math.round((count / rate) * 1e6);
  }

  /** Takes a frame that has arrived at the receiver's host, whose stack drops damaged ones. */
  #take(): void {
    const { frame } = this.#arrivals[this.#arrival++]!;
    if (this.#arrival > 1024) {
      this.#arrivals.splice(0, this.#arrival);
      this.#arrival = 0;
    }
    this.#heard = true;
    const ip = parseIpv4(frame, 14);
    const udp = ip && verifyIpv4(frame, 14) ? parseUdp(frame, UDP_AT, 14 + 20 + ip.payloadLength) : undefined;
    if (
      ip === undefined ||
      udp === undefined ||
      34 + ip.payloadLength > frame.length ||
      verifyUdp(frame, UDP_AT, ip.src, ip.dst) === 'bad'
    ) {
      this.damaged++;
      return;
    }
    this.#process(frame.subarray(UDP_AT + 8, UDP_AT + 8 + udp.payloadLength));
  }

  #process(payload: Uint8Array | undefined): void {
    const { receiver } = this;
    receiver.process(payload, this.kernel.now() / 1000);
    for (let record = receiver.next(); record !== undefined; record = receiver.next()) this.#judge(record);
    const response = receiver.response();
    if (response === undefined || this.#options.answer === false) return;
    this.device.inject(this.#datagram(response));
  }

  /** Returns a frame from the receiver's host to the sender's. */
  #datagram(payload: Uint8Array): Uint8Array {
    return emitUdpFrame(
      {
        eth: { dst: this.device.mac, src: RECEIVER_MAC },
        ip: { src: RECEIVER_IP, dst: SENDER_IP },
        udp: { srcPort: RECEIVER.port, dstPort: SENDER.port },
      },
      payload,
    );
  }

  /** Checks a record: delivered once, in order, intact; given up only if no longer in the log. */
  #judge(record: ReceivedRecord): void {
    const { seq } = record;
    const wrong = (what: string) => this.wrong.push(`seq ${seq} ${what}`);
    if (record.oos) wrong('out of sequence');
    if (record.seqReset !== this.#lastSeq < 0) wrong('begins a stream');
    if (seq <= this.#lastSeq) wrong(`after ${this.#lastSeq}`);
    const gap = seq - this.#lastSeq - 1;
    if (gap > 0 && this.#lastSeq >= 0) {
      this.skipped += gap;
      for (let given = seq - gap; given < seq; given++)
        if (this.#inLog(given)) wrong(`: ${given} given up, and in the log`);
    }
    if (this.firstSeq < 0) this.firstSeq = seq;
    this.#lastSeq = seq;
    if (!record.complete) {
      this.skipped++;
      if (this.#inLog(seq)) wrong(`given up with ${record.missingBytes} bytes missing, and in the log`);
      return;
    }
    this.#seqs.add(seq);
    const text = Buffer.from(record.text).toString('latin1');
    const number = /^(\d+):/.exec(text);
    // This is one of the kernel's own messages.
    if (number === null) return;
    const i = Number(number[1]);
    if (text !== recordText(i).replaceAll('\\', '\\x5c')) wrong('is not what was logged');
    else if (this.#seen[i]! > 0) wrong('delivered twice');
    this.#seen[i] = 1;
    this.delivered++;
  }
}
