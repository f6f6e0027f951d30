import { describe, expect, it } from 'vitest';
import { dictionary, unescapeText } from '../../../src/receiver/index.js';
import { latin1, string } from './datagrams.js';

describe('unescapeText', () => {
  it.each([
    ['plain', 'plain'],
    ['a\\x0ab', 'a\nb'],
    ['\\xc3\\xa9', '\xc3\xa9'],
    ['back\\x5cslash', 'back\\slash'],
    ['\\x5cx41', '\\x41'],
    ['cut \\x0', 'cut \\x0'],
    ['cut \\x', 'cut \\x'],
    ['cut \\', 'cut \\'],
    ['\\xZZ', '\\xZZ'],
    ['\\xAB', '\xab'],
    ['', ''],
  ])('%j', (wire, text) => {
    expect(string(unescapeText(latin1(wire)))).toBe(text);
  });
});

describe('dictionary', () => {
  it.each([
    [
      ' SUBSYSTEM=net\n DEVICE=n2\n',
      [
        ['SUBSYSTEM', 'net'],
        ['DEVICE', 'n2'],
      ],
    ],
    [' k=a=b\n', [['k', 'a=b']]],
    [' k=\n', [['k', '']]],
    [' no newline=yes', [['no newline', 'yes']]],
    ['noblank=1\n =2\n x\n\n', []],
    ['', []],
  ])('%j', (wire, entries) => {
    expect(dictionary({ dict: latin1(wire) }).map(([key, value]) => [string(key), string(value)])).toEqual(entries);
  });

  it('a record without a newline has none', () => {
    expect(dictionary({ dict: undefined })).toEqual([]);
  });
});
