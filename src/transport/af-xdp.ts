/**
 * `af-xdp:IF`, `af-xdp:IF:QUEUE`, either with `:zerocopy` behind it: sends Ethernet frames through
 * an AF_XDP socket, the fastest way out of Linux that needs no BPF. The socket only sends, for
 * which no XDP program is needed; acks come in through packet sockets.
 *
 * The slab is the socket's frame memory. To send a frame, its position is written into the TX ring.
 * When the kernel is done with it, the slot's address comes back through the completion ring, and
 * only then is the slot free.
 *
 *   startXmit --> TX ring --> [kick: the kernel copies and sends] --> completion ring --> slab.free
 *
 * With zero copy the NIC reads the frame itself, later, and is kicked only when the ring's flags
 * ask for it (Linux: Documentation/networking/af_xdp.rst, XDP_USE_NEED_WAKEUP).
 *
 * Rings are memory that is shared with the kernel: entries, a producer index and a consumer index
 * (both count on modulo 2^32). The producer writes the entry first, then its index. Both rings have
 * room for every slot, so neither can overflow.
 *
 * A capture on the sending interface does not see these frames; one at the other end does.
 *
 * @module
 */

import { type DeviceHost, NETDEV_TX_OK, type NetdevTx } from '../net/device.js';
import { SLOT_BYTES } from '../net/slab.js';
import { checkArgument, checkOptions, text, wholeNumber } from '../options.js';
import { type InterfaceInfo, usableInterface } from './interface.js';
import { LinkDevice } from './link.js';
import { EINTR, errnoName, loadNative, MSG_DONTWAIT, type Native, transportError } from './native.js';
import { AF_XDP_RULES, type AfXdpOptions } from './options.js';
import { type PacketReceiver, startReception } from './packet-receive.js';
import { openXdpSocket, type XdpSocket } from './xdp-socket.js';

export type { AfXdpOptions } from './options.js';

/** When this many frames are held back, the kernel is kicked without waiting for a poll. */
const BATCH = 64;
/** The most kicks of one flush; each sends at least 32 frames if the kernel takes any. */
const KICKS = 64;
const XDP_RING_NEED_WAKEUP = 1;

/**
 * Opens an AF_XDP socket on a queue of the interface, which takes one socket only; the caller
 * closes the device. Throws ENOSYS (not Linux, no koffi), EPERM, ENODEV, ENETDOWN, EBUSY (another
 * socket has the queue), EOPNOTSUPP or EINVAL (kernel, driver or queue, or no zero copy).
 */
export async function openAfXdp(interfaceName: string, queue = 0, options: AfXdpOptions = {}): Promise<AfXdpDevice> {
  checkArgument('openAfXdp', 'interfaceName', interfaceName, text);
  checkArgument('openAfXdp', 'queue', queue, wholeNumber(0));
  checkOptions('openAfXdp', options, AF_XDP_RULES);
  const zero = options.zeroCopy ? ':zerocopy' : '';
  const spec = `af-xdp:${interfaceName}${queue === 0 ? '' : `:${queue}`}${zero}`;
  const native = await loadNative(spec);
  const info = await usableInterface(interfaceName, spec);
  const device = new AfXdpDevice(native, info, spec, options);
  try {
    await device.open(queue);
  } catch (error) {
    await device.close();
    throw error;
  }
  return device;
}

/** An AF_XDP socket over the slab; `openAfXdp` makes it. */
export class AfXdpDevice extends LinkDevice {
  readonly #native: Native;
  readonly #info: InterfaceInfo;
  readonly #spec: string;
  readonly #options: AfXdpOptions;
  #socket: XdpSocket | undefined;
  #fd = -1;
  /**
   * The TX ring: its indices (as `Int32Array`, for Atomics) and its descriptors of four words,
   * which are the low and high half of the address, the length and options.
   */
  #txIndices: Int32Array = new Int32Array(2);
  #txProducerAt = 0;
  #txConsumerAt = 1;
  #txFlagsAt = 0;
  #tx: Uint32Array = new Uint32Array(0);
  /** The completion ring, whose entries are addresses of two words. */
  #doneIndices: Int32Array = new Int32Array(2);
  #doneProducerAt = 0;
  #doneConsumerAt = 1;
  #done: Uint32Array = new Uint32Array(0);
  readonly #mask: number;
  /** Counts of frames modulo 2^32, kept signed because Atomics returns them so. */
  #produced = 0;
  #collected = 0;
  /** How many frames in the TX ring came after the last kick. */
  #held = 0;
  /** How many slots have not come back, and for each slot a 1 if it is one of them. */
  #inFlight = 0;
  readonly #out: Uint8Array;
  #receiver: PacketReceiver | undefined;

  /** Use `openAfXdp`. @internal */
  constructor(native: Native, info: InterfaceInfo, spec: string, options: AfXdpOptions) {
    super({
      name: info.name,
      mac: info.mac,
      caps: { medium: 'ethernet', mtu: info.mtu, padding: 'none' },
      slots: options.slots ?? 512,
    });
    this.#native = native;
    this.#info = info;
    this.#spec = spec;
    this.#options = options;
    this.#mask = this.slab.count - 1;
    this.#out = new Uint8Array(this.slab.count);
  }

