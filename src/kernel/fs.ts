/** configfs as user space calls it: each call opens the kernel's door by itself. */
import type { ConfigFs } from '../configfs/index.js';
import { aString, textOrBytes } from './arguments.js';

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

/** `configfs`, each call of it through `call`. EINVAL for a path or data that is none. */
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
