import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Item2001,
  Netconsole2001Receiver,
  netconsole2001Json,
  netconsole2001Lines,
  type Text2001,
} from '../../../src/receiver/index.js';
import { emitNetconsole2001 } from '../../../src/wire/netconsole2001.js';
import { testMachine } from '../modules/machine.js';

function datagram(offset: number, text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(5 + body.length);
  emitNetconsole2001(offset, bytes);
  bytes.set(body, 5);
  return bytes;
}

function all(receiver: Netconsole2001Receiver): Item2001[] {
  const items: Item2001[] = [];
  for (let item = receiver.next(); item !== undefined; item = receiver.next()) items.push(item);
  return items;
}

function lines(...payloads: Uint8Array[]): string[] {
  const receiver = new Netconsole2001Receiver();
  for (const payload of payloads) receiver.process(payload, 0);
  return all(receiver).flatMap(netconsole2001Lines);
}

describe('the client', () => {
  it('prints offset and text', () => {
    expect(lines(datagram(0, 'a\n'), datagram(2, 'bc\n'), datagram(5, 'd'))).toEqual(['(0): a', '(2): bc', '(5): d']);
  });

  it('says what was lost', () => {
    expect(lines(datagram(0, 'a\n'), datagram(102, 'b\n'), datagram(105, 'c\n'))).toEqual([
      '(0): a',
      '-- 100 bytes lost',
      '(102): b',
      '-- 1 byte lost',
      '(105): c',
    ]);
  });

  it('began to listen late', () => {
    expect(lines(datagram(500, 'a\n'), datagram(502, 'b\n'))).toEqual([
      '-- 500 bytes sent before we listened',
      '(500): a',
      '(502): b',
    ]);
  });

  it('takes back what comes late', () => {
    const receiver = new Netconsole2001Receiver();
    for (const payload of [
      datagram(0, 'a\n'),
      datagram(6, 'd\n'),
      datagram(4, 'c\n'),
      datagram(2, 'b\n'),
      datagram(8, 'e\n'),
    ])
      receiver.process(payload, 0);
    expect(all(receiver).flatMap(netconsole2001Lines)).toEqual([
      '(0): a',
      '-- 4 bytes lost',
      '(6): d',
      '-- late, no longer lost:',
      '(4): c',
      '-- late, no longer lost:',
      '(2): b',
      '(8): e',
    ]);
    expect(receiver.stats).toMatchObject({ lostBytes: 0, late: 2 });
  });

  it('follows a sender that begins anew', () => {
    expect(
      lines(datagram(0, 'a\n'), datagram(2, 'b\n'), datagram(0, 'A\n'), datagram(2, 'B\n'), datagram(5, 'C')),
    ).toEqual([
      '(0): a',
      '(2): b',
      '-- the offset went back: sent twice, or begun anew:',
      '(0): A',
      '(2): B',
      '-- 1 byte lost',
      '(5): C',
    ]);
  });

  it('forgets the gaps of the sender before', () => {
    const receiver = new Netconsole2001Receiver();
    const sent = [datagram(0, 'a\n'), datagram(102, 'b\n'), datagram(0, 'A\n'), datagram(2, 'B\n'), datagram(2, 'B\n')];
    for (const payload of sent) receiver.process(payload, 0);
    expect((all(receiver) as Text2001[]).map(({ late, back }) => [late, back]).slice(2)).toEqual([
      [false, true],
      [false, false],
      [false, true],
    ]);
    expect(receiver.stats.lostBytes).toBe(100);
  });

  it('takes a repetition for nothing more', () => {
    const receiver = new Netconsole2001Receiver();
    for (const payload of [datagram(0, 'a\n'), datagram(2, 'b\n'), datagram(2, 'b\n'), datagram(4, 'c\n')])
      receiver.process(payload, 0);
    const items = all(receiver) as Text2001[];
    expect(items.map(({ back, lost }) => [back, lost])).toEqual([
      [false, 0],
      [false, 0],
      [true, 0],
      [false, 0],
    ]);
    expect(receiver.stats.lostBytes).toBe(0);
  });

  it('counts across 2^32', () => {
    expect(lines(datagram(2 ** 32 - 3, 'hello\n'), datagram(3, 'x\n'), datagram(7, 'y\n'))).toEqual([
      '-- 4294967293 bytes sent before we listened',
      '(4294967293): hello',
      '(3): x',
      '-- 2 bytes lost',
      '(7): y',
    ]);
  });

  it('listens to no other version, and says so once', () => {
    expect(lines(Uint8Array.of(3, 0, 0, 0, 0), Uint8Array.of(4), datagram(0, 'a'))).toEqual([
      '[netconsole server has version 3, client supports only version 1! exiting.]',
    ]);
  });

  it('listens to no other source', () => {
    const receiver = new Netconsole2001Receiver({ accepted: false });
    expect(receiver.process(datagram(0, 'a\n'), 0)).toBe('refused');
    expect([all(receiver), receiver.stats.refused.source]).toEqual([[], 1]);
  });

  it('prints nothing that steers a terminal', () => {
    expect(lines(datagram(0, 'a\x1b[2Jb\nc\n'))).toEqual(['(0): a\\x1b[2Jb', 'c']);
  });

  it('can be read by machines', () => {
    const receiver = new Netconsole2001Receiver();
    receiver.process(datagram(0, 'a\n'), 0);
    expect(all(receiver).map(netconsole2001Json)).toEqual([
      { kind: 'text', offset: 0, text: 'a\n', lost: 0, first: true, late: false, back: false },
    ]);
  });
});

