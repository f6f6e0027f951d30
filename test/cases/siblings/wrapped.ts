/** Lines of the log inside something that begins before them, ends behind them, or parts them. */
import type { Sibling, Wanted } from './case.js';

const UP = '[    1.000000] eth0: up';
const DOWN = '[    2.000000] eth0: "down"';
const json = JSON.stringify;

/** `UP` and `DOWN` on these lines. */
const both = (...lines: [number, number]): readonly Wanted[] => [
  [lines[0], 1e6, null, 'eth0: up'],
  [lines[1], 2e6, null, 'eth0: "down"'],
];

function closed(about: string, open: string, close: string): Sibling {
  return {
    about: `${about}, closed behind the last record`,
    log: [open, UP, DOWN + close],
    records: both(2, 3),
    named: [1, 3],
  };
}

const ENTRY = { _TRANSPORT: 'kernel', __REALTIME_TIMESTAMP: '1700000000000000' };

export const WRAPPED: readonly Sibling[] = [
  closed('a forum’s block', '[code]', '[/code]'),
  closed('two of them, one in the other', '[spoiler="log"][code]', '[/code][/spoiler]'),
  closed('an element of a page', '<pre class="log">', '</pre>'),
  closed('Markdown', '```dmesg', '```'),
  closed('Jira', '{noformat}', '{noformat}'),
  closed('Trac', '{{{', '}}}'),
  {
    about: 'two blocks in one post, words behind the first',
    log: ['Before:', '[code]', `${UP}[/code] and after:`, `[code]${DOWN}`, '[    3.000000] c[/code]', 'thanks'],
    records: [...both(3, 4), [5, 3e6, null, 'c']],
    named: [1, 2, 3, 4, 5, 6],
  },
  closed('a report of tests', '<testcase name="boot"><system-out><![CDATA[', ']]></system-out></testcase>'),
  { about: 'newlines as escapes, all in one line', log: `${UP}\\r\\n${DOWN}\\r\\n`, records: both(1, 1) },
  { about: 'newlines as escapes, at each end', log: [`${UP}\\n`, `${DOWN}\\n`], records: both(1, 2) },
  {
    about: 'an escape that one text ends in',
    log: [`${UP}\\n`, UP],
    records: [
      [1, 1e6, null, 'eth0: up\\n'],
      [2, 1e6, null, 'eth0: up'],
    ],
  },
  { about: 'a window’s frame', log: [UP, DOWN].map((line) => `${line}     \xe2\x94\x82`), records: both(1, 2) },
  { about: 'a list of strings', log: json([UP, DOWN]), format: 'json-lines', records: both(1, 1) },
  { about: 'a block whose beginning was not copied', log: [UP, `${DOWN}[/code]`], records: both(1, 2), named: [2] },
  {
    about: 'marks that nothing has begun, before the last record',
    log: ['[    1.000000] a[/code]', '[    2.000000] b</pre>', '[    3.000000] c'],
    records: [
      [1, 1e6, null, 'a[/code]'],
      [2, 2e6, null, 'b</pre>'],
      [3, 3e6, null, 'c'],
    ],
  },
  {
    about: 'records of /dev/kmsg in a block',
    log: ['[code]', '6,1,1000000,-;a', '6,2,2000000,-;b[/code]'],
    format: '/dev/kmsg',
    records: [
      [2, 1e6, 6, 'a'],
      [3, 2e6, 6, 'b'],
    ],
    named: [1, 3],
  },
  { about: 'a page’s ends of lines', log: [`${UP}<br>`, `${DOWN}<br />`], records: both(1, 2) },
  { about: 'the same without newlines', log: `${UP}<br>${DOWN}<br>`, records: both(1, 1) },
  {
    about: 'a table with tabs',
    log: [`03:04:05\tn1\t${UP}\tinfo`, `03:04:06\tn1\t${DOWN}\tinfo`],
    records: both(1, 2),
  },
  {
    about: 'a table with tabs, the log in its last column, a tab in a text',
    log: [`03:04:05\t${UP}`, `03:04:06\t${DOWN}`, '03:04:07\t[    3.000000] a\tb'],
    records: [...both(1, 2), [3, 3e6, null, 'a\tb']],
  },
  {
    about: 'a table of Markdown',
    log: [
      '| time | message | level |',
      '|---|---|---|',
      `| 05 | ${UP} | info |`,
      `| 06 | ${DOWN} | err |`,
      '| 07 | [    3.000000] a | b | info |',
    ],
    records: [...both(3, 4), [5, 3e6, null, 'a | b']],
    named: [1, 2],
  },
  {
    about: 'a table with commas and no quotes',
    log: [`05,${UP},info`, '06,[    2.000000] a, b,info'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'a, b'],
    ],
  },
  {
    about: 'an entry of the journal with several messages',
    log: [
      json({ ...ENTRY, _SOURCE_MONOTONIC_TIMESTAMP: '1000000', PRIORITY: ['5', '6'], MESSAGE: ['', 'a', 'b'] }),
      json({ ...ENTRY, _SOURCE_MONOTONIC_TIMESTAMP: '2000000', PRIORITY: '6', MESSAGE: [104, 105] }),
    ],
    format: 'journalctl -o json',
    records: [
      [1, 1e6, 6, '\na\nb'],
      [2, 2e6, 6, 'hi'],
    ],
    named: [1],
  },
  {
    about: 'the same as export prints it',
    log: [
      ...['__REALTIME_TIMESTAMP=1700000000000000', '_TRANSPORT=kernel', '_SOURCE_MONOTONIC_TIMESTAMP=1000000'],
      ...['MESSAGE=a', 'MESSAGE=b', '', '__REALTIME_TIMESTAMP=1700000000000001', '_TRANSPORT=kernel', 'MESSAGE=c', ''],
    ],
    format: 'journalctl -o export',
    records: [
      [1, 1e6, null, 'a\nb'],
      [7, null, null, 'c'],
    ],
    named: [1],
  },
  {
    about: 'the same as verbose prints it',
    log: [
      'Tue 2024-01-02 03:04:05.123456 CET [s=aa;i=1;b=bb;m=1;t=1;x=1]',
      ...['    _TRANSPORT=kernel', '    _SOURCE_MONOTONIC_TIMESTAMP=1000000'],
      ...['    MESSAGE=a', '    MESSAGE=b', '            c', '    PRIORITY=6'],
    ],
    format: 'journalctl -o verbose',
    records: [[1, 1e6, 6, 'a\nb\nc']],
    named: [1],
  },
  {
    about: 'a mail in quoted-printable that does not say so',
    log: [
      '[    1.000000] Command line: BOOT_IMAGE=3D/boot/vmlinuz-6.12 root=3D/dev/sda1 qui=',
      'et',
      '[    2.000000] caf=C3=A9',
    ],
    records: [
      [1, 1e6, null, 'Command line: BOOT_IMAGE=/boot/vmlinuz-6.12 root=/dev/sda1 quiet'],
      [2, 2e6, null, 'caf\xc3\xa9'],
    ],
  },
  {
    about: 'a mail whose log is in a part as it is',
    log: ['Content-Transfer-Encoding: quoted-printable', '', '[    1.000000] id=3D root=/dev/sda', '[    2.000000] b'],
    records: [
      [3, 1e6, null, 'id=3D root=/dev/sda'],
      [4, 2e6, null, 'b'],
    ],
    named: [1, 2],
  },
  {
    about: 'numbers that look like quoted-printable',
    log: ['[    1.000000] id=3D80 flags=20', '[    2.000000] b=c'],
    records: [
      [1, 1e6, null, 'id=3D80 flags=20'],
      [2, 2e6, null, 'b=c'],
    ],
  },
  {
    about: 'a container’s lines in parts, of two streams',
    log: [
      `2024-01-02T03:04:05.000000001Z stdout F ${UP}`,
      '2024-01-02T03:04:05.000000002Z stdout P [    2.000000] eth0: ',
      '2024-01-02T03:04:05.000000003Z stderr F [    1.500000] c',
      '2024-01-02T03:04:05.000000004Z stdout P "do',
      '2024-01-02T03:04:05.000000005Z stdout F wn"',
      '2024-01-02T03:04:05.000000006Z stdout F Starting',
      '2024-01-02T03:04:05.000000006Z stdout P [    3.000000] cut',
    ],
    format: 'cri',
    records: [
      [1, 1e6, null, 'eth0: up'],
      [3, 1.5e6, null, 'c'],
      [2, 2e6, null, 'eth0: "down"'],
    ],
    named: [6, 7],
  },
  {
    about: 'JSON that a container has printed, in JSON',
    log: [UP, DOWN].map((msg) => json({ log: `${json({ level: 30, msg })}\n`, stream: 'stdout' })),
    format: 'json-lines',
    records: both(1, 2),
  },
  {
    about: 'records in JSON in JSON',
    log: [
      json({ log: json({ priority: 30, sequence: 7, sec: 1, usec: 0, msg: 'eth0: up' }), time: '2024-01-02' }),
      json({ log: json({ priority: 4, sequence: 8, sec: 2, usec: 0, msg: 'b' }), time: '2024-01-02' }),
    ],
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 7, facility: 3 }],
      [2, 2e6, 4, 'b', { seq: 8, facility: 0 }],
    ],
  },
  {
    about: 'JSON behind a time and a tag, of Fluentd and of Kubernetes',
    log: [
      `2024-01-02 03:04:05.123456789 +0000 kmsg: ${json({ log: UP })}`,
      `2024-01-02T03:04:05.000000001Z stdout F ${json({ msg: DOWN, level: 50 })}`,
    ],
    format: 'json-lines',
    records: both(1, 2),
  },
  {
    about: 'Fluent Bit’s standard output: quotes stand in it as they are',
    log: [
      `[0] kmsg: [[1700000000.123456789, {}], {"log"=>"${UP}", "stream"=>"a"}]`,
      `[1] kmsg: [1700000000.123456789, {"log"=>"${DOWN}"}]`,
    ],
    format: 'json-lines',
    records: both(1, 2),
  },
  {
    about: 'Fluent Bit’s kmsg on its standard output',
    log: ['[0] kmsg.0: [[1700000000.125, {}], {"priority"=>3, "sequence"=>416, "sec"=>1, "usec"=>0, "msg"=>"a => b"}]'],
    records: [[1, 1e6, 3, 'a => b', { seq: 416 }]],
  },
  {
    about: 'levels of programs that are none of the kernel’s',
    log: [json({ level: 30, msg: UP }), json({ level: 3, msg: DOWN })],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, 3, 'eth0: "down"'],
    ],
  },
];
