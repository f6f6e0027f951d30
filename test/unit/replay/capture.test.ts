import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CapturedRecord, CaptureOrder } from '../../../src/replay/formats/capture-order.js';
import { keepRecord, type LogRecord, readLog } from '../../../src/replay/reader.js';
import { PcapWriter } from '../../../src/wire/pcap.js';
import { ipv4, udp, wrappings } from '../../support/encapsulate.js';
import { naiveExtended, naiveFragments, naiveFragments2015, naiveFrame } from '../../support/naive.js';

const flow = { srcMac: '52:54:00:00:00:01', dstMac: '12:34:56:78:9a:bc', srcIp: '10.0.0.1', dstIp: '10.0.0.2' };
let id = 0;
const frame = (payload: Uint8Array, other = {}) =>
  naiveFrame({ ...flow, srcPort: 6665, dstPort: 6666, id: ++id, ...other, payload });
const record = (seq: number, text: string, tsUsec = seq * 1000) => naiveExtended({ level: 6, seq, tsUsec, text });

function capture(frames: readonly Uint8Array[]): Uint8Array {
  const writer = new PcapWriter();
  return Uint8Array.from(Buffer.concat([writer.header(), ...frames.map((f, i) => writer.record(f, 1e9 + i * 1000))]));
}

async function* chunks(bytes: Uint8Array, size = bytes.length || 1) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size?: number) {
  const log = readLog(chunks(bytes, size));
  const records: LogRecord[] = [];
  for await (const batch of log) records.push(...batch.map(keepRecord));
  return { records, problems: log.problems.named.map(({ line, reason }) => `${line}: ${reason}`), log };
}

const texts = (records: readonly LogRecord[]) => records.map((r) => Buffer.from(r.text).toString('latin1'));
const extended = (frames: readonly Uint8Array[]) => read(capture(frames));

