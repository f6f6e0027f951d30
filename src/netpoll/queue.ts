/**
 * What all netpolls of a kernel share: the frames that wait for a device, in order, the IPv4
 * identification, and which devices hold frames back.
 *
 * Linux: struct netpoll_info, net/core/netpoll.c queue_process().
 */
import type { Heap } from '../memory/heap.js';
import { NETDEV_TX_BUSY, NETDEV_TX_OK, type NetDevice } from '../net/device.js';
import type { Interface } from '../net/interface.js';
import type { Netdevs } from '../net/netdevs.js';
import type { Profile } from '../profile/index.js';

/** What netpoll needs of its kernel. */
export interface NetpollHost {
  readonly heap: Heap;
  readonly profile: Profile;
  readonly netdevs: Netdevs;
  readonly HZ: number;
  now(): number;
  /** Logs one of the kernel's own messages, without a newline. */
  log(level: number, text: string): void;
  /** Lets time pass inside a call that sleeps. */
  sleepUntil(usec: number): void;
  /** Runs `fn` when the current call returns. */
  queueWork(fn: () => void): void;
  /** Runs `fn` after so many jiffies; the function returned stops it. */
  delay(jiffies: number, fn: () => void): () => void;
}

/** What an older netpoll did otherwise, once it was set up. */
export interface NetpollEra {
  /** False: the UDP checksum stays 0. */
  readonly udpChecksum: boolean;
  /** False: the IPv4 identification stays 0. */
  readonly ipIdent: boolean;
  /** The Ethernet source stays 00:00:00:00:00:00. */
  readonly zeroSource: boolean;
  /**
   * A frame is given up once its device has refused so often in a row, whichever frame; 0: it waits
   * in the queue.
   */
  readonly maxRetries: number;
}

/** Frames waiting for one device. Linux: struct netpoll_info. */
export class TxQueue {
  readonly #slots: number[] = [];
  readonly #dev: Interface;
  /** Offers refused since the last that was not, where the era counts them. */
  refused = 0;
  readonly #core: NetpollCore;
  #stop: (() => void) | undefined;
  #scheduled = false;

  constructor(dev: Interface, core: NetpollCore) {
    this.#dev = dev;
    this.#core = core;
  }

  get length(): number {
    return this.#slots.length;
  }

  push(slot: number): void {
    this.#slots.push(slot);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#core.host.queueWork(() => this.process());
  }

  /** Linux: queue_process(). */
  process(): void {
    this.#stop?.();
    this.#stop = undefined;
    const { device } = this.#dev;
    let sent = 0;
    for (; sent < this.#slots.length; sent++) {
      const slot = this.#slots[sent]!;
      if (!this.#dev.registered || !this.#dev.running) {
        device.slab.free(slot);
        this.#core.stats.txQueueDropped++;
      } else if (!this.#core.xmit(device, slot)) {
        break;
      }
    }
    this.#slots.splice(0, sent);
    this.#core.poll(device);
    this.#scheduled = this.#slots.length > 0;
    if (this.#scheduled) this.#stop = this.#core.host.delay(this.#core.host.HZ / 10, () => this.process());
  }
}

export interface NetpollStats {
  /** Frames that waited in a queue when their device went. */
  txQueueDropped: number;
}

/** What all netpolls of a kernel share. */
export class NetpollCore {
  readonly host: NetpollHost;
  /** The IPv4 identification of the last packet built. */
  ipIdent = 0;
  /** netpoll.carrier_timeout, in seconds. */
  carrierTimeout = 4;
  readonly stats: NetpollStats = { txQueueDropped: 0 };
  /**
   * System calls and interrupts so far. A run of frames ends when this changes, as a device's
   * callback may have altered any state.
   */
  calls = 0;
  /**
   * Clients of the netpoll of 2003 that hear every frame first; true: the frame is theirs alone.
   */
  readonly rawListeners: ((dev: Interface, frame: Uint8Array) => boolean)[] = [];
  readonly #queues = new Map<Interface, TxQueue>();
  #fault: { readonly error: unknown } | undefined;
  /** The device that has been offered a frame just now. */
  #offering: NetDevice | undefined;
  /** Devices that hold frames back. */
  readonly #held: Interface[] = [];
  /** How many; the array keeps its room, which setting its length would not. */
  #heldCount = 0;

