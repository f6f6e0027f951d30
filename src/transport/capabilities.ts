/**
 * Tells which Linux capabilities this process has, and gives them up. Linux:
 * include/uapi/linux/capability.h.
 */

import { readFileSync } from 'node:fs';
import { KernelError } from '../errno.js';
import { defaultHeap } from '../memory/heap.js';
import { checkArgument, wholeNumber } from '../options.js';
import { heapAddress, loadNative, transportError } from './native.js';

/** The capability to change interfaces and to attach XDP programs. */
export const CAP_NET_ADMIN = 12;
/** The capability to open packet sockets, AF_XDP sockets and raw sockets. */
export const CAP_NET_RAW = 13;
/** The capability to make BPF maps and load programs, since Linux 5.8. */
export const CAP_BPF = 39;

const LINUX_CAPABILITY_VERSION_3 = 0x20080522;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const SYS_CAPSET: Record<string, number> = { x64: 126, arm64: 91, riscv64: 91, loong64: 91 };
const LAST_CAPABILITY = 63;

/** Says whether the process may use the capability now; false on systems without capabilities. */
export function hasCapability(capability: number): boolean {
  checkArgument('hasCapability', 'capability', capability, wholeNumber(0, LAST_CAPABILITY));
  try {
    const [, mask] = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
    return ((BigInt(`0x${mask}`) >> BigInt(capability)) & 1n) === 1n;
  } catch {
    return false;
  }
}

/**
 * Gives up every capability for good, for the calling thread and all that it starts. Open devices
 * go on sending; no new one can be opened. Node's helper threads keep theirs: they do file and name
 * work, and send for `xdp:IF:overlap`. Throws ENOSYS on systems without capabilities. The caller
 * must be the main thread, after its last `openDevice`.
 */
export async function dropCapabilities(): Promise<void> {
  const native = await loadNative('dropCapabilities');
  const { libc } = native;
  const number = SYS_CAPSET[process.arch];
  if (number === undefined) throw new KernelError('ENOSYS', 'dropCapabilities', `not known for ${process.arch}`);
  libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // This succeeds only with CAP_SETPCAP. If it fails, no harm is done: the bounding set does not
  // matter to a process that cannot gain capabilities.
  for (let capability = 0; capability <= LAST_CAPABILITY; capability++)
    libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  const heap = defaultHeap();
  const at = heap.alloc(32);
  try {
    // struct __user_cap_header_struct, then two __user_cap_data_struct of zeros.
    heap.u32[at >> 2] = LINUX_CAPABILITY_VERSION_3;
    const address = heapAddress(native, heap) + at;
    if (libc.syscall(number, address, address + 8, 0) !== 0) {
      throw transportError(native.errno(), 'dropCapabilities', 'giving up capabilities');
    }
  } finally {
    heap.free(at);
  }
}
