import { describe, expect, it } from 'vitest';
import { createPlainReceiver, type PlainReceiver } from '../../../src/receiver/index.js';
import { latin1, string } from './datagrams.js';

function lines(rx: PlainReceiver): [string | undefined, boolean][] {
  const all: [string | undefined, boolean][] = [];
  for (let line = rx.next(); line !== undefined; line = rx.next()) all.push([string(line.text), line.complete]);
  return all;
}

describe('a plain target', () => {
  it.each<[string, string[], [string, boolean][]]>([
    [
      'a line a datagram',
      ['[    1.5] a\n', '[    1.6] b\n'],
      [
        ['[    1.5] a', true],
        ['[    1.6] b', true],
      ],
    ],
    [
      'several lines in one',
      ['a\nb\n\nc\n'],
      [
        ['a', true],
        ['b', true],
        ['', true],
        ['c', true],
      ],
    ],
    [
      'a line in several pieces',
      ['abc', 'def', '\nxy\n'],
      [
        ['abcdef', true],
        ['xy', true],
      ],
    ],
    ['an empty datagram', ['', 'a\n'], [['a', true]]],
    ['a line without an end', ['a\nb'], [['a', true]]],
    ['any byte', ['\xff\0\r\x1b[31m\n'], [['\xff\0\r\x1b[31m', true]]],
    [
      'CRs and NULs at the edges of lines',
      ['\0a\r\n', 'b\r\r\n\0\0', 'c\n\rd\0\n', '\n', '\r\n'],
      [
        ['a', true],
        ['b', true],
        ['c', true],
        ['d', true],
        ['', true],
        ['', true],
      ],
    ],
  ])('%s', (_, payloads, expected) => {
    const rx = createPlainReceiver();
    for (const payload of payloads) rx.process(latin1(payload), 0);
    expect(lines(rx)).toEqual(expected);
  });

  it('a line without its newline is delivered when it times out', () => {
    const rx = createPlainReceiver();
    rx.process(latin1('half'), 100);
    expect(rx.nextDeadline()).toBe(1100);
    rx.process(latin1(' a line'), 200);
    expect(rx.nextDeadline()).toBe(1200);
    rx.process(undefined, 1199);
    expect(lines(rx)).toEqual([]);
    rx.process(undefined, 1200);
    expect(lines(rx)).toEqual([['half a line', false]]);
    expect(rx.nextDeadline()).toBeUndefined();
    expect(rx.stats).toMatchObject({ datagrams: 2, records: 1, incomplete: 1 });
  });

  it('a datagram after the timeout does not join the old line', () => {
    const rx = createPlainReceiver();
    rx.process(latin1('old'), 0);
    rx.process(latin1('new\n'), 1000);
    expect(lines(rx)).toEqual([
      ['old', false],
      ['new', true],
    ]);
  });

  it('flush delivers the rest', () => {
    const rx = createPlainReceiver();
    rx.process(latin1('rest'), 0);
    rx.flush();
    expect(lines(rx)).toEqual([['rest', false]]);
    expect(rx.heldBytes).toBe(0);
  });

  it('a line is cut after 8191 bytes', () => {
    const rx = createPlainReceiver();
    for (let i = 0; i < 20; i++) rx.process(latin1('x'.repeat(1000)), 0);
    rx.process(latin1('\n'), 0);
    expect(lines(rx).map(([text, complete]) => [text!.length, complete])).toEqual([
      [8191, false],
      [8191, false],
      [20_000 - 2 * 8191, true],
    ]);
  });

  it('reads the notice of dropped messages', () => {
    const rx = createPlainReceiver();
    rx.process(latin1('** 3125 printk messages dropped **\n[    6.452526] next\n'), 0);
    expect(rx.next()!.dropped).toBe(3125);
    expect(rx.next()!.dropped).toBe(0);
    expect(rx.stats.dropped).toBe(3125);
  });

  it('what is not fetched is bounded', () => {
    const rx = createPlainReceiver();
    for (let i = 0; i < 40; i++) rx.process(latin1('\n'.repeat(1000)), 0);
    expect(lines(rx)).toHaveLength(16384);
    expect(rx.stats.overrun).toBe(40_000 - 16384);
  });

  it('EINVAL for a timeout that is none', () => {
    expect(() => createPlainReceiver({ lineTimeoutMs: -1 })).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});
