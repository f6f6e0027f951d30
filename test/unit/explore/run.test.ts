/** The explorer's model in Node: the same frames as the library's, and what it says of each record. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differencesOf, marksOf } from '../../../src/explore/differences.js';
import { EXAMPLES } from '../../../src/explore/examples.js';
import { explore } from '../../../src/explore/run.js';
import type { ExplorerState } from '../../../src/explore/state.js';
import { KERNEL_NAMES, librarySends, RELIABLE_STATES, reliableSends, STATES } from '../../support/explorer.js';

const sent = (state: ExplorerState, kernel: string) =>
  explore(state, kernel)
    .transmissions.filter(({ id }) => id.startsWith('o'))
    .map(({ frame }) => Buffer.from(frame).toString('hex'));
const hex = (frames: readonly Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString('hex'));

describe('frames', () => {
  it('are those of the library, whatever the state', () => {
    fc.assert(
      fc.property(STATES, (state) => {
        for (const kernel of state.kernels) expect(sent(state, kernel)).toEqual(hex(librarySends(state, kernel)));
      }),
      { seed: 15, numRuns: 60 },
    );
  });

  it('are those of the library with acks, retransmission and emergencies, whatever is lost', () => {
    let emergencies = 0;
    fc.assert(
      fc.property(RELIABLE_STATES, (state) => {
        const [kernel] = state.kernels;
        const expected = hex(reliableSends(state, kernel!));
        expect(sent(state, kernel!)).toEqual(expected);
        // ",emg=1" and ",ncemg=1"
        emergencies += expected.filter((frame) => frame.includes('656d673d31')).length;
      }),
      { seed: 15, numRuns: 40 },
    );
    expect(emergencies).toBeGreaterThan(50);
  });

  it.each(KERNEL_NAMES)('leave every kernel there is: %s', (kernel) => {
    for (const { state } of EXAMPLES) expect(sent(state, kernel).length).toBeGreaterThan(0);
  });
});

const base: ExplorerState = { kernels: ['6.12'], targets: [{}], records: [{ text: 'hello', level: 6 }] };
const rowOf = (state: Partial<ExplorerState>, i = 0) => explore({ ...base, ...state }, '6.12').rows[i]!;

describe('a row', () => {
  it('has the record in the ring, on the console, on the wire and at the receiver', () => {
    const { ring, console, sent: out, received } = rowOf({});
    expect(ring.map(({ line }) => line)).toEqual(['6,0,400000000,-;hello\n']);
    expect(console).toBe('[  400.000000] hello\n');
    expect(out.map(({ id, fate }) => [id, fate])).toEqual([['o0', 'arrives']]);
    expect(received.map(({ record }) => record?.seq)).toEqual([0]);
  });

  it('says why nothing is sent', () => {
    expect(rowOf({ records: [{ text: 'x', level: 7 }] }).silent).toMatch(/level 7 is not below .* 7/);
    expect(rowOf({ targets: [] }).silent).toMatch(/no target/);
    const many = Array.from({ length: 40 }, (_, i) => ({ text: `line ${i} ${'x'.repeat(40)}`, level: 4 }));
    const first = rowOf({ ring: 10, held: true, records: many });
    expect([first.sent.length, first.ring.length]).toEqual([0, 0]);
    expect(first.silent).toMatch(/overwritten/);
  });

  it('knows the record of a plain datagram, also when all leave at once', () => {
    const records = [
      { text: 'one', level: 4 },
      { text: 'long '.repeat(190), level: 4 },
      { text: 'three', level: 4 },
    ];
    const { rows } = explore({ ...base, targets: [{ extended: false }], held: true, records }, '6.12');
    expect(rows.map((row) => row.sent.length)).toEqual([1, 1, 1]);
    expect(rows.map((row) => row.received.length)).toEqual([1, 1, 1]);
  });

  it('tells of a lost datagram, and that the receiver misses a record', () => {
    const records = [{ text: 'a' }, { text: 'b' }, { text: 'c' }];
    const { rows } = explore({ ...base, records, lost: ['o1'] }, '6.12');
    expect(rows.map((row) => row.received.length)).toEqual([1, 0, 1]);
    expect(rows[1]!.sent[0]!.fate).toBe('lost');
    expect(rows[2]!.received[0]!.record!.skipped).toBe(1);
  });

  it('tells of a link that is too narrow', () => {
    const { sent: out, received } = rowOf({ mtu: 576, records: [{ text: 'x'.repeat(700), level: 4 }] });
    expect([out[0]!.fate, received.length]).toEqual(['mtu', 0]);
  });
});

describe('the reliable extension', () => {
  const { state } = EXAMPLES.find(({ name }) => name.includes('2015'))!;
  const { transmissions, arrivals } = explore(state, state.kernels[0]!);

  it('sends again what is asked for', () => {
    const again = transmissions.filter(({ cause }) => cause === 'again');
    expect(again.map(({ decoded }) => decoded.message?.kind === 'extended' && decoded.message.seq)).toEqual([2, 3]);
    expect(arrivals.map(({ record }) => record!.seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('backs off, doubling its interval with every pass', () => {
    const intervals = transmissions.flatMap(({ interval }) => interval ?? []);
    expect([...new Set(intervals)]).toEqual([0.1, 0.2, 0.4, 0.8]);
  });

  it('ends an emergency when an ack comes through', () => {
    const last = transmissions.at(-1)!;
    expect([last.cause, last.fate]).toEqual(['response', 'arrives']);
  });
});

describe('differences', () => {
  const both = (state: Partial<ExplorerState>, ...kernels: string[]) =>
    differencesOf(kernels.map((name) => explore({ ...base, ...state }, name)));

  it('are none between two of the same', () => expect(both({}, '6.12', '6.12s')).toEqual([]));

  it('name what one kernel lacks', () => {
    const found = both({ userdata: [['rack', 'B12']] }, '6.1s', '7.3');
    expect(found.map(({ what, first, other }) => [what, first, other])).toEqual([
      ['rack on the wire', 'none', 'rack=B12'],
    ]);
  });

  it('are not told of what only follows, as checksums', () => {
    const found = both({ targets: [{ release: true }] }, '6.1s', '7.3');
    expect(found.map(({ what }) => what)).toEqual(['release on the wire']);
  });

  it('mark the bytes that are different, and no others', () => {
    const [a, b] = ['6.1s', '7.3'].map(
      (name) => explore({ ...base, userdata: [['k', 'v']] }, name).rows[0]!.sent[0]!.frame,
    );
    const marked = marksOf(b!, a!).map(([start, end]) => Buffer.from(b!.subarray(start, end)).toString('latin1'));
    expect(marked).toContain(' k=v');
    expect(marked.join('')).not.toContain('hello');
    expect(marksOf(a!, a!)).toEqual([]);
    expect(marksOf(a!, undefined)).toEqual([[0, a!.length]]);
  });
});
