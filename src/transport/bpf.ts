/**
 * Makes the bpf system call: array maps in shared memory, programs, and attachments. Everything
 * made here lives as long as its file descriptor, so nothing stays behind when the process ends,
 * however it ends.
 *
 * Linux: kernel/bpf/syscall.c; numbers: include/uapi/linux/bpf.h.
 */
import { KernelError } from '../errno.js';
import { defaultHeap } from '../memory/heap.js';
import { encodeText } from '../wire/text.js';
import { encode, type Instruction } from './bpf-assembler.js';
import { heapAddress, type Native, type Remedies, transportError } from './native.js';

const SYS_BPF: Record<string, number> = { x64: 321, arm64: 280, riscv64: 280, loong64: 280 };
const BPF_MAP_CREATE = 0;
const BPF_PROG_LOAD = 5;
const BPF_PROG_TEST_RUN = 10;
const BPF_RAW_TRACEPOINT_OPEN = 17;
const BPF_LINK_CREATE = 28;
const BPF_MAP_TYPE_ARRAY = 2;
const BPF_F_MMAPABLE = 1 << 10;
const BPF_XDP = 37;
const BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1;
/** The size of that part of `union bpf_attr` which these commands read. */
const ATTR_BYTES = 80;
/** What a user can do when one of these calls fails. */
export const BPF_REMEDIES: Remedies = {
  EPERM:
    'run it as root or give node CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; where the system is locked down or a container filters bpf(), use af-xdp or af-packet',
  EBUSY: 'an XDP program is attached there already, by another sender or another program; end that one, or use af-xdp',
  EEXIST: 'an XDP program is attached there already; take it off with `ip link set IF xdp off`, or use af-xdp',
  EINVAL: 'the kernel or the driver cannot do this; use af-xdp or af-packet',
  ENOSYS: 'this kernel has no bpf(); use af-xdp or af-packet',
  EOPNOTSUPP: 'the driver has no XDP of its own; use af-xdp or af-packet',
  E2BIG: 'the program or its map is too large for this kernel; use af-xdp or af-packet',
};
/** The license that allows a program to call helpers for GPL-compatible programs. */
const LICENSE = 'Dual MIT/GPL\0';

/** The kind of an XDP program. Linux: `enum bpf_prog_type`. */
export const PROG_XDP = 6;
/** The kind of a program at a tracepoint. Linux: `enum bpf_prog_type`. */
export const PROG_RAW_TRACEPOINT = 17;
/** Attaches an XDP program to socket buffers, in front of the stack. */
export const XDP_FLAGS_SKB_MODE: number = 1 << 1;
/** Attaches an XDP program in the driver. */
export const XDP_FLAGS_DRV_MODE: number = 1 << 2;

/**
 * Makes the system call for one transport, whose name stands in its errors. Attributes lie in the
 * heap.
 */
export class Bpf {
  readonly #native: Native;
  readonly #spec: string;
  readonly #number: number;

  /** Throws ENOSYS on a processor for which the number of the system call is not known. */
  constructor(native: Native, spec: string) {
    const number = SYS_BPF[process.arch];
    if (number === undefined) {
      throw new KernelError('ENOSYS', spec, `${spec}: the bpf call is not known for ${process.arch}; use af-packet`);
    }
    this.#native = native;
    this.#spec = spec;
    this.#number = number;
  }

