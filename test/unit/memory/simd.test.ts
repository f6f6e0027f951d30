/** The compiled loops give the same bytes as their plain twins, and are what their source compiles to. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/memory/heap.js';
import { putDecimal } from '../../../src/memory/plain.js';
import { simdBinary } from '../../../src/memory/simd.js';
import { type FrameHeaders, headerLength, writeTemplate } from '../../../src/netpoll/template.js';
import { naiveFrame } from '../../support/naive.js';

const SIZE = 4 * 65536;
const plain = new Heap({ size: SIZE, ops: 'plain' });
const simd = new Heap({ size: SIZE, ops: 'simd' });
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

it('this machine runs the compiled loops', () => expect([plain.ops.name, simd.ops.name]).toEqual(['plain', 'simd']));

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
            const n = heap.ops.escape(SRC + from, bytes.length, DST + to, room);
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
        const n = heap.ops.escape(SRC, 16, DST, 200);
        const one =
          byte < 0x20 || byte >= 0x7f || byte === 0x5c
            ? `\\x${byte.toString(16).padStart(2, '0')}`
            : String.fromCharCode(byte);
        expect(Buffer.from(heap.bytes.subarray(DST, DST + n)).toString('latin1')).toBe(one.repeat(16));
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
          expect(heap.ops.lineLength(SRC + from, bytes.length)).toBe(want < 0 ? bytes.length : want);
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
            const n = heap.ops.extFormat(DST, limit, prefix, seq, ts, 0x2d, caller, SRC, bytes.length);
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
    heap.ops.udpFrame(TEMPLATE_AT, DST, src, payload.length, id);
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

describe('the binary in the source', () => {
  it('is what the loops compile to', () => {
    const root = new URL('../../..', import.meta.url).pathname;
    const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
    expect(existsSync(asc), 'assemblyscript is a development dependency').toBe(true);
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const folder = mkdtempSync(join(tmpdir(), 'simd-'));
    try {
      const out = join(folder, 'simd.wasm');
      // The very command of `npm run simd`, with another output.
      const [command = ''] = scripts['simd']!.split(' && ');
      const args = command.split(' ').slice(1);
      args[args.indexOf('-o') + 1] = out;
      execFileSync(process.execPath, [asc, ...args], { cwd: root });
      expect(readFileSync(out).equals(Buffer.from(simdBinary()))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
