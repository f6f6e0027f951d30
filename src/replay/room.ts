/** Whether a device has room for what a replay wants to send, and waiting until it has. */
import type { NetDevice } from '../net/device.js';
import type { PacedDevice } from '../net/paced.js';
import type { Clock } from '../run/clock.js';

/** Slots that nobody has freed for so long are not waited for. */
const STALLED_USEC = 2e6;
/** Turns of the event loop before waiting for the device takes time off. */
const EAGER_TURNS = 64;
/** A timer may be late by so much; who must be on time looks at the clock instead. */
const TIMER_USEC = 2000;
/** The longest sleep: whoever wants the replay to end is heard. */
const SLEEP_MAX_USEC = 100_000;

export class DeviceRoom {
  readonly #device: NetDevice;
  readonly #clock: Clock;
  /** Whether nobody waits any more. */
  readonly #ended: () => boolean;
  #lostFrames = 0;
  /** Slots in use that are not on their way. */
  #kept = 0;
  readonly #paced: PacedDevice | undefined;

  /** `paced`: the same device, if frames leave on a schedule. */
  constructor(
    { device, paced }: { readonly device: NetDevice; readonly paced: PacedDevice | undefined },
    clock: Clock,
    ended: () => boolean,
  ) {
    this.#device = device;
    this.#paced = paced;
    this.#clock = clock;
    this.#ended = ended;
  }

  /**
   * Whether there are slots for so many frames, or those in use are hosts' reserves (2001), which
   * do not come back.
   */
  has(frames: number): boolean {
    const { slab } = this.#device;
    return slab.count - slab.inUse >= frames || slab.inUse <= this.#kept;
  }

  /** Whether the device has lost frames since this was asked last. */
  get lost(): boolean {
    const { txDropped, txErrors } = this.#device.stats;
    const before = this.#lostFrames;
    this.#lostFrames = txDropped + txErrors;
    return this.#lostFrames > before;
  }

  /** Until `has(frames)`. */
  async waitForSlots(frames: number): Promise<void> {
    const { slab } = this.#device;
    let used = slab.inUse;
    let since = this.#clock.now();
    await this.waitFor(() => {
      if (slab.inUse !== used) {
        used = slab.inUse;
        since = this.#clock.now();
      } else if (this.#clock.now() > since + STALLED_USEC) {
        this.#kept = used;
      }
      return this.has(frames);
    });
  }

  /** Until the device has taken what it has to; `retry` offers it again. */
  async waitFor(done: () => boolean, retry?: () => void): Promise<void> {
    for (let turn = 0; !done() && !this.#ended(); turn++) {
      if (this.#paced?.nextUsec !== undefined) await this.#untilNext();
      else if (turn < EAGER_TURNS) await new Promise((resolve) => setImmediate(resolve));
      else await new Promise((resolve) => setTimeout(resolve, 1));
      if (this.#ended()) return;
      this.#device.poll();
      retry?.();
    }
  }

  /** Until the frame that waits for its time may leave, or a little before. */
  async #untilNext(): Promise<void> {
    const wait = this.#paced!.waitUsec;
    if (wait > TIMER_USEC) await pause(Math.min(wait, SLEEP_MAX_USEC) - TIMER_USEC);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

function pause(usec: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.floor(usec / 1000)));
}
