/**
 * Reads pcapng, which Wireshark and dumpcap write: `PcapngReader` takes the blocks apart as they
 * come. There is no I/O.
 *
 * A file is a row of sections. A section begins with a block that tells its byte order. Then
 * interfaces are described, each with a link type and a clock of its own, and each packet names its
 * interface. Blocks of other kinds (names, statistics, secrets, vendors') are skipped without being
 * held.
 * Format: draft-ietf-opsawg-pcapng.
 */
import { Parts } from './parts.js';
import { PCAP_MAX_RECORD_BYTES, type PcapPacket, type PcapProblem, truncated } from './pcap.js';

const BLOCK = { interface: 1, packet: 2, simple: 3, enhanced: 6, section: 0x0a0d0d0a } as const;
const PACKETS: ReadonlySet<number> = new Set([BLOCK.packet, BLOCK.simple, BLOCK.enhanced]);
const BYTE_ORDER = 0x1a2b3c4d;
/** A block begins with its type and length, and ends with the length again. */
const BLOCK_HEADER = 8;
const TRAILER = 4;
/** The length of the longest block that is read: it has room for a packet and its options. */
const MAX_BLOCK_BYTES = 4 * PCAP_MAX_RECORD_BYTES;
/** The most interfaces that a section is believed to have. */
const MAX_INTERFACES = 65536;
const OPTION = { end: 0, tsResolution: 9, tsOffset: 14 } as const;

/** A packet and the interface that it was captured on. */
export interface PcapngPacket extends PcapPacket {
  /** The link type of the interface: see `linktypeName`. */
  readonly linktype: number;
  /** True if the interface's clock is finer than a microsecond. */
  readonly nanosecond: boolean;
}

interface CaptureInterface {
  readonly linktype: number;
  readonly snapLength: number;
  /** How many units of the interface's stamps make a second. */
  readonly perSecond: number;
  /** How many seconds are added to the interface's stamps. */
  readonly offsetSeconds: number;
}

/**
 * Reads a pcapng file in pieces of any size. Holds at most one unfinished block and the interfaces
 * of one section.
 */
export class PcapngReader {
  /** The first problem of the file. Nothing behind it is read. */
  problem: PcapProblem | undefined;

  readonly #parts = new Parts(BLOCK_HEADER);
  #littleEndian: boolean | undefined;
  #interfaces: CaptureInterface[] = [];
  /** Type and total length of the block whose body is being filled; undefined while a header is. */
  #block: { readonly type: number; readonly length: number; readonly at: number } | undefined;

  /** Takes the next bytes of the file and returns the packets that they complete. */
  push(chunk: Uint8Array): PcapngPacket[] {
    const packets: PcapngPacket[] = [];
    let from = 0;
    while (from < chunk.length && this.problem === undefined) {
      from += this.#parts.fill(chunk, from);
      while (this.#parts.full && this.problem === undefined) this.#complete(packets);
    }
    return packets;
  }

  /** Ends the file and returns what was wrong with it, or undefined. */
  end(): PcapProblem | undefined {
    if (this.problem !== undefined) return this.problem;
    const { at, have, part, skipping } = this.#parts;
    if (skipping > 0) {
      this.problem = truncated(at, `the last block lacks ${skipping + part.length} bytes`);
    } else if (this.#block !== undefined) {
      const wanted = `${part.length} bytes of the block at byte ${this.#block.at}`;
      this.problem = truncated(this.#block.at, `${have} of ${wanted} are there`);
    } else if (have > 0 || this.#littleEndian === undefined) {
      this.problem = truncated(at, `${have} of ${part.length} bytes of the block header at byte ${at} are there`);
    }
    return this.problem;
  }

  #complete(packets: PcapngPacket[]): void {
    const { part, at } = this.#parts;
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    if (this.#block === undefined) {
      this.#header(view, at);
      return;
    }
    const { type, length, at: blockAt } = this.#block;
    const little = this.#littleEndian!;
    const again = view.getUint32(part.length - TRAILER, little);
    if (again + (-again & 3) !== length) {
      this.#bad(blockAt, 'has two lengths that differ');
      return;
    }
    if (type === BLOCK.interface) this.#interface(view, blockAt);
    else if (PACKETS.has(type)) this.#packet(type, part.subarray(0, part.length - TRAILER), blockAt, packets);
    this.#block = undefined;
    if (this.problem === undefined) this.#parts.next(BLOCK_HEADER);
  }

  /** Reads a block's type and length, and from a section's first block also the byte order. */
  #header(view: DataView, at: number): void {
    if (view.getUint32(0) === BLOCK.section) {
      if (view.byteLength === BLOCK_HEADER) {
        this.#parts.extend(4);
        return;
      }
      this.#littleEndian = view.getUint32(8, true) === BYTE_ORDER;
      if (!this.#littleEndian && view.getUint32(8) !== BYTE_ORDER) {
        this.#bad(at, 'begins a section in an unknown byte order');
        return;
      }
      this.#interfaces = [];
    }
    const little = this.#littleEndian;
    if (little === undefined) {
      this.problem = { kind: 'not-pcap', at, message: 'not a pcapng file: it does not begin with a section' };
      return;
    }
    const type = view.getUint32(0, little);
    const claimed = view.getUint32(4, little);
    // Some writers do not count the padding in the length; Wireshark reads their files, too.
    const length = claimed + (-claimed & 3);
    if (length < view.byteLength + TRAILER) {
      this.#bad(at, `claims ${claimed} bytes, which no block can have`);
      return;
    }
    if (type === BLOCK.interface || PACKETS.has(type)) {
      if (length > MAX_BLOCK_BYTES) {
        this.#bad(at, `claims ${length} bytes; more than ${MAX_BLOCK_BYTES} are not believed`);
        return;
      }
      this.#block = { type, length, at };
      this.#parts.next(length - BLOCK_HEADER);
    } else {
      // The end of a skipped block is read, because a wrong length would misplace all that follows.
      this.#block = { type, length, at };
      this.#parts.next(TRAILER, length - view.byteLength - TRAILER);
    }
  }

