/**
 * /dev/kmsg: user space's way to write a record, and to read all of them.
 *
 *   const file = kmsg.open();
 *   file.write('<4>a warning\n');       // one write, one record
 *   file.read();                        // '12,345,678901,-;a warning\n'
 *   file.close();
 *
 * Every open file has its own position and its own rate limit: with printk.devkmsg=ratelimit, ten
 * writes in five seconds. Writes that are refused are counted, and the count is logged when the
 * file is closed.
 *
 * Linux: kernel/printk/printk.c devkmsg_open(), devkmsg_write(), devkmsg_read(), devkmsg_llseek().
 */
import { KernelError } from '../errno.js';
import type { Profile } from '../profile/index.js';
import { encodeText } from '../wire/text.js';
import { type FormatOptions, formatExt } from './format.js';
import type { PrintkOptions, PrintkStore } from './printk.js';
import { type RatelimitState, ratelimit, ratelimitState } from './ratelimit.js';
import {
  LOG_CONT,
  LOG_OWN_CONT,
  LOG_OWN_MORE,
  LOG_PREFIX,
  type LogLevel,
  type PrintkRecord,
  printkRecord,
} from './record.js';
import { firstValidSeq, readValid } from './ring.js';

/**
 * Who may write to /dev/kmsg: everybody, nobody, or everybody at a limited rate. Linux:
 * printk.devkmsg=.
 */
export type DevkmsgMode = 'on' | 'off' | 'ratelimit';

/** What /dev/kmsg asks of its kernel. */
export interface KmsgHost {
  /** What the kernel's version does. */
  readonly profile: Profile;
  /** The log, and the task that writes. */
  readonly store: PrintkStore;
  /** How records are formatted for readers. */
  readonly format: FormatOptions;
  /** How many ticks a second has. */
  readonly HZ: number;
  /** The time in ticks, by which the limit of the rate is counted. */
  readonly jiffies: number;
  /** Throws EBADF once the kernel is closed. */
  checkOpen(): void;
  /** Stores a message and prints it. */
  printk(text: Uint8Array | string, options: PrintkOptions): number;
}

const FLAG_NONE = 0x2d;
const FLAG_CONT = 0x63;
/** `+`: a further fragment. */
const FLAG_MORE = 0x2b;

/** /dev/kmsg of one kernel. */
export class Kmsg {
  /** Who may write. It counts for files that are open already, too. */
  mode: DevkmsgMode = 'ratelimit';
  /**
   * The oldest seq that a reader which seeks to the data sees. Linux: clear_seq, moved by syslog's
   * clear.
   */
  clearSeq = 0;
  readonly #host: KmsgHost;

  constructor(host: KmsgHost) {
    this.#host = host;
  }

