/**
 * What all transports share: the slab, the counters, and the three things that must reach the host
 * from outside `startXmit` and `poll`: room again, packets received, gone.
 *
 * States: open; gone (the interface was removed: accepted frames are dropped and counted, the host
 * was told); closed.
 *
 * Two kinds stand on it. `SendingDevice` hands each frame over in one call that takes it or not and
 * holds nothing. The batching ones (af-packet, af-xdp, xdp) have queues of their own and say so in
 * their files.
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
 * How long after BUSY, or with frames it could not send on, the device tries again; doubled while
 * nothing moves, up to the greatest.
 */
const RETRY_MS = 1;
const RETRY_MS_MAX = 32;
/** How long `close` tries to send what is still held back. */
export const CLOSE_MS = 1000;

/** The name of devices that do not stand for an interface of this machine. */
export const DEFAULT_NAME = 'eth0';
/** The hardware address of such a device, one of QEMU's. */
export const DEFAULT_MAC: readonly number[] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

/** What a device is to its kernel, and how many slots it has. */
export interface LinkOptions {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
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
  /** Why nothing can be sent any more; undefined while something can. */
  protected gone: KernelError | undefined;
  protected closed = false;
  /**
   * Done when the host was told that the device is gone; undefined while there is nothing to tell.
   */
  #told: Promise<void> | undefined;
  /** The longest frame, from where the medium begins. */
  protected readonly longest: number;
  /** The host was told BUSY and waits. */
  #stopped = false;
  #retrying: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS;

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

  /** As `close`, at the end of an `await using` block. */
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
    // Frames that were held back may just have been refused. The host is told before the device is
    // closed, while it may still free slots.
    if (this.#told !== undefined) await this.#told;
    this.slab.release();
  }

  /** Starts what delivers packets to `host.receive`; by default nothing. */
  protected startReceiving(_host: DeviceHost): void {}
  /** Frames accepted and not yet sent. */
  protected pending(): number {
    return 0;
  }
  /**
   * Counts what `pending` still tells as dropped and gives the system's resources back. The slab
   * goes afterwards.
   */
  protected abstract release(): void;
  /** Whether a frame would be accepted now. */
  protected hasRoom(): boolean {
    return true;
  }

  /** The frame is not accepted; the host is woken when there is room. */
  protected busy(): NetdevTx {
    this.#stopped = true;
    this.retry();
    return NETDEV_TX_BUSY;
  }

  /**
   * Accepted frames could not be sent on: `poll` is called in a while, whether or not somebody else
   * does.
   */
  protected retry(): void {
    this.#retrying ??= setTimeout(() => this.#again(), this.#retryMs);
  }

  /** The frame is accepted and lost: counted, its slot freed. */
  protected drop(slot: number): NetdevTx {
    this.stats.txDropped++;
    this.slab.free(slot);
    return NETDEV_TX_OK;
  }

  /** The frame is accepted and refused by the medium for good: counted, its slot freed. */
  protected refuse(slot: number): NetdevTx {
    this.stats.txErrors++;
    this.slab.free(slot);
    return NETDEV_TX_OK;
  }

  /** Nothing can be sent any more. Tells the host, later, and before `close` is done. */
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

/** A device that hands over one frame a call. The slot is free when `startXmit` returns OK. */
export abstract class SendingDevice extends LinkDevice {
  /**
   * Sends the frame at once. A frame that the system refuses for good is counted, and its slot is
   * free again.
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

  /** Does nothing: nothing is held back. */
  poll(): void {}

  /**
   * Offers `length` bytes from `start` of the slab's bytes, which are slot `slot`'s. Never throws.
   */
  protected abstract send(slot: number, start: number, length: number): Sent;
}
