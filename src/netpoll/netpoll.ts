/**
 * One UDP sender: bound to a device, it builds frames and hands them over.
 *
 * Linux: struct netpoll.
 */
import type { Heap } from '../memory/heap.js';
import { type MemoryOps, TEMPLATE } from '../memory/ops.js';
import { NETDEV_TX_OK } from '../net/device.js';
import type { Interface } from '../net/interface.js';
import type { FrameSlab } from '../net/slab.js';
import type { NetpollCore, TxQueue } from './queue.js';
import { findDevice, type NetpollOptions } from './setup.js';
import { ETH_HLEN, type FrameHeaders, headerLength, writeTemplate } from './template.js';

export type SendResult = 'sent' | 'queued' | 'drop' | 'enomem';

/** Ethernet's smallest frame, without the checksum at its end. */
const ETH_ZLEN = 60;
/** Rounds of polling before a frame is given up for want of memory. Linux: find_skb(). */
const FIND_SKB_TRIES = 10;
/** Microseconds between two offers of a frame. Linux: USEC_PER_POLL. */
const USEC_PER_POLL = 50;
/** The largest request that the pool of buffers serves. Linux: MAX_SKB_SIZE. */
export const MAX_SKB_SIZE: number = 14 + 20 + 8 + 1460;

export class Netpoll {
  readonly options: NetpollOptions;
  /** Bound between `setup` and `cleanup`. */
  dev: Interface | undefined;
  readonly #core: NetpollCore;
  readonly #maxRetries: number;
  readonly #ipIdent: boolean;
  /** Its packets carry an identification: IPv4, and not of an era that left it 0. */
  #counts = false;
  #queue: TxQueue | undefined;
  /** The device's, and its heap's loops. */
  #slab: FrameSlab | undefined;
  #ops: MemoryOps | undefined;
  #template = 0;
  #templateHeap: Heap | undefined;
  #headerBytes = 0;
  #medium = 0;
  #tries = 1;

  constructor(core: NetpollCore, options: NetpollOptions) {
    this.#core = core;
    this.options = options;
    this.#maxRetries = options.era?.maxRetries ?? 0;
    this.#ipIdent = options.era?.ipIdent ?? true;
  }

