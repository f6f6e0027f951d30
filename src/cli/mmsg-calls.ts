/** The C library's calls that `listen-mmsg.ts` needs beside those of every transport. */
import type { Native } from '../transport/native.js';

/** Functions of the C library. Addresses are numbers; a result of -1 is an error. */
export interface Calls {
  /** `address` is that of a sockaddr, and `length` that of a 32-bit word with its size. */
  getsockname(fd: number, address: number, length: number): number;
  /** Returns how many datagrams it read into the `count` mmsghdr at `messages`. */
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number;
  /** Returns a new descriptor. */
  eventfd(value: number, flags: number): number;
  /** Writes `length` bytes from the address `at`; returns how many were written. */
  write(fd: number, at: number, length: number): number;
  /**
   * Waits, in a thread of libuv's pool, for one of the `count` pollfd at `fds`, then calls `done`.
   */
  poll: { async(fds: number, count: number, timeoutMs: number, done: (error: unknown, ready: number) => void): void };
}

/** Finds the functions in this process. */
export function loadCalls(native: Native): Calls {
  const lib = native.koffi.load(null);
  const p = 'uintptr_t';
  const f = (name: string, result: string, args: string[]) => lib.func(name, result, args) as never;
  return {
    getsockname: f('getsockname', 'int', ['int', p, p]),
    recvmmsg: f('recvmmsg', 'int', ['int', p, 'uint32_t', 'int', p]),
    eventfd: f('eventfd', 'int', ['uint32_t', 'int']),
    write: f('write', 'intptr_t', ['int', p, 'size_t']),
    poll: f('poll', 'int', [p, 'unsigned long', 'int']),
  };
}
