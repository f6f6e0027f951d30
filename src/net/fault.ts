/**
 * A device whose wire is bad: frames are lost, doubled, overtaken, delayed or damaged, both ways, the same at every run.
 *
 *   const eth0 = faultDevice(createMemoryDevice('eth0'), { seed: 7, drop: 0.3, reorder: 0.05 });
 *   const eth1 = faultDevice(device, { rules: [(frame, direction) => (direction === 'rx' ? 'drop' : 'pass')] });
 *   eth0.faults.tx.dropped
 *
 * Each frame gets one verdict: that of the first rule which does not say `pass`, else one drawn from the chances. A frame that the
 * device was too busy for is offered again and keeps its verdict: every frame is judged once.
 *
 *   pass        as without this wrapper
 *   drop        gone
 *   duplicate   twice, back to back
 *   reorder     kept until the next frame of its direction has passed; the last of all stays kept
 *   corrupt     one bit of it is another, behind the Ethernet header, so that a checksum shows it
 *   delayUsec   kept for that long; others overtake it
 *
 * Ownership: a slot that is offered here and accepted goes to the device, or back to the slab at once; what is kept is a copy, of
 * which there are `KEPT_MAX` at most. No frame is lost without a count.
 *
 * There is no clock here: who wants delays brings `schedule`.
 */