  /** Finds and binds the device. Throws what the kernel returns: ENODEV, EBUSY, EDESTADDRREQ, ENOTSUPP. */
  setup(): void {
    const { host } = this.#core;
    this.bind(findDevice(this.#core, this.options));
    // The setup ends in a grace period: others run.
    host.sleepUntil(host.now());
  }

  #headers(dev: Interface): FrameHeaders {
    const { options } = this;
    const length = options.ipv6 ? 16 : 4;
    return {
      sourceMac: options.era?.zeroSource ? new Uint8Array(6) : dev.mac,
      remoteMac: options.remoteMac,
      localIp: options.localIp.subarray(0, length),
      remoteIp: options.remoteIp.subarray(0, length),
      localPort: options.localPort,
      remotePort: options.remotePort,
      udpChecksum: options.era?.udpChecksum ?? true,
    };
  }

  /** Takes the device and builds the headers: the end of every setup. The source address must be known. */
  bind(dev: Interface): void {
    const { host } = this.#core;
    const headers = this.#headers(dev);
    const heap = dev.device.slab.heap;
    this.#template = heap.alloc(TEMPLATE.bytes);
    this.#templateHeap = heap;
    writeTemplate(heap, this.#template, headers);
    this.#headerBytes = headerLength(headers);
    this.#counts = this.#headerBytes === 42 && this.#ipIdent;
    const { medium } = dev.device.caps;
    this.#medium = medium === 'ethernet' ? 0 : medium === 'ip' ? ETH_HLEN : this.#headerBytes - 8;
    this.#tries = Math.max(1, Math.floor(1e6 / host.HZ / USEC_PER_POLL));
    this.#queue = this.#core.queue(dev);
    this.#slab = dev.device.slab;
    this.#ops = heap.ops;
    this.dev = dev;
    dev.netpolls++;
  }

  /** The device's own address changed: it is the source from now on. */
  readdress(): void {
    if (this.dev !== undefined) writeTemplate(this.#templateHeap!, this.#template, this.#headers(this.dev));
  }

  /** Lets the device go; what it took from it stays in the options. Idempotent. */
  cleanup(): void {
    if (this.dev === undefined) return;
    this.#templateHeap?.free(this.#template);
    this.dev.netpolls--;
    this.dev = undefined;
    this.#queue = undefined;
    this.#slab = undefined;
  }

  /** A slot to put a payload together in, or -1: `enomem`. Paired with exactly one `commitUdp`. Linux: find_skb(). */
  reserveUdp(): number {
    const dev = this.dev;
    if (dev === undefined) return -1;
    const { device } = dev;
    let slot = device.slab.alloc();
    for (let tries = 1; slot < 0 && tries < FIND_SKB_TRIES; tries++) {
      device.poll();
      slot = device.slab.alloc();
    }
    return slot;
  }

  /** Sends `length` bytes from `src` of the kernel's heap. */
  sendUdp(src: number, length: number): SendResult {
    const slab = this.#slab;
    if (slab === undefined) return 'drop';
    let slot = slab.alloc();
    if (slot < 0) slot = this.reserveUdp();
    if (slot < 0) return 'enomem';
    const { heap } = this.#core.host;
    const payload = slab.payloadAt(slot);
    if (slab.heap === heap) return this.#commit(slot, payload, src, length);
    slab.bytes.set(heap.bytes.subarray(src, src + length), payload);
    return this.#commit(slot, payload, payload, length);
  }

  /**
   * Sends a record of the ring at `ring` in the extended format, see `MemoryOps.extFrame`. Undefined: it must be read and formatted
   * first, for one of the reasons named there, or since its frame lies in another memory.
   */
  sendRecord(room: number, ring: number, seq: number, loglevel: number, caller: number): SendResult | undefined {
    const core = this.#core;
    const slab = this.#slab;
    if (slab === undefined || slab.heap !== core.host.heap) return undefined;
    const slot = slab.alloc();
    if (slot < 0) return undefined;
    const payload = slab.payloadAt(slot);
    const ident = this.#counts ? (core.ipIdent + 1) & 0xffff : 0;
    const length = this.#ops!.extFrame(this.#template, payload, room, ring, seq, loglevel, caller, ident);
    if (length === 0) {
      slab.free(slot);
      return undefined;
    }
    if (this.#counts) core.ipIdent = ident;
    return this.#transmit(slot, payload, length);
  }

  /** Sends the `length` bytes that lie at the slot's payload. The slot is no longer the caller's, whatever the result. */
  commitUdp(slot: number, length: number): SendResult {
    const payload = this.dev!.device.slab.payloadAt(slot);
    return this.#commit(slot, payload, payload, length);
  }

  #commit(slot: number, payload: number, src: number, length: number): SendResult {
    let ident = 0;
    if (this.#counts) {
      const core = this.#core;
      ident = (core.ipIdent + 1) & 0xffff;
      core.ipIdent = ident;
    }
    this.#ops!.udpFrame(this.#template, payload, src, length, ident);
    return this.#transmit(slot, payload, length);
  }

  #transmit(slot: number, payload: number, length: number): SendResult {
    const core = this.#core;
    const dev = this.dev!;
    const { device } = dev;
    const slab = this.#slab!;
    const first = payload - this.#headerBytes;
    let end = payload + length;
    if (end - first < ETH_ZLEN && device.caps.padding === 'zero60') {
      slab.bytes.fill(0, end, first + ETH_ZLEN);
      end = first + ETH_ZLEN;
    }
    slab.start[slot] = first + this.#medium;
    slab.end[slot] = end;
    if (!dev.running || !dev.registered) {
      slab.free(slot);
      return 'drop';
    }
    const queue = this.#queue!;
    if (this.#maxRetries > 0) return this.#offer(dev, queue, slot);
    if (queue.length === 0) {
      for (let tries = this.#tries; tries > 0; tries--) {
        if (device.startXmit(slot, true) === NETDEV_TX_OK) {
          core.hold(dev);
          return 'sent';
        }
        device.poll();
      }
    }
    queue.push(slot);
    return 'queued';
  }

  /** Offers a frame until it is taken or given up. Differs: the kernel leaked a frame that it gave up. */
  #offer(dev: Interface, queue: TxQueue, slot: number): SendResult {
    const { device } = dev;
    do {
      if (device.startXmit(slot, true) === NETDEV_TX_OK) {
        queue.refused = 0;
        this.#core.hold(dev);
        return 'sent';
      }
      device.poll();
    } while (++queue.refused < this.#maxRetries);
    device.slab.free(slot);
    return 'drop';
  }
}
