/** What dmesg prints with its options, and what pastes make of it. */
import type { Sibling } from './case.js';

export const DMESG: readonly Sibling[] = [
  {
    about: 'dmesg -x -T',
    log: ['kern  :info  : [Tue Jan  2 03:04:05 2024] eth0: up', 'daemon:err   : [Tue Jan  2 03:04:07 2024] x[1]: no'],
    format: 'dmesg -T',
    origin: 'first record',
    records: [
      [1, 0, 6, 'eth0: up'],
      [2, 2e6, 3, 'x[1]: no', { facility: 3 }],
    ],
  },
  {
    about: 'dmesg -x --time-format iso',
    log: [
      'kern  :info  : 2024-01-02T03:04:05,123456+01:00 eth0: up',
      'kern  :warn  : 2024-01-02T03:04:05,623456+01:00 eth0: down',
    ],
    format: 'dmesg --time-format iso',
    origin: 'first record',
    records: [
      [1, 0, 6, 'eth0: up'],
      [2, 500_000, 4, 'eth0: down'],
    ],
  },
  {
    about: 'dmesg -T in another language',
    log: ['[mar. janv.  2 03:04:05 2024] eth0: up', '[mer. janv.  3 03:04:05 2024] eth0: down'],
    format: 'dmesg -T',
    origin: 'first record',
    records: [
      [1, 0, null, 'eth0: up'],
      [2, 86400e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'dmesg -T with callers',
    log: ['[Tue Jan  2 03:04:05 2024] [    T1] eth0: up', '[Tue Jan  2 03:04:05 2024] [   C12] eth0: down'],
    format: 'dmesg -T',
    origin: 'first record',
    records: [
      [1, 0, null, 'eth0: up', { callerId: 1 }],
      [2, 0, null, 'eth0: down', { callerId: 0x80000000 + 12 }],
    ],
  },
  {
    about: 'dmesg -T -d: a date and the time since the record before',
    log: ['[Tue Jan  2 03:04:05 2024 <    0.000000>] eth0: up', '[Tue Jan  2 03:04:06 2024 <    1.250000>] eth0: down'],
    format: 'dmesg -T',
    origin: 'first record',
    records: [
      [1, 0, null, 'eth0: up'],
      [2, 1e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'dmesg -x -d',
    log: [
      'kern  :info  : [    1.000000 <    0.000000>] eth0: up',
      'kern  :err   : [    1.250000 <    0.250000>] eth0: down',
    ],
    format: 'dmesg -x',
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 1_250_000, 3, 'eth0: down'],
    ],
  },
  {
    about: 'dmesg -x with callers',
    log: ['kern  :info  : [    1.000000] [    T1] eth0: up', 'user  :notice: [   22.250000] [T12345] init: started'],
    format: 'dmesg -x',
    records: [
      [1, 1e6, 6, 'eth0: up', { callerId: 1 }],
      [2, 22_250_000, 5, 'init: started', { facility: 1, callerId: 12345 }],
    ],
  },
  {
    about: 'dmesg -x -t: no stamps, but levels',
    log: ['kern  :info  : eth0: up', 'kern  :err   : eth0: down'],
    format: 'dmesg -x',
    origin: 'none',
    records: [
      [1, null, 6, 'eth0: up'],
      [2, null, 3, 'eth0: down'],
    ],
  },
  {
    about: 'dmesg -r of a kernel without printk.time',
    log: ['<6>eth0: up', '<3>eth0: down', '<30>init: started'],
    format: 'dmesg -r',
    origin: 'none',
    records: [
      [1, null, 6, 'eth0: up'],
      [2, null, 3, 'eth0: down'],
      [3, null, 6, 'init: started', { facility: 3 }],
    ],
  },
  {
    about: 'dmesg -x -H',
    log: ['kern  :info  : [Feb13 23:31] eth0: up', 'kern  :info  : [  +0.000100] eth0: down'],
    refused: /differences/,
  },
  { about: 'dmesg -e', log: ['[Feb13 23:31] eth0: up', '[  +0.000100] eth0: down'], refused: /differences/ },
  {
    about: 'dmesg -e -d',
    log: ['[Feb13 23:31] eth0: up', '[  +0.000100 <    0.000100>] eth0: down'],
    refused: /differences/,
  },
  {
    about: 'dmesg --time-format delta',
    log: ['[<    0.000000>] eth0: up', '[<    0.250000>] eth0: down'],
    refused: /differences/,
  },
  {
    about: 'dmesg -t, with a text that holds a header of /dev/kmsg',
    log: ['Linux version 6.1.0-test', 'usb: [1.25,2] [drm] 6,1,2,-;text'],
    refused: /stamp/,
  },
  { about: 'dmesg -t', log: ['Linux version 6.1.0-test', 'eth0: up'], refused: /stamp/ },
  {
    about: 'dmesg -L=always -x',
    log: [
      '\x1b[32mkern  :info  : [    0.000000] \x1b[0m\x1b[33mLinux version 6.1.0-test\x1b[0m',
      '\x1b[32mkern  :err   : [    1.000000] \x1b[0m\x1b[33meth0\x1b[0m\x1b[31m: down\x1b[0m',
    ],
    format: 'dmesg -x',
    records: [
      [1, 0, 6, 'Linux version 6.1.0-test'],
      [2, 1e6, 3, 'eth0: down'],
    ],
  },
  {
    about: 'dmesg -T in colour',
    log: [
      '\x1b[32m[Tue Jan  2 03:04:05 2024] \x1b[0m\x1b[33meth0: \x1b[0mup',
      '\x1b[32m[Tue Jan  2 03:04:06 2024] \x1b[0m\x1b[33meth0: \x1b[0mdown',
    ],
    format: 'dmesg -T',
    origin: 'first record',
    records: [
      [1, 0, null, 'eth0: up'],
      [2, 1e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'dmesg --time-format iso in colour',
    log: [
      '\x1b[32m2024-01-02T03:04:05,000000+01:00 \x1b[0m\x1b[33meth0: \x1b[0mup',
      '\x1b[32m2024-01-02T03:04:05,000002+01:00 \x1b[0m\x1b[33meth0: \x1b[0mdown',
    ],
    format: 'dmesg --time-format iso',
    origin: 'first record',
    records: [
      [1, 0, null, 'eth0: up'],
      [2, 2, null, 'eth0: down'],
    ],
  },
  {
    about: 'a year of uptime',
    log: ['[31536000.000001] eth0: up', '[31536123.456789] eth0: down'],
    format: 'dmesg',
    records: [
      [1, 31536000000001, null, 'eth0: up'],
      [2, 31536123456789, null, 'eth0: down'],
    ],
  },
  {
    about: 'a stamp that grows a column',
    log: ['[ 9999.999999] eth0: up', '[10000.000000] eth0: down', '[100000.000000] eth0: up'],
    format: 'dmesg',
    records: [
      [1, 9999_999999, null, 'eth0: up'],
      [2, 10_000_000_000, null, 'eth0: down'],
      [3, 100_000_000_000, null, 'eth0: up'],
    ],
  },
  {
    about: 'a text of several lines with blank ones and deeper indents, as dmesg wraps it',
    log: ['[    1.000000] first', '               second', '', '                 third', '[    2.000000] last'],
    format: 'dmesg',
    records: [
      [1, 1e6, null, 'first\nsecond\n\n  third'],
      [5, 2e6, null, 'last'],
    ],
  },
  {
    about: 'a text of several lines behind a caller, dmesg 2.40',
    log: ['[    1.000000] [    T1] first', '                        second', '[    2.000000] [    T1] last'],
    format: 'dmesg',
    records: [
      [1, 1e6, null, 'first\nsecond', { callerId: 1 }],
      [3, 2e6, null, 'last'],
    ],
  },
  {
    about: 'texts with brackets, stamps and numbers of their own',
    log: [
      '[    1.000000] [drm] [1.25,2] ring test',
      '[    2.000000] [ 1234]     0  1234     3391      512    init',
      '[    3.000000] [    0.500000] clocksource: a text that begins with a stamp',
      '[    4.000000] audit: type=1400 audit(1704164645.123:2): apparmor="STATUS"',
    ],
    format: 'dmesg',
    records: [
      [1, 1e6, null, '[drm] [1.25,2] ring test'],
      [2, 2e6, null, '[ 1234]     0  1234     3391      512    init'],
      [3, 3e6, null, '[    0.500000] clocksource: a text that begins with a stamp'],
      [4, 4e6, null, 'audit: type=1400 audit(1704164645.123:2): apparmor="STATUS"'],
    ],
  },
  {
    about: 'trailing blanks that an editor took, and empty texts',
    log: ['[    1.000000]', '[    1.000001] ', '[    1.000002]  ', '[    1.000003] end'],
    format: 'dmesg',
    records: [
      [1, 1e6, null, ''],
      [2, 1_000_001, null, ''],
      [3, 1_000_002, null, ' '],
      [4, 1_000_003, null, 'end'],
    ],
  },
  {
    about: 'no newline at the end',
    log: '[    1.000000] eth0: up\n[    2.000000] eth0: down',
    format: 'dmesg',
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'blanks collapsed, as a web page shows it',
    log: ['[ 0.000000] Linux version 6.1.0-test', '[ 12.250000] eth0: up', '[ 123.250000] eth0: down'],
    format: 'dmesg',
    records: [
      [1, 0, null, 'Linux version 6.1.0-test'],
      [2, 12_250_000, null, 'eth0: up'],
      [3, 123_250_000, null, 'eth0: down'],
    ],
  },
  {
    about: 'blanks collapsed and the paste indented',
    log: ['  [ 0.000000] Linux version 6.1.0-test', '  [ 12.250000] eth0: up'],
    format: 'dmesg',
    records: [
      [1, 0, null, 'Linux version 6.1.0-test'],
      [2, 12_250_000, null, 'eth0: up'],
    ],
  },
  {
    about: 'indented by a tab',
    log: ['\t[    0.000000] Linux version 6.1.0-test', '\t[   12.250000] eth0: up'],
    format: 'dmesg',
    records: [
      [1, 0, null, 'Linux version 6.1.0-test'],
      [2, 12_250_000, null, 'eth0: up'],
    ],
  },
  {
    about: 'markdown: prose, a fence, the log, a fence',
    log: [
      'Hi,',
      '',
      'my NIC is dead:',
      '```text',
      '[    1.000000] eth0: up',
      '[    2.000000] eth0: down',
      '```',
      'Thanks',
    ],
    format: 'dmesg',
    records: [
      [5, 1e6, null, 'eth0: up'],
      [6, 2e6, null, 'eth0: down'],
    ],
    named: [1, 2, 3, 4, 7, 8],
  },
  {
    about: 'a mail quoted twice, wrapped at 72 columns',
    log: [
      '> > [    1.000000] WARNING: CPU: 1 PID: 21583 at net/core/dev.c:100',
      '> > netif_rx+0x12/0x34',
      '> > [    1.000010] Modules linked in:',
      '>',
      '> Please try the patch.',
    ],
    records: [
      [1, 1e6, null, 'WARNING: CPU: 1 PID: 21583 at net/core/dev.c:100'],
      [3, 1_000_010, null, 'Modules linked in:'],
    ],
    named: [2, 5],
  },
  {
    about: 'numbered by cat -n',
    log: ['     1\t[    0.000000] Linux version 6.1.0-test', '     2\t[    1.000000] eth0: up'],
    records: [
      [1, 0, null, 'Linux version 6.1.0-test'],
      [2, 1e6, null, 'eth0: up'],
    ],
  },
  {
    about: 'found by grep -n in several files',
    log: [
      'dmesg.0:12:[    1.000000] eth0: up',
      'dmesg.0:13:[    2.000000] eth0: down',
      'dmesg.1:7:[    3.000000] eth0: up',
    ],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
      [3, 3e6, null, 'eth0: up'],
    ],
  },
  {
    about: 'escaped for HTML: dmesg -r in a page’s source',
    log: [
      '&lt;6&gt;[    0.000000] Linux version 6.1.0-test',
      '&lt;4&gt;[    1.000000] a &amp; b &quot;c&quot; &#39;d&#39;',
    ],
    format: 'dmesg -r',
    records: [
      [1, 0, 6, 'Linux version 6.1.0-test'],
      [2, 1e6, 4, 'a & b "c" \'d\''],
    ],
  },
  {
    about: 'a whole web page',
    log: [
      '<!DOCTYPE html>',
      '<html><body><pre>',
      '[    0.000000] a &lt;b&gt;',
      '[    1.000000] c',
      '</pre></body></html>',
    ],
    refused: /web page/,
  },
  {
    about: 'through ts of moreutils',
    log: ['Jan 02 03:04:05 [    1.000000] eth0: up', 'Jan 02 03:04:06 [    2.000000] eth0: down'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'through ts %.s',
    log: ['1704164645.123456 [    1.000000] eth0: up', '1704164646.123456 [    2.000000] eth0: down'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'through ts -i, differences in front',
    log: ['00:00:00 [    1.000000] eth0: up', '00:00:01 [    2.000000] eth0: down'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'two dmesgs in one file, the second of the same boot and longer',
    log: [
      '[    1.000000] one',
      '[    2.000000] two',
      '[    1.000000] one',
      '[    2.000000] two',
      '[    3.000000] three',
    ],
    boots: 1,
    records: [
      [1, 1e6, null, 'one'],
      [2, 2e6, null, 'two'],
      [3, 1e6, null, 'one'],
      [4, 2e6, null, 'two'],
      [5, 3e6, null, 'three'],
    ],
  },
  {
    about: 'stamps of nanoseconds',
    log: ['[    1.000000123] eth0: up', '[    2.000000456] eth0: down'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'NetBSD',
    log: [
      '[     1.000000] Copyright (c) 1996, 1997, 1998',
      '[     1.000000] NetBSD 9.3 (GENERIC) #0',
      '[     1.000003] cpu0 at mainbus0',
    ],
    refused: /NetBSD/,
  },
  {
    about: 'macOS',
    log: ['[    0.000000]: PMAP: PCID enabled', '[    0.000000]: Darwin Kernel Version 19.6.0: root:xnu'],
    refused: /Darwin|macOS/,
  },
  {
    about: 'FreeBSD',
    log: [
      '---<<BOOT>>---',
      'Copyright (c) 1992-2021 The FreeBSD Project.',
      'FreeBSD 13.0-RELEASE #0',
      'CPU: test',
      '[1] em0: link up',
    ],
    refused: /./,
  },
  {
    about: 'dmesg without rights',
    log: ['dmesg: read kernel buffer failed: Operation not permitted'],
    refused: /stamp/,
  },
  {
    about: 'another machine’s dmesg behind its own words',
    log: [
      '$ ssh box dmesg',
      'Warning: Permanently added the host key.',
      '[    1.000000] eth0: up',
      '[    2.000000] eth0: down',
      '$ exit',
    ],
    records: [
      [3, 1e6, null, 'eth0: up'],
      [4, 2e6, null, 'eth0: down'],
    ],
    named: [1, 2, 5],
  },
  {
    about: 'crash log -T: dates with a zone',
    log: ['[Tue Jan  2 03:04:05 UTC 2024] eth0: up', '[Tue Jan  2 03:04:07 UTC 2024] eth0: down'],
    format: 'dmesg -T',
    origin: 'first record',
    records: [
      [1, 0, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'crash log -m: the level behind the stamp',
    log: ['[    1.000000] <6>eth0: up', '[    2.000000] <3>eth0: down', '[    3.000000] <6>eth0: up'],
    records: [
      [1, 1e6, 6, 'eth0: up'],
      [2, 2e6, 3, 'eth0: down'],
      [3, 3e6, 6, 'eth0: up'],
    ],
  },
  {
    about: 'bytes of a locale',
    log: ['[    1.000000] caf\\xc3\\xa9 \\x41 \\path\\name', '[    2.000000] caf\xc3\xa9'],
    records: [
      [1, 1e6, null, 'caf\xc3\xa9 \\x41 \\path\\name'],
      [2, 2e6, null, 'caf\xc3\xa9'],
    ],
  },
];
