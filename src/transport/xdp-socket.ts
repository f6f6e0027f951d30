/**
 * Opens an AF_XDP socket over a slab: frame memory, rings, binding. Numbers:
 * include/uapi/linux/if_xdp.h.
 */

import { KernelError } from '../errno.js';
import { defaultHeap } from '../memory/heap.js';
import { type FrameSlab, SLOT_BYTES } from '../net/slab.js';
import {
  AF_XDP,
  errnoName,
  heapAddress,
  type Native,
  type Remedies,
  SOCK_CLOEXEC,
  SOCK_RAW,
  transportError,
} from './native.js';

const SOL_XDP = 283;
const XDP_MMAP_OFFSETS = 1;
const XDP_TX_RING = 3;
const XDP_UMEM_REG = 4;
const XDP_UMEM_FILL_RING = 5;
const XDP_UMEM_COMPLETION_RING = 6;
const XDP_MAX_TX_SKB_BUDGET = 9;
const XDP_PGOFF_TX_RING = 0x80000000;
const XDP_UMEM_PGOFF_COMPLETION_RING = 0x180000000;
const XDP_COPY = 2;
const XDP_ZEROCOPY = 4;
const XDP_USE_NEED_WAKEUP = 8;
const PROT_READ_WRITE = 3;
const MAP_SHARED_POPULATE = 0x8001;

/** The size of the fill ring, which sending never uses but the kernel demands. */
const FILL_ENTRIES = 64;
const TX_ENTRY_BYTES = 16;
const COMPLETION_ENTRY_BYTES = 8;
/** How many frames each kick sends; the kernel's default is 32. */
const TX_BUDGET = 256;

/** After its last socket was closed, a queue stays taken for some milliseconds. */
const BUSY_TRIES = 20;
const BUSY_MS = 5;

/** A ring shared with the kernel, seen through views of its memory. */
export interface XdpRing {
  /** The words of the mapping in which the indices and the flags lie. */
  readonly indices: Int32Array;
  /** The position of the producer's index in `indices`. */
  readonly producerAt: number;
  /** The position of the consumer's index in `indices`. */
  readonly consumerAt: number;
  /** The position of the kernel's flags, which exist since Linux 5.4. */
  readonly flagsAt: number;
  /** The words of the entries: four for each of a TX ring, two for each of a completion ring. */
  readonly entries: Uint32Array;
}

/** Where a socket is bound, and the name that errors give it. */
export interface XdpBinding {
  /** The index of the interface. */
  readonly index: number;
  /** The number of the interface's queue, from 0. */
  readonly queue: number;
  /** True if the socket must have zero copy; otherwise the kernel copies. */
  readonly zeroCopy: boolean;
  /** The name that errors give the socket. */
  readonly spec: string;
}

/** A bound AF_XDP socket with the two rings that sending needs. */
export interface XdpSocket {
  /** The file descriptor, which `close` closes. */
  readonly fd: number;
  /** The ring of frames to send; this process is its producer. */
  readonly tx: XdpRing;
  /** The ring of frames that were sent; the kernel is its producer. */
  readonly completion: XdpRing;
  /**
   * Unmaps the rings and closes the socket. The caller must not touch the rings' views afterwards.
   */
  close(): void;
}