  #interface(view: DataView, at: number): void {
    const little = this.#littleEndian!;
    if (view.byteLength < 8 + TRAILER || this.#interfaces.length >= MAX_INTERFACES) {
      this.#bad(at, 'is no interface that can be');
      return;
    }
    let perSecond = 1e6;
    let offsetSeconds = 0;
    for (let pos = 8; pos + 4 <= view.byteLength - TRAILER; ) {
      const code = view.getUint16(pos, little);
      const length = view.getUint16(pos + 2, little);
      if (code === OPTION.end) break;
      // The cut option might have described the clock, so the stamps would be unknown.
      if (pos + 4 + length > view.byteLength - TRAILER) {
        this.#bad(at, `has an option of ${length} bytes, which it cannot hold`);
        return;
      }
      if (code === OPTION.tsResolution && length === 1) {
        const value = view.getUint8(pos + 4);
        perSecond = value < 128 ? 10 ** value : 2 ** (value - 128);
      }
      if (code === OPTION.tsOffset && length === 8) offsetSeconds = Number(view.getBigInt64(pos + 4, little));
      pos += 4 + length + (-length & 3);
    }
    const snapLength = view.getUint32(4, little) || PCAP_MAX_RECORD_BYTES;
    this.#interfaces.push({ linktype: view.getUint16(0, little), snapLength, perSecond, offsetSeconds });
  }

  #packet(type: number, body: Uint8Array, at: number, packets: PcapngPacket[]): void {
    const little = this.#littleEndian!;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const simple = type === BLOCK.simple;
    const dataAt = simple ? 4 : 20;
    if (body.length < dataAt) {
      this.#bad(at, 'is too short for a packet');
      return;
    }
    const number = simple ? 0 : type === BLOCK.packet ? view.getUint16(0, little) : view.getUint32(0, little);
    const from = this.#interfaces[number];
    if (from === undefined) {
      this.#bad(at, `names interface ${number}, which the file does not describe`);
      return;
    }
    const originalLength = view.getUint32(simple ? 0 : 16, little);
    const length = simple
      ? Math.min(originalLength, from.snapLength, body.length - dataAt)
      : view.getUint32(12, little);
    if (length > body.length - dataAt || length > PCAP_MAX_RECORD_BYTES) {
      this.#bad(at, `claims a packet of ${length} bytes, which it cannot hold`);
      return;
    }
    packets.push({
      tsUsec: simple ? 0 : stampUsec(view.getUint32(4, little), view.getUint32(8, little), from),
      frame: body.subarray(dataAt, dataAt + length),
      originalLength,
      at,
      linktype: from.linktype,
      nanosecond: from.perSecond > 1e6,
    });
  }

  #bad(at: number, what: string): void {
    this.problem = { kind: 'bad-record', at, message: `the block at byte ${at} ${what}` };
  }
}

/** Converts a stamp; the seconds are split off, as one number of nanoseconds would be inexact. */
function stampUsec(high: number, low: number, { perSecond, offsetSeconds }: CaptureInterface): number {
  const units = (BigInt(high) << 32n) | BigInt(low);
  if (perSecond === 1e6) return Number(units) + offsetSeconds * 1e6;
  const whole = BigInt(perSecond);
  return (Number(units / whole) + offsetSeconds) * 1e6 + (Number(units % whole) / perSecond) * 1e6;
}
