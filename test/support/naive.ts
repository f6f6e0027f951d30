/**
 * A slow codec for frames, formats and fragments, written from the RFCs and the kernel's
 * documentation with Buffer and strings.
 *
 * It shares no code with `src`, on purpose: tests compare the fast code with it, and benchmarks
 * race the two.
 */

/** The fields of a UDP frame. */
export interface NaiveFrame {
  /** The source's hardware address: `52:54:00:00:00:01`. */
  readonly srcMac: string;
  readonly dstMac: string;
  /**
   * The source's address: a dotted quad, or IPv6 with at most one `::`. Both addresses are of one
   * family.
   */
  readonly srcIp: string;
  readonly dstIp: string;
  readonly srcPort: number;
  readonly dstPort: number;
  /** The identification of IPv4. Default 0. */
  readonly id?: number;
  /** Default 64 for IPv4, 32 for IPv6, as netpoll has them. */
  readonly ttl?: number;
  /** The VLAN id of an 802.1Q tag. Default: no tag. */
  readonly vlan?: number;
  /** False leaves the UDP checksum zero. Default true. */
  readonly udpChecksum?: boolean;
  readonly payload: Uint8Array;
}

/**
 * Computes the checksum of RFC 1071 as its text says: sum the words, add the carries, complement.
 */
export function naiveChecksum(bytes: Uint8Array): number {
  const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
  let sum = 0n;
  for (let i = 0; i < padded.length; i += 2) sum += BigInt(padded.readUInt16BE(i));
  while (sum > 0xffffn) sum = (sum >> 16n) + (sum & 0xffffn);
  return Number(0xffffn - sum);
}

/** Returns the 6 bytes of a hardware address. */
export function naiveMac(text: string): Buffer {
  return Buffer.from(text.split(':').join(''), 'hex');
}

/** Returns the 4 or 16 bytes of an address. */
export function naiveIp(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const [left = '', right] = text.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => word.padStart(4, '0')));
  const front = words(left);
  const back = right === undefined ? [] : words(right);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => '0000');
  return Buffer.from([...front, ...middle, ...back].join(''), 'hex');
}

/** Makes a whole frame, not padded: Ethernet, IPv4 or IPv6, UDP. RFC 894, 791, 8200, 768. */
export function naiveFrame(fields: NaiveFrame): Buffer {
  const src = naiveIp(fields.srcIp);
  const dst = naiveIp(fields.dstIp);
  const v6 = src.length === 16;
  const udpLength = 8 + fields.payload.length;

  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(fields.srcPort, 0);
  udp.writeUInt16BE(fields.dstPort, 2);
  udp.writeUInt16BE(udpLength, 4);
  if (fields.udpChecksum !== false) {
    const pseudo = v6 ? Buffer.alloc(8) : Buffer.alloc(4);
    if (v6) {
      pseudo.writeUInt32BE(udpLength, 0);
      pseudo.writeUInt8(17, 7);
    } else {
      pseudo.writeUInt8(17, 1);
      pseudo.writeUInt16BE(udpLength, 2);
    }
    const checksum = naiveChecksum(Buffer.concat([src, dst, pseudo, udp, fields.payload]));
    udp.writeUInt16BE(checksum === 0 ? 0xffff : checksum, 6);
  }

  let ip: Buffer;
  if (v6) {
    ip = Buffer.concat([Buffer.from('6000000000001100', 'hex'), src, dst]);
    ip.writeUInt16BE(udpLength, 4);
    ip.writeUInt8(fields.ttl ?? 32, 7);
  } else {
    ip = Buffer.concat([Buffer.from('450000000000000000110000', 'hex'), src, dst]);
    ip.writeUInt16BE(20 + udpLength, 2);
    ip.writeUInt16BE(fields.id ?? 0, 4);
    ip.writeUInt8(fields.ttl ?? 64, 8);
    ip.writeUInt16BE(naiveChecksum(ip), 10);
  }

  const tag = Buffer.alloc(fields.vlan === undefined ? 0 : 4);
  if (fields.vlan !== undefined) {
    tag.writeUInt16BE(0x8100, 0);
    tag.writeUInt16BE(fields.vlan, 2);
  }
  const type = Buffer.from(v6 ? '86dd' : '0800', 'hex');
  return Buffer.concat([naiveMac(fields.dstMac), naiveMac(fields.srcMac), tag, type, ip, udp, fields.payload]);
}

/** A record of the kernel's log. */
export interface NaiveRecord {
  readonly facility?: number;
  readonly level: number;
  readonly seq: number;
  /** The stamp, in microseconds. */
  readonly tsUsec: number;
  /** Default `-`. */
  readonly flag?: string;
  /** `T1` or `C0`, with PRINTK_CALLER. */
  readonly caller?: string;
  /** The text as bytes, or as a string that stands for its UTF-8. */
  readonly text: string | Uint8Array;
  readonly dictionary?: readonly (readonly [key: string, value: string])[];
}

/**
 * Writes the extended format, cut to a buffer of `limit` bytes: 8192 up to Linux 6.2, 2048 later.
 */
