/**
 * Reads what a recording says about its kernel's records. Most of that is in its log. Only its
 * frames show the records that the log has lost, and who logged the others.
 */
import type { LogLevel } from '../printk/record.js';
import { decodeFrame } from '../wire/decode.js';
import { FragmentJoiner } from '../wire/joiner.js';
import { PcapReader } from '../wire/pcap.js';
import { concatBytes, latin1Bytes } from '../wire/text.js';
import { latin1, unescaped } from './bytes.js';

/** A record of a recording. */
export interface Recorded {
  readonly seq: number;
  /** Microseconds since boot. */
  readonly tsUsec: number;
  readonly facility: number;
  readonly level: LogLevel;
  /** `-` for a whole line; `c` or `+` for a fragment. */
  readonly flag: string;
  /**
   * What only the record's plain frame shows: `UNFINISHED` if it is a fragment that did not end its
   * line, `BARE` if it is a record without a timestamp; otherwise the log's own header fields.
   */
  readonly shown: string;
  /** The text, without escapes. */
  readonly text: Uint8Array;
  /** What `key` returns for the record. */
  readonly key: string;
  /** Set if the log shows only the beginning of the text, as the line had no more room. */
  readonly cut: boolean;
  /** The dictionary's SUBSYSTEM; empty if it has none. */
  readonly subsystem: string;
  /** The dictionary's DEVICE; empty if it has none. */
  readonly device: string;
  /** The processor on which it was logged, if a frame shows that. */
  readonly cpu: number | undefined;
  /** The name of the task that logged it, if a frame shows that. */
  readonly comm: string | undefined;
}

/** The header field of a fragment that did not end its line: see `Recorded.shown`. */
export const UNFINISHED = ',unfinished';
/** The header field of a record without a timestamp: see `Recorded.shown`. */
export const BARE = ',bare';

/** Returns what a record is found by: level, facility and text. */
export function key(facility: number, level: number, text: Uint8Array): string {
  return `${(facility << 3) | level};${latin1(text)}`;
}

/** Parses a dump of /dev/kmsg. `readMax` is the most bytes that one read returns. */
export function parseKmsgDump(dump: Uint8Array, readMax = 2048): Recorded[] {
  const records: Recorded[] = [];
  const lines = latin1(dump).split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.slice(0, readMax);
    // If the text filled a read to its last byte, there is no newline: the next record follows on
    // the same line.
    if (lines[i]!.length > readMax) lines.splice(i + 1, 0, lines[i]!.slice(readMax));
    const m = /^(\d+),(\d+),(\d+),([^,;]*)([^;]*);(.*)$/s.exec(line);
    if (!m) continue;
    const dict: Record<string, string> = {};
    for (; lines[i + 1]?.startsWith(' '); i++) {
      const entry = /^ ([^=]+)=(.*)$/.exec(lines[i + 1]!);
      if (entry) dict[entry[1]!] = latin1(unescaped(entry[2]!));
    }
    const prefix = Number(m[1]);
    const cut = line.length + 5 >= readMax;
    // A cut line may end in the middle of an escape, and characters may follow that.
    const text = unescaped(cut ? m[6]!.slice(0, -5).replace(/\\x?[0-9a-f]?$/, '') : m[6]!);
    records.push({
      seq: Number(m[2]),
      tsUsec: Number(m[3]),
      facility: prefix >> 3,
      level: (prefix & 7) as LogLevel,
      flag: m[4]!,
      shown: m[5]!,
      text,
      cut,
      key: key(prefix >> 3, prefix & 7, text),
      subsystem: dict['SUBSYSTEM'] ?? '',
      device: dict['DEVICE'] ?? '',
      cpu: dict['cpu'] === undefined ? undefined : Number(dict['cpu']),
      comm: dict['taskname'],
    });
  }
  return records;
}

/** The last lines of a body, in which the kernel itself says who logged the message. */
const SYSDATA = /((?: cpu=\d+\n)?(?: taskname=[^\n]*\n)?)(?: release=[^\n]*\n)?(?: msgid=\d+\n)?$/;

/**
 * Completes a dump by what only the extended frames of a capture show. The older records that the
 * log has lost come first, and each record is followed by who logged it, where the kernel said so.
 */
export function recordsOfFrames(pcap: Uint8Array, dump: Uint8Array): Uint8Array {
  const joiner = new FragmentJoiner();
  const first = parseKmsgDump(dump)[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = new Map<number, string>();
  const loggedBy = new Map<number, string>();
  let plain: string | undefined;
  for (const { frame } of new PcapReader().push(pcap)) {
    const { ip, udp, message, payload } = decodeFrame(frame);
    if (message?.kind !== 'extended' && payload !== undefined) plain = latin1(payload);
    if (message?.kind !== 'extended' || ip === undefined || udp === undefined) continue;
    const flow = { src: ip.src, srcPort: udp.srcPort, dst: ip.dst, dstPort: udp.dstPort };
    const record = message.fragment === undefined ? message : joiner.push(flow, message)?.record;
    if (record === undefined) continue;
    const body = latin1(record.body);
    const who = SYSDATA.exec(body)![1]!;
    if (record.seq >= first && who !== '') loggedBy.set(record.seq, who);
    if (record.seq >= first || older.has(record.seq)) continue;
    // Plain targets are served first, so the plain frame before shows the same text.
    const text = latin1(unescaped(body.split('\n')[0]!));
    const shown =
      record.flag !== '-' ? text !== '' && plain?.endsWith(text) && UNFINISHED : plain === `${text}\n` && BARE;
    older.set(record.seq, `${record.prio},${record.seq},${record.tsUsec},${record.flag}${shown || ''};${body}`);
  }
  const inFront = [...older.keys()].sort((a, b) => a - b).map((seq) => older.get(seq));
  return concatBytes([latin1Bytes(inFront.join('')), loggedBy.size === 0 ? dump : withLoggers(dump, loggedBy)]);
}

/** Inserts the lines of `loggedBy` behind the records with these seqs. */
function withLoggers(dump: Uint8Array, loggedBy: ReadonlyMap<number, string>): Uint8Array {
  const lines = latin1(dump).split('\n');
  for (const [i, line] of lines.entries()) {
    const who = loggedBy.get(Number(/^\d+,(\d+),/.exec(line)?.[1]));
    // If the line was cut, the end of the record is not known.
    if (who !== undefined && line.length < 2000) lines[i] = `${line}\n${who.trimEnd()}`;
  }
  return latin1Bytes(lines.join('\n'));
}
