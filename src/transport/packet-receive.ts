/**
 * Receives for the Linux transports, through one packet socket for each protocol (ARP, IPv4, IPv6),
 * which a timer reads.
 *
 * A socket that is bound to one protocol sees inbound frames only. One bound to all protocols would
 * also get a copy of every frame that anybody sends, which costs each sender a fifth of its rate. A
 * filter in the kernel picks out UDP, so that other traffic costs this process nothing.
 */
import { defaultHeap } from '../memory/heap.js';
import type { DeviceHost, DeviceStats } from '../net/device.js';
import { ETHERTYPE } from '../wire/ethernet.js';
import { finishChecksum } from './checksum-offload.js';
import {
  AF_PACKET,
  heapAddress,
  MSG_DONTWAIT,
  type Native,
  POLLIN,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  transportError,
} from './native.js';

const SO_ATTACH_FILTER = 26;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_MR_PROMISC = 1;

/** How often sockets are read. Acks have timers of tenths of a second, so this is soon enough. */
const LOOK_MS = 4;
/** How many frames are taken from one socket before other events get their turn. */
const BUDGET = 256;
const FRAME_BYTES = 65536;
const UDP = 17;

/**
 * Makes a filter in classic BPF, 8 bytes an instruction, that passes the whole frame if the byte at
 * `offset` is `value`, and nothing otherwise.
 */
function byteFilter(offset: number, value: number): number[][] {
  return [
    [0x30, 0, 0, offset],
    [0x15, 0, 1, value],
    [0x06, 0, 0, 0x40000],
    [0x06, 0, 0, 0],
  ];
}

/** Opens a packet socket and binds it to the interface. With `protocol` 0 it can only send. */
export function packetSocket(
  native: Native,
  index: number,
  protocol: number,
  spec: string,
  filter?: number[][],
): number {
  const { libc } = native;
  const fd = libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) throw transportError(native.errno(), spec, 'opening a packet socket');
  const heap = defaultHeap();
  const at = heap.alloc(128);
  const address = heapAddress(native, heap) + at;
  const view = new DataView(heap.buffer, at, 128);
  try {
    if (filter) {
      // struct sock_fprog at 0, its instructions at 16.
      view.setUint16(0, filter.length, true);
      view.setBigUint64(8, BigInt(address + 16), true);
      filter.forEach(([code, yes, no, k], i) => {
        view.setUint16(16 + i * 8, code!, true);
        view.setUint8(18 + i * 8, yes!);
        view.setUint8(19 + i * 8, no!);
        view.setUint32(20 + i * 8, k!, true);
      });
      if (libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, address, 16) < 0) {
        throw transportError(native.errno(), spec, 'setting a filter');
      }
    }
    heap.bytes.fill(0, at, at + 20);
    // struct sockaddr_ll
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, protocol);
    view.setInt32(4, index, true);
    if (libc.bind(fd, address, 20) < 0) throw transportError(native.errno(), spec, 'binding to the interface');
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  } finally {
    heap.free(at);
  }
}

/** The interface whose frames are received. */
export interface ReceivedInterface {
  /** The index of the interface. */
  readonly index: number;
  /** The device's name on the command line, for errors. */
  readonly spec: string;
  /** True if frames to other hardware addresses are received, too. */
  readonly promiscuous: boolean;
}

/** What a device tells about its reception: the interface, and where to count. */
export interface Reception {
  readonly native: Native;
  /** The index of the interface. */
  readonly index: number;
  /** The name that errors give the device. */
  readonly spec: string;
  /** The device's counts, to which what comes in, and what the kernel had no room for, is added. */
  readonly stats: DeviceStats;
  /** The options of the transport. */
  readonly options: { readonly receive?: boolean; readonly promiscuous?: boolean };
}

/**
 * Begins to hand inbound ARP and UDP to a host; returns undefined if the device is not to receive.
 * Throws a KernelError if the sockets cannot be opened. The caller stops the receiver.
 */
