/** The compiled loops give the same bytes as their plain twins, and are what their source compiles to. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneBinary } from '../../../src/lane/compiled.js';
import { DESC, PRB, TEMPLATE } from '../../../src/lane/layout.js';
import { putDecimal } from '../../../src/lane/plain.js';
import { Heap } from '../../../src/memory/heap.js';
import { type FrameHeaders, headerLength, writeTemplate } from '../../../src/netpoll/template.js';
import { formatExt } from '../../../src/printk/format.js';
import { packInfo } from '../../../src/printk/prb.js';
import { printkRecord } from '../../../src/printk/record.js';
import { PrintkRingbuffer } from '../../../src/printk/ringbuffer.js';
import { profile } from '../../../src/profile/index.js';
import type { Usec } from '../../../src/time/index.js';
import { compileLane, layoutSource } from '../../support/lane.js';
import { naiveFrame } from '../../support/naive.js';

const SIZE = 4 * 65536;
const plain = new Heap({ size: SIZE, lane: 'plain' });
const simd = new Heap({ size: SIZE, lane: 'simd' });
const SRC = 16384;
const DST = 32768;
const TEMPLATE_AT = 8192;

const text = fc.oneof(
  fc.uint8Array({ maxLength: 1100 }),
  // Mostly plain, as log lines are.
  fc
    .array(
      fc.oneof(
        { weight: 30, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
      ),
      { maxLength: 1100 },
    )
    .map((list) => Uint8Array.from(list)),
);

it('this machine runs the compiled loops', () => expect([plain.lane.arm, simd.lane.arm]).toEqual(['plain', 'simd']));

describe('escape', () => {
  it('is the same in any room', () => {
    fc.assert(
      fc.property(
        text,
        fc.nat({ max: 64 }),
        fc.nat({ max: 64 }),
        fc.oneof(fc.nat({ max: 80 }), fc.nat({ max: 4400 })),
        (bytes, from, to, room) => {
          const outputs = [plain, simd].map((heap) => {
            heap.bytes.fill(0xa5, DST, DST + 8192);
            heap.bytes.set(bytes, SRC + from);
            const n = heap.lane.escape(SRC + from, bytes.length, DST + to, room);
            expect(n).toBeLessThanOrEqual(room);
            // Nothing before it, and nothing behind its room.
            expect(heap.bytes[DST + to - 1]).toBe(to > 0 ? 0xa5 : heap.bytes[DST - 1]);
            expect(heap.bytes[DST + to + room]).toBe(0xa5);
            return Buffer.from(heap.bytes.subarray(DST + to, DST + to + n)).toString('latin1');
          });
          expect(outputs[1]).toBe(outputs[0]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is right for every byte', () => {
    for (const heap of [plain, simd]) {
      for (let byte = 0; byte < 256; byte++) {
        heap.bytes.fill(byte, SRC, SRC + 16);
        const n = heap.lane.escape(SRC, 16, DST, 200);
        const one =
          byte < 0x20 || byte >= 0x7f || byte === 0x5c
            ? `\\x${byte.toString(16).padStart(2, '0')}`
            : String.fromCharCode(byte);
        expect(Buffer.from(heap.bytes.subarray(DST, DST + n)).toString('latin1')).toBe(one.repeat(16));
      }
    }
  });
});

describe('copy', () => {
  it('copies so many bytes to any place, and touches none beside them', () => {
    for (const heap of [plain, simd]) {
      for (let i = 0; i < 256; i++) heap.bytes[SRC + i] = i;
      for (let length = 0; length <= 100; length++) {
        for (let at = 0; at < 17; at++) {
          heap.bytes.fill(0xa5, DST, DST + 256);
          heap.lane.copy(SRC + length, length, DST + at);
          const want = Buffer.alloc(256, 0xa5);
          for (let i = 0; i < length; i++) want[at + i] = length + i;
          expect(Buffer.compare(heap.bytes.subarray(DST, DST + 256), want)).toBe(0);
        }
      }
    }
  });
});

describe('lineLength', () => {
  it('is the same for any text, and looks no further than its end', () => {
    const lines = fc
      .array(fc.constantFrom(0x0a, 0x61, 0x8a, 0xff), { maxLength: 70 })
      .map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(fc.oneof(text, lines), fc.nat({ max: 40 }), (bytes, from) => {
        const want = bytes.indexOf(0x0a);
        for (const heap of [plain, simd]) {
          heap.bytes.set(bytes, SRC + from);
          heap.bytes.fill(0x0a, SRC + from + bytes.length, SRC + from + bytes.length + 16);
          expect(heap.lane.lineLength(SRC + from, bytes.length)).toBe(want < 0 ? bytes.length : want);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('extFormat', () => {
  it('is the same for any record and limit', () => {
    const number = fc.oneof(
      fc.nat({ max: 20 }),
      fc.constantFrom(9, 10, 99, 100, 9999, 10000, 99999999, 100000000, 2 ** 32, 2 ** 53 - 1),
      fc.maxSafeNat(),
    );
    fc.assert(
      fc.property(
        text,
        fc.nat({ max: 2047 }),
        number,
        number,
        fc.oneof(fc.constant(-1), fc.nat({ max: 0xffffffff })),
        fc.integer({ min: 100, max: 2100 }),
        (bytes, prefix, seq, ts, caller, limit) => {
          const outputs = [plain, simd].map((heap) => {
            heap.bytes.set(bytes, SRC);
            heap.bytes.fill(0xa5, DST, DST + 8192);
            const n = heap.lane.extFormat(DST, limit, prefix, seq, ts, 0x2d, caller, SRC, bytes.length);
            expect(heap.bytes[DST + limit]).toBe(0xa5);
            return Buffer.from(heap.bytes.subarray(DST, DST + n)).toString('latin1');
          });
          expect(outputs[1]).toBe(outputs[0]);
          expect(outputs[0]).toMatch(new RegExp(`^${prefix},${seq},${ts},-`));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('udpFrame', () => {
  const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const address = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
  const headers = fc.boolean().chain((v6) =>
    fc.record({
      sourceMac: mac,
      remoteMac: mac,
      localIp: address(v6 ? 16 : 4),
      remoteIp: address(v6 ? 16 : 4),
      localPort: fc.nat({ max: 65535 }),
      remotePort: fc.nat({ max: 65535 }),
      udpChecksum: fc.boolean(),
    }),
  );
  const colons = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const ip = (bytes: Uint8Array) =>
    bytes.length === 4
      ? bytes.join('.')
      : Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16)).join(':');

  const frame = (heap: Heap, h: FrameHeaders, payload: Uint8Array, id: number, inPlace: boolean): Buffer => {
    writeTemplate(heap, TEMPLATE_AT, h);
    const src = inPlace ? DST : SRC + 3;
    heap.bytes.fill(0xa5, DST - 128, DST + 2048);
    heap.bytes.set(payload, src);
    heap.lane.udpFrame(TEMPLATE_AT, DST, src, payload.length, id);
    // Zeros up to the next multiple of sixteen, and nothing behind.
    const padded = (payload.length + 15) & ~15;
    expect(heap.bytes.subarray(DST + payload.length, DST + padded).every((byte) => byte === 0)).toBe(true);
    expect(heap.bytes[DST + padded]).toBe(0xa5);
    return Buffer.from(heap.bytes.subarray(DST - headerLength(h), DST + payload.length));
  };

  it('is the frame that the naive codec builds', () => {
    fc.assert(
      fc.property(
        headers,
        fc.uint8Array({ maxLength: 1000 }),
        fc.nat({ max: 65535 }),
        fc.boolean(),
        (h, payload, id, inPlace) => {
          const want = naiveFrame({
            srcMac: colons(h.sourceMac),
            dstMac: colons(h.remoteMac),
            srcIp: ip(h.localIp),
            dstIp: ip(h.remoteIp),
            srcPort: h.localPort,
            dstPort: h.remotePort,
            id,
            udpChecksum: h.udpChecksum,
            payload,
          }).toString('hex');
          for (const heap of [plain, simd]) expect(frame(heap, h, payload, id, inPlace).toString('hex')).toBe(want);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each([4, 16])('a checksum of 0 is sent as ffff (addresses of %i bytes)', (length) => {
    const h: FrameHeaders = {
      sourceMac: new Uint8Array(6),
      remoteMac: new Uint8Array(6),
      localIp: new Uint8Array(length).fill(1),
      remoteIp: new Uint8Array(length).fill(2),
      localPort: 6665,
      remotePort: 6666,
    };
    for (const heap of [plain, simd]) {
      const checksum = (payload: Uint8Array) => frame(heap, h, payload, 1, false).readUInt16BE(headerLength(h) - 2);
      // Adding to a word what is missing to ffff makes the sum 0.
      const payload = Uint8Array.of(0x61, 0x62, 0, 0);
      const missing = checksum(payload);
      payload[2] = missing >> 8;
      payload[3] = missing & 255;
      expect(checksum(payload)).toBe(0xffff);
      payload[3]! ^= 1;
      expect([0x0001, 0xfffe]).toContain(checksum(payload));
    }
  });
});

describe.each(['plain', 'simd'] as const)('extFrame, %s', (lane) => {
  const ROOM = 1000;
  const heap = new Heap({ size: SIZE, lane });
  const template = heap.alloc(TEMPLATE.bytes, 64);
  const dst = heap.alloc(16384, 64) + 128;
  const headers: FrameHeaders = {
    sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    remoteMac: Uint8Array.of(2, 0, 0, 0, 0, 2),
    localIp: Uint8Array.of(10, 0, 0, 1),
    remoteIp: Uint8Array.of(10, 0, 0, 2),
    localPort: 6665,
    remotePort: 6666,
  };
  const options = (caller: boolean) => ({ caller, time: true, syslog: false });
  const record = fc.record({
    text: fc.oneof(
      { weight: 3, arbitrary: fc.nat({ max: 990 }).map((n) => new Uint8Array(n).fill(0x61)) },
      { weight: 5, arbitrary: text },
    ),
    seq: fc.oneof(
      fc.nat({ max: 100 }),
      fc.maxSafeNat().map((n) => Math.min(n, 2 ** 53 - 2)),
    ),
    ts: fc.oneof(fc.nat(), fc.maxSafeNat()),
    facility: fc.nat({ max: 255 }),
    level: fc.nat({ max: 7 }),
    flags: fc.constantFrom(2, 2 | 8, 2 | 1),
    callerId: fc.oneof(
      fc.nat({ max: 100_000 }),
      fc.nat({ max: 64 }).map((cpu) => 0x80000000 + cpu),
    ),
    loglevel: fc.constantFrom(4, 7, 8),
    caller: fc.boolean(),
    id: fc.nat({ max: 65535 }),
    lead: fc.nat({ max: 3000 }),
  });

  it('is what reading, formatting and framing make of a record; 0 where they must be asked', () => {
    let direct = 0;
    fc.assert(
      fc.property(record, (r) => {
        const ring = new PrintkRingbuffer(heap, 12, profile('6.12'));
        ring.startAt(r.seq - (r.lead > 0 && r.seq > 0 ? 1 : 0));
        // Before it another one, so that it lies anywhere, across the ring's end too.
        if (ring.nextSeq < r.seq) ring.store(r.lead + 1, packInfo(0, 0, 6, 2), 0 as Usec, 1, undefined);
        const at = ring.store(
          r.text.length + 1,
          packInfo(r.text.length, r.facility, r.level, r.flags),
          r.ts as Usec,
          r.callerId,
          undefined,
        );
        heap.bytes.set(r.text, at);
        const seq = ring.nextSeq - 1;
        writeTemplate(heap, template, headers);
        heap.bytes.fill(0xa5, dst - 128, dst + 2048);
        const n = heap.lane.extFrame(template, dst, ROOM, ring.prb, seq | 0, r.loglevel, r.caller ? 1 : 0, r.id);
        const made = Buffer.from(heap.bytes.subarray(dst - 42, dst + n)).toString('latin1');
        // What the frame has no room for is not written far behind it.
        expect(heap.bytes[dst + ROOM + 80]).toBe(0xa5);

        const read = printkRecord();
        expect(ring.read(seq, read)).toBe('ok');
        const length = formatExt(heap, read, dst, 8192, options(r.caller));
        ring.release();
        const filtered = r.level >= r.loglevel && (r.flags & 1) === 0;
        expect(n).toBe(filtered || length > ROOM ? 0 : length);
        if (n === 0) return;
        direct++;
        heap.lane.udpFrame(template, dst, dst, length, r.id);
        expect(made).toBe(Buffer.from(heap.bytes.subarray(dst - 42, dst + length)).toString('latin1'));
      }),
      { numRuns: 3000 },
    );
    expect(direct).toBeGreaterThan(1000);
  });

  it('is not done for what is not there, not final, lost or has a dictionary', () => {
    const ring = new PrintkRingbuffer(heap, 10, profile('6.12'));
    writeTemplate(heap, template, headers);
    const frame = (seq: number) => heap.lane.extFrame(template, dst, ROOM, ring.prb, seq, 8, 0, 1);
    expect(frame(0)).toBe(0);
    ring.store(11, packInfo(10, 0, 6, 2), 0 as Usec, 1, undefined);
    expect(frame(0)).toBeGreaterThan(0);
    expect([frame(1), frame(-1)]).toEqual([0, 0]);
    const open = ring.reserve(20)!;
    expect(frame(1)).toBe(0);
    ring.commit(open);
    expect(frame(1)).toBe(0);
    const named = ring.reserve(20)!;
    expect(frame(1)).toBeGreaterThan(0);
    named.dev = { subsystem: 'net', device: 'n2' };
    ring.finalCommit(named);
    expect(frame(2)).toBe(0);
    for (let i = 0; i < 40; i++) ring.store(100, packInfo(10, 0, 6, 2), 0 as Usec, 1, undefined);
    expect(frame(0)).toBe(0);
    // A seq without text.
    ring.skipTo(ring.nextSeq + 1);
    expect(frame(ring.nextSeq - 1)).toBe(0);
    ring.release();
  });
});

const TASK = { pid: 7, comm: 'seven', cpu: 3 };

describe('a ring', () => {
  const rings = (['plain', 'simd'] as const).map((lane) => new Heap({ size: SIZE, lane }));
  const around = fc.constantFrom(0, 2 ** 31, 2 ** 32);
  const start = fc.record({
    sizeBits: fc.constantFrom(10, 11, 12),
    recordShare: fc.constantFrom('whole' as const, 'half' as const),
    perfectFit: fc.boolean(),
    /** Where its text begins, and its seqs: before the places where the low words become negative or zero. */
    position: fc.tuple(around, fc.nat({ max: 12 })).map(([at, laps]) => at - laps * 512),
    seq: fc.tuple(fc.oneof(around, fc.constant(2 ** 40)), fc.nat({ max: 60 })).map(([at, n]) => Math.max(0, at - n)),
  });
  const size = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 64 }) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 600 }) },
    { weight: 1, arbitrary: fc.integer({ min: 400, max: 4200 }) },
  );
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('store' as const), size }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('reserve' as const), size, final: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('continue' as const), size, final: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const), size: fc.nat({ max: 40 }) }) },
  );

  it('is the same memory in both arms, whatever is written by whom, at any position and seq', () => {
    let stored = 0;
    let refused = 0;
    fc.assert(
      fc.property(start, fc.array(step, { minLength: 20, maxLength: 120 }), (o, steps) => {
        const pair = rings.map((heap) => {
          const ring = new PrintkRingbuffer(heap, o.sizeBits, o);
          ring.startAt(o.seq);
          heap.i32[(ring.prb + PRB.head) >> 2] = o.position;
          heap.i32[(ring.prb + PRB.tail) >> 2] = o.position;
          return { heap, ring };
        });
        const bytes = PRB.bytes + 2 ** (o.sizeBits - 5) * DESC.bytes;
        try {
          for (const s of steps) {
            const results = pair.map(({ heap, ring }) => {
              if (s.do === 'store')
                return ring.store(s.size, packInfo(s.size - 1, 1, 6, 2), ring.nextSeq as Usec, 7, TASK);
              if (s.do === 'skip') return ring.skipTo(ring.nextSeq + s.size);
              const entry = s.do === 'reserve' ? ring.reserve(s.size) : ring.reserveInLast(7, s.size, 1024);
              if (entry === undefined) return 0;
              if (s.do === 'reserve') Object.assign(entry, { tsUsec: 5, facility: 0, level: 3, flags: 0, callerId: 7 });
              entry.textLen += s.size - 1;
              heap.bytes.fill(0x61, entry.textAt, entry.textAt + entry.textLen);
              if (s.final) ring.finalCommit(entry);
              else ring.commit(entry);
              return entry.textAt;
            });
            expect(results[1]).toBe(results[0]);
            if (s.do === 'store') results[0] === 0 ? refused++ : stored++;
            const [one, two] = pair.map(({ heap, ring }) =>
              Buffer.from(heap.bytes.subarray(ring.prb, ring.prb + bytes)).toString('hex'),
            );
            expect(two).toBe(one);
          }
        } finally {
          for (const { ring } of pair) ring.release();
        }
      }),
      { numRuns: 500 },
    );
    expect(stored).toBeGreaterThan(5000);
    expect(refused).toBeGreaterThan(500);
  });
});

describe('putDecimal', () => {
  it('writes what a string would', () => {
    const bytes = new Uint8Array(20);
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const n = putDecimal(bytes, 1, value);
        expect(Buffer.from(bytes.subarray(1, 1 + n)).toString()).toBe(String(value));
      }),
    );
  });
});

describe('what is made by `npm run lane`', () => {
  const source = (name: string) => readFileSync(new URL(`../../../src/lane/${name}`, import.meta.url), 'utf8');

  it('layout.as.ts is the layout', () => expect(source('layout.as.ts')).toBe(layoutSource()));

  it('the embedded binary, and its text, are what the loops compile to', () => {
    const { binary, text } = compileLane();
    expect(Buffer.from(laneBinary()).equals(binary)).toBe(true);
    expect(source('lane.wat')).toBe(text);
  });
});
