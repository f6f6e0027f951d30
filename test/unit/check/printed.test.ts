import { describe, expect, it } from 'vitest';
import { OUTPUT_FORMATS, outputFormat } from '../../../src/check/index.js';
import { recogniseOutput } from '../../../src/check/printed.js';

const record = { host: '10.4.0.7', seq: 42, tsUsec: 12_345_678, level: 6, text: 'eth0: link up' };

const LINES: readonly { format: string; line: string; printed: object; file?: string }[] = (
  [
    [
      'receive-json',
      '{"host":"10.4.0.7","port":6665,"facility":0,"level":6,"seq":42,"tsUsec":12345678,"text":"eth0: link up","dict":{}}',
      { ...record, dict: {} },
    ],
    [
      'receive-json',
      '{"host":"10.4.0.7","port":6665,"text":"[   12.345678] eth0: link up","complete":true}',
      { host: '10.4.0.7', text: '[   12.345678] eth0: link up' },
    ],
    [
      'netconsd-printer',
      '                         ::ffff:10.4.0.7: 6.1.0 S000042 T00000012345678 F0/L6 eth0: link up',
      record,
    ],
    [
      'netconsd-printer',
      '                         ::ffff:10.4.0.7:  S000042 T00000012345678 F0/L6 [SEQ RESET] eth0: link up',
      record,
    ],
    [
      'netconsd-printer',
      '                         ::ffff:10.4.0.7: [   12.345678] eth0: link up',
      { host: '10.4.0.7', text: '[   12.345678] eth0: link up' },
    ],
    ['netconsd-logger', '6.1.0 000042 00000012345678 0 6 eth0: link up', record, '/var/log/netconsole/10.4.0.7'],
    ['netconsd-logger', '000042 00000012345678 0 6 [CONT START] eth0: link up', record, '/var/log/netconsole/10.4.0.7'],
    [
      'host-message',
      '10.4.0.7 6,42,12345678,-;eth0: link up#012 SUBSYSTEM=net#012',
      { ...record, dict: { SUBSYSTEM: 'net' } },
    ],
    ['host-message', '10.4.0.7 6.1.0,6,42,12345678,-;eth0: link up', record],
    ['host-message', 'rack4-6 [   12.345678] eth0: link up', { host: 'rack4-6', text: '[   12.345678] eth0: link up' }],
    ['syslog', 'Nov 25 19:00:01 10.4.0.7 6,42,12345678,-;eth0: link up', record],
    [
      'syslog',
      '2026-11-25T19:00:01.123456+00:00 10.4.0.7 kernel: [   12.345678] eth0: link up',
      { host: '10.4.0.7', text: '[   12.345678] eth0: link up' },
    ],
    [
      'syslog',
      'Nov 26 02:13:06 10.4.0.7  [   12.345678] eth0: link up',
      { host: '10.4.0.7', text: '[   12.345678] eth0: link up' },
    ],
    ['journal-json', '{"_HOSTNAME":"10.4.0.7","MESSAGE":"6,42,12345678,-;eth0: link up","PRIORITY":"6"}', record],
  ] as readonly [string, string, object, string?][]
).map(([format, line, printed, file]) => ({ format, line, printed, ...(file !== undefined && { file }) }));

