/** What syslog daemons and journalctl write. */
import type { Sibling } from './case.js';

const UP = '[    1.000000] eth0: up';
const DOWN = '[    2.000000] eth0: down';
const BOTH = [
  [1, 1e6, null, 'eth0: up'],
  [2, 2e6, null, 'eth0: down'],
] as const;
const SEC = 1e6;
const at = (iso: string, usec = 0): number => Date.parse(iso) * 1000 + usec;

export const DAEMONS: readonly Sibling[] = [
  {
    about: '/var/log/messages without the kernel’s stamps',
    log: [
      'Jan  2 03:04:05 host1 kernel: eth0: link up',
      'Jan  2 03:04:06 host1 dhcpd: DHCPACK',
      'Jan  2 03:04:07 host1 kernel: eth0: link down',
    ],
    format: 'syslog',
    origin: 'none',
    records: [
      [1, null, null, 'eth0: link up', { host: 'host1' }],
      [3, null, null, 'eth0: link down'],
    ],
    named: [2],
  },
  {
    about: 'what daemons say of repeated lines',
    log: [
      `Jan  2 03:04:05 host1 kernel: ${UP}`,
      'Jan  2 03:04:06 host1 last message repeated 3 times',
      'Jan  2 03:04:07 host1 kernel: message repeated 2 times: [ [    1.000000] eth0: up]',
      `Jan  2 03:04:08 host1 kernel: ${DOWN}`,
    ],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [4, 2e6, null, 'eth0: down'],
    ],
    named: [2, 3],
  },
  {
    about: 'the same without the kernel’s stamps',
    log: [
      'Jan  2 03:04:05 host1 kernel: eth0: up',
      'Jan  2 03:04:07 host1 kernel: message repeated 2 times: [ eth0: up]',
      'Jan  2 03:04:07 host1 kernel: eth0: down',
    ],
    origin: 'none',
    records: [
      [1, null, null, 'eth0: up'],
      [3, null, null, 'eth0: down'],
    ],
    named: [2],
  },
  {
    about: 'klogd with priorities left in',
    log: [
      'Jan  2 03:04:05 host1 kernel: <6>[    1.000000] eth0: up',
      'Jan  2 03:04:06 host1 kernel: <3>[    2.000000] eth0: down',
    ],
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'old klogd with the program’s number',
    log: [`Jan  2 03:04:05 host1 kernel[0]: ${UP}`, `Jan  2 03:04:06 host1 kernel[0]: ${DOWN}`],
    records: BOTH,
  },
  {
    about: 'rsyslog’s and syslog-ng’s dates with a zone',
    log: [`2024-01-02T03:04:05+01:00 host1 kernel: ${UP}`, `2024-01-02T03:04:06+01:00 host1 kernel: ${DOWN}`],
    format: 'syslog-iso',
    records: BOTH,
  },
  {
    about: 'a template with a blank in the date',
    log: [`2024-01-02 03:04:05 host1 kernel: ${UP}`, `2024-01-02 03:04:06,123 host1 kernel: ${DOWN}`],
    format: 'syslog-iso',
    records: BOTH,
  },
  {
    about: 'a template with facility and severity in words',
    log: [
      `2024-01-02T03:04:05+01:00 host1 kern.info kernel: ${UP}`,
      `2024-01-02T03:04:06+01:00 host1 kern.err kernel: ${DOWN}`,
    ],
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'a template with the priority in front, as forwarded (RFC 3164)',
    log: [`<6>Jan  2 03:04:05 host1 kernel: ${UP}`, `<3>Jan  2 03:04:06 host1 kernel: ${DOWN}`],
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'BusyBox syslogd',
    log: [
      `Jan  2 03:04:05 box kern.info kernel: ${UP}`,
      'Jan  2 03:04:05 box user.notice init: x',
      `Jan  2 03:04:06 box kern.err kernel: ${DOWN}`,
    ],
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [3, 2e6, 3, 'eth0: down'],
    ],
    named: [2],
  },
  {
    about: 'logread of OpenWrt with other programs',
    log: [
      `Tue Jan  2 03:04:05 2024 kern.info kernel: ${UP}`,
      'Tue Jan  2 03:04:05 2024 daemon.notice netifd: Interface is up',
      `Tue Jan  2 03:04:06 2024 kern.warn kernel: ${DOWN}`,
    ],
    format: 'logread',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [3, 2e6, 4, 'eth0: down'],
    ],
    named: [2],
  },
  {
    about: 'logread -t',
    log: [
      `Tue Jan  2 03:04:05 2024 [1704164645.123] kern.info kernel: ${UP}`,
      `Tue Jan  2 03:04:06 2024 [1704164646.123] kern.err kernel: ${DOWN}`,
    ],
    format: 'logread',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'extended netconsole by way of a syslog daemon',
    log: [
      '2024-01-02T03:04:05.123456+00:00 192.0.2.5 6,416,1000000,-,caller=T16;eth0: up\\x0atwo',
      '2024-01-02T03:04:06.123456+00:00 192.0.2.5 3,417,2000000,-;eth0: down#012 SUBSYSTEM=net#012 DEVICE=n2',
    ],
    records: [
      [1, 1e6, 6, 'eth0: up\ntwo', { seq: 416, callerId: 16, host: '192.0.2.5' }],
      [2, 2e6, 3, 'eth0: down', { seq: 417, subsystem: 'net', device: 'n2' }],
    ],
  },
  {
    about: 'the same with old dates, a release and a gap',
    log: [
      'Jan  2 03:04:05 192.0.2.5 6.12.0,6,416,1000000,-;eth0: up',
      'Jan  2 03:04:06 192.0.2.5 6.12.0,3,420,2000000,-;eth0: down',
    ],
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 416, release: '6.12.0' }],
      [2, 2e6, 3, 'eth0: down', { seq: 420 }],
    ],
  },
  {
    about: 'two hosts in one file, each with its own boots',
    log: [
      'Jan  2 03:04:05 a kernel: [  100.000000] a0',
      'Jan  2 03:04:05 b kernel: [    5.000000] b0',
      'Jan  2 03:04:06 a kernel: [  101.000000] a1',
      'Jan  2 03:04:07 b kernel: [    6.000000] b1',
      'Jan  2 03:04:08 a kernel: [    0.000000] Linux version 6.1.0-test',
    ],
    boots: 3,
    counts: { hosts: 2 },
    records: [
      [1, 100e6, null, 'a0', { host: 'a', boot: 0 }],
      [2, 5e6, null, 'b0', { host: 'b', boot: 1 }],
      [3, 101e6, null, 'a1', { boot: 0 }],
      [4, 6e6, null, 'b1', { boot: 1 }],
      [5, 0, null, 'Linux version 6.1.0-test', { boot: 2 }],
    ],
  },
  {
    about: 'journalctl -k, German',
    log: [
      '-- Journal begins at Mon 2023-10-09 10:00:00 CEST. --',
      'Mär 05 03:04:05 host1 kernel: eth0: up',
      'Dez 05 03:04:05 host1 kernel: eth0: down',
    ].map((line) => Buffer.from(line).toString('latin1')),
    format: 'journalctl -k',
    origin: 'none',
    records: [
      [2, null, null, 'eth0: up'],
      [3, null, null, 'eth0: down'],
    ],
    named: [1],
  },
  {
    about: 'journalctl -k, French, Polish and Russian months',
    log: [
      'janv. 02 03:04:05 host1 kernel: eth0: up',
      'gru 02 03:04:06 host1 kernel: eth0: down',
      'сен 02 03:04:07 host1 kernel: end',
    ].map((line) => Buffer.from(line).toString('latin1')),
    origin: 'none',
    records: [
      [1, null, null, 'eth0: up'],
      [2, null, null, 'eth0: down'],
      [3, null, null, 'end'],
    ],
  },
  {
    about: 'journalctl -k without a host (--no-hostname)',
    log: ['Jan 02 03:04:05 kernel: eth0: up', 'Jan 02 03:04:06 kernel: eth0: down'],
    origin: 'none',
    records: [
      [1, null, null, 'eth0: up', { host: undefined }],
      [2, null, null, 'eth0: down'],
    ],
  },
  {
    about: 'journalctl -o short-precise',
    log: ['Jan 02 03:04:05.123456 host1 kernel: eth0: up', 'Jan 02 03:04:05.223456 host1 kernel: eth0: down'],
    origin: 'none',
    records: [
      [1, null, null, 'eth0: up'],
      [2, null, null, 'eth0: down'],
    ],
  },
  {
    about: 'journalctl -o short-full and with-unit',
    log: [
      '-- Boot 0123456789abcdef0123456789abcdef --',
      'Tue 2024-01-02 03:04:05 CET host1 kernel: eth0: up',
      'Tue 2024-01-02 03:04:06 UTC host1 init.scope[1]: Started',
      '-- Boot 1123456789abcdef0123456789abcdef --',
      'Tue 2024-01-02 03:04:07 +07 host1 kernel: eth0: down',
    ],
    origin: 'none',
    boots: 2,
    records: [
      [2, null, null, 'eth0: up', { host: 'host1' }],
      [5, null, null, 'eth0: down', { host: 'host1', boot: 1 }],
    ],
    named: [1, 3, 4],
  },
  {
    about: 'journalctl -o short-iso and short-iso-precise',
    log: [
      '2024-01-02T03:04:05+0100 host1 kernel: eth0: up',
      '2024-01-02T03:04:05.500000+0100 host1 kernel: eth0: down',
    ],
    origin: 'none',
    records: [
      [1, null, null, 'eth0: up', { timeUsec: at('2024-01-02T02:04:05Z') }],
      [2, null, null, 'eth0: down', { timeUsec: at('2024-01-02T02:04:05Z', 500_000) }],
    ],
  },
  {
    about: 'journalctl -o short-unix',
    log: [
      '1704164645.000001 host1 kernel: eth0: up',
      '1704164645.500001 host1 systemd[1]: Started',
      '1704164646.000001 host1 kernel: eth0: down',
    ],
    format: 'journalctl -o short-unix',
    origin: 'none',
    records: [
      [1, null, null, 'eth0: up', { timeUsec: 1704164645000001 }],
      [3, null, null, 'eth0: down'],
    ],
    named: [2],
  },
  {
    about: 'journalctl -o short-monotonic, a text of several lines, another boot',
    log: [
      '[    1.000000] host1 kernel: eth0: up',
      '                             and on',
      '[    1.100000] host1 systemd[1]: Started',
      '-- Reboot --',
      '[    0.500000] host1 kernel: eth0: down',
    ],
    format: 'journalctl -o short-monotonic',
    boots: 2,
    records: [
      [1, 1e6, null, 'eth0: up\nand on'],
      [5, 500_000, null, 'eth0: down', { boot: 1 }],
    ],
    named: [3, 4],
  },
  {
    about: 'journalctl -o short-monotonic without a host',
    log: ['[    1.000000] kernel: eth0: up', '[    2.000000] kernel: eth0: down'],
    records: BOTH,
  },
  {
    about: 'journalctl -o short-delta',
    log: [
      '[    1.000000 <                >] host1 kernel: eth0: up',
      '[    2.000000 <    1.000000>] host1 kernel: eth0: down',
    ],
    records: BOTH,
  },
  {
    about: 'journalctl -o verbose',
    log: [
      'Tue 2024-01-02 03:04:05.123456 CET [s=0123;i=1;b=4567;m=1;t=2;x=3]',
      '    _TRANSPORT=kernel',
      '    PRIORITY=6',
      '    SYSLOG_FACILITY=0',
      '    _BOOT_ID=45670000000000000000000000000000',
      '    MESSAGE=eth0: up',
      '    _SOURCE_MONOTONIC_TIMESTAMP=1000000',
      'Tue 2024-01-02 03:04:06.123456 CET [s=0123;i=2;b=4567;m=1;t=2;x=4]',
      '    _TRANSPORT=syslog',
      '    MESSAGE=Started',
      'Tue 2024-01-02 03:04:07.123456 CET [s=0123;i=3;b=4567;m=1;t=2;x=5]',
      '    _TRANSPORT=kernel',
      '    PRIORITY=3',
      '    MESSAGE=eth0: down',
      '            and on',
      '    _SOURCE_MONOTONIC_TIMESTAMP=2000000',
      '    _KERNEL_SUBSYSTEM=net',
      '    _KERNEL_DEVICE=n2',
    ],
    format: 'journalctl -o verbose',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [11, 2e6, 3, 'eth0: down\nand on', { subsystem: 'net', device: 'n2' }],
    ],
    named: [8],
  },
  { about: 'journalctl -o cat', log: ['Linux version 6.1.0-test', 'eth0: up'], refused: /stamp/ },
  {
    about: 'journalctl -o json-pretty',
    log: '{\n\t"_TRANSPORT" : "kernel",\n\t"PRIORITY" : "6",\n\t"MESSAGE" : "eth0: up",\n\t"_SOURCE_MONOTONIC_TIMESTAMP" : "1000000"\n}\n{\n\t"_TRANSPORT" : "kernel",\n\t"PRIORITY" : "3",\n\t"MESSAGE" : "eth0: down",\n\t"_SOURCE_MONOTONIC_TIMESTAMP" : "2000000"\n}\n',
    format: 'journalctl -o json',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [7, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'the same through jq',
    log: '{\n  "_TRANSPORT": "kernel",\n  "PRIORITY": "6",\n  "MESSAGE": "eth0: up",\n  "_SOURCE_MONOTONIC_TIMESTAMP": "1000000"\n}\n{\n  "_TRANSPORT": "kernel",\n  "PRIORITY": "3",\n  "MESSAGE": [\n    101,\n    255\n  ],\n  "_SOURCE_MONOTONIC_TIMESTAMP": "2000000"\n}\n',
    format: 'journalctl -o json',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [7, 2e6, 3, 'e\xff'],
    ],
  },
  {
    about: 'the same through jq -s: an array',
    log: '[\n  {\n    "_TRANSPORT": "kernel",\n    "PRIORITY": "6",\n    "MESSAGE": "eth0: up",\n    "_SOURCE_MONOTONIC_TIMESTAMP": "1000000"\n  },\n  {\n    "_TRANSPORT": "kernel",\n    "PRIORITY": "3",\n    "MESSAGE": "eth0: down",\n    "_SOURCE_MONOTONIC_TIMESTAMP": "2000000"\n  }\n]\n',
    format: 'journalctl -o json',
    records: [
      [2, 1e6, 6, 'eth0: up'],
      [8, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'journalctl -o json-sse',
    log: 'data: {"_TRANSPORT":"kernel","PRIORITY":"6","MESSAGE":"eth0: up","_SOURCE_MONOTONIC_TIMESTAMP":"1000000"}\n\ndata: {"_TRANSPORT":"kernel","PRIORITY":"3","MESSAGE":"eth0: down","_SOURCE_MONOTONIC_TIMESTAMP":"2000000"}\n\n',
    format: 'journalctl -o json',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [3, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'journalctl -o json-seq',
    log: '\x1e{"_TRANSPORT":"kernel","PRIORITY":"6","MESSAGE":"eth0: up","_SOURCE_MONOTONIC_TIMESTAMP":"1000000"}\n\x1e{"_TRANSPORT":"kernel","PRIORITY":"3","MESSAGE":"eth0: down","_SOURCE_MONOTONIC_TIMESTAMP":"2000000"}\n',
    format: 'journalctl -o json',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'journalctl -o json --output-fields=MESSAGE',
    log: [
      '{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1704164645000000","__MONOTONIC_TIMESTAMP":"1000000","_BOOT_ID":"a","MESSAGE":"eth0: up"}',
      '{"__CURSOR":"s=2","__REALTIME_TIMESTAMP":"1704164646000000","__MONOTONIC_TIMESTAMP":"2000000","_BOOT_ID":"a","MESSAGE":"eth0: down"}',
    ],
    records: BOTH,
  },
  {
    about: 'journalctl -o json of two boots, the members in another order',
    log: [
      '{"MESSAGE":"a","_BOOT_ID":"1","_SOURCE_MONOTONIC_TIMESTAMP":"5000000","PRIORITY":"6","_TRANSPORT":"kernel"}',
      '{"MESSAGE":"b","_BOOT_ID":"2","_SOURCE_MONOTONIC_TIMESTAMP":"6000000","PRIORITY":"6","_TRANSPORT":"kernel"}',
    ],
    boots: 2,
    records: [
      [1, 5e6, 6, 'a', { boot: 0 }],
      [2, 6e6, 6, 'b', { boot: 1 }],
    ],
  },
  {
    about: 'journalctl -o export with a binary field',
    log: '__CURSOR=s=1\n__REALTIME_TIMESTAMP=1704164645000000\n_TRANSPORT=kernel\nPRIORITY=6\n_SOURCE_MONOTONIC_TIMESTAMP=1000000\nMESSAGE\n\x05\0\0\0\0\0\0\0a\nb\xff\n\n\n__CURSOR=s=2\n__REALTIME_TIMESTAMP=1704164645000000\n_TRANSPORT=kernel\nPRIORITY=3\n_SOURCE_MONOTONIC_TIMESTAMP=2000000\nMESSAGE=eth0: down\n\n',
    format: 'journalctl -o export',
    records: [
      [1, 1e6, 6, 'a\nb\xff\n'],
      [11, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'RFC 5424 with structured data, a process and a BOM',
    log: [
      '<6>1 2024-01-02T03:04:05.123456Z host1 kernel - - [meta sequenceId="1"][x y="a\\]b"] \xef\xbb\xbf[    1.000000] eth0: up',
      '<3>1 2024-01-02T03:04:05Z host1 kernel 1 ID47 - [    2.000000] eth0: down',
    ],
    format: 'syslog-5424',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'RFC 5424 framed by octets, as over TCP',
    log: '74 <6>1 2024-01-02T03:04:05.123456Z host1 kernel - - - [    1.000000] eth0: up\n70 <3>1 2024-01-02T03:04:05Z host1 kernel - - - [    2.000000] eth0: down\n',
    format: 'syslog-5424',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'RFC 5424 without the kernel’s stamps',
    log: [
      '<6>1 2024-01-02T03:04:05Z host1 kernel - - - eth0: up',
      '<3>1 2024-01-02T03:04:06Z host1 kernel - - - eth0: down',
    ],
    origin: 'none',
    records: [
      [1, null, 6, 'eth0: up', { timeUsec: at('2024-01-02T03:04:05Z') }],
      [2, null, 3, 'eth0: down'],
    ],
  },
  {
    about: 'Talos with dictionaries, as its kernel log has them',
    log: [
      '192.0.2.5: kern:    info: [2021-11-10T10:09:37.000000000Z]: usb 1-1: new device',
      ' SUBSYSTEM=usb',
      ' DEVICE=c189:1',
      '192.0.2.5: kern: warning: [2021-11-10T10:09:38.500000000Z]: eth0: down',
    ],
    format: 'talosctl dmesg',
    origin: 'first record',
    records: [
      [1, 0, 6, 'usb 1-1: new device', { subsystem: 'usb', device: 'c189:1' }],
      [4, 1.5 * SEC, 4, 'eth0: down'],
    ],
  },
  {
    about: 'Talos, one node, and two nodes',
    log: [
      '192.0.2.5: kern:    info: [2021-11-10T10:09:37.000000000Z]: a0',
      '192.0.2.6: kern:    info: [2021-11-10T10:00:00.000000000Z]: b0',
      '192.0.2.5: kern:    info: [2021-11-10T10:09:38.000000000Z]: a1',
    ],
    origin: 'first record',
    boots: 2,
    counts: { hosts: 2 },
    records: [
      [1, 0, 6, 'a0', { host: '192.0.2.5' }],
      [2, 0, 6, 'b0', { host: '192.0.2.6' }],
      [3, 1e6, 6, 'a1'],
    ],
  },
  {
    about: 'ESXi is no Linux',
    log: [
      '2024-01-02T03:04:05.123Z cpu0:65536)VisorFSRam: 706: hostdstats',
      '2024-01-02T03:04:05.124Z cpu1:65536)Vol3: up',
    ],
    refused: /./,
  },
  {
    about: 'a daemon’s log without one line of the kernel',
    log: ['Jan  2 03:04:05 host1 sshd[1]: Accepted', 'Jan  2 03:04:06 host1 cron[2]: (root) CMD'],
    refused: /./,
  },
];
