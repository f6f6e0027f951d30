/**
 * Prevents two runs from writing one file, which would garble it. Whoever opens a file to write
 * asks here whether anyone else has it open for writing.
 *
 * The answer comes from /proc, so it needs no lock that a crash leaves behind, and covers any
 * program that writes the file, such as `tcpdump -w`. If two open the file at once, both see each
 * other. Programs of other users and of other machines are not seen, nor anything without /proc.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { KernelError } from '../errno.js';

const WRITES = 0o3;
/** File descriptors below this are not checked: standard output may be any file. */
const FIRST_OWN_FD = 3;

/** Throws EBUSY if anything but `fd` of this process has the file at `path` open for writing. */
export function refuseSecondWriter(fd: number, path: string): void {
  const file = linkOf('self', String(fd));
  if (file === undefined || /^\/(dev|proc)\//.test(path)) return;
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    const own = Number(pid) === process.pid;
    for (const other of list(`/proc/${pid}/fd`)) {
      if (own && (Number(other) === fd || Number(other) < FIRST_OWN_FD)) continue;
      if (linkOf(pid, other) !== file || !writes(pid, other)) continue;
      const who = own ? 'this process' : `process ${pid}`;
      throw new KernelError('EBUSY', 'open', `${path}: ${who} is writing it; end that, or name another file`);
    }
  }
}

function writes(pid: string, fd: string): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & WRITES) !== 0;
  } catch {
    return false;
  }
}

function linkOf(pid: string, fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return undefined;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
