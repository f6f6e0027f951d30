/**
 * Implements the option `overlap` of `xdp`: a thread of libuv's pool sends while the calling thread
 * builds the next frames in other slots.
 *
 *   poll --> a call begins on the pool, with the frames up to here
 *   ...      more frames are built; the slots of those that have left are free again
 *   <------- the call ends, and the next one begins with what waits by then
 *
 * The event loop reports the end of a call, so this is for senders that return to the loop. One
 * that does not still loses nothing: when half of the slots are taken, `poll` watches the shared
 * memory until the call's frames have left, and sends the rest itself. Frames keep their order,
 * because no call begins before the frames of the one before it have left.
 */

import { XdpDevice } from './xdp-device.js';
import { CONTROL } from './xdp-program.js';

/** Fewer frames than this are sent sooner than a thread wakes up. */
const WORTH_A_THREAD = 32;
/** How long a poll watches for the end of a call. */
const WATCH_MS = 1;
/** How long `close` waits for the end of a call. */
const CLOSE_MS = 1000;

/** An `XdpDevice` that sends on libuv's pool; `openXdp` makes it. */
export class OverlappedXdpDevice extends XdpDevice {
  /** One past the last frame of the call that is under way or whose end was not yet reported. */
  #until: number | undefined;
  /** How many frames had left in all when that call began, and where the head was then. */
  #leftBefore = 0;
  #headBefore = 0;

  /** Waits up to a second for the call that is under way, then closes the device. */
  override async close(): Promise<void> {
    const deadline = performance.now() + CLOSE_MS;
    while (this.#until !== undefined && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await super.close();
  }

  protected override flush(): void {
    if (this.#until === undefined) {
      if (this.pending() < WORTH_A_THREAD) super.flush();
      else this.#begin();
      return;
    }
    this.#collectLeft();
    if (this.pending() * 2 < this.slab.count) return;
    for (const end = performance.now() + WATCH_MS; this.head !== this.#until && performance.now() < end; ) {
      this.#collectLeft();
    }
    if (this.head === this.#until) super.flush();
  }

  #begin(): void {
    this.#until = this.tail;
    this.#leftBefore = this.left;
    this.#headBefore = this.head;
    this.arm();
    this.redirect!.live.start(this.pending(), this.width(), () => this.#end());
  }

  /**
   * Runs in the event loop when a call has ended. Frames that the call did not send are sent here,
   * where the error number can be read.
   */
  #end(): void {
    const all = this.head === this.#until || this.#sentMeanwhile();
    this.#until = undefined;
    if (this.closed) return;
    if (all) this.poll();
    else super.flush();
  }

  /** Says whether `flush` went past the end of the call, or everything up to there has left. */
  #sentMeanwhile(): boolean {
    this.#collectLeft();
    return ((this.head - this.#until!) | 0) >= 0;
  }

  /**
   * Frees the slots of frames that have left while the call goes on. The head cannot be trusted
   * yet, because it counts frames that may still be taken back.
   */
  #collectLeft(): void {
    const left = this.control[CONTROL.left >> 2]!;
    const head = (this.#headBefore + ((left - this.#leftBefore) >>> 0)) >>> 0;
    if (((this.#until! - head) | 0) >= 0 && ((head - this.head) | 0) > 0) this.collect(head, left);
  }
}
