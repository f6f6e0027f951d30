/**
 * netconsole of 2003, for 2.6.0: the console's text as it is, in datagrams of at most 1000 bytes.
 * No header, no level, no offset: a receiver sees neither loss nor order.
 *
 *   kernel.insmod('netconsole-2003', '@/eth0,@10.0.2.2/');
 *   kernel.printk('hello\n');            // one datagram, `hello\n`
 *   kernel.rmmod('netconsole-2003');
 *
 * One target, enabled from load to unload. UDP checksum and IPv4 identification are 0. Datagrams
 * that come back are received (`rxHook`) and ignored: "no sysrq yet". ARP requests are answered, so
 * that a receiver can send them.
 *
 * With `withDefects` the module has the defects of the second posting: an Ethernet source of zeros,
 * and those of `../../netpoll/eras/rx.ts`.
 *
 * Linux: drivers/net/netconsole.c of 10 September 2003.
 */

import { CON_ENABLED, type Console, writing } from '../../console/index.js';
import { KernelError } from '../../errno.js';
import type { KernelContext, KernelModule, LoadedModule } from '../../kernel/context.js';
import type { Interface } from '../../net/interface.js';
import { ERAS, type Era, type EraName, parseOptions, receive2003, setupNetpoll } from '../../netpoll/eras/index.js';
import { lines } from '../../netpoll/eras/lines.js';
import { Netpoll } from '../../netpoll/index.js';
import { flag, oneOf, text } from '../../options.js';

/** Largest payload of a datagram. */
const MAX_PRINT_CHUNK = 1000;
/** The longest parameter, its terminator included. */
const PARAM_BYTES = 256;

/** The arguments of the first netconsole over netpoll, of 2003. */
export interface Netconsole2003Options {
  /** `[port]@[ip]/[dev],[port]@ip/[mac]`. */
  readonly params?: string;
  /**
   * The era of the netpoll that carries it, which decides retries, ports and what is waited for.
   * Default 2003.
   */
  readonly era?: EraName;
  /** Keeps the known defects. Default false. */
  readonly withDefects?: boolean;
  /** Answers ARP requests. It is not known whether the posting did. Default true. */
  readonly needArp?: boolean;
}

/** Counted since it was loaded. */
export interface Netconsole2003Stats {
  /** Datagrams sent, or queued for a busy device. */
  datagrams: number;
  /** Datagrams given up because the device was gone, never took them, or had no room. */
  dropped: number;
  /** Datagrams that came in from the target. */
  received: number;
  /** ARP requests that were answered. */
  arpReplies: number;
}

/**
 * The module. Loading throws EPERM, as insmod does, with the reason in the log, and ENOSPC for a
 * parameter over 255 bytes.
 */
export const netconsole2003: KernelModule<string | Netconsole2003Options, Netconsole2003> = {
  name: 'netconsole-2003',
  kernel: '2.6.0',
  rules: { params: text, era: oneOf(...Object.keys(ERAS)), withDefects: flag, needArp: flag },
  load: (context, args) => Netconsole2003.load(context, typeof args === 'string' ? { params: args } : args),
};

/** The netconsole of 2003, loaded: one target, plain text, the netpoll of its era. */
export class Netconsole2003 {
  /** The netpoll that sends. */
  readonly #np: Netpoll;
  /** Counted since the module was loaded. The object is the module's own and goes on counting. */
  readonly stats: Netconsole2003Stats = { datagrams: 0, dropped: 0, received: 0, arpReplies: 0 };
  readonly #context: KernelContext;
  readonly #console: Console;
  readonly #tap: (dev: Interface, frame: Uint8Array) => boolean;

  /** Loads the module. */
  static load(context: KernelContext, options: Netconsole2003Options): LoadedModule<Netconsole2003> {
    const shown = new Netconsole2003(context, options);
    return { shown, unload: () => shown.#unload(), release: () => shown.#release() };
  }

  private constructor(
    context: KernelContext,
    { params: param = '', era = '2003', withDefects = false, needArp = true }: Netconsole2003Options,
  ) {
    if (param.length >= PARAM_BYTES) {
      throw new KernelError('ENOSPC', 'insmod', `the parameter has ${param.length} bytes: ${PARAM_BYTES - 1} at most`);
    }
    const rules: Era = ERAS[era];
    this.#context = context;
    this.#np = new Netpoll(context.netpoll, {
      name: 'netconsole',
      devName: 'eth0',
      devMac: new Uint8Array(6),
      localPort: rules.localPort,
      remotePort: 6666,
      localIp: new Uint8Array(16),
      remoteIp: new Uint8Array(16),
      ipv6: false,
      remoteMac: new Uint8Array(6).fill(0xff),
      era: { ...rules.netpoll, zeroSource: withDefects },
    });
    const say = (level: number, text: string) => context.log(level, text);
    if (!parseOptions(this.#np.options, param, say)) {
      throw new KernelError('EPERM', 'netconsole', `"${param}" is not [port]@[ip]/[dev],[port]@ip/[mac]`);
    }
    if (this.#np.options.remoteIp.every((b) => b === 0)) {
      throw new KernelError('EPERM', 'netconsole', 'no address to send to: give one after the second "@"');
    }
    setupNetpoll(this.#np, context, rules, context.netpoll.carrierTimeout);
    const client = {
      dev: this.#np.dev!,
      options: this.#np.options,
      needArp,
      arpRules: era === '2003' ? 'from-remote' : 'for-local',
      withDefects,
      rxHook: () => {
        this.stats.received++;
        say(6, 'netconsole: no sysrq yet');
      },
    } as const;
    this.#tap = (dev, frame) => {
      const { taken, reply } = receive2003(client, dev, frame);
      if (reply !== undefined && context.netpoll.sendFrame(dev, reply)) this.stats.arpReplies++;
      return taken;
    };
    context.netpoll.rawListeners.unshift(this.#tap);
    this.#console = {
      name: 'netcon',
      flags: CON_ENABLED,
      emit: writing((bytes, start, end) => {
        for (const [from, to] of lines(bytes, start, end)) this.#write(from, to);
      }),
      flushed: () => context.netpoll.flush(),
    };
    context.consoles.register(this.#console);
    context.log(6, 'netconsole: network logging started');
  }

  #write(start: number, end: number): void {
    if (this.#np.dev === undefined) return;
    for (let at = start; at < end; at += MAX_PRINT_CHUNK) {
      const result = this.#np.sendUdp(at, Math.min(MAX_PRINT_CHUNK, end - at));
      if (result === 'sent' || result === 'queued') this.stats.datagrams++;
      else this.stats.dropped++;
    }
  }

  /** Unloads the module. Nothing of that is logged or sent. */
  #unload(): void {
    const { consoles, netpoll } = this.#context;
    const at = netpoll.rawListeners.indexOf(this.#tap);
    if (at >= 0) netpoll.rawListeners.splice(at, 1);
    consoles.unregister(this.#console);
    this.#release();
  }

  #release(): void {
    this.#np.cleanup();
  }
}
