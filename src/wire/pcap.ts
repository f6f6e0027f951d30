/**
 * Writes and reads classic capture files: `PcapWriter` makes the bytes, and `PcapReader` takes them
 * apart as they come. There is no I/O.
 *
 * A file has a header of 24 bytes, then records, each a header of 16 bytes and the frame. The magic
 * number tells the byte order, and whether the fraction of a second counts micro- or nanoseconds.
 * Format: draft-ietf-opsawg-pcap. The "modified" form of Alexey Kuznetsov's libpcap patches, which
 * some routers still write, has 8 more bytes in each record's header.
 */
import { checkOptions, flag, type OptionRules, wholeNumber } from '../options.js';
import { Parts } from './parts.js';

/** The length of the file's header, in bytes. */
export const PCAP_HEADER_BYTES = 24;
/** The length of a record's header, which stands in front of each frame, in bytes. */
export const PCAP_RECORD_HEADER_BYTES = 16;
/**
 * The length of the longest frame that is read. libpcap and Wireshark have the same for Ethernet.
 */
export const PCAP_MAX_RECORD_BYTES: number = 256 * 1024;
/** The link type of frames that begin with an Ethernet header. */
export const LINKTYPE_ETHERNET = 1;
/** The link type of raw IP packets: the upper half of their first byte tells the version. */
export const LINKTYPE_RAW = 101;

const MAGIC_USEC = 0xa1b2c3d4;
const MAGIC_NSEC = 0xa1b23c4d;
const MAGIC_MODIFIED = 0xa1b2cd34;
const MAGIC_PCAPNG = 0x0a0d0d0a;
/** The size of interface index, protocol, packet type and padding in a "modified" record. */
const MODIFIED_EXTRA_BYTES = 8;

/** How a capture file is written. */
export interface PcapOptions {
  /** Writes timestamps in nanoseconds; default: microseconds. */
  readonly nanosecond?: boolean;
  /** The link type of all frames; default LINKTYPE_ETHERNET. */
  readonly linktype?: number;
}

const RULES: OptionRules<PcapOptions> = { nanosecond: flag, linktype: wholeNumber(0, 0xffff) };

/** Makes the file's header, little-endian. Throws EINVAL, with the name, for a wrong option. */
export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  checkOptions('pcapHeader', options, RULES);
  const bytes = new Uint8Array(PCAP_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, options.nanosecond ? MAGIC_NSEC : MAGIC_USEC, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, PCAP_MAX_RECORD_BYTES, true);
  view.setUint32(20, options.linktype ?? LINKTYPE_ETHERNET, true);
  return bytes;
}

/**
 * Writes a record's header, of 16 bytes, at `at`, for a frame of `length` bytes that was not cut.
 * `tsUsec` counts from any epoch and is not negative. `unit` is that of the file's stamps; `usec`
 * drops a fraction of `tsUsec`.
 */
export function pcapRecordHeader(
  bytes: Uint8Array,
  at: number,
  tsUsec: number,
  length: number,
  unit: 'usec' | 'nsec' = 'usec',
): void {
  let seconds = Math.floor(tsUsec / 1e6);
  const rest = tsUsec - seconds * 1e6;
  let fraction = unit === 'nsec' ? Math.round(rest * 1000) : Math.floor(rest);
  if (fraction >= 1e9) {
    fraction -= 1e9;
    seconds++;
  }
  put32(bytes, at, seconds);
  put32(bytes, at + 4, fraction);
  put32(bytes, at + 8, length);
  put32(bytes, at + 12, length);
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = (value >>> 24) & 0xff;
}

/** Makes the bytes of a capture file, which the caller writes. */
export class PcapWriter {
  readonly #options: PcapOptions;

  /** Throws EINVAL, with the name, for a wrong option. */
  constructor(options: PcapOptions = {}) {
    checkOptions('PcapWriter', options, RULES);
    this.#options = options;
  }

