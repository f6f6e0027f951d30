/**
 * One emulated host of a replay: a kernel, its interfaces on the shared device, its targets, and
 * the network in front of it.
 *
 *   off --boot(seq)--> up --boot(seq)--> up (a new kernel: the log goes back to another boot) --close()--> off
 *
 * Only records of the log are sent. What the kernel has to say itself while netconsole is loaded,
 * or later, is kept out of its log (`mute`), so that the log's own seq numbers and stamps are those
 * that leave.
 *
 * Hosts count up from the addresses of the first one, hardware and source: see `addresses.ts`.
 */
import { addTally, createKernel, type Kernel, type KernelTally, kernelTally, tallyOf } from '../kernel/index.js';
import type { SystemName } from '../modules/index.js';
import type { Impairments, LinkDirection, LinkStats } from '../net/impair.js';
import { type ImpairedDevice, impairDevice, type LinkClock } from '../net/impaired.js';
import type { Interface } from '../net/interface.js';
import type { SharedDevice, SharedPort } from '../net/share.js';
import type { Profile } from '../profile/index.js';
import type { Clock } from '../run/clock.js';
import { createDriver, type Driver } from '../run/driver.js';
import { formatIpv4, formatIpv6, parseIp } from '../wire/address.js';
import { mixSeed } from '../workload/draw.js';
import { type AckCounts, AckTally } from './acks.js';
import { addressAfter, macAfter } from './addresses.js';
import type { ChunkLine } from './chunk.js';
import { HOST_ADDRESSES, interfacesOf, load, type ReliableName, remotesOf, sourceOf } from './target.js';

export interface HostSettings {
  readonly targets: readonly string[];
  readonly profile: Profile;
  readonly release?: string;
  readonly loglevel?: number;
  readonly logBufShift: number;
  readonly reliable?: ReliableName;
  /** Not netconsole, but a system it descends from. */
  readonly as?: SystemName;
  /** The network in front of each host; what is drawn, each draws for itself. */
  readonly impair?: Impairments;
}

/** What all hosts of a replay share. */
export interface HostEnvironment {
  readonly shared: SharedDevice;
  readonly settings: HostSettings;
  readonly clock: Clock;
  /** What delays of a bad network go by: the time of the frames. */
  readonly linkClock: LinkClock;
}

/** What a log says of the kernel that wrote it. */
export interface BootFacts {
  /** The seq of its first record. */
  readonly firstSeq: number;
  /** Whether the log names who logged. */
  readonly caller: boolean;
  /** What its `uname -r` printed, where the log says so. */
  readonly release?: string | undefined;
}

/** Summed over the targets, and the kernels there have been. */
export interface HostCounts {
  fragments: number;
  /** Frames for which there was no slot: those of the device were all in use. */
  noSlot: number;
  /** Frames that the kernel gave up, as the interface was down or gone. */
  interfaceDown: number;
  /** Frames that waited for the device when the interface went. */
  leftInQueue: number;
  /** Records that found no room in the ring, and those that lost their end. */
  droppedRecords: number;
  cutRecords: number;
}

export class ReplayHost {
  readonly #env: HostEnvironment;
  readonly #index: number;
  readonly #counts: HostCounts = hostCounts();
  readonly #acks = new AckTally();
  /** Of its kernels that are gone. */
  readonly #ended: KernelTally = kernelTally();
  #kernel: Kernel | undefined;
  #driver: Driver | undefined;
  #interfaces: Interface[] = [];
  #ports: SharedPort[] = [];
  readonly #links: ImpairedDevice[] = [];
  /** The seq that follows the last line's, and the records that its ring had no room for. */
  #nextSeq = 0;
  #failed = 0;

  /** Host number `index`, from 0. */
  constructor(env: HostEnvironment, index: number) {
    this.#env = env;
    this.#index = index;
  }

