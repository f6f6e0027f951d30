/** The kernel's extended form as files of receivers, and dumps of /dev/kmsg. */
import type { Sibling } from './case.js';

const x = (n: number): string => 'x'.repeat(n);

export const OWN_FORM: readonly Sibling[] = [
  {
    about: '/dev/kmsg read over adb: CR LF',
    log: '6,1,1000000,-;eth0: up\r\n SUBSYSTEM=net\r\n DEVICE=n2\r\n3,2,2000000,-;eth0: down\r\n',
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 1, subsystem: 'net', device: 'n2' }],
      [4, 2e6, 3, 'eth0: down', { seq: 2 }],
    ],
  },
  {
    about: '/dev/kmsg of 3.5: no flag',
    log: ['6,1,1000000;eth0: up', '3,2,2000000;eth0: down'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: '/dev/kmsg of 4.x: continuations',
    log: ['4,1,1000000,c;one', '4,2,1000000,+; two', '4,3,2000000,-;end'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 4, 'one', { cont: true }],
      [2, 1e6, 4, ' two', { cont: true }],
      [3, 2e6, 4, 'end', { cont: false }],
    ],
  },
  {
    about: 'quoted in a mail',
    log: ['> 6,1,1000000,-;eth0: up', '>  SUBSYSTEM=net', '>  DEVICE=n2', '> 3,2,2000000,-;eth0: down'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 1, subsystem: 'net', device: 'n2' }],
      [4, 2e6, 3, 'eth0: down', { seq: 2 }],
    ],
  },
  {
    about: 'indented by four blanks',
    log: ['    6,1,1000000,-;eth0: up', '     SUBSYSTEM=net', '    3,2,2000000,-;eth0: down'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 1, subsystem: 'net' }],
      [3, 2e6, 3, 'eth0: down', { seq: 2 }],
    ],
  },
  {
    about: 'a receiver that writes its time in front',
    log: ['2024-01-02 03:04:05.123 6,1,1000000,-;eth0: up', '2024-01-02 03:04:06.123 3,2,2000000,-;eth0: down'],
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 1 }],
      [2, 2e6, 3, 'eth0: down', { seq: 2 }],
    ],
  },
  {
    about: 'what `receive` of this package prints is a dump with the sender in front',
    log: ['192.0.2.1:6665 6,1,1000000,-;eth0: up', '192.0.2.1:6665 3,2,2000000,-;eth0: down'],
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 1 }],
      [2, 2e6, 3, 'eth0: down', { seq: 2 }],
    ],
  },
  {
    about: 'a markdown fence around it',
    log: ['The log:', '```', '6,1,1000000,-;eth0: up', ' SUBSYSTEM=net', '3,2,2000000,-;eth0: down', '```'],
    format: '/dev/kmsg',
    records: [
      [3, 1e6, 6, 'eth0: up', { subsystem: 'net' }],
      [5, 2e6, 3, 'eth0: down'],
    ],
    named: [1, 2, 6],
  },
  {
    about: 'double spaced',
    log: ['6,1,1000000,-;eth0: up', '', ' SUBSYSTEM=net', '', '3,2,2000000,-;eth0: down', ''],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'eth0: up', { subsystem: 'net' }],
      [5, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'fragments glued, a release in front, userdata behind',
    log:
      `6.12.0,6,1,1000000,-,ncfrag=0/21;0123456789` +
      `6.12.0,6,1,1000000,-,ncfrag=10/21;012345\n k=v6.12.0,3,2,2000000,-;eth0: down\n`,
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, '0123456789012345', { release: '6.12.0', dictionary: { k: 'v' } }],
      [2, 2e6, 3, 'eth0: down', { release: '6.12.0' }],
    ],
    counts: { joined: 1 },
  },
  {
    about: 'fragments of two records interleaved, one of them doubled',
    log:
      `6,1,1000000,-,ncfrag=0/8;aaaa6,2,1000001,-,ncfrag=0/8;bbbb6,1,1000000,-,ncfrag=4/8;cccc` +
      `6,2,1000001,-,ncfrag=4/8;dddd6,2,1000001,-,ncfrag=4/8;dddd6,3,2000000,-;end\n`,
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'aaaacccc'],
      [1, 1_000_001, 6, 'bbbbdddd'],
      [1, 2e6, 6, 'end'],
    ],
    counts: { joined: 2, duplicates: 1, incomplete: 0 },
  },
  {
    about: 'a fragment that never came',
    log: `6,1,1000000,-;one\n6,2,1000001,-,ncfrag=0/1000;${x(500)}6,3,2000000,-;end\n`,
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'one'],
      [2, 2e6, 6, 'end'],
    ],
    named: [2],
    counts: { incomplete: 1 },
  },
  {
    about: 'retransmitted in an emergency (2015)',
    log: ['6,1,1000000,-,emg=1;eth0: up', '6,1,1000000,-;eth0: up', '3,2,2000000,-,emg=2;eth0: down'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [3, 2e6, 3, 'eth0: down'],
    ],
    counts: { duplicates: 1 },
  },
  {
    about: 'overtaken and doubled datagrams',
    log: ['6,10,1000000,-;a', '6,12,1000002,-;c', '6,11,1000001,-;b', '6,12,1000002,-;c', '6,13,1000003,-;d'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'a'],
      [3, 1_000_001, 6, 'b'],
      [2, 1_000_002, 6, 'c'],
      [5, 1_000_003, 6, 'd'],
    ],
    counts: { duplicates: 1, overtaken: 1 },
  },
  {
    about: 'a reboot to the same seqs with other stamps',
    log: ['6,0,1000000,-;a', '6,1,1000001,-;b', '6,0,900000,-;a', '6,1,900001,-;b'],
    format: '/dev/kmsg',
    boots: 2,
    records: [
      [1, 1e6, 6, 'a', { boot: 0 }],
      [2, 1_000_001, 6, 'b', { boot: 0 }],
      [3, 900_000, 6, 'a', { boot: 1 }],
      [4, 900_001, 6, 'b', { boot: 1 }],
    ],
  },
  {
    about: 'a seq that goes back while the stamp goes on by hours: another boot',
    log: ['6,5000,100000000,-;a', '6,5001,100000001,-;b', '6,300,7200000000,-;c', '6,301,7200000001,-;d'],
    format: '/dev/kmsg',
    boots: 2,
    records: [
      [1, 100e6, 6, 'a'],
      [2, 100_000_001, 6, 'b'],
      [3, 7200e6, 6, 'c', { boot: 1 }],
      [4, 7_200_000_001, 6, 'd', { boot: 1 }],
    ],
  },
  {
    about: 'records separated by NUL (dmesg -K)',
    log: '6,1,1000000,-;eth0: up\n SUBSYSTEM=net\n\x003,2,2000000,-;eth0: down\n\0',
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'eth0: up', { subsystem: 'net' }],
      [3, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'separated by NUL alone',
    log: '6,1,1000000,-;one\x006,2,1000001,-;two\x006,3,1000002,-;three\x006,4,1000003,-;four\0',
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'one'],
      [2, 1_000_001, 6, 'two'],
      [3, 1_000_002, 6, 'three'],
      [4, 1_000_003, 6, 'four'],
    ],
  },
  {
    about: 'a text that looks like a header',
    log: ['6,1,1000000,-;see 6,2,1000000,-;not a record', '6,2,1000001,-;end'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'see 6,2,1000000,-;not a record'],
      [2, 1_000_001, 6, 'end'],
    ],
  },
  {
    about: 'cut in the header, in an escape, and over 2^64',
    log: ['6,1,1000000,-;one', '6,2,10', '6,3,1000002,-;thr\\x6', '6,99999999999999999999,1,-;no', '6,4,1000003,-;end'],
    format: '/dev/kmsg',
    records: [
      [1, 1e6, 6, 'one'],
      [3, 1_000_002, 6, 'thr'],
      [5, 1_000_003, 6, 'end'],
    ],
    named: [2, 4],
  },
  {
    about: 'strace of a reader',
    log: ['read(3, "6,1,1000000,-;eth0: up\\n", 8192) = 23', 'read(3, "3,2,2000000,-;eth0: down\\n", 8192) = 25'],
    refused: /./,
  },
];
