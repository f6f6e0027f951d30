/**
 * Reads a capture as a log: the records that the frames of one sender carry, in order, each once.
 *
 *   frames -> datagrams (wire/decode.ts) -> fragments joined -> in order of seq (capture-order.ts) -> records
 *                                        -> plain text, cut into lines                             -> records
 *
 * The sender of the first datagram is the one that is read, so that all records are of one kernel.
 * Datagrams of other senders are counted, and reported with the tcpdump command that extracts them
 * from the file. A record's line number is the number of the frame that it begins in.
 */
import { type CapturePacket, CaptureReader, isCapture } from '../../wire/capture.js';
import { type Decoded, decodeFrame } from '../../wire/decode.js';
import type { ExtendedRecord } from '../../wire/extended.js';
import { FragmentJoiner, type IncompleteRecord, partRecords } from '../../wire/joiner.js';
import { linktypeName, readsLinktype } from '../../wire/linktype.js';
import type { Message } from '../../wire/message.js';
import { IpReassembler } from '../../wire/reassembly.js';
import { CARRIAGE_RETURN, encodeText } from '../../wire/text.js';
import { Cursor, NEWLINE, unescapeKmsg } from './bytes.js';
import { CaptureLines, type PlainRecord } from './capture-lines.js';
import { type CapturedRecord, CaptureOrder } from './capture-order.js';
import type { Follows, LogFormat, LogParser } from './format.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';
import { latin1 } from './stamp.js';

/** The file is parsed in slices of this many bytes, so that a batch stays small. */
const SLICE_BYTES = 16384;
/** How many other senders are listed by name. */
const MAX_OTHERS = 16;
/** The beginning of an escape at the end of a text. The kernel cut it when its buffer was full. */
const CUT_ESCAPE = /\\(?:x[0-9a-f]?)?$/;
const ZERO_ESCAPE = Uint8Array.of(0x5c, 0x78, 0x30, 0x30);
const NOTHING = new Uint8Array(0);

interface Extended extends CapturedRecord {
  readonly record: ExtendedRecord;
  readonly subsystem?: string;
  readonly device?: string;
}

/** Packet captures, known by their first bytes. The stamps are the kernel's own. */
export const capture: LogFormat = {
  name: 'capture',
  description: 'a packet capture (pcap, pcapng): the records of one sender',
  recognise: ({ bytes }) => (isCapture(bytes) ? 1 : 0),
  open: () => new CaptureParser(),
};

/** Reads one capture file. */
class CaptureParser implements LogParser {
  readonly #reader = new CaptureReader();
  readonly #reassembler = new IpReassembler();
  readonly #joiner = new FragmentJoiner((record) => this.#incomplete.push(record));
  readonly #order = new CaptureOrder<Extended>((record, reboot) => this.#emit(record, reboot));
  readonly #lines = new CaptureLines((record) => this.#emitPlain(record));
  readonly #flows = new Set<string>();
  /** For records that still miss fragments: the first frame, by seq. */
  readonly #begun = new Map<number, number>();
  readonly #cursor = new Cursor();
  #batch!: Batch;
  #frame = 0;
  #records = 0;
  /** How many records the kernel has said so far that it dropped. */
  #missed = 0;
  /** Which system's protocol the sender speaks, as its first datagram shows. */
  #text: Message['kind'] | undefined;
  /** The sender whose records are read, as `src.port > dst.port`. */
  #sender: string | undefined;
  readonly #others = new Map<string, { readonly frame: number; datagrams: number; readonly filter: string }>();
  readonly #carried = new Map<string, number>();
  readonly #incomplete: IncompleteRecord[] = [];
  #badChecksums = 0;
  #ended = false;

