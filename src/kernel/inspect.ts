/**
 * What a kernel shows of itself: a snapshot, as plain data that fits a log line or an assertion.
 */
import { CON_EXTENDED } from '../console/index.js';
import type { ReliableStats, TargetState, TargetStats } from '../modules/netconsole/index.js';
import type { RxStats } from '../netpoll/rx.js';
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import type { KernelCore } from './core.js';

/** What a kernel looks like from inside, for tests and for people. The caller owns the object. */
export interface KernelState {
  /** The name of the kernel's profile, such as '6.12'. */
  readonly profile: string;
  /** What `uname -r` prints. */
  readonly release: string;
  /** The kernel's time, in microseconds since boot. */
  readonly nowUsec: number;
  /** Whether `close` was called: the log is gone then, and is shown as empty. */
  readonly closed: boolean;
  /**
   * The log: bytes of text, the oldest seq, the one that comes next, and messages that found no
   * room.
   */
  readonly log: { readonly size: number; readonly firstSeq: number; readonly nextSeq: number; readonly failed: number };
  /** In the order in which they print; `seq`: the next one that each will print. */
  readonly consoles: readonly { readonly name: string; readonly extended: boolean; readonly seq: number }[];
  /** In the order in which they were made. */
  readonly interfaces: readonly InterfaceState[];
  /** Names of the modules that are loaded. */
  readonly modules: readonly string[];
  /** Netconsole's, the newest first, which is the order of sending. */
  readonly targets: readonly NetconsoleTargetState[];
  /** Frames that wait for a busy device. */
  readonly queued: number;
  /** Frames that were still waiting when their device went. */
  readonly queueDropped: number;
  /** What came in. */
  readonly rx: Readonly<RxStats>;
}

/**
 * Sums over netconsole's targets and netpoll. A target that is removed takes its counts with it.
 */
export interface KernelTally {
  /** Frames that carried records. */
  frames: number;
  /** Those of `frames` that carried `ncfrag`. */
  fragments: number;
  /** Messages that found no room in the ring. */
  noRoom: number;
  /** Frames given up before a device took them: the sum of the three counts that follow. */
  notSent: number;
  /** Frames for which the device had no free slot. */
  noSlot: number;
  /** Frames for an interface that was down or gone. */
  interfaceDown: number;
  /** Frames that waited for a busy device when it went. */
  queueDropped: number;
  /** Responses that targets of the reliable extension have read. */
  acks: number;
  /** Records that such targets sent again because the receiver asked for them. */
  retransmits: number;
  /** Records that such targets sent again unasked, as no ack came. */
  emergencies: number;
  /** The longest interval that a target's emergency transmission backs off with now; 0: none. */
  emergencyUsec: number;
}

/** An interface, in a snapshot of its kernel. */
export interface InterfaceState {
  readonly name: string;
  /** `52:54:00:12:34:56`. */
  readonly mac: string;
  /** Administratively up; it may lack carrier all the same. */
  readonly up: boolean;
  /** IPv4 before IPv6, each without its prefix length. */
  readonly addresses: readonly string[];
}

/** A target of netconsole, in a snapshot of its kernel. */
export interface NetconsoleTargetState {
  /** In configfs; undefined for a target of the parameter that has no directory. */
  readonly name: string | undefined;
  /** Only an `enabled` target sends. */
  readonly state: TargetState;
  /** Whether the target gets the extended format. */
  readonly extended: boolean;
  /** The name of the interface that the target sends through. */
  readonly dev: string;
  /** The address and port that frames come from: `10.0.2.15:6665`, `[fd00::15]:6665`. */
  readonly local: string;
  /** The address and port that frames go to, as in `local`. */
  readonly remote: string;
  /** Counted since the target was made; a copy. */
  readonly stats: Readonly<TargetStats>;
  /**
   * A reliable target's counts: the highest seq that was acked, 0 if none was, and what the
   * receiver asked for.
   */
  readonly reliable?: Readonly<ReliableStats> & { readonly ackSeq: number };
}