  constructor(host: NetpollHost) {
    this.host = host;
  }

  queue(dev: Interface): TxQueue {
    let queue = this.#queues.get(dev);
    if (queue === undefined) {
      queue = new TxQueue(dev, this);
      this.#queues.set(dev, queue);
    }
    return queue;
  }

  /**
   * Offers a frame; returns whether the device has it now. A device that throws, or answers
   * neither, has lost the frame: see `throwFault`.
   */
  xmit(device: NetDevice, slot: number): boolean {
    let status: unknown;
    this.#offering = device;
    try {
      status = device.startXmit(slot);
      this.#offering = undefined;
      if (status === NETDEV_TX_OK) return true;
      if (status === NETDEV_TX_BUSY) return false;
      const answer = 'neither NETDEV_TX_OK (0) nor NETDEV_TX_BUSY (16)';
      throw new TypeError(`device ${device.name}: startXmit returned ${String(status)}, ${answer}`);
    } catch (error) {
      this.#fault ??= { error };
      this.#offering = undefined;
      this.#dropSlot(device, slot);
      return true;
    }
  }

  /** Lets a device collect what has left. */
  poll(device: NetDevice): void {
    try {
      device.poll();
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  /**
   * Throws the first error that a device threw since the last call. The caller has all of its state
   * whole by then.
   */
  throwFault(): void {
    const fault = this.#fault;
    if (fault === undefined) return;
    this.#fault = undefined;
    throw fault.error;
  }

  #dropSlot({ slab }: NetDevice, slot: number): void {
    try {
      slab.free(slot);
    } catch {
      // The device had freed it before it failed.
    }
  }

  /** Frames that wait, for whatever device. */
  get queued(): number {
    let frames = 0;
    for (const queue of this.#queues.values()) frames += queue.length;
    return frames;
  }

  /** Sends a whole frame, behind whatever waits. False: no slot, or the device is down. */
  sendFrame(dev: Interface, frame: Uint8Array): boolean {
    const { device } = dev;
    const slot = dev.running ? device.slab.alloc() : -1;
    if (slot < 0) return false;
    const { slab } = device;
    const start = slab.payloadAt(slot);
    slab.bytes.set(frame, start);
    slab.start[slot] = start;
    slab.end[slot] = start + frame.length;
    const queue = this.queue(dev);
    if (queue.length === 0 && this.xmit(device, slot)) this.hold(dev);
    else queue.push(slot);
    return true;
  }

  /** The device has room again. */
  txWake(dev: Interface): void {
    if (this.#offering === dev.device) {
      const why = `device ${dev.name} called txWake from inside startXmit: call it when there is room again`;
      this.#fault ??= { error: new Error(why) };
      return;
    }
    const queue = this.#queues.get(dev);
    if (queue !== undefined && queue.length > 0) queue.process();
  }

  /** Lets all devices go; what waits for them is dropped. */
  release(): void {
    for (const dev of [...this.#queues.keys()]) {
      dev.registered = false;
      this.forget(dev);
    }
  }

  forget(dev: Interface): void {
    this.#queues.get(dev)?.process();
    this.#queues.delete(dev);
    if (this.#heldCount === 0) this.#held.length = 0;
  }

  hold(dev: Interface): void {
    const held = this.#held;
    let i = this.#heldCount - 1;
    while (i >= 0 && held[i] !== dev) i--;
    if (i < 0) held[this.#heldCount++] = dev;
  }

  /** Pushes out what the devices held back. */
  flush(): void {
    for (let i = 0; i < this.#heldCount; i++) this.poll(this.#held[i]!.device);
    this.#heldCount = 0;
  }
}
