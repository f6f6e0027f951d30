/** configfs as user space calls it: each call opens the kernel's door by itself. */
import type { ConfigFs } from '../configfs/index.js';

/**
 * The calls of configfs, each one system call. Paths begin below the mount point:
 * `netconsole/t1/enabled`.
 */
export interface ConfigFsCalls {
  /**
   * Makes a directory. ENOENT, ENOTDIR, EEXIST, ENAMETOOLONG; EPERM where the kernel takes none.
   */
  mkdir(path: string): void;
  /**
   * Removes a directory that `mkdir` made. ENOENT, ENOTDIR, ENOTEMPTY; EPERM for one that the
   * kernel made.
   */
  rmdir(path: string): void;
  /**
   * The names in a directory: attributes, default directories, then what users made. ENOENT,
   * ENOTDIR.
   */
  readdir(path: string): readonly string[];
  /** The text of an attribute, with its newline. ENOENT, EISDIR, EACCES. */
  read(path: string): string;
  /** One write(2); returns the bytes taken. */
  write(path: string, data: string | Uint8Array): number;
  /** What the path names; undefined if nothing is there. */
  kind(path: string): 'group' | 'attribute' | undefined;
  /** Whether an attribute could be opened for writing. */
  writable(path: string): boolean;
}

/** `configfs`, each call of it through `call`. */
export function configFsCalls(configfs: ConfigFs, call: <T>(fn: () => T) => T): ConfigFsCalls {
  return {
    mkdir: (path) => call(() => configfs.mkdir(path)),
    rmdir: (path) => call(() => configfs.rmdir(path)),
    readdir: (path) => call(() => configfs.readdir(path)),
    read: (path) => call(() => configfs.read(path)),
    write: (path, data) => call(() => configfs.write(path, data)),
    kind: (path) => call(() => configfs.kind(path)),
    writable: (path) => call(() => configfs.writable(path)),
  };
}