/** Makes the snapshot that `Kernel.inspect` returns. */
export function inspectKernel(core: KernelCore): KernelState {
  const { ring, consoles, netdevs, netpoll, closed } = core;
  return {
    profile: core.profile.name,
    release: core.release,
    nowUsec: core.now(),
    closed,
    log: closed
      ? { size: 0, firstSeq: 0, nextSeq: 0, failed: 0 }
      : { size: ring.size, firstSeq: ring.firstSeq, nextSeq: ring.nextSeq, failed: ring.fail },
    consoles: consoles.list.map((con) => ({
      name: con.name,
      extended: (con.flags & CON_EXTENDED) !== 0,
      seq: consoles.seq(con)!,
    })),
    interfaces: netdevs.list.map((dev) => ({
      name: dev.name,
      mac: formatMac(dev.mac),
      up: dev.running,
      addresses: [...dev.ipv4.map(formatIpv4), ...dev.ipv6Addresses.map(formatIpv6)],
    })),
    modules: core.modules.names,
    targets: core.modules.targets.map(({ name, state, extended, np, stats, reliable }) => {
      const { devName, ipv6, localIp, localPort, remoteIp, remotePort } = np.options;
      const endpoint = (ip: Uint8Array, port: number) =>
        ipv6 ? `[${formatIpv6(ip)}]:${port}` : `${formatIpv4(ip)}:${port}`;
      return {
        name,
        state,
        extended,
        dev: devName,
        local: endpoint(localIp, localPort),
        remote: endpoint(remoteIp, remotePort),
        stats: { ...stats },
        ...(reliable !== undefined && { reliable: { ackSeq: reliable.ackSeq, ...reliable.stats } }),
      };
    }),
    queued: netpoll.queued,
    queueDropped: netpoll.stats.txQueueDropped,
    rx: { ...core.rx.stats },
  };
}

/** Adds to `tally`, and builds nothing, so that 10,000 kernels can be asked every second. */
export function tallyKernel(core: KernelCore, tally: KernelTally): KernelTally {
  const { txQueueDropped } = core.netpoll.stats;
  if (!core.closed) tally.noRoom += core.ring.fail;
  tally.queueDropped += txQueueDropped;
  tally.notSent += txQueueDropped;
  for (const { stats, reliable } of core.modules.targets) {
    tally.frames += stats.frames;
    tally.fragments += stats.fragments;
    tally.noSlot += stats.enomemCount;
    tally.interfaceDown += stats.xmitDropCount;
    tally.notSent += stats.xmitDropCount + stats.enomemCount;
    tally.retransmits += stats.retransmits;
    tally.emergencies += stats.emergencies;
    if (reliable === undefined) continue;
    tally.acks += reliable.stats.responses;
    tally.emergencyUsec = Math.max(tally.emergencyUsec, (reliable.emgTxIntv * 1e6) / core.HZ);
  }
  return tally;
}

/** Makes a tally of which every count is 0. */
export function kernelTally(): KernelTally {
  return {
    frames: 0,
    fragments: 0,
    noRoom: 0,
    notSent: 0,
    noSlot: 0,
    interfaceDown: 0,
    queueDropped: 0,
    acks: 0,
    retransmits: 0,
    emergencies: 0,
    emergencyUsec: 0,
  };
}

/**
 * Adds the tally of another kernel, or of the same one before it booted. Of the intervals the
 * longest is kept.
 */
export function addTally(to: KernelTally, tally: Readonly<KernelTally>): void {
  for (const key of TALLY_KEYS) {
    if (key === 'emergencyUsec') to.emergencyUsec = Math.max(to.emergencyUsec, tally.emergencyUsec);
    else to[key] += tally[key];
  }
}

const TALLY_KEYS = Object.keys(kernelTally()) as (keyof KernelTally)[];
