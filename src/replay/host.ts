/**
 * One emulated host of a replay: a kernel, its interfaces on the shared device, its targets, and
 * the network in front of it.
 *
 *   off --boot--> up --boot--> up (a new kernel: the log goes back to another boot) --close()--> off
 *
 * If the records of several hosts are mixed in the log, the kernels of the last boots stay up, and
 * each goes on with its own records.
 *
 * Only records of the log are sent. What the kernel itself says while netconsole is loaded, or
 * later, is kept out of its log (`mute`), so that the seq numbers and stamps that leave are the
 * log's own.
 *
 * The addresses of hosts, hardware and source, count up from those of the first: see
 * `addresses.ts`.
 */

import { addTally, createKernel, type Kernel, type KernelTally, kernelTally, tallyOf } from '../kernel/index.js';
import { type LinkDirection, type LinkStats, linkStats } from '../net/impair.js';
import { type ImpairedDevice, impairDevice, type LinkClock } from '../net/impaired.js';
import type { Interface } from '../net/interface.js';
import type { SharedDevice, SharedPort } from '../net/share.js';
import { defined } from '../options.js';
import type { Clock } from '../run/clock.js';
import { createDriver, type Driver } from '../run/driver.js';
import { formatIp, parseIp } from '../wire/address.js';
import { mixSeed } from '../workload/draw.js';
import { type AckCounts, AckTally, ackCounts, addAcks } from './acks.js';
import { addressAfter, macAfter } from './addresses.js';
import type { ChunkLine } from './chunk.js';
import { addHostCounts, addTargets, type HostCounts, hostCounts } from './host-counts.js';
import { type HostOutcome, hostOutcome } from './host-report.js';
import type { HostSettings } from './settings.js';
import { addressOf, HOST_ADDRESSES, interfacesOf, load, remotesOf } from './target.js';

/** What all hosts of a replay share; it stays the caller's. */
export interface HostEnvironment {
  readonly shared: SharedDevice;
  readonly settings: HostSettings;
  readonly clock: Clock;
  /** The clock for the delays of a bad network, which is that of the frames. */
  readonly linkClock: LinkClock;
}

/** What a log tells about the kernel that wrote it. */
export interface BootFacts {
  /** The number of the boot. */
  readonly boot: number;
  /** True if the log mixes the records of several hosts. */
  readonly several: boolean;
  /** The seq of the boot's first record. */
  readonly firstSeq: number;
  /** True if the log names who logged each record. */
  readonly caller: boolean;
  /** What the kernel's `uname -r` printed, if the log says so. */
  readonly release?: string | undefined;
}

/** How many kernels stay up if records of several hosts are mixed. */
const KERNELS_KEPT = 16;

/** The kernel of a boot, and what it has on the shared device. */
interface Machine {
  readonly kernel: Kernel;
  readonly driver: Driver;
  readonly interfaces: readonly Interface[];
  readonly ports: readonly SharedPort[];
  readonly acks: AckTally;
  /** True if its records say who logged them. */
  readonly caller: boolean;
  /** The seq behind the last line's, and the number of records for which its ring had no room. */
  nextSeq: number;
  failed: number;
}

/** One emulated host. It owns its kernels and ports, which `close` gives back. */
export class ReplayHost {
  readonly #env: HostEnvironment;
  readonly #index: number;
  readonly #counts: HostCounts = hostCounts();
  /** The counts of the host's kernels that have been taken down. */
  #ended: KernelTally | undefined;
  readonly #endedAcks: AckCounts = ackCounts();
  #endedFrames = 0;
  records = 0;
  /** The kernels that are up, by boot; the one that was wanted last stands last. */
  readonly #machines = new Map<number, Machine>();
  #machine: Machine | undefined;
  readonly #links: ImpairedDevice[] = [];

  /** Makes host number `index`, from 0, which has no kernel yet. */
  constructor(env: HostEnvironment, index: number) {
    this.#env = env;
    this.#index = index;
  }

