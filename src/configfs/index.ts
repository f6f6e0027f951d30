/**
 * configfs: a tree of directories that user space makes and attributes that drivers serve. Any
 * driver can add its subsystem to it. The rules of the tree itself are here.
 *
 *   const root = new ConfigFs();
 *   root.register(configGroup('netconsole', { makeItem: (name) => newTarget(name) }));
 *   root.mkdir('netconsole/t1');               // asks the driver for the new directory
 *   root.write('netconsole/t1/enabled', '1\n'); // one write(2), one store
 *   root.read('netconsole/t1/enabled');        // '1\n'
 *   root.rmdir('netconsole/t1');
 *
 * A directory is a group: attributes, default directories that come with it, and directories that
 * users made, in the order they made them. Errors are the kernel's, as KernelError.
 *
 * Linux: fs/configfs/dir.c, file.c.
 */
import { KernelError } from '../errno.js';
import { encodeText } from '../wire/text.js';

/** One file. In text, each character is one byte. */
export interface ConfigAttribute {
  /** Returns what a read gives, its newline included. Absent: reading throws EACCES. */
  show?(): string;
  /**
   * Takes one write(2) of `count` bytes, at most 4095, of which `text` is what stands before the
   * first NUL. Returns how many bytes count as written. Absent: writing throws EACCES.
   */
  store?(text: string, count: number): number;
}

/** A directory: its attributes, the directories in it, and what the driver does with them. */
export interface ConfigGroup {
  /** The directory's name, at most 255 bytes. */
  readonly name: string;
  /** The files in the directory, by name, in the order in which they are listed. */
  readonly attributes: Readonly<Record<string, ConfigAttribute>>;
  /** Directories that come and go with this one. */
  readonly defaults: readonly ConfigGroup[];
  /** Directories that users made, by name, in the order in which they were made. */
  readonly children: Map<string, ConfigGroup>;
  /** Makes a directory, or throws the driver's errno; absent: users may make none here (EPERM). */
  readonly makeItem?: ((name: string) => ConfigGroup) | undefined;
  /** Explains why a child is not there; undefined if there is nothing to explain. */
  readonly missing?: ((name: string) => string | undefined) | undefined;
  /** Hears that a child was removed. */
  readonly dropItem?: ((child: ConfigGroup) => void) | undefined;
}

/** Makes a directory; parts that are left out are empty. */
export function configGroup(name: string, parts: Partial<Omit<ConfigGroup, 'name' | 'children'>> = {}): ConfigGroup {
  return {
    name,
    attributes: parts.attributes ?? {},
    defaults: parts.defaults ?? [],
    children: new Map(),
    makeItem: parts.makeItem,
    missing: parts.missing,
    dropItem: parts.dropItem,
  };
}

/** A write takes at most a page, less the terminator. Linux: SIMPLE_ATTR_SIZE. */
const STORE_MAX = 4095;
const NAME_MAX = 255;

type Node =
  | { kind: 'group'; group: ConfigGroup; isDefault: boolean }
  | { kind: 'attribute'; attribute: ConfigAttribute };

/** The tree of one kernel. Paths begin below the mount point. */
export class ConfigFs {
  readonly #root = configGroup('');

  /** Says whether the attribute at `path` could be opened for writing. */
  writable(path: string): boolean {
    const node = this.#find(path)?.node;
    return node?.kind === 'attribute' && node.attribute.store !== undefined;
  }

  /** Adds a subsystem. Throws EEXIST if there is one of that name. */
  register(subsystem: ConfigGroup): void {
    if (this.#root.children.has(subsystem.name)) throw fail('EEXIST', 'register', subsystem.name);
    this.#root.children.set(subsystem.name, subsystem);
  }

  /** Removes a subsystem and all that is below it, without asking its driver. */
  unregister(subsystem: ConfigGroup): void {
    this.#root.children.delete(subsystem.name);
  }

  /** Throws ENAMETOOLONG and ENOTDIR for a path that cannot be walked. */
  #find(path: string): { node: Node; parent: ConfigGroup } | undefined {
    let node: Node = { kind: 'group', group: this.#root, isDefault: true };
    let parent = this.#root;
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue;
      if (tooLong(name)) throw fail('ENAMETOOLONG', 'lookup', path);
      if (node.kind !== 'group') throw fail('ENOTDIR', 'lookup', path);
      parent = node.group;
      const below = lookup(parent, name);
      if (below === undefined) return undefined;
      node = below;
    }
    return { node, parent };
  }

  /** Says what stands at `path`; undefined if nothing does. */
  kind(path: string): 'group' | 'attribute' | undefined {
    return this.#find(path)?.node.kind;
  }

  /**
   * Makes a directory. Throws ENOENT, EEXIST, ENAMETOOLONG, EPERM where users may make none, or the
   * driver's error.
   */
  mkdir(path: string): void {
    const { dir, name } = split(path);
    const above = this.#find(dir)?.node;
    if (above === undefined) throw fail('ENOENT', 'mkdir', path);
    if (above.kind !== 'group') throw fail('ENOTDIR', 'mkdir', path);
    if (name === '' || name === '.' || name === '..' || lookup(above.group, name)) throw fail('EEXIST', 'mkdir', path);
    if (tooLong(name)) throw fail('ENAMETOOLONG', 'mkdir', path);
    if (above.group.makeItem === undefined) throw fail('EPERM', 'mkdir', path);
    if (name.includes('\0')) throw fail('EINVAL', 'mkdir', path);
    above.group.children.set(name, above.group.makeItem(name));
  }

