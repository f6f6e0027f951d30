import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { type NetoopsDump, NetoopsReceiver, netoopsJson, netoopsLines } from '../../../src/receiver/index.js';
import { emitNetoops, netoopsLength } from '../../../src/wire/netoops.js';

interface Fields {
  readonly no?: number;
  readonly count?: number;
  readonly dump?: number;
  readonly boot?: number;
  readonly type?: number;
  readonly text?: string;
}

function packet({ no = 0, count = 1, dump = 7, boot = 0, type = 1, text = 'x' }: Fields): Uint8Array {
  const header = {
    dumpId: dump,
    type,
    packetCount: count,
    packetNo: no,
    bootId: boot,
    kernelVersion: '2.6.37',
    userBlob: Uint8Array.of(0xb1, 0x0b),
    x86Vendor: 0,
    x86Family: 6,
    x86Model: 26,
    x86Stepping: 5,
    regs: new Uint8Array(168),
  };
  const bytes = new Uint8Array(netoopsLength(header) + 1024);
  emitNetoops(header, bytes);
  bytes.set(new TextEncoder().encode(text), netoopsLength(header));
  return bytes;
}

function all(receiver: NetoopsReceiver): NetoopsDump[] {
  const dumps: NetoopsDump[] = [];
  for (let dump = receiver.next(); dump !== undefined; dump = receiver.next()) dumps.push(dump);
  return dumps;
}

const texts = (dumps: NetoopsDump[]) => dumps.map((dump) => netoopsLines(dump).slice(1));

describe('a dump', () => {
  it('is delivered with its last packet, once', () => {
    const receiver = new NetoopsReceiver();
    expect(receiver.process(packet({ no: 1, count: 2, text: 'old\n' }), 0)).toBe('stored');
    expect(all(receiver)).toEqual([]);
    expect(receiver.process(packet({ no: 0, count: 2, text: 'new\n' }), 0)).toBe('stored');
    expect(texts(all(receiver))).toEqual([['old', 'new']]);
    expect(receiver.process(packet({ no: 1, count: 2, text: 'old\n' }), 100)).toBe('duplicate');
    receiver.flush();
    expect(all(receiver)).toEqual([]);
    expect(receiver.stats).toMatchObject({ datagrams: 3, duplicates: 1, dumps: 1, incomplete: 0, missing: 0 });
    expect(receiver.heldBytes).toBe(0);
  });

  it('is delivered incomplete when nothing more comes, with the place of what is missing', () => {
    const receiver = new NetoopsReceiver({ dumpTimeoutMs: 1000 });
    receiver.process(packet({ no: 3, count: 5, text: 'b\n' }), 0);
    receiver.process(packet({ no: 0, count: 5, text: 'e\n' }), 500);
    expect(receiver.nextDeadline()).toBe(1500);
    receiver.process(undefined, 1499);
    expect(all(receiver)).toEqual([]);
    receiver.process(undefined, 1500);
    const dumps = all(receiver);
    expect(dumps.map(netoopsLines)).toEqual([
      [
        '-- netoops dump 7, boot 0, 2.6.37, 2 of 5 packets',
        '-- 1024 bytes missing here',
        'b',
        '-- 2048 bytes missing here',
        'e',
      ],
    ]);
    expect([receiver.nextDeadline(), receiver.heldBytes]).toEqual([undefined, 0]);
    expect(receiver.stats).toMatchObject({ dumps: 1, incomplete: 1, missing: 3 });
  });

  it('knows the defect of the sender from a loss', () => {
    const receiver = new NetoopsReceiver();
    receiver.process(packet({ no: 0, count: 2, text: '' }), 0);
    receiver.process(packet({ no: 1, count: 2, text: 'old\n' }), 0);
    expect(texts(all(receiver))).toEqual([['old', '-- 1024 bytes were never sent here']]);
  });

  it('of the same second, but another: told apart by what contradicts', () => {
    const receiver = new NetoopsReceiver();
    for (const text of ['oops\n', 'panic\n']) {
      for (let round = 0; round < 3; round++) receiver.process(packet({ text }), 0);
    }
    expect(texts(all(receiver))).toEqual([['oops'], ['panic']]);
  });

  it.each([
    ['boot', { boot: 1 }],
    ['number', { dump: 8 }],
    ['type', { type: 3 }],
    ['length', { count: 3 }],
  ])('of another %s is another dump, and both can come at once', (_, fields) => {
    const receiver = new NetoopsReceiver();
    receiver.process(packet({ no: 1, count: 2, text: 'a' }), 0);
    receiver.process(packet({ no: 1, count: 2, text: 'b', ...fields }), 0);
    receiver.process(packet({ no: 0, count: 2, text: 'A\n' }), 0);
    expect(texts(all(receiver))).toEqual([['aA']]);
    receiver.flush();
    expect(receiver.stats).toMatchObject({ dumps: 2, incomplete: 1 });
  });

  it('can be read by machines', () => {
    const receiver = new NetoopsReceiver();
    receiver.process(packet({ text: 'x\n', type: 3, boot: 0xdeadbeef }), 0);
    expect(JSON.parse(JSON.stringify(netoopsJson(all(receiver)[0]!)))).toEqual({
      dumpId: 7,
      bootId: 0xdeadbeef,
      soft: true,
      kernelVersion: '2.6.37',
      packetCount: 1,
      missing: 0,
      userBlob: `b10b${'00'.repeat(126)}`,
      regs: '00'.repeat(168),
      pieces: [{ text: 'x\n' }],
    });
  });

  it('cannot steer a terminal', () => {
    const receiver = new NetoopsReceiver();
    receiver.process(packet({ text: '\x1b[31mred\n' }), 0);
    expect(texts(all(receiver))).toEqual([['\\x1b[31mred']]);
  });
});