describe('offsets', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), minLength: 1, maxLength: 300 });
  const sent = (texts: readonly string[]) => {
    const { kernel, payloads } = testMachine({ profile: '2.4.10' });
    kernel.insmod('netconsole-2001', 'dev=eth0 target_ip=0x0a000202 source_port=6666 target_port=6666');
    for (const text of texts) kernel.printk(`${text}\n`);
    return payloads().map((p) => Uint8Array.from(Buffer.from(p, 'latin1')));
  };

  it('tell exactly what was lost between two that came', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
        (texts, lose) => {
          const datagrams = sent(texts);
          const receiver = new Netconsole2001Receiver();
          const expected: number[] = [];
          let gap = 0;
          for (const [i, payload] of datagrams.entries()) {
            if (lose[i]) {
              gap += payload.length - 5;
              continue;
            }
            receiver.process(payload, i);
            expected.push(gap);
            gap = 0;
          }
          const items = all(receiver) as Text2001[];
          expect(items.map((item) => item.lost)).toEqual(expected);
          const total = expected.slice(1).reduce((a, b) => a + b, 0);
          expect(receiver.stats.lostBytes).toBe(total);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('in any order that begins with the first: in the end nothing counts as lost', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 15 }),
        fc.array(fc.nat(1000), { minLength: 20, maxLength: 20 }),
        (texts, keys) => {
          const [first, ...rest] = sent(texts);
          const mixed = rest
            .map((payload, i) => ({ payload, key: keys[i % keys.length]! }))
            .sort((a, b) => a.key - b.key);
          const receiver = new Netconsole2001Receiver();
          receiver.process(first, 0);
          for (const { payload } of mixed) receiver.process(payload, 0);
          expect(receiver.stats.lostBytes).toBe(0);
          const items = all(receiver) as Text2001[];
          items.sort((a, b) => a.offset - b.offset);
          expect(items.map((item) => Buffer.from(item.text).toString()).join('')).toContain(
            texts.map((text) => `${text}\n`).join(''),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.boolean(), (payloads, versioned) => {
        const receiver = new Netconsole2001Receiver();
        for (const payload of payloads) {
          if (versioned && payload.length > 0) payload[0] = 1;
          receiver.process(payload, 0);
        }
        for (const item of all(receiver)) netconsole2001Lines(item);
        const { records, refused, datagrams } = receiver.stats;
        expect(records + refused.version + refused.malformed).toBe(datagrams);
      }),
      { numRuns: 200 },
    );
    const long = new Uint8Array(5 + 1456).fill(1);
    expect(new Netconsole2001Receiver().process(long, 0)).toBe('refused');
  });
});
