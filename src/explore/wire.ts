/**
 * The wire between a machine and its receivers, in virtual time: what left, whether it arrived, and
 * what was made of it.
 *
 *   kernel --onFrame--> leaves(frame) --latency--> Listener --answer--> back --latency--> eth0
 *                          |                                             |
 *                       `o0`, `o1`, ...                               `i0`, `i1`, ...
 *
 * Datagrams are counted from 0 in each direction; a state names those that are lost.
 */
import type { Kernel } from '../kernel/index.js';
import type { MemoryDevice } from '../net/memory.js';
import type { ReceiverOptions } from '../receiver/index.js';
import { type Delivered, Listener } from '../testing/listener.js';
import { type Decoded, decodeFrame } from '../wire/decode.js';

/** What became of a datagram. `mtu`: the link does not carry one of its length. */
export type Fate = 'arrives' | 'lost' | 'cut' | 'mtu';

/** Why it was sent. `again`: the receiver asked; `emergency`: nothing was acked for long. */
export type Cause = 'first' | 'again' | 'emergency' | 'response';

/** A datagram on the wire. */
export interface Transmission {
  /** `o3`: the fourth of the kernel's; `i3`: of the receiver's. */
  readonly id: string;
  readonly usec: number;
  readonly frame: Uint8Array;
  readonly decoded: Decoded;
  readonly cause: Cause;
  readonly fate: Fate;
  /** When it arrives. */
  readonly arrivesUsec: number;
  /** Of an emergency: the interval that the timer has then, in seconds. */
  readonly interval?: number;
}

/** A record or a line that a receiver delivered, and when. */
export interface Arrival extends Delivered {
  readonly usec: number;
}

export interface WireOptions {
  readonly latencyUsec: number;
  readonly mtu: number;
  readonly lost: ReadonlySet<string>;
  /** Times between which nothing arrives, in microseconds. */
  readonly cut: readonly [from: number, to: number] | undefined;
  readonly receiver: ReceiverOptions;
  /** Whether what comes from this flow is extended. */
  readonly isExtended: (flow: Decoded) => boolean;
  /** The interval of an emergency session, in seconds; 0: there is none. */
  readonly interval: () => number;
}

/** Datagrams of a run, and turns of its clock: more are not looked at. */
const TRANSMISSIONS_MAX = 5000;
const TURNS_MAX = 200_000;

interface Flight {
  readonly usec: number;
  readonly frame: Uint8Array;
  readonly back: boolean;
}

export class VirtualWire {
  readonly transmissions: Transmission[] = [];
  readonly arrivals: Arrival[] = [];
  /** It stopped because there was too much. */
  full = false;
  readonly #options: WireOptions;
  readonly #listener: Listener;
  /** By target and seq: whether it has been sent before. */
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

  /** The machine at its end. What left before is not on the wire. */
  attach(kernel: Kernel, eth0: MemoryDevice): void {
    this.#kernel = kernel;
    this.#eth0 = eth0;
  }

  /** A frame leaves the machine. */
  leaves(frame: Uint8Array): void {
    if (this.#kernel !== undefined) this.#put(frame.slice(), 'o', undefined);
  }

  /** Passes time to `usec`, on both ends. What the kernel slept is passed already. */
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

  /** Whether nothing is under way. */
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
    // Asked at other times, too, a receiver would put its answers off.
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
    const arrivesUsec = usec + latencyUsec;
    const emergency = why === 'emergency' ? { interval: interval() } : {};
    this.transmissions.push({ id, usec, frame, decoded, cause: why, fate, arrivesUsec, ...emergency });
    if (fate === 'arrives') this.#flights.push({ usec: arrivesUsec, frame, back: direction === 'i' });
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
