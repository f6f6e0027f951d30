import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECEIVER_DIALECTS } from '../../../src/receiver/index.js';
import { PacketFields, readPacket } from '../../../src/receiver/parse.js';
import { PendingRecord } from '../../../src/receiver/pending.js';
import { datagram, string } from './datagrams.js';

interface Packet {
  readonly bytes: Uint8Array;
  readonly fields: PacketFields;
}

function packet(bytes: Uint8Array, dialect: keyof typeof RECEIVER_DIALECTS = 'mainline'): Packet {
  const fields = new PacketFields();
  const refusal = readPacket(bytes, 0, bytes.length, RECEIVER_DIALECTS[dialect], fields);
  if (refusal !== undefined) throw new Error(refusal);
  return { bytes, fields };
}

function piece(offset: number, text: string, total: number): Packet {
  return packet(datagram(1, text, `,ncfrag=${offset}/${total}`));
}

function heo(offset: number, index: number, count: number, text: string): Packet {
  return packet(datagram(1, text, `,ncfrag=${offset}@${index}/${count}`), 'heo-2015');
}

function whole(text: string): Packet {
  return packet(datagram(1, text));
}

function begun({ bytes, fields }: Packet): PendingRecord {
  const record = new PendingRecord();
  record.begin(bytes, fields, 0);
  return record;
}

function merge(record: PendingRecord, { bytes, fields }: Packet): string {
  return record.merge(bytes, fields);
}

function textOf(record: PendingRecord): string | undefined {
  return string(record.owned().text);
}

describe('a record in pieces', () => {
  it('completes out of order, with an overlap; what came first stays', () => {
    const record = begun(piece(6, 'world', 11));
    expect(record.complete).toBe(false);
    expect(merge(record, piece(3, 'LO Wor', 11))).toBe('merged');
    expect(merge(record, piece(0, 'hello ', 11))).toBe('merged');
    expect(record.complete).toBe(true);
    expect(textOf(record)).toBe('helLO world');
  });

  it('fills the holes between pieces that have come', () => {
    const record = begun(piece(1, 'b', 7));
    merge(record, piece(3, 'd', 7));
    merge(record, piece(5, 'f', 7));
    expect(merge(record, piece(0, 'ABCDEFG', 7))).toBe('merged');
    expect(textOf(record)).toBe('AbCdEfG');
    expect(record.complete).toBe(true);
  });

  it('a piece that is all there is a duplicate', () => {
    const record = begun(piece(0, 'abcd', 9));
    expect(merge(record, piece(1, 'bc', 9))).toBe('duplicate');
    expect(record.complete).toBe(false);
  });

  it('completes with NUL bytes in the text', () => {
    const record = begun(piece(0, 'a\0b', 6));
    expect(merge(record, piece(3, '\0\0\0', 6))).toBe('merged');
    expect(record.complete).toBe(true);
    expect(textOf(record)).toBe('a\0b\0\0\0');
  });

  it('a whole record after pieces completes it', () => {
    const record = begun(piece(0, 'abc', 6));
    expect(merge(record, whole('abcdef'))).toBe('merged');
    expect(textOf(record)).toBe('abcdef');
    expect(merge(record, piece(0, 'abc', 6))).toBe('duplicate');
  });

  it('refuses a piece of a text of another length', () => {
    const record = begun(piece(0, 'abc', 6));
    expect(merge(record, piece(3, 'def', 7))).toBe('ncfrag-mismatch');
    expect(record.complete).toBe(false);
  });

  it('given up, it has zero bytes where something is missing', () => {
    const record = begun(piece(4, 'ef', 9));
    record.settle(false, 0);
    expect(record.owned()).toMatchObject({ complete: false, missingBytes: 7 });
    expect(textOf(record)).toBe('\0\0\0\0ef\0\0\0');
  });

  it('keeps no reference to the payload', () => {
    const payload = datagram(1, 'abc', ',ncfrag=0/6');
    const record = begun(packet(payload));
    payload.fill(0xff);
    expect(textOf(record)).toBe('abc\0\0\0');
  });
});

describe('the total that only the last piece tells', () => {
  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]], [[0, 2, 1]]])('pieces in the order %j', (order) => {
    const parts = [heo(0, 0, 3, 'abcd'), heo(4, 1, 3, 'efgh'), heo(8, 2, 3, 'ij')];
    const record = begun(parts[order[0]!]!);
    for (const i of order.slice(1)) {
      expect(record.complete).toBe(false);
      merge(record, parts[i]!);
    }
    expect(record.complete).toBe(true);
    expect(textOf(record)).toBe('abcdefghij');
  });

  it('a last piece that ends before what has come is refused', () => {
    const record = begun(heo(4, 1, 3, 'efghijkl'));
    expect(merge(record, heo(8, 2, 3, 'ij'))).toBe('ncfrag-mismatch');
  });

  it('a piece beyond the known end, or of another count, is refused', () => {
    const record = begun(heo(8, 2, 3, 'ij'));
    expect(merge(record, heo(8, 1, 3, 'ijkl'))).toBe('ncfrag-mismatch');
    expect(merge(record, heo(4, 1, 4, 'efgh'))).toBe('ncfrag-mismatch');
  });
});

it('any pieces in any order give what a byte map gives', () => {
  const body = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOP';
  const cut = fc
    .tuple(fc.nat(body.length - 1), fc.integer({ min: 1, max: 12 }))
    .map(([offset, length]) => ({ offset, text: body.slice(offset, offset + length) }));
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 40 }), (cuts) => {
      const first = cuts[0]!;
      const record = begun(piece(first.offset, first.text, body.length));
      const map = new Set<number>();
      cuts.forEach(({ offset, text }, n) => {
        const before = map.size;
        for (let i = 0; i < text.length; i++) map.add(offset + i);
        if (n === 0) return;
        const expected = before === body.length || map.size === before ? 'duplicate' : 'merged';
        expect(merge(record, piece(offset, text, body.length))).toBe(expected);
      });
      record.settle(false, 0);
      const delivered = record.owned();
      expect(delivered.complete).toBe(map.size === body.length);
      expect(delivered.missingBytes).toBe(body.length - map.size);
      expect(string(delivered.text)).toBe([...body].map((c, i) => (map.has(i) ? c : '\0')).join(''));
    }),
    { seed: 7, numRuns: 500 },
  );
});
