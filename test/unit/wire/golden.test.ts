/** Every frame that real kernels sent, through the decoder and the naive codec. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Decoded, decodeFrame } from '../../../src/wire/decode.js';
import { type ExtendedRecord, parsePayload } from '../../../src/wire/extended.js';
import { FragmentJoiner, type IncompleteRecord } from '../../../src/wire/joiner.js';
import { PcapReader } from '../../../src/wire/pcap.js';
import {
  type NaiveRecord,
  naiveExtended,
  naiveFragments,
  naiveFrame,
  naivePlain,
  naivePlainPayloads,
} from '../../support/naive.js';

/** `NETCONSOLE_GOLDEN`: recordings elsewhere. */
const root = process.env['NETCONSOLE_GOLDEN'] ?? new URL('../../golden', import.meta.url).pathname;
const list = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
const recordings = list(root).flatMap((kernel) =>
  list(`${root}/${kernel}`)
    .filter((scenario) => existsSync(`${root}/${kernel}/${scenario}/wire.pcap`))
    .map((scenario) => [kernel, scenario] as const),
);

function frames(file: string): { frame: Uint8Array; decoded: Decoded }[] {
  const reader = new PcapReader();
  const packets = reader.push(readFileSync(file));
  expect(reader.end()).toBeUndefined();
  return packets.map(({ frame }) => ({ frame, decoded: decodeFrame(frame) }));
}

/** The records of a kernel's log, as their fields, with the text as bytes. */
function log(file: string): Map<number, NaiveRecord> {
  const records = new Map<number, NaiveRecord>();
  // A panic leaves no log to read.
  if (!existsSync(file)) return records;
  for (const record of readFileSync(file, 'latin1').split(/\n(?! )/)) {
    const message = parsePayload(Buffer.from(`${record}\n`, 'latin1'));
    if (message.kind !== 'extended') continue;
    const { prio, seq, tsUsec, flag, body } = message;
    const [text = '', ...lines] = Buffer.from(body).toString('latin1').slice(0, -1).split('\n');
    const decode = (part: string) =>
      part.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
    // /dev/kmsg has the same limit: an escape it cut stands for some byte that needs one.
    const whole = text.replace(/\\(x[0-9a-f]?)?$/, '\x01');
    const dictionary = lines.map((line): [string, string] => {
      const [key = '', ...value] = line.slice(1).split('=');
      return [key, decode(value.join('='))];
    });
    records.set(seq, { level: prio, seq, tsUsec, flag, text: Buffer.from(decode(whole), 'latin1'), dictionary });
  }
  return records;
}

describe('frames of real kernels', () => {
  it.skipIf(recordings.length === 0)('are here to be decoded (skipped: no recordings in test/golden)', () => {
    expect(recordings.length).toBeGreaterThan(0);
  });

  it.each(recordings)('%s/%s', (kernel, scenario) => {
    const folder = `${root}/${kernel}/${scenario}`;
    const records = log(`${folder}/kmsg`);
    // Linux: CONSOLE_EXT_LOG_MAX and CONSOLE_LOG_MAX until 6.2, PRINTK_MESSAGE_MAX later.
    const [major, minor] = kernel.split('.').map(Number) as [number, number];
    const old = major < 6 || (major === 6 && minor < 3);
    const [extendedLimit, plainLimit] = old ? [8192, 1024] : [2048, 2048];
    // Until 4.9 plain targets get a line that is not finished in pieces, each as it comes.
    const inPieces = major === 4 && minor <= 9;
    const payloads = [...records.values()].flatMap((record) => naivePlainPayloads(naivePlain(record, plainLimit)));
    const printed = new Set(payloads.map((payload) => payload.toString('latin1')));
    const incomplete: IncompleteRecord[] = [];
    const joiner = new FragmentJoiner((record) => incomplete.push(record));
    const pending = new Map<number, Buffer[]>();
    const unknown: string[] = [];

    for (const { frame, decoded } of frames(`${folder}/wire.pcap`)) {
      const { ethernet, ip, udp, message, payload, padding = 0 } = decoded;
      expect(decoded.odd).toEqual([]);
      if (ethernet === undefined || ip === undefined || udp === undefined || message === undefined || !payload) {
        throw new Error('not a UDP frame');
      }
      expect(udp.checksum).toBe('good');
      expect(ip.checksum).toBe(ip.version === 4 ? 'good' : undefined);
      const rebuilt = naiveFrame({
        srcMac: ethernet.src,
        dstMac: ethernet.dst,
        srcIp: ip.src,
        dstIp: ip.dst,
        srcPort: udp.srcPort,
        dstPort: udp.dstPort,
        ...(ip.id !== undefined && { id: ip.id }),
        payload,
      });
      expect(Buffer.from(frame.subarray(0, frame.length - padding)).toString('hex')).toBe(rebuilt.toString('hex'));

      // Such a piece may begin with any byte, as that of 2001's version.
      if (message.kind === 'plain' || (inPieces && message.kind === 'netconsole2001')) {
        const text = Buffer.from(payload).toString('latin1');
        if (!printed.has(text)) unknown.push(text);
        continue;
      }
      if (message.kind !== 'extended') throw new Error(`a kernel of today sent ${message.kind}`);
      expect(message.odd).toEqual([]);
      if (message.fragment === undefined) {
        check(records, message, extendedLimit);
        continue;
      }
      const pieces = pending.get(message.seq) ?? [];
      pieces.push(Buffer.from(payload));
      pending.set(message.seq, pieces);
      const joined = joiner.push({ ...ip, ...udp }, message);
      if (joined === undefined) continue;
      check(records, joined.record, extendedLimit);
      const header = pieces[0]!.subarray(0, pieces[0]!.indexOf(',ncfrag='));
      const whole = Buffer.concat([header, Buffer.from(';'), joined.record.body]);
      expect(pieces).toEqual(naiveFragments(whole));
      pending.delete(message.seq);
    }
    joiner.end();
    expect(incomplete).toEqual([]);
    // What /dev/kmsg cut, and what the ring had lost when it was read, the log cannot tell.
    const cut = [...records.values()].filter((record) => naiveExtended(record).length > extendedLimit);
    const prefixes = cut.map((record) => naivePlain(record).toString('latin1', 0, 15));
    const texts = [...records.values()].map(({ text }) => Buffer.from(text).toString('latin1'));
    const isPiece = (piece: string) => {
      const part = piece.replace(/^\[ *\d+\.\d{6}\] /, '').replace(/\n$/, '');
      return inPieces && texts.some((text) => text.includes(part));
    };
    const unexplained = unknown.filter((text) => !prefixes.some((prefix) => text.startsWith(prefix)) && !isPiece(text));
    if (records.size > 0 && scenario !== 'overflow') expect(unexplained).toEqual([]);
  });
});

/** What was sent begins with the record as the naive formatter prints it; userdata may follow. */
function check(records: Map<number, NaiveRecord>, { seq, body }: ExtendedRecord, limit: number): void {
  const record = records.get(seq);
  if (record === undefined) return;
  const formatted = naiveExtended(record, limit);
  const want = formatted.subarray(formatted.indexOf(';') + 1);
  expect(Buffer.from(body.subarray(0, want.length)).toString('latin1')).toBe(want.toString('latin1'));
}
