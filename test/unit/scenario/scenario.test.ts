import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import { unescaped } from '../../../src/scenario/bytes.js';
import {
  parseScenario,
  runScenario,
  type Scenario,
  ScenarioError,
  type ScenarioOp,
} from '../../../src/scenario/index.js';
import { parseKmsgDump, recordsOfFrames } from '../../../src/scenario/recorded.js';
import { opBytes } from '../../../src/scenario/scenario.js';
import { logRecords, wireFrames } from '../../support/compare.js';

const ADDRESS: ScenarioOp = { op: 'ip', args: 'addr add 10.0.2.15/24 dev eth0' };
const LOAD: ScenarioOp = { op: 'insmod', params: '+@/eth0,@10.0.2.2/' };
const run = (ops: readonly ScenarioOp[], more: Partial<Scenario> = {}, kernel = '6.12') =>
  runScenario({ ops, ...more }, { kernel });
const outcomes = (ops: readonly ScenarioOp[], kernel = '6.12') => run(ops, {}, kernel).outcomes;
const texts = (result: ReturnType<typeof run>) =>
  [...logRecords(result.kmsg).values()].map((record) => record.slice(record.indexOf(';') + 1));

describe('a scenario file', () => {
  it.each([
    ['no JSON', '{', /x\.json is not JSON/],
    ['no object', '[]', /no scenario/],
    ['null', 'null', /no scenario/],
    ['no list of operations', '{"ops":{}}', /no scenario/],
    ['an operation without a name', '{"ops":[{"op":"settle"},{"path":"x"}]}', /operation 1: it has no "op"/],
    ['an operation that is null', '{"ops":[null]}', /operation 0/],
  ])('%s: one clear error', (_, text, message) => {
    expect(() => parseScenario(text, 'x.json')).toThrow(ScenarioError);
    expect(() => parseScenario(text, 'x.json')).toThrow(message);
  });

  it.each(['bogus', 'constructor', '__proto__', ''])(
    'the operation %j is unknown, and the error names those that are not',
    (op) => {
      expect(() => run([{ op }])).toThrow(ScenarioError);
      expect(() => run([{ op }])).toThrow(/operation 0: there is no.*insmod, rmmod/);
    },
  );

  it('data is text, hex is bytes, blanks between them allowed', () => {
    expect(Buffer.from(opBytes({ op: 'kmsg', data: 'ä' })).toString('hex')).toBe('c3a4');
    expect(Buffer.from(opBytes({ op: 'kmsg', hex: 'ff 00 41' })).toString('hex')).toBe('ff0041');
    expect(opBytes({ op: 'kmsg' }).length).toBe(0);
  });
});