  parse(bytes: Uint8Array, at: number, end: number, follows: Follows, batch: Batch): number {
    const last = follows === 'nothing';
    this.#batch = batch;
    let pos = at;
    while (pos < end && !batch.full && this.#reader.problem === undefined) {
      const stop = Math.min(end, pos + SLICE_BYTES);
      for (const packet of this.#reader.push(bytes.subarray(pos, stop))) this.#packet(packet);
      pos = stop;
    }
    if (this.#reader.problem !== undefined) pos = end;
    if (last && pos >= end && !batch.full) this.#end();
    return pos;
  }

  #packet({ frame, linktype, tsUsec }: CapturePacket): void {
    this.#batch.line = ++this.#frame;
    if (!readsLinktype(linktype)) {
      this.#count(`link type ${linktypeName(linktype)}`);
      return;
    }
    const decoded = decodeFrame(frame, linktype, { reassembler: this.#reassembler, tsUsec, flows: this.#flows });
    const { ip, udp, message, partial, payload = NOTHING } = decoded;
    if (partial !== undefined) this.#problem('the capture has cut the datagram', payload);
    if (message === undefined || ip === undefined || udp === undefined) {
      if (partial === undefined && decoded.carries !== 'IP fragment') this.#count(decoded.carries ?? 'damaged');
      return;
    }
    if (message.kind === 'response' || message.kind === 'netoops') {
      this.#count(message.kind === 'response' ? 'responses of a receiver' : 'netoops');
      return;
    }
    if (message.kind === 'netdump' && message.code !== 2) {
      this.#count('netdump');
      return;
    }
    if (!this.#isSender(decoded)) return;
    if (udp.checksum === 'bad') this.#badChecksums++;
    if (message.kind !== 'extended') {
      this.#text ??= message.kind;
      // A plain text may begin with any byte, so what looks like another protocol is text as well.
      const text = this.#text === 'plain' ? payload : textOfSystem(message, payload);
      const numbered = ip.id !== undefined && ip.id > 0;
      this.#lines.push(text, this.#frame, numbered ? `${ip.id} ${latin1(payload, 0, payload.length)}` : undefined);
      return;
    }
    if (message.fragment === undefined) {
      for (const record of partRecords(message)) this.#extended(record, tsUsec, this.#frame);
      return;
    }
    const { seq } = message;
    const copies = this.#joiner.copies;
    const joined = this.#joiner.push({ ...ip, ...udp }, message);
    if (joined !== undefined) {
      this.#batch.counts.joined++;
      this.#extended(joined.record, tsUsec, this.#begun.get(seq) ?? this.#frame);
      this.#begun.delete(seq);
    } else if (this.#joiner.copies === copies && !this.#begun.has(seq)) this.#begun.set(seq, this.#frame);
    this.#nameIncomplete();
  }

  /** Says whether a datagram comes from the sender that is read; counts it if it does not. */
  #isSender({ ip, udp, payload }: Decoded): boolean {
    const sender = `${ip!.src}.${udp!.srcPort} > ${ip!.dst}.${udp!.dstPort}`;
    this.#sender ??= sender;
    if (sender === this.#sender) return true;
    const other = this.#others.get(sender);
    if (other !== undefined) other.datagrams++;
    else if (this.#others.size < MAX_OTHERS) {
      const filter = `src host ${ip!.src} and src port ${udp!.srcPort} and dst host ${ip!.dst} and dst port ${udp!.dstPort}`;
      this.#others.set(sender, { frame: this.#frame, datagrams: 1, filter });
    } else this.#problem('a datagram of yet another sender', payload!);
    return false;
  }

  #extended(record: ExtendedRecord, capturedUsec: number, frame: number): void {
    const { body, seq, tsUsec } = record;
    if (body.length > RECORD_MAX_BYTES) {
      this.#problem(`a record of more than ${RECORD_MAX_BYTES} bytes`, body);
      return;
    }
    const newline = body.indexOf(NEWLINE);
    const entries = newline < 0 ? {} : dictionaryOf(body.subarray(newline + 1));
    let end = newline < 0 ? body.length : newline;
    // Kernels escape their own CRs, so these were added by a relay.
    while (end > 0 && body[end - 1] === CARRIAGE_RETURN) end--;
    const text = textOf(body.subarray(0, end));
    this.#order.push({ ...entries, frame, capturedUsec, seq, tsUsec, text, record });
  }

  #emit({ frame, seq, tsUsec, text, record, subsystem, device }: Extended, reboot: boolean): void {
    const slot = this.#begin(frame);
    slot.seq = seq;
    slot.tsUsec = tsUsec;
    slot.level = record.prio & 7;
    slot.facility = record.prio >> 3;
    slot.cont = record.flag !== '-';
    slot.continues = record.flag === '+';
    slot.subsystem = subsystem;
    slot.device = device;
    if (record.caller !== undefined) slot.callerId = this.#callerId(record.caller);
    slot.reboot = reboot;
    this.#batch.commit(slot, text);
  }

  #begin(frame: number): PooledRecord {
    const slot = this.#batch.next();
    slot.line = frame;
    this.#records++;
    return slot;
  }

  #callerId(text: string): number | undefined {
    const bytes = encodeText(text);
    this.#cursor.set(bytes, 0, bytes.length);
    const id = this.#cursor.caller();
    return id < 0 ? undefined : id;
  }

  #emitPlain({ frame, text, tsUsec, callerId, facility, missed }: PlainRecord): void {
    const slot = this.#begin(frame);
    slot.missed = missed - this.#missed;
    this.#missed = missed;
    slot.tsUsec = tsUsec;
    slot.callerId = callerId;
    slot.facility = facility;
    this.#batch.commit(slot, text);
  }

