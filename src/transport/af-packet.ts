/**
 * `af-packet:IF`: sends Ethernet frames through a Linux packet socket, up to 64 a call
 * (`sendmmsg`).
 *
 * The socket has protocol 0: it never receives, so that nothing sent is copied back to it. Frames
 * lie in the slab. The message headers lie beside it in the heap and are filled in as frames come.
 *
 *      0        head          tail        BATCH
 *      | sent    | held, in order | free    |
 *
 * If the kernel has no room (EAGAIN, ENOBUFS) or took fewer frames than offered, the rest stays
 * held and is offered first the next time. A frame that the kernel refuses for itself alone (too
 * long, interface down) is counted in `txErrors` and skipped.
 *
 * @module
 */

import { type DeviceHost, NETDEV_TX_OK, type NetdevTx } from '../net/device.js';
import { checkArgument, checkOptions, text } from '../options.js';
import { type InterfaceInfo, usableInterface } from './interface.js';
import { LinkDevice } from './link.js';
import {
  EINTR,
  errnoName,
  heapAddress,
  loadNative,
  MSG_DONTWAIT,
  type Native,
  POLLOUT,
  transportError,
} from './native.js';
import { AF_PACKET_RULES, type AfPacketOptions } from './options.js';
import { type PacketReceiver, packetSocket, startReception } from './packet-receive.js';

export type { AfPacketOptions } from './options.js';

/** How many frames one call sends; more would gain nothing. */
const BATCH = 64;
/** The size of `struct mmsghdr` on 64-bit Linux, and where in it, in words, the set fields lie. */
const MESSAGE_BYTES = 64;
const IOVEC_BYTES = 16;
const IOV_POINTER = 16;
const IOV_COUNT = 24;
const POLLFD_BYTES = 16;
const HIGH = 2 ** 32;

/**
 * Opens a packet socket; the caller closes the device. Throws ENOSYS (not Linux, no koffi), EPERM,
 * ENODEV, ENETDOWN, EOPNOTSUPP (no Ethernet).
 */
export async function openAfPacket(interfaceName: string, options: AfPacketOptions = {}): Promise<AfPacketDevice> {
  checkArgument('openAfPacket', 'interfaceName', interfaceName, text);
  checkOptions('openAfPacket', options, AF_PACKET_RULES);
  const spec = `af-packet:${interfaceName}`;
  const native = await loadNative(spec);
  const info = await usableInterface(interfaceName, spec);
  const fd = packetSocket(native, info.index, 0, spec);
  return new AfPacketDevice(native, info, fd, options);
}

/** A packet socket that sends in batches of 64; `openAfPacket` makes it. */
export class AfPacketDevice extends LinkDevice {
  readonly #native: Native;
  readonly #info: InterfaceInfo;
  readonly #fd: number;
  readonly #options: AfPacketOptions;
  readonly #u32: Uint32Array;
  /** Where in the heap the BATCH message headers, BATCH iovecs and a pollfd lie. */
  readonly #at: number;
  readonly #address: number;
  /** The index in `#u32` of the first iovec. */
  readonly #iovecs: number;
  /** The two halves of the heap's address in the process. */
  readonly #baseLow: number;
  readonly #baseHigh: number;
  readonly #slots = new Int32Array(BATCH);
  #head = 0;
  #tail = 0;
  #receiver: PacketReceiver | undefined;

  /** Use `openAfPacket`. @internal */
  constructor(native: Native, info: InterfaceInfo, fd: number, options: AfPacketOptions) {
    super({
      name: info.name,
      mac: info.mac,
      caps: { medium: 'ethernet', mtu: info.mtu, padding: 'none' },
      slots: options.slots ?? 256,
    });
    this.#native = native;
    this.#info = info;
    this.#fd = fd;
    this.#options = options;
    const { heap } = this.slab;
    this.#u32 = heap.u32;
    this.#at = heap.alloc(BATCH * (MESSAGE_BYTES + IOVEC_BYTES) + POLLFD_BYTES, 64);
    const base = heapAddress(native, heap);
    this.#baseLow = base % HIGH;
    this.#baseHigh = Math.floor(base / HIGH);
    this.#address = base + this.#at;
    const iovecs = this.#at + BATCH * MESSAGE_BYTES;
    this.#iovecs = iovecs >> 2;
    for (let i = 0; i < BATCH; i++) {
      const pointer = base + iovecs + i * IOVEC_BYTES;
      const message = this.#at + i * MESSAGE_BYTES;
      this.#u32[(message + IOV_POINTER) >> 2] = pointer % HIGH;
      this.#u32[(message + IOV_POINTER + 4) >> 2] = Math.floor(pointer / HIGH);
      this.#u32[(message + IOV_COUNT) >> 2] = 1;
    }
    const pollfd = iovecs + BATCH * IOVEC_BYTES;
    this.#u32[pollfd >> 2] = fd;
    this.#u32[(pollfd + 4) >> 2] = POLLOUT;
  }

