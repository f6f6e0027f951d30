/**
 * A fleet in virtual time: every host with its own kernel, what happens to it, and the network
 * between it and the collector.
 *
 *   const engine = new StormEngine(compilePlan(plan));
 *   for (let t = 0; t < end; t += 100_000) {
 *     const { arrivals, records } = engine.runUntil(t);
 *     ...
 *   }
 *   engine.close();
 *
 * `runUntil` hands out the frames that arrive at the collector up to that time, in order of time
 * and then of host. They are the same however the time is divided into steps, and a part of the
 * hosts gives the same frames as it does in the whole fleet. The engine has no clock and does no
 * I/O: to send in real time, call `runUntil` as real time passes.
 */
import { addTally, type Kernel, kernelTally } from '../kernel/index.js';
import { Link, type LinkStats, linkStats } from '../net/impair.js';
import { createSlab } from '../net/slab.js';
import { checkArgument, checkOptions, flag, having, listOf, type OptionRules } from '../options.js';
import { Addressees } from './addressee.js';
import type { CompiledPlan, HostSpec } from './compile.js';
import { type HostCounts, StormHost } from './host.js';
import { hostReport, type StormHostReport } from './host-report.js';
import { COMPILED } from './plan.js';
import { HostQueue } from './queue.js';
import {
  type Arrival,
  byArrival,
  byDeparture,
  FrameCopies,
  type PlacedRecord,
  type Stretch,
  takeDue,
} from './stretch.js';
import { type HostRecord, HostTruth } from './truth.js';

/** Which hosts of a plan an engine runs, and what it hands out. */
export interface EngineOptions {
  /** The hosts to run, out of the plan's. Default: all. */
  readonly hosts?: readonly HostSpec[];
  /** Also hand out the records that a perfect receiver must print. Default false. */
  readonly truth?: boolean;
  /** Hand out the frames. Default true; false is faster for a caller who wants the truth alone. */
  readonly arrivals?: boolean;
}

/** Sums over the hosts. */
export interface EngineCounts extends HostCounts {
  /** How many hosts the engine runs. */
  readonly hosts: number;
  /** Hosts that are up now. */
  up: number;
  /** Messages that found no room in a ring. */
  noRoom: number;
  /** Frames that a kernel gave up. */
  notSent: number;
  /** Frames that carried a part of a record. */
  fragments: number;
  /** Responses of the reliable extension that kernels read. */
  acks: number;
  /** Records that kernels sent again because a response asked for them. */
  retransmits: number;
  /** Records that kernels sent again unasked, while no response came. */
  emergencies: number;
  /** The longest interval, in milliseconds, to which an emergency transmission backs off now. */
  emergencyMs: number;
  /** What the network did to the frames that left kernels. */
  readonly out: LinkStats;
  /** What the network did to the frames that came for these hosts. */
  readonly in: LinkStats;
  /** Frames that the network delivered so far, copies included. */
  delivered: number;
  /** Frames that came in for no host of the plan. */
  foreign: number;
  /** Records that left. Counted with `truth` only. */
  records: number;
  /** Those of the records that the network lost or changed. Counted with `truth` only. */
  lostRecords: number;
  /**
   * Seqs that never left: of messages that the loglevel held back, or that were pushed out of the
   * ring. Counted with `truth` only.
   */
  missing: number;
}

interface Member {
  readonly host: StormHost;
  readonly link: Link;
  readonly truth: HostTruth | undefined;
  /** Frames so far: puts the frames that arrive at one moment in order. */
  frames: number;
  /** When its entry in the queue is due; an entry with another time is stale. */
  queuedUsec: number;
}

const ETHERNET_HEADER = 14;
const IPV4_HEADER = 20;
const UDP_HEADER = 8;
const SLOTS = 256;
const RULES: OptionRules<EngineOptions> = {
  hosts: listOf(having('a host of the plan', 'index', 'ip')),
  truth: flag,
  arrivals: flag,
};

/**
 * A fleet in virtual time: `runUntil` runs it to a moment and returns the frames that have arrived
 * by then, in order.
 */
