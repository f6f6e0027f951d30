/**
 * Sends frames out of an interface by redirection: the ring of descriptors, its flush, and what
 * becomes of a frame that the driver does not take. `xdp.ts` explains how it works.
 */
import { ERRNO } from '../errno.js';
import { type DeviceHost, NETDEV_TX_OK, type NetdevTx } from '../net/device.js';
import { BPF_REMEDIES, XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE } from './bpf.js';
import { type InterfaceInfo, linkState } from './interface.js';
import { LinkDevice } from './link.js';
import { EINTR, errnoName, type Native, transportError } from './native.js';
import type { XdpOptions } from './options.js';
import { type PacketReceiver, startReception } from './packet-receive.js';
import { CONTROL } from './xdp-program.js';
import { notRedirected, openRedirect, type Redirect } from './xdp-redirect.js';

/**
 * After this many calls in a row in which a full ring sent nothing, the event loop gets its turn.
 */
const TRIES = 16;
/** If an interface that is up does not take a frame for this long, that is an error. */
const PATIENCE_MS = 1000;
/** The least bytes of a page that are set up; the kernel makes no frame shorter than a header. */
const WIDTH_MIN = 64;

/** A device that redirects frames out of an interface; `openXdp` makes it. */
export class XdpDevice extends LinkDevice {
  readonly #native: Native;
  readonly #info: InterfaceInfo;
  readonly #spec: string;
  readonly #options: XdpOptions;
  readonly #mask: number;
  protected redirect: Redirect | undefined;
  /** The words of the control map, which are shared with the programs. */
  protected control: Uint32Array = new Uint32Array(CONTROL.ring >> 2);
  /** For each descriptor, the slot whose frame it describes. */
  readonly #slots: Int32Array;
  /**
   * How many frames have left or were given up, and how many were accepted; both count on modulo
   * 2^32 and are kept unsigned.
   */
  protected head = 0;
  protected tail = 0;
  /** How many frames the driver took, as the programs count them. */
  protected left = 0;
  /** The length of the longest waiting frame, in bytes. */
  #widest = 0;
  /** Since when the frame at the head has not been taken, without a reason; 0: it does not wait. */
  #waitingSince = 0;
  #receiver: PacketReceiver | undefined;

  /** Use `openXdp`. @internal */
  constructor(native: Native, info: InterfaceInfo, spec: string, options: XdpOptions & { readonly slots: number }) {
    super({
      name: info.name,
      mac: info.mac,
      caps: { medium: 'ethernet', mtu: info.mtu, padding: 'none' },
      slots: options.slots,
    });
    this.#native = native;
    this.#info = info;
    this.#spec = spec;
    this.#options = options;
    this.#mask = this.slab.count - 1;
    this.#slots = new Int32Array(this.slab.count);
  }