  /** Takes the frame into the batch, which leaves when it is full or when `poll` is called. */
  override startXmit(slot: number): NetdevTx {
    if (this.gone !== undefined || this.closed) return this.drop(slot);
    if (this.#tail === BATCH) return this.busy();
    const start = this.slab.start[slot]!;
    const length = this.slab.end[slot]! - start;
    if (length > this.longest) return this.refuse(slot);
    const low = this.#baseLow + start;
    const at = this.#iovecs + this.#tail * 4;
    this.#u32[at] = low;
    this.#u32[at + 1] = low >= HIGH ? this.#baseHigh + 1 : this.#baseHigh;
    this.#u32[at + 2] = length;
    this.#slots[this.#tail++] = slot;
    if (this.#tail === BATCH) this.#flush();
    return NETDEV_TX_OK;
  }

  /**
   * Sends the batch. If the kernel had no room, waits up to a millisecond for some, as netpoll
   * does: whoever polls needs the room.
   */
  override poll(): void {
    if (this.#head === this.#tail) return;
    if (this.#flush()) return;
    this.#native.libc.poll(this.#address + BATCH * (MESSAGE_BYTES + IOVEC_BYTES), 1, 1);
    this.#flush();
  }

  protected override startReceiving(host: DeviceHost): void {
    const { index, name } = this.#info;
    const [spec, options] = [`af-packet:${name}`, this.#options];
    this.#receiver = startReception({ native: this.#native, index, spec, stats: this.stats, options }, host);
  }

  protected override pending(): number {
    return this.#tail - this.#head;
  }

  protected override hasRoom(): boolean {
    return this.#tail < BATCH;
  }

  protected override release(): void {
    this.#receiver?.stop();
    while (this.#head < this.#tail) this.drop(this.#slots[this.#head++]!);
    this.#native.libc.close(this.#fd);
    this.slab.heap.free(this.#at);
  }

  /** Offers all held frames, in order. Returns false if the kernel had no room for the rest. */
  #flush(): boolean {
    const { slab, stats } = this;
    while (this.#head < this.#tail) {
      const messages = this.#address + this.#head * MESSAGE_BYTES;
      const count = this.#native.libc.sendmmsg(this.#fd, messages, this.#tail - this.#head, MSG_DONTWAIT);
      if (count <= 0) {
        if (this.#refused()) continue;
        this.retry();
        return false;
      }
      const end = this.#head + count;
      for (; this.#head < end; this.#head++) {
        const slot = this.#slots[this.#head]!;
        stats.txBytes += slab.end[slot]! - slab.start[slot]!;
        slab.free(slot);
      }
      stats.txPackets += count;
    }
    this.#head = 0;
    this.#tail = 0;
    return true;
  }

  /**
   * Handles a first held frame that was not taken. Returns true if it was skipped or is worth
   * another try at once, and false if it stays.
   */
  #refused(): boolean {
    const errno = this.#native.errno();
    if (errno === EINTR) return true;
    switch (errnoName(errno)) {
      case 'EAGAIN':
      case 'ENOBUFS':
      case 'ENOMEM':
        return false;
      case 'ENXIO':
      case 'ENODEV':
        this.lost(transportError(errno, `af-packet:${this.name}`, 'sending'));
        while (this.#head < this.#tail) this.refuse(this.#slots[this.#head++]!);
        return true;
      default:
        this.refuse(this.#slots[this.#head++]!);
        return true;
    }
  }
}
