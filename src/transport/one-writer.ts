/**
 * Two runs that write one file make a file of neither. Who opens a file to write asks here whether
 * another has it open so already.
 *
 * The answer comes from /proc, so it needs no lock that a crash leaves behind, and sees any program
 * that writes the file, `tcpdump -w` too. Two that open it at once both see each other. Of other
 * users' programs, of other machines', and on systems without /proc nothing is known.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { KernelError } from '../errno.js';

const WRITES = 0o3;
/** Standard output and standard error may be any file. */
const FIRST_OWN_FD = 3;

/** EBUSY if anyone but `fd`, of this process, has the file at `path` open to write. */
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