describe('operations', () => {
  it('answer ok, the name of an errno, what was read, or nothing', () => {
    expect(
      outcomes([
        ADDRESS,
        LOAD,
        LOAD,
        { op: 'mkdir', path: 't' },
        { op: 'mkdir', path: 't' },
        { op: 'read', path: 't/local_port' },
        { op: 'write', path: 't/local_port', data: '70000\n' },
        { op: 'write', path: 't/nothing', data: '1' },
        { op: 'write', path: 't', data: '1' },
        { op: 'write', path: 'none/enabled', data: '1' },
        { op: 'write', path: 't/local_mac', data: '1' },
        { op: 'write', path: 't/enabled', data: '' },
        { op: 'settle', seconds: 1 },
        { op: 'sh', run: 'true' },
        { op: 'rmdir', path: 't' },
        { op: 'rmmod' },
        { op: 'rmmod' },
        { op: 'kmsg', data: 'x'.repeat(2000) },
      ]),
    ).toEqual([
      'ok',
      'ok',
      'EEXIST',
      'ok',
      'EEXIST',
      { data: '6665\n' },
      'ERANGE',
      'EACCES',
      'EISDIR',
      'ENOENT',
      'EACCES',
      'ok',
      null,
      null,
      'ok',
      'ok',
      'ENOENT',
      'EINVAL',
    ]);
  });

  it('what a store did not take is written again, as dd does', () => {
    const ops = [
      ADDRESS,
      { op: 'insmod', params: '' },
      { op: 'mkdir', path: 't' },
      { op: 'write', path: 't/local_port', hex: '31 32 00 33' },
      { op: 'read', path: 't/local_port' },
    ];
    // Until 7.0 a store takes what is before a NUL; the rest is then a value of its own, and no port.
    expect(outcomes(ops).at(-1)).toEqual({ data: '12\n' });
    expect(outcomes(ops, '7.3').at(-1)).toEqual({ data: '12\n' });
  });

  it('parameters of the module', () => {
    const param = (name: string, data: string): ScenarioOp => ({ op: 'param', name, data });
    expect(
      outcomes([
        param('oops_only', '1'),
        { op: 'insmod', params: '' },
        param('oops_only', 'Y\n'),
        param('oops_only', 'x'),
        param('netconsole', 'x'),
      ]),
    ).toEqual(['ENOENT', 'ok', 'ok', 'EINVAL', 'EACCES']);
  });

  it('console levels from 1 to 8', () => {
    const level = (n: number): ScenarioOp => ({ op: 'loglevel', level: n });
    expect(outcomes([level(1), level(8), level(0), level(9)])).toEqual(['ok', 'ok', 'EINVAL', 'EINVAL']);
  });

  it('links and addresses', () => {
    const ip = (args: string): ScenarioOp => ({ op: 'ip', args });
    expect(
      outcomes([
        ip('addr add 10.0.2.15/24 dev eth0'),
        ip('addr add 10.0.2.15/24 dev eth0'),
        ip('addr del 10.0.2.99/24 dev eth0'),
        ip('addr add 10.0.2.15/24 dev eth7'),
        ip('link add dummy9 type dummy'),
        ip('link set dummy9 up'),
        ip('link del dummy9'),
        ip('link set dummy9 up'),
        ip('link set dev eth0 down'),
        ip('link set eth0 name lan0'),
        ip('route add default'),
      ]),
    ).toEqual(['ok', 'EEXIST', 'EADDRNOTAVAIL', 'ENODEV', 'ok', 'ok', 'ok', 'ENODEV', 'ok', 'ok', 'EINVAL']);
  });

  it('unplugging and plugging, twice each', () => {
    expect(outcomes([{ op: 'unplug' }, { op: 'unplug' }, { op: 'plug' }, { op: 'plug' }])).toEqual([
      'ok',
      'ENOENT',
      'ok',
      'ok',
    ]);
  });

  it('without a recorded log, time is what settle and advance make it', () => {
    const result = run(
      [
        { op: 'kmsg', data: 'a\n' },
        { op: 'settle', seconds: 1.5 },
        { op: 'kmsg', data: 'b\n' },
        { op: 'advance', ms: 20 },
        { op: 'kmsg', data: 'c\n' },
      ],
      { start: 1_000_000 },
    );
    expect([...logRecords(result.kmsg).values()].map((record) => record.split(',')[2])).toEqual([
      '1000000',
      '2500000',
      '2520000',
    ]);
  });

  it('the command line sets levels, sizes and formats', () => {
    const kernel = (cmdline: string) => run([], { cmdline }).kernel;
    expect([
      insideOf(kernel('')).consoles.consoleLoglevel,
      insideOf(kernel('quiet')).consoles.consoleLoglevel,
      insideOf(kernel('debug')).consoles.consoleLoglevel,
      insideOf(kernel('loglevel=3 loglevel=5')).consoles.consoleLoglevel,
    ]).toEqual([7, 4, 10, 5]);
    expect([
      insideOf(kernel('')).ring.size,
      insideOf(kernel('log_buf_len=1M')).ring.size,
      insideOf(kernel('log_buf_len=4k')).ring.size,
    ]).toEqual([2 ** 17, 2 ** 20, 2 ** 17]);
    expect([
      insideOf(kernel('printk.time=0')).format.time,
      insideOf(kernel('console_msg_format=syslog')).format.syslog,
    ]).toEqual([false, true]);
    expect([
      insideOf(kernel('ignore_loglevel')).consoles.ignoreLoglevel,
      insideOf(kernel('netpoll.carrier_timeout=9')).netpoll.carrierTimeout,
    ]).toEqual([true, 9]);
    expect([insideOf(kernel('panic=-1')).panics.timeout, insideOf(kernel('panic=-1 panic=0')).panics.timeout]).toEqual([
      -1, 0,
    ]);
  });

  it('the same scenario gives the same bytes', () => {
    const ops = [
      ADDRESS,
      LOAD,
      { op: 'kmsg', data: '<6>hello\n' },
      { op: 'unplug' },
      { op: 'kmsg', data: 'x\n' },
      { op: 'plug' },
    ];
    const [one, two] = [run(ops), run(ops)];
    expect(Buffer.from(one.pcap).equals(Buffer.from(two.pcap))).toBe(true);
    expect(Buffer.from(one.kmsg).equals(Buffer.from(two.kmsg))).toBe(true);
  });
});

