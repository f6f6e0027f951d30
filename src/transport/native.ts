/**
 * Calls the C library through koffi, for what af-packet, af-xdp, xdp and the capabilities need.
 *
 * koffi is loaded on first use, so that importing a transport loads nothing native. Addresses are
 * plain numbers (user space ends below 2^47). What they point to lies in the heap, which never
 * moves, so no call allocates or copies.
 */
import { createRequire } from 'node:module';
import { constants, endianness } from 'node:os';
import { ERRNO, type Errno, KernelError } from '../errno.js';
import type { Heap } from '../memory/heap.js';

/** The part of koffi that is used. */
export interface Koffi {
  /** Loads a library, or with `null` the process itself; `func` finds one of its functions. */
  load(path: string | null): { func(name: string, result: string, args: string[]): (...args: never[]) => never };
  /** Returns the address of memory that JavaScript owns. */
  address(memory: ArrayBuffer | ArrayBufferView): bigint;
  /** Returns `length` bytes at an address as a buffer, without a copy. */
  view(address: number | bigint, length: number): ArrayBuffer;
  /** Returns the error number of the last call that failed. */
  errno(): number;
}

/** Each function returns what the C function returns; after -1, `Native.errno()` tells why. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  /** `address` is that of a sockaddr of `length` bytes. */
  bind(fd: number, address: number, length: number): number;
  close(fd: number): number;
  /** `value` is the address of the option's value. */
  setsockopt(fd: number, level: number, option: number, value: number, length: number): number;
  /** `value` is the address of the option's value, and `length` that of its 32-bit length. */
  getsockopt(fd: number, level: number, option: number, value: number, length: number): number;
  /** `argument` is the address of what the request reads and writes. */
  ioctl(fd: number, request: number, argument: number): number;
  /** Returns how many bytes of the `length` at the address `at` were sent. */
  sendto(fd: number, at: number, length: number, flags: number, address: number, addressLength: number): number;
  /** Returns how many of the `count` mmsghdr at `messages` were sent. */
  sendmmsg(fd: number, messages: number, count: number, flags: number): number;
  /** Returns how many bytes were written to the address `at`. */
  recv(fd: number, at: number, length: number, flags: number): number;
  /** Returns how many of the `count` pollfd at `fds` are ready. */
  poll(fds: number, count: number, timeoutMs: number): number;
  /** Returns the address, or -1 as a number. */
  mmap(at: number, length: number, protection: number, flags: number, fd: number, offset: number): number;
  munmap(at: number, length: number): number;
  /** Makes the system call `number`, with three arguments. */
  syscall(number: number, a: number, b: number, c: number): number;
  /** Does the same on a thread of libuv's pool; `end` is then called in the event loop. */
  syscallOnPool(number: number, a: number, b: number, c: number, end: () => void): void;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
}

/** koffi, the C library, and the error number of its last call. */
export interface Native {
  /** The loaded package. */
  readonly koffi: Koffi;
  /** The functions of the C library. */
  readonly libc: Libc;
  /** Returns the error number of the last call that failed. */
  errno(): number;
}

/** The family of packet sockets. Linux: include/linux/socket.h, as the numbers below. */
export const AF_PACKET = 17;
/** The family of XDP sockets. */
export const AF_XDP = 44;
/** A socket whose packets have all their headers. Linux: include/linux/net.h. */
export const SOCK_RAW = 3;
/** Closes the descriptor in programs that the process starts. */
export const SOCK_CLOEXEC = 0x80000;
/** The level of options that all sockets have. Linux: include/uapi/asm-generic/socket.h. */
export const SOL_SOCKET = 1;
/** Makes a call that would wait fail with EAGAIN. */
export const MSG_DONTWAIT = 0x40;
/** Something can be read. Linux: include/uapi/asm-generic/poll.h. */
export const POLLIN = 1;
/** Something can be written. */
export const POLLOUT = 4;
/** The error number of a call that a signal has cut short. */
export const EINTR = 4;

const LITTLE_ENDIAN_64 = ['x64', 'arm64', 'riscv64', 'loong64'];
let koffi: Koffi | undefined;
let native: Native | undefined;

/** Loads koffi, or throws ENOSYS with what to do. */
export async function loadKoffi(op: string): Promise<Koffi> {
  if (koffi) return koffi;
  try {
    const module = (await import('koffi')) as unknown as { default?: Koffi } & Koffi;
    koffi = module.default ?? module;
  } catch (error) {
    throw new KernelError('ENOSYS', op, 'the npm package `koffi` is not there; install it with `npm install koffi`', {
      cause: error,
    });
  }
  return koffi;
}

/**
 * Loads an npm package that is compiled when it is installed. Throws ENOSYS if it is not there or
 * not built; `tools` names what building it takes.
 */
export function loadCompiled(name: string, spec: string, tools: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' && !String(error).includes('.node');
    const what = missing
      ? `is not there; install ${tools}, then \`npm install ${name}\``
      : `is not built; install ${tools}, allow its install script, then \`npm rebuild ${name}\``;
    throw new KernelError('ENOSYS', spec, `${spec}: the npm package \`${name}\` ${what}`, { cause: error });
  }
}