export function naiveExtended(record: NaiveRecord, limit = Number.POSITIVE_INFINITY): Buffer {
  let out = '';
  const literal = (text: string) => {
    for (const char of text) if (limit - out.length >= 1) out += char;
  };
  // Bounded printing keeps a byte for its terminator, which the next piece then overwrites.
  const printed = (text: string) => {
    out += text.slice(0, Math.max(0, Math.min(text.length, limit - out.length - 1)));
  };
  const escaped = (bytes: Uint8Array) => {
    for (const byte of bytes) {
      if (byte < 0x20 || byte >= 0x7f || byte === 0x5c) printed(`\\x${byte.toString(16).padStart(2, '0')}`);
      else literal(String.fromCharCode(byte));
    }
  };
  const prio = (record.facility ?? 0) * 8 + record.level;
  const caller = record.caller === undefined ? '' : `,caller=${record.caller}`;
  printed(`${prio},${record.seq},${record.tsUsec},${record.flag ?? '-'}${caller};`);
  escaped(Buffer.from(record.text as string));
  literal('\n');
  for (const [key, value] of record.dictionary ?? []) {
    literal(` ${key}=`);
    escaped(Buffer.from(value));
    literal('\n');
  }
  return Buffer.from(out, 'latin1');
}

/**
 * Writes the plain format, cut to a buffer of `limit` bytes: 1024 in Linux 6.1 and 6.2, 2048 later.
 * `time` is the switch printk.time.
 */
export function naivePlain(record: NaiveRecord, limit = Number.POSITIVE_INFINITY, time = true): Buffer {
  let prefix = '';
  if (time) {
    const seconds = String(Math.floor(record.tsUsec / 1e6)).padStart(5);
    prefix += `[${seconds}.${String(record.tsUsec % 1e6).padStart(6, '0')}]`;
  }
  if (record.caller !== undefined) prefix += `[${record.caller.padStart(6)}]`;
  if (prefix !== '') prefix += ' ';

  let out = '';
  let rest = Buffer.from(record.text as string)
    .toString('latin1')
    .slice(0, limit);
  let truncated = false;
  for (;;) {
    const newline = rest.indexOf('\n');
    if (newline < 0 && truncated) break;
    const line = newline < 0 ? rest : rest.slice(0, newline);
    if (out.length + prefix.length + rest.length + 2 > limit) {
      if (out.length + prefix.length + line.length + 2 > limit) break;
      rest = rest.slice(0, limit - out.length - prefix.length - 2);
      truncated = true;
    }
    out += `${prefix}${line}\n`;
    if (newline < 0 || newline >= rest.length) break;
    rest = rest.slice(newline + 1);
  }
  return Buffer.from(out, 'latin1');
}

/** Returns a plain target's payloads: pieces of 1000 bytes. */
export function naivePlainPayloads(text: Uint8Array): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at < text.length; at += 1000) payloads.push(Buffer.from(text.subarray(at, at + 1000)));
  return payloads;
}

/** What an extended target adds to a message, and how it cuts it. */
export interface NaiveFragmentOptions {
  /** What `uname -r` prints, if the target prepends it. */
  readonly release?: string;
  /** Lines of userdata and sysdata, each ` KEY=VALUE` with a newline. */
  readonly userdata?: string | Uint8Array;
  /**
   * Whether a message of exactly 1000 bytes loses its last byte, as before Linux 7.2. Default
   * false.
   */
  readonly edgeBug?: boolean;
}

/**
 * Returns an extended target's payloads for one record in the extended format. Linux 4.2 and later.
 */
export function naiveFragments(message: Uint8Array, options: NaiveFragmentOptions = {}): Buffer[] {
  const release = Buffer.from(options.release === undefined ? '' : `${options.release},`);
  const userdata = Buffer.from((options.userdata ?? '') as string);
  const whole = Buffer.concat([release, message, userdata]);
  if (whole.length < 1000) return [whole];
  if (whole.length === 1000) {
    if (options.edgeBug && userdata.length > 0) return [whole.subarray(0, 999)];
    if (options.edgeBug && release.length > 0) return [Buffer.concat([whole.subarray(0, 999), Buffer.alloc(1)])];
    return [whole];
  }
  const semicolon = Buffer.from(message).indexOf(';');
  const header = Buffer.concat([release, message.subarray(0, semicolon)]).toString('latin1');
  const body = Buffer.concat([message.subarray(semicolon + 1), userdata]);
  const payloads: Buffer[] = [];
  for (let offset = 0; offset < body.length; ) {
    const head = Buffer.from(`${header},ncfrag=${offset}/${body.length};`, 'latin1');
    const piece = body.subarray(offset, offset + 1000 - head.length);
    payloads.push(Buffer.concat([head, piece]));
    offset += piece.length;
  }
  return payloads;
}

/**
 * Does the same in the dialect of April 2015: `ncfrag=OFF@I/N`, pieces of one size, and `emg=1`.
 */
export function naiveFragments2015(message: Uint8Array, emergency = false): Buffer[] {
  if (!emergency && message.length <= 1000) return [Buffer.from(message)];
  const semicolon = Buffer.from(message).indexOf(';');
  const header = Buffer.from(semicolon < 0 ? message : message.subarray(0, semicolon)).toString('latin1');
  const body = semicolon < 0 ? Buffer.alloc(0) : Buffer.from(message.subarray(semicolon + 1));
  const size = 1000 - header.length - ',emg=1,ncfrag=0000@00/00;'.length;
  const count = Math.ceil(body.length / size);
  return Array.from({ length: count }, (_, i) => {
    const fragment = count > 1 ? `,ncfrag=${i * size}@${i}/${count}` : '';
    const head = `${header}${emergency ? ',emg=1' : ''}${fragment};`;
    return Buffer.concat([Buffer.from(head, 'latin1'), body.subarray(i * size, (i + 1) * size)]);
  });
}
