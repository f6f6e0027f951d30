/** The rules of libncrx one by one, then what the receiver does where libncrx fails. */
import { describe, expect, it } from 'vitest';
import { createReceiver, type Receiver, type ReceiverOptions } from '../../../src/receiver/index.js';
import { datagram, drain, latin1, pieces, readResponse, seqs, string } from './datagrams.js';

/** Small numbers, so that every rule shows soon; times in ms as libncrx has them. */
const SMALL = { dialect: 'netconsd', nrSlots: 16, retxStride: 4, ackIntvMs: 0 } as const;

function receiver(options: ReceiverOptions = {}): Receiver {
  return createReceiver({ ...SMALL, ...options });
}

function feed(rx: Receiver, nowMs: number, ...wanted: (number | string)[]): void {
  for (const seq of wanted) rx.process(datagram(seq), nowMs);
}

function response(rx: Receiver): string | undefined {
  return string(rx.response());
}

describe('the stream', () => {
  it('begins with whatever seq comes first, marked seqReset', () => {
    const rx = receiver();
    expect(rx.process(datagram(100), 0)).toBe('stored');
    expect(drain(rx)).toMatchObject([{ seq: 100, seqReset: true, skipped: 0, oos: false, complete: true }]);
    rx.process(datagram(101), 0);
    expect(drain(rx)).toMatchObject([{ seq: 101, seqReset: false }]);
  });

  it.each([0, 1, Number.MAX_SAFE_INTEGER])('may begin at %d', (seq) => {
    const rx = receiver();
    feed(rx, 0, seq);
    expect(seqs(rx)).toEqual([seq]);
  });

  it('takes off the carriage return of a relay, and counts it', () => {
    const rx = receiver();
    rx.process(latin1('6,1,1,-;one\r\n'), 0);
    rx.process(latin1('6,2,2,-;two\\x0d\r\n SUBSYSTEM=net\r\n'), 0);
    rx.process(latin1('6,3,3,-;three\\x0d\n'), 0);
    rx.process(latin1('6,4,4,-,ncfrag=4/7;r\r\n'), 0);
    rx.process(latin1('6,4,4,-,ncfrag=0/7;four'), 0);
    rx.process(latin1('6,5,5,-;\r\n'), 0);
    rx.process(latin1('6,6,6,-;a\r\n6,7,7,-;b\r\n'), 0);
    rx.process(latin1('6,8,8,-;in\rside\r\r\n'), 0);
    expect(drain(rx).map(({ text, dict }) => [string(text), string(dict)])).toEqual([
      ['one', ''],
      // Values come as they were written into configfs, carriage returns and all.
      ['two\\x0d', ' SUBSYSTEM=net\r\n'],
      ['three\\x0d', ''],
      ['fourr', ''],
      ['', ''],
      ['a', ''],
      ['b', ''],
      ['in\rside\r', ''],
    ]);
    expect(rx.stats).toMatchObject({ records: 8, carriageReturns: 7 });
  });

  it('delivers in order what comes out of order', () => {
    const rx = receiver();
    feed(rx, 0, 1, 4, 3);
    expect(seqs(rx)).toEqual([1]);
    feed(rx, 0, 2);
    expect(seqs(rx)).toEqual([2, 3, 4]);
  });

  it('takes a record apart into text and dictionary', () => {
    const rx = receiver();
    rx.process(latin1('6.12.5,30,7,99,c,caller=C1;eth0: up\n SUBSYSTEM=net\n DEVICE=n2\n'), 5);
    const record = rx.next()!;
    expect(string(record.text)).toBe('eth0: up');
    expect(string(record.dict)).toBe(' SUBSYSTEM=net\n DEVICE=n2\n');
    expect(record).toMatchObject({
      release: '6.12.5',
      facility: 3,
      level: 6,
      tsUsec: 99,
      flag: 'c',
      caller: 'C1',
      receivedMs: 5,
    });
  });

  it('drops what is in the window already, and what has left it', () => {
    const rx = receiver();
    feed(rx, 0, 1, 3);
    expect(rx.process(datagram(3), 0)).toBe('duplicate');
    expect(rx.process(datagram(1), 0)).toBe('retired');
    expect(rx.stats.duplicates).toBe(2);
    expect(seqs(rx)).toEqual([1]);
  });
});