/** Loads the C library of 64-bit Linux, or throws ENOSYS with what to do. */
export async function loadNative(op: string): Promise<Native> {
  if (native) return native;
  if (process.platform !== 'linux' || endianness() !== 'LE' || !LITTLE_ENDIAN_64.includes(process.arch)) {
    const here = `${process.platform} on ${process.arch}`;
    throw new KernelError(
      'ENOSYS',
      op,
      `works on 64-bit little-endian Linux only, this is ${here}; use udp or pcap:FILE`,
    );
  }
  const loaded = await loadKoffi(op);
  const lib = loaded.load(null);
  const p = 'uintptr_t';
  const f = (name: string, result: string, args: string[]) => lib.func(name, result, args) as never;
  const syscall = f('syscall', 'long', ['long', p, p, p]) as Libc['syscall'] & { async: Libc['syscallOnPool'] };
  const libc: Libc = {
    socket: f('socket', 'int', ['int', 'int', 'int']),
    bind: f('bind', 'int', ['int', p, 'uint32_t']),
    close: f('close', 'int', ['int']),
    setsockopt: f('setsockopt', 'int', ['int', 'int', 'int', p, 'uint32_t']),
    getsockopt: f('getsockopt', 'int', ['int', 'int', 'int', p, p]),
    ioctl: f('ioctl', 'int', ['int', 'unsigned long', p]),
    sendto: f('sendto', 'intptr_t', ['int', p, 'size_t', 'int', p, 'uint32_t']),
    sendmmsg: f('sendmmsg', 'int', ['int', p, 'uint32_t', 'int']),
    recv: f('recv', 'intptr_t', ['int', p, 'size_t', 'int']),
    poll: f('poll', 'int', [p, 'unsigned long', 'int']),
    mmap: f('mmap', 'intptr_t', [p, 'size_t', 'int', 'int', 'int', 'int64_t']),
    munmap: f('munmap', 'int', [p, 'size_t']),
    syscall,
    syscallOnPool: syscall.async,
    prctl: f('prctl', 'int', ['int', 'unsigned long', 'unsigned long', 'unsigned long', 'unsigned long']),
  };
  native = { koffi: loaded, libc, errno: () => loaded.errno() };
  return native;
}

/** Returns the address of the heap's byte 0 in the process's memory. */
export function heapAddress(native: Native, heap: Heap): number {
  return Number(native.koffi.address(heap.buffer));
}

const NAMES = new Map<number, Errno>(Object.entries(ERRNO).map(([name, value]) => [value, name as Errno]));
// These names do not exist in the core, so each becomes the nearest one that does.
NAMES.set(constants.errno.EAFNOSUPPORT, 'EOPNOTSUPP');
NAMES.set(constants.errno.EPROTONOSUPPORT, 'EOPNOTSUPP');
NAMES.set(constants.errno.EMFILE, 'ENOBUFS');
NAMES.set(constants.errno.ENFILE, 'ENOBUFS');
NAMES.set(constants.errno.EADDRINUSE, 'EBUSY');

/** Returns the name of an error number, or EIO if it has none. */
export function errnoName(errno: number): Errno {
  return NAMES.get(errno) ?? 'EIO';
}

/** Returns the error number for the words that a native package reports; EIO for unknown words. */
export function textErrno(text: string): number {
  const found = WORDS.find(([words]) => text.toLowerCase().includes(words));
  return constants.errno[found ? found[1] : 'EIO'];
}

const WORDS: readonly (readonly [string, keyof typeof constants.errno])[] = [
  ['message too long', 'EMSGSIZE'],
  ['no buffer space', 'ENOBUFS'],
  ['temporarily unavailable', 'EAGAIN'],
  ['no such device or address', 'ENXIO'],
  ['no such device', 'ENODEV'],
  ['network is down', 'ENETDOWN'],
  ['is not up', 'ENETDOWN'],
  ['not permitted', 'EPERM'],
  ['permission denied', 'EACCES'],
  ['permission to', 'EPERM'],
];

/** What a user can do about an error, by the error's name. */
export type Remedies = Partial<Record<Errno, string>>;

/**
 * Makes the error of the transport `spec` ("af-packet:eth0"): what it was doing, why it failed, and
 * what to do. `remedies` take precedence over those that hold for all transports.
 */
export function transportError(errno: number, spec: string, doing: string, remedies: Remedies = {}): KernelError {
  const code = errnoName(errno);
  const name = code === 'EIO' ? `error ${errno}` : code;
  const remedy = remedies[code] ?? REMEDY[code] ?? 'see `doctor` for what works here';
  return new KernelError(code, spec, `${spec}: ${doing} failed (${name}): ${remedy}`);
}

/** Makes the same for an error of Node's own API; only the given remedies apply. */
export function systemError(error: unknown, spec: string, doing: string, remedies: Remedies): KernelError {
  const errno = constants.errno[(error as NodeJS.ErrnoException).code as keyof typeof constants.errno] ?? ERRNO.EIO;
  const code = errnoName(errno);
  const remedy = remedies[code] ?? REMEDY[code] ?? (error as Error).message;
  return new KernelError(code, spec, `${spec}: ${doing} failed (${code}): ${remedy}`, { cause: error });
}

const REMEDY: Remedies = {
  EPERM: 'run it as root or give node CAP_NET_RAW (`setcap cap_net_raw+ep` on the binary)',
  EACCES: 'run it as root or give node CAP_NET_RAW (`setcap cap_net_raw+ep` on the binary)',
  ENODEV: 'there is no such interface; `doctor` lists them',
  ENXIO: 'the interface is gone; `doctor` lists those there are',
  ENETDOWN: 'the interface is down; bring it up with `ip link set IF up`',
  EMSGSIZE: 'the frame is longer than the interface allows; raise its MTU or send shorter lines',
  ENOBUFS: 'the kernel is out of buffers or descriptors; send slower or raise the limit',
  ENOMEM: 'the kernel is out of memory it may lock; raise `ulimit -l`',
  EBUSY: 'another program has this interface and queue; close it, or use af-packet',
  EOPNOTSUPP: 'the kernel or the driver cannot do this; use af-packet',
  EINVAL: 'there is no such queue, or the kernel or the driver cannot do this; use af-packet',
  EADDRNOTAVAIL: 'the address is not one of this machine; give another',
};