describe('a capture as a log', () => {
  it('gives the records of extended datagrams, with the frame for a line', async () => {
    const long = naiveExtended({ level: 4, seq: 2, tsUsec: 2000, text: 'x'.repeat(1500) });
    const { records, problems } = await extended([
      frame(record(1, 'one')),
      ...naiveFragments(long).map((piece) => frame(piece)),
      frame(Buffer.from('6.12.0-rc1,28,3,3000,c,caller=T7;a\\x0ab\n SUBSYSTEM=net\n DEVICE=n2\n')),
    ]);
    expect(problems).toEqual([]);
    expect(texts(records)).toEqual(['one', 'x'.repeat(1500), 'a\nb']);
    expect(records.map(({ line, seq, tsUsec, level, facility }) => [line, seq, tsUsec, level, facility])).toEqual([
      [1, 1, 1000, 6, 0],
      [2, 2, 2000, 4, 0],
      [4, 3, 3000, 4, 3],
    ]);
    expect(records[2]).toMatchObject({ cont: true, callerId: 7, subsystem: 'net', device: 'n2' });
  });

  it('parts the records that a relay has put into a datagram, and takes NULs off lines', async () => {
    const glued = frame(Buffer.from('6,1,10,-;a\n SUBSYSTEM=usb\n6,2,20,-;b\n6.12.0,4,3,30,-,caller=T1;c\n'));
    const { records, problems } = await extended([glued]);
    expect(records.map(({ line, seq, level, subsystem }) => [line, seq, level, subsystem])).toEqual([
      [1, 1, 6, 'usb'],
      [1, 2, 6, undefined],
      [1, 3, 4, undefined],
    ]);
    expect(texts(records)).toEqual(['a', 'b', 'c']);
    expect(problems).toEqual([]);
    const plain = await extended([
      frame(Buffer.from('[    0.000010] a\n\0')),
      frame(Buffer.from('[    0.000020] b\n\0\0')),
      frame(Buffer.from('\0')),
    ]);
    expect(texts(plain.records)).toEqual(['a', 'b']);
  });

  it('joins the fragments of the series of 2015, and takes what was sent again once', async () => {
    const long = record(2, 'y'.repeat(1500));
    const pieces = naiveFragments2015(long).map((piece) => frame(piece));
    const again = frame(Buffer.from(record(1, 'one').toString().replace(',-;', ',-,emg=1;')));
    const { records, problems } = await extended([frame(record(1, 'one')), pieces[1]!, again, pieces[0]!, pieces[0]!]);
    expect(texts(records)).toEqual(['one', 'y'.repeat(1500)]);
    expect(problems).toEqual([]);
  });

  it('puts what was overtaken or sent again in its place', async () => {
    const { records } = await extended([1, 2, 5, 4, 3, 2, 6].map((seq) => frame(record(seq, `r${seq}`))));
    expect(texts(records)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'r6']);
  });

  it('keeps the gaps, and knows another boot by its stamps', async () => {
    const { records, problems } = await extended([
      frame(record(100, 'a')),
      frame(record(110, 'b')),
      frame(record(0, 'c', 7)),
      frame(record(1, 'd', 9)),
    ]);
    expect(records.map((r) => r.seq)).toEqual([100, 110, 0, 1]);
    expect(problems).toEqual([]);
  });

  it('cuts the text of a plain target into lines, whatever its datagrams', async () => {
    const { records } = await extended(
      [
        '[    1.000005] one\n',
        '[    2.000000][   T12] tw',
        'o\n',
        '[    3.000000] lost its end',
        '[    4.000000] four\n',
      ].map((text) => frame(Buffer.from(text))),
    );
    expect(texts(records)).toEqual(['one', 'two', 'lost its end', 'four']);
    expect(records.map((r) => [r.line, r.tsUsec, r.level, r.callerId])).toEqual([
      [1, 1000005, -1, undefined],
      [2, 2000000, -1, 12],
      [4, 3000000, -1, undefined],
      [5, 4000000, -1, undefined],
    ]);
  });

  it('takes off the carriage returns of a relay, and keeps those of a text', async () => {
    const plain = async (...lines: string[]) =>
      texts((await extended(lines.map((line) => frame(Buffer.from(line))))).records);
    expect(await plain('[    1.000000] a\r\n', '[    2.000000] b\rc\r\r\n')).toEqual(['a', 'b\rc']);
    expect(await plain('[    1.000000] a\n', '[    2.000000] b\r\n')).toEqual(['a', 'b\r']);
    const relayed = await extended([frame(Buffer.from('6,1,1000000,-;a\\x0d\r\n DEVICE=n2\r\n'))]);
    expect(texts(relayed.records)).toEqual(['a\r']);
    expect(relayed.records[0]!.device).toBe('n2');
  });

  it('reads the text of the systems before', async () => {
    const old = Buffer.concat([Buffer.from('0100000009', 'hex'), Buffer.from('of 2001\n')]);
    expect(texts((await extended([frame(old)])).records)).toEqual(['of 2001']);
    const dump = Buffer.concat([Buffer.from('03000000000000000200000005', 'hex'), Buffer.from('of netdump\n')]);
    expect(texts((await extended([frame(dump)])).records)).toEqual(['of netdump']);
  });

  it('takes one sender, and says how to take the others', async () => {
    const { records, problems } = await extended([
      frame(record(1, 'mine')),
      frame(record(9, 'not mine'), { srcIp: '10.0.0.7' }),
      frame(record(2, 'mine too')),
    ]);
    expect(texts(records)).toEqual(['mine', 'mine too']);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^2: 1 datagrams of another sender, 10\.0\.0\.7\.6665.*tcpdump -r IN -w OUT src host 10\.0\.0\.7/,
    );
  });

  it('names what it cannot take', async () => {
    const long = record(2, 'z'.repeat(1500));
    const dns = frame(Buffer.from('123401000001000000000000', 'hex'), { dstPort: 53, srcPort: 40000 });
    expect((await extended([dns])).problems).toEqual(['1: no record of netconsole in 1 frames (1 DNS)']);
    const { problems } = await extended([frame(record(1, 'one')), frame(naiveFragments(long)[0]!)]);
    expect(problems).toEqual([expect.stringMatching(/^2: fragments of record 2 are missing: \d+ of 1501 bytes/)]);
    const broken = frame(record(1, 'one'));
    broken[50]! ^= 1;
    expect((await extended([broken])).problems).toEqual(['1: 1 datagrams with a bad checksum were taken']);
  });

  it('reads on after no cut, and gives the whole records before it, for every cut and in any chunks', async () => {
    const frames = [1, 2, 3].map((seq) => frame(record(seq, `r${seq}`)));
    const file = capture(frames);
    for (let size = 24; size <= file.length; size++) {
      const { records, problems } = await read(file.subarray(0, size), 1 + (size % 97));
      const whole = frames.filter(
        (_, i) => 24 + frames.slice(0, i + 1).reduce((sum, f) => sum + 16 + f.length, 0) <= size,
      );
      expect(texts(records)).toEqual(whole.map((_, i) => `r${i + 1}`));
      const atEnd = size === 24 || 24 + whole.reduce((sum, f) => sum + 16 + f.length, 0) === size;
      expect(problems.some((text) => text.includes('cut short'))).toBe(!atEnd);
    }
  });

  it('never throws, whatever the bytes behind the header', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(2000), async (noise, at) => {
        const file = capture([1, 2, 3].map((seq) => frame(record(seq, 'text'))));
        file.set(noise.subarray(0, file.length - 24), 24 + (at % Math.max(1, file.length - 24 - noise.length)));
        await read(file, 37);
      }),
    );
  });
});

