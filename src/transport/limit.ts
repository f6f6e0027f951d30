/**
 * Caps on any device: frames a second, frames in all, seconds in all.
 *
 * The rate is a bucket of tokens, one a frame. It is empty at first, is filled at the rate, and
 * holds a millisecond's, so that nothing leaves in a burst that was not asked for; without a token
 * the device is BUSY and wakes its host when there is one. While a host waits, what comes in is not
 * lost when it is woken late (up to a tenth of a second's), so that the rate is held in every
 * second. After the last allowed frame or second, frames are accepted and counted in `txDropped`,
 * and the host is told once that the device is down, with a `CapReached` as the reason.
 */

import { KernelError } from '../errno.js';
import {
  aDevice,
  type DeviceHost,
  type DeviceStats,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from '../net/device.js';
import { WrappedDevice } from '../net/wrap.js';
import { callback, checkArgument, checkOptions, type OptionRule, type OptionRules } from '../options.js';

/** What a device may send. Absent: without a limit. */
export interface Limits {
  /** Frames a second; more than 0. */
  readonly rate?: number;
  readonly maxFrames?: number;
  /** From `attach` on. */
  readonly maxSeconds?: number;
  /** A clock in microseconds that never goes back. Default: the system's. */
  readonly now?: () => number;
}

/** Infinity: no limit. */
const LIMIT: OptionRule = { expected: 'a number above 0', holds: (value) => typeof value === 'number' && value > 0 };
export const LIMIT_RULES: OptionRules<Limits> = { rate: LIMIT, maxFrames: LIMIT, maxSeconds: LIMIT, now: callback };

/** The share of a second that may go out at once after a pause. */
const BURST_SECONDS = 0.001;
/** The share that may go out at once when a host that waited is woken late. */
const LATE_SECONDS = 0.1;
/**
 * Tokens are counted in millionths: a rate of so many frames a second adds as many of them each
 * microsecond, so whole rates stay exact.
 */
const TOKEN = 1e6;

/**
 * `device` itself when there is nothing to limit. EINVAL for a limit that is not a positive number.
 */
export function limitDevice<D extends NetDevice>(device: D, limits: Limits): D | (NetDevice & AsyncDisposable) {
  checkArgument('limitDevice', 'device', device, aDevice);
  checkOptions('limitDevice', limits, LIMIT_RULES);
  const { rate, maxFrames, maxSeconds } = limits;
  return rate === undefined && maxFrames === undefined && maxSeconds === undefined
    ? device
    : new LimitedDevice(device, limits);
}

/** Why a device is gone that has sent all that it was to send. */
export class CapReached extends KernelError {}

class LimitedDevice extends WrappedDevice {
  readonly #stats: Readonly<DeviceStats>;
  readonly #limits: Limits;
  readonly #now: () => number;
  /** What a microsecond adds, and the most there can be; infinite without a rate. */
  readonly #perUsec: number;
  readonly #burst: number;
  #tokens: number;
  /** The host was told BUSY for want of a token, and no token has come since. */
  #waits = false;
  #filledAt: number;
  #left: number;
  #endAt = Number.POSITIVE_INFINITY;
  #ended = false;
  #dropped = 0;
  #host: DeviceHost | undefined;
  #waking: NodeJS.Timeout | undefined;
  #ending: NodeJS.Timeout | undefined;

  constructor(device: NetDevice, limits: Limits) {
    super(device);
    this.#limits = limits;
    this.#now = limits.now ?? (() => performance.now() * 1000);
    this.#perUsec = limits.rate ?? Number.POSITIVE_INFINITY;
    this.#burst = Math.max(TOKEN, this.#perUsec * BURST_SECONDS * TOKEN);
    this.#tokens = limits.rate === undefined ? this.#burst : 0;
    this.#filledAt = this.#now();
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

  /** The inner device's, with the frames that a cap gave up. */
  override get stats(): Readonly<DeviceStats> {
    return this.#stats;
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
    const { maxSeconds } = this.#limits;
    if (maxSeconds !== undefined) {
      this.#endAt = this.#now() + maxSeconds * 1e6;
      this.#ending = setTimeout(() => this.#checkEnd(), maxSeconds * 1000);
      this.#ending.unref();
    }
    this.inner.attach(host);
  }

  override startXmit(slot: number): NetdevTx {
    if (this.#ended) return this.#drop(slot);
    if (this.#left <= 0) {
      this.#end(`${this.#limits.maxFrames} frames (maxFrames)`);
      return this.#drop(slot);
    }
    if (this.#tokens < TOKEN || this.#endAt !== Number.POSITIVE_INFINITY) {
      this.#checkEnd();
      if (this.#ended) return this.#drop(slot);
      if (!this.#fill()) return this.#busy();
    }
    const status = this.inner.startXmit(slot);
    if (status === NETDEV_TX_OK) {
      this.#tokens -= TOKEN;
      this.#left--;
    }
    return status;
  }

  override close(): Promise<void> {
    clearTimeout(this.#waking);
    clearTimeout(this.#ending);
    this.#ended = true;
    return this.inner.close();
  }

  /** Adds the tokens that have come since; whether there is one. */
  #fill(): boolean {
    const now = this.#now();
    const most = this.#waits ? Math.max(this.#burst, this.#perUsec * LATE_SECONDS * TOKEN) : this.#burst;
    if (now > this.#filledAt) this.#tokens = Math.min(most, this.#tokens + (now - this.#filledAt) * this.#perUsec);
    this.#filledAt = Math.max(now, this.#filledAt);
    if (this.#tokens < TOKEN) return false;
    this.#waits = false;
    return true;
  }

  #busy(): NetdevTx {
    this.#waits = true;
    // What the device below was told to wait with must not wait for the next token.
    this.inner.poll();
    const wait = Math.max(1, Math.ceil((TOKEN - this.#tokens) / this.#perUsec / 1000));
    this.#waking ??= setTimeout(() => {
      this.#waking = undefined;
      if (this.#ended || this.#fill()) this.#host?.txWake();
      else this.#busy();
    }, wait);
    return NETDEV_TX_BUSY;
  }

  #checkEnd(): void {
    if (this.#now() >= this.#endAt) this.#end(`${this.#limits.maxSeconds} seconds (maxSeconds)`);
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
