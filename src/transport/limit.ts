/**
 * Puts caps on any device: frames a second, frames in all, seconds in all.
 *
 * The rate works as in `net/paced.ts`: a bucket that is empty at first and holds a millisecond's
 * frames, so that no unasked-for burst leaves. A frame that comes before its time is refused
 * (BUSY), and the host is woken when the time has come. A host that is woken late catches up at one
 * and a half times the rate, with at most five milliseconds' frames at once. After the last allowed
 * frame or second, frames are accepted but only counted in `txDropped`, and the host is told once
 * that the device is down, with a `CapReached` as the reason.
 */

import { KernelError } from '../errno.js';
import {
  aDevice,
  type DeviceHost,
  type DeviceStats,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from '../net/device.js';
import { type PacedDevice, pacedDevice } from '../net/paced.js';
import { MAX_RATE } from '../net/shaper.js';
import { WrappedDevice } from '../net/wrap.js';
import { callback, checkArgument, checkOptions, type OptionRule, type OptionRules } from '../options.js';

/** What a device may send. An absent limit does not apply. */
export interface Limits {
  /** Frames a second, more than 0 and at most 10^9. */
  readonly rate?: number;
  /** How many frames may be sent in all. */
  readonly maxFrames?: number;
  /** How many seconds after `attach` sending ends. */
  readonly maxSeconds?: number;
  /** A clock in microseconds that never goes back. Default: the system's. */
  readonly now?: () => number;
}

/** The longest that a timer of the system can wait; a longer one would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** A limit; Infinity means that there is none. */
const LIMIT: OptionRule = { expected: 'a number above 0', holds: (value) => typeof value === 'number' && value > 0 };
const RATE: OptionRule = {
  expected: `a number above 0 and up to ${MAX_RATE}, or Infinity`,
  holds: (value) => LIMIT.holds(value) && ((value as number) <= MAX_RATE || value === Number.POSITIVE_INFINITY),
};
/** The rules that `Limits` are checked by. */
export const LIMIT_RULES: OptionRules<Limits> = { rate: RATE, maxFrames: LIMIT, maxSeconds: LIMIT, now: callback };

/**
 * Returns a device with these limits, or `device` itself if nothing is limited. Throws EINVAL for a
 * limit that is not a positive number.
 */
export function limitDevice<D extends NetDevice>(device: D, limits: Limits): D | (NetDevice & AsyncDisposable) {
  checkArgument('limitDevice', 'device', device, aDevice);
  checkOptions('limitDevice', limits, LIMIT_RULES);
  const { rate, maxFrames, maxSeconds } = limits;
  return rate === undefined && maxFrames === undefined && maxSeconds === undefined
    ? device
    : new LimitedDevice(device, limits);
}

/** Why a device is gone: it has sent all that it may. */
export class CapReached extends KernelError {}

class LimitedDevice extends WrappedDevice {
  readonly #stats: Readonly<DeviceStats>;
  readonly #limits: Limits;
  readonly #now: () => number;
  /** The schedule of the frames; only with a rate. */
  readonly #paced: PacedDevice | undefined;
  #left: number;
  #endAt = Number.POSITIVE_INFINITY;
  #ended = false;
  #inWake = false;
  #dropped = 0;
  #host: DeviceHost | undefined;
  #waking: NodeJS.Timeout | undefined;
  #ending: NodeJS.Timeout | undefined;

  constructor(device: NetDevice, limits: Limits) {
    const { rate = Number.POSITIVE_INFINITY, now = () => performance.now() * 1000 } = limits;
    const startedUsec = now();
    const paced =
      rate === Number.POSITIVE_INFINITY
        ? undefined
        : pacedDevice(device, { rate: { rate }, now: () => now() - startedUsec });
    super(paced ?? device);
    this.#limits = limits;
    this.#now = now;
    this.#paced = paced;
    if (paced !== undefined) paced.dueUsec = undefined;
    this.#left = limits.maxFrames ?? Number.POSITIVE_INFINITY;
    const inner = device.stats;
    const dropped = () => this.#dropped;
    this.#stats = {
      get txPackets() {
        return inner.txPackets;
      },
      get txBytes() {
        return inner.txBytes;
      },
      get txErrors() {
        return inner.txErrors;
      },
      get txDropped() {
        return inner.txDropped + dropped();
      },
      get txCapped() {
        return dropped();
      },
      get rxPackets() {
        return inner.rxPackets;
      },
      get rxDropped() {
        return inner.rxDropped;
      },
    };
  }

  /** The inner device's counts, plus the frames that a cap gave up as dropped. */
  override get stats(): Readonly<DeviceStats> {
    return this.#stats;
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
    const { maxSeconds } = this.#limits;
    if (maxSeconds !== undefined) {
      this.#endAt = this.#now() + maxSeconds * 1e6;
      this.#watchEnd();
    }
    this.inner.attach(host);
  }

  override startXmit(slot: number): NetdevTx {
    if (this.#ended) return this.#drop(slot);
    if (this.#left <= 0) {
      this.#end(`${this.#limits.maxFrames} frames (maxFrames)`);
      return this.#drop(slot);
    }
    this.#checkEnd();
    if (this.#ended) return this.#drop(slot);
    const status = this.inner.startXmit(slot);
    if (status === NETDEV_TX_OK) this.#left--;
    if (this.#paced !== undefined) this.#follow(this.#paced);
    return status;
  }

  /**
   * Wakes the host when the time of the waiting frame comes. The frames behind it are then due at
   * that time, too.
   */
  #follow(paced: PacedDevice): void {
    if (paced.nextUsec === undefined) {
      if (!this.#inWake) paced.dueUsec = undefined;
      return;
    }
    paced.dueUsec ??= paced.nextUsec;
    this.#waking ??= setTimeout(() => this.#wake(paced), Math.max(1, Math.ceil(paced.waitUsec / 1000)));
  }

  #wake(paced: PacedDevice): void {
    this.#waking = undefined;
    if (!this.#ended && paced.waitUsec > 0) {
      this.#follow(paced);
      return;
    }
    this.#inWake = true;
    try {
      this.#host?.txWake();
    } finally {
      this.#inWake = false;
    }
    // All frames that waited have left.
    if (paced.nextUsec === undefined) paced.dueUsec = undefined;
  }

  override close(): Promise<void> {
    clearTimeout(this.#waking);
    clearTimeout(this.#ending);
    this.#ended = true;
    return this.inner.close();
  }

  /** Ends the device in time even if nothing is sent. A timer that fires early is set anew. */
  #watchEnd(): void {
    const leftMs = Math.ceil((this.#endAt - this.#now()) / 1000);
    this.#ending = setTimeout(
      () => {
        this.#checkEnd();
        if (!this.#ended) this.#watchEnd();
      },
      Math.min(Math.max(leftMs, 1), TIMER_MAX_MS),
    );
    this.#ending.unref();
  }

  #checkEnd(): void {
    if (this.#endAt !== Number.POSITIVE_INFINITY && this.#now() >= this.#endAt)
      this.#end(`${this.#limits.maxSeconds} seconds (maxSeconds)`);
  }

  #end(cap: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const reason = new CapReached(
      'ENETDOWN',
      this.name,
      `${this.name}: stopped after ${cap}; raise or remove the limit`,
    );
    setImmediate(() => this.#host?.down(reason));
  }

  #drop(slot: number): NetdevTx {
    this.#dropped++;
    this.slab.free(slot);
    return NETDEV_TX_OK;
  }
}