/** Opens and binds a socket whose rings have `slab.count` entries, which must be a power of two. */
export async function openXdpSocket(native: Native, slab: FrameSlab, binding: XdpBinding): Promise<XdpSocket> {
  const { libc } = native;
  const { spec } = binding;
  const count = slab.count;
  if (count < 64 || count > 4096 || (count & (count - 1)) !== 0) {
    throw new KernelError('EINVAL', spec, `${spec}: slots must be a power of two from 64 to 4096, not ${count}`);
  }
  const fd = libc.socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) throw transportError(native.errno(), spec, 'opening an AF_XDP socket');
  const maps: { at: number; length: number }[] = [];
  const heap = defaultHeap();
  const at = heap.alloc(256);
  const base = heapAddress(native, heap);
  const view = new DataView(heap.buffer, at, 256);
  const set = (option: number, length: number, what: string) => {
    if (libc.setsockopt(fd, SOL_XDP, option, base + at, length) < 0) throw transportError(native.errno(), spec, what);
  };
  const setEntries = (option: number, entries: number, what: string) => {
    view.setUint32(0, entries, true);
    set(option, 4, what);
  };
  const close = () => {
    for (const { at, length } of maps) libc.munmap(at, length);
    libc.close(fd);
  };
  /** Maps a ring, whose offsets are at `field` in `struct xdp_mmap_offsets`. */
  const map = (field: number, entryBytes: number, page: number): XdpRing => {
    const producer = Number(view.getBigUint64(field, true));
    const consumer = Number(view.getBigUint64(field + 8, true));
    const desc = Number(view.getBigUint64(field + 16, true));
    const length = desc + count * entryBytes;
    const mapped = libc.mmap(0, length, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, page);
    if (mapped < 0) throw transportError(native.errno(), spec, 'mapping a ring');
    maps.push({ at: mapped, length });
    const buffer = native.koffi.view(mapped, length);
    return {
      indices: new Int32Array(buffer),
      producerAt: producer >> 2,
      consumerAt: consumer >> 2,
      flagsAt: Number(view.getBigUint64(field + 24, true)) >> 2,
      entries: new Uint32Array(buffer, desc, (count * entryBytes) >> 2),
    };
  };
  try {
    // struct xdp_umem_reg
    view.setBigUint64(0, BigInt(base + slab.base), true);
    view.setBigUint64(8, BigInt(count * SLOT_BYTES), true);
    view.setUint32(16, SLOT_BYTES, true);
    set(XDP_UMEM_REG, 32, 'registering the frame memory');
    setEntries(XDP_UMEM_FILL_RING, FILL_ENTRIES, 'making a ring');
    setEntries(XDP_UMEM_COMPLETION_RING, count, 'making a ring');
    setEntries(XDP_TX_RING, count, 'making a ring');
    view.setUint32(0, Math.min(TX_BUDGET, count), true);
    // Linux 6.18 and later have this option; older kernels send 32 frames a kick.
    libc.setsockopt(fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, base + at, 4);
    view.setUint32(248, 128, true);
    if (libc.getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, base + at, base + at + 248) < 0) {
      throw transportError(native.errno(), spec, 'asking where the rings are');
    }
    // struct xdp_mmap_offsets: rx, tx, fill, completion; each producer, consumer, desc and, since
    // 5.4, flags.
    const stride = view.getUint32(248, true) >= 128 ? 32 : 24;
    const tx = map(stride, TX_ENTRY_BYTES, XDP_PGOFF_TX_RING);
    const completion = map(stride * 3, COMPLETION_ENTRY_BYTES, XDP_UMEM_PGOFF_COMPLETION_RING);
    await bind(native, { ...binding, fd, at });
    return { fd, tx, completion, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    heap.free(at);
  }
}

/** A socket that is to be bound. */
interface Unbound extends XdpBinding {
  readonly fd: number;
  /** Where in the heap there is room for an address. */
  readonly at: number;
}

const REMEDIES: Remedies = {
  EOPNOTSUPP: 'the driver has no zero copy, or not on this queue; leave `:zerocopy` out',
  EINVAL: 'the driver cannot send straight from this memory; leave `:zerocopy` out',
};

async function bind(native: Native, { fd, at, index, queue, zeroCopy, spec }: Unbound): Promise<void> {
  const heap = defaultHeap();
  // struct sockaddr_xdp
  heap.bytes.fill(0, at, at + 16);
  const view = new DataView(heap.buffer, at, 16);
  view.setUint16(0, AF_XDP, true);
  view.setUint16(2, zeroCopy ? XDP_ZEROCOPY | XDP_USE_NEED_WAKEUP : XDP_COPY, true);
  view.setUint32(4, index, true);
  view.setUint32(8, queue, true);
  for (let tries = 1; native.libc.bind(fd, heapAddress(native, heap) + at, 16) < 0; tries++) {
    const errno = native.errno();
    if (errnoName(errno) !== 'EBUSY' || tries === BUSY_TRIES) {
      throw transportError(errno, spec, `binding to queue ${queue}`, zeroCopy ? REMEDIES : {});
    }
    await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
  }
}
