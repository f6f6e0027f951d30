/**
 * netconsole of 2001, for 2.4.10: the first. Each line of the console is a datagram at once, sent
 * by polling the card with interrupts off.
 *
 *   A, B1    the text
 *   C2       0x01, the number of text bytes sent before (32 bits, big-endian), the text: 1455 bytes at most
 *
 *   kernel.insmod('netconsole-2001', 'dev=eth0 target_ip=0x0a000202 source_port=6666 target_port=6666');
 *   kernel.printk('hello\n');
 *   kernel.rmmod('netconsole-2001');        // says goodbye on the wire
 *
 * The offset counts what was sent: a receiver sees what the wire lost, but not what was dropped
 * before it for want of a buffer.
 *
 * Buffers. A frame is allocated first; when that fails, one of a reserve of 32 is taken, which
 * every write tops up again; when the reserve is empty too, the message is dropped and nothing says
 * so. Here the device's slots are the memory: a busy device uses them up, and `memoryShort` makes
 * every allocation fail. The reserve is kept from the device's slots, half of them at most.
 *
 * A frame that the card refuses was offered for ever; here it waits in the queue, with the same
 * result on the wire.
 *
 * Linux: drivers/net/netconsole.c by Ingo Molnar, 26 to 28 September 2001, and its port of August
 * 2003. Differs: what the port says stands in where only the sense of a message of 2001 is known; A
 * and B1 are taken to have had the two special datagrams too.
 */

import { CON_ENABLED, type Console, writing } from '../../console/index.js';
import type { KernelContext, KernelModule, LoadedModule } from '../../kernel/context.js';
import type { Interface } from '../../net/interface.js';
import { lines } from '../../netpoll/eras/lines.js';
import { Netpoll } from '../../netpoll/index.js';
import { flag, oneOf, text } from '../../options.js';
import { formatIpv4 } from '../../wire/address.js';
import { emitNetconsole2001, NETCONSOLE2001, NETCONSOLE2001_MAX_TEXT } from '../../wire/netconsole2001.js';
import { checkParams, paramsOfTarget, parseParams } from './params.js';

export { parseParams } from './params.js';

/** Buffers kept in reserve. Linux 2.4: MAX_NETCONSOLE_SKBS. */
export const RESERVE = 32;
const STARTUP = '[...network console startup...]\n';
const SHUTDOWN = '[...network console shutdown...]\n';

/** The arguments of the netconsole of September 2001. */
export interface Netconsole2001Options {
  /** `dev=eth0 target_ip=0x0a000202 source_port=6666 target_port=6666`. */
  readonly params?: string;
  /**
   * A target, in place of `params` and in the syntax of later netconsoles,
   * `[port]@[ip]/[dev],[port]@ip/[mac]`.
   */
  readonly target?: string;
  /** A: text alone, no reserve. B1: text alone. C2: the header. Default C2. */
  readonly version?: 'A' | 'B1' | 'C2';
  /**
   * Keeps the known defect: A prints the bytes of its own address as signed numbers. Default false.
   */
  readonly withDefects?: boolean;
}

/** Counted since it was loaded. */
export interface Netconsole2001Stats {
  /** Datagrams that were built and handed to netpoll. */
  datagrams: number;
  /** Messages dropped for want of a buffer; the offset does not show that they are missing. */
  dropped: number;
  /** Datagrams that took a buffer of the reserve. */
  fromReserve: number;
}

/**
 * The module. Its parameters are `dev=eth0 target_ip=0x0a000701 ...`. Loading throws EPERM, with
 * the reason in the log, and EINVAL for parameters that insmod itself refuses.
 */
export const netconsole2001: KernelModule<string | Netconsole2001Options, Netconsole2001> = {
  name: 'netconsole-2001',
  kernel: '2.4.10',
  rules: { params: text, target: text, version: oneOf('A', 'B1', 'C2'), withDefects: flag },
  load: (context, args) => Netconsole2001.load(context, typeof args === 'string' ? { params: args } : args),
};

/** The netconsole of September 2001, loaded: one target, plain text, a reserve of buffers. */
export class Netconsole2001 {
  /** Counted since the module was loaded. The object is the module's own and goes on counting. */
  readonly stats: Netconsole2001Stats = { datagrams: 0, dropped: 0, fromReserve: 0 };
  /** How many bytes of text were sent so far, modulo 2^32. */
  offset = 0;
  /** Makes atomic allocations fail, as when the machine is out of memory. */
  memoryShort = false;
  /** The netpoll that sends. */
  readonly #np: Netpoll;
  readonly #context: KernelContext;
  readonly #console: Console;
  readonly #dev: Interface;
  readonly #headerBytes: number;
  readonly #reserveMax: number;
  /** Slots of the device that are kept in reserve. */
  readonly #reserve: number[] = [];

