import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CapturePacket, CaptureReader } from '../../../src/wire/capture.js';
import { PcapWriter } from '../../../src/wire/pcap.js';
import { naivePcapng, type PcapngForm } from '../../support/encapsulate.js';

const frames = [
  { linktype: 1, frame: Buffer.from('the first frame') },
  { linktype: 113, frame: Buffer.from('another') },
  { linktype: 1, frame: Buffer.alloc(0) },
];

function read(file: Uint8Array, chunkBytes = file.length || 1) {
  const reader = new CaptureReader();
  const packets: CapturePacket[] = [];
  for (let at = 0; at < file.length; at += chunkBytes) packets.push(...reader.push(file.subarray(at, at + chunkBytes)));
  return { packets, problem: reader.end(), format: reader.format };
}

describe('PcapngReader', () => {
  it.each([
    ['little-endian', {}],
    ['big-endian', { littleEndian: false }],
    ['nanoseconds', { resolution: 9 }],
    ['milliseconds, big-endian', { littleEndian: false, resolution: 3 }],
  ] as [string, PcapngForm][])('reads %s, in chunks of any size', (_name, form) => {
    const file = naivePcapng(frames, form);
    for (const chunk of [1, 7, 64, file.length]) {
      const { packets, problem, format } = read(file, chunk);
      expect(problem).toBeUndefined();
      expect(format).toBe('pcapng');
      expect(packets.map((p) => [p.linktype, Buffer.from(p.frame).toString(), p.tsUsec, p.nanosecond])).toEqual(
        frames.map(({ linktype, frame }, i) => [
          linktype,
          frame.toString(),
          1e15 + i * 1e6 + 5e5,
          (form.resolution ?? 6) > 6,
        ]),
      );
    }
  });

  it('reads simple packets, of the first interface and without a stamp', () => {
    const { packets } = read(naivePcapng(frames, { simple: true }));
    expect(packets.map((p) => [p.linktype, p.tsUsec])).toEqual(frames.map(() => [1, 0]));
  });

  it('reads sections of both byte orders behind each other', () => {
    const both = Buffer.concat([naivePcapng(frames), naivePcapng(frames, { littleEndian: false })]);
    expect(read(both).packets).toHaveLength(2 * frames.length);
  });

  it('says where a file is cut, and gives what is before, for every cut', () => {
    const file = naivePcapng(frames);
    let most = 0;
    for (let size = 1; size < file.length; size++) {
      const { packets, problem } = read(file.subarray(0, size), 5);
      expect(packets.length).toBeGreaterThanOrEqual(most);
      most = packets.length;
      const whole = [naivePcapng([]).length].includes(size);
      if (problem === undefined) expect(size % 4, `${size}`).toBe(0);
      else expect(whole ? undefined : problem.kind).toMatch(/truncated|not-pcap/);
    }
    expect(most).toBe(frames.length - 1);
  });

  it.each([
    ['a length that is no multiple of 4', 4, 0x1d, /claims 29 bytes/],
    ['an unknown byte order', 8, 0, /unknown byte order/],
  ])('refuses %s', (_name, at, value, message) => {
    const file = naivePcapng(frames);
    file[at] = value;
    expect(read(file).problem?.message).toMatch(message);
  });

  it('refuses lengths that lie', () => {
    const start = naivePcapng([]).length;
    const lie = (at: number, value: number) => {
      const file = naivePcapng(frames.slice(0, 1));
      file.writeUInt32LE(value, start + at);
      return read(file).problem?.message;
    };
    expect(lie(4, 0xfffffff0)).toMatch(/claims 4294967280 bytes; more than 1048576 are not believed/);
    // The interface is 20 bytes; the packet follows: its interface, its captured length, its second length.
    expect(lie(20 + 8, 9)).toMatch(/names interface 9/);
    expect(lie(20 + 20, 5000)).toMatch(/claims a packet of 5000 bytes/);
    expect(lie(20 + 4, 48)).toMatch(/two lengths that differ/);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(200),
        fc.integer({ min: 1, max: 40 }),
        (noise, at, chunk) => {
          const file = naivePcapng(frames);
          file.set(noise.subarray(0, Math.max(0, file.length - at)), Math.min(at, file.length));
          read(file, chunk);
        },
      ),
    );
  });
});

describe('CaptureReader', () => {
  it('gives the packets of a pcap file their link type', () => {
    const writer = new PcapWriter({ linktype: 113, nanosecond: true });
    const { packets, format } = read(Buffer.concat([writer.header(), writer.record(Buffer.from('x'), 5)]), 3);
    expect(format).toBe('pcap');
    expect(packets).toMatchObject([{ linktype: 113, nanosecond: true, tsUsec: 5 }]);
  });

  it.each([
    ['snoop', Buffer.from('snoop\0\0\0'), /a snoop capture; convert it with `editcap/],
    ['btsnoop', Buffer.from('btsnoop\0'), /Bluetooth/],
    ['Network Monitor', Buffer.from('GMBU0000'), /Network Monitor/],
    ['three bytes', Buffer.from('abc'), /3 bytes are too few/],
    ['text', Buffer.from('some text'), /begins with 736f6d65/],
  ])('names %s', (_name, bytes, message) => {
    expect(read(bytes).problem).toMatchObject({ kind: 'not-pcap', message: expect.stringMatching(message) });
  });
});