  /** Returns the header that a capture file begins with, in new memory. */
  header(): Uint8Array {
    return pcapHeader(this.#options);
  }

  /** Returns a record in new memory. `tsUsec` is as in `pcapRecordHeader`. */
  record(frame: Uint8Array, tsUsec: number): Uint8Array {
    const bytes = new Uint8Array(PCAP_RECORD_HEADER_BYTES + frame.length);
    pcapRecordHeader(bytes, 0, tsUsec, frame.length, this.#options.nanosecond ? 'nsec' : 'usec');
    bytes.set(frame, PCAP_RECORD_HEADER_BYTES);
    return bytes;
  }
}

/** What a capture file's header says. */
export interface PcapFileHeader {
  /** The byte order of all numbers in the file. */
  readonly littleEndian: boolean;
  /** True if stamps count nanoseconds, false if they count microseconds. */
  readonly nanosecond: boolean;
  /** The link type of all frames: see `linktypeName`. */
  readonly linktype: number;
  /** The most bytes of a frame that the capture kept. */
  readonly snapLength: number;
  /** Set if each record's header is 8 bytes longer. */
  readonly modified?: true;
}

/** A frame of a capture. */
export interface PcapPacket {
  /**
   * When the frame was captured, in microseconds. Nanosecond files have a fraction, which is as
   * exact as a double is (about 0.25 µs for today's dates).
   */
  readonly tsUsec: number;
  /** The captured bytes, which the receiver may keep. */
  readonly frame: Uint8Array;
  /** The frame's length on the wire, more than `frame.length` if the capture cut it. */
  readonly originalLength: number;
  /** The position in the file at which the record begins. */
  readonly at: number;
}

/** What is wrong with a capture file. */
export interface PcapProblem {
  /**
   * `not-pcap`: there is no known header. `bad-record`: a length is not believable. `truncated`:
   * the file ends inside something.
   */
  readonly kind: 'not-pcap' | 'bad-record' | 'truncated';
  /** The position in the file at which the header or the unusable record begins. */
  readonly at: number;
  /** What is wrong, in one sentence. */
  readonly message: string;
}

/**
 * Reads a capture in pieces of any size. Holds one unfinished record at most.
 *
 * @example
 * const reader = new PcapReader();
 * for (const chunk of file) for (const packet of reader.push(chunk)) show(packet);
 * const problem = reader.end();
 */
export class PcapReader {
  /** What the file's header says; undefined until its 24 bytes have come. */
  header: PcapFileHeader | undefined;
  /** The first problem of the file. Nothing behind it is read. */
  problem: PcapProblem | undefined;

  readonly #parts = new Parts(PCAP_HEADER_BYTES);
  /** The header of the record whose frame is being filled; undefined while a header is. */
  #record: { tsUsec: number; originalLength: number; at: number } | undefined;

  /** Takes the next bytes of the file and returns the records that they complete. */
  push(chunk: Uint8Array): PcapPacket[] {
    const packets: PcapPacket[] = [];
    let from = 0;
    while (from < chunk.length && this.problem === undefined) {
      from += this.#parts.fill(chunk, from);
      // A frame without bytes is complete at once.
      while (this.#parts.full && this.problem === undefined) this.#complete(packets);
    }
    return packets;
  }

  /** Ends the file and returns what was wrong with it, or undefined. */
  end(): PcapProblem | undefined {
    if (this.problem !== undefined) return this.problem;
    const { at, have, part, read } = this.#parts;
    if (this.header === undefined) {
      this.problem = notPcap(`not a pcap file: ${read} bytes are too few for the header of ${PCAP_HEADER_BYTES}`);
    } else if (this.#record !== undefined) {
      const wanted = `${part.length} bytes of the frame`;
      this.problem = truncated(
        this.#record.at,
        `${have} of ${wanted} of the record at byte ${this.#record.at} are there`,
      );
    } else if (have > 0) {
      const wanted = `${part.length} bytes of the record header at byte ${at}`;
      this.problem = truncated(at, `${have} of ${wanted} are there`);
    }
    return this.problem;
  }

  #complete(packets: PcapPacket[]): void {
    const { part, at } = this.#parts;
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    if (this.header === undefined) {
      const header = parseFileHeader(view);
      if ('kind' in header) {
        this.problem = header;
        return;
      }
      this.header = header;
    } else if (this.#record === undefined) {
      const { littleEndian, nanosecond } = this.header;
      const length = view.getUint32(8, littleEndian);
      if (length > PCAP_MAX_RECORD_BYTES) {
        const message =
          `the record at byte ${at} claims ${length} bytes; more than ${PCAP_MAX_RECORD_BYTES} are not believed: ` +
          'if the file is not damaged, its records are of a variant; convert it with `editcap -F pcap IN OUT`';
        this.problem = { kind: 'bad-record', at, message };
        return;
      }
      const fraction = view.getUint32(4, littleEndian);
      this.#record = {
        tsUsec: view.getUint32(0, littleEndian) * 1e6 + (nanosecond ? fraction / 1000 : fraction),
        originalLength: view.getUint32(12, littleEndian),
        at,
      };
      this.#parts.next(length);
      return;
    } else {
      packets.push({ ...this.#record, frame: part });
      this.#record = undefined;
    }
    this.#parts.next(PCAP_RECORD_HEADER_BYTES + (this.header.modified ? MODIFIED_EXTRA_BYTES : 0));
  }
}

function parseFileHeader(view: DataView): PcapFileHeader | PcapProblem {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === MAGIC_PCAPNG) return notPcap('this is a pcapng file, which `PcapngReader` reads');
    if (magic !== MAGIC_USEC && magic !== MAGIC_NSEC && magic !== MAGIC_MODIFIED) continue;
    const major = view.getUint16(4, littleEndian);
    if (major !== 2) return notPcap(`pcap version ${major} is not known, only 2`);
    return {
      littleEndian,
      nanosecond: magic === MAGIC_NSEC,
      // The upper half of the field describes frame check sequences.
      linktype: view.getUint32(20, littleEndian) & 0xffff,
      snapLength: view.getUint32(16, littleEndian),
      ...(magic === MAGIC_MODIFIED && { modified: true }),
    };
  }
  const magic = view.getUint32(0).toString(16).padStart(8, '0');
  return notPcap(`not a pcap file: it begins with ${magic}, none of pcap's magic numbers`);
}

function notPcap(message: string): PcapProblem {
  return { kind: 'not-pcap', at: 0, message };
}

/** Makes the problem of a file that ends inside what begins at byte `at`. */
export function truncated(at: number, message: string): PcapProblem {
  return { kind: 'truncated', at, message: `the file is cut short: ${message}` };
}
