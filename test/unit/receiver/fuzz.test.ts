/** Nothing that arrives makes the receiver throw, grow without bound, deliver out of order, or answer nonsense. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createPlainReceiver,
  createReceiver,
  type DialectName,
  type ProcessOutcome,
  REFUSALS,
  type Receiver,
} from '../../../src/receiver/index.js';
import { receiverCorpus } from '../../support/corpus/receiver.js';
import { latin1, readResponse } from './datagrams.js';

const SEED = Number(process.env['SEED'] ?? 20150416);
const OUTCOMES = new Set<string>(['none', 'stored', 'merged', 'duplicate', 'retired', 'late', 'oos', ...REFUSALS]);

/** Checks a receiver from outside after every step. */
class Watched {
  readonly receiver: Receiver;
  readonly #prefix: 'nca' | 'ncrx' | undefined;
  readonly #heldMax: number;
  /** The last seq of each boot. */
  readonly #last = new Map<number, number>();
  records = 0;
  responses = 0;

  constructor(dialect: DialectName, nrSlots: number, retxStride: number) {
    this.receiver = createReceiver({ dialect, nrSlots, retxStride, ackIntvMs: 50 });
    this.#prefix = dialect === 'heo-2015' ? 'nca' : dialect === 'netconsd' ? 'ncrx' : undefined;
    // Two windows, and what is out of sequence; the bound is kept from datagram to datagram.
    this.#heldMax = 3 * nrSlots - retxStride + 32;
  }

  step(payload: Uint8Array | undefined, now: number): ProcessOutcome {
    const { receiver } = this;
    const outcome = receiver.process(payload, now);
    if (!OUTCOMES.has(outcome)) throw new Error(`outcome ${outcome}`);
    for (let r = receiver.next(); r !== undefined; r = receiver.next()) {
      this.records++;
      if (r.text.length + (r.dict?.length ?? 0) > 8191) throw new Error('text too long');
      if (r.complete && r.missingBytes !== 0) throw new Error('complete with bytes missing');
      if (r.oos) continue;
      const last = this.#last.get(r.boot);
      if (r.seqReset !== (last === undefined)) throw new Error(`boot ${r.boot} begins with ${r.seq}?`);
      // What a jump of the sequence passed over is counted there, and not again when the stream before it goes on.
      if (last !== undefined && r.skipped > 0 && r.seq !== last + 1 + r.skipped)
        throw new Error(`${last} then ${r.seq}`);
      if (last !== undefined && r.seq <= last) throw new Error(`${r.seq} after ${last}`);
      this.#last.set(r.boot, r.seq);
    }
    if (receiver.held > this.#heldMax) throw new Error(`${receiver.held} held`);
    if (receiver.heldBytes > receiver.held * 8191) throw new Error(`${receiver.heldBytes} bytes held`);
    const response = receiver.response();
    if (response !== undefined) {
      this.responses++;
      if (this.#prefix === undefined) throw new Error('mainline has no responses');
      readResponse(response, this.#prefix);
    }
    const deadline = receiver.nextDeadline();
    if (deadline !== undefined && !(deadline > now)) throw new Error(`deadline ${deadline} at ${now}`);
    return outcome;
  }
}

describe('the corpus', () => {
  it.each(receiverCorpus())('$name', ({ dialect, datagrams, outcomes }) => {
    const watched = new Watched(dialect, 512, 256);
    expect(datagrams.map((payload, i) => watched.step(payload, i))).toEqual(outcomes);
    watched.step(undefined, 1_000_000);
  });

  it('names every refusal', () => {
    const seen = new Set(receiverCorpus().flatMap(({ outcomes }) => outcomes));
    expect(REFUSALS.filter((why) => !seen.has(why))).toEqual(['bad-emergency']);
  });
});

const number = fc.oneof(
  fc.nat(40).map(String),
  fc.constantFrom('', '-1', '0x10', '255', '256', '8191', '8192', '4294967295', '9007199254740991', '9007199254740992'),
  fc.bigInt({ min: 0n, max: 2n ** 66n }).map(String),
);
const extra = fc.oneof(
  fc.tuple(number, number).map(([a, b]) => `ncfrag=${a}/${b}`),
  fc.tuple(number, number, number).map(([a, b, c]) => `ncfrag=${a}@${b}/${c}`),
  number.map((n) => `emg=${n}`),
  number.map((n) => `ncemg=${n}`),
  fc.constantFrom('caller=T1', 'a', '=', 'ncfrag', 'ncfrag='),
);
const structured = fc
  .tuple(
    fc.constantFrom('', '6.12,', '6.12.0-x,', 'linux,'),
    number,
    number,
    number,
    fc.constantFrom('-', 'c', '+', ''),
    fc.array(extra, { maxLength: 3 }),
    fc.constantFrom(';', ''),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  .map(([release, prio, seq, ts, flag, extras, semicolon, text]) =>
    latin1(`${release}${[prio, seq, ts, flag, ...extras].join(',')}${semicolon}${text}`),
  );

describe.each(['heo-2015', 'netconsd', 'mainline'] as const)('%s', (dialect) => {
  it('structured and random payloads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(structured, structured, fc.uint8Array({ maxLength: 200 })), fc.nat(40_000)), {
          maxLength: 80,
        }),
        (inputs) => {
          const watched = new Watched(dialect, 24, 8);
          let now = 0;
          for (const [payload, ms] of inputs) {
            now += ms;
            watched.step(payload, now);
          }
        },
      ),
      { seed: SEED, numRuns: 400 },
    );
  });
});

