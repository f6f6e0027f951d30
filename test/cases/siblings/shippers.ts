/** What log shippers, clouds and web pages make of a kernel's log. */
import type { Sibling, Wanted } from './case.js';

const UP = '[    1.000000] eth0: up';
const DOWN = '[    2.000000] eth0: "down"';
const both = (...lines: [number, number]): readonly Wanted[] => [
  [lines[0], 1e6, null, 'eth0: up'],
  [lines[1], 2e6, null, 'eth0: "down"'],
];
const json = JSON.stringify;
const CSV = DOWN.replaceAll('"', '""');

export const SHIPPERS: readonly Sibling[] = [
  {
    about: 'the answer of Loki, all lines in one object',
    log: [
      json({ streams: [{ stream: { job: 'k' }, values: [UP, DOWN].map((line, i) => [`17000000000${i}`, line]) }] }),
    ],
    format: 'json-lines',
    records: both(1, 1),
  },
  {
    about: 'events of CloudWatch in one object',
    log: [json({ events: [UP, DOWN].map((message) => ({ timestamp: 1, message: `${message}\n` })), nextToken: 'f/1' })],
    records: both(1, 1),
  },
  {
    about: 'the same, printed with a member a line',
    log: json({ events: [UP, DOWN].map((message) => ({ timestamp: 1, message })) }, null, 4).split('\n'),
    records: both(5, 9),
    named: [1, 2, 3, 4, 6, 7, 8, 10, 11, 12],
  },
  {
    about: 'documents of Elasticsearch, the line in a member',
    log: [UP, DOWN].map((message) => json({ _index: 'a', _source: { host: { name: 'n2' }, message } })),
    records: both(1, 2),
  },
  {
    about: 'Google’s jsonPayload',
    log: [UP, DOWN].map((message) => json({ insertId: 'a', jsonPayload: { message }, resource: { type: 'vm' } })),
    records: both(1, 2),
  },
  {
    about: 'Splunk’s results',
    log: [UP, DOWN].map((_raw) => json({ preview: false, result: { _raw, source: 'kern' } })),
    records: both(1, 2),
  },
  {
    about: 'a string that holds several lines, each with a stamp',
    log: [json({ host: 'n2', message: `${UP}\r\n${DOWN}\n` })],
    records: [
      [1, 1e6, null, 'eth0: up', { host: 'n2' }],
      [1, 2e6, null, 'eth0: "down"', { host: 'n2' }],
    ],
  },
  {
    about: 'records of Fluent Bit in a member',
    log: [
      json({ date: 1.5, node: 'n2', kernel: { priority: 6, sequence: 7, sec: 1, usec: 0, msg: 'eth0: up' } }),
      json({ date: 1.5, node: 'n2', kernel: { priority: 4, sequence: 8, sec: 2, usec: 0, msg: 'eth0: "down"' } }),
    ],
    records: [
      [1, 1e6, 6, 'eth0: up', { seq: 7, host: 'n2' }],
      [2, 2e6, 4, 'eth0: "down"', { seq: 8, host: 'n2' }],
    ],
  },
  {
    about: 'fluentd’s files: a time, a tag, an object',
    log: [UP, DOWN].map((message) => `2024-01-02T03:04:05+00:00\tkern.info\t${json({ ident: 'kernel', message })}`),
    records: both(1, 2),
  },
  {
    about: 'the same on standard output',
    log: [UP, DOWN].map((message) => `2024-01-02 03:04:05.0 +0000 kern.info: ${json({ message, host: 'n2' })}`),
    records: both(1, 2),
  },
  {
    about: 'a table',
    log: ['"time","message","level"', `"1","${UP}","info"`, `"2","${CSV}","info"`],
    records: both(2, 3),
    named: [1],
  },
  {
    about: 'a string that does not end is no record',
    log: [UP, DOWN, 'user@host: echo "[    3.000000] x', '[    4.000000] y'],
    records: [...both(1, 2), [4, 4e6, null, 'y']],
    named: [3],
  },
  {
    about: 'a string in a string is no record',
    log: [UP, DOWN, `{"line":${json(json({ MESSAGE: '[    3.000000] x' }))}}`, `x ${json(json([UP]))}`],
    records: both(1, 2),
    named: [3, 4],
  },
  {
    about: 'an element of a web page',
    log: ['<pre>[    1.000000] a &lt;b&gt;', '[    2.000000] c &amp; d</pre>', '</div>'],
    records: [
      [1, 1e6, null, 'a <b>'],
      [2, 2e6, null, 'c & d'],
    ],
    named: [1, 3],
  },
  {
    about: 'an issue with the log in a block of code',
    log: ['<details><summary>dmesg</summary>', '', '```', `${UP} &lt;x&gt;`, DOWN, '```', '</details>'],
    records: [
      [4, 1e6, null, 'eth0: up <x>'],
      [5, 2e6, null, 'eth0: "down"'],
    ],
    named: [1, 2, 3, 6, 7],
  },
  {
    about: 'ChromeOS, the level where others have the host',
    log: [
      `2024-01-02T03:04:05.000001Z INFO kernel: ${UP}`,
      `2024-01-02T03:04:05.000002Z ERR kernel: ${DOWN}`,
      '2024-01-02T03:04:05.000003Z INFO chrome[12]: x',
    ],
    records: [
      [1, 1e6, 6, 'eth0: up', { host: undefined }],
      [2, 2e6, 3, 'eth0: "down"', { host: undefined }],
    ],
    named: [3],
  },
  {
    about: 'MediaTek: a CPU that looks like a level',
    log: ['[    1.000000] <0>.(0)[1:swapper/0]a', '[    2.000000] <1>-(1)[17:kworker]b'],
    records: [
      [1, 1e6, null, '<0>.(0)[1:swapper/0]a'],
      [2, 2e6, null, '<1>-(1)[17:kworker]b'],
    ],
  },
  {
    about: 'two hosts of plain targets behind their addresses',
    log: [`192.0.2.5 ${UP}`, '192.0.2.6 [    9.000000] z', `192.0.2.5 ${DOWN}`, '192.0.2.6 [   10.000000] y'],
    boots: 2,
    counts: { hosts: 2, bootsByStamp: 0 },
    records: [
      [1, 1e6, null, 'eth0: up', { host: '192.0.2.5', boot: 0 }],
      [2, 9e6, null, 'z', { host: '192.0.2.6', boot: 1 }],
      [3, 2e6, null, 'eth0: "down"', { host: '192.0.2.5', boot: 0 }],
      [4, 1e7, null, 'y', { host: '192.0.2.6', boot: 1 }],
    ],
  },
  {
    about: 'addresses in brackets, with a port, of IPv6',
    log: [`[192.0.2.5] ${UP}`, `[2001:db8::1]:6665: ${DOWN}`],
    boots: 2,
    records: [
      [1, 1e6, null, 'eth0: up', { host: '192.0.2.5' }],
      [2, 2e6, null, 'eth0: "down"', { host: '2001:db8::1' }],
    ],
  },
  {
    about: 'Python’s bytes, an apostrophe among them',
    log: [`b'[    1.000000] eth0: up\\n'`, `b'[    2.000000] eth0: it's "down"\\n'`],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: it\'s "down"'],
    ],
  },
  {
    about: 'elements of XML',
    log: [`<line nr="1">${UP}</line>`, `<line nr="2">${DOWN}</line>`],
    records: both(1, 2),
  },
  {
    about: 'logfmt',
    log: [UP, DOWN].map((line) => `level=info msg=${json(line)} source=kmsg`),
    records: both(1, 2),
  },
  {
    about: 'a page’s no-break spaces',
    log: [UP, DOWN].map((line) => Buffer.from(line.replaceAll(' ', '\u00a0')).toString('latin1')),
    records: both(1, 2),
  },
];
