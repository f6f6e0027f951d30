/**
 * A device that lets frames go on an absolute schedule: the n-th of those that wait leaves n / rate
 * after the first, however late the one before it was.
 *
 *   const paced = pacedDevice(device, { rate: { rate: 20_000 }, meter, now });
 *   paced.dueUsec = 1_000_000;                     when what is offered next was to leave
 *   while (kernel.queued > 0) { wait for paced.waitUsec; wake the kernel }
 *
 * A frame that may not leave yet is refused (BUSY) and waits in netpoll's queue. The device has no
 * timer: the owner of the run waits for `waitUsec`, as precisely as its clock can, and offers the
 * frame again.
 *
 * A sender that is late catches up, half as fast again as its rate and with at most some
 * milliseconds' frames at once, so that a receiver sees no burst that nobody asked for. A stop of
 * more than a tenth of a second is not made up for: the schedule goes on from there, and
 * `stalledUsec` says by how much it was moved.
 */
import { defined } from '../options.js';
import { NETDEV_TX_BUSY, NETDEV_TX_OK, type NetDevice, type NetdevTx } from './device.js';
import type { Meter } from './meter.js';
import { Shaper, type ShaperOptions, shareOfPacing } from './shaper.js';
import { WrappedDevice } from './wrap.js';

/** The rate of frames, the clock, and who counts the frames that leave. */
export interface Pacing {
  /** A rate or a ramp. */
  readonly rate: ShaperOptions;
  /** Counts the frames that leave, and how late each is. */
  readonly meter?: Meter;
  /** Microseconds from the start of the run. */
  readonly now: () => number;
}

/** How much of its schedule a late sender catches up with. */
const CATCH_UP_USEC = 100_000;
/** How many times as fast as its rate a sender catches up, and how many seconds' frames at once. */
const CATCH_UP_SPEED = 1.5;
const CATCH_UP_BURST_SECONDS = 0.005;

/** Returns the limits for a sender of this rate while it catches up. */
export function catchUpOf({ rate, burst = 1, ramp }: ShaperOptions): ShaperOptions {
  const slowest = rate ?? Math.min(ramp?.from ?? 0, ramp?.to ?? 0);
  const atOnce = Math.floor(slowest * CATCH_UP_SPEED * CATCH_UP_BURST_SECONDS);
  return shareOfPacing(
    {
      ...defined({ rate, ramp }),
      burst: Math.max(burst, 1, atOnce) / CATCH_UP_SPEED,
    },
    CATCH_UP_SPEED,
  );
}

/** Wraps `inner`, which must not be attached and belongs to the wrapper from now on. */
export function pacedDevice(inner: NetDevice, pacing: Pacing): PacedDevice {
  return new PacedDevice(inner, pacing);
}

/** A device on a schedule; `pacedDevice` makes it. */
export class PacedDevice extends WrappedDevice {
  /**
   * When the frames that are offered next were to leave, in microseconds from the start of the run.
   * 0: there is always something to send. Undefined: they are to leave when they are offered.
   */
  dueUsec: number | undefined = 0;
  /**
   * By how much the schedule was moved because the run had stopped for longer than it catches up
   * with.
   */
  stalledUsec = 0;
  readonly #pacing: Pacing;
  readonly #schedule: Shaper;
  /** The limit that holds however late the sender is. */
  readonly #peak: Shaper;
  /** When the next frame was to leave. */
  #due = 0;
  /**
   * When the next frame may leave, which is not before it is due; undefined: nobody has asked yet.
   */
  #next: number | undefined;
  #waits = false;

  /** Use `pacedDevice`. */
  constructor(inner: NetDevice, pacing: Pacing) {
    super(inner);
    this.#pacing = pacing;
    this.#schedule = new Shaper(pacing.rate);
    this.#peak = new Shaper(catchUpOf(pacing.rate));
  }

  /** When the waiting frame may leave; undefined if none waits. */
  get nextUsec(): number | undefined {
    return this.#waits ? this.#next : undefined;
  }

  /** How long that frame has to wait from now on; 0 if none waits. */
  get waitUsec(): number {
    return this.#waits ? Math.max(0, this.#next! - this.#pacing.now()) : 0;
  }

  override startXmit(slot: number): NetdevTx {
    const { now, meter } = this.#pacing;
    const nowUsec = now();
    if (this.#next === undefined) {
      this.#due = this.#scheduled(nowUsec);
      this.#next = Math.max(this.#due, this.#peak.next(nowUsec));
    }
    this.#waits = this.#next > nowUsec;
    if (this.#waits) {
      // Frames that the device holds back must not wait for the next frame's time.
      this.inner.poll();
      return NETDEV_TX_BUSY;
    }
    const status = this.inner.startXmit(slot);
    if (status !== NETDEV_TX_OK) return status;
    meter?.sent(this.#due, nowUsec);
    this.#next = undefined;
    return NETDEV_TX_OK;
  }

  /** Asks the schedule, and moves it if it is too far behind the clock. */
  #scheduled(nowUsec: number): number {
    const due = Math.max(0, (this.dueUsec ?? nowUsec) - this.stalledUsec);
    const at = this.#schedule.next(due) + this.stalledUsec;
    const behind = nowUsec - at;
    if (behind <= CATCH_UP_USEC) return at;
    this.stalledUsec += behind;
    return nowUsec;
  }
}
