/** The live view: its rows at every width, what is drawn over what, and what is said without a terminal. */
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openLive } from '../../../src/cli/live.js';
import { liveLine, liveRows } from '../../../src/cli/live-rows.js';
import type { RunProgress } from '../../../src/run/progress.js';

const PROGRESS: RunProgress = {
  seconds: 30,
  done: 0.25,
  records: 98_765,
  frames: 1_234_567,
  asked: 1_300_000,
  late: { p50: 0.1, p99: 2.5, max: 120 },
  hosts: 10_000,
  hostsUp: 9_998,
  lost: { ring: 0, netpoll: 2, wire: 1_234 },
  acks: 5,
  retransmits: 3,
  emergencies: 1,
};
const RATES = { asked: 20_000, achieved: 19_876.4 };

const text = (rows: ReturnType<typeof liveRows>) => rows.map((row) => row.map((part) => part.text).join(''));

describe('the rows', () => {
  it.each([10, 20, 39, 79, 120, 199])('of %d columns are no wider, and say it all where there is room', (width) => {
    const rows = text(liveRows(PROGRESS, RATES, width));
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(width);
    if (width < 39) return;
    const all = rows.join('\n');
    for (const fact of ['25%', '30 s, 1:30 left', '19,876/s of 20,000/s', '1,234,567 frames', 'netpoll 2, wire 1,234'])
      expect(all).toContain(fact);
    expect(all).toContain('9,998 of 10,000 hosts up');
  });

  it('are fewer in a wider window', () => {
    const counts = [39, 79, 199].map((width) => liveRows(PROGRESS, RATES, width).length);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(counts[0]).toBeGreaterThan(counts[2]!);
  });

  it('have no bar and no time left where the end is not known', () => {
    const { done: _, ...endless } = PROGRESS;
    expect(text(liveRows(endless, {}, 199)).join('\n')).toMatch(/^30 s {3}1,234,567 frames/);
    expect(liveLine(endless, {})).not.toMatch(/left|%,/);
  });
});

class Terminal extends Writable {
  text = '';
  columns = 80;
  rows = 24;
  readonly isTTY: boolean;
  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  take(): string {
    const { text: taken } = this;
    this.text = '';
    return taken;
  }
}

/** A live view on a clock that the test moves. */
function view(isTTY: boolean, { quiet = false, env = {}, colors = false } = {}) {
  const err = Object.assign(new Terminal(isTTY), { hasColors: () => colors });
  const clock = { ms: 0 };
  const live = openLive({ err, out: new Terminal(isTTY), quiet, env, now: () => clock.ms });
  return { err, clock, live };
}

const up = (lines: number) => `\x1b[${lines}A`;

describe('on a terminal', () => {
  it('draws the block over itself, and takes it away at the end', () => {
    const { err, clock, live } = view(true);
    live.update(PROGRESS);
    const rows = err.take().split('\n').length - 1;
    expect(rows).toBeGreaterThan(1);
    live.update(PROGRESS);
    expect(err.take()).toBe('');
    clock.ms = 150;
    live.update({ ...PROGRESS, done: 0.5 });
    const again = err.take();
    expect(again.startsWith(up(rows))).toBe(true);
    expect(again).toContain('\x1b[0J');
    expect(again).toContain('50%');
    live.stop();
    expect(err.take()).toBe(`${up(rows)}\x1b[1G\x1b[0J`);
    live.stop();
    live.update(PROGRESS);
    expect(err.take()).toBe('');
  });

  it('keeps what is printed above the block', () => {
    const { err, live } = view(true);
    live.update(PROGRESS);
    const rows = err.take().split('\n').length - 1;
    live.above(() => err.write('a record\n'));
    expect(err.take()).toMatch(new RegExp(`^\\x1b\\[${rows}A\\x1b\\[1G\\x1b\\[0Ja record\\n\\[`));
    live.stop();
  });

  it('finds its rows again after the window has become narrower', () => {
    const { err, live } = view(true);
    live.update(PROGRESS);
    const lengths = err
      .take()
      .split('\n')
      .slice(0, -1)
      .map((row) => row.length);
    err.columns = 40;
    err.emit('resize');
    const wrapped = lengths.reduce((sum, length) => sum + Math.ceil(length / 40), 0);
    const drawn = err.take();
    expect(drawn.startsWith(up(wrapped))).toBe(true);
    live.stop();
  });

  it('is coloured only where the terminal has colours', () => {
    for (const colors of [true, false]) {
      const { err, live } = view(true, { colors });
      live.update(PROGRESS);
      expect(err.take().includes('\x1b[36m')).toBe(colors);
      live.stop();
    }
  });
});

describe('without a terminal', () => {
  it.each([
    ['a pipe or a file', false, {}],
    ['a dumb terminal', true, { TERM: 'dumb' }],
  ])('is a line every five seconds, if something has changed: %s', (_, isTTY, env) => {
    const { err, clock, live } = view(isTTY, { env });
    live.update(PROGRESS);
    clock.ms = 4900;
    live.update(PROGRESS);
    expect(err.take()).toBe('');
    clock.ms = 5000;
    live.update({ ...PROGRESS, frames: PROGRESS.frames + 100 });
    expect(err.take()).toMatch(
      /^netconsole-emulator: 25%, 30 s, 1:30 left, \d+\/s of 0\/s asked, 1,234,667 frames.*\n$/,
    );
    clock.ms = 11_000;
    live.update({ ...PROGRESS, frames: PROGRESS.frames + 100 });
    expect(err.take()).toBe('');
    live.stop();
    expect(err.take()).toBe('');
  });
});

describe('with --quiet', () => {
  it.each([true, false])('nothing is shown', (isTTY) => {
    const { err, clock, live } = view(isTTY, { quiet: true });
    live.update(PROGRESS);
    clock.ms = 60_000;
    live.update(PROGRESS);
    live.above(() => err.write('a record\n'));
    live.stop();
    expect(err.take()).toBe('a record\n');
  });
});
