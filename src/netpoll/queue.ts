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

/** What netpoll asks of its kernel. */
export interface NetpollHost {
  /** The kernel's heap, where the payloads of `sendUdp` lie. */
  readonly heap: Heap;
  /** What the kernel's version does. */
  readonly profile: Profile;
  /** The interfaces, by name and by hardware address. */
  readonly netdevs: Netdevs;
  /** How many ticks a second has. */
  readonly HZ: number;
  /** Returns the time in microseconds since boot. */
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

/** What an older netpoll did differently, once it was set up. */
export interface NetpollEra {
  /** Whether there is a UDP checksum; if not, it stays 0. */
  readonly udpChecksum: boolean;
  /** Whether there is an IPv4 identification; if not, it stays 0. */
  readonly ipIdent: boolean;
  /** Whether the Ethernet source stays 00:00:00:00:00:00. */
  readonly zeroSource: boolean;
  /**
   * After so many refusals of a device in a row, of whichever frames, a frame is given up; 0:
   * frames wait in the queue.
   */
  readonly maxRetries: number;
}

/** Frames waiting for one device. Linux: struct netpoll_info. */
export class TxQueue {
  readonly #slots: number[] = [];
  readonly #dev: Interface;
  /** How many offers in a row were refused, where the era counts them. */
  refused = 0;
  readonly #core: NetpollCore;
  #stop: (() => void) | undefined;
  #scheduled = false;

  constructor(dev: Interface, core: NetpollCore) {
    this.#dev = dev;
    this.#core = core;
  }

  /** How many frames wait. */
  get length(): number {
    return this.#slots.length;
  }

  /** Queues a frame, which was built in that slot of the device, and has a worker offer it. */
  push(slot: number): void {
    this.#slots.push(slot);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#core.host.queueWork(() => this.process());
  }

  /**
   * Offers the frames that wait, in order, until the device refuses one; then tries again after
   * HZ/10. Frames are dropped and counted if the interface is gone or down. Linux: queue_process().
   */
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

/** Counted over all devices of a kernel. */
export interface NetpollStats {
  /** Frames that were still in a queue when their device went. */
  txQueueDropped: number;
}

/** The state that all netpolls of a kernel share. */
export class NetpollCore {
  /** The kernel that the netpolls belong to. */
  readonly host: NetpollHost;
  /** The IPv4 identification of the last packet built. */
  ipIdent = 0;
  /** netpoll.carrier_timeout, in seconds. */
  carrierTimeout = 4;
  /** Counted from boot. */
  readonly stats: NetpollStats = { txQueueDropped: 0 };
  /**
   * How many system calls and interrupts there were. A run of frames ends when this changes, as a
   * device's callback may have altered any state.
   */
  calls = 0;
  /**
   * Clients of the netpoll of 2003, which are shown every frame first; one that returns true keeps
   * the frame for itself.
   */
  readonly rawListeners: ((dev: Interface, frame: Uint8Array) => boolean)[] = [];
  readonly #queues = new Map<Interface, TxQueue>();
  #fault: { readonly error: unknown } | undefined;
  /** The device that was offered a frame last, and whether it is still deciding. */
  #offered: NetDevice | undefined;
  #offering = false;
  /** The devices that hold frames back. */
  readonly #held: Interface[] = [];
  /**
   * How many devices those are. The array keeps its room this way, which it would lose if its
   * length were set.
   */
  #heldCount = 0;

  constructor(host: NetpollHost) {
    this.host = host;
  }

  /** Returns the queue of an interface, and makes it if there is none yet. */
  queue(dev: Interface): TxQueue {
    let queue = this.#queues.get(dev);
    if (queue === undefined) {
      queue = new TxQueue(dev, this);
      this.#queues.set(dev, queue);
    }
    return queue;
  }

  /**
   * Offers a frame; returns whether the device has it now. If the device throws, or gives another
   * answer, the frame is lost: see `throwFault`.
   */
  xmit(device: NetDevice, slot: number): boolean {
    let status: unknown;
    if (this.#offered !== device) this.#offered = device;
    this.#offering = true;
    try {
      status = device.startXmit(slot);
      this.#offering = false;
      if (status === NETDEV_TX_OK) return true;
      if (status === NETDEV_TX_BUSY) return false;
      const answer = 'neither NETDEV_TX_OK (0) nor NETDEV_TX_BUSY (16)';
      throw new TypeError(`device ${device.name}: startXmit returned ${String(status)}, ${answer}`);
    } catch (error) {
      this.#fault ??= { error };
      this.#offering = false;
      this.#dropSlot(device, slot);
      return true;
    }
  }

  /** Polls a device, so that it frees the slots of frames that have left. */
  poll(device: NetDevice): void {
    try {
      device.poll();
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  /**
   * Throws the first error that a device threw since the last call. The caller must have its state
   * in order by then.
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
      // The device had freed the slot before it failed.
    }
  }

  /** How many frames wait, for whatever device. */
  get queued(): number {
    let frames = 0;
    for (const queue of this.#queues.values()) frames += queue.length;
    return frames;
  }

  /**
   * Sends a whole frame, behind those that wait. Returns false if there is no slot, or the device
   * is down.
   */
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

  /** Hears that a device has room again. */
  txWake(dev: Interface): void {
    if (this.#offering && this.#offered === dev.device) {
      const why = `device ${dev.name} called txWake from inside startXmit: call it when there is room again`;
      this.#fault ??= { error: new Error(why) };
      return;
    }
    const queue = this.#queues.get(dev);
    if (queue !== undefined && queue.length > 0) queue.process();
  }

  /** Releases all devices; frames that wait for them are dropped. */
  release(): void {
    for (const dev of [...this.#queues.keys()]) {
      dev.registered = false;
      this.forget(dev);
    }
  }

  /** Ends an interface that is going: the frames that wait for it are dropped and counted. */
  forget(dev: Interface): void {
    this.#queues.get(dev)?.process();
    this.#queues.delete(dev);
    if (this.#heldCount === 0) this.#held.length = 0;
  }

  /** Notes that the device may hold frames back, so that the next `flush` polls it. */
  hold(dev: Interface): void {
    const held = this.#held;
    let i = this.#heldCount - 1;
    while (i >= 0 && held[i] !== dev) i--;
    if (i < 0) held[this.#heldCount++] = dev;
  }

  /** Pushes out the frames that devices hold back. */
  flush(): void {
    for (let i = 0; i < this.#heldCount; i++) this.poll(this.#held[i]!.device);
    this.#heldCount = 0;
  }
}