describe('forms of output', () => {
  it.each(LINES)('$format: $line', ({ format, line, printed, file = '/tmp/out.log' }) => {
    expect(outputFormat(format).parse(line, file)).toEqual(printed);
    expect(recogniseOutput([line, line], file).name).toBe(format);
  });

  it('a journal in export form, one entry over several lines', () => {
    const reader = outputFormat('journal-export').open!('x');
    const entry = (message: string[]) => ['__CURSOR=s=1;i=2', '_HOSTNAME=10.4.0.7', ...message, 'PRIORITY=6', ''];
    const text = '6,42,12345678,-;eth0: link up\n SUBSYSTEM=net\n';
    const binary = ['MESSAGE', ...`${String.fromCharCode(text.length)}\0\0\0\0\0\0\0${text}`.split('\n')];
    // A length of ten is a newline itself.
    const ten = ['MESSAGE', '', '\0\0\0\0\0\0\0a one line'];
    const lines = [...entry(['MESSAGE=6,42,12345678,-;eth0: link up']), ...entry(binary), ...entry(ten)];
    const records = lines.map((line) => reader.line(line)).filter((one) => one !== 'skip');
    expect(records).toEqual([
      record,
      { ...record, dict: { SUBSYSTEM: 'net' } },
      { host: '10.4.0.7', text: 'a one line' },
    ]);
    expect(recogniseOutput(lines, 'x').name).toBe('journal-export');
    for (const line of entry(['MESSAGE=last']).slice(0, -1)) reader.line(line);
    expect(reader.end()).toEqual({ host: '10.4.0.7', text: 'last' });
  });

  it('a journal in JSON, whose messages may be bytes', () => {
    const { parse, fault } = outputFormat('journal-json');
    const line = (MESSAGE: unknown, more: object = { _HOSTNAME: '10.4.0.7' }) => JSON.stringify({ ...more, MESSAGE });
    const bytes = [...Buffer.from('6,42,12345678,-;eth0: link up')];
    expect(parse(line(bytes), 'x')).toEqual(record);
    expect(parse(line('a', { SYSLOG_HOSTNAME: 'h' }), 'x')).toEqual({ host: 'h', text: 'a' });
    for (const [odd, why] of [
      [line(null), 'MESSAGE is null: write the journal anew with journalctl --all'],
      [line([1, 256]), 'MESSAGE[1] is 256, not a whole number from 0 to 255'],
      [line(['a', 'b']), "MESSAGE[0] is 'a', not a whole number from 0 to 255"],
      [line('a', { _HOSTNAME: 5 }), '_HOSTNAME is 5, not a string'],
      [line('a', {}), 'it has no "_HOSTNAME": a string is needed'],
      [line('a').replace('{', '{"MESSAGE":"b",'), 'it has the key "MESSAGE" twice'],
    ] as const) {
      expect([odd, parse(odd, 'x'), fault!(odd)]).toEqual([odd, undefined, why]);
    }
  });

  it('escapes of the kernel are undone', () => {
    expect(outputFormat('host-message').parse('10.4.0.7 6,1,2,-;a\\x09b\\x5cc', 'x')).toMatchObject({
      text: 'a\tb\\c',
    });
  });

  it('a pattern of your own', () => {
    const format = outputFormat('^(?<host>\\S+)\\|(?<level>\\d)\\|(?<seq>\\d+)\\|(?<tsUsec>\\d+)\\|(?<text>.*)$');
    expect(format.parse('10.4.0.7|6|42|12345678|eth0: link up', 'x')).toEqual(record);
    expect(format.parse('something else', 'x')).toBe('skip');
    expect(
      outputFormat('^(?<host>\\S+) got (?<payload>.*)$').parse('10.4.0.7 got 6,42,12345678,-;eth0: link up', 'x'),
    ).toEqual(record);
  });

  it('a pattern whose numbers are padded, or not there', () => {
    const format = outputFormat('^(?<host>\\S+) <(?<level>\\d?)>\\[(?<tsUsec>[^\\]]+)\\](?<text>.*)$');
    expect(format.parse('10.4.0.7 <6>[     123]up', 'x')).toMatchObject({ level: 6, tsUsec: 123, text: 'up' });
    const bare = format.parse('10.4.0.7 <>[     123]up', 'x');
    expect(bare).toMatchObject({ tsUsec: 123, text: 'up' });
    expect(bare).not.toHaveProperty('level');
  });

  it('refuses what is none', () => {
    expect(() => outputFormat('rsyslogd')).toThrow(/there is no format "rsyslogd": choose journal-json, /);
    expect(() => outputFormat('(?<host>x')).toThrow(/the pattern/);
    expect(() => outputFormat('(?<host>x)')).toThrow(/has no group \(\?<text>\.\.\.\)/);
    expect(() => recogniseOutput(['?', '!'], 'some.log')).toThrow(/some\.log: its lines are of no form that is known/);
  });

  it('every form says what it is', () => {
    for (const { name, about } of OUTPUT_FORMATS) expect([name, about.length > 10]).toEqual([name, true]);
  });
});