  /** Makes an array map with one value of `bytes`, which can be mapped; returns its descriptor. */
  createMap(bytes: number): number {
    return this.#call(BPF_MAP_CREATE, 'making a BPF map', 0, (attr) => {
      attr.setUint32(0, BPF_MAP_TYPE_ARRAY, true);
      attr.setUint32(4, 4, true);
      attr.setUint32(8, bytes, true);
      attr.setUint32(12, 1, true);
      attr.setUint32(16, BPF_F_MMAPABLE, true);
    });
  }

  /**
   * Has the kernel verify a program and returns its descriptor. `name` has at most 15 bytes;
   * `bpftool prog` shows it.
   */
  loadProgram(type: number, name: string, program: readonly Instruction[]): number {
    const code = encode(program);
    const text = encodeText(LICENSE);
    return this.#call(BPF_PROG_LOAD, 'loading a BPF program', code.length + text.length, (attr, extra, address) => {
      extra.set(code);
      extra.set(text, code.length);
      attr.setUint32(0, type, true);
      attr.setUint32(4, program.length, true);
      attr.setBigUint64(8, BigInt(address), true);
      attr.setBigUint64(16, BigInt(address + code.length), true);
      for (let i = 0; i < name.length; i++) attr.setUint8(48 + i, name.charCodeAt(i));
      if (type === PROG_XDP) attr.setUint32(68, BPF_XDP, true);
    });
  }

  /** Attaches an XDP program to an interface until the returned descriptor is closed. */
  attachXdp(program: number, ifindex: number, flags: number): number {
    return this.#call(BPF_LINK_CREATE, 'attaching an XDP program', 0, (attr) => {
      attr.setUint32(0, program, true);
      attr.setUint32(4, ifindex, true);
      attr.setUint32(8, BPF_XDP, true);
      attr.setUint32(12, flags, true);
    });
  }

  /** Runs a program at a tracepoint until the returned descriptor is closed. */
  attachTracepoint(program: number, name: string): number {
    const text = encodeText(`${name}\0`);
    return this.#call(
      BPF_RAW_TRACEPOINT_OPEN,
      `listening to the tracepoint ${name}`,
      text.length,
      (attr, extra, address) => {
        extra.set(text);
        attr.setBigUint64(0, BigInt(address), true);
        attr.setUint32(8, program, true);
      },
    );
  }

  #call(
    command: number,
    doing: string,
    extraBytes: number,
    fill: (attr: DataView, extra: Uint8Array, extraAddress: number) => void,
  ): number {
    const native = this.#native;
    const heap = defaultHeap();
    const at = heap.alloc(ATTR_BYTES + extraBytes);
    const address = heapAddress(native, heap) + at;
    try {
      const extra = heap.bytes.subarray(at + ATTR_BYTES, at + ATTR_BYTES + extraBytes);
      fill(new DataView(heap.buffer, at, ATTR_BYTES), extra, address + ATTR_BYTES);
      const result = native.libc.syscall(this.#number, command, address, ATTR_BYTES);
      if (result < 0) throw transportError(native.errno(), this.#spec, doing, BPF_REMEDIES);
      return result;
    } finally {
      heap.free(at);
    }
  }
}

/** Says whether a release, as `uname -r` prints it, is 5.18 or later and so has live frames. */
export function since518(release: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 18);
}

/**
 * Runs an XDP program on frames that the kernel makes, and that are really sent if the program says
 * so. Linux 5.18 and later.
 */
export class LiveFrames {
  readonly #native: Native;
  readonly #number: number;
  readonly #attr: Uint32Array;
  readonly #at: number;
  readonly #address: number;

  /** `run` is how many frames each turn of the kernel's loop takes. Only this call allocates. */
  constructor(native: Native, program: number, run: number, longest: number) {
    const heap = defaultHeap();
    this.#native = native;
    this.#number = SYS_BPF[process.arch]!;
    // struct { ... } test in union bpf_attr, then the bytes that a frame begins as.
    this.#at = heap.alloc(ATTR_BYTES + longest);
    this.#address = heapAddress(native, heap) + this.#at;
    this.#attr = new Uint32Array(heap.buffer, this.#at, ATTR_BYTES >> 2);
    const data = this.#address + ATTR_BYTES;
    this.#attr[0] = program;
    this.#attr[4] = data % 2 ** 32;
    this.#attr[5] = Math.floor(data / 2 ** 32);
    this.#attr[16] = BPF_F_TEST_XDP_LIVE_FRAMES;
    this.#attr[18] = run;
  }

  /**
   * Runs the program `count` times, on frames of `bytes` bytes each, at least 14. Returns 0, or the
   * number of the error that ended it early.
   */
  run(count: number, bytes: number): number {
    this.#attr[2] = bytes;
    this.#attr[8] = count;
    const { libc } = this.#native;
    return libc.syscall(this.#number, BPF_PROG_TEST_RUN, this.#address, ATTR_BYTES) < 0 ? this.#native.errno() : 0;
  }

  /**
   * Does the same on a thread of libuv's pool. `end` is called in the event loop, also after a
   * failure.
   */
  start(count: number, bytes: number, end: () => void): void {
    this.#attr[2] = bytes;
    this.#attr[8] = count;
    const { syscallOnPool } = this.#native.libc;
    syscallOnPool(this.#number, BPF_PROG_TEST_RUN, this.#address, ATTR_BYTES, end);
  }

  /** Gives the memory back. */
  release(): void {
    defaultHeap().free(this.#at);
  }
}