/** xorshift32: a million inputs want a generator that costs nothing. */
function random(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const NUMBERS = ['', '0', '1', '255', '2047', '2048', '8191', '8192', '4294967295', '9007199254740991', '-1'].map(
  latin1,
);

function mutate(seeds: readonly Uint8Array[], pick: (below: number) => number, out: Uint8Array): Uint8Array {
  const seed = seeds[pick(seeds.length)]!;
  out.set(seed);
  let length = seed.length;
  for (let edits = pick(4); edits > 0; edits--) {
    const at = pick(length + 1);
    const kind = pick(6);
    if (kind === 0 && length > 0) out[at] = pick(256);
    else if (kind === 1 && length > 0) out[at] = out[at]! ^ (1 << pick(8));
    else if (kind === 2) length = at;
    else {
      const end = Math.min(length, at + (kind === 3 ? pick(8) : 0));
      const other = seeds[pick(seeds.length)]!;
      const from = pick(other.length + 1);
      const insert = kind === 4 ? NUMBERS[pick(NUMBERS.length)]! : other.subarray(from, from + pick(24));
      out.copyWithin(at + insert.length, end, length);
      out.set(insert, at);
      length += at - end + insert.length;
    }
  }
  return out.subarray(0, length);
}

it('a million mutated payloads', () => {
  const pick = random(SEED);
  const corpus = receiverCorpus().flatMap(({ datagrams }) => datagrams);
  const seeds = corpus.filter((payload) => payload.length < 1200);
  const out = new Uint8Array(4096);
  const watched = [
    new Watched('heo-2015', 40, 8),
    new Watched('netconsd', 24, 8),
    new Watched('mainline', 24, 8),
    new Watched('netconsd', 700, 256),
  ];
  const counts = new Map<string, number>();
  let seq = 100;
  let now = 0;
  for (let i = 0; i < 1_000_000; i++) {
    let payload: Uint8Array;
    if (pick(200) === 0) payload = corpus[pick(corpus.length)]!;
    else if (pick(2) === 0) payload = mutate(seeds, pick, out);
    else {
      // A stream that goes on, so that windows, holes, pieces and resets all live; now and then it starts anew.
      seq = pick(4000) === 0 ? pick(1 << 30) : seq + (pick(8) === 0 ? pick(12) : 1);
      const key = pick(6) === 0 ? [',ncfrag=0@0/2', ',ncfrag=4@1/2', ',ncfrag=0/8', ',ncfrag=4/8'][pick(4)]! : '';
      const emergency = pick(20) === 0 ? [',emg=1', ',ncemg=1'][pick(2)]! : '';
      payload = latin1(`6,${Math.max(0, seq - pick(10))},7,-${emergency}${key};abcd`);
    }
    now += pick(5) === 0 ? pick(100) : 0;
    const outcome = watched[pick(watched.length)]!.step(pick(50) === 0 ? undefined : payload, now);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  // The run is worth something only if it goes everywhere.
  expect([...OUTCOMES].filter((outcome) => (counts.get(outcome) ?? 0) < 30)).toEqual([]);
  for (const { receiver, records, responses } of watched) {
    expect(records).toBeGreaterThan(10_000);
    expect(receiver.stats.resets).toBeGreaterThan(5);
    expect(receiver.stats.incomplete).toBeGreaterThan(100);
    expect(responses > 1000).toBe(receiver.dialect.name !== 'mainline');
  }
});

it('plain receivers take anything', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 30 }), (payloads) => {
      const rx = createPlainReceiver();
      // CRs and NULs at the edges of lines go.
      const kept = (text: Uint8Array) => text.filter((byte) => byte !== 0 && byte !== 0x0d).length;
      let bytes = 0;
      for (const [i, payload] of payloads.entries()) rx.process(payload, i * 300);
      rx.flush();
      for (let line = rx.next(); line !== undefined; line = rx.next())
        bytes += kept(line.text) + (line.complete ? 1 : 0);
      expect(bytes).toBe(payloads.reduce((sum, payload) => sum + kept(payload), 0));
    }),
    { seed: SEED, numRuns: 200 },
  );
});
