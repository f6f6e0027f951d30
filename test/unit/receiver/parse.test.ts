import { describe, expect, it } from 'vitest';
import { type DialectName, type Packet, parsePacket, RECEIVER_DIALECTS } from '../../../src/receiver/index.js';
import { latin1, string } from './datagrams.js';

function parse(text: string, dialect: DialectName = 'mainline'): Packet | string {
  return parsePacket(latin1(text), RECEIVER_DIALECTS[dialect]);
}

function packet(text: string, dialect: DialectName = 'mainline'): Packet {
  const parsed = parse(text, dialect);
  if (typeof parsed === 'string') throw new Error(`refused: ${parsed}`);
  return parsed;
}

describe('what is taken', () => {
  it('a record as mainline prints it', () => {
    const { text, ...header } = packet('6,416,1758426,-;eth0: link up\n SUBSYSTEM=net\n');
    expect(string(text)).toBe('eth0: link up\n SUBSYSTEM=net\n');
    expect(header).toEqual({
      release: undefined,
      priority: 6,
      seq: 416,
      tsUsec: 1758426,
      flag: '-',
      caller: undefined,
      emergency: false,
      fragment: undefined,
    });
  });

  it.each([
    ['a release in front', '6.12.5+deb13-amd64,6,7,8,-;x', { release: '6.12.5+deb13-amd64', seq: 7, priority: 6 }],
    ['a release of 63 bytes', `6.${'r'.repeat(61)},6,7,8,-;x`, { release: `6.${'r'.repeat(61)}`, seq: 7 }],
    ['a dot after the first comma is no release', '6,7,8,-,caller=T1.2;x', { release: undefined, caller: 'T1.2' }],
    ['a caller', '6,7,8,-,caller=T42;x', { caller: 'T42' }],
    ['the start of a continued line', '6,7,8,c;x', { flag: 'c' }],
    ['the rest of a continued line', '6,7,8,+;x', { flag: '+' }],
    ['an unknown flag', '6,7,8,?;x', { flag: '-' }],
    ['no flag', '6,7,8,;x', { flag: '-' }],
    ['unknown keys and fields that are none', '6,7,8,-,foo=1,bar,,=,foo=2;x', { seq: 7 }],
    ['the largest priority of /dev/kmsg', '2047,7,8,-;x', { priority: 2047 }],
    ['the largest seq', '6,9007199254740991,8,-;x', { seq: Number.MAX_SAFE_INTEGER }],
    ['leading zeros are decimal', '6,010,8,-;x', { seq: 10 }],
    ['a semicolon in the text', '6,7,8,-;a;b', { seq: 7 }],
    [
      'the replay notice of 7.0 in front',
      '** replaying previous printk message **\n6,7,8,-;x',
      { priority: 6, seq: 7 },
    ],
    ['an emergency key means nothing to mainline', '6,7,8,-,emg=1,ncemg=1;x', { emergency: false }],
    ['a fragment', '6,7,8,-,ncfrag=16/31;the 2nd chunk.', { fragment: { offset: 16, total: 31, count: 0 } }],
  ])('%s', (_, text, expected) => {
    expect(packet(text)).toMatchObject(expected);
  });

  it('an empty text', () => {
    expect(packet('6,7,8,-;').text).toHaveLength(0);
  });

  it('a header of 1023 bytes and a text of 8191', () => {
    const header = `6,7,8,-,${'k'.repeat(1015)}`;
    expect(header).toHaveLength(1023);
    expect(packet(`${header};${'x'.repeat(8191)}`).text).toHaveLength(8191);
  });

  it.each([
    ['emg=1', 'heo-2015', '6,7,8,-,emg=1;x', true],
    ['emg=0', 'heo-2015', '6,7,8,-,emg=0;x', false],
    ['ncemg=1', 'netconsd', '6,7,8,-,ncemg=1;x', true],
    ['the other dialect’s key', 'netconsd', '6,7,8,-,emg=1;x', false],
  ] as const)('emergency: %s in %s', (_, dialect, text, expected) => {
    expect(packet(text, dialect).emergency).toBe(expected);
  });

  it.each([
    ['the first piece: no total', 'ncfrag=0@0/3', 960, { offset: 0, total: -1, count: 3 }],
    ['the last piece: its end is the total', 'ncfrag=1920@2/3', 80, { offset: 1920, total: 2000, count: 3 }],
    ['the only piece', 'ncfrag=0@0/1', 80, { offset: 0, total: 80, count: 1 }],
  ])('heo-2015, %s', (_, key, length, expected) => {
    expect(packet(`6,7,8,-,emg=1,${key};${'x'.repeat(length)}`, 'heo-2015').fragment).toEqual(expected);
  });
});

