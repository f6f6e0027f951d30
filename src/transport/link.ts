/**
 * Holds what all transports share: the slab, the counters, and the three things that the host must
 * hear outside `startXmit` and `poll`: that there is room again, that a packet came, and that the
 * device is gone.
 *
 * A device is open; or gone (its interface was removed: the host has been told, and accepted frames
 * are dropped and counted); or closed.
 *
 * There are two kinds of transports. A `SendingDevice` hands over each frame in one call, which
 * takes it or does not, and holds nothing. The batching ones (af-packet, af-xdp, xdp) have queues
 * of their own, which their files describe.
 */
import type { KernelError } from '../errno.js';
import {
  type DeviceCaps,
  type DeviceHost,
  type DeviceStats,
  deviceStats,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from '../net/device.js';
import { createSlab, type FrameSlab } from '../net/slab.js';

/**
 * How long the device waits until it tries again after BUSY, or with frames that could not be sent.
 * The time doubles while nothing moves, up to the maximum.
 */
const RETRY_MS = 1;
const RETRY_MS_MAX = 32;
/** How long `close` tries to send the frames that are still held. */
const CLOSE_MS = 1000;

/** The name of devices that do not represent an interface of this machine. */
export const DEFAULT_NAME = 'eth0';
/** The hardware address of such a device, one of QEMU's. */
export const DEFAULT_MAC: readonly number[] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

/** What the kernel sees of a device, and how many slots the device has. */
export interface LinkOptions {
  /** The name that the kernel sees. */
  readonly name: string;
  /** The hardware address, 6 bytes. */
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
  /** The number of slots in the slab. */
  readonly slots: number;
}

/** The base of all transports: slab, counters, retries, and what the host must be told. */
export abstract class LinkDevice implements NetDevice, AsyncDisposable {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
  readonly slab: FrameSlab;
  readonly stats: DeviceStats = deviceStats();
  protected host: DeviceHost | undefined;
  /** Why nothing can be sent any more; undefined while sending is possible. */
  protected gone: KernelError | undefined;
  protected closed = false;
  /**
   * Resolves when the host has been told that the device is gone; undefined while it is not.
   */
  #told: Promise<void> | undefined;
  /** The length of the longest frame, counted from where the medium begins. */
  protected readonly longest: number;
  /** True while the host has been told BUSY and waits. */
  #stopped = false;
  #retrying: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS;

  /** Makes the slab, which `close` releases. */
  constructor(options: LinkOptions) {
    this.name = options.name;
    this.mac = options.mac;
    this.caps = options.caps;
    this.slab = createSlab(options.slots);
    this.longest = options.caps.mtu + (options.caps.medium === 'ethernet' ? 14 : 0);
  }

  attach(host: DeviceHost): void {
    this.host = host;
    this.startReceiving(host);
  }

  abstract startXmit(slot: number): NetdevTx;
  abstract poll(): void;

  /** Closes the device at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    const deadline = performance.now() + CLOSE_MS;
    this.poll();
    while (this.pending() > 0 && this.gone === undefined && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      this.poll();
    }
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.#retrying);
    this.release();
    // Held frames may just have been refused. The host must be told before the device is closed,
    // while it can still free slots.
    if (this.#told !== undefined) await this.#told;
    this.slab.release();
  }

  /** Starts to deliver packets to `host.receive`; does nothing unless overridden. */
  protected startReceiving(_host: DeviceHost): void {}
  /** Returns how many frames were accepted but not yet sent. */
  protected pending(): number {
    return 0;
  }
  /**
   * Counts the frames that are still pending as dropped, and gives back the system's resources. The
   * slab is released afterwards.
   */
  protected abstract release(): void;
  /** Says whether a frame would be accepted now. */
  protected hasRoom(): boolean {
    return true;
  }

  /** Refuses a frame; the host is woken when there is room. */
  protected busy(): NetdevTx {
    this.#stopped = true;
    this.retry();
    return NETDEV_TX_BUSY;
  }

  /**
   * Plans another try for accepted frames that could not be sent: `poll` will be called after a
   * while, even if nobody else calls it.
   */
  protected retry(): void {
    this.#retrying ??= setTimeout(() => this.#again(), this.#retryMs);
  }

  /** Accepts a frame and loses it: counts it as dropped and frees its slot. */
  protected drop(slot: number): NetdevTx {
    this.stats.txDropped++;
    this.slab.free(slot);
    return NETDEV_TX_OK;
  }

  /** Accepts a frame that the medium refuses for good: counts it as an error and frees its slot. */
  protected refuse(slot: number): NetdevTx {
    this.stats.txErrors++;
    this.slab.free(slot);
    return NETDEV_TX_OK;
  }

  /** Marks the device as gone. The host is told later, but before `close` is done. */
  protected lost(reason: KernelError): void {
    if (this.gone) return;
    this.gone = reason;
    this.#told = new Promise((resolve) => {
      setImmediate(() => {
        resolve();
        this.host?.down(reason);
      });
    });
  }

  #again(): void {
    this.#retrying = undefined;
    if (this.closed) return;
    const before = this.pending();
    this.poll();
    const stuck = before > 0 && this.pending() >= before;
    if (this.#stopped) {
      if (this.hasRoom() || this.gone) {
        this.#stopped = false;
        this.host?.txWake();
      } else {
        this.retry();
      }
    }
    this.#retryMs = stuck ? Math.min(this.#retryMs * 2, RETRY_MS_MAX) : RETRY_MS;
  }
}

/** What became of a frame that was offered to the system. */
export type Sent = 'sent' | 'busy' | 'refused';

/**
 * A device that hands over one frame a call. Its slot is free again when `startXmit` returns OK.
 */
export abstract class SendingDevice extends LinkDevice {
  /**
   * Sends the frame at once. A frame that the system refuses for good is counted as an error, and
   * its slot is free again.
   */
  startXmit(slot: number): NetdevTx {
    if (this.gone !== undefined || this.closed) return this.drop(slot);
    const start = this.slab.start[slot]!;
    const length = this.slab.end[slot]! - start;
    if (length > this.longest) return this.refuse(slot);
    const sent = this.send(slot, start, length);
    if (sent === 'busy') return this.busy();
    if (sent === 'refused') return this.refuse(slot);
    this.stats.txPackets++;
    this.stats.txBytes += length;
    this.slab.free(slot);
    return NETDEV_TX_OK;
  }

  /** Does nothing, because no frames are held back. */
  poll(): void {}

  /**
   * Offers `length` bytes of the slab, from `start`, which belong to `slot`. Must not throw.
   */
  protected abstract send(slot: number, start: number, length: number): Sent;
}