  #problem(reason: string, bytes: Uint8Array): void {
    this.#batch.problems.add(this.#frame, reason, bytes, 0, bytes.length);
  }

  #nameIncomplete(): void {
    for (const { seq, haveBytes, totalBytes } of this.#incomplete.splice(0)) {
      const of = totalBytes > 0 ? `${haveBytes} of ${totalBytes} bytes` : `${haveBytes} bytes`;
      const frame = this.#begun.get(seq) ?? this.#frame;
      this.#begun.delete(seq);
      this.#batch.counts.incomplete++;
      this.#batch.problems.add(frame, `fragments of record ${seq} are missing: ${of} are there`, NOTHING, 0, 0);
    }
  }

  #count(carried: string): void {
    this.#carried.set(carried, (this.#carried.get(carried) ?? 0) + 1);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lines.end();
    this.#order.end();
    this.#joiner.end();
    this.#nameIncomplete();
    const problem = this.#reader.end();
    if (problem !== undefined) this.#problem(problem.message, NOTHING);
    const { late, copies } = this.#order;
    this.#batch.counts.duplicates += copies;
    if (late > 0) this.#problem(`${late} records came too late to be put in their place`, NOTHING);
    for (const [sender, { frame, datagrams, filter }] of this.#others) {
      const remedy = `take them out with \`tcpdump -r IN -w OUT ${filter}\``;
      const reason = `${datagrams} datagrams of another sender, ${sender}: ${remedy}`;
      this.#batch.problems.add(frame, reason, NOTHING, 0, 0);
    }
    if (this.#badChecksums > 0)
      this.#problem(`${this.#badChecksums} datagrams with a bad checksum were taken`, NOTHING);
    if (this.#records === 0) {
      const carried = [...this.#carried].map(([name, count]) => `${count} ${name}`).join(', ');
      this.#problem(
        `no record of netconsole in ${this.#frame} frames${carried === '' ? '' : ` (${carried})`}`,
        NOTHING,
      );
    }
  }
}

/** Returns the text of a datagram of netdump or the netconsole of 2001; any other is all text. */
function textOfSystem(message: Message, payload: Uint8Array): Uint8Array {
  if (message.kind === 'netdump') return message.payload;
  return message.kind === 'netconsole2001' ? message.text : payload;
}

/**
 * Returns a record's text with its escapes decoded. If the sender's kernel cut the last escape, its
 * missing digits are taken for 0: a kernel that replays the text then cuts it at the same place.
 */
function textOf(escaped: Uint8Array): Uint8Array {
  const cut = CUT_ESCAPE.exec(latin1(escaped, Math.max(0, escaped.length - 3), escaped.length))?.[0];
  const text = new Uint8Array(escaped.length + (cut === undefined ? 0 : 4 - cut.length));
  text.set(escaped);
  if (cut !== undefined) text.set(ZERO_ESCAPE.subarray(cut.length), escaped.length);
  return text.subarray(0, unescapeKmsg(text, 0, text.length));
}

/** Finds SUBSYSTEM and DEVICE. Other entries are the target's userdata, not part of the record. */
function dictionaryOf(bytes: Uint8Array): { subsystem?: string; device?: string } {
  const found: { subsystem?: string; device?: string } = {};
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const next = newline < 0 ? bytes.length : newline;
    const end = next > at && bytes[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    const line = latin1(bytes, at, end);
    const equals = line.indexOf('=');
    if (line.startsWith(' SUBSYSTEM=') || line.startsWith(' DEVICE=')) {
      const value = bytes.slice(at + equals + 1, end);
      const text = latin1(value, 0, unescapeKmsg(value, 0, value.length));
      if (line.startsWith(' S')) found.subsystem = text;
      else found.device = text;
    }
    at = next + 1;
  }
  return found;
}
