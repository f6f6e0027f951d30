/**
 * Runs a plan: sends each frame to a device at its time, hands out what a perfect receiver must
 * print, and returns a summary.
 *
 *   source (engines in virtual time) -> stretches -> shaper (rate) -> device
 *                                    \-> truth -> onRecords
 *
 * The source runs a little ahead of the clock, but no further than frames can leave: if the rate or
 * the device is slower than the plan, the fleet's time falls behind, and the lateness says by how
 * much. So there is a bound on the frames that are held.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { KernelError } from '../errno.js';
import { aDevice, type DeviceStats, NETDEV_TX_OK, type NetDevice } from '../net/device.js';
import { Meter } from '../net/meter.js';
import { catchUpOf } from '../net/paced.js';
import { Shaper } from '../net/shaper.js';
import { PAYLOAD_OFFSET } from '../net/slab.js';
import { callback, checkArgument, checkOptions, defined, either } from '../options.js';
import { type Clock, systemClock } from '../run/clock.js';
import { RunObserver } from '../run/observer.js';
import type { CompiledPlan } from './compile.js';
import type { EngineCounts } from './engine.js';
import { worstFirst } from './host-report.js';
import { STORM_RULES, type StormOptions, type StormSummary } from './options.js';
import { COMPILED } from './plan.js';
import { type StormProgress, stormProgress } from './progress.js';
import { type FrameSource, openSource } from './source.js';
import type { Arrival } from './stretch.js';

/** How far the source runs ahead of the clock, in microseconds. */
const AHEAD_USEC = 20_000;
/** How far the source runs in one step of virtual time, in microseconds of the plan. */
const STEP_USEC = 100_000;
/** While so many frames wait to leave, the source is not run any further. */
const READY_MAX = 20_000;
/** How long to wait, in milliseconds, before a frame is offered again to a full device. */
const POLL_MS = 1;

/**
 * Runs the plan through `device`, which may be a function that opens it. The run owns the device
 * and closes it at its end. Throws EINVAL for options that make no sense, and for a device that
 * cannot tell hosts apart. A device that goes away ends the run: see `stopped`.
 */
export async function runStorm(
  plan: CompiledPlan,
  device: NetDevice | (() => Promise<NetDevice>),
  options: StormOptions = {},
): Promise<StormSummary> {
  checkArgument('runStorm', 'plan', plan, COMPILED);
  checkArgument('runStorm', 'device', device, either(aDevice, callback));
  checkOptions('runStorm', options, STORM_RULES);
  const shaper = new Shaper(options.pacing ?? {});
  const source = openSource(plan, {
    truth: options.onRecords !== undefined,
    ...defined({ shard: options.shard, workers: options.workers }),
  });
  let opened: NetDevice | undefined;
  try {
    opened = typeof device === 'function' ? await device() : device;
    checkArgument('runStorm', 'device', opened, aDevice);
    if (opened.caps.medium !== 'ethernet') {
      const why = `${opened.name} makes the headers itself, so its hosts could not be told apart`;
      throw new KernelError('EINVAL', 'storm', `${why}; use an interface, pcap:FILE or memory`);
    }
    return await new Run(plan, source, opened, shaper, options).run();
  } finally {
    await source.close();
    await opened?.close?.();
  }
}

class Run {
  readonly #plan: CompiledPlan;
  readonly #source: FrameSource;
  readonly #device: NetDevice;
  readonly #shaper: Shaper;
  /** Says how fast a run that is late catches up; where there is a rate. */
  readonly #peak: Shaper;
  /** When the next frame may leave; undefined until that is worked out. */
  #leavesAt: number | undefined;
  readonly #options: StormOptions;
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #observer: RunObserver<StormProgress>;
  readonly #meter: Meter;
  /** Frames in the order in which they leave; those before `#head` have left. */
  #ready: { readonly arrival: Arrival; readonly dueUsec: number }[] = [];
  #head = 0;
  #started = 0;
  /** Why the device is gone; undefined while it is there. */
  #gone: KernelError | undefined;
  /** Whether the plan is done: whatever ends the run from now on does not end it early. */
  #lingers = false;

