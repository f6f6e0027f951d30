/** JSON of log shippers, Android, crash dumps, and files that are packed or no text. */
import type { Sibling } from './case.js';

const UP = '[    1.000000] eth0: up';
const DOWN = '[    2.000000] eth0: down';
const BOTH = [
  [1, 1e6, null, 'eth0: up'],
  [2, 2e6, null, 'eth0: down'],
] as const;

export const MACHINES: readonly Sibling[] = [
  {
    about: 'docker’s JSON lines',
    log: [
      `{"log":"${UP}\\n","stream":"stdout","time":"2024-01-02T03:04:05.1Z"}`,
      `{"log":"${DOWN}\\r\\n","stream":"stdout","time":"2024-01-02T03:04:06.1Z"}`,
    ],
    records: BOTH,
  },
  {
    about: 'ELK: message and host',
    log: [
      `{"@timestamp":"2024-01-02T03:04:05.000Z","host":{"name":"box"},"message":"${UP}"}`,
      `{"@timestamp":"2024-01-02T03:04:05.000Z","host":{"name":"box"},"message":"sshd[1]: Accepted"}`,
      `{"@timestamp":"2024-01-02T03:04:06.000Z","host":{"name":"box"},"message":"${DOWN}"}`,
    ],
    records: [
      [1, 1e6, null, 'eth0: up', { host: 'box' }],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [2],
  },
  {
    about: 'Loki: line, labels, the kernel behind a syslog front',
    log: [
      `{"labels":{"host":"box"},"line":"Jan  2 03:04:05 box kernel: ${UP}","timestamp":"2024-01-02T03:04:05Z"}`,
      `{"labels":{"host":"box"},"line":"Jan  2 03:04:06 box kernel: ${DOWN}","timestamp":"2024-01-02T03:04:06Z"}`,
    ],
    records: BOTH,
  },
  {
    about: 'Fluent Bit’s kmsg input',
    log: [
      '{"date":1704164645.1,"priority":6,"sequence":416,"sec":1,"usec":250000,"msg":"eth0: up"}',
      '{"date":1704164646.1,"priority":3,"sequence":417,"sec":2,"usec":0,"msg":"eth0: down"}',
    ],
    records: [
      [1, 1_250_000, 6, 'eth0: up', { seq: 416 }],
      [2, 2e6, 3, 'eth0: down', { seq: 417 }],
    ],
  },
  {
    about: 'a cloud’s log entries',
    log: [
      `{"insertId":"a","textPayload":"${UP}","resource":{"type":"gce_instance"},"timestamp":"2024-01-02T03:04:05Z"}`,
      `{"insertId":"b","textPayload":"${DOWN}","resource":{"type":"gce_instance"},"timestamp":"2024-01-02T03:04:06Z"}`,
    ],
    records: BOTH,
  },
  {
    about: 'vector of the journal: the journal’s own members',
    log: [
      '{"PRIORITY":"6","_TRANSPORT":"kernel","_SOURCE_MONOTONIC_TIMESTAMP":"1000000","host":"box","message":"eth0: up","source_type":"journald"}',
      '{"PRIORITY":"3","_TRANSPORT":"kernel","_SOURCE_MONOTONIC_TIMESTAMP":"2000000","host":"box","message":"eth0: down","source_type":"journald"}',
    ],
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'JSON lines without anything of the kernel’s',
    log: ['{"level":"info","msg":"started","ts":1704164645}', '{"level":"warn","msg":"stopped","ts":1704164646}'],
    refused: /./,
  },
  {
    about: 'logcat -v year, uid, usec',
    log: [
      `2024-01-02 03:04:05.000001 +0100  root     0     0 I         : ${UP}`,
      `2024-01-02 03:04:05.500001 +0100  root     0     0 E         : ${DOWN}`,
    ],
    format: 'logcat -b kernel',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'logcat -v epoch and monotonic',
    log: [`1704164645.123     0     0 I         : ${UP}`, `        2.123     0     0 E         : ${DOWN}`],
    format: 'logcat -b kernel',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'logcat without the kernel’s stamps',
    log: [
      '--------- beginning of kernel',
      '01-02 03:04:05.006     0     0 I init    : starting',
      '01-02 03:04:05.106     0     0 W         : eth0: down',
    ],
    format: 'logcat -b kernel',
    origin: 'none',
    records: [[3, null, 4, 'eth0: down']],
    named: [1, 2],
  },
  {
    about: 'MediaTek: CPU and task behind the stamp',
    log: ['<6>[    1.000000]  (0)[1:swapper/0]eth0: up', '<4>[    2.000000].(1)[12:init]eth0: down'],
    records: [
      [1, 1e6, 6, ' (0)[1:swapper/0]eth0: up'],
      [2, 2e6, 4, '.(1)[12:init]eth0: down'],
    ],
  },
  {
    about: 'Exynos: CPU and task in brackets',
    log: [
      '<6>[    1.000000]  [0:      swapper/0:    1] eth0: up',
      '<4>[    2.000000] I[1:           init:   12] eth0: down',
    ],
    records: [
      [1, 1e6, 6, ' [0:      swapper/0:    1] eth0: up'],
      [2, 2e6, 4, 'I[1:           init:   12] eth0: down'],
    ],
  },
  {
    about: 'LG: the date in the stamp',
    log: ['<6>[    1.000000 / 01-02 03:04:05.123] eth0: up', '<3>[    2.000000 / 01-02 03:04:06.123] eth0: down'],
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'Amlogic with several CPUs and a level letter',
    log: ['[    1.000000@0]I eth0: up', '[    2.000000@3]E eth0: down', '[    3.000000@10] end'],
    records: [
      [1, 1e6, null, 'I eth0: up'],
      [2, 2e6, null, 'E eth0: down'],
      [3, 3e6, null, 'end'],
    ],
  },
  {
    about: 'pstore: a panic and the oops before it, parts reversed, empty lines between',
    log: [
      'Panic#2 Part2',
      '<6>[    1.000000] one',
      '',
      'Panic#2 Part1',
      '<0>[    4.000000] four',
      '',
      'Oops#1 Part1',
      '<4>[    3.500000] three',
    ],
    format: 'pstore',
    records: [
      [2, 1e6, 6, 'one', { boot: 0 }],
      [5, 4e6, 0, 'four', { boot: 0 }],
      [8, 3_500_000, 4, 'three', { boot: 0 }],
    ],
    named: [1, 4, 7],
  },
  {
    about: 'pstore with twelve parts in the shell’s order: 1, 10, 11, 12, 2',
    log: [
      'Panic#1 Part1',
      '<6>[   12.000000] l',
      'Panic#1 Part10',
      '<6>[    3.000000] c',
      'Panic#1 Part11',
      '<6>[    2.000000] b',
      'Panic#1 Part12',
      '<6>[    1.000000] a',
      'Panic#1 Part2',
      '<6>[   11.000000] k',
    ],
    format: 'pstore',
    records: [
      [8, 1e6, 6, 'a'],
      [6, 2e6, 6, 'b'],
      [4, 3e6, 6, 'c'],
      [10, 11e6, 6, 'k'],
      [2, 12e6, 6, 'l'],
    ],
    named: [1, 3, 5, 7, 9],
  },
  {
    about: 'makedumpfile’s vmcore-dmesg.txt with escapes and long stamps',
    log: [
      '[    0.000000] Linux version 6.1.0-test',
      '[1234567.250000] sysrq: Trigger a crash',
      '[1234567.250001] raw: \\x1b\\xff',
    ],
    records: [
      [1, 0, null, 'Linux version 6.1.0-test'],
      [2, 1_234_567_250_000, null, 'sysrq: Trigger a crash'],
      [3, 1_234_567_250_001, null, 'raw: \x1b\xff'],
    ],
  },
  {
    about: 'abrt and Red Hat: fields around the log',
    log: ['version: 5.14.0-test', 'dmesg:', `:${UP}`, `:${DOWN}`],
    records: [
      [3, 1e6, null, 'eth0: up'],
      [4, 2e6, null, 'eth0: down'],
    ],
    named: [1, 2],
  },
  {
    about: 'a long text in front of the log: more than is looked at for recognising',
    log: [
      ...Array.from({ length: 2000 }, (_, i) => `/dev/sda${i} some words of a system report, without a stamp`),
      UP,
      DOWN,
    ],
    records: [
      [2001, 1e6, null, 'eth0: up'],
      [2002, 2e6, null, 'eth0: down'],
    ],
    named: Array.from({ length: 20 }, (_, i) => i + 1),
  },
  { about: 'a picture of the screen', log: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), refused: /picture/ },
  { about: 'a photograph', log: Buffer.from('ffd8ffe000104a46494600', 'hex'), refused: /picture/ },
  { about: 'a PDF', log: '%PDF-1.4\n1 0 obj\n', refused: /PDF/ },
  {
    about: 'RTF',
    log: '{\\rtf1\\ansi\n[    1.000000] eth0: up\\par\n[    2.000000] eth0: down\\par\n}',
    refused: /RTF/,
  },
  {
    about: 'UTF-16, big endian, with its mark',
    log: Buffer.from(`\ufeff${UP}\n${DOWN}\n`, 'utf16le').swap16(),
    refused: /iconv -f UTF-16/,
  },
  { about: 'UTF-16 without its mark', log: Buffer.from(`${UP}\r\n${DOWN}\r\n`, 'utf16le'), refused: /iconv -f UTF-16/ },
  {
    about: 'base64, as older tools of a cloud print a console',
    log: Buffer.from(`${UP}\n${DOWN}\n`.repeat(20)).toString('base64').replaceAll(/.{76}/g, '$&\n'),
    refused: /base64 -d/,
  },
  {
    about: 'a list as Python prints it, with newlines in its strings',
    log: `['${UP}\\n', "${DOWN}, it's said\\n", '${UP}\\n']\n`,
    refused: /list as Python prints it/,
  },
  {
    about: 'a list of bytes as Python prints it',
    log: `[b'${UP}', b"${DOWN}, it's said"]\n`,
    refused: /list as Python prints it/,
  },
  {
    about: 'a raw mail, quoted-printable',
    log: [
      'Subject: oops',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '[    1.000000] a=3Db c=',
      'd',
      '[    2.000000] end',
    ],
    records: [
      [4, 1e6, null, 'a=b cd'],
      [5, 2e6, null, 'end'],
    ],
    named: [1, 2, 3],
  },
  {
    about: 'a hex dump of a capture',
    log: ['0000   02 00 00 00 00 02 52 54 00 12 34 56 08 00 45 00   ......RT.4V..E.'],
    refused: /./,
  },
  {
    about: 'a capture of a kind that is not read, with a plain target’s text in it',
    log: `snoop\0\0\0\0\0\0\x02\0\0\0\x04${'\0'.repeat(60)}${UP}\n${'\0\x01'.repeat(40)}E${DOWN}\n`,
    refused: /snoop capture; convert/,
  },
  {
    about: 'binary with lines of a log in it',
    log: `\x02\x03${'\0\x01\x02'.repeat(30)}${UP}\n${'\0\x01'.repeat(40)}E${DOWN}\n`,
    refused: /is binary/,
  },
  { about: 'lzma', log: Buffer.from('5d00008000ffffffffffffffff00', 'hex'), refused: /lzma/ },
  {
    about: 'brotli, or any other bytes',
    log: Buffer.from([0x8b, 0x01, 0x80, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x03]),
    refused: /./,
  },
  { about: 'an empty file', log: '', refused: /empty/ },
  { about: 'only blank lines', log: '\n\n\r\n', refused: /./ },
];
