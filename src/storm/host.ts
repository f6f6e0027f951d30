/**
 * One host of a fleet in virtual time: a kernel with its ring, clock and interface, and what is
 * happening to it.
 *
 *   off --boot--> up --reboot step--> off for a while --> up (a new kernel, seq 0) ...
 *                  \--panic--> dead until a reboot step
 *
 * All times here are microseconds from the start of the run, except those called the kernel's: a
 * kernel counts from its boot, by a clock that may run fast or slow.
 */

import { addTally, createKernel, type Kernel, type KernelTally, kernelTally, tallyOf } from '../kernel/index.js';
import { createMemoryDevice, type MemoryDevice } from '../net/memory.js';
import type { FrameSlab } from '../net/slab.js';
import { defined } from '../options.js';
import { parseMac } from '../wire/address.js';
import { type Message, type Step, WORKLOADS, withMark } from '../workload/index.js';
import type { CompiledPlan, HostSpec, Start } from './compile.js';
import { filled } from './userdata.js';

/** What the hosts of one engine share. */
export interface HostEnvironment {
  readonly plan: CompiledPlan;
  /** The slots in which kernels make their frames. */
  readonly slab: FrameSlab;
  /** Called when a frame leaves a host's kernel. The frame is valid during the call only. */
  readonly onFrame: (host: StormHost, frame: Uint8Array, atUsec: number) => void;
}

/** A workload that is under way: its step `next` is due at `atUsec`. */
interface Running {
  readonly steps: Iterator<Step>;
  next: Step;
  atUsec: number;
}

/** Counts of what happened on a host. */
export interface HostCounts {
  /** How many times the host has booted. */
  boots: number;
  /** Messages that its kernel was given. */
  messages: number;
  /** Workloads that began. */
  begun: number;
  /** Workloads that did not begin, because the machine was off or dead. */
  skipped: number;
}

/** One host: its kernel, its schedule, and the workloads that are under way. */
export class StormHost {
  /** What the plan says of the host. */
  readonly spec: HostSpec;
  /** What happened so far, over all its kernels. */
  readonly counts: HostCounts = { boots: 0, messages: 0, begun: 0, skipped: 0 };
  /** Whether the cable is in. Without it, the frames that the driver takes are lost. */
  hasCarrier = true;
  readonly #env: HostEnvironment;
  readonly #starts: Iterator<Start>;
  #nextStart: Start | undefined;
  #running: Running[] = [];
  #kernel: Kernel | undefined;
  #device: MemoryDevice | undefined;
  /** The sums of its kernels that are gone. */
  readonly #ended: KernelTally = kernelTally();
  #bootedAt = 0;
  #bootsAt: number;
  #dead = false;
  /** Messages that had a mark so far; the number of the next mark. */
  #number = 0;

  constructor(spec: HostSpec, env: HostEnvironment) {
    this.spec = spec;
    this.#env = env;
    this.#starts = env.plan.starts(spec)[Symbol.iterator]();
    this.#nextStart = this.#pull();
    this.#bootsAt = spec.bootUsec;
  }

  /** The number of this boot, from 0. Each boot is a new stream of records. */
  get boot(): number {
    return this.counts.boots - 1;
  }