  /** Opens the file. Throws EPERM while printk.devkmsg=off. */
  open(): KmsgFile {
    if (this.mode === 'off')
      throw new KernelError('EPERM', 'devkmsg_open', 'printk.devkmsg=off: /dev/kmsg cannot be opened');
    return new KmsgFile(this.#host, this);
  }

  /** Returns all records that are still in the ring, as reading from the start prints them. */
  *records(): Generator<Uint8Array> {
    const { ring } = this.#host.store;
    const record = printkRecord();
    let seq = 0;
    let previous = 0;
    while (readValid(ring, seq, record)) {
      seq = record.seq + 1;
      yield readFormatted(this.#host, record, previous);
      previous = record.flags;
    }
  }
}

function readFormatted(host: KmsgHost, record: PrintkRecord, previousFlags: number): Uint8Array {
  const { heap } = host.store;
  const out = heap.borrow();
  const flag = extFlag(host.profile, record.flags, previousFlags);
  const n = formatExt(heap, record, out, host.profile.extMax, host.format, flag);
  const copy = heap.bytes.slice(out, out + n);
  heap.giveBack(out);
  return copy;
}

/**
 * Returns the fourth field of the header. Up to 4.9 it tells whether a fragment begins a line or
 * follows another.
 */
export function extFlag({ fragmentFlag }: Profile, flags: number, previousFlags: number): number {
  if ((flags & LOG_OWN_MORE) !== 0) return FLAG_MORE;
  const cont = (flags & (LOG_CONT | LOG_OWN_CONT)) !== 0;
  if (fragmentFlag !== 'c' && (previousFlags & LOG_CONT) !== 0) {
    if (cont || (fragmentFlag === 'c+' && (flags & LOG_PREFIX) === 0)) return FLAG_MORE;
  }
  return cont ? FLAG_CONT : FLAG_NONE;
}

/** One open file. */
export class KmsgFile {
  readonly #host: KmsgHost;
  readonly #limit: RatelimitState;
  readonly #kmsg: Kmsg;
  readonly #record = printkRecord();
  #seq: number;
  #previous = 0;

  constructor(host: KmsgHost, kmsg: Kmsg) {
    this.#host = host;
    this.#kmsg = kmsg;
    this.#limit = ratelimitState(host.HZ);
    this.#seq = firstValidSeq(host.store.ring);
  }

  /**
   * Writes one record, as one write(2). Returns its length. Throws EINVAL over the limit. A record
   * that the rate limit refuses is no error.
   */
  write(data: string | Uint8Array): number {
    this.#host.checkOpen();
    const { store, profile } = this.#host;
    const bytes = typeof data === 'string' ? encodeText(data) : data;
    const max = profile.kmsgWriteMax - (profile.callerTakesRecord ? 1024 - 32 - store.recordMax : 0);
    if (bytes.length > max) {
      throw new KernelError(
        'EINVAL',
        'devkmsg_write',
        `a write of ${bytes.length} bytes: /dev/kmsg takes ${max} at most`,
      );
    }
    if (profile.kmsgRatelimit) {
      if (this.#kmsg.mode === 'off') return bytes.length;
      if (this.#kmsg.mode === 'ratelimit' && !ratelimit(this.#limit, this.#host.jiffies)) return bytes.length;
    }
    let level = store.defaultMessageLoglevel;
    let facility = 1;
    let from = 0;
    if (bytes[0] === 0x3c) {
      // Reads an unsigned number modulo 2^32; if there are no digits, it is 0.
      let u = 0;
      let i = 1;
      for (; bytes[i]! >= 0x30 && bytes[i]! <= 0x39; i++) u = (u * 10 + bytes[i]! - 0x30) % 2 ** 32;
      if (bytes[i] === 0x3e) {
        level = u & 7;
        const said = u >>> 3;
        if (profile.kmsgFacility === 'whole' ? said !== 0 : (said & 0xff) !== 0) facility = said & 0xff;
        from = i + 1;
      }
    }
    const nul = bytes.indexOf(0, from);
    const text = bytes.subarray(from, nul < 0 ? bytes.length : nul);
    this.#host.printk(text, { facility, level: level as LogLevel });
    return bytes.length;
  }

  /**
   * Returns the next record in extended form, or undefined if there is none yet (EAGAIN). If
   * records were lost since the last read, it throws EPIPE once, and the next read gives the oldest
   * record.
   */
  read(): Uint8Array | undefined {
    this.#host.checkOpen();
    const { store } = this.#host;
    if (!readValid(store.ring, this.#seq, this.#record)) return undefined;
    const lost = this.#record.seq !== this.#seq;
    if (lost) {
      this.#seq = this.#record.seq;
      this.#previous = 0;
      throw new KernelError(
        'EPIPE',
        'devkmsg_read',
        'records were overwritten before they were read; reading goes on at the oldest',
      );
    }
    const out = readFormatted(this.#host, this.#record, this.#previous);
    this.#previous = this.#record.flags;
    this.#seq++;
    return out;
  }

  /**
   * Moves to the oldest record (`set`), the first after the last clear (`data`), or behind the
   * newest (`end`).
   */
  seek(whence: 'set' | 'data' | 'end'): void {
    this.#host.checkOpen();
    const { ring } = this.#host.store;
    if (whence === 'set') this.#seq = firstValidSeq(ring);
    else if (whence === 'data') this.#seq = this.#kmsg.clearSeq;
    else this.#seq = ring.finalSeq;
  }

  /** Closes the file, and logs how many writes the rate limit refused. */
  close(): void {
    const { missed } = this.#limit;
    if (missed === 0) return;
    this.#limit.missed = 0;
    this.#host.printk(`${this.#host.store.current.comm}: ${missed} output lines suppressed due to ratelimiting\n`, {
      level: 4,
    });
  }
}
