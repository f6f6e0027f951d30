/** The C library's calls that `listen-mmsg.ts` needs beside those of every transport. */
import type { Native } from '../transport/native.js';

/** Functions of the C library. Addresses are numbers; a result of -1 is an error. */
export interface Calls {
  getsockname(fd: number, address: number, length: number): number;
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number;
  eventfd(value: number, flags: number): number;
  write(fd: number, at: number, length: number): number;
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
