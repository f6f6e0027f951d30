import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { decode } from '../../../src/cli/decode.js';
import { PcapWriter } from '../../../src/wire/pcap.js';
import { naiveExtended, naiveFragments, naiveFragments2015, naiveFrame } from '../../support/naive.js';
import { FRAMES } from '../wire/vectors.js';

const folder = mkdtempSync(join(tmpdir(), 'decode-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Collects; `slow` makes every write wait a turn. */
class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    setImmediate(done);
  }
}

function capture(frames: readonly Uint8Array[], options = {}): Buffer {
  const writer = new PcapWriter(options);
  return Buffer.concat([writer.header(), ...frames.map((frame, i) => writer.record(frame, 5_000_007 + i))]);
}

async function run(bytes: Uint8Array, json = false) {
  const file = join(folder, 'wire.pcap');
  writeFileSync(file, bytes);
  const out = new Sink();
  const err = new Sink();
  const code = await decode(file, { json }, out, err);
  const lines = out.text.split('\n').slice(0, -1);
  return { code, lines, err: err.text.replace(file, 'FILE'), json: () => lines.map((line) => JSON.parse(line)) };
}

const flow = { srcMac: '52:54:00:00:00:01', dstMac: '12:34:56:78:9a:bc', srcIp: '10.0.0.1', dstIp: '10.0.0.2' };
const frame = (payload: Uint8Array) => naiveFrame({ ...flow, srcPort: 6665, dstPort: 6666, payload });
const long = naiveExtended({ level: 6, seq: 416, tsUsec: 1758426, text: 'x'.repeat(1500) });

