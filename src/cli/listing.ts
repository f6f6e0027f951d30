/** Makes the lines of `decode`, as text or as JSON: one for each packet, and a summary of all. */
import type { CapturePacket } from '../wire/capture.js';
import { type Decoded, decodeFrame } from '../wire/decode.js';
import { type ExtendedRecord, parseBody } from '../wire/extended.js';
import { formatDecoded, formatMessage } from '../wire/format.js';
import { FragmentJoiner, type IncompleteRecord, type JoinedRecord, partRecords } from '../wire/joiner.js';
import { linktypeName } from '../wire/linktype.js';
import type { PartialMessage } from '../wire/message.js';
import { type IncompleteDatagram, IpReassembler } from '../wire/reassembly.js';
import { plural } from '../wire/text.js';

/** How many datagrams are remembered, to recognise copies of them. */
const REMEMBERED = 4096;

/** How the lines look, and which packets are netconsole's. */
export interface ListingOptions {
  /** Write one JSON object a line; else text. */
  readonly json: boolean;
  /** UDP ports that are netconsole's besides 6665 and 6666. */
  readonly ports: ReadonlySet<number>;
}

/** Turns packets into lines and counts them. */
export class Listing {
  readonly #json: boolean;
  readonly #ports: ReadonlySet<number>;
  readonly #joiner = new FragmentJoiner((record) => this.#incomplete(record));
  readonly #reassembler = new IpReassembler((datagram) => this.#ipIncomplete(datagram));
  /** The number of the first frame with each datagram, by what identifies it, the oldest first. */
  readonly #seen = new Map<string, number>();
  readonly #unread = new Set<number>();
  readonly #flows = new Set<string>();
  readonly #count = {
    frames: 0,
    extended: 0,
    plain: 0,
    other: 0,
    fragments: 0,
    joined: 0,
    incomplete: 0,
    cut: 0,
    copies: 0,
    parted: 0,
    responses: 0,
    ipJoined: 0,
    ipIncomplete: 0,
    udpGood: 0,
    udpBad: 0,
    udpNone: 0,
    udpCut: 0,
    ipBad: 0,
    unread: 0,
    /** How many of the other frames carried what, by name. */
    others: {} as Record<string, number>,
  };
  #lines: string[] = [];

  /** Begins a listing, in which frames are numbered from 1. */
  constructor({ json, ports }: ListingOptions) {
    this.#json = json;
    this.#ports = ports;
  }

  /** Whether there were frames, but only of link types that are not read. */
  get nothingRead(): boolean {
    return this.#count.unread > 0 && this.#count.unread === this.#count.frames;
  }

  /** The link types of the frames that were skipped. */
  get unreadLinktypes(): readonly number[] {
    return [...this.#unread];
  }

  /** Decodes a frame and adds its lines. */
  add(packet: CapturePacket): void {
    const { tsUsec, originalLength, nanosecond, linktype } = packet;
    const context = { reassembler: this.#reassembler, tsUsec, ports: this.#ports, flows: this.#flows };
    const { decoded, more } = part(decodeFrame(packet.frame, linktype, context));
    const frame = ++this.#count.frames;
    this.#tally(decoded);
    const copyOf = this.#copyOf(decoded, frame);
    if (this.#json) {
      const cut = originalLength === decoded.length ? {} : { originalLength };
      const copy = copyOf === undefined ? {} : { copyOf };
      this.#lines.push(JSON.stringify({ frame, tsUsec, ...cut, ...plainData(decoded), ...copy }));
    } else {
      const copy = copyOf === undefined ? '' : ` [copy of frame ${copyOf}]`;
      this.#lines.push(`${seconds(tsUsec, nanosecond ? 9 : 6)} ${formatDecoded(decoded)}${copy}`);
    }
    for (const record of more) this.#parted(record, frame);
    const { ip, udp, message } = decoded;
    if (ip === undefined || udp === undefined || message?.kind !== 'extended' || message.fragment === undefined) return;
    const flow = { src: ip.src, srcPort: udp.srcPort, dst: ip.dst, dstPort: udp.dstPort };
    const joined = this.#joiner.push(flow, message);
    if (joined !== undefined) this.#joined(joined);
  }

  /** Adds the line of a frame whose link type is not read. */
  skip({ frame: bytes, linktype, tsUsec, nanosecond }: CapturePacket): void {
    const frame = ++this.#count.frames;
    this.#count.other++;
    this.#count.unread++;
    this.#unread.add(linktype);
    const carries = `link type ${linktypeName(linktype)}`;
    this.#name(carries);
    const { length } = bytes;
    if (this.#json) this.#lines.push(JSON.stringify({ frame, tsUsec, length, carries, odd: [] }));
    else this.#lines.push(`${seconds(tsUsec, nanosecond ? 9 : 6)} ${carries}, length ${length}`);
  }

  /** Adds the lines of what is unfinished, and the summary: no more packets may be added. */
  end(): void {
    this.#joiner.end();
    this.#reassembler.end();
    const count = this.#count;
    if (this.#json) {
      this.#lines.push(JSON.stringify({ summary: count }));
      return;
    }
    this.#lines.push(
      `${plural(count.frames, 'frame')}: ${count.extended} extended, ${count.plain} plain, ${count.other} other; ` +
        `${plural(count.fragments, 'fragment')}, ${plural(count.joined, 'record')} joined, ${count.incomplete} incomplete; ` +
        `UDP checksums: ${count.udpGood} good, ${count.udpBad} bad, ${count.udpNone} none, ${count.udpCut} not checkable; ` +
        `IP checksums: ${count.ipBad} bad`,
    );
    const more: string[] = [];
    if (count.cut > 0) more.push(`${plural(count.cut, 'message')} cut by the capture`);
    if (count.copies > 0) more.push(count.copies === 1 ? '1 copy' : `${count.copies} copies`);
    if (count.parted > 0) more.push(`${plural(count.parted, 'further record')} in a datagram`);
    if (count.responses > 0) more.push(plural(count.responses, 'response'));
    if (count.ipJoined > 0) more.push(`${plural(count.ipJoined, 'datagram')} joined from IP fragments`);
    if (count.ipIncomplete > 0) more.push(`${plural(count.ipIncomplete, 'datagram')} with IP fragments missing`);
    if (more.length > 0) this.#lines.push(more.join('; '));
    const others = Object.entries(count.others).sort(([, a], [, b]) => b - a);
    if (others.length > 0) this.#lines.push(`other: ${others.map(([name, n]) => `${n} ${name}`).join(', ')}`);
  }

  /** Returns the lines that were added since the last call. */
  take(): string {
    const text = this.#lines.map((line) => `${line}\n`).join('');
    this.#lines = [];
    return text;
  }

  #tally(decoded: Decoded): void {
    const { ip, udp, message, partial } = decoded;
    const count = this.#count;
    if (ip?.checksum === 'bad') count.ipBad++;
    if (udp?.checksum === 'good') count.udpGood++;
    else if (udp?.checksum === 'bad') count.udpBad++;
    else if (udp?.checksum === 'none') count.udpNone++;
    else if (udp?.checksum === 'cut') count.udpCut++;
    if (decoded.fragments !== undefined) count.ipJoined++;
    if (partial !== undefined) count.cut++;
    const kind = (message ?? partial)?.kind;
    if (kind === 'plain') count.plain++;
    else if (kind === 'extended') count.extended++;
    else count.other++;
    if (kind === 'response') count.responses++;
    if (message?.kind === 'extended' && message.fragment !== undefined) count.fragments++;
    if (kind === undefined) this.#name(decoded.carries ?? 'damaged');
  }

  #name(carries: string): void {
    const { others } = this.#count;
    others[carries] = (others[carries] ?? 0) + 1;
  }

  /**
   * Returns the number of the frame that carried the same datagram before, as a capture on both
   * sides of a bridge has it. A kernel may send the same plain text twice, so such a datagram is a
   * copy only if its IP packet has the same identification.
   */
  #copyOf({ ip, udp, message, payload }: Decoded, frame: number): number | undefined {
    if (ip === undefined || udp === undefined || message === undefined || payload === undefined) return undefined;
    const numbered = ip.id !== undefined && ip.id !== 0;
    if (message.kind !== 'extended' && !numbered) return undefined;
    const key = `${ip.src} ${udp.srcPort} ${ip.dst} ${udp.dstPort} ${ip.id} ${latin1(payload)}`;
    const known = this.#seen.get(key);
    if (known !== undefined) {
      this.#count.copies++;
      return known;
    }
    this.#seen.set(key, frame);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.keys().next().value!);
    return undefined;
  }

  /** Adds the line of a further record in a datagram. */
  #parted(record: ExtendedRecord, frame: number): void {
    this.#count.parted++;
    if (this.#json) this.#lines.push(JSON.stringify({ parted: { frame, message: messageData(record) } }));
    else this.#lines.push(`  and in the same datagram: ${formatMessage(record)}`);
  }

  #joined({ flow, record, pieces }: JoinedRecord): void {
    this.#count.joined++;
    if (this.#json) this.#lines.push(JSON.stringify({ joined: { flow, pieces, message: messageData(record) } }));
    else this.#lines.push(`  joined from ${plural(pieces, 'fragment')}: ${formatMessage(record)}`);
  }

  #incomplete(record: IncompleteRecord): void {
    this.#count.incomplete++;
    if (this.#json) {
      this.#lines.push(JSON.stringify({ incomplete: record }));
      return;
    }
    const { flow, seq, pieces, haveBytes, totalBytes } = record;
    const from = `${flow.src}.${flow.srcPort} > ${flow.dst}.${flow.dstPort}`;
    const have = `${plural(pieces, 'fragment')}, ${haveBytes} of ${totalBytes || 'an unknown number of'} bytes`;
    this.#lines.push(`  incomplete: ${from} seq ${seq}: ${have}`);
  }

  #ipIncomplete(datagram: IncompleteDatagram): void {
    this.#count.ipIncomplete++;
    if (this.#json) {
      this.#lines.push(JSON.stringify({ ipIncomplete: datagram }));
      return;
    }
    const { src, dst, id, fragments, haveBytes } = datagram;
    this.#lines.push(
      `  incomplete datagram: ${src} > ${dst} id ${id}: ${plural(fragments, 'IP fragment')}, ${plural(haveBytes, 'byte')}`,
    );
  }
}

