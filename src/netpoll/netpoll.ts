/**
 * One UDP sender: bound to a device, it builds frames and hands them over.
 *
 * Linux: struct netpoll.
 */
import type { Lane } from '../lane/index.js';
import { TEMPLATE } from '../lane/layout.js';
import type { Heap } from '../memory/heap.js';
import type { Interface } from '../net/interface.js';
import type { FrameSlab } from '../net/slab.js';
import { ETHERNET } from '../wire/ethernet.js';
import type { NetpollCore, TxQueue } from './queue.js';
import { findDevice, type NetpollOptions } from './setup.js';
import { type FrameHeaders, headerLength, writeTemplate } from './template.js';

/** Records of a printk ring to be sent as they are. */
export interface RecordRun {
  /** Where in the heap the control block of the ring lies. */
  ring: number;
  /** The low 32 bits of the first record's seq. */
  seq: number;
  /** How many records there are. */
  count: number;
  /** Bytes of the largest payload. */
  room: number;
  /** Records of this level and above are left out, unless they are forced. */
  loglevel: number;
  /** 1 if each record names its caller, else 0. */
  caller: number;
}

/**
 * What became of a frame. `sent` and `queued` are successes; `drop`: the device is gone or down;
 * `enomem`: there was no slot.
 */
export type SendResult = 'sent' | 'queued' | 'drop' | 'enomem';

/** Ethernet's smallest frame, without the checksum at its end. */
const ETH_ZLEN = 60;
/** How often the device is polled for a free slot before a frame is given up. Linux: find_skb(). */
const FIND_SKB_TRIES = 10;
/** Microseconds between two offers of a frame. Linux: USEC_PER_POLL. */
const USEC_PER_POLL = 50;

/** Sends UDP datagrams through one device. The head of `index.ts` says how. */
export class Netpoll {
  /** The addresses and ports, among others. Call `readdress` after a change of one. */
  readonly options: NetpollOptions;
  /** The interface, between `setup` and `cleanup`. */
  dev: Interface | undefined;
  readonly #core: NetpollCore;
  readonly #maxRetries: number;
  readonly #ipIdent: boolean;
  /** Whether packets carry an identification: they do for IPv4, except in an era that left it 0. */
  #numbersPackets = false;
  #queue: TxQueue | undefined;
  /** The device's slab, and the lane of that slab's heap. */
  #slab: FrameSlab | undefined;
  #lane: Lane | undefined;
  #template = 0;
  #templateHeap: Heap | undefined;
  /** Bytes from where the device's medium begins to the payload. */
  #ahead = 0;
  /** Bytes from the start of the Ethernet header to where the device's medium begins. */
  #medium = 0;
  #tries = 1;

  constructor(core: NetpollCore, options: NetpollOptions) {
    this.#core = core;
    this.options = options;
    this.#maxRetries = options.era?.maxRetries ?? 0;
    this.#ipIdent = options.era?.ipIdent ?? true;
  }

