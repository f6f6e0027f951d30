/**
 * netoops, third posting (December 2010): nothing is sent while all is well. When the kernel oopses
 * or panics, or SysRq `y` asks for it, the whole log goes out in binary packets of one size, the
 * newest part first, three times over.
 *
 *   const netoops = kernel.insmod('netoops', '2004@10.0.2.15/eth0,2004@10.0.2.2/');
 *   kernel.oops(() => kernel.printk('...\n'), regs);        // 3 x packet_count datagrams to every target
 *   netoops.sysfs.write('netoops_boot_id', '42');
 *   kernel.rmmod('netoops');
 *
 * A packet: header, four bytes about the processor, its registers (zeros where nobody trapped),
 * 1024 bytes of log. The log is two segments, older and newer (`log.ts`); each is cut into chunks
 * from its own beginning, and sent backwards. So packet 0 carries the newest text, and the log is
 * the packets from the last to the first; zeros fill the end of each segment.
 *
 * Targets come from the parameter and from configfs, `netoops/NAME/`; the newest is served first.
 * `target.ts` has their states.
 *
 * Two defects of the posting, and what it said of targets of the parameter, are there unless
 * `withDefects` is false: of a segment that is a multiple of 1024 bytes long the last chunk goes
 * out as zeros; the user blob stays empty; messages say "(null)" for the name while the module
 * loads.
 *
 * Source: Waychison, "netoops", v3, 14 December 2010: drivers/net/netoops.c,
 * net/core/netpoll_targets.c.
 */

import { type ConfigGroup, configGroup } from '../../configfs/index.js';
import { KernelError } from '../../errno.js';
import type { KernelContext, KernelModule, LoadedModule, SysrqKey } from '../../kernel/context.js';
import type { Interface } from '../../net/interface.js';
import type { NetdevEvent } from '../../net/netdevs.js';
import { parseOptions } from '../../netpoll/eras/index.js';
import { flag, having, oneOf, text } from '../../options.js';
import type { KmsgDump } from '../../printk/dump.js';
import {
  emitNetoops,
  NETOOPS,
  NETOOPS_DATA_BYTES,
  NETOOPS_TYPE_PRINTK_BUFFER,
  NETOOPS_TYPE_PRINTK_BUFFER_SOFT,
} from '../../wire/netoops.js';
import { targetGroup } from './attributes.js';
import { LogText } from './log.js';
import { SysfsSettings } from './sysfs.js';
import { type NetoopsTarget, NetpollState, Target } from './target.js';

/** Rounds of a dump. */
const NETOOPS_RETRANSMIT_COUNT = 3;
/** The longest parameter, its terminator included. */
const MAX_PARAM_LENGTH = 256;

/**
 * Bytes of `struct pt_regs` in the packets of each architecture. `i386-15` has 15 words, as a
 * comment in the source says.
 */
const REGS_BYTES = { x86_64: 168, i386: 68, 'i386-15': 60 } as const;

/** The arguments of netoops. */
export interface NetoopsOptions {
  /** Targets, `[port]@[ip]/[dev],[port]@ip/[mac]`, with `;` between. Default: none. */
  readonly params?: string;
  /** Default x86_64. */
  readonly arch?: keyof typeof REGS_BYTES;
  /**
   * How the processor names itself; vendor 0 is Intel, 2 is AMD. Default: an Intel of that year,
   * 6-26-5.
   */
  readonly cpu?: {
    readonly vendor: number;
    readonly family: number;
    readonly model: number;
    readonly stepping: number;
  };
  /** Keeps the posting's defects. Default true, as they were on the wire. */
  readonly withDefects?: boolean;
}

/** Counted since it was loaded. */
export interface NetoopsStats {
  /** How often the log was sent. */
  dumps: number;
  /** Datagrams sent, or queued for a busy device. */
  packets: number;
  /** Datagrams given up: the device was gone or down, or had no slot. */
  dropped: number;
}

/**
 * The module. Loading throws ENOSPC for a parameter over 255 bytes, EINVAL for a target that does
 * not parse, and whatever the setup of a target throws.
 */