  /** A new kernel, netconsole loaded. EINVAL if no address is left for this host. */
  boot({ firstSeq, caller, release: ownRelease }: BootFacts): void {
    this.close();
    const { settings, shared, clock } = this.#env;
    const { targets, profile, loglevel, logBufShift, reliable, as } = settings;
    const release = settings.release ?? ownRelease;
    const source = as === undefined ? undefined : this.#ownAddress(sourceOf(targets) ?? '192.0.2.1');
    const kernel = createKernel({
      profile,
      logBufShift,
      firstSeq,
      // A kernel from before the field says nothing of who logged.
      kconfig: { caller: caller && profile.callerField },
      ...(release !== undefined && { release }),
      ...(loglevel !== undefined && { loglevel }),
      ...(reliable !== undefined && { reliable }),
    });
    kernel.mute();
    const driver = createDriver(kernel, clock);
    for (const { name, mac } of interfacesOf(targets, profile)) {
      const first = mac ?? shared.device.mac;
      const own = macAfter(first, this.#index);
      const options =
        source === undefined ? { mac: first, addresses: HOST_ADDRESSES } : { mac: own, addresses: [source] };
      const port = shared.port({ name, mac: own });
      this.#ports.push(port);
      this.#interfaces.push(driver.addDevice(this.#behindLink(port), { name, ...options }));
    }
    load(kernel, targets, as, source);
    this.#kernel = kernel;
    this.#driver = driver;
    this.#nextSeq = firstSeq;
    this.#acks.began(firstSeq);
    this.#failed = 0;
    if (this.#index > 0 && as === undefined) this.#moveAddresses(kernel);
    driver.start();
  }

  /** The port, with the network in front of it if that is a bad one. */
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

  /** The address of this host, of IPv4, when the first one has `first`. */
  #ownAddress(first: string): string {
    const ip = parseIp(first);
    if (ip?.length !== 4) return first;
    return formatIpv4(addressAfter(ip, this.#index, remotesOf(this.#env.settings.targets)));
  }

  /** The log has ended: netoops dumps it. */
  finish(): void {
    const kernel = this.#kernel;
    if (kernel !== undefined && this.#env.settings.as === 'netoops') this.#driver!.call(() => kernel.sysrq('y'));
  }

  #moveAddresses(kernel: Kernel): void {
    const taken = remotesOf(this.#env.settings.targets);
    kernel.retarget(({ localIp }) => {
      const ip = addressAfter(parseIp(localIp)!, this.#index, taken);
      return { localIp: ip.length === 4 ? formatIpv4(ip) : formatIpv6(ip) };
    });
    for (const dev of this.#interfaces) kernel.ip((all) => all.setMac(dev, macAfter(dev.mac, this.#index)));
  }

  /** Stores `lines[0, count)` and flushes them as one. */
  print(lines: readonly ChunkLine[], count: number): void {
    const kernel = this.#kernel!;
    this.#driver!.call(() =>
      kernel.batch(() => {
        for (let i = 0; i < count; i++) {
          const { seq, bytes, options } = lines[i]!;
          if (seq !== this.#nextSeq) {
            this.#acks.skipped(this.#nextSeq, seq);
            kernel.skipTo(seq);
          }
          this.#nextSeq = seq + 1;
          const stored = kernel.printk(bytes, options);
          if (stored === bytes.length - 1) continue;
          const { failed } = kernel.inspect().log;
          this.#short(failed > this.#failed && stored === 0);
          this.#failed = failed;
          // Cut off, the line lost its newline: without this it would wait for its rest.
          kernel.skipTo(this.#nextSeq);
        }
      }),
    );
  }

  #short(lost: boolean): void {
    if (lost) this.#counts.droppedRecords++;
    else this.#counts.cutRecords++;
  }

  /** What receivers have acked, and asked for. */
  get acks(): AckCounts {
    return this.#acks.counts(this.#kernel, this.#nextSeq);
  }

  /** Frames that wait for the device. */
  get waiting(): number {
    let frames = this.#kernel?.queued ?? 0;
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
    for (const port of this.#ports) port.wake();
  }

  /** What its kernels have sent and given up: cheap, so that it can be asked while the replay runs. */
  get tally(): KernelTally {
    const tally = { ...this.#ended };
    if (this.#kernel !== undefined) addTally(tally, tallyOf(this.#kernel));
    return tally;
  }

  get counts(): HostCounts {
    const counts = { ...this.#counts };
    if (this.#kernel !== undefined) addTargets(counts, this.#kernel);
    return counts;
  }

  /** Lets the device and the memory go. Idempotent. */
  close(): void {
    const kernel = this.#kernel;
    if (kernel === undefined) return;
    this.#driver!.stop();
    // Leaving takes what waits with it, and counts that.
    for (const dev of this.#interfaces) {
      void dev.device.close();
      kernel.removeDevice(dev);
    }
    addTargets(this.#counts, kernel);
    this.#acks.ended(kernel, this.#nextSeq);
    addTally(this.#ended, { ...tallyOf(kernel), emergencyUsec: 0 });
    kernel.close();
    this.#interfaces = [];
    this.#ports = [];
    this.#kernel = undefined;
  }
}

export function hostCounts(): HostCounts {
  return { fragments: 0, noSlot: 0, interfaceDown: 0, leftInQueue: 0, droppedRecords: 0, cutRecords: 0 };
}

function addTargets(counts: HostCounts, kernel: Kernel): void {
  const { targets, queueDropped, queued } = kernel.inspect();
  for (const { stats } of targets) {
    counts.fragments += stats.fragments;
    counts.interfaceDown += stats.xmitDropCount;
    counts.noSlot += stats.enomemCount;
  }
  counts.leftInQueue += queueDropped + queued;
}
