/**
 * One UDP sender: finds its device and its own address, then builds frames.
 *
 * Linux: struct netpoll.
 */
import { KernelError } from '../errno.js';
import type { Heap } from '../memory/heap.js';
import { type MemoryOps, TEMPLATE } from '../memory/ops.js';
import { NETDEV_TX_OK } from '../net/device.js';
import { IFNAMSIZ, type Interface, isLinkLocal } from '../net/interface.js';
import type { FrameSlab } from '../net/slab.js';
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import type { NetpollCore, NetpollEra, TxQueue } from './queue.js';
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

/** What a netpoll is told. Linux: struct netpoll. */
export interface NetpollOptions {
  readonly name: string;
  devName: string;
  /** Chosen by its address instead of its name, if `devName` is empty; all zero: never given. */
  devMac: Uint8Array;
  localPort: number;
  remotePort: number;
  /** 16 bytes each: an address of either family begins at the first. */
  localIp: Uint8Array;
  remoteIp: Uint8Array;
  ipv6: boolean;
  remoteMac: Uint8Array;
  /** Absent: today's. */
  readonly era?: NetpollEra;
}

export class Netpoll {
  readonly options: NetpollOptions;
  /** Bound between `setup` and `cleanup`. */
  dev: Interface | undefined;
  readonly #core: NetpollCore;
  readonly #maxRetries: number;
  readonly #ipIdent: boolean;
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

  /** How messages name the device: by name, else by its address. Linux: egress_dev(). */
  #egress(): string {
    const { devName, devMac } = this.options;
    const { profile } = this.#core.host;
    if (devName !== '' || !profile.macBinding) return devName;
    const mac = formatMac(devMac);
    return profile.macCut ? mac.slice(0, -1) : mac;
  }

  #fail(code: KernelError['code'], text: string): KernelError {
    const { host } = this.#core;
    host.log(3, `${host.profile.setupPrefix}${text}`);
    return new KernelError(code, 'netpoll_setup', text);
  }

  /** Finds and binds the device. Throws what the kernel returns: ENODEV, EBUSY, EDESTADDRREQ, ENOTSUPP. */
  setup(): void {
    const { options } = this;
    const { host } = this.#core;
    const { profile, netdevs } = host;
    let dev: Interface | undefined;
    if (options.devName !== '') dev = netdevs.byName(options.devName);
    else if (profile.macBinding && isUnicastMac(options.devMac)) dev = netdevs.byMac(options.devMac);
    if (dev === undefined) throw this.#fail('ENODEV', `${this.#egress()} doesn't exist, aborting`);
    if (dev.master !== undefined) throw this.#fail('EBUSY', `${this.#egress()} is a slave device, aborting`);
    if (!dev.running) {
      host.log(6, `${profile.setupPrefix}device ${this.#egress()} not up yet, forcing it`);
      netdevs.setUp(dev, true);
      this.#waitForCarrier(dev);
    }
    let taken = false;
    if (this.#sourceUnset()) {
      this.#takeSource(dev);
      taken = true;
    }
    if (dev.disableNetpoll) {
      if (taken && profile.restoreSource) options.localIp.fill(0);
      host.log(3, `netpoll: netconsole: ${dev.name} doesn't support polling, aborting`);
      throw new KernelError('ENOTSUPP', 'netpoll_setup', `${dev.name} doesn't support polling`);
    }
    options.devName = dev.name;
    this.bind(dev);
    // The setup ends in a grace period: others run.
    host.sleepUntil(host.now());
  }

  #waitForCarrier(dev: Interface): void {
    const { host } = this.#core;
    const { profile } = host;
    const opened = host.now();
    const ready = dev.carrierAtUsec;
    const limit = opened + this.#core.carrierTimeout * 1e6;
    if (ready > limit) {
      host.sleepUntil(limit);
      host.log(5, `${profile.setupPrefix}timeout waiting for carrier`);
    } else {
      host.sleepUntil(ready);
    }
    if (profile.untrustworthyCarrier && host.now() < opened + 1e5) {
      host.log(5, `${profile.setupPrefix}carrier detect appears untrustworthy, waiting 4 seconds`);
      host.sleepUntil(host.now() + 4e6);
    }
  }

  #sourceUnset(): boolean {
    const { localIp, ipv6 } = this.options;
    const length = ipv6 && this.#core.host.profile.unsetSource === 'family' ? 16 : 4;
    for (let i = 0; i < length; i++) if (localIp[i] !== 0) return false;
    return true;
  }

  #takeSource(dev: Interface): void {
    const { options } = this;
    const { host } = this.#core;
    if (!options.ipv6) {
      const own = dev.ipv4[0];
      if (own === undefined) throw this.#fail('EDESTADDRREQ', `no IP address for ${this.#egress()}, aborting`);
      options.localIp.set(own);
      host.log(6, `${host.profile.setupPrefix}local IP ${formatIpv4(own)}`);
      return;
    }
    const wanted = host.profile.ipv6Source === 'scope' && isLinkLocal(options.remoteIp);
    const own = dev.ipv6Addresses.find((a) => isLinkLocal(a) === wanted);
    if (own === undefined) throw this.#fail('EDESTADDRREQ', `no IPv6 address for ${this.#egress()}, aborting`);
    options.localIp.set(own);
    host.log(6, `${host.profile.setupPrefix}local IPv6 ${formatIpv6(own)}`);
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

  /** Sends the `length` bytes that lie at the slot's payload. The slot is no longer the caller's, whatever the result. */
  commitUdp(slot: number, length: number): SendResult {
    const payload = this.dev!.device.slab.payloadAt(slot);
    return this.#commit(slot, payload, payload, length);
  }

  #commit(slot: number, payload: number, src: number, length: number): SendResult {
    const core = this.#core;
    const dev = this.dev!;
    const { device } = dev;
    const slab = this.#slab!;
    let ident = 0;
    if (this.#headerBytes === 42 && this.#ipIdent) {
      ident = (core.ipIdent + 1) & 0xffff;
      core.ipIdent = ident;
    }
    this.#ops!.udpFrame(this.#template, payload, src, length, ident);
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

export function isUnicastMac(mac: Uint8Array): boolean {
  return (mac[0]! & 1) === 0 && mac.some((b) => b !== 0);
}

/** Linux: strscpy() into dev_name. */
export function cutName(name: string): string {
  return name.slice(0, IFNAMSIZ - 1);
}
