/**
 * The wire between a machine and its receivers, in virtual time. It knows which datagrams left,
 * whether they arrived, and what the receivers made of them.
 *
 *   kernel --onFrame--> leaves(frame) --latency--> Listener --answer--> back --latency--> eth0
 *                          |                                             |
 *                       `o0`, `o1`, ...                               `i0`, `i1`, ...
 *
 * Datagrams are counted from 0 in each direction; a state names the ones that are lost.
 */
import type { Kernel } from '../kernel/index.js';
import type { MemoryDevice } from '../net/memory.js';
import type { ReceiverOptions } from '../receiver/index.js';
import { type Delivered, Listener } from '../testing/listener.js';
import { type Decoded, decodeFrame } from '../wire/decode.js';

/** What became of a datagram. `mtu`: it is longer than the link can carry. */
export type Fate = 'arrives' | 'lost' | 'cut' | 'mtu';

/**
 * Why a datagram was sent. `again`: the receiver asked for it again; `emergency`: the kernel had no
 * ack for a long time; `response`: the receiver answers.
 */
export type Cause = 'first' | 'again' | 'emergency' | 'response';

/** A datagram on the wire. */
export interface Transmission {
  /** `o3` is the kernel's fourth datagram, `i3` the receiver's. */
  readonly id: string;
  /** When it leaves, in microseconds since boot. */
  readonly usec: number;
  /** The bytes of the whole Ethernet frame. */
  readonly frame: Uint8Array;
  readonly decoded: Decoded;
  /** Why it was sent. */
  readonly cause: Cause;
  /** What became of it. */
  readonly fate: Fate;
  /** For an emergency transmission: the timer's interval at that time, in seconds. */
  readonly interval?: number;
}

/** A record or line that a receiver delivered, and the time of that in microseconds since boot. */
export interface Arrival extends Delivered {
  readonly usec: number;
}

/** What a wire is like, and who listens at its far end. */
export interface WireOptions {
  /** Microseconds from one end to the other. */
  readonly latencyUsec: number;
  /** The length of the longest IP packet that the link carries, in bytes. */
  readonly mtu: number;
  /** The ids of the datagrams that are lost. */
  readonly lost: ReadonlySet<string>;
  /** The time in which everything that leaves is lost, in microseconds since boot. */
  readonly cut: readonly [from: number, to: number] | undefined;
  /** The options of every receiver. */
  readonly receiver: ReceiverOptions;
  /** Says whether the target that sent a frame is extended. */
  readonly isExtended: (flow: Decoded) => boolean;
  /** Returns the interval of the emergency session, in seconds; 0 if there is none. */
  readonly interval: () => number;
}

/** A run stops at this many datagrams, and one `advance` at this many turns of the clock. */
const TRANSMISSIONS_MAX = 5000;
const TURNS_MAX = 200_000;

/** A datagram under way: `usec` is when it arrives, and `back` says that it goes to the machine. */
interface Flight {
  readonly usec: number;
  readonly frame: Uint8Array;
  readonly back: boolean;
}

