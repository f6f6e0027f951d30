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

/** A block as the draft has it. */
function block(type: number, body: Uint8Array): Buffer {
  const length = body.length + 12;
  const [front, back] = [Buffer.alloc(8), Buffer.alloc(4)];
  front.writeUInt32LE(type);
  front.writeUInt32LE(length, 4);
  back.writeUInt32LE(length);
  return Buffer.concat([front, body, back]);
}

/** An enhanced packet block of the first interface. */
function packetBlock(text: string): Buffer {
  const body = Buffer.alloc(20 + text.length + (-text.length & 3));
  body.writeUInt32LE(text.length, 12);
  body.writeUInt32LE(text.length, 16);
  body.write(text, 20);
  return block(6, body);
}

const section = (): Buffer => block(0x0a0d0d0a, Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex'));

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
    ['a length that is no multiple of 4, and more than there is', 4, 0x1d, /two lengths that differ/],
    ['a block of no kind that is read, with a length that lies', 4, 0x20, /two lengths that differ/],
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

  /** One thing of a packet between two sound ones is changed. What Wireshark 4 says of it stands above. */
  it.each([
    // "total block length 0 of an EPB is less than the minimum"
    ['an empty length', 4, 0, /claims 0 bytes, which no block can have/],
    // "is less than the minimum EPB size 32"
    ['a length that ends inside the packet', 4, 40, /two lengths that differ/],
    // "interface index 7 is not less than section interface count"
    ['an interface that is not described', 8, 7, /names interface 7, which the file does not describe/],
    // "total block length of an EPB is too small for 5000 bytes of packet data"
    ['a packet longer than its block', 20, 5000, /claims a packet of 5000 bytes, which it cannot hold/],
  ])('ends with a word at %s, and gives what is before', (_name, at, value, message) => {
    const start = [section(), block(1, Buffer.from('0100000000000000', 'hex'))];
    const [before, lying, after] = [packetBlock('a'), packetBlock('b'), packetBlock('c')];
    lying.writeUInt32LE(value, at);
    const { packets, problem } = read(Buffer.concat([...start, before, lying, after]));
    expect(packets.map(({ frame }) => Buffer.from(frame).toString())).toEqual(['a']);
    expect(problem?.message).toMatch(message);
  });

  it('ends with a word at an option that is cut: it might have told the clock', () => {
    const file = Buffer.concat([section(), block(1, Buffer.from('0100000000000000' + '0900c800' + '06000000', 'hex'))]);
    expect(read(file).problem?.message).toBe('the block at byte 28 has an option of 200 bytes, which it cannot hold');
  });

  it('steps over blocks of other kinds, and reads lengths without their padding', () => {
    const unknown = block(0x0bad, Buffer.from('hello...'));
    const unpadded = packetBlock('abc');
    unpadded.writeUInt32LE(unpadded.length - 1, 4);
    const file = Buffer.concat([
      section(),
      unknown,
      block(1, Buffer.from('0100000000000000', 'hex')),
      unknown,
      unpadded,
    ]);
    const { packets, problem } = read(file, 3);
    expect(problem).toBeUndefined();
    expect(packets.map(({ frame }) => Buffer.from(frame).toString())).toEqual(['abc']);
  });

  it('gives each section its own interfaces, link types and clocks', () => {
    const described = (linktype: number, ...options: string[]) => {
      const head = Buffer.alloc(8);
      head.writeUInt16LE(linktype);
      return block(1, Buffer.concat([head, ...options.map((hex) => Buffer.from(hex, 'hex'))]));
    };
    const packet = (on: number, units: bigint) => {
      const body = Buffer.alloc(20);
      body.writeUInt32LE(on);
      body.writeUInt32LE(Number(units >> 32n), 4);
      body.writeUInt32LE(Number(units & 0xffffffffn), 8);
      return block(6, body);
    };
    const file = Buffer.concat([
      ...[section(), described(1), described(113, '0900010003000000'), packet(1, 1_700_000_000_250n), packet(0, 5n)],
      // 2^-10 of a second, and 100 seconds more.
      ...[section(), described(12, '090001008a000000', '0e000800' + '6400000000000000')],
      packet(0, (1_700_000_000n << 10n) + 512n),
      packet(1, 5n),
    ]);
    const { packets, problem } = read(file, 11);
    expect(packets.map(({ linktype, tsUsec }) => [linktype, tsUsec])).toEqual([
      [113, 1_700_000_000_250_000],
      [1, 5],
      [12, 1_700_000_100_500_000],
    ]);
    expect(problem?.message).toMatch(/names interface 1/);
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
