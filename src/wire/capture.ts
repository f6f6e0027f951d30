/**
 * Reads captures: `CaptureReader` tells pcap from pcapng by the first bytes and gives every packet
 * its link type. It does no I/O and does not decompress: `unpack` in replay/ does that.
 *
 * @example
 * const reader = new CaptureReader();
 * for (const chunk of file) {
 *   for (const { frame, linktype } of reader.push(chunk)) show(decodeFrame(frame, linktype));
 * }
 * const problem = reader.end();
 */
import { type PcapPacket, type PcapProblem, PcapReader } from './pcap.js';
import { type PcapngPacket, PcapngReader } from './pcapng.js';
import { hexText } from './text.js';

/** A packet with its interface's link type; it tells whether its stamp counts nanoseconds. */
export type CapturePacket = PcapngPacket;

const MAGIC_BYTES = 4;

/** The formats that are read, by the first bytes of such files in hexadecimal. */
const READ: Readonly<Record<string, string>> = {
  d4c3b2a1: 'pcap',
  a1b2c3d4: 'pcap',
  '4d3cb2a1': 'pcap',
  a1b23c4d: 'pcap',
  '34cdb2a1': 'pcap',
  a1b2cd34: 'pcap',
  '0a0d0d0a': 'pcapng',
};

/** The formats that are only recognised, by the first four bytes of such files. */
const NAMED: Readonly<Record<string, readonly [name: string, remedy: string]>> = {
  '736e6f6f': ['a snoop capture', 'convert it with `editcap -F pcap IN OUT`'],
  '6274736e': ['a btsnoop capture of Bluetooth, which carries no netconsole', ''],
  '52545353': ['a capture of Microsoft Network Monitor', 'convert it with `editcap -F pcap IN OUT`'],
  '474d4255': ['a capture of Microsoft Network Monitor', 'convert it with `editcap -F pcap IN OUT`'],
  '54525346': ['a capture of NAI Sniffer', 'convert it with `editcap -F pcap IN OUT`'],
  '54525354': ['a capture of NAI Sniffer', 'convert it with `editcap -F pcap IN OUT`'],
  '58435000': ['a capture of NetXRay', 'convert it with `editcap -F pcap IN OUT`'],
  '69707472': ['a capture of AIX iptrace', 'convert it with `editcap -F pcap IN OUT`'],
  '7f766572': ['a capture of WildPackets', 'convert it with `editcap -F pcap IN OUT`'],
  '1c0001ac': ['a capture of IXIA lcap', 'convert it with `editcap -F pcap IN OUT`'],
  '1c0001ab': ['a capture of IXIA lcap', 'convert it with `editcap -F pcap IN OUT`'],
  ac01001c: ['a capture of IXIA lcap', 'convert it with `editcap -F pcap IN OUT`'],
  ab01001c: ['a capture of IXIA lcap', 'convert it with `editcap -F pcap IN OUT`'],
  a1e2cb12: ['a pcap file of a variant that is not read', 'convert it with `editcap -F pcap IN OUT`'],
  '12cbe2a1': ['a pcap file of a variant that is not read', 'convert it with `editcap -F pcap IN OUT`'],
};

/** Says whether `head`, four bytes or more, begins a capture that `CaptureReader` reads. */
export function isCapture(head: Uint8Array): boolean {
  return READ[magic(head)] !== undefined;
}

/**
 * Says what kind of capture `head`, four bytes or more, begins, and what to do with it; returns
 * undefined if this kind is read.
 */
export function unreadCapture(head: Uint8Array): string | undefined {
  const [name, remedy] = NAMED[magic(head)] ?? [];
  return name === undefined ? undefined : `${name}${remedy === '' ? '' : `; ${remedy}`}`;
}

/** Reads a capture in pieces of any size. Holds one unfinished record at most. */
export class CaptureReader {
  /** The first problem of the file. Nothing behind it is read. */
  problem: PcapProblem | undefined;
  /** The format of the file, as its first bytes tell it. */
  format: 'pcap' | 'pcapng' | undefined;
  #head = new Uint8Array(0);
  #pcap: PcapReader | undefined;
  #pcapng: PcapngReader | undefined;

  /**
   * The link type of a pcap file, known once its header has been read. In pcapng each packet has
   * its own.
   */
  get linktype(): number | undefined {
    return this.#pcap?.header?.linktype;
  }

  /** Takes the next bytes of the file and returns the packets that they complete. */
  push(chunk: Uint8Array): CapturePacket[] {
    if (this.problem !== undefined) return [];
    if (this.format !== undefined) return this.#read(chunk);
    const head = new Uint8Array(this.#head.length + chunk.length);
    head.set(this.#head);
    head.set(chunk, this.#head.length);
    this.#head = head;
    if (head.length < MAGIC_BYTES) return [];
    this.#head = new Uint8Array(0);
    this.#recognise(head);
    return this.problem === undefined ? this.#read(head) : [];
  }

  /** Ends the file and returns what was wrong with it, or undefined. */
  end(): PcapProblem | undefined {
    if (this.problem === undefined && this.format === undefined) {
      this.problem = notCapture(`not a capture: ${this.#head.length} bytes are too few for one`);
    }
    this.problem ??= (this.#pcap ?? this.#pcapng)?.end();
    return this.problem;
  }

  #recognise(head: Uint8Array): void {
    const first = magic(head);
    const format = READ[first];
    if (format === undefined) {
      const unread = unreadCapture(head);
      this.problem = notCapture(
        unread === undefined
          ? `not a capture: it begins with ${first}, none of the magic numbers of pcap and pcapng`
          : `this is ${unread}`,
      );
      return;
    }
    this.format = format as 'pcap' | 'pcapng';
    if (format === 'pcap') this.#pcap = new PcapReader();
    else this.#pcapng = new PcapngReader();
  }

  #read(chunk: Uint8Array): CapturePacket[] {
    if (this.#pcapng !== undefined) {
      const packets = this.#pcapng.push(chunk);
      this.problem = this.#pcapng.problem;
      return packets;
    }
    const reader = this.#pcap!;
    const packets: PcapPacket[] = reader.push(chunk);
    this.problem = reader.problem;
    const { linktype = 0, nanosecond = false } = reader.header ?? {};
    return packets.map((packet) => ({ ...packet, linktype, nanosecond }));
  }
}

function magic(head: Uint8Array): string {
  return hexText(head.subarray(0, MAGIC_BYTES));
}

function notCapture(message: string): PcapProblem {
  return { kind: 'not-pcap', at: 0, message };
}