  /**
   * Finds and binds the device. Throws what the kernel returns: ENODEV, EBUSY, EDESTADDRREQ,
   * ENOTSUPP.
   */
  setup(): void {
    const { host } = this.#core;
    this.bind(findDevice(this.#core, this.options));
    // The setup ends in a grace period, during which others run.
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

  /**
   * Takes the device and builds the headers, at the end of every setup. The source address must be
   * known by then.
   */
  bind(dev: Interface): void {
    const { host } = this.#core;
    const headers = this.#headers(dev);
    const heap = dev.device.slab.heap;
    this.#template = heap.alloc(TEMPLATE.bytes);
    this.#templateHeap = heap;
    writeTemplate(heap, this.#template, headers);
    const length = headerLength(headers);
    this.#numbersPackets = length === 42 && this.#ipIdent;
    const { medium } = dev.device.caps;
    this.#medium = medium === 'ethernet' ? 0 : medium === 'ip' ? ETHERNET.length : length - 8;
    this.#ahead = length - this.#medium;
    this.#tries = Math.max(1, Math.floor(1e6 / host.HZ / USEC_PER_POLL));
    this.#queue = this.#core.queue(dev);
    this.#slab = dev.device.slab;
    this.#lane = heap.lane;
    this.dev = dev;
    host.netdevs.takeNpinfo(dev);
  }

  /** Writes the headers anew after an address has changed. */
  readdress(): void {
    if (this.dev !== undefined) writeTemplate(this.#templateHeap!, this.#template, this.#headers(this.dev));
  }

  /** Releases the device. The options keep what was taken from it. A second call does nothing. */
  cleanup(): void {
    if (this.dev === undefined) return;
    this.#templateHeap?.free(this.#template);
    this.#core.host.netdevs.releaseNpinfo(this.dev);
    this.dev = undefined;
    this.#queue = undefined;
    this.#slab = undefined;
  }

  /**
   * Takes a slot in which the caller puts a payload together; returns -1 if there is none
   * (`enomem`). Exactly one `commitUdp` must follow. Linux: find_skb().
   */
  reserveUdp(): number {
    const dev = this.dev;
    if (dev === undefined) return -1;
    const { device } = dev;
    let slot = device.slab.alloc();
    for (let tries = 1; slot < 0 && tries < FIND_SKB_TRIES; tries++) {
      this.#core.poll(device);
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
   * Says whether records can be framed in place: for that, the device's frames must lie in the
   * kernel's heap, and frames that are refused must wait in the queue.
   */
  get framesInPlace(): boolean {
    return this.#slab?.heap === this.#core.host.heap && this.#maxRetries === 0;
  }

  /**
   * Sends records in the extended format, each written right where its frame is (`Lane.extFrame`),
   * if `framesInPlace`. Stops at the first that it cannot frame in place, or when a frame must
   * wait, and returns how many it sent or queued. The caller formats the next one and sends it with
   * `sendUdp`.
   */
  sendRecords(run: RecordRun): number {
    const core = this.#core;
    const { dev } = this;
    const slab = this.#slab;
    if (dev === undefined || slab === undefined) return 0;
    if (!dev.running || !dev.registered || dev.npinfo === 0 || this.#queue!.length > 0) return 0;
    const { room, ring, seq, count, loglevel, caller } = run;
    const { device } = dev;
    const lane = this.#lane!;
    const template = this.#template;
    const numbersPackets = this.#numbersPackets;
    const { start, end } = slab;
    const { calls } = core;
    let sent = 0;
    for (let busy = false; sent < count && !busy && core.calls === calls; sent++) {
      const slot = slab.alloc();
      if (slot < 0) break;
      const payload = slab.payloadAt(slot);
      const ident = numbersPackets === true ? (core.ipIdent + 1) & 0xffff : 0;
      const length = lane.extFrame(template, payload, room, ring, (seq + sent) | 0, loglevel, caller, ident);
      if (length === 0) {
        slab.free(slot);
        break;
      }
      if (numbersPackets === true) core.ipIdent = ident;
      start[slot] = payload - this.#ahead;
      end[slot] = payload + length;
      if (length < ETH_ZLEN) this.#pad(slot);
      if (!core.xmit(device, slot)) {
        core.poll(device);
        busy = this.#offer(dev, slot, this.#tries - 1) !== 'sent';
      }
    }
    if (sent > 0) core.hold(dev);
    return sent;
  }

  /**
   * Sends the `length` bytes of the slot's payload. Whatever the result, the slot is not the
   * caller's any more.
   */
  commitUdp(slot: number, length: number): SendResult {
    const payload = this.dev!.device.slab.payloadAt(slot);
    return this.#commit(slot, payload, payload, length);
  }

  #commit(slot: number, payload: number, src: number, length: number): SendResult {
    let ident = 0;
    if (this.#numbersPackets) {
      const core = this.#core;
      ident = (core.ipIdent + 1) & 0xffff;
      core.ipIdent = ident;
    }
    this.#lane!.udpFrame(this.#template, payload, src, length, ident);
    return this.#transmit(slot, payload, length);
  }

  #transmit(slot: number, payload: number, length: number): SendResult {
    const core = this.#core;
    const dev = this.dev!;
    const slab = this.#slab!;
    slab.start[slot] = payload - this.#ahead;
    slab.end[slot] = payload + length;
    if (length < ETH_ZLEN) this.#pad(slot);
    if (!dev.running || !dev.registered || dev.npinfo === 0) {
      slab.free(slot);
      return 'drop';
    }
    if (this.#maxRetries > 0) return this.#offerOrDrop(dev, slot);
    const result = this.#offer(dev, slot, this.#queue!.length === 0 ? this.#tries : 0);
    if (result === 'sent') core.hold(dev);
    return result;
  }

  /** Pads a frame with zeros up to Ethernet's smallest, if the device wants that. */
  #pad(slot: number): void {
    const { slab, caps } = this.dev!.device;
    const end = slab.start[slot]! - this.#medium + ETH_ZLEN;
    if (caps.padding !== 'zero60' || slab.end[slot]! >= end) return;
    slab.bytes.fill(0, slab.end[slot]!, end);
    slab.end[slot] = end;
  }

  /** Offers a frame up to `tries` times, then queues it. */
  #offer(dev: Interface, slot: number, tries: number): SendResult {
    const { device } = dev;
    for (let i = 0; i < tries; i++) {
      if (this.#core.xmit(device, slot)) return 'sent';
      this.#core.poll(device);
    }
    this.#queue!.push(slot);
    return 'queued';
  }

  /**
   * Offers a frame until it is taken or given up. Differs: the kernel leaked the frames that it
   * gave up, and here their slots are freed.
   */
  #offerOrDrop(dev: Interface, slot: number): SendResult {
    const { device } = dev;
    const queue = this.#queue!;
    do {
      if (this.#core.xmit(device, slot)) {
        queue.refused = 0;
        this.#core.hold(dev);
        return 'sent';
      }
      this.#core.poll(device);
    } while (++queue.refused < this.#maxRetries);
    device.slab.free(slot);
    return 'drop';
  }
}
