/**
 * `/sys/kernel/netoops/`: files with which user space fills in the header of packets.
 *
 * With `withDefects` it has a defect: the length of the blob is never kept, so that the blob reads
 * as empty and is sent as zeros.
 *
 * Source: drivers/net/netoops.c of the netoops series, patches 21 and 22.
 */
import { KernelError } from '../../errno.js';
import { NETOOPS_BLOB_BYTES } from '../../wire/netoops.js';
import { encodeText } from '../../wire/text.js';

/** The files of `/sys/kernel/netoops/`. */
const SYSFS_FILES = ['netoops_boot_id', 'netoops_user_blob'] as const;

/** What user space has written to these files. */
export class SysfsSettings {
  /** 32 bits, unsigned. */
  bootId = 0;
  readonly #blob = new Uint8Array(NETOOPS_BLOB_BYTES);
  #blobLength = 0;
  readonly #withDefects: boolean;
  readonly #log: (level: number, text: string) => void;

  constructor(log: (level: number, text: string) => void, { withDefects }: { readonly withDefects: boolean }) {
    this.#withDefects = withDefects;
    this.#log = log;
  }

  /** The blob that packets carry, without padding, as a view. */
  get userBlob(): Uint8Array {
    return this.#blob.subarray(0, this.#blobLength);
  }

  /** Reads a file. The boot id is shown as a signed number. Throws ENOENT for another name. */
  read(name: string): Uint8Array {
    if (name === 'netoops_boot_id') return Uint8Array.from(`${this.bootId | 0}\n`, (c) => c.charCodeAt(0));
    if (name === 'netoops_user_blob') return this.userBlob.slice();
    throw missing(name);
  }

  /**
   * Writes a file, as one write(2); returns how many bytes were taken, at most 128 of a blob.
   * Throws EINVAL for a boot id that is not a number, and ENOENT for another name.
   */
  write(name: string, data: string | Uint8Array): number {
    const bytes = typeof data === 'string' ? encodeText(data) : data;
    if (name !== 'netoops_boot_id' && name !== 'netoops_user_blob') throw missing(name);
    if (bytes.length === 0) return 0;
    if (name === 'netoops_boot_id') {
      this.#storeBootId(bytes);
      return bytes.length;
    }
    const taken = Math.min(bytes.length, NETOOPS_BLOB_BYTES);
    this.#blob.set(bytes.subarray(0, taken));
    if (!this.#withDefects) this.#blobLength = taken;
    return taken;
  }

  /**
   * Reads a number, decimal, or octal or hexadecimal by its prefix, which a newline may follow.
   * Linux: strict_strtoul() with base 0.
   */
  #storeBootId(bytes: Uint8Array): void {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    text = text.replace(/\0.*$/s, '').replace(/\n$/, '');
    const octal = /^0([0-7]+)$/.exec(text);
    const known = octal !== null || /^(?:0x[0-9a-f]+|0|[1-9]\d*)$/i.test(text);
    const value = known ? BigInt(octal ? `0o${octal[1]}` : text.toLowerCase()) : -1n;
    if (value < 0n || value >= 2n ** 64n) {
      throw new KernelError(
        'EINVAL',
        'netoops_boot_id',
        `"${text}" is not a number: decimal, 0x and hexadecimal, or 0 and octal`,
      );
    }
    if (value >= 2n ** 32n) this.#log(4, 'Warning: truncating boot_id to 32bits.');
    this.bootId = Number(value & 0xffffffffn);
  }
}

function missing(name: string): KernelError {
  return new KernelError(
    'ENOENT',
    'sysfs',
    `there is no ${name} in netoops's directory: known are ${SYSFS_FILES.join(', ')}`,
  );
}
