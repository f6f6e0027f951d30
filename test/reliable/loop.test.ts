/** Sender and receiver in one loop, over a wire that loses, doubles, overtakes, delays and damages: all arrives, once, intact. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { insideOf } from '../../src/kernel/index.js';
import { burstLoss, type Dialect, Loop, type LoopOptions } from '../support/loop.js';

const DIALECTS: readonly Dialect[] = ['heo-2015', 'netconsd'];
/** A receiver that never gives up: what the log still has, it will get. */
const PATIENT = { msgTimeoutMs: 3_600_000 } as const;

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, i) => (i === 0 ? String(cell).padEnd(9) : String(cell).padStart(10))).join(' ');
}

describe('100,000 records, none of them overwritten', () => {
  const rows: string[] = [];

  for (const dialect of DIALECTS) {
    it.each([0, 0.1, 0.3, 0.5, 0.7])(`${dialect}, loss %d: each is delivered once and intact`, (loss) => {
      const records = 100_000;
      const loop = new Loop({ dialect, records, loss, seed: 20150416, receiver: PATIENT }).run();
      expect(loop.wrong).toEqual([]);
      expect(loop.skipped).toBe(0);
      expect(loop.delivered).toBe(records);
      const { stats } = loop.target;
      expect(loop.frames).toBe(stats.frames);
      const lost = loop.wire.faults.tx.dropped / loop.frames;
      expect(Math.abs(lost - loss)).toBeLessThan(0.01);
      rows.push(
        row([
          dialect,
          `${loss * 100} %`,
          loop.delivered,
          loop.frames,
          stats.retransmits,
          loop.emergencyFrames,
          loop.receiver.stats.responses,
          loop.seconds.toFixed(3),
        ]),
      );
    });
  }

  it('costs what the table says', async () => {
    const head = row(['dialect', 'loss', 'delivered', 'frames', 'resent', 'emergency', 'responses', 'seconds']);
    await expect(`${[head, ...rows].join('\n')}\n`).toMatchFileSnapshot('loss.txt');
  });
});

const WIRES: Record<string, Pick<LoopOptions, 'loss' | 'faults'>> = {
  reordering: { loss: 0, faults: { reorder: 0.3 } },
  duplication: { loss: 0, faults: { duplicate: 0.4 } },
  corruption: { loss: 0, faults: { corrupt: 0.3 } },
  'delays of up to 1.5 s': { loss: 0, faults: { delay: 0.3, delayMaxUsec: 1.5e6 } },
  'bursts of loss': { loss: 0, faults: { rules: [burstLoss(11, 0.01, 0.02)] } },
  'everything at once': {
    loss: 0.1,
    faults: {
      reorder: 0.1,
      duplicate: 0.1,
      corrupt: 0.1,
      delay: 0.05,
      delayMaxUsec: 1.5e6,
      rules: [burstLoss(12, 0.002, 0.02)],
    },
  },
};

describe.each(DIALECTS)('%s over a bad wire', (dialect) => {
  it.each(Object.keys(WIRES))('%s', (name) => {
    const loop = new Loop({ dialect, records: 10_000, seed: 5, receiver: PATIENT, ...WIRES[name]! }).run();
    expect(loop.wrong).toEqual([]);
    expect(loop.delivered).toBe(10_000);
    // The fault really happened, and every damaged frame was noticed, at both ends.
    const { tx, rx } = loop.wire.faults;
    const happened = {
      reordering: tx.reordered,
      duplication: tx.duplicated,
      corruption: tx.corrupted,
      'delays of up to 1.5 s': tx.delayed,
      'bursts of loss': tx.dropped,
      'everything at once': Math.min(tx.reordered, tx.duplicated, tx.corrupted, tx.delayed, tx.dropped),
    }[name]!;
    expect(happened).toBeGreaterThan(500);
    expect(loop.damaged).toBe(tx.corrupted);
    expect(insideOf(loop.kernel).rx.stats.malformed).toBe(rx.corrupted);
    expect(insideOf(loop.kernel).rx.stats.delivered).toBe(loop.target.reliable!.stats.responses);
  });
});