/** Carries frames between one kernel and its receivers, and runs the clocks of both. */
export class VirtualWire {
  /** All datagrams so far, of both directions, in the order in which they left. */
  readonly transmissions: Transmission[] = [];
  /** All that the receivers have delivered so far, in order of time. */
  readonly arrivals: Arrival[] = [];
  /** Set when the wire has stopped because there were too many datagrams. */
  full = false;
  readonly #options: WireOptions;
  readonly #listener: Listener;
  /** The target, seq and offset of each message that has been sent. */
  readonly #sent = new Set<string>();
  readonly #counts = { o: 0, i: 0 };
  #flights: Flight[] = [];
  #kernel: Kernel | undefined;
  #eth0: MemoryDevice | undefined;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#listener = new Listener({
      receiver: options.receiver,
      isExtended: options.isExtended,
      answer: (frame) => this.#put(frame, 'i', 'response'),
    });
  }

  /** Connects the machine. Frames that left before are not carried. */
  attach(kernel: Kernel, eth0: MemoryDevice): void {
    this.#kernel = kernel;
    this.#eth0 = eth0;
  }

  /** Takes a copy of a frame that leaves the machine. */
  leaves(frame: Uint8Array): void {
    if (this.#kernel !== undefined) this.#put(frame.slice(), 'o', undefined);
  }

  /** Advances both ends to `usec`. The kernel may be past that already, if it slept. */
  advance(usec: number): void {
    const kernel = this.#kernel!;
    for (let turn = 0; turn < TURNS_MAX && !this.full; turn++) {
      const next = this.#next();
      if (next === undefined || next > usec) break;
      this.#turn(kernel, next);
    }
    if (kernel.now() < usec) kernel.advanceTo(usec);
    this.#fetch(usec);
  }

  /** Says whether no datagram is under way. */
  get quiet(): boolean {
    return this.#flights.length === 0;
  }

  #next(): number | undefined {
    const kernel = this.#kernel!;
    const listener = this.#listener.deadline;
    const times = [
      kernel.nextDeadline(),
      listener === undefined ? undefined : Math.ceil(listener * 1000),
      ...this.#flights.map(({ usec }) => usec),
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.max(Math.min(...times), kernel.now());
  }

  #turn(kernel: Kernel, usec: number): void {
    kernel.advanceTo(usec);
    const due = this.#flights.filter((flight) => flight.usec <= usec);
    this.#flights = this.#flights.filter((flight) => flight.usec > usec);
    for (const { frame, back } of due) {
      if (back) this.#eth0!.inject(frame);
      else this.#listener.take(frame, usec / 1000);
    }
    // The listener must not be asked at other times: a receiver would then delay its answers.
    if (Math.ceil((this.#listener.deadline ?? Number.POSITIVE_INFINITY) * 1000) <= usec)
      this.#listener.pass(usec / 1000);
    this.#fetch(usec);
  }

  #fetch(usec: number): void {
    for (const delivered of this.#listener.fetch()) this.arrivals.push({ ...delivered, usec });
  }

  #put(frame: Uint8Array, direction: 'o' | 'i', cause: Cause | undefined): void {
    const usec = this.#kernel!.now();
    const id = `${direction}${this.#counts[direction]++}`;
    if (this.transmissions.length >= TRANSMISSIONS_MAX) {
      this.full = true;
      return;
    }
    const { latencyUsec, interval } = this.#options;
    const decoded = decodeFrame(frame);
    const why = cause ?? this.#causeOf(decoded);
    const fate = this.#fate(id, usec, decoded);
    const emergency = why === 'emergency' ? { interval: interval() } : {};
    this.transmissions.push({ id, usec, frame, decoded, cause: why, fate, ...emergency });
    if (fate === 'arrives') this.#flights.push({ usec: usec + latencyUsec, frame, back: direction === 'i' });
  }

  #fate(id: string, usec: number, { ethernet, length }: Decoded): Fate {
    const { lost, cut, mtu } = this.#options;
    if (lost.has(id)) return 'lost';
    if (cut !== undefined && usec >= cut[0] && usec < cut[1]) return 'cut';
    const header = 14 + (ethernet?.vlan === undefined ? 0 : 4);
    return length - header > mtu ? 'mtu' : 'arrives';
  }

  #causeOf({ udp, ip, message }: Decoded): Cause {
    if (message?.kind !== 'extended') return 'first';
    if (message.emergency !== undefined) return 'emergency';
    const { fragment, seq } = message;
    const key = `${ip?.dst} ${udp?.dstPort} ${udp?.srcPort} ${seq} ${fragment?.offset ?? 0}`;
    if (this.#sent.has(key)) return 'again';
    this.#sent.add(key);
    return 'first';
  }
}