  /** Loads the module. */
  static load(context: KernelContext, options: Netconsole2001Options): LoadedModule<Netconsole2001> {
    const shown = new Netconsole2001(context, options);
    return { shown, unload: () => shown.#unload(), release: () => shown.#release() };
  }

  private constructor(context: KernelContext, options: Netconsole2001Options) {
    this.#context = context;
    const { target, version = 'C2', withDefects = false } = options;
    const params = target === undefined ? parseParams(options.params ?? '') : paramsOfTarget(context, target);
    const signed = withDefects && version === 'A';
    const dev = checkParams(context, params, signed ? (ip) => Int8Array.from(ip).join('.') : formatIpv4);
    this.#dev = dev;
    this.#headerBytes = version === 'C2' ? NETCONSOLE2001.length : 0;
    this.#reserveMax = version === 'A' ? 0 : Math.min(RESERVE, dev.device.slab.count >> 1);
    const ip = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
    const localIp = new Uint8Array(16);
    const remoteIp = new Uint8Array(16);
    localIp.set(dev.ipv4[0]!);
    remoteIp.set(ip(params.targetIp));
    this.#np = new Netpoll(context.netpoll, {
      name: 'netconsole',
      devName: dev.name,
      devMac: new Uint8Array(6),
      localPort: params.sourcePort,
      remotePort: params.targetPort,
      localIp,
      remoteIp,
      ipv6: false,
      remoteMac: params.targetEth,
      era: { udpChecksum: false, ipIdent: false, zeroSource: false, maxRetries: 0 },
    });
    this.#np.bind(dev);
    this.#topUp();
    this.#sendText(STARTUP);
    this.#console = {
      name: 'netcon',
      flags: CON_ENABLED,
      emit: writing((bytes, start, end) => {
        for (const [from, to] of lines(bytes, start, end)) this.write(bytes.subarray(from, to));
      }),
      flushed: () => context.netpoll.flush(),
    };
    context.consoles.register(this.#console);
    context.log(6, 'netconsole: network logging started up successfully!');
  }

  /** How many buffers are in the reserve. */
  get reserve(): number {
    return this.#reserve.length;
  }

  #topUp(): void {
    const { slab } = this.#dev.device;
    while (!this.memoryShort && this.#reserve.length < this.#reserveMax) {
      const slot = slab.alloc();
      if (slot < 0) return;
      this.#reserve.push(slot);
    }
  }

  #buffer(): number {
    this.#topUp();
    const slot = this.memoryShort ? -1 : this.#dev.device.slab.alloc();
    if (slot >= 0) return slot;
    const kept = this.#reserve.pop();
    if (kept === undefined) return -1;
    this.stats.fromReserve++;
    return kept;
  }

  /**
   * Sends one write of the console, in datagrams of at most 1455 bytes; an empty text is one empty
   * datagram.
   */
  write(text: Uint8Array): void {
    let at = 0;
    do {
      const length = Math.min(NETCONSOLE2001_MAX_TEXT, text.length - at);
      this.#send(text.subarray(at, at + length));
      at += length;
    } while (at < text.length);
  }

  #send(text: Uint8Array): void {
    if (!this.#dev.running || !this.#dev.registered) return;
    const slot = this.#buffer();
    if (slot < 0) {
      this.stats.dropped++;
      return;
    }
    const { slab } = this.#dev.device;
    const payload = slab.payloadAt(slot);
    if (this.#headerBytes > 0) emitNetconsole2001(this.offset, slab.bytes, payload);
    slab.bytes.set(text, payload + this.#headerBytes);
    this.offset = (this.offset + text.length) >>> 0;
    this.stats.datagrams++;
    this.#np.commitUdp(slot, this.#headerBytes + text.length);
  }

  #sendText(text: string): void {
    this.write(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  }

  /** Unloads the module: logs that, and then says goodbye on the wire. */
  #unload(): void {
    const context = this.#context;
    context.log(6, 'netconsole: network logging shut down.');
    context.consoles.unregister(this.#console);
    this.#sendText(SHUTDOWN);
    this.#release();
  }

  #release(): void {
    for (const slot of this.#reserve.splice(0)) this.#dev.device.slab.free(slot);
    this.#np.cleanup();
  }
}
