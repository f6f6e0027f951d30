/**
 * A device whose wire is bad: frames are lost, doubled, overtaken, delayed or damaged, both ways,
 * the same at every run.
 *
 *   const eth0 = faultDevice(createMemoryDevice('eth0'), { seed: 7, drop: 0.3, reorder: 0.05 });
 *   const eth1 = faultDevice(device, { rules: [(frame, direction) => (direction === 'rx' ? 'drop' : 'pass')] });
 *   eth0.faults.tx.dropped
 *
 * Each frame gets one verdict: that of the first rule which does not say `pass`, else one drawn
 * from the chances. A frame that the device was too busy for is offered again and keeps its
 * verdict: every frame is judged once.
 *
 *   pass        as without this wrapper
 *   drop        gone
 *   duplicate   twice, back to back
 *   reorder     kept until the next frame of its direction has passed; the last of all stays kept
 *   corrupt     one bit of it is another, behind the Ethernet header, so that a checksum shows it
 *   delayUsec   kept for that long; others overtake it
 *
 * Ownership: a slot that is offered here and accepted goes to the device, or back to the slab at
 * once; what is kept is a copy, of which there are `KEPT_MAX` at most. No frame is lost without a
 * count.
 *
 * There is no clock here: delays need `schedule` from the caller.
 */

import { KernelError } from '../errno.js';
import { callback, checkArgument, checkOptions, type OptionRules } from '../options.js';
import { ETHERNET } from '../wire/ethernet.js';
import { aDevice, type DeviceHost, NETDEV_TX_BUSY, NETDEV_TX_OK, type NetDevice, type NetdevTx } from './device.js';
import { CHANCE_RULES, type Chances, type Direction, FaultPlan, flip, type Verdict } from './fault-plan.js';
import { PAYLOAD_OFFSET } from './slab.js';
import { WrappedDevice } from './wrap.js';

export type { Direction, FaultRule, Verdict } from './fault-plan.js';

/** The chances and rules by which frames are lost, doubled, reordered, damaged or delayed. */
export interface FaultOptions extends Chances {
  /**
   * Calls `fn` after so many microseconds, from outside of `startXmit` and `poll`. Needed for
   * delays.
   */
  readonly schedule?: (afterUsec: number, fn: () => void) => void;
}

/** What became of the frames of one direction. */
export interface FaultStats {
  /** Frames that were delivered whole, the duplicated ones among them. */
  passed: number;
  /** Frames that were lost. */
  dropped: number;
  /** Frames that were to be delivered twice. */
  duplicated: number;
  /** Frames that were kept until the next one has passed. */
  reordered: number;
  /** Frames that were delivered with a damaged bit. */
  corrupted: number;
  /** Frames that were kept for some time. */
  delayed: number;
  /**
   * Kept frames and second copies that were given up, as there were too many or the device had no
   * room.
   */
  lost: number;
}

/** A device whose frames meet with faults, and what became of them in either direction. */
export interface FaultDevice extends NetDevice, AsyncDisposable {
  /** Counted since the device was made. The objects are the device's own. */
  readonly faults: Readonly<Record<Direction, FaultStats>>;
}

/** How many frames are kept at most, for each direction. */
const KEPT_MAX = 1024;

/**
 * Wraps `device`, which must not be attached and belongs to the wrapper from now on. Throws EINVAL
 * for chances that add up to more than 1.
 */
export function faultDevice(device: NetDevice, options: FaultOptions = {}): FaultDevice {
  checkArgument('faultDevice', 'device', device, aDevice);
  checkOptions('faultDevice', options, RULES);
  if ((options.delay ?? 0) > 0 && options.schedule === undefined) {
    throw new KernelError('EINVAL', 'faultDevice', 'a chance of delays needs `schedule`');
  }
  return new Faulty(device, options);
}

const RULES: OptionRules<FaultOptions> = { ...CHANCE_RULES, schedule: callback };

function faultStats(): FaultStats {
  return { passed: 0, dropped: 0, duplicated: 0, reordered: 0, corrupted: 0, delayed: 0, lost: 0 };
}

type From = { readonly ip: string; readonly port: number };

/**
 * A copy of a frame that is kept, and where the frame came from. For a frame that leaves, its slot
 * is copied from the beginning to the frame's end.
 */
interface Kept {
  readonly frame: Uint8Array;
  readonly from?: From | undefined;
  /** Where the medium begins in the copy; a device may look at the headers in front of it. */
  readonly start: number;
}

