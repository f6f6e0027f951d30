/**
 * `pcap:FILE`: writes every frame into a capture file that Wireshark and tcpdump open.
 *
 * Frames are copied into a buffer, so their slots are free at once. The buffer is written when it
 * is full, when the device has been idle for a moment, and at `close`. If the disk is full, the
 * file is cut back to its last whole record, the lost frames are counted in `txErrors`, and the
 * device is gone.
 *
 * If the caller gives the clock, two runs can make identical files.
 *
 * @module
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { KernelError } from '../errno.js';
import { NETDEV_TX_OK, type NetdevTx } from '../net/device.js';
import { checkArgument, checkOptions, text } from '../options.js';
import { PCAP_HEADER_BYTES, PCAP_RECORD_HEADER_BYTES, pcapHeader, pcapRecordHeader } from '../wire/pcap.js';
import { DEFAULT_MAC, DEFAULT_NAME, LinkDevice } from './link.js';
import { systemError } from './native.js';
import { refuseSecondWriter } from './one-writer.js';
import { PCAP_FILE_RULES, type PcapFileOptions } from './options.js';

export type { PcapFileOptions } from './options.js';

const BUFFER_BYTES = 256 * 1024;
/** How long the buffer may wait, so that a reader that follows the file is not kept waiting. */
const IDLE_MS = 100;

/**
 * Creates or empties the file; the caller closes the device. Throws EACCES, ENOENT (no such
 * folder), EISDIR or ENOSPC; EBUSY if another run writes the file, which is then left as it was.
 */
export function openPcapFile(path: string, options: PcapFileOptions): PcapFileDevice {
  checkArgument('openPcapFile', 'path', path, text);
  checkOptions('openPcapFile', options, PCAP_FILE_RULES, ['now']);
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_CREAT);
  } catch (error) {
    throw fileError(error, path);
  }
  try {
    // What is not a plain file has nothing to be emptied, and may have many writers.
    if (fstatSync(fd).isFile()) {
      refuseSecondWriter(fd, path);
      ftruncateSync(fd, 0);
    }
    const header = pcapHeader({ nanosecond: options.nanosecond ?? false });
    writeAll(fd, header);
  } catch (error) {
    closeSync(fd);
    throw error instanceof KernelError ? error : fileError(error, path);
  }
  return new PcapFileDevice(path, fd, options);
}

/** A capture file as a device; `openPcapFile` makes it. */
export class PcapFileDevice extends LinkDevice {
  readonly #path: string;
  readonly #fd: number;
  readonly #now: () => number;
  readonly #nanosecond: boolean;
  /** The buffer's offset in the heap; it lies there so that a frame is copied without a view. */
  readonly #buffer: number;
  #used = 0;
  /** How many bytes the file has: its header and whole records. */
  #written = PCAP_HEADER_BYTES;
  #idle: NodeJS.Timeout | undefined;

  /** Use `openPcapFile`. @internal */
  constructor(path: string, fd: number, options: PcapFileOptions) {
    super({
      name: options.name ?? DEFAULT_NAME,
      mac: options.mac ?? Uint8Array.from(DEFAULT_MAC),
      caps: { medium: 'ethernet', mtu: options.mtu ?? 1500, padding: options.padding ?? 'none' },
      slots: options.slots ?? 64,
    });
    this.#path = path;
    this.#fd = fd;
    this.#now = options.now;
    this.#nanosecond = options.nanosecond ?? false;
    this.#buffer = this.slab.heap.alloc(BUFFER_BYTES);
  }

  /**
   * Appends the frame to the buffer, which is written when it is full, after a pause, and at the
   * end.
   */
  override startXmit(slot: number): NetdevTx {
    if (this.gone !== undefined || this.closed) return this.drop(slot);
    const { slab } = this;
    const start = slab.start[slot]!;
    const end = slab.end[slot]!;
    const length = end - start;
    if (length > this.longest) return this.refuse(slot);
    if (this.#used + PCAP_RECORD_HEADER_BYTES + length > BUFFER_BYTES) {
      this.#write();
      if (this.gone !== undefined) return this.drop(slot);
    }
    const at = this.#buffer + this.#used;
    pcapRecordHeader(slab.bytes, at, this.#now(), length, this.#nanosecond ? 'nsec' : 'usec');
    slab.bytes.copyWithin(at + PCAP_RECORD_HEADER_BYTES, start, end);
    this.#used += PCAP_RECORD_HEADER_BYTES + length;
    this.stats.txPackets++;
    this.stats.txBytes += length;
    slab.free(slot);
    this.#idle ??= setTimeout(() => this.#onIdle(), IDLE_MS);
    return NETDEV_TX_OK;
  }

  /** Does nothing, because a timer writes what the buffer holds. */
  override poll(): void {}

  protected override release(): void {
    clearTimeout(this.#idle);
    if (this.gone === undefined) this.#write();
    closeSync(this.#fd);
    this.slab.heap.free(this.#buffer);
  }

  #onIdle(): void {
    this.#idle = undefined;
    this.#write();
  }

  #write(): void {
    if (this.#used === 0) return;
    try {
      writeAll(this.#fd, this.slab.bytes.subarray(this.#buffer, this.#buffer + this.#used));
      this.#written += this.#used;
    } catch (error) {
      this.#fail(error);
    }
    this.#used = 0;
  }

  /** Takes back the counts of frames that the buffer held and that could not be written. */
  #fail(error: unknown): void {
    const { kept, packets, bytes } = this.#wholeRecords((error as { written?: number }).written ?? 0);
    try {
      ftruncateSync(this.#fd, this.#written + kept);
    } catch {
      // This is a pipe or a device, which cannot be cut back.
    }
    this.stats.txErrors += packets;
    this.stats.txPackets -= packets;
    this.stats.txBytes -= bytes;
    this.lost(fileError(error, this.#path));
  }

  /**
   * Finds what is whole in the buffer, of which `written` bytes are in the file: returns how many
   * of those belong to whole records (`kept`), and the number and bytes of the frames behind them.
   */
  #wholeRecords(written: number): { kept: number; packets: number; bytes: number } {
    const view = new DataView(this.slab.heap.buffer, this.#buffer);
    let kept = 0;
    let packets = 0;
    let bytes = 0;
    for (let at = 0; at < this.#used; ) {
      const length = view.getUint32(at + 8, true);
      at += PCAP_RECORD_HEADER_BYTES + length;
      if (at <= written) kept = at;
      else {
        packets++;
        bytes += length;
      }
    }
    return { kept, packets, bytes };
  }
}

/** Writes all bytes. If it throws, the error says in `written` how many bytes had been written. */
function writeAll(fd: number, bytes: Uint8Array): void {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch (error) {
    throw Object.assign(error as Error, { written });
  }
}

function fileError(error: unknown, path: string): KernelError {
  return systemError(error, `pcap:${path}`, 'writing the file', {
    ENOSPC: 'the disk is full; make room or write elsewhere',
    EACCES: 'the file may not be written; choose another or change its permissions',
    EPERM: 'the file may not be written; choose another or change its permissions',
    ENOENT: 'there is no such folder; make it first',
    ENOTDIR: 'part of the path is not a folder; correct it',
    EISDIR: 'that is a folder; name a file in it',
    EPIPE: 'the reader of the pipe has ended; start it again',
    EIO: 'the file cannot be written; choose another',
  });
}
