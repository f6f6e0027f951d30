import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMark, withMark } from '../../../src/workload/index.js';
import { crc32 } from '../../../src/workload/mark.js';

describe('a mark', () => {
  it('has the form that the page shows', () => {
    expect(withMark('hello', { run: 7, host: 12, number: 345 })).toMatch(/^hello \{nce:7:12:345:[0-9a-f]{8}\}$/);
  });

  it('sums as Ethernet does', () => expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926));

  it('is read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), fc.nat(), fc.nat(), (text, run, host, number) => {
        expect(readMark(withMark(text, { run, host, number }))).toEqual({ run, host, number });
      }),
    );
  });

  it('does not fit a changed text', () => {
    const marked = withMark('EXT4-fs (sda1): mounted', { run: 1, host: 2, number: 3 });
    for (let i = 0; i < marked.length; i++) {
      const changed = `${marked.slice(0, i)}${marked[i] === 'x' ? 'y' : 'x'}${marked.slice(i + 1)}`;
      expect(readMark(changed)).not.toEqual({ run: 1, host: 2, number: 3 });
    }
    expect(readMark(marked.slice(0, -1))).toBe('changed');
    expect(readMark('a text of others')).toBeUndefined();
  });
});