describe('CaptureOrder', () => {
  const of = (seq: number, boot: number, frameNumber: number): CapturedRecord => ({
    frame: frameNumber,
    capturedUsec: frameNumber * 1000,
    seq,
    tsUsec: seq * 50_000 + 10,
    text: Buffer.from(`boot ${boot} record ${seq}`),
  });

  it('gives every record once and in order, whatever was copied, overtaken or lost, over boots', () => {
    const boots = fc.array(fc.array(fc.tuple(fc.nat(9), fc.nat(3)), { minLength: 30, maxLength: 60 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(boots, (all) => {
        const expected: string[] = [];
        const sent: CapturedRecord[] = [];
        all.forEach((fates, boot) => {
          const arrivals: [number, CapturedRecord][] = [];
          fates.forEach(([fate, delay], seq) => {
            // The first ones come in order, so that a boot shows itself.
            const lost = seq > 2 && fate === 0;
            if (!lost) arrivals.push([seq + (seq > 2 ? delay : 0), of(seq, boot, 0)]);
            if (!lost && fate === 1) arrivals.push([seq + 3, of(seq, boot, 0)]);
            if (!lost) expected.push(`boot ${boot} record ${seq}`);
          });
          arrivals.sort(([a], [b]) => a - b);
          sent.push(...arrivals.map(([, record]) => record));
        });
        const got: string[] = [];
        let reboots = 0;
        const order = new CaptureOrder((record, reboot) => {
          got.push(Buffer.from(record.text).toString());
          if (reboot) reboots++;
        });
        for (const [i, record] of sent.entries()) order.push({ ...record, frame: i, capturedUsec: i * 1000 });
        order.end();
        expect(got).toEqual(expected);
        expect(reboots).toBe(all.length - 1);
        expect(order.late).toBe(0);
      }),
    );
  });

  it('does not wait for ever for what is lost', () => {
    const got: number[] = [];
    const order = new CaptureOrder(({ seq }) => got.push(seq));
    order.push(of(1, 0, 1));
    for (let seq = 3; seq < 303; seq++) order.push(of(seq, 0, seq));
    expect(got.length).toBeGreaterThan(40);
    expect(got[1]).toBe(3);
    order.push(of(2, 0, 400));
    expect(order.late).toBe(1);
  });
});

describe('a capture in every wrapping', () => {
  const packet = (n: number) => ipv4(17, udp(6666, Buffer.from(`6,${n},${n}000,-;text ${n}\n`)), 0, n);

  it.each(wrappings(packet(1)).map(({ name, linktype }, i) => [name, linktype, i] as const))(
    '%s',
    async (_, linktype, i) => {
      const frames = [1, 2, 3].map((n) => wrappings(packet(n))[i]!.frame);
      const writer = new PcapWriter({ linktype });
      const bytes = Buffer.concat([writer.header(), ...frames.map((f, at) => writer.record(f, 1e9 + at))]);
      const { records, problems } = await read(Uint8Array.from(bytes));
      expect(texts(records)).toEqual(['text 1', 'text 2', 'text 3']);
      expect(problems).toEqual([]);
    },
  );

  it.each([
    [189, /USB/i],
    [249, /USB/i],
    [187, /bluetooth/i],
    [227, /CAN/i],
    [4242, /4242/],
  ])('names link type %i, which carries no IP', async (linktype, name) => {
    const writer = new PcapWriter({ linktype });
    const bytes = Buffer.concat([writer.header(), writer.record(Buffer.alloc(64), 1e9)]);
    const { records, problems } = await read(Uint8Array.from(bytes));
    expect(records).toEqual([]);
    expect(problems.join()).toMatch(/no record of netconsole in 1 frames/);
    expect(problems.join()).toMatch(name);
  });
});
