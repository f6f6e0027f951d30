/** The short ways to print a record give what the long ones give. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Output } from '../../../src/cli/output.js';
import { createReceiver, PROTOCOLS, type ReceivedRecord, recordLines } from '../../../src/receiver/index.js';
import { encodeText } from '../../../src/wire/text.js';

/** The second record of a stream, so that nothing marks it as the first. */
function record(header: string, body: string): ReceivedRecord {
  const rx = createReceiver();
  rx.process(Buffer.from('6,1,0,-;first\n'), 0);
  rx.next();
  rx.process(Buffer.concat([Buffer.from(header), Buffer.from(body)]), 0);
  return rx.next()!;
}

const records = fc
  .record({
    release: fc.constantFrom('', '6.12.0,'),
    prio: fc.nat(2047),
    tsUsec: fc.oneof(fc.nat(2e7), fc.maxSafeNat()),
    text: fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.stringMatching(/^[ -~]{0,40}$/),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    caller: fc.constantFrom('', ',caller=T1', ',caller=C12', ',caller=T1234567', ',caller=a"b', ',caller=a b'),
    dict: fc.constantFrom('', ' K=v\n'),
  })
  .map(({ release, prio, tsUsec, text, caller, dict }) =>
    record(`${release}${prio},2,${tsUsec},-${caller};`, `${text.replace(/\n/g, '')}\n${dict}`),
  );

/** What `write` puts out, or undefined if it says that it cannot, which leaves nothing behind. */
function written(write: (output: Output) => boolean): string | undefined {
  const output = new Output();
  if (write(output)) return output.take().toString('latin1');
  expect(output.length).toBe(0);
  return undefined;
}

it.each<[string, (output: Output, record: ReceivedRecord) => boolean, (record: ReceivedRecord) => string]>([
  [
    'recordLines does',
    (output, it) => output.record(encodeText('192.0.2.1:6665'), it),
    (it) => `192.0.2.1:6665 ${recordLines(it).join('\n')}\n`,
  ],
  [
    'JSON.stringify does',
    (output, it) => output.json(encodeText('{"host":"192.0.2.1","port":6665'), it),
    (it) => `${JSON.stringify({ host: '192.0.2.1', port: 6665, ...PROTOCOLS.extended.json(it) })}\n`,
  ],
])('prints a record as %s, or says that it cannot', (_, short, long) => {
  let shortly = 0;
  fc.assert(
    fc.property(records, (it) => {
      const text = written((output) => short(output, it));
      if (text === undefined) return;
      shortly++;
      expect(text).toBe(long(it));
    }),
    { numRuns: 2000 },
  );
  expect(shortly).toBeGreaterThan(100);
});

it('finds each byte that is not printed as it is, wherever it stands in a word', () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let at = 0; at < 9; at++) {
      if (byte === 0x0a) continue;
      const body = Buffer.alloc(10, 'x');
      body[at] = byte;
      const it = record('6,2,0,-;', body.toString('latin1'));
      const bare = { ...it, text: new Uint8Array(body) };
      const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x5c;
      for (let shift = 0; shift < 4; shift++) {
        const prefix = encodeText('p'.repeat(shift));
        expect(new Output().record(prefix, bare)).toBe(plain);
        const output = new Output();
        expect(output.json(prefix, bare)).toBe(plain);
        if (plain) expect(output.take().toString()).toContain(JSON.stringify(body.toString()));
      }
    }
  }
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
