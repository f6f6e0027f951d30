/**
 * One emulated host of a replay: a kernel, its interfaces on the shared device, and its targets.
 *
 *   off --boot(seq)--> up --boot(seq)--> up (a new kernel: the log goes back to another boot) --close()--> off
 *
 * Only records of the log are sent. What the kernel has to say itself while netconsole is loaded, or later, is kept out of its
 * log (`mute`), so that the log's own seq numbers and stamps are those that leave.
 *
 * Host number i has the addresses of the first one, hardware and source, plus i.
 */
import { addTally, createKernel, type Kernel, type KernelTally, kernelTally } from '../kernel/index.js';
import type { SystemName } from '../modules/index.js';
import type { Interface } from '../net/interface.js';
import type { SharedDevice, SharedPort } from '../net/share.js';
import type { PrintkOptions } from '../printk/printk.js';
import type { Profile } from '../profile/index.js';
import type { Clock } from '../run/clock.js';
import { createDriver, type Driver } from '../run/driver.js';
import { formatIpv4, formatIpv6, parseIp } from '../wire/address.js';
import { HOST_ADDRESSES, interfacesOf, load, type ReliableName, sourceOf } from './target.js';

export interface HostSettings {
  readonly targets: readonly string[];
  readonly profile: Profile;
  readonly release?: string;
  readonly loglevel?: number;
  readonly logBufShift: number;
  readonly reliable?: ReliableName;
  /** Not netconsole, but a system it descends from. */
  readonly as?: SystemName;
}

/** A record of the log, ready to be stored. */
export interface Line {
  /** Not below the seq of the line before, plus 1. */
  seq: number;
  /** The text and a newline. */
  bytes: Uint8Array;
  options: PrintkOptions;
}

/** Summed over the targets, and the kernels there have been. */
export interface HostCounts {
  fragments: number;
  /** Frames given up before the device had them. */
  droppedFrames: number;
  /** Records that found no room in the ring, and those that lost their end. */
  droppedRecords: number;
  cutRecords: number;
}

export class ReplayHost {
  readonly #shared: SharedDevice;
  readonly #settings: HostSettings;
  readonly #index: number;
  readonly #clock: Clock;
  readonly #counts: HostCounts = { fragments: 0, droppedFrames: 0, droppedRecords: 0, cutRecords: 0 };
  /** Of its kernels that are gone. */
  readonly #ended: KernelTally = kernelTally();
  #kernel: Kernel | undefined;
  #driver: Driver | undefined;
  #interfaces: Interface[] = [];
  #ports: SharedPort[] = [];
  /** The seq that follows the last line's, and the records that its ring had no room for. */
  #nextSeq = 0;
  #failed = 0;

  constructor(shared: SharedDevice, settings: HostSettings, index: number, clock: Clock) {
    this.#shared = shared;
    this.#settings = settings;
    this.#index = index;
    this.#clock = clock;
  }

  /** A new kernel, netconsole loaded, whose first record will have `firstSeq`. `caller`: the log names who logged. */
  boot(firstSeq: number, caller: boolean): void {
    this.close();
    const { targets, profile, release, loglevel, logBufShift, reliable, as } = this.#settings;
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
    const driver = createDriver(kernel, this.#clock);
    for (const { name, mac } of interfacesOf(targets, profile)) {
      const first = mac ?? this.#shared.device.mac;
      const own = plus(first, this.#index, 6);
      const options =
        source === undefined ? { mac: first, addresses: HOST_ADDRESSES } : { mac: own, addresses: [source] };
      const port = this.#shared.port({ name, mac: own });
      this.#ports.push(port);
      this.#interfaces.push(driver.addDevice(port, { name, ...options }));
    }
    load(kernel, targets, as, source);
    this.#kernel = kernel;
    this.#driver = driver;
    this.#nextSeq = firstSeq;
    this.#failed = 0;
    if (this.#index > 0 && as === undefined) this.#moveAddresses(kernel);
    driver.start();
  }

  /** `first`, of IPv4, plus this host's number. */
  #ownAddress(first: string): string {
    const ip = parseIp(first);
    return ip?.length === 4 ? formatIpv4(plus(ip, this.#index, 4)) : first;
  }

  /** The log has ended: netoops dumps it. */
  finish(): void {
    const kernel = this.#kernel;
    if (kernel !== undefined && this.#settings.as === 'netoops') this.#driver!.call(() => kernel.sysrq('y'));
  }

  #moveAddresses(kernel: Kernel): void {
    kernel.retarget(({ localIp }) => {
      const ip = plus(parseIp(localIp)!, this.#index, 4);
      return { localIp: ip.length === 4 ? formatIpv4(ip) : formatIpv6(ip) };
    });
    for (const dev of this.#interfaces) kernel.ip((all) => all.setMac(dev, plus(dev.mac, this.#index, 6)));
  }

  /** Stores `lines[0, count)` and flushes them as one. */
  print(lines: readonly Line[], count: number): void {
    const kernel = this.#kernel!;
    this.#driver!.call(() =>
      kernel.batch(() => {
        for (let i = 0; i < count; i++) {
          const { seq, bytes, options } = lines[i]!;
          if (seq !== this.#nextSeq) kernel.skipTo(seq);
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

  /** Frames that wait for the device. */
  get waiting(): number {
    return this.#kernel!.queued;
  }

  /** Offers what waits to the device again. */
  retry(): void {
    for (const port of this.#ports) port.wake();
  }

  /** What its kernels have sent and given up: cheap, so that it can be asked while the replay runs. */
  get tally(): KernelTally {
    const tally = { ...this.#ended };
    if (this.#kernel !== undefined) addTally(tally, this.#kernel.tally());
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
    addTally(this.#ended, { ...kernel.tally(), emergencyUsec: 0 });
    kernel.close();
    this.#interfaces = [];
    this.#ports = [];
    this.#kernel = undefined;
  }
}

function addTargets(counts: HostCounts, kernel: Kernel): void {
  const { targets, queueDropped } = kernel.inspect();
  for (const { stats } of targets) {
    counts.fragments += stats.fragments;
    counts.droppedFrames += stats.xmitDropCount + stats.enomemCount;
  }
  counts.droppedFrames += queueDropped;
}

/** `bytes` plus `add`, carrying over the last `width` bytes. */
function plus(bytes: Uint8Array, add: number, width: number): Uint8Array {
  const sum = bytes.slice();
  let carry = add;
  for (let i = sum.length - 1; i >= sum.length - width && carry > 0; i--) {
    carry += sum[i]!;
    sum[i] = carry & 255;
    carry = Math.floor(carry / 256);
  }
  return sum;
}