describe('what is refused, and why', () => {
  it.each([
    ['', 'no-semicolon'],
    ['eth0: link up\n', 'no-semicolon'],
    [';', 'too-few-fields'],
    ['6;x', 'too-few-fields'],
    ['6,7,8;x', 'too-few-fields'],
    [`6,7,8,-,${'k'.repeat(1016)};x`, 'header-too-long'],
    [',7,8,-;x', 'bad-priority'],
    ['2048,7,8,-;x', 'bad-priority'],
    ['-1,7,8,-;x', 'bad-priority'],
    ['0x6,7,8,-;x', 'bad-priority'],
    [' 6,7,8,-;x', 'bad-priority'],
    ['<6>,7,8,-;x', 'bad-priority'],
    [`${'9'.repeat(400)},7,8,-;x`, 'bad-priority'],
    [`6.${'r'.repeat(63)},6,7,8,-;x`, 'bad-priority'],
    ['6,,8,-;x', 'bad-seq'],
    ['6,7x,8,-;x', 'bad-seq'],
    ['6,-7,8,-;x', 'bad-seq'],
    ['6,7\0,8,-;x', 'bad-seq'],
    ['6,9007199254740992,8,-;x', 'seq-too-large'],
    ['6,18446744073709551615,8,-;x', 'seq-too-large'],
    [`6,${'9'.repeat(900)},8,-;x`, 'seq-too-large'],
    ['6,7,,-;x', 'bad-timestamp'],
    ['6,7,1.5,-;x', 'bad-timestamp'],
    ['6,7,18446744073709551615,-;x', 'bad-timestamp'],
    ['6,7,8,-,ncfrag=;x', 'bad-ncfrag'],
    ['6,7,8,-,ncfrag=0;x', 'bad-ncfrag'],
    ['6,7,8,-,ncfrag=0/;x', 'bad-ncfrag'],
    ['6,7,8,-,ncfrag=0/5junk;x', 'bad-ncfrag'],
    ['6,7,8,-,ncfrag=-1/5;x', 'bad-ncfrag'],
    ['6,7,8,-,ncfrag=0@0/5;x', 'bad-ncfrag'],
    ['6,7,8,-,ncfrag=0/5,ncfrag=0/5;x', 'ncfrag-twice'],
    ['6,7,8,-,ncfrag=0/5;', 'ncfrag-empty'],
    ['6,7,8,-,ncfrag=0/8192;x', 'ncfrag-too-long'],
    ['6,7,8,-,ncfrag=0/4294967301;x', 'ncfrag-too-long'],
    ['6,7,8,-,ncfrag=0/0;x', 'ncfrag-outside'],
    ['6,7,8,-,ncfrag=5/5;x', 'ncfrag-outside'],
    ['6,7,8,-,ncfrag=4294967295/5;x', 'ncfrag-outside'],
    ['6,7,8,-,ncfrag=4/5;xx', 'ncfrag-outside'],
    [`6,7,8,-;${'x'.repeat(8192)}`, 'text-too-long'],
  ])('%j: %s', (text, why) => {
    expect(parse(text)).toBe(why);
  });

  it.each([
    ['emg=', 'bad-emergency'],
    ['emg=yes', 'bad-emergency'],
    ['emg=1,emg=1', 'emergency-twice'],
    ['emg=0,emg=1', 'emergency-twice'],
    ['ncfrag=0/5', 'bad-ncfrag'],
    ['ncfrag=0@0', 'bad-ncfrag'],
    ['ncfrag=0@0/0', 'ncfrag-outside'],
    ['ncfrag=5@3/3', 'ncfrag-outside'],
    ['ncfrag=5@0/3', 'ncfrag-outside'],
    ['ncfrag=0@1/3', 'ncfrag-outside'],
    ['ncfrag=8190@1/2', 'ncfrag-too-long'],
    ['ncfrag=0@0/9000', 'ncfrag-too-long'],
    [`ncfrag=${'9'.repeat(400)}@1/2`, 'ncfrag-too-long'],
    [`ncfrag=0@${'9'.repeat(400)}/${'9'.repeat(400)}`, 'ncfrag-outside'],
  ])('heo-2015 %s: %s', (keys, why) => {
    expect(parse(`6,7,8,-,${keys};ab`, 'heo-2015')).toBe(why);
  });
});