  /**
   * Removes a directory. Throws ENOENT, ENOTDIR, EPERM if no user made it, and ENOTEMPTY while
   * directories that users made are below it.
   */
  rmdir(path: string): void {
    if (/(^|\/)\.\/*$/.test(path)) throw fail('EINVAL', 'rmdir', path);
    const found = this.#find(path);
    if (found === undefined) throw fail('ENOENT', 'rmdir', path);
    if (found.node.kind !== 'group') throw fail('ENOTDIR', 'rmdir', path);
    const { group, isDefault } = found.node;
    if (isDefault || found.parent === this.#root) throw fail('EPERM', 'rmdir', path);
    if (occupied(group)) throw fail('ENOTEMPTY', 'rmdir', path);
    found.parent.children.delete(group.name);
    found.parent.dropItem?.(group);
  }

  /**
   * Returns the names in a directory: attributes, default directories, then directories that users
   * made. Throws ENOENT or ENOTDIR.
   */
  readdir(path: string): string[] {
    const node = this.#find(path)?.node;
    if (node === undefined) throw fail('ENOENT', 'readdir', path, this.#hint(path));
    if (node.kind !== 'group') throw fail('ENOTDIR', 'readdir', path);
    const { attributes, defaults, children } = node.group;
    return [...Object.keys(attributes), ...defaults.map((d) => d.name), ...children.keys()];
  }

  /** Asks the deepest directory of `path` that exists why the next one does not. */
  #hint(path: string): string | undefined {
    const parts = path.split('/').filter((part) => part !== '');
    for (let i = parts.length - 1; i > 0; i--) {
      const node = this.#find(parts.slice(0, i).join('/'))?.node;
      if (node?.kind === 'group') return node.group.missing?.(parts[i]!);
    }
    return undefined;
  }

  #attribute(path: string, op: string, right: 'show' | 'store'): ConfigAttribute {
    const node = this.#find(path)?.node;
    if (node === undefined) throw fail('ENOENT', op, path, this.#hint(path));
    if (node.kind !== 'attribute') throw fail('EISDIR', op, path);
    if (node.attribute[right] === undefined) throw fail('EACCES', op, path);
    return node.attribute;
  }

  /** Returns an attribute's text with its newline, as the kernel shows it. */
  read(path: string): string {
    return this.#attribute(path, 'read', 'show').show!();
  }

  /**
   * Writes an attribute, as one write(2). Returns how many bytes count as written. Throws EFAULT if
   * `data` is empty.
   */
  write(path: string, data: string | Uint8Array): number {
    const attribute = this.#attribute(path, 'write', 'store');
    const bytes = typeof data === 'string' ? encodeText(data) : data;
    const count = Math.min(bytes.length, STORE_MAX);
    if (count === 0) throw fail('EFAULT', 'write', path);
    const nul = bytes.indexOf(0);
    let text = '';
    const end = nul < 0 ? count : Math.min(nul, count);
    for (let i = 0; i < end; i++) text += String.fromCharCode(bytes[i]!);
    return attribute.store!(text, count);
  }
}

/** Says whether a name is too long: the limit is in bytes. */
function tooLong(name: string): boolean {
  return name.length > NAME_MAX || (name.length > NAME_MAX / 3 && encodeText(name).length > NAME_MAX);
}

function lookup(group: ConfigGroup, name: string): Node | undefined {
  if (Object.hasOwn(group.attributes, name)) return { kind: 'attribute', attribute: group.attributes[name]! };
  const fixed = group.defaults.find((d) => d.name === name);
  if (fixed) return { kind: 'group', group: fixed, isDefault: true };
  const child = group.children.get(name);
  return child && { kind: 'group', group: child, isDefault: false };
}

function occupied(group: ConfigGroup): boolean {
  return group.children.size > 0 || group.defaults.some(occupied);
}

function split(path: string): { dir: string; name: string } {
  const trimmed = path.replace(/\/+$/, '');
  const at = trimmed.lastIndexOf('/');
  return { dir: trimmed.slice(0, Math.max(0, at)), name: trimmed.slice(at + 1) };
}

function fail(code: KernelError['code'], op: string, path: string, hint?: string): KernelError {
  const why = hint === undefined ? '' : `; ${hint}`;
  return new KernelError(code, `configfs_${op}`, `${op} ${path}: ${MEANING[code] ?? code}${why}`);
}

const MEANING: Partial<Record<KernelError['code'], string>> = {
  ENOENT: 'no such file or directory',
  EEXIST: 'it exists already',
  EPERM: 'not allowed here',
  EACCES: 'the attribute does not allow that',
  ENOTDIR: 'not a directory',
  EISDIR: 'it is a directory',
  ENOTEMPTY: 'directories are left below it',
  ENAMETOOLONG: 'the name is too long',
  EFAULT: 'nothing to write',
  EINVAL: 'not a name that can be made or removed',
};
