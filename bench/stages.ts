/**
 * Measures the stages from printk to frame, each beside its naive twin: `npx tsx bench/joined.ts
 * stages.ts`.
 *
 * The whole way, and the same in C, are rows of `npm run bench`: `printk-to-frame` and `C
 * printk-to-frame`.
 */
import { bench, boxplot, do_not_optimize, run, summary } from 'mitata';
import { Heap } from '../src/memory/heap.js';
import { writeTemplate } from '../src/netpoll/template.js';
import { formatExt } from '../src/printk/format.js';
import { printkRecord } from '../src/printk/record.js';
import { readValid } from '../src/printk/ring.js';
import { PrintkRingbuffer } from '../src/printk/ringbuffer.js';
import { profile } from '../src/profile/index.js';
import type { Usec } from '../src/time/index.js';
import { naiveExtended, naiveFrame } from '../test/support/naive.js';

const heap = new Heap({ size: 64 * 65536 });
const plain = new Heap({ size: 64 * 65536, lane: 'plain' });
const kernel = profile('6.12');
const options = { caller: false, time: true, syslog: false };

for (const frameBytes of [200, 1042]) {
  const payload = frameBytes - 42;
  const text = new TextEncoder().encode(
    Array.from({ length: payload - 24 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(''),
  );
  const stages = [heap, plain].map((memory) => {
    const record = printkRecord();
    const dst = memory.alloc(4096, 64);
    const template = memory.alloc(128, 64);
    writeTemplate(memory, template, {
      sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
      remoteMac: Uint8Array.of(2, 0, 0, 0, 0, 2),
      localIp: Uint8Array.of(10, 0, 0, 1),
      remoteIp: Uint8Array.of(10, 0, 0, 2),
      localPort: 6665,
      remotePort: 6666,
    });
    record.textAt = memory.alloc(4096, 64);
    record.textLen = text.length;
    record.level = 6;
    record.seq = 1_000_000;
    record.tsUsec = 1_000_000_000 as Usec;
    memory.bytes.set(text, record.textAt);
    return { memory, record, dst, template };
  });
  const body = Buffer.from(text);
  const naiveText = naiveExtended({ level: 6, seq: 1_000_000, tsUsec: 1_000_000_000, text: body });
  // Checks that each stage does the work that it is timed for.
  for (const { memory, record, dst } of stages) {
    const n = formatExt(memory, record, dst, 8192, options);
    if (Buffer.compare(memory.bytes.subarray(dst, dst + n), naiveText) !== 0) throw new Error('formats differ');
  }
  summary(() => {
    for (const { memory, record, dst } of stages) {
      bench(`format ${frameBytes}, ${memory.lane.arm}`, () => {
        do_not_optimize(formatExt(memory, record, dst, 8192, options));
      });
    }
    bench(`format ${frameBytes}, naive`, () => {
      do_not_optimize(naiveExtended({ level: 6, seq: 1_000_000, tsUsec: 1_000_000_000, text: body }));
    });
  });
  summary(() => {
    let id = 0;
    for (const { memory, dst, template } of stages) {
      bench(`headers and checksums ${frameBytes}, ${memory.lane.arm}`, () => {
        id = (id + 1) & 0xffff;
        memory.lane.udpFrame(template, dst + 128, dst + 128, payload, id);
      });
    }
    bench(`headers and checksums ${frameBytes}, naive`, () => {
      do_not_optimize(
        naiveFrame({
          srcMac: '02:00:00:00:00:01',
          dstMac: '02:00:00:00:00:02',
          srcIp: '10.0.0.1',
          dstIp: '10.0.0.2',
          srcPort: 6665,
          dstPort: 6666,
          payload: naiveText,
        }),
      );
    });
  });
  boxplot(() => {
    const ring = new PrintkRingbuffer(heap, 17, kernel);
    const record = printkRecord();
    const inAndOut = () => {
      const entry = ring.reserve(text.length + 1)!;
      heap.bytes.set(text, entry.textAt);
      entry.textLen = text.length;
      ring.finalCommit(entry);
      do_not_optimize(readValid(ring, entry.seq, record));
    };
    // Full and compiled: a function that begins slowly is timed call by call, the clock included.
    for (let i = 0; i < 100_000; i++) inAndOut();
    bench(`ring ${frameBytes}: a record in and out`, inAndOut);
    const list: { seq: number; text: Uint8Array }[] = [];
    bench(`ring ${frameBytes}: an array that is shifted`, () => {
      list.push({ seq: list.length, text: text.slice() });
      if (list.length > 780) list.shift();
      do_not_optimize(list[list.length - 1]);
    });
  });
}
await run();
