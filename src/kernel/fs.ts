/** configfs as user space calls it: each function is one system call of the kernel's. */
import type { ConfigFs } from '../configfs/index.js';
import { aString, textOrBytes } from './arguments.js';

/**
 * Calls of configfs; each is one system call. Paths begin below the mount point:
 * `netconsole/t1/enabled`.
 */
export interface ConfigFsCalls {
  /**
   * Makes a directory. Throws ENOENT, ENOTDIR, EEXIST or ENAMETOOLONG, and EPERM where users may
   * make none.
   */
  mkdir(path: string): void;
  /**
   * Removes a directory that `mkdir` made. Throws ENOENT, ENOTDIR or ENOTEMPTY, and EPERM for a
   * directory that the kernel made.
   */
  rmdir(path: string): void;
  /**
   * Returns the names in a directory: first attributes, then default directories, then directories
   * that users made. Throws ENOENT or ENOTDIR.
   */
  readdir(path: string): readonly string[];
  /** Returns the text of an attribute, with its newline. Throws ENOENT, EISDIR or EACCES. */
  read(path: string): string;
  /** Writes to an attribute, as one write(2); returns how many bytes were taken. */
  write(path: string, data: string | Uint8Array): number;
  /** Says what the path names; undefined if nothing is there. */
  kind(path: string): 'group' | 'attribute' | undefined;
  /** Says whether an attribute could be opened for writing. */
  writable(path: string): boolean;
}

/**
 * Wraps `configfs` so that each of its functions runs inside `call`. They throw EINVAL for a path
 * that is not a string, and for data that is neither text nor bytes.
 */
export function configFsCalls(configfs: ConfigFs, call: <T>(fn: () => T) => T): ConfigFsCalls {
  const at = <T>(op: string, path: string, fn: () => T) =>
    call(() => {
      aString(op, 'path', path);
      return fn();
    });
  return {
    mkdir: (path) => at('mkdir', path, () => configfs.mkdir(path)),
    rmdir: (path) => at('rmdir', path, () => configfs.rmdir(path)),
    readdir: (path) => at('readdir', path, () => configfs.readdir(path)),
    read: (path) => at('read', path, () => configfs.read(path)),
    write: (path, data) => at('write', path, () => configfs.write(path, textOrBytes('write', 'data', data))),
    kind: (path) => at('kind', path, () => configfs.kind(path)),
    writable: (path) => at('writable', path, () => configfs.writable(path)),
  };
}