  /** Binds the socket to a queue of the interface. Throws a KernelError if the system refuses. */
  async open(queue: number): Promise<void> {
    const zeroCopy = this.#options.zeroCopy === true;
    const binding = { index: this.#info.index, queue, zeroCopy, spec: this.#spec };
    const socket = await openXdpSocket(this.#native, this.slab, binding);
    this.#socket = socket;
    this.#fd = socket.fd;
    this.#txIndices = socket.tx.indices;
    this.#txProducerAt = socket.tx.producerAt;
    this.#txConsumerAt = socket.tx.consumerAt;
    this.#txFlagsAt = socket.tx.flagsAt;
    this.#tx = socket.tx.entries;
    this.#doneIndices = socket.completion.indices;
    this.#doneProducerAt = socket.completion.producerAt;
    this.#doneConsumerAt = socket.completion.consumerAt;
    this.#done = socket.completion.entries;
  }

  /** Puts the frame into the TX ring; the kernel learns of it with the batch. */
  override startXmit(slot: number): NetdevTx {
    if (this.gone !== undefined || this.closed) return this.drop(slot);
    const { slab } = this;
    const start = slab.start[slot]!;
    const length = slab.end[slot]! - start;
    if (length > this.longest) return this.refuse(slot);
    const at = (this.#produced & this.#mask) << 2;
    const tx = this.#tx;
    tx[at] = start - slab.base;
    tx[at + 1] = 0;
    tx[at + 2] = length;
    tx[at + 3] = 0;
    this.#produced = (this.#produced + 1) | 0;
    this.#inFlight++;
    this.#out[slot] = 1;
    if (++this.#held >= BATCH) this.#flush();
    return NETDEV_TX_OK;
  }

  /** Kicks the kernel for what waits in the ring, and frees the slots of what it has sent. */
  override poll(): void {
    if (this.#inFlight > 0) this.#flush();
  }

  protected override startReceiving(host: DeviceHost): void {
    const [native, spec, options] = [this.#native, this.#spec, this.#options];
    this.#receiver = startReception({ native, index: this.#info.index, spec, stats: this.stats, options }, host);
  }

  protected override pending(): number {
    return this.#inFlight;
  }

  protected override release(): void {
    this.#receiver?.stop();
    if (this.#socket === undefined) return;
    // The frames that the kernel took from the TX ring have left, whether or not it said so. The
    // others will never leave.
    const unsent = this.#unsent();
    for (let i = 1; i <= unsent; i++) {
      const at = ((this.#produced - i) & this.#mask) << 2;
      this.#out[Math.floor(this.#tx[at]! / SLOT_BYTES)] = 0;
    }
    this.stats.txDropped += unsent;
    this.stats.txPackets += this.#inFlight - unsent;
    this.#out.forEach((out, slot) => {
      if (out) this.stats.txBytes += this.slab.end[slot]! - this.slab.start[slot]!;
    });
    this.#inFlight = 0;
    this.#socket.close();
  }

  /** Returns how many frames are in the TX ring. */
  #unsent(): number {
    return (this.#produced - Atomics.load(this.#txIndices, this.#txConsumerAt)) | 0;
  }

  #flush(): void {
    this.#kick();
    this.#collect();
    // Some frames have not been sent yet, or the NIC is not done with them.
    if (this.#inFlight > 0) this.retry();
  }

  /** Shows the kernel the new descriptors and has it send as many as it can now. */
  #kick(): void {
    Atomics.store(this.#txIndices, this.#txProducerAt, this.#produced);
    this.#held = 0;
    const { libc } = this.#native;
    const zeroCopy = this.#options.zeroCopy === true;
    for (let tries = 0; tries < KICKS && this.#unsent() > 0; tries++) {
      if (zeroCopy && (Atomics.load(this.#txIndices, this.#txFlagsAt) & XDP_RING_NEED_WAKEUP) === 0) return;
      if (libc.sendto(this.#fd, 0, 0, MSG_DONTWAIT, 0, 0) >= 0) continue;
      const errno = this.#native.errno();
      switch (errnoName(errno)) {
        case 'EAGAIN': // It sent as many as it sends at once, or the completion ring is full.
        case 'EBUSY': // The driver's queue is full.
        case 'ENOBUFS':
          this.#collect();
          continue;
        case 'ENXIO': // Unbound: the interface was removed.
        case 'ENODEV':
        case 'EBADF':
          this.#lose(errno);
          return;
        default:
          if (errno === EINTR) continue;
          // ENETDOWN and the like: the frames wait in the ring until the interface is up again.
          tries = KICKS;
      }
    }
  }

  /** Frees the slots that the kernel is done with. */
  #collect(): void {
    const end = Atomics.load(this.#doneIndices, this.#doneProducerAt);
    let at = this.#collected;
    if (at === end) return;
    const { slab } = this;
    const done = this.#done;
    const mask = this.#mask;
    const count = (end - at) | 0;
    for (; at !== end; at = (at + 1) | 0) {
      const slot = Math.floor(done[(at & mask) << 1]! / SLOT_BYTES);
      this.stats.txBytes += slab.end[slot]! - slab.start[slot]!;
      this.#out[slot] = 0;
      slab.free(slot);
    }
    Atomics.store(this.#doneIndices, this.#doneConsumerAt, end);
    this.#collected = end;
    this.#inFlight -= count;
    this.stats.txPackets += count;
  }

  #lose(errno: number): void {
    this.#collect();
    this.stats.txErrors += this.#inFlight;
    this.#inFlight = 0;
    this.#out.forEach((out, slot) => {
      if (out) this.slab.free(slot);
    });
    this.lost(transportError(errno, this.#spec, 'sending'));
  }
}