describe('a recorded log guides', () => {
  const guided = (log: string, ops: readonly ScenarioOp[]) =>
    runScenario({ ops }, { kernel: '6.12', recorded: Buffer.from(log, 'latin1') });

  it('the stamps of what the emulator logs, and puts in what others logged', () => {
    const log =
      '6,0,100,-;Linux version 6\n6,1,200,-;e1000: up\n SUBSYSTEM=pci\n DEVICE=+pci:0\n14,2,300,-;klab: op 0\n6,3,400,-;late\n';
    const result = guided(log, [{ op: 'kmsg', data: '<6>klab: op 0\n' }]);
    expect(Buffer.from(result.kmsg).toString()).toBe(log);
  });

  it('and where it lacks a number, an empty record of level 7 keeps the place', () => {
    const log = '6,2,100,-;a\n14,4,300,-;klab: op 0\n';
    const result = guided(log, [{ op: 'kmsg', data: '<6>klab: op 0\n' }]);
    const records = [...logRecords(result.kmsg)];
    expect(records.map(([seq]) => seq)).toEqual([0, 1, 2, 3, 4]);
    expect(records[3]![1]).toBe('7,3,100,-;');
  });

  it('a message that is not in the log shows as a difference', () => {
    const result = guided('14,0,300,-;klab: op 0\n', [
      { op: 'kmsg', data: '<6>klab: op 0\n' },
      { op: 'kmsg', data: '<6>other\n' },
    ]);
    expect(texts(result)).toEqual(['klab: op 0', 'other']);
  });

  it.each([
    [
      'has no turn between records that are close together: the target that starts in between gets the first',
      900,
      true,
    ],
    ['has its turn between records that are not', 4000, false],
    ['has it where the clock counts only ticks', 0, false],
  ])('a printer thread %s', (_, gap, caught) => {
    const ops: ScenarioOp[] = [
      ADDRESS,
      { op: 'insmod', params: '' },
      { op: 'mkdir', path: 't' },
      { op: 'write', path: 't/remote_ip', data: '10.0.2.2\n' },
      { op: 'write', path: 't/extended', data: '1\n' },
      { op: 'ip', args: 'link set eth0 down' },
      { op: 'write', path: 't/enabled', data: '1\n' },
    ];
    const plain = runScenario({ ops }, { kernel: '7.3' });
    const lines = Buffer.from(plain.kmsg).toString('latin1').trim().split('\n');
    const started = lines.pop()!.split(',')[3]!;
    const stamped = [...lines.map((line) => line.split(',')[3]!), '-;e1000: eth0 NIC Link is Up', started].map(
      (text, seq, all) =>
        `6,${seq},${1_000_000 + seq * 10_000 - (seq === all.length - 1 ? 10_000 - gap : 0)},${text}\n`,
    );
    const { pcap } = runScenario({ ops }, { kernel: '7.3', recorded: Buffer.from(stamped.join(''), 'latin1') });
    expect(wireFrames(pcap).some(({ payload }) => payload.includes('NIC Link is Up'))).toBe(caught);
  });

  it('who logged a record is taken from the frames that say it, and said again', () => {
    const ops: ScenarioOp[] = [
      ADDRESS,
      LOAD,
      { op: 'mkdir', path: 'cmdline0' },
      { op: 'write', path: 'cmdline0/userdata/cpu_nr_enabled', data: '1\n' },
      { op: 'write', path: 'cmdline0/userdata/taskname_enabled', data: '1\n' },
      { op: 'kmsg', data: '<6>klab: op 5\n' },
    ];
    const source = runScenario({ ops: [...ops, { op: 'kmsg', data: '<6>foreign\n' }] }, { kernel: '7.3' });
    const frames = Buffer.from(source.pcap).toString('latin1');
    const [own, other] = [';foreign\n cpu=0\n taskname=dd\n', ';foreign\n cpu=5\n taskname=sh\n'];
    expect(frames).toContain(own);
    const recorded = recordsOfFrames(Buffer.from(frames.replace(own, other), 'latin1'), source.kmsg);
    expect(parseKmsgDump(recorded).at(-1)).toMatchObject({ cpu: 5, comm: 'sh' });
    const again = runScenario({ ops }, { kernel: '7.3', recorded });
    expect(wireFrames(again.pcap).at(-1)!.payload).toContain(other);
    expect(Buffer.from(again.kmsg).equals(Buffer.from(source.kmsg))).toBe(true);
  });

  it('of a kernel that died, the log is in its frames', () => {
    const source = run([
      ADDRESS,
      LOAD,
      { op: 'kmsg', data: `<6>${'long '.repeat(200)}\n` },
      { op: 'kmsg', data: '<3>last\n' },
    ]);
    const records = parseKmsgDump(recordsOfFrames(source.pcap, new Uint8Array(0)));
    expect(records.map(({ seq }) => seq)).toEqual([...logRecords(source.kmsg).keys()]);
    expect(Buffer.from(records.at(-2)!.text).toString()).toBe('long '.repeat(200));
    expect(records.at(-1)).toMatchObject({ facility: 1, level: 3 });
    expect(wireFrames(source.pcap).length).toBe(records.length + 1);
  });
});

describe('escapes', () => {
  it.each([
    ['a\\x0ab', 'a\nb'],
    ['\\x5cx41', '\\x41'],
    ['\\xff\\x00', '\xff\0'],
    ['\\xg0 \\x', '\\xg0 \\x'],
  ])('%j', (text, want) => expect(Buffer.from(unescaped(text)).toString('latin1')).toBe(want));
});