export const netoops: KernelModule<string | NetoopsOptions, Netoops> = {
  name: 'netoops',
  kernel: '2.6.37',
  rules: {
    params: text,
    arch: oneOf(...Object.keys(REGS_BYTES)),
    cpu: having('a processor', 'vendor', 'family', 'model', 'stepping'),
    withDefects: flag,
  },
  load: (context, args) => Netoops.load(context, typeof args === 'string' ? { params: args } : args),
};

/** The loaded netoops of 2010, which sends the log when the kernel oopses or panics. */
export class Netoops {
  /** `/sys/kernel/netoops/`. */
  readonly sysfs: SysfsSettings;
  readonly stats: NetoopsStats = { dumps: 0, packets: 0, dropped: 0 };
  readonly #targets: Target[] = [];
  readonly #context: KernelContext;
  readonly #options: NetoopsOptions;
  readonly #withDefects: boolean;
  readonly #regsBytes: number;
  readonly #log: LogText;
  /** The packet, in the heap. */
  readonly #packet: number;
  readonly #undo: (() => void)[] = [];
  readonly #subsystem: ConfigGroup;

  /** Loads the module. */
  static load(context: KernelContext, options: NetoopsOptions): LoadedModule<Netoops> {
    const shown = new Netoops(context, options);
    return {
      shown,
      group: shown.#subsystem,
      unload: () => shown.#unload(),
      release: () => shown.#release(),
    };
  }

