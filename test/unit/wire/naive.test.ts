/** The oracle itself, against what real kernels sent. */
import { describe, expect, it } from 'vitest';
import {
  naiveExtended,
  naiveFragments,
  naiveFragments2015,
  naiveFrame,
  naivePlain,
  naivePlainPayloads,
} from '../../support/naive.js';
import { FRAMES } from './vectors.js';

const flow = { srcMac: '52:54:00:00:00:01', srcIp: '10.0.0.1', srcPort: 6665, dstPort: 6666 };

describe('naiveFrame', () => {
  it.each([
    [
      'extended',
      FRAMES.extended,
      { ...flow, dstMac: '12:34:56:78:9a:bc', dstIp: '10.0.0.2', srcPort: 4444, dstPort: 9353, id: 0x050d },
      naiveExtended({ level: 14, seq: 426, tsUsec: 10326585, text: 'z' }),
    ],
    [
      'plain',
      FRAMES.plain,
      { ...flow, dstMac: '12:34:56:78:9a:bd', dstIp: '10.0.0.3', id: 0x050c },
      naivePlain({ level: 14, seq: 426, tsUsec: 10326585, text: 'z' }),
    ],
    [
      'escapes',
      FRAMES.escapes,
      { ...flow, dstMac: '12:34:56:78:9a:bc', dstIp: '10.0.0.2', srcPort: 4444, dstPort: 9353, id: 0x04b6 },
      naiveExtended({
        facility: 1,
        level: 6,
        seq: 401,
        tsUsec: 8090123,
        text: Buffer.from('MARK-F tab\there\\back\x7f\xe9\x1b[0m', 'latin1'),
      }),
    ],
    [
      'IPv6',
      FRAMES.ipv6Odd,
      { ...flow, dstMac: '12:34:56:78:9a:c0', srcIp: 'fd00::1', dstIp: 'fd00::9' },
      naiveExtended({ level: 14, seq: 469, tsUsec: 13801877, text: 'MARK-IP6 odd' }),
    ],
    [
      'userdata',
      FRAMES.userdata,
      { ...flow, dstMac: '12:34:56:78:9a:bf', dstIp: '10.0.0.5', id: 0x0613 },
      naiveFragments(naiveExtended({ level: 14, seq: 490, tsUsec: 14661023, text: 'MARK-U1 userdata' }), {
        userdata: ' foo=x\x01\\y;z\n',
      })[0]!,
    ],
  ])('rebuilds a frame: %s', (_name, frame, fields, payload) => {
    expect(naiveFrame({ ...fields, payload }).toString('hex')).toBe(Buffer.from(frame).toString('hex'));
  });
});

describe('the naive formatters', () => {
  const record = { level: 6, seq: 1, tsUsec: 5_000_000 };

  it.each([
    ['many newlines, 1024', `Y2${'\n'.repeat(100)}end`, 1024, 1010],
    ['many newlines, 2048', `Y2${'\n'.repeat(100)}end`, 2048, 1621],
    ['a letter and a thousand newlines, 2048', `Y${'\n'.repeat(1000)}`, 2048, 2033],
  ])('cut plain text as kernels did: %s', (_name, text, limit, length) => {
    expect(naivePlain({ ...record, text }, limit)).toHaveLength(length);
  });

  it('cut an extended record in the middle of an escape', () => {
    // Linux 6.12: X and 1000 bytes of 01, with a header of 18 bytes.
    const text = `X${'\x01'.repeat(1000)}`;
    const formatted = naiveExtended({ level: 6, seq: 400, tsUsec: 12_345_678, text }, 2048).toString();
    expect(formatted).toHaveLength(2048);
    expect(formatted).toMatch(/\\x01(\\(x0?)?)?\n$/);
  });

  it('print callers, continuations, dictionaries, empty lines', () => {
    const any = { ...record, caller: 'T1', flag: 'c', text: 'a\nb\n', dictionary: [['SUBSYSTEM', 'ä']] as const };
    expect(naiveExtended(any).toString()).toBe('6,1,5000000,c,caller=T1;a\\x0ab\\x0a\n SUBSYSTEM=\\xc3\\xa4\n');
    expect(naivePlain(any).toString()).toBe(
      '[    5.000000][    T1] a\n[    5.000000][    T1] b\n[    5.000000][    T1] \n',
    );
    expect(naivePlain({ ...record, text: '' }, 2048, false).toString()).toBe('\n');
  });
});

describe('the naive fragments', () => {
  // Linux 6.1: a text of 984 bytes with its newline behind a header of 17.
  const record = (length: number) => ({ level: 14, seq: 420, tsUsec: 9207537, text: 'x'.repeat(length - 1) });
  const lengths = (pieces: Buffer[]) => pieces.map((piece) => piece.length);

  it('begin at 1001 bytes', () => {
    expect(lengths(naiveFragments(naiveExtended(record(983))))).toEqual([1000]);
    const pieces = naiveFragments(naiveExtended(record(984))).map(String);
    expect(pieces).toEqual([
      `14,420,9207537,-,ncfrag=0/984;${'x'.repeat(970)}`,
      `14,420,9207537,-,ncfrag=970/984;${'x'.repeat(13)}\n`,
    ]);
  });

  it('lose a byte at exactly 1000 in kernels that have that bug', () => {
    const userdata = ' foo=bar\n qux=baz\n';
    const message = naiveExtended(record(983 - userdata.length));
    expect(lengths(naiveFragments(message, { userdata }))).toEqual([1000]);
    const [cut] = naiveFragments(message, { userdata, edgeBug: true });
    expect(cut).toHaveLength(999);
    expect(cut!.toString().endsWith(' qux=baz')).toBe(true);
    const [nul] = naiveFragments(naiveExtended(record(978)), { release: '6.12', edgeBug: true });
    expect([nul!.length, nul![999]]).toEqual([1000, 0]);
    expect(lengths(naiveFragments(naiveExtended(record(983)), { edgeBug: true }))).toEqual([1000]);
  });

  it('carry a release in front of every piece', () => {
    const pieces = naiveFragments(naiveExtended(record(984)), { release: '6.12' }).map(String);
    for (const piece of pieces) expect(piece).toMatch(/^6\.12,14,420,9207537,-,ncfrag=/);
  });

  it('of 2015 have one size, as the series had it', () => {
    const header = '6,416,1758426,-';
    const body = 'x'.repeat(2000);
    expect(naiveFragments2015(Buffer.from(`${header};${body}`)).map(String)).toEqual([
      `${header},ncfrag=0@0/3;${body.slice(0, 960)}`,
      `${header},ncfrag=960@1/3;${body.slice(0, 960)}`,
      `${header},ncfrag=1920@2/3;${body.slice(0, 80)}`,
    ]);
    expect(naiveFragments2015(Buffer.from(`${header};hi`), true).map(String)).toEqual([`${header},emg=1;hi`]);
  });

  it('of plain text are 1000 bytes long', () => {
    expect(lengths(naivePlainPayloads(Buffer.alloc(2001)))).toEqual([1000, 1000, 1]);
  });
});
