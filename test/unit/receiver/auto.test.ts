/** What sources send of which nothing is known: plain text, records, both, other protocols, what relays make of it. */
import { describe, expect, it } from 'vitest';
import { AutoReceiver, dictionary, type PlainLine, type ReceivedRecord } from '../../../src/receiver/index.js';
import { latin1, string } from './datagrams.js';

const ext = (seq: number, tsUsec: number, text: string): string => `6,${seq},${tsUsec},-;${text}\n`;

/** What is delivered of the datagrams, 10 ms apart; a record as `seq text`. */
function sent(datagrams: readonly string[]) {
  const kinds: string[] = [];
  const rx = new AutoReceiver({ onKind: (kind) => kinds.push(kind) });
  const items: (ReceivedRecord | PlainLine)[] = [];
  const outcomes = datagrams.map((payload, i) => rx.process(latin1(payload), 10 * i));
  rx.flush();
  for (let item = rx.next(); item !== undefined; item = rx.next()) items.push(item);
  const shown = items.map((item) => ('seq' in item ? `${item.seq} ${string(item.text)}` : string(item.text)));
  return { rx, kinds, items, outcomes, shown };
}

const DNS = '\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01';

describe('plain text', () => {
  it.each([
    ['in pieces', ['[    1.250000] usb 1-1: ', 'new device\n'], ['[    1.250000] usb 1-1: new device']],
    [
      'with CR LF and NULs of a relay',
      ['[    1.250000] a\r\n', '[    1.260000] b\n\0'],
      ['[    1.250000] a', '[    1.260000] b'],
    ],
    [
      'with a control character in it',
      ['[    1.250000] a\x01b\n', 'c\x02ddddddd\n'],
      ['[    1.250000] a\x01b', 'c\x02ddddddd'],
    ],
    ['with levels', ['<6>[    1.250000] a\n'], ['<6>[    1.250000] a']],
  ])('%s', (_, datagrams, lines) => {
    const { shown, kinds } = sent(datagrams);
    expect(shown).toEqual(lines);
    expect(kinds).toEqual(['plain']);
  });

  it('of a source that has sent records: a piece of a line is known by its stamp', () => {
    const { shown, kinds } = sent([ext(1, 10, 'a'), '[    0.000010] a long ', 'line\n', ext(2, 20, 'b')]);
    expect(shown.toSorted()).toEqual(['1 a', '2 b', '[    0.000010] a long line']);
    expect(kinds).toEqual(['extended', 'mixed']);
  });

  it.each([
    ['DNS', DNS],
    ['NTP', `\x1b${'\0'.repeat(47)}`],
    ['VXLAN', `\x08\0\0\0\0\0*\0${'\x02\0\0\0\0\x01'.repeat(2)}\x08\0`],
    ['nothing', ''],
    ['NULs', '\0\0\0'],
    ['numbers', '1234\n'],
  ])('%s is none, of whatever source', (_, payload) => {
    expect(sent([payload]).shown).toEqual([]);
    expect(sent([ext(1, 10, 'a'), payload, ext(2, 20, 'b')]).shown).toEqual(['1 a', '2 b']);
    if (payload !== '1234\n') expect(sent(['[    0.000010] a\n', payload]).shown).toEqual(['[    0.000010] a']);
  });
});

describe('records', () => {
  it('the CR LF of a relay is neither of the text nor of the dictionary', () => {
    const { items } = sent(['6,1,10,-;a\r\n SUBSYSTEM=usb\r\n DEVICE=+usb:1\r\n']);
    const record = items[0] as ReceivedRecord;
    expect(string(record.text)).toBe('a');
    expect(dictionary(record).map(([key, value]) => `${string(key)}=${string(value)}`)).toEqual([
      'SUBSYSTEM=usb',
      'DEVICE=+usb:1',
    ]);
  });

  it('a CR that only one value ends in is the value’s', () => {
    const { items } = sent(['6,1,10,-;a\n DEVICE=+usb:1\n user=a\r\n']);
    expect(dictionary(items[0] as ReceivedRecord).map(([, value]) => string(value))).toEqual(['+usb:1', 'a\r']);
  });

  it('glued ones are parted, a dictionary between them or not', () => {
    const glued = `${ext(1, 10, 'a')} DEVICE=+usb:1\n${ext(2, 20, 'b')}${ext(3, 30, 'c')}`;
    expect(sent([glued]).shown).toEqual(['1 a', '2 b', '3 c']);
  });

  it('a host that starts anew soon after the receiver has begun is marked, copies and a straggler between', () => {
    const boot = [ext(8, 8e6, 'a'), ext(9, 9e6, 'b'), ext(11, 11e6, 'd')];
    const again = [ext(1, 10, 'e'), ext(10, 10e6, 'c'), ext(2, 20, 'f'), ext(1, 10, 'e'), ext(3, 30, 'g')];
    const { items, shown, rx } = sent([...boot, ...again]);
    expect(shown.toSorted()).toEqual(['1 e', '10 c', '11 d', '2 f', '3 g', '8 a', '9 b']);
    const begins = items.filter((item) => 'seq' in item && item.seqReset).map((item) => string(item.text));
    expect(begins).toEqual(['a', 'e']);
    expect(items.some((item) => 'oos' in item && item.oos)).toBe(false);
    expect(rx.stats).toMatchObject({ resets: 1, duplicates: 1, skipped: 0 });
  });

  it('what was overtaken at the very beginning is no boot', () => {
    const { items, rx } = sent([
      ext(8, 8_000_300, 'c'),
      ext(6, 8_000_100, 'a'),
      ext(7, 8_000_200, 'b'),
      ext(9, 8_000_400, 'd'),
    ]);
    expect(items).toHaveLength(4);
    expect(rx.stats).toMatchObject({ resets: 0 });
  });
});
