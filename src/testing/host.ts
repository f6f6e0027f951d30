/**
 * A host on the wire in memory: a kernel, its NIC, its targets, and what can happen to a machine.
 *
 *   up --stall(fn)--> up            the consoles are too slow for what `fn` logs
 *   up --unplug()--> without NIC --plug()--> up
 *   up --reboot()--> up             another kernel: its log, its clock and its targets begin anew
 */
import { KernelError } from '../errno.js';
import { complaintOf } from '../kernel/complaint.js';
import { createKernel, type Kernel, type KernelOptions } from '../kernel/index.js';
import type { Link, LinkDirection, LinkStats } from '../net/impair.js';
import type { Interface } from '../net/interface.js';
import type { SharedDevice } from '../net/share.js';

/** One host of a fleet, or the only one of a harness. */
export interface Host {
  /** The number of the host in its fleet, from 0. */
  readonly index: number;
  /** The IPv4 address of the host. */
  readonly ip: string;
  /** The hardware address of the host, 6 bytes. */
  readonly mac: Uint8Array;
  /** What `impair` did to the host's frames (`out`) and to the answers (`in`); all 0 without it. */
  readonly network: Readonly<Record<LinkDirection, LinkStats>>;
  /** The kernel that runs now. `reboot` closes it and makes another. */
  readonly kernel: Kernel;
  /**
   * Starts a new kernel with the same options and targets. The messages of loading netconsole are
   * on the wire, as they are for a real machine.
   */
  reboot(): void;
  /**
   * Takes the NIC out (NETDEV_UNREGISTER). From Linux 7.0 on the targets wait for the NIC; in older
   * kernels they are gone.
   */
  unplug(): void;
  /** Puts the NIC back, with its addresses. Does nothing if the NIC is there. */
  plug(): void;
  /**
   * Acts as if the consoles were too slow for `fn`: what it logs is stored, and printed only when
   * it has returned. What the ring cannot hold is lost, the oldest first, and shows as a gap in the
   * seqs (or as "printk messages dropped" on a plain target).
   */
  stall<T>(fn: () => T): T;
  /** Calls `fn` after `afterMs` milliseconds of virtual time, with the kernel that runs then. */
  at(afterMs: number, fn: (kernel: Kernel) => void): void;
}

/** What a host is made of. */
export interface HostPlan {
  /** The number of the host in its fleet, from 0. */
  readonly index: number;
  /** The IPv4 address by which the host is known. */
  readonly ip: string;
  /** The hardware address of its NIC, 6 bytes. */
  readonly mac: Uint8Array;
  /** The addresses of its NIC, with the lengths of their prefixes. */
  readonly addresses: readonly string[];
  /** The targets, each in the syntax of the module parameter. */
  readonly targets: readonly string[];
  /** The options of each kernel that it boots. */
  readonly kernel: KernelOptions;
  /** The host's way to whoever listens. */
  readonly link: Link;
}

/** What a host needs of the wire that it is on. */
export interface Wire {
  /** The device that all hosts have ports on. */
  readonly device: SharedDevice;
  /** Virtual time since the wire was made, in microseconds. */
  readonly nowUsec: number;
  /** Calls `fn` with the host's kernel after `afterMs` milliseconds of virtual time. */
  schedule(host: WireHost, afterMs: number, fn: (kernel: Kernel) => void): void;
}

/** A host, with what only the wire needs of it: its link, its deadline and its clock. */
export class WireHost implements Host {
  readonly index: number;
  readonly ip: string;
  readonly mac: Uint8Array;
  readonly link: Link;
  readonly #plan: HostPlan;
  readonly #wire: Wire;
  #kernel: Kernel;
  #nic: Interface | undefined;
  /** How far the kernel's time is ahead of the wire's, in microseconds. */
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
   * Returns the kernel at the wire's time. A host lags behind while nobody looks at it and nothing
   * is due on it.
   */
  get kernel(): Kernel {
    if (this.#wire.nowUsec + this.#skewUsec > this.#kernel.now()) this.advanceTo(this.#wire.nowUsec);
    return this.#kernel;
  }

  /** When something is due next, in microseconds of the wire's clock; undefined if nothing is. */
  get deadline(): number | undefined {
    const next = this.#kernel.nextDeadline();
    return next === undefined ? undefined : next - this.#skewUsec;
  }

  /**
   * Passes time up to `usec`, microseconds of the wire's clock. A kernel that is ahead of that,
   * because it slept, stays where it is.
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
   * Loads netconsole. Kernels from 6.12 on load even if they cannot set up a target, and only log
   * why; here that is an error.
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
    const said = complaintOf(kernel);
    const why =
      said === undefined ? (cause instanceof Error ? cause.message : 'it made no target of it') : `it says "${said}"`;
    const code = cause instanceof KernelError ? cause.code : 'EINVAL';
    throw new KernelError(
      code,
      'createHarness',
      `the kernel does not take the target "${targets.join(';')}": ${why}; write [+][port]@[source address]/eth0,[port]@target address/[target MAC]`,
      { cause },
    );
  }
}
