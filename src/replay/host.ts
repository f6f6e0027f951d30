/**
 * One emulated host of a replay: a kernel, its interfaces on the shared device, its targets, and
 * the network in front of it.
 *
 *   off --boot--> up --boot--> up (a new kernel: the log goes back to another boot) --close()--> off
 *
 * Where records of several hosts lie between each other's, the kernels of the last boots stay up,
 * and each goes on with its own.
 *
 * Only records of the log are sent. What the kernel has to say itself while netconsole is loaded,
 * or later, is kept out of its log (`mute`), so that the log's own seq numbers and stamps are those
 * that leave.
 *
 * Hosts count up from the addresses of the first one, hardware and source: see `addresses.ts`.
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

/** What all hosts of a replay share. */
export interface HostEnvironment {
  readonly shared: SharedDevice;
  readonly settings: HostSettings;
  readonly clock: Clock;
  /** The clock for the delays of a bad network: the time of the frames. */
  readonly linkClock: LinkClock;
}

/** What a log tells about the kernel that wrote it. */
export interface BootFacts {
  /** Which boot it is, by its number. */
  readonly boot: number;
  /** Whether the records of several hosts are mixed. */
  readonly several: boolean;
  /** The seq of its first record. */
  readonly firstSeq: number;
  /** Whether the log names who logged. */
  readonly caller: boolean;
  /** What its `uname -r` printed, where the log says so. */
  readonly release?: string | undefined;
}

/** How many kernels stay up if records of several hosts are mixed. */
const KERNELS_KEPT = 16;

/** A boot's kernel, and what it has on the shared device. */
interface Machine {
  readonly kernel: Kernel;
  readonly driver: Driver;
  readonly interfaces: readonly Interface[];
  readonly ports: readonly SharedPort[];
  readonly acks: AckTally;
  /** Whether its records say who logged. */
  readonly caller: boolean;
  /** The seq that follows the last line's, and the records that its ring had no room for. */
  nextSeq: number;
  failed: number;
}

export class ReplayHost {
  readonly #env: HostEnvironment;
  readonly #index: number;
  readonly #counts: HostCounts = hostCounts();
  /** The counts of its kernels that are gone. */
  #ended: KernelTally | undefined;
  readonly #endedAcks: AckCounts = ackCounts();
  #endedFrames = 0;
  records = 0;
  /** Its kernels that are up, by boot; the one that was wanted last stands last. */
  readonly #machines = new Map<number, Machine>();
  #machine: Machine | undefined;
  readonly #links: ImpairedDevice[] = [];

  /** Host number `index`, from 0. */
  constructor(env: HostEnvironment, index: number) {
    this.#env = env;
    this.#index = index;
  }

  /**
   * The kernel of a boot that is up already and can log `firstSeq`; else a new one, netconsole
   * loaded. EINVAL if no address is left for this host.
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
      // A gap before the record is told all the same.
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
      // A kernel from before the field says nothing of who logged.
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

  /** Returns the port, behind the network if that is a bad one. */
  #behindLink(port: SharedPort): SharedPort | ImpairedDevice {
    const { settings, linkClock } = this.#env;
    const { impair } = settings;
    if (impair === undefined) return port;
    // Each host's network draws from a seed of its own, and so does each boot's.
    const seed = mixSeed(impair.seed ?? 1, this.#index, this.#links.length);
    const link = impairDevice(port, { ...impair, seed }, linkClock);
    this.#links.push(link);
    return link;
  }

  /** Ends the log: netoops dumps it. */
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
          // Cut off, the line lost its newline: without this it would wait for its rest.
          kernel.skipTo(machine.nextSeq);
        }
      }),
    );
  }

  /** What receivers have acked, and asked for. */
  get acks(): AckCounts {
    const counts = { ...this.#endedAcks };
    for (const { acks, kernel, nextSeq } of this.#machines.values()) addAcks(counts, acks.counts(kernel, nextSeq));
    return counts;
  }

  /** Frames that wait for the device. */
  get waiting(): number {
    let frames = 0;
    for (const { kernel } of this.#machines.values()) frames += kernel.queued;
    for (const { waiting } of this.#links) frames += waiting;
    return frames;
  }

  /** Frames that are on their way through the network. */
  get onTheWay(): number {
    return this.#links.reduce((sum, link) => sum + link.onTheWay, 0);
  }

  /** What the network did, by direction. */
  addNetwork(to: Record<LinkDirection, LinkStats>): void {
    for (const { network } of this.#links) {
      for (const direction of ['out', 'in'] as const) {
        for (const key of Object.keys(to[direction]) as (keyof LinkStats)[])
          to[direction][key] += network[direction][key];
      }
    }
  }

  /** Offers what waits to the device again. */
  retry(): void {
    for (const { ports } of this.#machines.values()) for (const port of ports) port.wake();
  }

  /**
   * Adds what the host's kernels have sent and given up. It is cheap, so that it can be asked while
   * the replay runs.
   */
  addTo(tally: KernelTally): void {
    if (this.#ended !== undefined) addTally(tally, this.#ended);
    for (const { kernel } of this.#machines.values()) tallyOf(kernel, tally);
  }

  /** Adds what became of its frames and records; returns `to`. */
  addCounts(to: HostCounts): HostCounts {
    addHostCounts(to, this.#counts);
    for (const { kernel } of this.#machines.values()) addTargets(to, kernel);
    return to;
  }

  /** The address that its first target sends from. */
  get address(): string {
    return addressOf(this.#env.settings.targets, this.#index);
  }

  /** What it came to, with the counts of `forgive` in place of its own. */
  outcome(forgive: Partial<HostCounts>): HostOutcome {
    const { impair, reliable } = this.#env.settings;
    const network = impair && { out: linkStats(), in: linkStats() };
    if (network !== undefined) this.addNetwork(network);
    let frames = this.#endedFrames;
    for (const { ports } of this.#machines.values()) frames += framesOf(ports);
    const counts = Object.assign(this.addCounts(hostCounts()), forgive);
    return hostOutcome({ records: this.records, frames, counts, out: network?.out, acks: reliable && this.acks });
  }

  /** Releases the device and the memory. A second call does nothing. */
  close(): void {
    for (const machine of this.#machines.values()) this.#down(machine);
    this.#machines.clear();
    this.#machine = undefined;
  }

  #down({ kernel, driver, interfaces, ports, acks, nextSeq }: Machine): void {
    driver.stop();
    // Frames that still wait are dropped and counted when the kernel leaves.
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

/** Frames that the device took. */
function framesOf(ports: readonly SharedPort[]): number {
  return ports.reduce((sum, { stats }) => sum + stats.txPackets, 0);
}
