import { describe, expect, it } from 'vitest';
import {
  createReceiver,
  plainLines,
  printable,
  type ReceiverOptions,
  recordLines,
} from '../../../src/receiver/index.js';
import { datagram, drain, latin1 } from './datagrams.js';

function lines(options: ReceiverOptions, ...payloads: Uint8Array[]): string[] {
  const rx = createReceiver(options);
  for (const payload of payloads) rx.process(payload, 0);
  rx.flush();
  return drain(rx).flatMap(recordLines);
}

describe('a record as text', () => {
  it.each<[string, string, string[]]>([
    ['time and priority', '30,1,1758426,-;eth0: up\n', ['<30>[    1.758426] eth0: up']],
    ['a caller', '6,1,12345000007,-,caller=T42;x\n', ['<6>[12345.000007][   T42] x']],
    [
      'a dictionary',
      '6,1,0,-;x\n SUBSYSTEM=net\n DEVICE=n2\n',
      ['<6>[    0.000000] x', ' SUBSYSTEM=net', ' DEVICE=n2'],
    ],
    ['UTF-8', '6,1,0,-;caf\\xc3\\xa9\n', ['<6>[    0.000000] café']],
    ['several lines', '6,1,0,-;a\\x0ab\n', ['<6>[    0.000000] a', '<6>[    0.000000] b']],
    ['a backslash before what looks like an escape', '6,1,0,-;a\\x5cx0ab\n', ['<6>[    0.000000] a\\x0ab']],
    ['what steers a terminal', '6,1,0,-;\\x1b[31m\\x07\n', ['<6>[    0.000000] \\x1b[31m\\x07']],
    ['what steers a terminal, not escaped', '6,1,0,-;\x1b[31m\n', ['<6>[    0.000000] \\x1b[31m']],
    ['a caller that is none', '6,1,0,-,caller=\x1b[1m;x\n', ['<6>[    0.000000][  ??1m] x']],
  ])('%s', (_, payload, expected) => {
    expect(lines({}, latin1(payload))).toEqual(['-- a stream begins with seq 1', ...expected]);
  });

  it('a gap, an emergency, something incomplete, something out of sequence', () => {
    const options = { dialect: 'netconsd' } as const;
    expect(
      lines(
        options,
        datagram(1, 'a'),
        datagram(4, 'b', ',ncemg=1'),
        datagram(5, 'c', ',ncfrag=1/3'),
        datagram(900_000, 'd'),
      ),
    ).toEqual([
      '-- a stream begins with seq 1',
      '<6>[    0.001000] a',
      '-- 2 records missing before seq 4',
      '<6>[    0.001000] b [emergency]',
      '<6>[    0.001000] \\x00c\\x00 [incomplete, seq 5, 2 bytes missing]',
      '<6>[    0.001000] d [out of sequence, seq 900000]',
    ]);
  });
});

it.each([
  ['tab\tstays', 'tab\tstays'],
  ['\u0000\u007f\u009b', '\\x00\\x7f\\x9b'],
  ['\u202e\u2028', '\\u{202e}\\u{2028}'],
  ['\ufeff', '\\u{feff}'],
])('printable %j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

it('a line of a plain target', () => {
  const line = { receivedMs: 0, dropped: 0 };
  expect(plainLines({ ...line, text: latin1('a\x1bb'), complete: true })).toEqual(['a\\x1bb']);
  expect(plainLines({ ...line, text: latin1('half'), complete: false })).toEqual(['half [no end of line]']);
});
