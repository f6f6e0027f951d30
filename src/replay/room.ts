/** Tells whether a device has room for what a replay wants to send, and waits until it has. */
import type { NetDevice } from '../net/device.js';
import type { PacedDevice } from '../net/paced.js';
import type { Clock } from '../run/clock.js';

/** If no slot becomes free for this long, waiting for slots ends. */
const STALLED_USEC = 2e6;
/** How many turns of the event loop a wait for the device takes before it sleeps between them. */
const EAGER_TURNS = 64;
/** How late a timer may be. A wait that must end on time watches the clock for the rest. */
const TIMER_USEC = 2000;
/** The longest sleep, so that a request to end the replay is noticed. */
const SLEEP_MAX_USEC = 100_000;

/** Waits for one device on behalf of all hosts. */
export class DeviceRoom {
  readonly #device: NetDevice;
  readonly #clock: Clock;
  /** Says whether waiting has no purpose any more. */
  readonly #ended: () => boolean;
  #lostFrames = 0;
  /** How many slots in use are not on their way to the device, and so are not waited for. */
  #kept = 0;
  readonly #paced: PacedDevice | undefined;

  /** `paced` is the same device if its frames leave on a schedule. */
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
   * Says whether there are slots for this many frames. Also true if the only slots in use are the
   * reserves of hosts of 2001, which never come back: then there is nothing to wait for.
   */
  has(frames: number): boolean {
    const { slab } = this.#device;
    return slab.count - slab.inUse >= frames || slab.inUse <= this.#kept;
  }

  /** Says whether the device has lost frames since this was last asked. */
  get lost(): boolean {
    const { txDropped, txErrors } = this.#device.stats;
    const before = this.#lostFrames;
    this.#lostFrames = txDropped + txErrors;
    return this.#lostFrames > before;
  }

  /** Waits until `has(frames)`. */
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

  /** Waits until `done`, when the device has taken what waits; `retry` offers that again. */
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

  /** Waits until shortly before the frame that waits for its time may leave. */
  async #untilNext(): Promise<void> {
    const wait = this.#paced!.waitUsec;
    if (wait > TIMER_USEC) await pause(Math.min(wait, SLEEP_MAX_USEC) - TIMER_USEC);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

function pause(usec: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.floor(usec / 1000)));
}
