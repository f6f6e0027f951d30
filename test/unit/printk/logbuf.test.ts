import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/memory/heap.js';
import { LogBuffer } from '../../../src/printk/logbuf.js';
import { printkRecord } from '../../../src/printk/record.js';
import { readValid } from '../../../src/printk/ring.js';
import { bench } from '../../support/harness.js';
import { OracleLogbuf } from '../../support/oracle-logbuf.js';

const heap = new Heap({ size: 64 * 65536, lane: 'plain' });

function readAll(ring: LogBuffer): [number, string][] {
  const record = printkRecord();
  const out: [number, string][] = [];
  for (let seq = 0; readValid(ring, seq, record); seq = record.seq + 1) {
    out.push([record.seq, Buffer.from(heap.bytes.subarray(record.textAt, record.textAt + record.textLen)).toString()]);
  }
  return out;
}

describe('the byte ring', () => {
  it.each([10, 11, 12])('2^%i bytes: does what its indexes say, whatever is stored', (bits) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 100 }) }, { weight: 3, arbitrary: fc.nat({ max: 991 }) }),
          { maxLength: 120 },
        ),
        (lengths) => {
          const ring = new LogBuffer(heap, bits);
          const oracle = new OracleLogbuf(bits);
          lengths.forEach((length, i) => {
            const text = `${length}:`.padEnd(length, String.fromCharCode(97 + (i % 26))).slice(0, length);
            const entry = { facility: 0, level: 6, flags: 0, tsUsec: i, callerId: 0, dev: undefined };
            const stored = ring.store(entry, Buffer.from(text));
            expect(stored > 0 || length === 0 || ring.fail > 0).toBe(true);
            oracle.store(text);
            expect(ring.nextSeq).toBe(oracle.nextSeq);
          });
          expect(readAll(ring)).toEqual([...oracle.texts]);
          ring.release();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a dictionary takes its place too', () => {
    const ring = new LogBuffer(heap, 10);
    const oracle = new OracleLogbuf(10);
    const dev = { subsystem: 'pci', device: '+pci:0000:00:03.0' };
    for (let i = 0; i < 50; i++) {
      ring.store({ facility: 0, level: 6, flags: 0, tsUsec: i, callerId: 0, dev }, Buffer.from(`message ${i}`));
      oracle.store(`message ${i}`, 'SUBSYSTEM=pci'.length + 1 + 'DEVICE=+pci:0000:00:03.0'.length);
    }
    expect(readAll(ring)).toEqual([...oracle.texts]);
    ring.release();
  });
});

describe('4.2', () => {
  it('parses one marker pair; d is the default level', () => {
    const { kernel, log } = bench('4.2');
    kernel.printk('\x013\x016x\n');
    kernel.printk('\x01dx\n');
    kernel.printk('\x01cx\n');
    expect(log().map((record) => record.replace(/,\d+,\d+,-/, ''))).toEqual(['3;\\x016x', '4;x', '4;\\x01cx']);
  });

  it('joins fragments without an extended console, by the same task', () => {
    const { kernel, texts } = bench('4.2');
    kernel.printk('one ');
    kernel.printk('two ');
    kernel.printk('three\n');
    expect(texts()).toEqual(['one two three']);
  });
});