  /** When something happens here next; Infinity if never. */
  get nextUsec(): number {
    let next = Math.min(this.#bootsAt, this.#nextStart?.atUsec ?? Number.POSITIVE_INFINITY);
    for (const { atUsec } of this.#running) next = Math.min(next, atUsec);
    const deadline = this.#kernel?.nextDeadline();
    return deadline === undefined ? next : Math.min(next, this.#wallUsec(deadline));
  }

  /** Runs everything that is due at `nowUsec`. */
  run(nowUsec: number): void {
    if (this.#bootsAt <= nowUsec) this.#bootUp(this.#bootsAt);
    this.#advance(nowUsec);
    for (; this.#nextStart !== undefined && this.#nextStart.atUsec <= nowUsec; this.#nextStart = this.#pull()) {
      this.#begin(this.#nextStart);
    }
    for (let at = this.#dueRunning(nowUsec); at !== undefined; at = this.#dueRunning(nowUsec)) this.#step(at);
  }

  /** Lets time pass for the kernel, and begins nothing new. */
  passTo(nowUsec: number): void {
    this.#advance(nowUsec);
  }

  /** Gives the host a frame that comes in at `nowUsec`. */
  receive(frame: Uint8Array, nowUsec: number): void {
    this.#advance(nowUsec);
    this.#device?.inject(frame);
  }

  /** Shuts the host down. */
  close(): void {
    if (this.#kernel === undefined) return;
    addTally(this.#ended, { ...tallyOf(this.#kernel), emergencyUsec: 0 });
    this.#kernel.close();
    this.#kernel = undefined;
  }

  /** The sums of what all its kernels have sent and given up so far. */
  get tally(): KernelTally {
    const tally = { ...this.#ended };
    if (this.#kernel !== undefined) addTally(tally, tallyOf(this.#kernel));
    return tally;
  }

  /** The kernel that runs now; undefined while the host is off. */
  get kernel(): Kernel | undefined {
    return this.#kernel;
  }

  #pull(): Start | undefined {
    const { value, done } = this.#starts.next();
    return done ? undefined : value;
  }

  #bootUp(atUsec: number): void {
    this.close();
    this.#bootsAt = Number.POSITIVE_INFINITY;
    this.#bootedAt = atUsec;
    this.#dead = false;
    this.hasCarrier = true;
    this.counts.boots++;
    const { spec } = this;
    const { group, profile } = spec;
    const kernel = createKernel({
      profile,
      logBufShift: group.logBufShift ?? 14,
      ...defined({ loglevel: group.loglevel }),
      ...defined({ reliable: group.reliable }),
    });
    const mac = parseMac(spec.mac)!;
    const device = createMemoryDevice('eth0', {
      mac,
      slab: this.#env.slab,
      keep: false,
      onFrame: (frame) => this.#env.onFrame(this, frame, this.#wallUsec(kernel.now())),
    });
    kernel.addDevice(device, { addresses: [`${spec.ip}/32`] });
    this.#kernel = kernel;
    this.#device = device;
    loadTarget(kernel, spec, this.#env.plan.collector);
  }

  #begin({ workload, parameters, seed, atUsec }: Start): void {
    if (this.#kernel === undefined || this.#dead) {
      this.counts.skipped++;
      return;
    }
    this.counts.begun++;
    const { profile, group } = this.spec;
    const steps = WORKLOADS.get(workload)!
      .steps({
        ...parameters,
        seed,
        machine: { release: profile.release, nic: 'eth0', memoryMiB: 1024 * (1 + (group.logBufShift ?? 14)) },
        nowUsec: this.#kernel.now(),
      })
      [Symbol.iterator]();
    const first = steps.next();
    if (!first.done) this.#running.push({ steps, next: first.value, atUsec: atUsec + (first.value.afterUsec ?? 0) });
  }

  /** Returns the index of the running workload whose step is due first; undefined if none is. */
  #dueRunning(nowUsec: number): number | undefined {
    let first: number | undefined;
    for (let i = 0; i < this.#running.length; i++) {
      const { atUsec } = this.#running[i]!;
      if (atUsec <= nowUsec && (first === undefined || atUsec < this.#running[first]!.atUsec)) first = i;
    }
    return first;
  }

  #step(at: number): void {
    const running = this.#running[at]!;
    const { next, atUsec } = running;
    const following = running.steps.next();
    if (following.done) this.#running.splice(at, 1);
    else {
      running.next = following.value;
      running.atUsec = atUsec + (following.value.afterUsec ?? 0);
    }
    this.#advance(atUsec);
    this.#do(next, atUsec);
  }

  #do(step: Step, atUsec: number): void {
    const kernel = this.#kernel!;
    if (step.does === undefined) this.#log(step);
    else if (step.does === 'oops') kernel.oops(() => this.#logAll(step.lines));
    else if (step.does === 'stall') kernel.batch(() => this.#logAll(step.lines));
    else if (step.does === 'carrier') this.hasCarrier = step.up;
    else if (step.does === 'panic') {
      kernel.panic(step.message, { trace: () => this.#logAll(step.lines) });
      // The other workloads end with the machine; only one whose next step restarts it goes on.
      this.#running = this.#running.filter(({ next }) => next.does === 'reboot');
      this.#dead = true;
    } else {
      this.#running = [];
      this.close();
      this.#bootsAt = atUsec + step.downUsec;
    }
  }

  #logAll(lines: readonly Message[]): void {
    const kernel = this.#kernel!;
    for (const line of lines) {
      if (line.afterUsec) kernel.advanceTo(kernel.now() + Math.round(line.afterUsec));
      this.#log(line);
    }
  }

  #log({ level, text, facility, dev, task, unfinished }: Message): void {
    this.counts.messages++;
    const { plan } = this.#env;
    // An unfinished line gets no mark: a mark ends its message, and another message ends this line.
    const marks = plan.plan.mark === true && !unfinished;
    const mark = { run: plan.seed, host: this.spec.index, number: this.#number };
    if (marks) this.#number++;
    const said = marks ? withMark(text, mark) : text;
    this.#kernel!.printk(unfinished ? said : `${said}\n`, {
      level,
      ...(facility !== undefined && { facility }),
      ...(dev !== undefined && { dev }),
      ...(task !== undefined && { task }),
    });
  }

  #advance(nowUsec: number): void {
    const kernel = this.#kernel;
    if (kernel === undefined) return;
    const own = Math.floor((nowUsec - this.#bootedAt) * (1 + this.spec.drift));
    // A timer that was set for this very moment, as an ack does, is due although no time passes.
    const due = kernel.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (own > kernel.now() || due <= own) kernel.advanceTo(Math.max(own, kernel.now()));
  }

  /** Converts a time of the kernel's into a time of the run. */
  #wallUsec(kernelUsec: number): number {
    return this.#bootedAt + Math.ceil(kernelUsec / (1 + this.spec.drift));
  }
}

/** Loads netconsole with one target; through configfs if an extended target has userdata. */
function loadTarget(kernel: Kernel, spec: HostSpec, collector: CompiledPlan['collector']): void {
  const { group, extended } = spec;
  const flags = `${extended ? '+' : ''}${extended && group.release ? 'r' : ''}`;
  const { userdata } = group;
  const target = `${flags}${group.port ?? 6665}@${spec.ip}/eth0,${collector.port}@${collector.ip}/${collector.mac}`;
  if (userdata === undefined || !extended) {
    kernel.insmod('netconsole', target);
    return;
  }
  kernel.insmod('netconsole', '');
  const { fs } = kernel;
  const at = 'netconsole/storm';
  fs.mkdir(at);
  const attributes = {
    ...(extended && { extended: '1' }),
    ...(extended && group.release && { release: '1' }),
    local_ip: spec.ip,
    local_port: String(group.port ?? 6665),
    remote_ip: collector.ip,
    remote_port: String(collector.port),
    remote_mac: collector.mac,
  };
  for (const [name, value] of Object.entries(attributes)) fs.write(`${at}/${name}`, value);
  for (const [key, value] of Object.entries(userdata)) {
    fs.mkdir(`${at}/userdata/${key}`);
    fs.write(`${at}/userdata/${key}/value`, filled(value, spec));
  }
  fs.write(`${at}/enabled`, '1');
}