describe.each(DIALECTS)('%s with a log that overwrites', (dialect) => {
  // 16 KiB hold some 250 records: five seconds of this log. What is lost for longer is gone.
  it.each([0, 0.3, 0.7])('loss %d: what is given up was no longer there, all the rest is delivered', (loss) => {
    const records = 20_000;
    const loop = new Loop({ dialect, records, loss, seed: 3, logBufShift: 14 }).run();
    const { ring } = insideOf(loop.kernel);
    expect(loop.wrong).toEqual([]);
    expect(ring.firstSeq).toBeGreaterThan(records / 2);
    // The kernel's own messages at the start, and the one about the acks.
    expect(loop.delivered + loop.skipped).toBeLessThanOrEqual(ring.nextSeq);
    expect(loop.delivered + loop.skipped).toBeGreaterThanOrEqual(records);
    expect(loop.skipped === 0).toBe(loss === 0);
    expect(loop.stillInLog()).toEqual([]);
    if (loss > 0) expect(loop.target.reliable!.stats.unavailable).toBeGreaterThan(0);
  });

  it('faster than anything can be repaired: nothing worse happens', () => {
    const loop = new Loop({ dialect, records: 20_000, loss: 0.5, seed: 4, logBufShift: 12, rate: 2000 }).run();
    expect(loop.wrong).toEqual([]);
    expect(loop.skipped).toBeGreaterThan(5000);
    expect(loop.stillInLog()).toEqual([]);
  });
});

describe('a loop', () => {
  const digest = (seed: number) => {
    const hash = createHash('sha256');
    const rules = [
      (frame: Uint8Array, direction: string) => {
        hash.update(direction).update(frame);
        return 'pass' as const;
      },
    ];
    const faults = { reorder: 0.1, corrupt: 0.1, rules };
    const loop = new Loop({ dialect: 'heo-2015', records: 2000, loss: 0.3, seed, faults, receiver: PATIENT }).run();
    return `${loop.seconds} ${hash.digest('hex')}`;
  };

  it('is the same at every run, and another with another seed', () => {
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });

  it.each([100, 1000])('works at HZ %d', (HZ) => {
    const loop = new Loop({ dialect: 'netconsd', records: 3000, loss: 0.3, seed: 8, HZ, receiver: PATIENT }).run();
    expect(loop.wrong).toEqual([]);
    expect(loop.delivered).toBe(3000);
  });

  it.each(['4.2', '7.2'])('works on %s', (profile) => {
    const loop = new Loop({ dialect: 'heo-2015', records: 3000, loss: 0.3, seed: 8, profile, receiver: PATIENT }).run();
    expect(loop.wrong).toEqual([]);
    expect(loop.delivered).toBe(3000);
  });

  it('without acks what is lost stays lost: the loop shows the difference', () => {
    const loop = new Loop({ dialect: 'heo-2015', records: 3000, loss: 0.3, seed: 8, answer: false });
    for (let i = 0; loop.logged < 3000 && i < 1e6; i++) loop.step();
    expect(loop.frames).toBe(loop.target.stats.frames);
    expect(loop.target.stats).toMatchObject({ retransmits: 0, emergencies: 0 });
    expect(loop.wire.faults.tx.dropped).toBeGreaterThan(600);
    expect(loop.delivered).toBeLessThan(2400);
  });

  it('a stream begins with what is heard first: the records before it are not asked for', () => {
    let frames = 0;
    const rules = [
      (_frame: Uint8Array, d: string) => (d === 'tx' && ++frames <= 5 ? 'drop' : 'pass') as 'drop' | 'pass',
    ];
    const options = { dialect: 'heo-2015', records: 100, loss: 0, seed: 8, faults: { rules }, anyStart: true } as const;
    const loop = new Loop(options).run();
    expect(loop.wrong).toEqual([]);
    expect(loop.firstSeq).toBe(5);
  });
});