  /** Attaches everything, and finds out whether the interface sends what is redirected. */
  open(): void {
    const flags = this.#options.native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
    this.redirect = openRedirect(this.#native, this.slab, { spec: this.#spec, info: this.#info, flags });
    this.control = this.redirect.control;
  }

  /** Writes a descriptor of the frame. A batch leaves when it is full or when `poll` is called. */
  override startXmit(slot: number): NetdevTx {
    if (this.gone !== undefined || this.closed) return this.drop(slot);
    const { slab } = this;
    const start = slab.start[slot]!;
    const length = slab.end[slot]! - start;
    if (length > this.longest) return this.refuse(slot);
    const at = this.tail & this.#mask;
    const control = this.control;
    control[(CONTROL.ring >> 2) + at * 2] = start - slab.base;
    control[(CONTROL.ring >> 2) + at * 2 + 1] = length;
    this.#slots[at] = slot;
    this.tail = (this.tail + 1) >>> 0;
    if (length > this.#widest) this.#widest = length;
    if (this.pending() > this.#mask) this.flush();
    return NETDEV_TX_OK;
  }

  /** Redirects the held frames, and frees the slots of those that have left. */
  override poll(): void {
    if (this.tail !== this.head) this.flush();
  }

  protected override startReceiving(host: DeviceHost): void {
    const [native, spec, options] = [this.#native, this.#spec, this.#options];
    this.#receiver = startReception({ native, index: this.#info.index, spec, stats: this.stats, options }, host);
  }

  protected override pending(): number {
    return (this.tail - this.head) >>> 0;
  }

  protected override release(): void {
    this.#receiver?.stop();
    this.#dropHeld();
    this.redirect?.close();
  }

  /** Offers all held frames, in order, until they have left or nothing moves. */
  protected flush(): void {
    const control = this.control;
    const { live } = this.redirect!;
    for (let tries = 0; this.head !== this.tail && tries < TRIES; tries++) {
      this.arm();
      const errno = live.run(this.pending(), this.width());
      if (this.collect(control[CONTROL.head >> 2]!, control[CONTROL.left >> 2]!)) tries = 0;
      else if (!this.#judge(control[CONTROL.stop >> 2] || errno)) break;
    }
    if (this.head === this.tail) this.#widest = 0;
    else this.retry();
  }

  /** Shows the programs which frames wait, and clears what they said of the last call. */
  protected arm(): void {
    const { control } = this;
    control[CONTROL.tail >> 2] = this.tail;
    control[CONTROL.underway >> 2] = 0;
    control[CONTROL.stop >> 2] = 0;
  }

  /** Returns the length, in bytes, with which the kernel makes the pages for the waiting frames. */
  protected width(): number {
    return Math.max(this.#widest, WIDTH_MIN);
  }

  /**
   * Frees the slots up to `head`. `left` frames have left in all; the others up to there were lost
   * without a word. Says whether there were any.
   */
  protected collect(head: number, left: number): boolean {
    if (head === this.head) return false;
    this.#waitingSince = 0;
    const { slab, stats } = this;
    let bytes = 0;
    let count = 0;
    for (; this.head !== head; this.head = (this.head + 1) >>> 0, count++) {
      const slot = this.#slots[this.head & this.#mask]!;
      bytes += slab.end[slot]! - slab.start[slot]!;
      slab.free(slot);
    }
    const sent = (left - this.left) >>> 0;
    this.left = left;
    stats.txPackets += sent;
    stats.txBytes += bytes;
    stats.txDropped += count - sent;
    return true;
  }

  /**
   * Decides what to do if nothing moved, for the reason `errno`, which is 0 if the driver's ring is
   * full. Returns true to try again at once.
   */
  #judge(errno: number): boolean {
    if (errno === EINTR) return true;
    if (errno === 0) return this.#waited();
    switch (errnoName(errno)) {
      case 'EMSGSIZE':
        this.#skip();
        return true;
      case 'EAGAIN':
      case 'EBUSY':
      case 'ENOBUFS':
      case 'ENOMEM':
        return false;
      default:
    }
    const state = linkState(this.#native, this.#info.index);
    // The frames wait until the interface is up again.
    if (state === 'down') return false;
    const redirected = ['ENXIO', 'EOPNOTSUPP'].includes(errnoName(errno));
    if (state === 'gone') this.lost(transportError(ERRNO.ENXIO, this.#spec, 'sending'));
    else if (redirected) this.lost(notRedirected(this.#native, this.#spec, this.#info.name));
    else this.lost(transportError(errno, this.#spec, 'sending', BPF_REMEDIES));
    this.#dropHeld();
    return false;
  }

  /**
   * Handles a frame that was not taken without a reason: the driver's ring is full, or a veth's
   * peer silently refuses a frame of this length.
   */
  #waited(): boolean {
    const now = performance.now();
    if (this.#waitingSince === 0) this.#waitingSince = now;
    if (now - this.#waitingSince > PATIENCE_MS) this.#skip();
    return true;
  }

  /** Gives up the frame at the head, which is now longer than the interface allows. */
  #skip(): void {
    this.refuse(this.#slots[this.head & this.#mask]!);
    this.head = (this.head + 1) >>> 0;
    this.control[CONTROL.head >> 2] = this.head;
    this.#waitingSince = 0;
  }

  #dropHeld(): void {
    for (; this.head !== this.tail; this.head = (this.head + 1) >>> 0) {
      this.drop(this.#slots[this.head & this.#mask]!);
    }
  }
}