export function startReception(reception: Reception, host: DeviceHost): PacketReceiver | undefined {
  const { native, index, spec, stats, options } = reception;
  if (options.receive === false) return undefined;
  const receiver = new PacketReceiver(native, { index, spec, promiscuous: options.promiscuous === true }, stats);
  receiver.start(host);
  return receiver;
}

/** Hands an interface's inbound ARP and UDP to a host, from a timer. */
export class PacketReceiver {
  readonly #native: Native;
  readonly #stats: DeviceStats;
  readonly #fds: number[] = [];
  /**
   * Where in the heap the `struct pollfd` of each socket, a `struct tpacket_stats` and a frame lie.
   */
  readonly #at: number;
  readonly #address: number;
  readonly #view: DataView;
  readonly #frame: Uint8Array;
  #timer: NodeJS.Timeout | undefined;

  /** Throws a KernelError if the sockets cannot be opened. */
  constructor(native: Native, { index, spec, promiscuous }: ReceivedInterface, stats: DeviceStats) {
    this.#native = native;
    this.#stats = stats;
    const heap = defaultHeap();
    this.#at = heap.alloc(64 + FRAME_BYTES);
    this.#address = heapAddress(native, heap) + this.#at;
    this.#view = new DataView(heap.buffer, this.#at, 64);
    this.#frame = heap.bytes.subarray(this.#at + 64, this.#at + 64 + FRAME_BYTES);
    try {
      this.#fds.push(packetSocket(native, index, ETHERTYPE.arp, spec));
      this.#fds.push(packetSocket(native, index, ETHERTYPE.ipv4, spec, byteFilter(23, UDP)));
      this.#fds.push(packetSocket(native, index, ETHERTYPE.ipv6, spec, byteFilter(20, UDP)));
      if (promiscuous) this.#listenToAll(index, spec);
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#fds.forEach((fd, i) => {
      this.#view.setInt32(i * 8, fd, true);
      this.#view.setInt16(i * 8 + 4, POLLIN, true);
    });
  }

  /** Begins to hand frames to `host.receive`, from a timer. A second call does nothing. */
  start(host: DeviceHost): void {
    this.#timer ??= setInterval(() => this.#look(host), LOOK_MS);
  }

  /** Closes the sockets. Nothing is received any more, and `start` must not be called again. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const fd of this.#fds.splice(0)) this.#native.libc.close(fd);
    defaultHeap().free(this.#at);
  }

  #listenToAll(index: number, spec: string): void {
    // struct packet_mreq
    this.#view.setInt32(0, index, true);
    this.#view.setUint16(4, PACKET_MR_PROMISC, true);
    const { libc } = this.#native;
    if (libc.setsockopt(this.#fds[1]!, SOL_PACKET, PACKET_ADD_MEMBERSHIP, this.#address, 16) < 0) {
      throw transportError(this.#native.errno(), spec, 'listening to all hardware addresses');
    }
  }

  #look(host: DeviceHost): void {
    const { libc } = this.#native;
    if (libc.poll(this.#address, this.#fds.length, 0) <= 0) return;
    for (let i = 0; i < this.#fds.length; i++) {
      const fd = this.#fds[i]!;
      for (let left = BUDGET; left > 0; left--) {
        const length = libc.recv(fd, this.#address + 64, FRAME_BYTES, MSG_DONTWAIT);
        if (length < 0) break;
        this.#stats.rxPackets++;
        const frame = this.#frame.subarray(0, length);
        finishChecksum(frame, 14);
        host.receive(frame);
        // The host may have closed the device in `receive`.
        if (this.#timer === undefined) return;
      }
      this.#countDrops(fd);
    }
  }

  /** Counts the frames that the kernel had no room for. Reading its counters clears them. */
  #countDrops(fd: number): void {
    this.#view.setUint32(40, 8, true);
    if (this.#native.libc.getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, this.#address + 32, this.#address + 40) < 0)
      return;
    this.#stats.rxDropped += this.#view.getUint32(36, true);
  }
}
