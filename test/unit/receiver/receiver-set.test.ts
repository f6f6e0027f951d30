import { describe, expect, it } from 'vitest';
import {
  createPlainReceiver,
  createReceiver,
  createReceiverSet,
  type ReceivedRecord,
  type ReceiverSet,
} from '../../../src/receiver/index.js';
import { datagram, latin1, string } from './datagrams.js';

function deliveries(set: ReceiverSet<ReceivedRecord>): string[] {
  const all: string[] = [];
  for (let d = set.next(); d !== undefined; d = set.next())
    all.push(`${d.source.address}:${d.source.port} ${d.item.seq}`);
  return all;
}

const netconsd = () => createReceiver({ dialect: 'netconsd' });

describe('a receiver a source', () => {
  it('address and port make a source; each has its own sequence', () => {
    const set = createReceiverSet(netconsd);
    set.process('192.0.2.1', 6665, datagram(1), 0);
    set.process('192.0.2.2', 6665, datagram(900_000), 0);
    set.process('192.0.2.1', 6666, datagram(5), 0);
    set.process('192.0.2.1', 6665, datagram(2), 0);
    expect(deliveries(set)).toEqual([
      '192.0.2.1:6665 1',
      '192.0.2.2:6665 900000',
      '192.0.2.1:6666 5',
      '192.0.2.1:6665 2',
    ]);
    expect(set.size).toBe(3);
  });

  it('time passes for those that are due; responses go to their source', () => {
    const set = createReceiverSet(netconsd);
    set.process('a', 1, datagram(1), 0);
    set.process('a', 1, datagram(3), 0);
    set.process('b', 2, datagram(7), 400);
    set.process('b', 2, datagram(9), 400);
    expect(set.nextDeadline()).toBe(1000);
    set.advance(1000);
    expect(set.nextResponse()).toEqual({ source: { address: 'a', port: 1 }, payload: latin1('ncrx1 2') });
    expect(set.nextResponse()).toBeUndefined();
    expect(set.nextDeadline()).toBe(1400);
    set.advance(1400);
    expect(string(set.nextResponse()!.payload)).toBe('ncrx7 8');
  });

  it('the source quiet longest goes, and what it held is delivered', () => {
    const set = createReceiverSet(netconsd, { maxSources: 2 });
    set.process('a', 1, datagram(1), 0);
    set.process('a', 1, datagram(3), 0);
    set.process('b', 1, datagram(1), 1);
    set.process('a', 1, datagram(5), 2);
    deliveries(set);
    set.process('c', 1, datagram(1), 3); // b goes
    expect([set.size, set.stats.evicted]).toEqual([2, 1]);
    set.process('d', 1, datagram(1), 4); // a goes
    expect(deliveries(set)).toEqual(['c:1 1', 'a:1 3', 'a:1 5', 'd:1 1']);
    expect(set.totals()).toMatchObject({ datagrams: 6, records: 6, skipped: 2, refused: { 'no-semicolon': 0 } });
  });

  it('a refused datagram makes no source, and takes the place of none', () => {
    const set = createReceiverSet(netconsd);
    for (let i = 0; i < 1000; i++) {
      if (i % 100 === 0) set.process('a', 1, datagram(i / 100), i);
      expect(set.process(`spoofed${i}`, 6665, latin1('zz'), i)).toBe('no-semicolon');
    }
    expect([set.size, set.stats]).toEqual([1, { sources: 1, evicted: 0, overrun: 0 }]);
    expect(deliveries(set)).toEqual(Array.from({ length: 10 }, (_, seq) => `a:1 ${seq}`));
    expect(set.totals()).toMatchObject({ datagrams: 1010, records: 10, refused: { 'no-semicolon': 1000 } });
  });

  it('sources that have delivered nothing go first, however long the others were quiet', () => {
    const set = createReceiverSet(netconsd, { maxSources: 16 });
    for (const host of ['a', 'b']) set.process(host, 1, datagram(1), 0);
    deliveries(set);
    // Half of a record: it is taken, and nothing comes of it.
    for (let i = 0; i < 1000; i++) set.process(`spoofed${i}`, 1, datagram(7, 'x', ',ncfrag=0/2'), i + 1);
    expect([set.size, set.stats.evicted]).toEqual([16, 986]);
    deliveries(set);
    for (const host of ['a', 'b']) set.process(host, 1, datagram(4), 2000);
    // Not a new stream: what is missing is asked for.
    expect(set.stats.sources).toBe(1002);
    set.advance(3000);
    const asked = new Map<string, string | undefined>();
    for (let r = set.nextResponse(); r !== undefined; r = set.nextResponse())
      asked.set(r.source.address, string(r.payload));
    expect([asked.get('a'), asked.get('b')]).toEqual(['ncrx1 2 3', 'ncrx1 2 3']);
  });

  it('a source that has sent one record costs little, however wide the window may become', () => {
    const set = createReceiverSet(() => createReceiver({ dialect: 'netconsd', nrSlots: 8192 }), { maxSources: 1000 });
    for (let i = 0; i < 1000; i++) set.process(`h${i}`, 1, datagram(1), 0);
    expect(set.size).toBe(1000);
    expect(set.windowBytes / 1000).toBeLessThan(4096);
  });

  it('any number of sources keep no more than maxSources', () => {
    const set = createReceiverSet(() => createPlainReceiver(), { maxSources: 16 });
    for (let i = 0; i < 20_000; i++) {
      set.process(`host${i}`, 6665, latin1('held'), i);
      while (set.next() !== undefined);
    }
    expect([set.size, set.stats.sources, set.stats.evicted]).toEqual([16, 20_000, 19_984]);
    expect(set.heldBytes).toBe(64);
  });

  it('the bytes of all are bounded', () => {
    const set = createReceiverSet(netconsd, { maxBytes: 100_000 });
    for (let host = 0; host < 50; host++) {
      for (let seq = 0; seq < 5; seq++) set.process(`h${host}`, 1, datagram(seq, 'x', ',ncfrag=0/8000'), 0);
    }
    expect(set.heldBytes).toBeLessThanOrEqual(100_000);
    expect(set.stats.evicted).toBeGreaterThan(40);
    set.flush();
    expect([set.size, set.heldBytes, set.nextDeadline()]).toEqual([0, 0, undefined]);
    expect(deliveries(set)).toHaveLength(250);
  });

  it('the bytes of their windows are bounded, by one that is quiet going', () => {
    const set = createReceiverSet(netconsd, { maxWindowBytes: 100_000 });
    for (let seq = 0; seq < 2000; seq++) {
      for (const host of ['a', 'b']) set.process(host, 1, datagram(seq), seq);
      expect(set.windowBytes <= 100_000 || set.size === 1).toBe(true);
      deliveries(set);
    }
    expect(set.stats.evicted).toBeGreaterThan(0);
    set.flush();
    expect(set.windowBytes).toBe(0);
  });

  it('time passes for many at the cost of those that are due', () => {
    let looks = 0;
    const set = createReceiverSet(
      () => {
        const receiver = netconsd();
        const process = receiver.process.bind(receiver);
        return Object.assign(receiver, {
          process: (payload: Uint8Array | undefined, nowMs: number) => {
            looks++;
            return process(payload, nowMs);
          },
        });
      },
      { maxSources: 5000 },
    );
    for (let host = 0; host < 5000; host++) {
      set.process(`h${host}`, 1, datagram(1), host);
      set.process(`h${host}`, 1, datagram(3), host);
    }
    deliveries(set);
    looks = 0;
    // Holes are asked for after a second: those of the first eleven hosts.
    set.advance(1010);
    expect(looks).toBe(11);
    expect(set.nextDeadline()).toBe(1011);
  });

  it('plain targets', () => {
    const set = createReceiverSet(() => createPlainReceiver());
    set.process('a', 1, latin1('from '), 0);
    set.process('b', 1, latin1('b\n'), 0);
    set.process('a', 1, latin1('a\n'), 0);
    expect(string(set.next()!.item.text)).toBe('b');
    expect(string(set.next()!.item.text)).toBe('from a');
  });

  it.each([{ maxSources: 0 }, { maxBytes: -1 }])('EINVAL for %j', (options) => {
    expect(() => createReceiverSet(netconsd, options)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});