describe('decode', () => {
  it('prints a line a frame and a summary', async () => {
    const { code, lines, err } = await run(capture([FRAMES.extended, FRAMES.plain]));
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(lines).toEqual([
      '5.000007 IP 10.0.0.1.4444 > 10.0.0.2.9353: id 1293, UDP, length 20 [udp sum ok] extended seq 426 prio 14 ts 10326585 flag - "z"',
      '5.000008 IP 10.0.0.1.6665 > 10.0.0.3.6666: id 1292, UDP, length 17 [udp sum ok] plain "[   10.326585] z\\n"',
      '2 frames: 1 extended, 1 plain, 0 other; 0 fragments, 0 records joined, 0 incomplete; UDP checksums: 2 good, 0 bad, 0 none, 0 not checkable; IP checksums: 0 bad',
    ]);
  });

  it('parts the records that a relay has put into a datagram', async () => {
    const glued = capture([frame(Buffer.from('6,1,10,-;a\n6,2,20,-;b\n DEVICE=c1:3\n'))]);
    const { lines } = await run(glued);
    expect(lines[0]).toMatch(/ extended seq 1 prio 6 ts 10 flag - "a"$/);
    expect(lines[1]).toBe('  and in the same datagram: extended seq 2 prio 6 ts 20 flag - "b" DEVICE="c1:3"');
    expect(lines.at(-1)).toBe('1 further record in a datagram');
    const [first, second, last] = (await run(glued, true)).json();
    expect(first.message).toMatchObject({ seq: 1, text: 'a', odd: [] });
    expect(second.parted).toMatchObject({ frame: 1, message: { seq: 2, text: 'b', dictionary: [['DEVICE', 'c1:3']] } });
    expect(last.summary.parted).toBe(1);
  });

  it('does not say what a datagram is that is cut in the middle of its first word', async () => {
    const writer = new PcapWriter();
    const whole = frame(Buffer.from('6,1,10,-;a\n'));
    const cut = (bytes: number) => writer.record(whole.subarray(0, 42 + bytes), 5_000_007);
    const { lines } = await run(Buffer.concat([writer.header(), cut(0), cut(1), cut(2), cut(4)]));
    expect(lines.slice(0, 3).every((line) => line.includes('cut too early to tell'))).toBe(true);
    expect(lines[3]).toMatch(/ extended seq 1 prio 6 \[cut\]/);
    expect(lines[4]).toMatch(/^4 frames: 1 extended, 0 plain, 3 other/);
  });

  it('prints nanoseconds when the file has them', async () => {
    expect((await run(capture([FRAMES.plain], { nanosecond: true }))).lines[0]).toMatch(/^5\.000007000 IP/);
  });

  it.each([
    ['ncfrag=OFF/TOTAL', naiveFragments(long)],
    ['ncfrag=OFF@I/N', naiveFragments2015(long)],
  ])('joins fragments, %s', async (_name, payloads) => {
    const { lines } = await run(capture(payloads.map(frame)));
    expect(lines).toHaveLength(4);
    expect(lines[2]).toBe(`  joined from 2 fragments: extended seq 416 prio 6 ts 1758426 flag - "${'x'.repeat(1500)}"`);
    expect(lines[3]).toContain('2 fragments, 1 record joined, 0 incomplete');
  });

  it('reports records that stay incomplete', async () => {
    const { lines } = await run(capture([frame(naiveFragments(long)[1]!)]));
    expect(lines[1]).toBe('  incomplete: 10.0.0.1.6665 > 10.0.0.2.6666 seq 416: 1 fragment, 531 of 1501 bytes');
    expect(lines[2]).toContain('1 fragment, 0 records joined, 1 incomplete');
  });

  it('counts bad checksums', async () => {
    const broken = FRAMES.plain.slice();
    broken[24]! ^= 1;
    broken[40]! ^= 1;
    const { lines, code } = await run(capture([broken, FRAMES.plain]));
    expect(lines[0]).toContain('[bad ip cksum] [bad udp cksum]');
    expect(lines[2]).toContain('UDP checksums: 1 good, 1 bad, 0 none, 0 not checkable; IP checksums: 1 bad');
    expect(code).toBe(0);
  });

  it('prints JSON, one object a line', async () => {
    const { json, code } = await run(capture([FRAMES.userdata, ...naiveFragments(long).map(frame)]), true);
    expect(code).toBe(0);
    const [first, second, , joined, summary, ...rest] = json();
    expect(first).toMatchObject({
      frame: 1,
      tsUsec: 5_000_007,
      length: 89,
      ethernet: { dst: '12:34:56:78:9a:bf' },
      ip: { version: 4, src: '10.0.0.1', checksum: 'good' },
      udp: { srcPort: 6665, checksum: 'good' },
      payload: Buffer.from(FRAMES.userdata.subarray(42)).toString('hex'),
      message: { kind: 'extended', seq: 490, text: 'MARK-U1 userdata', dictionary: [['foo', 'x\x01\\y;z']], odd: [] },
      odd: [],
    });
    expect(second.message).toMatchObject({ fragment: { dialect: 'bytes', offset: 0, total: 1501 } });
    expect(joined.joined).toMatchObject({
      flow: { src: '10.0.0.1', srcPort: 6665, dst: '10.0.0.2', dstPort: 6666 },
      pieces: 2,
      message: { seq: 416, text: 'x'.repeat(1500) },
    });
    expect(summary.summary).toMatchObject({ frames: 3, extended: 3, joined: 1, udpGood: 3 });
    expect(rest).toEqual([]);
  });

  it('prints the older datagrams as JSON', async () => {
    const netoops = Buffer.alloc(1412);
    netoops.write('0300010084010200d800030002000000010000002a000000', 'hex');
    const netdump = Buffer.from('0300000000000000020000000578', 'hex');
    const old = Buffer.from('01000000096869', 'hex');
    const { json } = await run(capture([netoops, netdump, old].map(frame)), true);
    expect(json().map((line) => line.message)).toMatchObject([
      { kind: 'netoops', packetCount: 2, regs: '00'.repeat(168) },
      { kind: 'netdump', code: 2, info: 5, payload: '78' },
      { kind: 'netconsole2001', offset: 9, text: 'hi' },
      undefined,
    ]);
  });

  it('prints what is whole of a truncated file, then says where it ends', async () => {
    const file = capture([FRAMES.extended, FRAMES.plain]);
    const { code, lines, err } = await run(file.subarray(0, file.length - 3));
    expect(code).toBe(1);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^1 frame: /);
    expect(err).toBe('FILE: the file is cut short: 56 of 59 bytes of the frame of the record at byte 102 are there\n');
  });

  it('stops at a record that cannot be', async () => {
    const { code, lines, err } = await run(Buffer.concat([capture([FRAMES.plain]), Buffer.alloc(16, 0xff)]));
    expect(code).toBe(1);
    expect(lines).toHaveLength(2);
    expect(err).toMatch(/the record at byte 99 claims 4294967295 bytes/);
  });

  it.each([
    ['text', Buffer.from('this is not a capture file'), /^FILE: not a capture: it begins with 74686973/],
    ['an empty file', Buffer.alloc(0), /^FILE: not a capture: 0 bytes/],
    ['another link type', capture([], { linktype: 220 }), /^FILE: link type 220 \(USB of Linux, padded\) is not read/],
  ])('refuses %s', async (_name, bytes, message) => {
    const { code, lines, err } = await run(bytes);
    expect(code).toBe(2);
    expect(lines).toEqual([]);
    expect(err).toMatch(message);
  });

  it('refuses a file that is not there', async () => {
    const err = new Sink();
    expect(await decode(join(folder, 'none'), {}, new Sink(), err)).toBe(2);
    expect(err.text).toMatch(/none: cannot be read: ENOENT/);
  });

  it('ends quietly when nobody reads, and says so when the output breaks', async () => {
    const file = join(folder, 'wire.pcap');
    writeFileSync(file, capture([FRAMES.plain]));
    const broken = (code: string) =>
      new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`broken: ${code}`), { code })) });
    const err = new Sink();
    expect(await decode(file, {}, broken('EPIPE'), err)).toBe(0);
    expect(err.text).toBe('');
    expect(await decode(file, {}, broken('ENOSPC'), err)).toBe(1);
    expect(err.text).toMatch(/the output cannot be written: broken: ENOSPC/);
  });

  it('never has more than a few chunks waiting to be written', async () => {
    const file = join(folder, 'long.pcap');
    writeFileSync(file, capture(Array.from({ length: 20_000 }, () => FRAMES.extended)));
    let most = 0;
    const out = new Sink();
    const write = out.write.bind(out);
    out.write = ((...args: Parameters<typeof write>) => {
      const more = write(...args);
      most = Math.max(most, out.writableLength);
      return more;
    }) as typeof out.write;
    expect(await decode(file, {}, out)).toBe(0);
    expect(out.text.split('\n')).toHaveLength(20_003);
    expect(most).toBeLessThan(400_000);
  });
});
