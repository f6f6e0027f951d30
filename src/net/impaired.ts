/**
 * A device behind a bad network: `impair.ts` in front of any device, both ways.
 *
 *   const eth0 = impairDevice(device, { seed: 7, out: { loss: 0.1, delayUsec: 300 } }, clock);
 *   eth0.network.out.lost
 *
 * `impair.ts` says what the network does to frames, in which order, and that each effect has a
 * stream of its own. This file is what a device adds. A frame is judged once: if the device was too
 * busy for it, it is offered again as it was judged. Frames that are delayed, doubled or damaged
 * are copies. There are at most `KEPT_MAX` of them; beyond that the device is busy, so that nothing
 * is lost without a count. The header that the device itself needs to send a frame stays whole:
 * Ethernet's, IP's or UDP's, whichever comes first there.
 *
 * There is no clock here: the owner of the run brings one, since a delay needs it. That clock must
 * not call from inside `startXmit` or `poll`.
 */
import { checkArgument, having } from '../options.js';
import {
  aDevice,
  type DeviceHost,
  type Medium,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from './device.js';
import { type Impairments, Link, type LinkDirection, type LinkStats } from './impair.js';
import { PAYLOAD_OFFSET } from './slab.js';
import { WrappedDevice } from './wrap.js';

/** Microseconds from the start of the run; `at` calls once, later. */
export interface LinkClock {
  /** Returns the time, in microseconds. */
  now(): number;
  /** Calls `fn` once, at or after `usec`, never from inside this call. */
  at(usec: number, fn: () => void): unknown;
}

/** The first bytes of a frame, which no effect changes. IP's are those of version 6. */
const HEADER_BYTES: Readonly<Record<Medium, number>> = { ethernet: 14, ip: 40, udp: 8 };
/** How many copies are kept at most. */
const KEPT_MAX = 65_536;

type From = { readonly ip: string; readonly port: number };

/** A copy on its way out: the bytes in front of the medium's first byte, and the frame. */
interface Copy {
  readonly ahead: Uint8Array;
  readonly frame: Uint8Array;
}

/**
 * Puts a bad network in front of `inner`, which must not be attached and belongs to the wrapper
 * from now on. Throws EINVAL for impairments that make no sense.
 */
export function impairDevice(inner: NetDevice, impairments: Impairments, clock: LinkClock): ImpairedDevice {
  checkArgument('impairDevice', 'inner', inner, aDevice);
  checkArgument('impairDevice', 'clock', clock, having('a clock', 'now', 'at'));
  return new ImpairedDevice(inner, impairments, clock);
}

/** A device behind a bad network; `impairDevice` makes it. */
export class ImpairedDevice extends WrappedDevice {
  readonly #link: Link;
  readonly #clock: LinkClock;
  /** Copies that have arrived at the device, in order. */
  readonly #due: Copy[] = [];
  #delayed = 0;
  /** The slot that the device refused, whose frame was judged already; -1 if there is none. */
  #refused = -1;
  #closed = false;
  #host: DeviceHost | undefined;

  /** Use `impairDevice`. */
  constructor(inner: NetDevice, impairments: Impairments, clock: LinkClock) {
    super(inner);
    this.#link = new Link(impairments, HEADER_BYTES[inner.caps.medium]);
    this.#clock = clock;
  }

  /** What the network did, by direction. */
  get network(): Readonly<Record<LinkDirection, LinkStats>> {
    return this.#link.stats;
  }

  /** Copies that have arrived and wait for the device: `poll`, `txWake` or a frame offers them. */
  get waiting(): number {
    return this.#due.length;
  }

  /**
   * How many frames are on their way: delayed, or waiting for the device. After `close` these are
   * the frames that were lost by it.
   */
  get onTheWay(): number {
    return this.#due.length + this.#delayed;
  }

  /** Attaches the inner device, behind the network. */
  override attach(host: DeviceHost): void {
    this.#host = host;
    this.inner.attach({
      txWake: () => {
        this.#sendDue();
        host.txWake();
      },
      receive: (packet, from) => this.#receive(packet, from),
      down: (reason) => host.down(reason),
    });
  }

  /** Judges the frame, and sends what is left of it. BUSY while copies wait for the device. */
  override startXmit(slot: number): NetdevTx {
    if (this.#due.length > 0) this.#sendDue();
    if (this.#due.length > 0 || this.#delayed >= KEPT_MAX) return NETDEV_TX_BUSY;
    if (this.#refused !== slot && !this.#judge(slot)) {
      this.slab.free(slot);
      this.#sendDue();
      return NETDEV_TX_OK;
    }
    const status = this.inner.startXmit(slot);
    this.#refused = status === NETDEV_TX_OK ? -1 : slot;
    if (status === NETDEV_TX_OK) this.#sendDue();
    return status;
  }

  /** Offers the copies that wait, then polls the inner device. */
  override poll(): void {
    this.#sendDue();
    this.inner.poll();
  }

  /** Closes the inner device. What is still on its way is lost: `onTheWay` counts it. */
  override close(): Promise<void> {
    this.#closed = true;
    return this.inner.close();
  }

  /**
   * Judges a frame and sends its copies on their way; returns whether the frame itself goes on now.
   */
  #judge(slot: number): boolean {
    const { bytes, start, end } = this.slab;
    const base = this.slab.payloadAt(slot) - PAYLOAD_OFFSET;
    const frame = bytes.subarray(start[slot]!, end[slot]!);
    const now = this.#clock.now();
    let passes = false;
    this.#link.carry(frame, now, 'out', (copy, atUsec) => {
      if (copy === frame && atUsec <= now && !passes) {
        passes = true;
        return;
      }
      const kept = { ahead: bytes.slice(base, start[slot]!), frame: copy === frame ? frame.slice() : copy };
      if (atUsec <= now) this.#due.push(kept);
      else {
        this.#later(atUsec, () => {
          this.#due.push(kept);
          this.#sendDue();
        });
      }
    });
    return passes;
  }

  /** Calls `fn` at `atUsec`, unless the device has been closed by then. */
  #later(atUsec: number, fn: () => void): void {
    this.#delayed++;
    this.#clock.at(atUsec, () => {
      if (this.#closed) return;
      this.#delayed--;
      fn();
    });
  }

  /** Gives the device the copies that have arrived, as far as it has room. */
  #sendDue(): void {
    const { slab } = this;
    while (this.#due.length > 0) {
      let slot = slab.alloc();
      if (slot < 0) {
        this.inner.poll();
        slot = slab.alloc();
      }
      if (slot < 0) return;
      const { ahead, frame } = this.#due[0]!;
      const base = slab.payloadAt(slot) - PAYLOAD_OFFSET;
      slab.bytes.set(ahead, base);
      slab.bytes.set(frame, base + ahead.length);
      slab.start[slot] = base + ahead.length;
      slab.end[slot] = base + ahead.length + frame.length;
      if (this.inner.startXmit(slot) !== NETDEV_TX_OK) {
        slab.free(slot);
        return;
      }
      this.#due.shift();
    }
  }

  #receive(packet: Uint8Array, from?: From): void {
    const now = this.#clock.now();
    this.#link.carry(packet, now, 'in', (copy, atUsec) => {
      if (atUsec <= now) {
        this.#host!.receive(copy, from);
        return;
      }
      const kept = copy === packet ? packet.slice() : copy;
      this.#later(atUsec, () => this.#host!.receive(kept, from));
    });
  }
}
