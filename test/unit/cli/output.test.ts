/** The short way to print a record gives what the long one gives. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Output } from '../../../src/cli/output.js';
import { createReceiver, recordLines } from '../../../src/receiver/index.js';

it('prints a record as recordLines does, or says that it cannot', () => {
  let short = 0;
  fc.assert(
    fc.property(
      fc.nat(2047),
      fc.oneof(fc.nat(2e7), fc.maxSafeNat()),
      fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 20 })),
      fc.constantFrom('', ',caller=T1'),
      fc.constantFrom('', ' K=v\n'),
      (prio, tsUsec, text, caller, dict) => {
        const rx = createReceiver();
        rx.process(Buffer.from(`6,1,0,-;first\n`), 0);
        rx.next();
        rx.process(Buffer.from(`${prio},2,${tsUsec},-${caller};${text.replace(/\n/g, '')}\n${dict}`), 0);
        const record = rx.next()!;
        const output = new Output();
        if (!output.record('192.0.2.1:6665', record)) {
          expect(output.length).toBe(0);
          return;
        }
        short++;
        expect(output.take().toString('latin1')).toBe(`192.0.2.1:6665 ${recordLines(record).join('\n')}\n`);
      },
    ),
    { numRuns: 1000 },
  );
  expect(short).toBeGreaterThan(50);
});

it('keeps lines apart however many there are', () => {
  const output = new Output();
  const parts: Buffer[] = [];
  for (let i = 0; i < 50_000; i++) {
    output.text(`line ${i} é\n`);
    if (i % 777 === 0) parts.push(output.take());
  }
  parts.push(output.take());
  expect(Buffer.concat(parts).toString()).toBe(Array.from({ length: 50_000 }, (_, i) => `line ${i} é\n`).join(''));
});