/** Separates the records that a relay has put into one datagram; the first stays in `decoded`. */
function part(decoded: Decoded): { readonly decoded: Decoded; readonly more: readonly ExtendedRecord[] } {
  if (decoded.message?.kind !== 'extended') return { decoded, more: [] };
  const [first = decoded.message, ...more] = partRecords(decoded.message);
  return more.length === 0 ? { decoded, more } : { decoded: { ...decoded, message: first }, more };
}

/** Writes a time in seconds, with `digits` digits behind the point. */
function seconds(tsUsec: number, digits: 6 | 9): string {
  const whole = Math.floor(tsUsec / 1e6);
  const fraction = Math.floor((tsUsec - whole * 1e6) * 10 ** (digits - 6));
  return `${whole}.${String(fraction).padStart(digits, '0')}`;
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
const hex = (bytes: Uint8Array): string => view(bytes).toString('hex');
const text = (bytes: Uint8Array): string => view(bytes).toString('utf8');
const latin1 = (bytes: Uint8Array): string => view(bytes).toString('latin1');

/** Returns a decoded frame for JSON: its bytes become hex (`payload`) or text. */
function plainData(decoded: Decoded): object {
  const { payload, message, partial, ...rest } = decoded;
  return {
    ...rest,
    ...(payload !== undefined && { payload: hex(payload) }),
    ...(message !== undefined && { message: messageData(message) }),
    ...(partial !== undefined && { message: { ...messageData(partial), cut: true } }),
  };
}

function messageData(message: PartialMessage): object {
  switch (message.kind) {
    case 'plain': {
      const { body, ...rest } = message;
      return { ...rest, text: text(body) };
    }
    case 'extended': {
      if (!('body' in message)) return message;
      const { body, fields, ...rest } = message;
      const common = { ...rest, ...(fields.length > 0 && { fields }) };
      if (message.fragment !== undefined) return { ...common, body: text(body) };
      const { text: line, dictionary, odd } = parseBody(body);
      return { ...common, text: line, dictionary, odd: [...message.odd, ...odd] };
    }
    case 'netoops': {
      const { data, regs, userBlob, ...rest } = message;
      return { ...rest, userBlob: hex(userBlob), regs: hex(regs), text: text(data) };
    }
    case 'netdump': {
      const { payload, ...rest } = message;
      return { ...rest, payload: hex(payload) };
    }
    case 'netconsole2001':
      return { ...message, text: text(message.text) };
    case 'response':
      return message;
  }
}
