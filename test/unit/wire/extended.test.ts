import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExtendedRecord, parseBody, parsePayload } from '../../../src/wire/extended.js';
import { decodeText, unescapeText } from '../../../src/wire/text.js';
import { naiveExtended, naiveFragments, naiveFragments2015 } from '../../support/naive.js';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

function extended(text: string): ExtendedRecord {
  const message = parsePayload(bytes(text));
  if (message.kind !== 'extended') throw new Error(`${JSON.stringify(text)} was taken as plain text`);
  return message;
}

describe('parsePayload', () => {
  it('takes a record apart', () => {
    expect(extended('14,426,10326585,-;z\n')).toEqual({
      kind: 'extended',
      prio: 14,
      seq: 426,
      tsUsec: 10326585,
      flag: '-',
      fields: [],
      body: bytes('z\n'),
      odd: [],
    });
  });

  it.each([
    ['a release', '6.12.117+deb12-amd64,14,1,2,-;x\n', { release: '6.12.117+deb12-amd64', prio: 14, seq: 1 }],
    ['a release of letters and dots', 'my.kernel,14,1,2,-;x\n', { release: 'my.kernel' }],
    ['a caller', '6,1,2,-,caller=T1234;x\n', { caller: 'T1234', odd: [] }],
    ['a CPU as caller', '6,1,2,c,caller=C0;x\n', { caller: 'C0', flag: 'c' }],
    ['the flag of old kernels', '6,1,2,+;x\n', { flag: '+', odd: [] }],
    ['the largest prio', '2047,1,2,-;x\n', { prio: 2047, odd: [] }],
    ['the largest seq', '6,9007199254740991,2,-;x\n', { seq: Number.MAX_SAFE_INTEGER, odd: [] }],
    ['an emergency of 2015', '6,1,2,-,emg=1;x\n', { emergency: 'emg', fields: [] }],
    ['an emergency of netconsd', '6,1,2,-,ncemg=1;x\n', { emergency: 'ncemg' }],
    [
      'other fields, in order',
      '6,1,2,-,b=2,a=1;x\n',
      {
        fields: [
          ['b', '2'],
          ['a', '1'],
        ],
        odd: [],
      },
    ],
    [
      'a fragment',
      '6,1,2,-,ncfrag=969/983;=bar\n qux=baz\n',
      { fragment: { dialect: 'bytes', offset: 969, total: 983 } },
    ],
    [
      'a fragment of 2015',
      '6,1,2,-,emg=1,ncfrag=960@1/3;x',
      { emergency: 'emg', fragment: { dialect: 'index', offset: 960, index: 1, count: 3 } },
    ],
    ['semicolons in the text', '6,1,2,-;a;b\n', { body: bytes('a;b\n') }],
    ['an empty text', '6,1,2,-;\n', { body: bytes('\n') }],
  ])('reads %s', (_name, text, want) => expect(extended(text)).toMatchObject(want));

  it.each([
    ['printed text', '[   10.326585] z\n'],
    ['printed text with a semicolon', '[   10.326585] a, b, c, d; e\n'],
    ['nothing', ''],
    ['no semicolon', '6,1,2,-'],
    ['three fields', '6,1,2;x\n'],
    ['a flag of two characters', '6,1,2,cc;x\n'],
    ['a negative number', '6,-1,2,-;x\n'],
    ['hex', '6,0x1,2,-;x\n'],
    ['a release without a dot', 'linux,6,1,2,-;x\n'],
    ['a header with control characters', '6,1,2,-,a=\x01;x\n'],
    ['a header of 1024 bytes', `6,1,2,-,a=${'x'.repeat(1014)};x\n`],
  ])('takes for plain text: %s', (_name, text) => {
    expect(parsePayload(bytes(text))).toEqual({ kind: 'plain', body: bytes(text), odd: [] });
  });

  it('refuses a seq above 2^53 - 1, and says so', () => {
    const message = parsePayload(bytes('6,9007199254740992,2,-;x\n'));
    expect(message).toMatchObject({ kind: 'plain', odd: ['seq 9007199254740992 or timestamp 2 is above 2^53 - 1'] });
  });

  it.each([
    ['a prio no kernel has', '2048,1,2,-;x\n', 'prio 2048 is above 2047'],
    ['an unknown flag', '6,1,2,x;x\n', 'flag "x" is none of - c +'],
    ['a caller of another kind', '6,1,2,-,caller=X1;x\n', 'caller "X1" is neither T nor C with a number'],
    ['a field without =', '6,1,2,-,what;x\n', 'field "what" has no ='],
    ['a fragment that ends too late', '6,1,2,-,ncfrag=5/6;xyz', 'the fragment ends at 8 of 6 bytes'],
    ['an empty fragment', '6,1,2,-,ncfrag=0/6;', 'the fragment is empty'],
    ['a fragment past the last', '6,1,2,-,ncfrag=5@3/3;x', 'fragment 3 of only 3'],
    ['a first fragment that is not at 0', '6,1,2,-,ncfrag=5@0/3;x', 'fragment 0 begins at byte 5'],
    ['an ncfrag of another form', '6,1,2,-,ncfrag=1-2;x', 'ncfrag "1-2" is neither OFF/TOTAL nor OFF@I/N'],
    ['two ncfrag', '6,1,2,-,ncfrag=0/6,ncfrag=0/6;x', 'a second ncfrag, or one with a value unknown here'],
    ['emg=0', '6,1,2,-,emg=0;x\n', 'a second emg, or one with a value unknown here'],
  ])('finds odd: %s', (_name, text, odd) => expect(extended(text).odd).toContain(odd));

  it('undoes the naive formatter', () => {
    const record = fc.record({
      level: fc.nat(7),
      facility: fc.nat(255),
      seq: fc.maxSafeNat(),
      tsUsec: fc.maxSafeNat(),
      flag: fc.constantFrom('-', 'c', '+'),
      text: fc.string({ unit: 'grapheme', maxLength: 60 }),
      dictionary: fc.array(fc.tuple(fc.constantFrom('SUBSYSTEM', 'DEVICE'), fc.constantFrom('net', '+pci:0')), {
        maxLength: 2,
      }),
    });
    fc.assert(
      fc.property(record, (any) => {
        const message = extended(naiveExtended(any).toString('latin1'));
        const { level, facility, seq, tsUsec, flag } = any;
        expect(message).toMatchObject({ prio: facility * 8 + level, seq, tsUsec, flag, odd: [] });
        const text = Buffer.from(any.text).toString();
        expect(parseBody(message.body)).toEqual({ text, dictionary: any.dictionary, odd: [] });
      }),
      { numRuns: 500 },
    );
  });

  it('reads what the naive codec fragments, in both dialects', () => {
    const message = naiveExtended({ level: 6, seq: 416, tsUsec: 1758426, text: 'x'.repeat(1999) });
    for (const pieces of [naiveFragments(message), naiveFragments2015(message, true)]) {
      expect(pieces).toHaveLength(3);
      const records = pieces.map((piece) => extended(piece.toString('latin1')));
      expect(Buffer.concat(records.map((record) => record.body)).toString()).toBe(`${'x'.repeat(1999)}\n`);
      for (const record of records) expect(record).toMatchObject({ seq: 416, odd: [], fragment: expect.anything() });
    }
  });

  it('never throws, whatever changes in a record', () => {
    const start = fc.constantFrom(
      '6.1,14,426,10326585,-,caller=T1,ncfrag=0/2000;some text\n A=b\n',
      '14,1,2,-,emg=1,ncfrag=960@1/3;\\x01\\xff\\x\n',
    );
    const changes = fc.array(fc.tuple(fc.nat(80), fc.integer({ min: 0, max: 255 })), { maxLength: 10 });
    fc.assert(
      fc.property(start, changes, fc.nat(80), (text, mutations, size) => {
        const payload = bytes(text);
        for (const [at, value] of mutations) payload[at % payload.length] = value;
        const message = parsePayload(payload.subarray(0, size));
        parseBody(message.body);
        if (message.kind === 'extended') expect(Number.isSafeInteger(message.seq)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), (payload) => void parseBody(parsePayload(payload).body)));
  });
});

describe('parseBody', () => {
  it.each([
    ['text alone', 'z\n', { text: 'z', dictionary: [], odd: [] }],
    [
      'a dictionary',
      'acpi\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n',
      {
        text: 'acpi',
        dictionary: [
          ['SUBSYSTEM', 'acpi'],
          ['DEVICE', '+acpi:PNP0A03:00'],
        ],
        odd: [],
      },
    ],
    ['userdata as it was sent', 'x\n foo=x\x01\\y;z\n', { text: 'x', dictionary: [['foo', 'x\x01\\y;z']], odd: [] }],
    [
      'a key twice',
      'x\n cpu=a\n cpu=1\n',
      {
        text: 'x',
        dictionary: [
          ['cpu', 'a'],
          ['cpu', '1'],
        ],
        odd: [],
      },
    ],
    ['a value with a newline', 'x\n a=1\nmore\n', { text: 'x', dictionary: [['a', '1\nmore']], odd: [] }],
    ['a value with =', 'x\n a=1=2\n', { text: 'x', dictionary: [['a', '1=2']], odd: [] }],
    ['an escaped newline in the text', 'a\\x0ab\n', { text: 'a\nb', dictionary: [], odd: [] }],
    ['a cut end', 'x\n qux=ba', { text: 'x', dictionary: [['qux', 'ba']], odd: ['no newline at the end'] }],
    ['a stray line', 'x\nstray\n', { text: 'x', dictionary: [], odd: ['line "stray" is no KEY=VALUE'] }],
    ['nothing', '', { text: '', dictionary: [], odd: [] }],
  ])('reads %s', (_name, body, want) => expect(parseBody(bytes(body))).toEqual(want));
});

describe('unescapeText', () => {
  it.each([
    ['\\xc3\\xa9', 'é'],
    ['a\\x5cb', 'a\\b'],
    ['\\x5cx41', '\\x41'],
    ['\\x4', '\\x4'],
    ['\\xff!', '\ufffd!'],
    ['\\xEF\\xBB\\xBFx', '\ufeffx'],
  ])('%s', (text, want) => expect(decodeText(unescapeText(bytes(text)))).toBe(want));
});