describe('the window', () => {
  it('keeps one stride free: the tail is given up when the rest is full', () => {
    const rx = receiver();
    feed(rx, 0, 0, 2);
    // 1 is missing; 12 slots may be occupied: 1 to 12.
    feed(rx, 0, 12);
    expect(seqs(rx)).toEqual([0]);
    feed(rx, 0, 13);
    expect(drain(rx)).toMatchObject([{ seq: 2, skipped: 1 }]);
    expect(rx.stats).toMatchObject({ gaps: 1, skipped: 1 });
  });

  it.each([
    ['16 ahead: the window moves', 17, 'stored'],
    ['17 ahead: out of sequence', 18, 'oos'],
  ])('%s', (_, seq, outcome) => {
    const rx = receiver();
    feed(rx, 0, 0);
    expect(rx.process(datagram(seq), 0)).toBe(outcome);
  });

  it('moving a whole window ahead leaves the newest in its place, and what was given up comes late', () => {
    const rx = receiver();
    feed(rx, 0, 0, 17);
    for (let seq = 6; seq < 17; seq++) expect(rx.process(datagram(seq), 0)).toBe('stored');
    expect(rx.process(datagram(5), 0)).toBe('late');
    const records = drain(rx);
    expect(records.at(-1)).toMatchObject({ seq: 5, oos: true });
    expect(records.slice(0, -1).map((r) => r.seq)).toEqual([0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
  });

  it.each([
    ['quiet for oosIntv: still a duplicate', 5000, 'retired'],
    ['quiet for longer: out of sequence', 5001, 'oos'],
  ])('a retired seq again, its slot %s', (_, nowMs, outcome) => {
    const rx = receiver();
    feed(rx, 0, 0, 1, 2);
    expect(rx.process(datagram(1), nowMs)).toBe(outcome);
  });

  it('hearing a retired seq again keeps its slot from being quiet', () => {
    const rx = receiver();
    feed(rx, 0, 0, 1, 2);
    expect(rx.process(datagram(1), 4000)).toBe('retired');
    expect(rx.process(datagram(1), 8000)).toBe('retired');
  });

  it('a retired slot hands its time on to the next', () => {
    const rx = receiver();
    feed(rx, 0, 0, 2);
    feed(rx, 4000, 1); // 2 was last heard of at 0, and retires after 1
    expect(rx.process(datagram(2), 8000)).toBe('retired');
  });

  it('an emergency record is never out of sequence for its age', () => {
    const rx = receiver();
    feed(rx, 0, 0, 1, 2);
    expect(rx.process(datagram(1, 'x', ',ncemg=1'), 60_000)).toBe('retired');
    expect(rx.process(datagram(100, 'x', ',ncemg=1'), 60_000)).toBe('oos');
  });

  it('a seq before the first is out of sequence', () => {
    const rx = receiver();
    feed(rx, 0, 100);
    expect(rx.process(datagram(99), 0)).toBe('oos');
  });
});

describe('timeouts', () => {
  it('a missing record is given up msgTimeout after its slot was opened', () => {
    const rx = receiver();
    feed(rx, 1000, 0, 2);
    drain(rx);
    rx.process(undefined, 30_999);
    expect(seqs(rx)).toEqual([]);
    rx.process(undefined, 31_000);
    expect(drain(rx)).toMatchObject([{ seq: 2, skipped: 1, complete: true }]);
  });

  it('each piece that comes starts the timeout anew', () => {
    const rx = receiver();
    const [a, b] = pieces(0, 'abcdefgh', 3, 'off/total');
    rx.process(a, 0);
    rx.process(b, 20_000);
    rx.process(undefined, 49_999);
    expect(seqs(rx)).toEqual([]);
    rx.process(undefined, 50_000);
    expect(drain(rx)).toMatchObject([{ seq: 0, complete: false, missingBytes: 2 }]);
    expect(rx.stats).toMatchObject({ records: 1, incomplete: 1 });
  });

  it('nothing to wait for: no deadline', () => {
    const rx = receiver({ ackIntvMs: 0 });
    expect(rx.nextDeadline()).toBeUndefined();
    feed(rx, 0, 0, 1);
    expect(rx.nextDeadline()).toBeUndefined();
  });

  it.each<[string, ReceiverOptions, number[], number]>([
    ['a hole: when it is asked for', {}, [0, 2], 1500],
    ['a hole: when it is given up, if that is earlier', { msgTimeoutMs: 700 }, [0, 2], 1200],
    ['a hole without responses: when it is given up', { respond: false }, [0, 2], 700],
    ['an ack that is due', { ackIntvMs: 300 }, [0], 800],
    ['a record out of sequence', {}, [0, 100], 30_500],
    ['never nearer than 10 ms', { ackIntvMs: 1 }, [0], 510],
  ])('the deadline, %s', (_, options, wanted, deadline) => {
    const rx = receiver(options);
    feed(rx, 500, ...wanted);
    expect(rx.nextDeadline()).toBe(deadline);
  });

  it('time does not go backwards', () => {
    const rx = receiver();
    feed(rx, 1000, 0, 2);
    rx.process(undefined, 500);
    expect(() => rx.process(undefined, Number.NaN)).toThrow(RangeError);
    expect(rx.nextDeadline()).toBe(2000);
  });

  it('a mainline receiver gives up after 200 ms: what filters leave out never comes', () => {
    const rx = createReceiver();
    feed(rx, 0, 5, 7);
    drain(rx);
    expect(rx.nextDeadline()).toBe(200);
    rx.process(undefined, 200);
    expect(drain(rx)).toMatchObject([{ seq: 7, skipped: 1 }]);
    expect(rx.response()).toBeUndefined();
  });
});

describe('responses', () => {
  it('none before the first record', () => {
    const rx = receiver({ ackIntvMs: 100 });
    rx.process(undefined, 10_000);
    rx.process(latin1('nonsense'), 20_000);
    expect(response(rx)).toBeUndefined();
  });

  it('acks ackIntv after the first record not acked, and then no more', () => {
    const rx = receiver({ ackIntvMs: 1000 });
    feed(rx, 5000, 7, 8);
    rx.process(undefined, 6000);
    expect(response(rx)).toBeUndefined();
    rx.process(undefined, 6001);
    expect(response(rx)).toBe('ncrx8');
    rx.process(undefined, 60_000);
    expect(response(rx)).toBeUndefined();
    expect(rx.nextDeadline()).toBeUndefined();
    // The interval begins with the record, not with the last ack.
    feed(rx, 70_000, 9);
    expect(response(rx)).toBeUndefined();
    rx.process(undefined, 71_001);
    expect(response(rx)).toBe('ncrx9');
  });

  it('ackIntv 0: requests carry acks, nothing else does', () => {
    const rx = receiver();
    feed(rx, 0, 7);
    rx.process(undefined, 100_000);
    expect(response(rx)).toBeUndefined();
    feed(rx, 100_000, 9);
    rx.process(undefined, 101_000);
    expect(response(rx)).toBe('ncrx7 8');
  });

  it('asks for a hole retxIntv after it was opened, and again', () => {
    const rx = receiver();
    feed(rx, 0, 1, 3, 5);
    rx.process(undefined, 999);
    expect(response(rx)).toBeUndefined();
    rx.process(undefined, 1000);
    expect(response(rx)).toBe('ncrx1 2 4');
    rx.process(undefined, 1999);
    expect(response(rx)).toBeUndefined();
    rx.process(undefined, 2000);
    expect(response(rx)).toBe('ncrx1 2 4');
  });

  it('a piece that comes puts the request for its record off', () => {
    const rx = receiver();
    const [a, b] = pieces(2, 'abcdefgh', 3, 'off/total');
    feed(rx, 0, 1);
    rx.process(a, 0);
    rx.process(b, 600);
    rx.process(undefined, 1000);
    expect(response(rx)).toBeUndefined();
    rx.process(undefined, 1600);
    expect(response(rx)).toBe('ncrx1 2');
  });

  it('passing a stride asks at once for what is more than a stride behind', () => {
    const rx = receiver();
    feed(rx, 0, 1, 3, 5, 6); // holes 2 and 4; head 7
    expect(response(rx)).toBeUndefined();
    feed(rx, 0, 7); // head 8 passes a multiple of 4: 2 is 6 behind, 4 is 4 behind
    expect(response(rx)).toBe('ncrx1 2');
    feed(rx, 0, 8);
    expect(response(rx)).toBeUndefined();
    // Asked for by stride, it is still asked for by time.
    rx.process(undefined, 1000);
    expect(response(rx)).toBe('ncrx1 2 4');
  });

  it('an emergency record is acked at once, on a young clock too', () => {
    const rx = receiver({ ackIntvMs: 1000 });
    feed(rx, 0, 1);
    rx.process(undefined, 1001);
    expect(response(rx)).toBe('ncrx1');
    rx.process(datagram(1, 'x', ',ncemg=1'), 1002);
    expect(response(rx)).toBe('ncrx1');
    expect(createReceiver({ dialect: 'heo-2015', ackIntvMs: 1000 }).process(datagram(1, 'x', ',emg=1'), 3)).toBe(
      'stored',
    );
  });

  it('an emergency record is not acked when acks are off', () => {
    const rx = receiver();
    rx.process(datagram(1, 'x', ',ncemg=1'), 0);
    expect(response(rx)).toBeUndefined();
  });

  it('acks as far as records were delivered or given up', () => {
    const rx = receiver({ ackIntvMs: 100, retxIntvMs: 100_000 });
    feed(rx, 0, 1, 3);
    rx.process(undefined, 101);
    expect(response(rx)).toBe('ncrx1');
    rx.process(undefined, 30_000); // 2 is given up; the interval begins
    expect(rx.nextDeadline()).toBe(30_100);
    rx.process(undefined, 30_101);
    expect(response(rx)).toBe('ncrx3');
  });

  it('acks nothing while seq 0 is incomplete', () => {
    const rx = receiver({ ackIntvMs: 100, dialect: 'heo-2015' });
    const [a, b] = pieces(0, 'abcdef', 3, 'off@i/n');
    rx.process(a, 0);
    rx.process(undefined, 500);
    expect(response(rx)).toBeUndefined();
    rx.process(undefined, 1000);
    expect(response(rx)).toBe('nca 0');
    rx.process(b, 1100);
    rx.process(undefined, 1300);
    expect(response(rx)).toBe('nca0');
  });

  it('never more than 1000 bytes; what found no room is asked for next', () => {
    const rx = createReceiver({ dialect: 'netconsd' });
    const base = Number.MAX_SAFE_INTEGER - 1000;
    feed(rx, 0, base, base + 201);
    const asked: bigint[] = [];
    let now = 1000;
    for (let i = 0; i < 4; i++, now += 10) {
      rx.process(undefined, now);
      expect(rx.response()!.length).toBeLessThanOrEqual(1000);
      const { ack, missing } = readResponse(rx.response()!, 'ncrx');
      expect(ack).toBe(BigInt(base));
      asked.push(...missing);
      if (i < 3) expect(rx.nextDeadline()).toBe(now + 10);
    }
    expect(asked).toEqual(Array.from({ length: 200 }, (_, i) => BigInt(base + 1 + i)));
    rx.process(undefined, now);
    expect(rx.response()).toBeUndefined();
  });

  it.each(['mainline', 'heo-2015', 'netconsd'] as const)('%s with respond: false sends nothing', (dialect) => {
    const rx = createReceiver({ dialect, respond: false, ackIntvMs: 1 });
    feed(rx, 0, 1, 3);
    rx.process(undefined, 100);
    expect(response(rx)).toBeUndefined();
  });
});

describe('out of sequence', () => {
  it('is held oosTimeout, then delivered so marked', () => {
    const rx = receiver();
    feed(rx, 0, 1, 1000);
    drain(rx);
    rx.process(undefined, 29_999);
    expect(seqs(rx)).toEqual([]);
    rx.process(undefined, 30_000);
    expect(drain(rx)).toMatchObject([{ seq: 1000, oos: true, seqReset: false, skipped: 0, complete: true }]);
    expect(rx.stats.oos).toBe(1);
  });

  it('the 33rd pushes the oldest out', () => {
    const rx = receiver({ oosThr: 100 });
    feed(rx, 0, 1);
    drain(rx);
    for (let i = 0; i < 32; i++) feed(rx, 0, 1000 + 100 * i);
    expect(seqs(rx)).toEqual([]);
    feed(rx, 0, 9000);
    expect(drain(rx)).toMatchObject([{ seq: 1000, oos: true }]);
    expect(rx.held).toBe(32);
  });

  it('19 of 32 packets reset the stream: the lowest seq begins the new one', () => {
    const rx = receiver({ nrSlots: 64 });
    feed(rx, 0, 5000, 5002);
    expect(seqs(rx)).toEqual([5000]);
    for (let seq = 19; seq > 1; seq--) feed(rx, 0, seq);
    expect(seqs(rx)).toEqual([]);
    feed(rx, 0, 1);
    const records = drain(rx);
    expect(records.map((r) => r.seq)).toEqual([5002, ...Array.from({ length: 19 }, (_, i) => i + 1)]);
    expect(records.map((r) => r.seqReset)).toEqual([false, true, ...Array(18).fill(false)]);
    expect(records.every((r) => !r.oos)).toBe(true);
    expect(records[1]!.skipped).toBe(0);
    expect(rx.stats.resets).toBe(1);
  });

  it.each([
    ['31 packets later the first of 19 still counts', 13, 1],
    ['32 packets later it does not', 14, 0],
  ])('%s', (_, between, resets) => {
    const rx = receiver();
    feed(rx, 0, 5000);
    for (let seq = 1; seq <= 18; seq++) feed(rx, 0, seq);
    for (let seq = 5001; seq <= 5000 + between; seq++) feed(rx, 0, seq);
    expect(rx.stats.resets).toBe(0);
    feed(rx, 0, 19);
    expect(rx.stats.resets).toBe(resets);
  });

  it('refused packets do not age the history', () => {
    const rx = receiver();
    feed(rx, 0, 5000);
    for (let seq = 1; seq <= 18; seq++) feed(rx, 0, seq);
    for (let i = 0; i < 100; i++) rx.process(latin1('nonsense'), 0);
    feed(rx, 0, 19);
    expect(rx.stats.resets).toBe(1);
  });

  it('what does not fit the new stream either is delivered out of sequence', () => {
    const rx = receiver();
    feed(rx, 0, 5000);
    drain(rx);
    feed(rx, 0, 900_000);
    for (let seq = 1; seq <= 18; seq++) feed(rx, 0, seq);
    const records = drain(rx);
    expect(records.filter((r) => r.oos).map((r) => r.seq)).toEqual([900_000]);
    expect(records.filter((r) => !r.oos).map((r) => r.seq)).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
  });

  it('after a reset acks follow the new stream', () => {
    const rx = receiver({ ackIntvMs: 100 });
    feed(rx, 0, 5000);
    rx.process(undefined, 101);
    expect(response(rx)).toBe('ncrx5000');
    for (let seq = 1; seq <= 19; seq++) feed(rx, 200, seq);
    rx.process(undefined, 301);
    expect(response(rx)).toBe('ncrx19');
  });

  it('a reset that ends at the seq where the old stream was asks for its holes too', () => {
    const rx = receiver({ oosThr: 2, oosIntvMs: 100 });
    feed(rx, 0, 0, 1, 2);
    feed(rx, 1000, 0, 2);
    expect(rx.stats.resets).toBe(1);
    expect(rx.nextDeadline()).toBe(2000);
    rx.process(undefined, 2000);
    expect(response(rx)).toBe('ncrx0 1');
  });

  it('the pieces of a record survive a reset', () => {
    const rx = receiver();
    feed(rx, 0, 5000);
    drain(rx);
    for (const piece of pieces(1, 'abcdefghi', 2, 'off/total')) rx.process(piece, 0);
    for (let seq = 2; seq <= 15; seq++) feed(rx, 0, seq);
    const [first, ...rest] = drain(rx);
    expect(first).toMatchObject({ seq: 1, seqReset: true, complete: true });
    expect(string(first!.text)).toBe('abcdefghi');
    expect(rest).toHaveLength(14);
  });
});

describe('pieces', () => {
  it.each([
    ['heo-2015', 'off@i/n'],
    ['netconsd', 'off/total'],
    ['mainline', 'off/total'],
  ] as const)('%s', (dialect, form) => {
    const rx = createReceiver({ dialect });
    const body = `${'long text '.repeat(200)}\n K=V\n`;
    const outcomes = pieces(9, body, 700, form).map((piece) => rx.process(piece, 0));
    expect(outcomes).toEqual(['stored', 'merged', 'merged']);
    const record = rx.next()!;
    expect(string(record.text)).toBe('long text '.repeat(200));
    expect(string(record.dict)).toBe(' K=V\n');
    expect(rx.stats.fragments).toBe(3);
  });

  it('of an emergency mark the record', () => {
    const rx = receiver();
    const [a] = pieces(1, 'abcdef', 3, 'off/total');
    const [, b] = pieces(1, 'abcdef', 3, 'off/total', ',ncemg=1');
    rx.process(a, 0);
    rx.process(b, 0);
    expect(drain(rx)).toMatchObject([{ seq: 1, emergency: true, complete: true }]);
    expect(rx.stats.emergencies).toBe(1);
  });

  it('that contradict each other are refused and counted', () => {
    const rx = receiver();
    rx.process(datagram(1, 'abc', ',ncfrag=0/6'), 0);
    expect(rx.process(datagram(1, 'abc', ',ncfrag=3/7'), 0)).toBe('ncfrag-mismatch');
    expect(rx.stats.refused['ncfrag-mismatch']).toBe(1);
    expect(rx.process(datagram(1, 'def', ',ncfrag=3/6'), 0)).toBe('merged');
    expect(string(rx.next()!.text)).toBe('abcdef');
  });
});

describe('bounds', () => {
  it('holds no more than the window and 32 records out of sequence', () => {
    const rx = receiver({ oosThr: 100 });
    for (let i = 0; i < 2000; i++) {
      rx.process(datagram(i * 7, 'x'.repeat(100), ',ncfrag=0/8191'), 0);
      rx.process(datagram(1_000_000 + i * 1000, 'x', ',ncfrag=8190/8191'), 0);
      drain(rx);
      expect(rx.held).toBeLessThanOrEqual(12 + 32);
      expect(rx.heldBytes).toBeLessThanOrEqual((12 + 32) * 8191);
    }
  });

  it('a caller that never fetches loses the oldest, counted', () => {
    const rx = receiver();
    for (let seq = 0; seq < 1000; seq++) feed(rx, 0, seq);
    const left = seqs(rx);
    expect(left.length + rx.stats.overrun).toBe(1000);
    expect(left).toEqual(Array.from({ length: 64 }, (_, i) => 936 + i));
    expect(rx.heldBytes).toBe(0);
  });

  it('flush delivers all that is held, and begins anew', () => {
    const rx = receiver();
    feed(rx, 0, 1, 3, 1000);
    rx.flush();
    expect(drain(rx)).toMatchObject([{ seq: 1 }, { seq: 3, skipped: 1 }, { seq: 1000, oos: true }]);
    expect([rx.held, rx.heldBytes, rx.nextDeadline()]).toEqual([0, 0, undefined]);
    feed(rx, 0, 50);
    expect(drain(rx)).toMatchObject([{ seq: 50, seqReset: true }]);
  });
});

describe('options that make no sense', () => {
  it.each<[string, ReceiverOptions]>([
    ['dialect is', { dialect: 'toString' as never }],
    ['has no responses', { dialect: 'mainline', respond: true }],
    ['retxStride', { retxStride: 0 }],
    ['nrSlots', { nrSlots: 256 }],
    ['nrSlots', { nrSlots: 2 ** 31 }],
    ['nrSlots', { nrSlots: 1000.5 }],
    ['ackIntvMs', { ackIntvMs: -1 }],
    ['msgTimeoutMs', { msgTimeoutMs: Number.NaN }],
  ])('%s', (text, options) => {
    expect(() => createReceiver(options)).toThrow(
      expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining(text) }),
    );
  });
});