describe('hostile datagrams', () => {
  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('hello')],
    ['a number beyond the count', packet({ no: 2, count: 2 })],
    ['a count of nothing', packet({ count: 0 })],
    ['a byte short', packet({}).subarray(1)],
  ])('%s: refused', (_, payload) => {
    const receiver = new NetoopsReceiver();
    expect(receiver.process(payload, 0)).toBe('refused');
    expect([receiver.stats.refused.malformed, receiver.heldBytes]).toEqual([1, 0]);
  });

  it('a dump larger than what may be held is refused', () => {
    const receiver = new NetoopsReceiver({ maxBytes: 4096 });
    expect(receiver.process(packet({ no: 4, count: 5 }), 0)).toBe('refused');
    expect(receiver.process(packet({ no: 3, count: 4 }), 0)).toBe('stored');
    expect(receiver.stats.refused['too-large']).toBe(1);
  });

  it('many dumps: what is held is bounded, and nothing that came is kept from the reader', () => {
    const receiver = new NetoopsReceiver({ maxBytes: 8192 });
    for (let i = 0; i < 200; i++) {
      receiver.process(packet({ no: 1, count: 8, dump: i }), 0);
      receiver.process(packet({ no: 2, count: 8, dump: i }), 0);
      expect(receiver.heldBytes).toBeLessThanOrEqual(8192 + 10 * 64);
      all(receiver);
    }
    receiver.flush();
    expect(receiver.stats.dumps).toBe(200);
    const small = new NetoopsReceiver();
    for (let i = 0; i < 100; i++) small.process(packet({ no: 1, count: 8, dump: i }), 0);
    expect(small.heldBytes).toBe(16 * 1088);
  });

  it('options that make no sense', () => {
    expect(() => new NetoopsReceiver({ dumpTimeoutMs: -1 })).toThrow(KernelError);
    expect(() => new NetoopsReceiver({ maxBytes: 100 })).toThrow(KernelError);
  });

  it('no bytes make it throw or deliver more than came', () => {
    const change = fc.array(fc.tuple(fc.nat(1411), fc.nat(255)), { maxLength: 5 });
    const fields = fc.record({
      no: fc.nat(5),
      count: fc.nat(6),
      dump: fc.nat(2),
      text: fc.string({ maxLength: 1024, unit: 'binary-ascii' }),
    });
    const datagram = fc.tuple(fields, change, fc.integer({ min: 1380, max: 1412 }));
    fc.assert(
      fc.property(fc.array(datagram, { maxLength: 30 }), (datagrams) => {
        const receiver = new NetoopsReceiver({ maxBytes: 65536, dumpTimeoutMs: 3 });
        let stored = 0;
        let delivered = 0;
        datagrams.forEach(([described, changes, cut], now) => {
          const payload = packet(described);
          for (const [at, value] of changes) payload[at] = value;
          if (receiver.process(cut > 1400 ? payload : payload.subarray(0, cut), now) === 'stored') stored++;
          for (const dump of all(receiver)) {
            netoopsLines(dump);
            delivered += dump.packetCount - dump.missing;
          }
        });
        receiver.flush();
        for (const dump of all(receiver)) delivered += dump.packetCount - dump.missing;
        expect(delivered).toBe(stored);
        expect(receiver.heldBytes).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