export class StormEngine {
  readonly #plan: CompiledPlan;
  readonly #members = new Map<number, Member>();
  /** Made when the first frame comes in. */
  #addressees: Addressees | undefined;
  readonly #queue = new HostQueue();
  /** Frames that the network has not delivered yet. */
  #onTheWay: Arrival[] = [];
  /**
   * Records that left after the time that `runUntil` was last given: a step of a workload may go on
   * past that time.
   */
  #ahead: PlacedRecord[] = [];
  #nowUsec = 0;
  readonly #counts: EngineCounts;
  readonly #copies: FrameCopies | undefined;

  /** Runs all hosts of `plan`, or those of the options. Throws EINVAL for wrong arguments. */
  constructor(plan: CompiledPlan, options: EngineOptions = {}) {
    checkArgument('StormEngine', 'plan', plan, COMPILED);
    checkOptions('StormEngine', options, RULES);
    this.#plan = plan;
    this.#copies = options.arrivals === false ? undefined : new FrameCopies();
    const specs = options.hosts ?? plan.hosts;
    const slab = createSlab(SLOTS);
    const env = {
      plan,
      slab,
      onFrame: (host: StormHost, frame: Uint8Array, atUsec: number) => this.#sent(host, frame, atUsec),
    };
    for (const spec of specs) {
      const host = new StormHost(spec, env);
      const format = spec.extended ? (spec.group.reliable ?? 'mainline') : 'plain';
      const truth = options.truth ? new HostTruth(format, (record) => this.#told(spec, record)) : undefined;
      const member = { host, link: new Link(spec.impair), truth, frames: 0, queuedUsec: Number.POSITIVE_INFINITY };
      this.#members.set(spec.index, member);
      this.#enqueue(member);
    }
    this.#counts = emptyCounts(specs.length);
  }

  /** The time up to which the fleet has run, in microseconds; the plan's end at most. */
  get nowUsec(): number {
    return this.#nowUsec;
  }

  /** When a host acts or a frame arrives next, in microseconds; Infinity if never. */
  get nextUsec(): number {
    let next = this.#queue.firstUsec;
    for (const { atUsec } of this.#onTheWay) next = Math.min(next, atUsec);
    return next;
  }

  /**
   * Runs the fleet up to `usec`, the moment itself included. Infinity runs it to the plan's end,
   * and also returns what arrives later. After the plan's end nothing new begins, but kernels still
   * answer.
   */
  runUntil(usec: number): Stretch {
    const until = Math.min(usec, this.#plan.durationUsec);
    for (let index = this.#queue.popDue(until); index !== undefined; index = this.#queue.popDue(until)) {
      const member = this.#members.get(index)!;
      if (member.queuedUsec > until) continue;
      const { host } = member;
      // Hosts do not affect each other, so one may run ahead of the others.
      for (let at = host.nextUsec; at <= until; at = host.nextUsec) host.run(at);
      member.queuedUsec = Number.POSITIVE_INFINITY;
      this.#enqueue(member);
    }
    if (usec > until && usec !== Number.POSITIVE_INFINITY)
      for (const { host } of this.#members.values()) host.passTo(usec);
    this.#nowUsec = Math.max(this.#nowUsec, until);
    const arrivals = takeDue(this.#onTheWay, ({ atUsec }) => atUsec <= usec);
    const records = takeDue(this.#ahead, ({ record }) => record.atUsec <= usec);
    this.#onTheWay = arrivals.later;
    this.#ahead = records.later;
    this.#counts.delivered += arrivals.due.length;
    return { arrivals: arrivals.due.sort(byArrival), records: records.due.sort(byDeparture) };
  }

  /**
   * Takes a frame that comes from the collector, and sends it over the link of its host. A frame
   * for a host of the plan that this engine does not run is passed over.
   */
  receive(frame: Uint8Array, nowUsec: number): void {
    this.#addressees ??= new Addressees(this.#plan.hosts);
    const host = this.#addressees.of(frame);
    const member = host && this.#members.get(host.index);
    if (host === undefined) this.#counts.foreign++;
    if (member === undefined) return;
    // A delayed frame takes its host ahead to the moment at which the frame arrives.
    member.link.carry(frame, nowUsec, 'in', (copy, atUsec) => {
      member.host.receive(copy, Math.max(atUsec, nowUsec));
      this.#enqueue(member);
    });
  }

  /** The sums over all hosts so far. */
  get counts(): EngineCounts {
    const counts = { ...this.#counts, up: 0, out: linkStats(), in: linkStats(), missing: 0 };
    const kernels = kernelTally();
    for (const { host, link, truth } of this.#members.values()) {
      for (const key of HOST_COUNTS) counts[key] += host.counts[key];
      for (const key of Object.keys(counts.out) as (keyof LinkStats)[]) {
        counts.out[key] += link.stats.out[key];
        counts.in[key] += link.stats.in[key];
      }
      counts.missing += truth?.missing ?? 0;
      if (host.kernel !== undefined) counts.up++;
      addTally(kernels, host.tally);
    }
    const { noRoom, notSent, fragments, acks, retransmits, emergencies, emergencyUsec } = kernels;
    const sent = { noRoom, notSent, fragments, acks, retransmits, emergencies };
    return Object.assign(counts, sent, { emergencyMs: emergencyUsec / 1000 });
  }

  /** A report of each host. */
  get hostReports(): StormHostReport[] {
    return Array.from(this.#members.values(), ({ host, link }) => hostReport(host, link.stats.out));
  }

  /** Returns the kernel that a host runs now; undefined while it is off. The engine owns it. */
  kernelOf(host: number): Kernel | undefined {
    return this.#members.get(host)?.host.kernel;
  }

  /** Shuts every host down. */
  close(): void {
    for (const { host } of this.#members.values()) host.close();
  }

  #enqueue(member: Member): void {
    const { nextUsec, spec } = member.host;
    if (nextUsec >= member.queuedUsec) return;
    member.queuedUsec = nextUsec;
    this.#queue.push(nextUsec, spec.index);
  }

  #sent(host: StormHost, frame: Uint8Array, atUsec: number): void {
    const { spec } = host;
    const member = this.#members.get(spec.index)!;
    const copies = this.#copies;
    const own = copies === undefined ? frame : copies.of(frame);
    const keep = (copy: Uint8Array, arrives: number) => {
      if (copies === undefined) return;
      this.#onTheWay.push({ frame: copy, atUsec: arrives, host: spec.index, number: member.frames++ });
    };
    if (!host.hasCarrier) member.link.stats.out.partitioned++;
    const whole = host.hasCarrier && member.link.carry(own, atUsec, 'out', keep);
    const { truth } = member;
    if (truth === undefined || !isNetconsole(frame)) return;
    const payload = own.subarray(ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER);
    truth.sent(payload, { boot: host.boot, atUsec, whole });
  }

  #told({ ip, name, index }: HostSpec, record: HostRecord): void {
    this.#counts.records++;
    if (record.lost !== undefined) this.#counts.lostRecords++;
    this.#ahead.push({ record: { host: ip, name, ...record }, host: index });
  }
}

const HOST_COUNTS = ['boots', 'messages', 'begun', 'skipped'] as const;

function emptyCounts(hosts: number): EngineCounts {
  const happened = { boots: 0, messages: 0, begun: 0, skipped: 0, delivered: 0, foreign: 0 };
  const sent = { noRoom: 0, notSent: 0, fragments: 0, acks: 0, retransmits: 0, emergencies: 0, emergencyMs: 0 };
  const truth = { records: 0, lostRecords: 0, missing: 0 };
  return { hosts, up: 0, ...happened, ...sent, out: linkStats(), in: linkStats(), ...truth };
}

/** Says whether a frame is UDP over IPv4, as all targets of a plan send, and so not ARP. */
function isNetconsole(frame: Uint8Array): boolean {
  return frame[12] === 0x08 && frame[13] === 0x00 && frame[ETHERNET_HEADER + 9] === 17;
}