import { KernelError } from '../errno.js';
import {
  type DeviceCaps,
  type DeviceHost,
  type DeviceStats,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from './device.js';
import { createRandom } from './random.js';
import type { FrameSlab } from './slab.js';

export type Direction = 'tx' | 'rx';
export type Verdict = 'pass' | 'drop' | 'duplicate' | 'reorder' | 'corrupt' | { readonly delayUsec: number };
/** Judges a frame, from where the device's medium begins. `frame` is valid during the call only. */
export type FaultRule = (frame: Uint8Array, direction: Direction) => Verdict;

export interface FaultOptions {
  /** Default 1. */
  readonly seed?: number;
  /** Chances from 0 to 1, for each frame and direction; together 1 at most. Default 0. */
  readonly drop?: number;
  readonly duplicate?: number;
  readonly reorder?: number;
  readonly corrupt?: number;
  readonly delay?: number;
  /** A delay drawn from the chance lasts up to this many microseconds. Default 10,000. */
  readonly delayMaxUsec?: number;
  /** Directions that the chances are for. Default both. */
  readonly directions?: readonly Direction[];
  /** Asked before the chances are drawn. */
  readonly rules?: readonly FaultRule[];
  /** Calls `fn` after so many microseconds, from outside of `startXmit` and `poll`. Needed for delays. */
  readonly schedule?: (afterUsec: number, fn: () => void) => void;
}

/** What became of the frames of one direction. */
export interface FaultStats {
  passed: number;
  dropped: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  delayed: number;
  /** Kept frames, or second copies, given up: too many of them, or the device had no room. */
  lost: number;
}

export interface FaultDevice extends NetDevice {
  readonly faults: Readonly<Record<Direction, FaultStats>>;
}

/** Frames kept at most, for each direction. */
const KEPT_MAX = 1024;
const ETHERNET_HEADER = 14;
const CHANCES = ['drop', 'duplicate', 'reorder', 'corrupt', 'delay'] as const;

/** `device` must not be attached, and belongs to the wrapper from now on. EINVAL for impossible chances. */
export function faultDevice(device: NetDevice, options: FaultOptions = {}): FaultDevice {
  let sum = 0;
  for (const name of CHANCES) {
    const chance = options[name] ?? 0;
    if (!(chance >= 0 && chance <= 1)) throw invalid(`${name} ${chance} is no chance: give a number from 0 to 1`);
    sum += chance;
  }
  if (sum > 1 + 1e-9) throw invalid(`the chances add up to ${sum}: 1 is the most`);
  if ((options.delay ?? 0) > 0 && options.schedule === undefined) throw invalid('delay needs schedule');
  return new Faulty(device, options);
}

function invalid(text: string): KernelError {
  return new KernelError('EINVAL', 'faultDevice', text);
}

function faultStats(): FaultStats {
  return { passed: 0, dropped: 0, duplicated: 0, reordered: 0, corrupted: 0, delayed: 0, lost: 0 };
}

type From = { readonly ip: string; readonly port: number };

/** A frame that is kept: a copy, and where it came from. */
interface Kept {
  readonly frame: Uint8Array;
  readonly from?: From | undefined;
}

class Faulty implements FaultDevice {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
  readonly slab: FrameSlab;
  readonly stats: Readonly<DeviceStats>;
  readonly faults: Readonly<Record<Direction, FaultStats>> = { tx: faultStats(), rx: faultStats() };
  readonly #device: NetDevice;
  readonly #options: FaultOptions;
  /** A stream of numbers for each direction, so that what comes in does not change what becomes of what leaves. */
  readonly #random: Readonly<Record<Direction, () => number>>;
  /** Frames waiting to be overtaken. */
  readonly #overtaken: Record<Direction, Kept[]> = { tx: [], rx: [] };
  /** Copies that are due and for which the device had no room yet. */
  readonly #due: Uint8Array[] = [];
  #delayed = 0;
  #host: DeviceHost | undefined;
  /** The slot that the device refused, and its verdict; -1: none. */
  #refused = -1;
  #verdict: Verdict = 'pass';
  #closed = false;

  constructor(device: NetDevice, options: FaultOptions) {
    this.#device = device;
    this.#options = options;
    this.name = device.name;
    this.mac = device.mac;
    this.caps = device.caps;
    this.slab = device.slab;
    this.stats = device.stats;
    const seed = options.seed ?? 1;
    this.#random = { tx: createRandom(seed), rx: createRandom(seed ^ 0x9e3779b9) };
  }

  attach(host: DeviceHost): void {
    this.#host = host;
    this.#device.attach({
      txWake: () => {
        this.#sendDue();
        host.txWake();
      },
      receive: (packet, from) => this.#receive(packet, from),
      down: (reason) => host.down(reason),
    });
  }

  #judge(frame: Uint8Array, direction: Direction): Verdict {
    const { rules, directions, delayMaxUsec } = this.#options;
    for (const rule of rules ?? []) {
      const verdict = rule(frame, direction);
      if (verdict !== 'pass') return verdict;
    }
    if (directions !== undefined && !directions.includes(direction)) return 'pass';
    const random = this.#random[direction];
    let draw = random();
    for (const name of CHANCES) {
      const chance = this.#options[name] ?? 0;
      if (draw < chance)
        return name === 'delay' ? { delayUsec: Math.floor(random() * (delayMaxUsec ?? 10_000)) } : name;
      draw -= chance;
    }
    return 'pass';
  }

  /** Changes one bit. On a medium without an Ethernet header any bit may be it. */
  #damage(frame: Uint8Array, direction: Direction): void {
    const first = this.caps.medium === 'ethernet' && frame.length > ETHERNET_HEADER ? ETHERNET_HEADER : 0;
    const bit = Math.floor(this.#random[direction]() * (frame.length - first) * 8);
    const at = first + (bit >> 3);
    if (at < frame.length) frame[at] = frame[at]! ^ (1 << (bit & 7));
  }

  startXmit(slot: number, xmitMore: boolean): NetdevTx {
    const { slab } = this;
    const frame = slab.bytes.subarray(slab.start[slot]!, slab.end[slot]!);
    const again = this.#refused === slot;
    const verdict = again ? this.#verdict : this.#judge(frame, 'tx');
    this.#refused = -1;
    const stats = this.faults.tx;
    if (verdict === 'drop' || verdict === 'reorder' || typeof verdict === 'object') {
      if (verdict === 'drop') stats.dropped++;
      else this.#keep(verdict, { frame: frame.slice() }, 'tx');
      slab.free(slot);
      // The device may hold back what came before, for want of a last one.
      if (!xmitMore) this.#device.poll();
      return NETDEV_TX_OK;
    }
    const twin = verdict === 'duplicate' ? frame.slice() : undefined;
    if (verdict === 'corrupt' && !again) this.#damage(frame, 'tx');
    const overtaken = this.#overtaken.tx;
    if (this.#device.startXmit(slot, xmitMore && overtaken.length === 0 && twin === undefined) !== NETDEV_TX_OK) {
      this.#refused = slot;
      this.#verdict = verdict;
      return NETDEV_TX_BUSY;
    }
    if (verdict === 'corrupt') stats.corrupted++;
    else stats.passed++;
    if (twin !== undefined) {
      stats.duplicated++;
      this.#due.push(twin);
    }
    if (overtaken.length > 0) for (const kept of overtaken.splice(0)) this.#due.push(kept.frame);
    this.#sendDue();
    return NETDEV_TX_OK;
  }

  #keep(verdict: 'reorder' | { readonly delayUsec: number }, kept: Kept, direction: Direction): void {
    const stats = this.faults[direction];
    const { schedule } = this.#options;
    if (verdict === 'reorder') {
      const waiting = this.#overtaken[direction];
      if (waiting.length + this.#due.length >= KEPT_MAX) stats.lost++;
      else {
        stats.reordered++;
        waiting.push(kept);
      }
      return;
    }
    if (schedule === undefined || this.#delayed + this.#due.length >= KEPT_MAX) {
      stats.lost++;
      return;
    }
    stats.delayed++;
    this.#delayed++;
    schedule(verdict.delayUsec, () => {
      this.#delayed--;
      if (this.#closed) stats.lost++;
      else if (direction === 'rx') this.#host?.receive(kept.frame, kept.from);
      else {
        this.#due.push(kept.frame);
        this.#sendDue();
      }
    });
  }

  /** Gives the device the copies that are due, as far as it has room. */
  #sendDue(): void {
    const { slab } = this;
    const device = this.#device;
    const due = this.#due;
    while (due.length > 0) {
      let slot = slab.alloc();
      if (slot < 0) {
        device.poll();
        slot = slab.alloc();
      }
      if (slot < 0) break;
      const frame = due[0]!;
      const start = slab.payloadAt(slot);
      slab.bytes.set(frame, start);
      slab.start[slot] = start;
      slab.end[slot] = start + frame.length;
      if (device.startXmit(slot, false) !== NETDEV_TX_OK) {
        slab.free(slot);
        break;
      }
      due.shift();
    }
    while (due.length > KEPT_MAX) {
      due.shift();
      this.faults.tx.lost++;
    }
  }

  #receive(packet: Uint8Array, from?: From): void {
    const host = this.#host!;
    const verdict = this.#judge(packet, 'rx');
    const stats = this.faults.rx;
    if (verdict === 'drop') {
      stats.dropped++;
      return;
    }
    if (verdict === 'reorder' || typeof verdict === 'object') {
      this.#keep(verdict, { frame: packet.slice(), from }, 'rx');
      return;
    }
    let frame = packet;
    if (verdict === 'corrupt') {
      frame = packet.slice();
      this.#damage(frame, 'rx');
      stats.corrupted++;
    } else {
      stats.passed++;
    }
    const twin = verdict === 'duplicate' ? frame.slice() : undefined;
    host.receive(frame, from);
    if (twin !== undefined) {
      stats.duplicated++;
      host.receive(twin, from);
    }
    for (const kept of this.#overtaken.rx.splice(0)) host.receive(kept.frame, kept.from);
  }

  poll(): void {
    this.#sendDue();
    this.#device.poll();
  }

  /** What is still kept is lost, and counted. */
  close(): Promise<void> {
    this.#closed = true;
    this.faults.tx.lost += this.#overtaken.tx.splice(0).length + this.#due.splice(0).length;
    this.faults.rx.lost += this.#overtaken.rx.splice(0).length;
    return this.#device.close();
  }
}
