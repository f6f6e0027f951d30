/**
 * A host on the wire in memory: a kernel, its NIC, its targets, and what happens to a machine.
 *
 *   up --stall(fn)--> up            the consoles are too slow for what `fn` logs
 *   up --unplug()--> without NIC --plug()--> up
 *   up --reboot()--> up             another kernel: its log, its clock and its targets begin anew
 */
import { KernelError } from '../errno.js';
import { createKernel, type Kernel, type KernelOptions } from '../kernel/index.js';
import type { Link, LinkDirection, LinkStats } from '../net/impair.js';
import type { Interface } from '../net/interface.js';
import type { SharedDevice } from '../net/share.js';

/** One host of a fleet, or the only one of a harness. */
export interface Host {
  /** From 0. */
  readonly index: number;
  /** Its IPv4 address. */
  readonly ip: string;
  readonly mac: Uint8Array;
  /** What `impair` did to its frames (`out`) and to the answers to it (`in`); all 0 without it. */
  readonly network: Readonly<Record<LinkDirection, LinkStats>>;
  /** The kernel that runs; `reboot` makes another, and closes this one. */
  readonly kernel: Kernel;
  /**
   * A new kernel with the same options and targets. What loading netconsole says is on the wire, as
   * of a real machine.
   */
  reboot(): void;
  /**
   * Takes the NIC out (NETDEV_UNREGISTER). From 7.0 on its targets wait for it; before, they are
   * gone.
   */
  unplug(): void;
  /** Puts the NIC back, with its addresses. Nothing if it is there. */
  plug(): void;
  /**
   * The consoles are too slow: what `fn` logs is stored and printed only when `fn` has returned.
   * More than the ring holds is lost, oldest first, and shows as a gap of the seqs (or as "printk
   * messages dropped" on a plain target).
   */
  stall<T>(fn: () => T): T;
  /** Calls `fn` after so many milliseconds of virtual time, with the kernel that runs then. */
  at(afterMs: number, fn: (kernel: Kernel) => void): void;
}

/** What a host is made of. */
export interface HostPlan {
  readonly index: number;
  readonly ip: string;
  readonly mac: Uint8Array;
  readonly addresses: readonly string[];
  /** In the syntax of the module parameter. */
  readonly targets: readonly string[];
  readonly kernel: KernelOptions;
  /** Its way to whoever listens. */
  readonly link: Link;
}

/** What a host needs of the wire that it is on. */
export interface Wire {
  readonly device: SharedDevice;
  /** Virtual time since the wire was made, in microseconds. */
  readonly nowUsec: number;
  schedule(host: WireHost, afterMs: number, fn: (kernel: Kernel) => void): void;
}

export class WireHost implements Host {
  readonly index: number;
  readonly ip: string;
  readonly mac: Uint8Array;
  readonly link: Link;
  readonly #plan: HostPlan;
  readonly #wire: Wire;
  #kernel: Kernel;
  #nic: Interface | undefined;
  /** The kernel's time less the wire's, in microseconds. */
  #skewUsec = 0;
  #advancing = false;

  constructor(plan: HostPlan, wire: Wire) {
    this.#plan = plan;
    this.#wire = wire;
    this.index = plan.index;
    this.ip = plan.ip;
    this.mac = plan.mac;
    this.link = plan.link;
    this.#kernel = this.#boot();
  }

  get network(): Readonly<Record<LinkDirection, LinkStats>> {
    return this.link.stats;
  }

  /**
   * At the wire's time: a host that nobody looks at, and that nothing is due on, lags behind until
   * then.
   */
  get kernel(): Kernel {
    if (this.#wire.nowUsec + this.#skewUsec > this.#kernel.now()) this.advanceTo(this.#wire.nowUsec);
    return this.#kernel;
  }

  /** When it wants to be called, on the wire's clock; undefined: not before something comes in. */
  get deadline(): number | undefined {
    const next = this.#kernel.nextDeadline();
    return next === undefined ? undefined : next - this.#skewUsec;
  }

  /**
   * Passes time to `usec` of the wire's clock. A kernel that is ahead, because it slept, stays
   * where it is.
   */
  advanceTo(usec: number): void {
    const now = usec + this.#skewUsec;
    if (this.#advancing || now < this.#kernel.now()) return;
    this.#advancing = true;
    try {
      this.#kernel.advanceTo(now);
    } finally {
      this.#advancing = false;
    }
  }

  reboot(): void {
    this.#stop();
    this.#kernel = this.#boot();
  }

  unplug(): void {
    const nic = this.#nic;
    if (nic === undefined) return;
    this.#nic = undefined;
    const { kernel } = this;
    void nic.device.close();
    kernel.removeDevice(nic);
  }

  plug(): void {
    this.#nic ??= this.#addNic(this.kernel);
  }

  stall<T>(fn: () => T): T {
    return this.kernel.batch(fn);
  }

  at(afterMs: number, fn: (kernel: Kernel) => void): void {
    this.#wire.schedule(this, afterMs, fn);
  }

  close(): void {
    this.#stop();
  }

  #stop(): void {
    this.unplug();
    this.#kernel.close();
  }

  #boot(): Kernel {
    const kernel = createKernel(this.#plan.kernel);
    try {
      this.#skewUsec = kernel.now() - this.#wire.nowUsec;
      this.#nic = this.#addNic(kernel);
      this.#load(kernel);
    } catch (error) {
      void this.#nic?.device.close();
      kernel.close();
      throw error;
    }
    return kernel;
  }

  #addNic(kernel: Kernel): Interface {
    const { mac, addresses } = this.#plan;
    return kernel.addDevice(this.#wire.device.port({ name: 'eth0', mac }), { name: 'eth0', addresses });
  }

  /**
   * Kernels from 6.12 on load without a target that they cannot set up, and only log why: here that
   * is an error.
   */
  #load(kernel: Kernel): void {
    const { targets } = this.#plan;
    let cause: unknown;
    try {
      kernel.insmod('netconsole', targets.join(';'));
    } catch (error) {
      cause = error;
    }
    const enabled = kernel.inspect().targets.filter(({ state }) => state === 'enabled').length;
    if (cause === undefined && enabled === targets.length) return;
    const why = complaint(kernel) ?? (cause instanceof Error ? cause.message : 'it made no target of it');
    const code = cause instanceof KernelError ? cause.code : 'EINVAL';
    throw new KernelError(
      code,
      'createHarness',
      `the kernel does not take the target "${targets.join(';')}": ${why}; write [+][port]@[source address]/eth0,[port]@target address/[target MAC]`,
      { cause },
    );
  }
}

/** What the kernel said of a failure: its first warning, or its word that it understood nothing. */
function complaint(kernel: Kernel): string | undefined {
  for (const record of kernel.kmsg.records()) {
    const m = /^(\d+),[^;]*;(.*)/.exec(new TextDecoder().decode(record));
    if (m !== null && (Number(m[1]) <= 4 || m[2]!.includes("couldn't parse"))) return `it says "${m[2]}"`;
  }
  return undefined;
}
