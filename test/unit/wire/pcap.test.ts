import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LINKTYPE_RAW,
  PCAP_MAX_RECORD_BYTES,
  type PcapPacket,
  PcapReader,
  PcapWriter,
  pcapHeader,
  pcapRecordHeader,
} from '../../../src/wire/pcap.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const join = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));

function readAll(file: Uint8Array, chunkBytes = file.length || 1) {
  const reader = new PcapReader();
  const packets: PcapPacket[] = [];
  for (let at = 0; at < file.length; at += chunkBytes) {
    packets.push(...reader.push(file.subarray(at, at + chunkBytes)));
  }
  return { reader, packets, problem: reader.end() };
}

describe('PcapWriter', () => {
  it('writes the header of a microsecond Ethernet file', () => {
    expect(new PcapWriter().header()).toEqual(hex('d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000'));
  });

  it('writes the header of a nanosecond raw IP file', () => {
    expect(pcapHeader({ nanosecond: true, linktype: LINKTYPE_RAW })).toEqual(
      hex('4d3cb2a1 0200 0400 00000000 00000000 00000400 65000000'),
    );
  });

  it('writes a record', () => {
    expect(new PcapWriter().record(Uint8Array.of(1, 2, 3), 5_000_007.9)).toEqual(
      hex('05000000 07000000 03000000 03000000 010203'),
    );
  });

  it('keeps fractions of a microsecond in nanosecond files', () => {
    const record = new PcapWriter({ nanosecond: true }).record(new Uint8Array(0), 1_000_000.25);
    expect(record).toEqual(hex('01000000 fa000000 00000000 00000000'));
  });

  it('carries when nanoseconds round up to a second', () => {
    const record = new PcapWriter({ nanosecond: true }).record(new Uint8Array(0), 999_999.9999);
    expect(record.subarray(0, 8)).toEqual(hex('01000000 00000000'));
  });

  it('writes a record header in place and nothing else', () => {
    const bytes = new Uint8Array(24).fill(0xa5);
    pcapRecordHeader(bytes, 4, 0xffffffff * 1e6, 66);
    expect(bytes).toEqual(hex('a5a5a5a5 ffffffff 00000000 42000000 42000000 a5a5a5a5'));
  });
});

describe('PcapReader', () => {
  it.each([
    ['little-endian, microseconds', 'd4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000', true, false],
    ['big-endian, microseconds', 'a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001', false, false],
    ['little-endian, nanoseconds', '4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000', true, true],
    ['big-endian, nanoseconds', 'a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001', false, true],
  ])('reads %s', (_name, header, littleEndian, nanosecond) => {
    const record = new Uint8Array(18);
    const view = new DataView(record.buffer);
    view.setUint32(0, 3, littleEndian);
    view.setUint32(4, nanosecond ? 7500 : 7, littleEndian);
    view.setUint32(8, 2, littleEndian);
    view.setUint32(12, 60, littleEndian);
    record.set([0xab, 0xcd], 16);
    const { reader, packets, problem } = readAll(join(hex(header), record));
    expect(problem).toBeUndefined();
    expect(reader.header).toEqual({ littleEndian, nanosecond, linktype: 1, snapLength: 65535 });
    const tsUsec = nanosecond ? 3_000_007.5 : 3_000_007;
    expect(packets).toEqual([{ tsUsec, frame: Uint8Array.of(0xab, 0xcd), originalLength: 60, at: 24 }]);
  });

  it('gives back what the writer wrote, in chunks of any size', () => {
    const frames = fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(2 ** 31 - 1)), { maxLength: 6 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 100 }), fc.boolean(), (records, chunk, nanosecond) => {
        const writer = new PcapWriter({ nanosecond });
        const file = join(writer.header(), ...records.map(([frame, ts]) => writer.record(frame, ts)));
        const { packets, problem } = readAll(file, chunk);
        expect(problem).toBeUndefined();
        expect(packets.map((p) => [p.frame, p.tsUsec])).toEqual(records);
      }),
    );
  });

  it('says where a file is cut, for every cut', () => {
    const writer = new PcapWriter();
    const file = join(writer.header(), writer.record(new Uint8Array(5), 1), writer.record(new Uint8Array(9), 2));
    const ends = [24, 24 + 21, 24 + 21 + 25];
    for (let size = 0; size < file.length; size++) {
      const { packets, problem } = readAll(file.slice(0, size));
      const last = ends.filter((end) => end <= size).at(-1);
      expect(packets).toHaveLength(last === undefined ? 0 : ends.indexOf(last));
      if (last === undefined) expect(problem).toMatchObject({ kind: 'not-pcap', at: 0 });
      else if (last === size) expect(problem).toBeUndefined();
      else expect(problem).toMatchObject({ kind: 'truncated', at: last });
    }
  });

  it('names the bytes that are there and those that are not', () => {
    const writer = new PcapWriter();
    const file = join(writer.header(), writer.record(new Uint8Array(5), 1));
    expect(readAll(file.slice(0, 43)).problem?.message).toBe(
      'the file is cut short: 3 of 5 bytes of the frame of the record at byte 24 are there',
    );
    expect(readAll(file.slice(0, 34)).problem?.message).toBe(
      'the file is cut short: 10 of 16 bytes of the record header at byte 24 are there',
    );
  });

  it('refuses a record over the limit, keeps those before it, and reads nothing after it', () => {
    const writer = new PcapWriter();
    const long = new Uint8Array(16);
    pcapRecordHeader(long, 0, 1, PCAP_MAX_RECORD_BYTES + 1);
    const file = join(writer.header(), writer.record(Uint8Array.of(1), 1), long, writer.record(Uint8Array.of(2), 2));
    const { packets, problem, reader } = readAll(file);
    expect(packets).toHaveLength(1);
    expect(problem).toMatchObject({ kind: 'bad-record', at: 24 + 17 });
    expect(reader.push(writer.record(Uint8Array.of(3), 3))).toEqual([]);
  });

  it('takes a record of exactly the limit', () => {
    const writer = new PcapWriter();
    const { packets, problem } = readAll(
      join(writer.header(), writer.record(new Uint8Array(PCAP_MAX_RECORD_BYTES), 1)),
      5000,
    );
    expect(problem).toBeUndefined();
    expect(packets[0]?.frame.length).toBe(PCAP_MAX_RECORD_BYTES);
  });

  it.each([
    ['text', Buffer.from('this is not a capture file at all'), /begins with 74686973/],
    ['pcapng', hex('0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffff ffffffff 1c000000'), /pcapng/],
    ['version 3', hex('d4c3b2a1 0300 0400 00000000 00000000 ffff0000 01000000'), /version 3/],
    ['nothing', new Uint8Array(0), /0 bytes are too few/],
  ])('refuses %s', (_name, bytes, message) => {
    const { problem, packets } = readAll(Uint8Array.from(bytes));
    expect(problem).toMatchObject({ kind: 'not-pcap', at: 0, message: expect.stringMatching(message) });
    expect(packets).toEqual([]);
  });

  it('never throws, whatever the bytes', () => {
    const start = fc.constantFrom(new Uint8Array(0), pcapHeader(), pcapHeader({ nanosecond: true }));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (header, noise, chunk) => {
        const { packets } = readAll(join(header, noise), chunk);
        for (const packet of packets) expect(packet.frame.length).toBeLessThanOrEqual(PCAP_MAX_RECORD_BYTES);
      }),
      { numRuns: 500 },
    );
  });
});