class Faulty extends WrappedDevice implements FaultDevice {
  readonly faults: Readonly<Record<Direction, FaultStats>> = { tx: faultStats(), rx: faultStats() };
  readonly #options: FaultOptions;
  readonly #plan: FaultPlan;
  /** Frames waiting to be overtaken. */
  readonly #overtaken: Record<Direction, Kept[]> = { tx: [], rx: [] };
  /** Copies that are due, but for which the device has had no room yet. */
  readonly #due: Kept[] = [];
  #delayed = 0;
  #host: DeviceHost | undefined;
  /** The slot that the device refused, -1 for none; its verdict, and the bit of it to damage. */
  #refused = -1;
  #verdict: Verdict = 'pass';
  #bit = 0;
  #closed = false;

  constructor(device: NetDevice, options: FaultOptions) {
    super(device);
    this.#options = options;
    this.#plan = new FaultPlan(options);
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
    this.inner.attach({
      txWake: () => {
        this.poll();
        host.txWake();
      },
      receive: (packet, from) => this.#receive(packet, from),
      down: (reason) => host.down(reason),
    });
  }

  /** How many bytes at the front are never damaged, as no checksum would show it. */
  get #spared(): number {
    return this.caps.medium === 'ethernet' ? ETHERNET.length : 0;
  }

  override startXmit(slot: number): NetdevTx {
    const { slab } = this;
    const frame = slab.bytes.subarray(slab.start[slot]!, slab.end[slot]!);
    if (this.#refused !== slot) {
      this.#verdict = this.#plan.judge(frame, 'tx');
      if (this.#verdict === 'corrupt') this.#bit = this.#plan.bit(frame.length, this.#spared, 'tx');
    }
    this.#refused = -1;
    const verdict = this.#verdict;
    const stats = this.faults.tx;
    if (verdict === 'drop' || verdict === 'reorder' || typeof verdict === 'object') {
      if (verdict === 'drop') stats.dropped++;
      else this.#keep(verdict, this.#copy(slot), 'tx');
      slab.free(slot);
      return NETDEV_TX_OK;
    }
    const twin = verdict === 'duplicate' ? this.#copy(slot) : undefined;
    if (verdict === 'corrupt') flip(frame, this.#bit);
    const overtaken = this.#overtaken.tx;
    if (this.inner.startXmit(slot) !== NETDEV_TX_OK) {
      if (verdict === 'corrupt') flip(frame, this.#bit);
      this.#refused = slot;
      return NETDEV_TX_BUSY;
    }
    if (verdict === 'corrupt') stats.corrupted++;
    else stats.passed++;
    if (twin !== undefined) {
      stats.duplicated++;
      this.#due.push(twin);
    }
    if (overtaken.length > 0) this.#due.push(...overtaken.splice(0));
    this.#sendDue();
    return NETDEV_TX_OK;
  }

  #copy(slot: number): Kept {
    const { slab } = this;
    const base = slab.payloadAt(slot) - PAYLOAD_OFFSET;
    return { frame: slab.bytes.slice(base, slab.end[slot]!), start: slab.start[slot]! - base };
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
        this.#due.push(kept);
        this.poll();
      }
    });
  }

  /** Gives the device the copies that are due, as far as it has room. */
  #sendDue(): void {
    const { slab } = this;
    const device = this.inner;
    const due = this.#due;
    while (due.length > 0) {
      let slot = slab.alloc();
      if (slot < 0) {
        device.poll();
        slot = slab.alloc();
      }
      if (slot < 0) break;
      const { frame, start } = due[0]!;
      const base = slab.payloadAt(slot) - PAYLOAD_OFFSET;
      slab.bytes.set(frame, base);
      slab.start[slot] = base + start;
      slab.end[slot] = base + frame.length;
      if (device.startXmit(slot) !== NETDEV_TX_OK) {
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
    const verdict = this.#plan.judge(packet, 'rx');
    const stats = this.faults.rx;
    if (verdict === 'drop') {
      stats.dropped++;
      return;
    }
    if (verdict === 'reorder' || typeof verdict === 'object') {
      this.#keep(verdict, { frame: packet.slice(), from, start: 0 }, 'rx');
      return;
    }
    let frame = packet;
    if (verdict === 'corrupt') {
      frame = packet.slice();
      flip(frame, this.#plan.bit(frame.length, this.#spared, 'rx'));
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

  override poll(): void {
    this.#sendDue();
    this.inner.poll();
  }

  /** Closes the device. Frames that are still kept are lost, and counted. */
  override close(): Promise<void> {
    this.#closed = true;
    this.faults.tx.lost += this.#overtaken.tx.splice(0).length + this.#due.splice(0).length;
    this.faults.rx.lost += this.#overtaken.rx.splice(0).length;
    return this.inner.close();
  }
}