  /**
   * Chooses the kernel for a boot: one that is up already and can log `firstSeq`, or else a new one
   * with netconsole loaded. Throws EINVAL if no address is left for this host.
   */
  boot(facts: BootFacts): void {
    const { boot, firstSeq, caller, several } = facts;
    const known = this.#machines.get(boot);
    this.#machines.delete(boot);
    const goesOn = known !== undefined && known.nextSeq <= firstSeq;
    if (goesOn && known.caller === caller) {
      this.#machine = known;
    } else {
      if (known !== undefined) this.#down(known);
      for (const [other, machine] of this.#machines) {
        if (several && this.#machines.size < KERNELS_KEPT) break;
        this.#machines.delete(other);
        this.#down(machine);
      }
      // The new kernel goes on with the old one's seq, so that a gap before the record still shows.
      this.#machine = this.#up(goesOn ? { ...facts, firstSeq: known.nextSeq } : facts);
    }
    this.#machines.set(boot, this.#machine);
  }

  #up({ firstSeq, caller, release: ownRelease }: BootFacts): Machine {
    const { settings, shared, clock } = this.#env;
    const { targets, profile, loglevel, logBufShift, reliable, as } = settings;
    const release = settings.release ?? ownRelease;
    const source = as === undefined ? undefined : addressOf(targets, this.#index);
    const kernel = createKernel({
      profile,
      logBufShift,
      firstSeq,
      // A kernel from before the field existed does not say who logged.
      kconfig: { caller: caller && profile.callerField },
      ...defined({ release, loglevel, reliable }),
    });
    kernel.mute();
    const driver = createDriver(kernel, clock);
    const interfaces: Interface[] = [];
    const ports: SharedPort[] = [];
    for (const { name, mac } of interfacesOf(targets, profile)) {
      const first = mac ?? shared.device.mac;
      const own = macAfter(first, this.#index);
      const options =
        source === undefined ? { mac: first, addresses: HOST_ADDRESSES } : { mac: own, addresses: [source] };
      const port = shared.port({ name, mac: own });
      ports.push(port);
      interfaces.push(driver.addDevice(this.#behindLink(port), { name, ...options }));
    }
    load(kernel, targets, as, source);
    const acks = new AckTally(firstSeq);
    if (this.#index > 0 && as === undefined) this.#moveAddresses(kernel, interfaces);
    driver.start();
    return { kernel, driver, interfaces, ports, acks, caller, nextSeq: firstSeq, failed: 0 };
  }

  /** Returns the port, with the bad network in front of it if one is asked for. */
  #behindLink(port: SharedPort): SharedPort | ImpairedDevice {
    const { settings, linkClock } = this.#env;
    const { impair } = settings;
    if (impair === undefined) return port;
    // The network of each host and boot draws its faults from a seed of its own.
    const seed = mixSeed(impair.seed ?? 1, this.#index, this.#links.length);
    const link = impairDevice(port, { ...impair, seed }, linkClock);
    this.#links.push(link);
    return link;
  }

  /** Ends the log, which makes netoops dump it. */
  finish(): void {
    if (this.#env.settings.as !== 'netoops') return;
    for (const { kernel, driver } of this.#machines.values()) driver.call(() => kernel.sysrq('y'));
  }

  #moveAddresses(kernel: Kernel, interfaces: readonly Interface[]): void {
    const taken = remotesOf(this.#env.settings.targets);
    kernel.retarget(({ localIp }) => ({
      localIp: formatIp(addressAfter(parseIp(localIp)!, this.#index, taken)),
    }));
    for (const dev of interfaces) kernel.ip((all) => all.setMac(dev, macAfter(dev.mac, this.#index)));
  }

  /** Stores `lines[0, count)` and flushes them as one. */
  print(lines: readonly ChunkLine[], count: number): void {
    const machine = this.#machine!;
    const { kernel } = machine;
    this.records += count;
    machine.driver.call(() =>
      kernel.batch(() => {
        for (let i = 0; i < count; i++) {
          const { seq, text, options } = lines[i]!;
          if (seq !== machine.nextSeq) {
            machine.acks.skipped(machine.nextSeq, seq);
            kernel.skipTo(seq);
          }
          machine.nextSeq = seq + 1;
          const stored = kernel.printk(text, options);
          if (stored === text.length) continue;
          const { failed } = kernel.inspect().log;
          if (failed > machine.failed && stored === 0) this.#counts.droppedRecords++;
          else this.#counts.cutRecords++;
          machine.failed = failed;
          // A line that was cut lost its newline; without this call it would wait for its rest.
          kernel.skipTo(machine.nextSeq);
        }
      }),
    );
  }

  /** What receivers have acked and asked for, over all kernels of the host. */
  get acks(): AckCounts {
    const counts = { ...this.#endedAcks };
    for (const { acks, kernel, nextSeq } of this.#machines.values()) addAcks(counts, acks.counts(kernel, nextSeq));
    return counts;
  }

  /** How many frames wait for the device. */
  get waiting(): number {
    let frames = 0;
    for (const { kernel } of this.#machines.values()) frames += kernel.queued;
    for (const { waiting } of this.#links) frames += waiting;
    return frames;
  }

  /** How many frames are on their way through the network. */
  get onTheWay(): number {
    return this.#links.reduce((sum, link) => sum + link.onTheWay, 0);
  }

  /** Adds what the network did, for each direction. */
  addNetwork(to: Record<LinkDirection, LinkStats>): void {
    for (const { network } of this.#links) {
      for (const direction of ['out', 'in'] as const) {
        for (const key of Object.keys(to[direction]) as (keyof LinkStats)[])
          to[direction][key] += network[direction][key];
      }
    }
  }

  /** Offers the waiting frames to the device again. */
  retry(): void {
    for (const { ports } of this.#machines.values()) for (const port of ports) port.wake();
  }

  /**
   * Adds what the host's kernels have sent and given up. This is cheap enough to be called while
   * the replay runs.
   */
  addTo(tally: KernelTally): void {
    if (this.#ended !== undefined) addTally(tally, this.#ended);
    for (const { kernel } of this.#machines.values()) tallyOf(kernel, tally);
  }

  /** Adds what became of the host's frames and records; returns `to`. */
  addCounts(to: HostCounts): HostCounts {
    addHostCounts(to, this.#counts);
    for (const { kernel } of this.#machines.values()) addTargets(to, kernel);
    return to;
  }

  /** The address that the host's first target sends from. */
  get address(): string {
    return addressOf(this.#env.settings.targets, this.#index);
  }

  /** Returns the host's report, in which the counts of `forgive` replace its own. */
  outcome(forgive: Partial<HostCounts>): HostOutcome {
    const { impair, reliable } = this.#env.settings;
    const network = impair && { out: linkStats(), in: linkStats() };
    if (network !== undefined) this.addNetwork(network);
    let frames = this.#endedFrames;
    for (const { ports } of this.#machines.values()) frames += framesOf(ports);
    const counts = Object.assign(this.addCounts(hostCounts()), forgive);
    return hostOutcome({ records: this.records, frames, counts, out: network?.out, acks: reliable && this.acks });
  }

  /** Takes all kernels down and releases ports and memory. A second call does nothing. */
  close(): void {
    for (const machine of this.#machines.values()) this.#down(machine);
    this.#machines.clear();
    this.#machine = undefined;
  }

  #down({ kernel, driver, interfaces, ports, acks, nextSeq }: Machine): void {
    driver.stop();
    // Leaving the kernel drops and counts the frames that still wait.
    for (const dev of interfaces) {
      void dev.device.close();
      kernel.removeDevice(dev);
    }
    this.#endedFrames += framesOf(ports);
    addTargets(this.#counts, kernel);
    if (this.#env.settings.reliable !== undefined) addAcks(this.#endedAcks, acks.counts(kernel, nextSeq));
    this.#ended ??= kernelTally();
    tallyOf(kernel, this.#ended).emergencyUsec = 0;
    kernel.close();
  }
}

/** Returns how many frames the device took from these ports. */
function framesOf(ports: readonly SharedPort[]): number {
  return ports.reduce((sum, { stats }) => sum + stats.txPackets, 0);
}