  constructor(plan: CompiledPlan, source: FrameSource, device: NetDevice, shaper: Shaper, options: StormOptions) {
    this.#plan = plan;
    this.#source = source;
    this.#device = device;
    this.#shaper = shaper;
    this.#peak = new Shaper(catchUpOf(options.pacing ?? {}));
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#speed = options.speed === 'max' || options.speed === undefined ? Number.POSITIVE_INFINITY : options.speed;
    this.#observer = new RunObserver({ clock: this.#clock, onProgress: options.onProgress });
    this.#meter = new Meter(this.#observer.series);
  }

  async run(): Promise<StormSummary> {
    this.#device.attach({
      txWake: () => {},
      receive: (packet) => this.#source.receive(packet, this.#planUsec()),
      down: (reason) => {
        this.#gone = reason;
      },
    });
    // Threads answer when they have started: until then no time may pass, or all is late.
    await this.#source.counts();
    this.#started = this.#clock.now();
    let madeUsec = -1;
    const { durationUsec } = this.#plan;
    while (!this.#ended && (madeUsec < Number.POSITIVE_INFINITY || this.#waiting > 0)) {
      if (madeUsec < Number.POSITIVE_INFINITY && this.#waiting < READY_MAX) {
        const until = this.#real ? this.#planUsec() + AHEAD_USEC * this.#speed : Math.max(madeUsec, 0) + STEP_USEC;
        madeUsec = until >= durationUsec ? Number.POSITIVE_INFINITY : Math.max(until, madeUsec);
        await this.#make(madeUsec);
      }
      await this.#send();
      await this.#observe(Math.min(madeUsec, durationUsec));
    }
    await this.#linger();
    this.#device.poll();
    const counts = await this.#source.counts();
    const hosts = await this.#source.hostReports();
    const ended = this.#clock.now();
    const planUsec = Math.min(Math.max(madeUsec, 0), durationUsec);
    this.#observer.take(this.#real ? ended - this.#started : planUsec, this.#progress(counts, planUsec));
    // Closing the device sends or drops the frames that it holds back, so its counts are final.
    await this.#device.close();
    return { ...this.#summary(counts, planUsec, ended), worst: worstFirst(hosts) };
  }

  get #real(): boolean {
    return this.#speed !== Number.POSITIVE_INFINITY;
  }

  get #ended(): boolean {
    return this.#gone !== undefined || this.#options.signal?.aborted === true;
  }

  get #waiting(): number {
    return this.#ready.length - this.#head;
  }

  /** Returns the time of the plan that the clock has reached, in microseconds. */
  #planUsec(): number {
    return this.#real ? (this.#clock.now() - this.#started) * this.#speed : 0;
  }

  async #make(untilUsec: number): Promise<void> {
    const { arrivals, records } = await this.#source.runUntil(untilUsec);
    if (records.length > 0) await this.#options.onRecords?.(records.map(({ record }) => record));
    for (const arrival of arrivals) {
      const planned = this.#real ? arrival.atUsec / this.#speed : arrival.atUsec;
      this.#ready.push({ arrival, dueUsec: this.#shaper.next(planned) });
    }
  }

  /** Sends the frames that are due. Then waits until one is due, or it is time to make more. */
  async #send(): Promise<void> {
    let offered = 0;
    while (this.#head < this.#ready.length && !this.#ended) {
      const { arrival, dueUsec } = this.#ready[this.#head]!;
      const now = this.#clock.now() - this.#started;
      if (this.#real && this.#mayLeave(dueUsec, now) > now) break;
      if (!this.#offer(arrival.frame, dueUsec)) {
        this.#device.poll();
        await pause(offered === 0 ? POLL_MS : 0);
        if (offered === 0 && this.#real) break;
        offered = 0;
        continue;
      }
      offered++;
      this.#meter.sent(dueUsec, this.#real ? now : dueUsec);
      this.#head++;
      this.#leavesAt = undefined;
      // Lets the event loop turn, so that signals and acks are seen.
      if ((offered & 255) === 0) {
        this.#device.poll();
        await pause(0);
      }
    }
    if (offered > 0) this.#device.poll();
    if (this.#head > 4096 || this.#head === this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    if (this.#real && !this.#ended) await this.#sleep();
    else await pause(0);
  }

  /** Returns when the next frame may leave: frames that are late do not leave in one burst. */
  #mayLeave(dueUsec: number, now: number): number {
    this.#leavesAt ??= Math.max(dueUsec, this.#peak.next(Math.max(dueUsec, now)));
    return this.#leavesAt;
  }

  /** Hands a frame to the device; returns false if the device has no room. */
  #offer(frame: Uint8Array, dueUsec: number): boolean {
    const { slab } = this.#device;
    if (this.#options.stamp !== undefined) this.#options.stamp.usec = Math.round(dueUsec);
    const slot = slab.alloc();
    if (slot < 0) return false;
    const at = slab.payloadAt(slot) - PAYLOAD_OFFSET;
    slab.bytes.set(frame, at);
    slab.start[slot] = at;
    slab.end[slot] = at + frame.length;
    if (this.#device.startXmit(slot) === NETDEV_TX_OK) return true;
    slab.free(slot);
    return false;
  }

  async #sleep(): Promise<void> {
    const now = this.#clock.now() - this.#started;
    const next = this.#leavesAt ?? this.#ready[this.#head]?.dueUsec ?? Number.POSITIVE_INFINITY;
    // Waits for half of the time that the source is ahead, so that it stays ahead.
    const wait = Math.min(next - now, AHEAD_USEC / 2);
    await pause(wait > 1500 ? Math.floor(wait / 1000) - 1 || 1 : 0);
  }

  async #linger(): Promise<void> {
    const { lingerSeconds = 0 } = this.#options;
    this.#lingers = !this.#ended;
    const until = this.#clock.now() + lingerSeconds * 1e6;
    while (!this.#ended && this.#clock.now() < until) {
      await this.#make(this.#planUsec());
      await this.#send();
      await pause(10);
    }
  }

  async #observe(planUsec: number): Promise<void> {
    const runUsec = this.#real ? this.#clock.now() - this.#started : planUsec;
    if (!this.#observer.isDue(runUsec)) return;
    const progress = this.#progress(await this.#source.counts(), planUsec);
    // In virtual time the same run has the same intervals, however fast the machine is.
    if (this.#real || this.#observer.endsInterval(runUsec)) this.#observer.take(runUsec, progress);
    else this.#observer.tell(progress);
  }

  #progress(counts: EngineCounts, planUsec: number): StormProgress {
    const usec = this.#clock.now() - this.#started;
    let overdue = 0;
    while (this.#real && (this.#ready[this.#head + overdue]?.dueUsec ?? Number.POSITIVE_INFINITY) <= usec) overdue++;
    const { stats } = this.#device;
    const { durationUsec } = this.#plan;
    const schedule = this.#real && { asked: this.#meter.frames + overdue, late: this.#meter.lateness };
    return stormProgress({ counts, stats, planUsec, durationUsec, usec, ...schedule });
  }

  #summary(counts: EngineCounts, planUsec: number, ended: number): Omit<StormSummary, 'worst'> {
    const stats: Readonly<DeviceStats> = this.#device.stats;
    const stopped =
      this.#gone !== undefined
        ? { code: this.#gone.code, message: this.#gone.message }
        : { code: 'EINTR', message: 'stopped before the end of the plan' };
    return {
      seed: this.#plan.seed,
      shard: this.#options.shard ?? { index: 0, count: 1 },
      ...counts,
      planSeconds: planUsec / 1e6,
      seconds: (ended - this.#started) / 1e6,
      frames: stats.txPackets,
      bytes: stats.txBytes,
      deviceLost: stats.txDropped + stats.txErrors,
      unsent: this.#waiting,
      intervals: this.#observer.intervals,
      lateness: this.#meter.lateness,
      ...((this.#gone !== undefined || (this.#ended && !this.#lingers)) && { stopped }),
    };
  }
}

/** Waits for so many milliseconds; for 0, one turn of the event loop. */
const pause = (ms: number): Promise<void> => (ms > 0 ? setTimeout(ms) : setImmediate());