  private constructor(context: KernelContext, options: NetoopsOptions) {
    const params = options.params ?? '';
    if (params.length >= MAX_PARAM_LENGTH) {
      throw new KernelError(
        'ENOSPC',
        'insmod',
        `the parameter has ${params.length} bytes: ${MAX_PARAM_LENGTH - 1} at most`,
      );
    }
    this.#context = context;
    this.#options = options;
    this.#withDefects = options.withDefects ?? true;
    this.#regsBytes = REGS_BYTES[options.arch ?? 'x86_64'];
    this.sysfs = new SysfsSettings((level, text) => context.log(level, text), { withDefects: this.#withDefects });
    this.#subsystem = configGroup('netoops', {
      makeItem: (name) => this.#makeTarget(name),
      dropItem: (child) => this.#dropTarget(child),
    });
    context.configfs.register(this.#subsystem);
    this.#log = new LogText(context);
    this.#packet = context.heap.alloc(NETOOPS.archData + 4 + this.#regsBytes + NETOOPS_DATA_BYTES);
    try {
      for (const text of params === '' ? [] : params.split(';')) this.#targets.unshift(this.#paramTarget(text));
    } catch (error) {
      this.#unload();
      throw error;
    }
    this.#undo.push(context.netdevs.onEvent((event, dev) => this.#netdevEvent(event, dev)));
    this.#undo.push(context.dumpers.register((dump) => this.#dump(dump)));
    const { sysrqKeys } = context;
    const softDump: SysrqKey = {
      key: 'y',
      action: 'Trigger a soft dump',
      handler: () => context.dumpers.dump({ reason: 'soft' }),
    };
    sysrqKeys.push(softDump);
    this.#undo.push(() => sysrqKeys.splice(sysrqKeys.indexOf(softDump), 1));
  }

  /** In list order, which is the order of sending. */
  get targets(): readonly NetoopsTarget[] {
    return this.#targets;
  }

  #paramTarget(text: string): Target {
    const target = new Target(this.#context, this.#withDefects ? '(null)' : 'netoops');
    if (!parseOptions(target.np.options, text, (level, said) => this.#context.log(level, said))) {
      throw new KernelError('EINVAL', 'netoops', `"${text}" is not [port]@[ip]/[dev],[port]@ip/[mac]`);
    }
    target.setup();
    return target;
  }

  #makeTarget(name: string): ConfigGroup {
    const target = new Target(this.#context, 'netoops');
    this.#targets.unshift(target);
    target.group = targetGroup(this.#context, target, name);
    return target.group;
  }

  #dropTarget(child: ConfigGroup): void {
    const at = this.#targets.findIndex((t) => t.group === child);
    if (at >= 0) this.#targets.splice(at, 1)[0]!.drop();
  }

  #netdevEvent(event: NetdevEvent, dev: Interface): void {
    if (event !== 'UNREGISTER' && event !== 'RELEASE' && event !== 'CHANGENAME') return;
    for (const target of this.#targets) {
      if (target.state !== NetpollState.ENABLED || target.np.dev !== dev) continue;
      if (event === 'CHANGENAME') target.np.options.devName = dev.name;
      else target.lostDevice();
    }
    if (event === 'CHANGENAME') return;
    const why = event === 'UNREGISTER' ? 'unregistered' : 'released slaves';
    this.#context.log(6, `netoops: network logging stopped, interface ${dev.name} ${why}`);
  }

  /** Sends the log. It never throws, as the kernel may be dying. */
  #dump({ reason, regs }: KmsgDump): void {
    if (reason !== 'oops' && reason !== 'panic' && reason !== 'soft') return;
    const { older, newer } = this.#log.segments();
    const head = chunks(newer);
    const packetCount = chunks(older) + head;
    if (packetCount === 0) return;
    this.stats.dumps++;
    this.#writeHeader(
      reason === 'soft' ? NETOOPS_TYPE_PRINTK_BUFFER_SOFT : NETOOPS_TYPE_PRINTK_BUFFER,
      packetCount,
      regs,
    );
    for (let round = 0; round < NETOOPS_RETRANSMIT_COUNT; round++) {
      this.#sendSegment(newer, 0);
      this.#sendSegment(older, head);
    }
    this.#context.netpoll.flush();
  }

  #writeHeader(type: number, packetCount: number, regs: Uint8Array | undefined): void {
    const { heap, HZ, release } = this.#context;
    const { cpu = { vendor: 0, family: 6, model: 26, stepping: 5 }, arch = 'x86_64' } = this.#options;
    // Only 32-bit machines have jiffies that wrap.
    const jiffies = arch === 'x86_64' ? this.#context.jiffies : this.#context.jiffies % 2 ** 32;
    const registers = new Uint8Array(this.#regsBytes);
    if (regs !== undefined) registers.set(regs.subarray(0, this.#regsBytes));
    emitNetoops(
      {
        dumpId: Math.floor(jiffies / HZ) % 65536,
        type,
        packetCount,
        packetNo: 0,
        bootId: this.sysfs.bootId,
        kernelVersion: release,
        userBlob: this.sysfs.userBlob,
        x86Vendor: cpu.vendor,
        x86Family: cpu.family,
        x86Model: cpu.model,
        x86Stepping: cpu.stepping,
        regs: registers,
      },
      heap.bytes,
      this.#packet,
    );
  }

  /** Sends a segment, its last chunk first, in packets that are numbered from `base` on. */
  #sendSegment(segment: Uint8Array, base: number): void {
    const { bytes } = this.#context.heap;
    const dataAt = this.#packet + NETOOPS.archData + 4 + this.#regsBytes;
    const count = chunks(segment);
    for (let i = count - 1; i >= 0; i--) {
      let data = segment.subarray(i * NETOOPS_DATA_BYTES, (i + 1) * NETOOPS_DATA_BYTES);
      // The posting took the remainder for the length of the last chunk, so that a full chunk
      // counts as empty.
      if (this.#withDefects && i === count - 1) data = data.subarray(0, data.length % NETOOPS_DATA_BYTES);
      bytes.fill(0, dataAt + data.length, dataAt + NETOOPS_DATA_BYTES);
      bytes.set(data, dataAt);
      const number = base + count - 1 - i;
      for (let k = 0; k < 4; k++) bytes[this.#packet + NETOOPS.packetNo + k] = number >>> (8 * k);
      this.#sendPacket(dataAt + NETOOPS_DATA_BYTES - this.#packet);
    }
  }

  #sendPacket(length: number): void {
    for (const { state, np } of this.#targets) {
      if (state !== NetpollState.ENABLED || !np.dev!.running) continue;
      const result = np.sendUdp(this.#packet, length);
      if (result === 'sent' || result === 'queued') this.stats.packets++;
      else this.stats.dropped++;
    }
  }

  #unload(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#release();
    this.#context.configfs.unregister(this.#subsystem);
  }

  #release(): void {
    for (const target of this.#targets.splice(0)) target.drop();
    this.#context.heap.free(this.#packet);
    this.#log.release();
  }
}

function chunks(segment: Uint8Array): number {
  return Math.ceil(segment.length / NETOOPS_DATA_BYTES);
}
