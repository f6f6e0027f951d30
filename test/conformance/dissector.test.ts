/**
 * Wireshark, with the script that `dissector` prints, reads what `decode --json` reads, field by field: every recording, loops of
 * reliable netconsole, the older datagrams, and a corpus of malformed ones. Skipped, with the reason, where there is no tshark; a
 * failure then if NCE_REQUIRED_ARMS names it.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../src/cli/decode.js';
import { dissectorLua } from '../../src/dissector/index.js';
import { createHarness } from '../../src/testing/index.js';
import { PcapReader, PcapWriter } from '../../src/wire/pcap.js';
import { naiveExtended, naiveFragments, naiveFragments2015, naiveFrame } from '../support/naive.js';

const required = (process.env['NCE_REQUIRED_ARMS'] ?? '').split(',').includes('tshark');
const missing = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error !== undefined;
const run = promisify(execFile);
const here = new URL('.', import.meta.url).pathname;

type Values = Record<string, unknown>;

let folder = '';
let script = '';

/** All pcap files below a folder, as frames. */
function recordings(root: string): Uint8Array[] {
  return readdirSync(root, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('wire.pcap'))
    .sort()
    .flatMap((path) => new PcapReader().push(readFileSync(join(root, path))).map(({ frame }) => frame));
}

interface Cut {
  readonly frame: Uint8Array;
  readonly originalLength: number;
}

function capture(frames: readonly (Uint8Array | Cut)[]): Buffer {
  const writer = new PcapWriter();
  const records = frames.map((one, i) => {
    const { frame, originalLength } = 'frame' in one ? one : { frame: one, originalLength: one.length };
    const record = Buffer.from(writer.record(frame, 1e9 + i * 1000));
    record.writeUInt32LE(originalLength, 12);
    return record;
  });
  return Buffer.concat([writer.header(), ...records]);
}

async function decoded(file: string): Promise<Values[]> {
  let text = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  expect(await decode(file, { json: true }, out)).toBe(0);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The netconsole part of each frame, as tshark's JSON has it. */
/** The layers of each frame: one, or one for each record of the datagram. */
async function dissected(file: string): Promise<Values[][]> {
  const args = [
    '-n',
    '-X',
    `lua_script:${script}`,
    '-r',
    file,
    '-T',
    'json',
    '-J',
    'netconsole',
    '--no-duplicate-keys',
  ];
  const { stdout, stderr } = await run('tshark', args, { maxBuffer: 2 ** 30 });
  expect(stderr).not.toMatch(/lua|error/i);
  const packets = JSON.parse(stdout) as { _source: { layers: Record<string, Values | Values[] | undefined> } }[];
  expect(/Lua Error|_ws\.malformed/.exec(stdout)?.[0]).toBeUndefined();
  return packets.map(({ _source }) => list(_source.layers['netconsole']) as Values[]);
}

const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
/** A string of Wireshark ends at a NUL, which the script shows as U+2400. */
const shown = (text: unknown) => String(text).replaceAll('\0', '\u2400');
const colons = (hex: unknown) => String(hex).replace(/..(?=.)/g, '$&:');

/** What the script has to show of a message of `decode --json`. */
function expected(m: Values): Values {
  const out: Values = { kind: m['kind'], odd: list(m['odd']).map(shown) };
  const take = (name: string, to: string, as: (value: unknown) => unknown = String) => {
    if (m[name] !== undefined && m[name] !== '') out[to] = as(m[name]);
  };
  if (m['cut'] === true) out['cut'] = '1';
  take('release', 'release');
  take('prio', 'prio');
  if (m['prio'] !== undefined) out['level'] = String((m['prio'] as number) % 8);
  take('seq', 'seq');
  take('tsUsec', 'ts_usec');
  take('flag', 'flag');
  take('caller', 'caller', shown);
  take('emergency', 'emergency');
  const fields = (m['fields'] as [string, string][] | undefined)?.map(([key, value]) => `${key}=${value}`);
  if (fields !== undefined) out['field'] = fields;
  const fragment = m['fragment'] as Values | undefined;
  if (fragment !== undefined) {
    const { dialect: _, ...numbers } = fragment;
    out['fragment'] = {
      ...Object.fromEntries(Object.entries(numbers).map(([k, v]) => [k, String(v)])),
      body: shown(m['body']),
    };
  }
  if (m['text'] !== undefined) out['text'] = shown(m['text']);
  const dictionary = m['dictionary'] as [string, string][] | undefined;
  if (dictionary !== undefined && dictionary.length > 0) out['dict'] = dictionary.map((pair) => pair.map(shown));
  if (m['kind'] === 'response') {
    take('dialect', 'dialect');
    take('ack', 'ack');
    out['missing'] = list(m['missing']).map(String);
  }
  if (m['kind'] === 'netconsole2001') take('offset', 'offset');
  if (m['kind'] === 'netdump') {
    out['netdump'] = [m['nr'], m['code'], m['info']].map(String);
    if (m['payload'] !== '') out['payload'] = colons(m['payload']);
  }
  if (m['kind'] === 'netoops') {
    const names = [
      'dumpId',
      'type',
      'packetCount',
      'packetNo',
      'bootId',
      'x86Vendor',
      'x86Family',
      'x86Model',
      'x86Stepping',
    ];
    out['netoops'] = names.map((name) => String(m[name]));
    out['version'] = shown(m['kernelVersion']);
    out['blob'] = colons(m['userBlob']);
    out['regs'] = colons(m['regs']);
  }
  return out;
}

/** The same out of the script's fields. */
function found(n: Values): Values {
  const get = (name: string) => n[`netconsole.${name}`];
  const out: Values = { kind: get('kind'), odd: list(get('odd')) };
  for (const name of [
    'cut',
    'release',
    'prio',
    'level',
    'seq',
    'ts_usec',
    'flag',
    'caller',
    'emergency',
    'text',
    'offset',
  ]) {
    if (get(name) !== undefined) out[name] = get(name);
  }
  if (get('field') !== undefined) out['field'] = list(get('field'));
  const fragment = get('fragment_tree') as Values | undefined;
  if (fragment !== undefined) {
    out['fragment'] = Object.fromEntries(
      Object.entries(fragment).map(([key, value]) => [key.replace('netconsole.fragment.', ''), value]),
    );
  }
  if (get('dict') !== undefined) {
    out['dict'] = list(get('dict_tree')).map((e) => [
      (e as Values)['netconsole.dict.key'],
      (e as Values)['netconsole.dict.value'],
    ]);
  }
  if (out['kind'] === 'response') {
    out['dialect'] = get('response.dialect');
    if (get('response.ack') !== undefined) out['ack'] = get('response.ack');
    out['missing'] = list(get('response.missing'));
  }
  if (out['kind'] === 'netdump') {
    out['netdump'] = ['nr', 'code', 'info'].map((name) => get(`netdump.${name}`));
    if (get('netdump.payload') !== undefined) out['payload'] = get('netdump.payload');
  }
  if (out['kind'] === 'netoops') {
    const names = [
      'dump_id',
      'type',
      'packet_count',
      'packet_no',
      'boot_id',
      'x86_vendor',
      'x86_family',
      'x86_model',
      'x86_stepping',
    ];
    out['netoops'] = names.map((name) => get(`netoops.${name}`));
    out['version'] = get('netoops.kernel_version');
    out['blob'] = get('netoops.user_blob') ?? '';
    out['regs'] = get('netoops.regs') ?? '';
  }
  return out;
}

/** Equal, whatever the order of the keys. The first look is cheap. */
function same(got: Values, wanted: Values): void {
  const text = (values: Values) => JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (text(got) !== text(wanted)) expect(got).toEqual(wanted);
}

/** Compares both readings of a capture; returns how many messages there were of each kind. */
async function compare(name: string, bytes: Uint8Array): Promise<Record<string, number>> {
  const file = join(folder, `${name}.pcap`);
  writeFileSync(file, bytes);
  const [lines, layers] = await Promise.all([decoded(file), dissected(file)]);
  const kinds: Record<string, number> = { joined: 0 };
  let frame = 0;
  let part = 0;
  for (const line of lines) {
    const layer = layers[frame - 1]?.[part];
    if (line['parted'] !== undefined) {
      const { message } = line['parted'] as { message: Values };
      const further = layers[frame - 1]?.[++part];
      same({ frame, part, ...(further && found(further)) }, { frame, part, ...expected(message) });
      kinds['parted'] = (kinds['parted'] ?? 0) + 1;
      continue;
    }
    if (line['joined'] !== undefined) {
      const { pieces, message } = line['joined'] as { pieces: number; message: Values };
      const tree = layer?.['netconsole.joined_tree'] as Values;
      expect({ frame, pieces: layer?.['netconsole.joined'] }).toEqual({ frame, pieces: String(pieces) });
      const { kind: _, ...said } = found(tree);
      const { text, dict, odd } = expected(message);
      expect({ frame, said }).toEqual({ frame, said: { text, ...(dict !== undefined && { dict }), odd } });
      kinds['joined']!++;
      continue;
    }
    if (line['frame'] === undefined) continue;
    frame++;
    part = 0;
    const message = line['message'] as Values | undefined;
    const here = layers[frame - 1]?.[0];
    // Wireshark asks nobody about a datagram of no bytes.
    if (message === undefined || line['payload'] === '') {
      expect({ frame, layer: here }).toEqual({ frame, layer: undefined });
      continue;
    }
    same(
      { frame, payload: line['payload'], ...(here && found(here)) },
      {
        frame,
        payload: line['payload'],
        ...expected(message),
      },
    );
    kinds[String(message['kind'])] = (kinds[String(message['kind'])] ?? 0) + 1;
  }
  expect(layers.length).toBe(frame);
  const messages = Object.entries(kinds).reduce((sum, [kind, count]) => sum + (kind === 'joined' ? 0 : count), 0);
  expect(layers.flat().length).toBe(messages);
  return kinds;
}

const flow = { srcMac: '52:54:00:00:00:01', dstMac: '12:34:56:78:9a:bc', srcIp: '10.0.0.1', dstIp: '10.0.0.2' };
const frame = (payload: Uint8Array, ports = { srcPort: 6665, dstPort: 6666 }) =>
  naiveFrame({ ...flow, ...ports, payload });

/** Datagrams of every kind, whole. */
function samples(): Buffer[] {
  const netoops = (dataOffset: number, archOffset: number) => {
    const bytes = Buffer.alloc(dataOffset + 1024, 'log ');
    bytes.fill(0, 0, dataOffset);
    bytes.set([
      3,
      0,
      7,
      0,
      dataOffset & 255,
      dataOffset >> 8,
      2,
      0,
      archOffset & 255,
      archOffset >> 8,
      1,
      0,
      5,
      0,
      0,
      0,
      2,
      0,
      0,
      0,
    ]);
    bytes.write('6.1.0-test', archOffset === 84 ? 20 : 24);
    bytes.fill(0xab, archOffset, dataOffset);
    return bytes;
  };
  const long = naiveExtended({ level: 6, seq: 5, tsUsec: 17, text: 'long '.repeat(400) });
  return [
    naiveExtended({ level: 6, seq: 1, tsUsec: 5, text: 'a \t\x01 \\ ü text' }),
    Buffer.from('6.12.0-rc1+,28,4,55,c,caller=C7,key=value,odd;text\n SUBSYSTEM=net\n DEVICE=n2\n foo=two\nlines\n'),
    Buffer.from('4,9007199254740991,9007199254740991,+,emg=1,caller=T1;text\n'),
    Buffer.from('4,8,9,-,ncemg=1;nul \\x00 escape \\x41\\x80 cut \\x0'),
    ...naiveFragments(long),
    ...naiveFragments2015(long),
    Buffer.from('[   10.000001] plain\n'),
    Buffer.from('just text, f\xfcr, \x00 nul', 'latin1'),
    Buffer.from('nca42 43 44'),
    Buffer.from('ncrx18446744073709551615'),
    Buffer.from('nca 7'),
    netoops(388, 216),
    netoops(260, 88),
    netoops(156, 84),
    Buffer.concat([Buffer.from('03000000000000000200000005', 'hex'), Buffer.from('netdump\n')]),
    Buffer.concat([Buffer.from('03000000010000000a00000005', 'hex'), Buffer.alloc(40, 7)]),
    Buffer.concat([Buffer.from('0100000009', 'hex'), Buffer.from('of 2001\n')]),
  ];
}

/** Datagrams that are not what they should be: samples with bytes changed, cut, doubled; headers with impossible values. */
function malformed(): (Uint8Array | Cut)[] {
  const base = samples();
  const number = fc.oneof(
    fc.nat(20),
    fc.constantFrom('', '007', '-1', '2048', '9007199254740992', '99999999999999999999', '1e3'),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const bytes = fc.uint8Array({ maxLength: 20 }).map((b) => Buffer.from(b).toString('latin1'));
  const extra = fc.constantFrom(
    ...['', ',caller=T1', ',caller=X', ',ncfrag=0/9', ',ncfrag=5@1/3', ',ncfrag=0@1/2', ',ncfrag=7@3/2', ',ncfrag=x'],
    ...[',ncfrag=0/9,ncfrag=1/9', ',emg=1,emg=1', ',ncemg=2', ',novalue', ',=', ',', ',a=b=c'],
  );
  const header = fc
    .tuple(fc.constantFrom('', '6.1.0,', 'nodots,', `${'9.'.repeat(35)},`), number, number, number, extra)
    .map(([release, prio, seq, ts, more]) => `${release}${prio},${seq},${ts},-${more};`);
  const made = fc
    .tuple(header, fc.oneof(text, bytes), fc.constantFrom('', '\n', '\n KEY=value\n', '\nstray\n', '\n =\n a=\nb\n\n'))
    .map(([head, body, end]) => Buffer.from(head + body + end, 'latin1'));
  const changed = fc
    .tuple(fc.constantFrom(...base), fc.nat(60), fc.nat(255), fc.nat(3))
    .map(([sample, at, value, how]) => {
      const copy = Buffer.from(sample);
      if (how === 0) return copy.subarray(0, at);
      if (how === 1) return Buffer.concat([copy, copy.subarray(0, at)]);
      copy[at % copy.length] = value;
      return copy;
    });
  const ports = fc.constantFrom(
    { srcPort: 6665, dstPort: 6666 },
    { srcPort: 6666, dstPort: 6665 },
    { srcPort: 40001, dstPort: 40002 },
    { srcPort: 40003, dstPort: 514 },
  );
  const one = fc.tuple(fc.oneof(made, changed), ports, fc.nat(9), fc.nat(80)).map(([payload, to, cut, length]) => {
    const whole = frame(payload, to);
    return cut === 0 ? { frame: whole.subarray(0, 42 + 1 + length), originalLength: whole.length } : whole;
  });
  return fc
    .sample(one, { numRuns: 3000, seed: 6666 })
    .map((f) => ('frame' in f && f.frame.length >= f.originalLength ? f.frame : f));
}

describe.skipIf(missing && !required)(`the dissector${missing ? ' (skipped: tshark is not installed)' : ''}`, () => {
  beforeAll(() => {
    if (missing) throw new Error('NCE_REQUIRED_ARMS names tshark, which is not installed: apt-get install tshark');
    folder = mkdtempSync(join(tmpdir(), 'dissector-'));
    script = join(folder, 'netconsole.lua');
    writeFileSync(script, dissectorLua());
  });
  afterAll(() => folder === '' || rmSync(folder, { recursive: true }));

  it.each(
    ['../golden', 'recorded'].flatMap((root) => readdirSync(join(here, root)).map((kernel) => [`${root}/${kernel}`])),
  )('reads every recording as decode does: %s', async (path) => {
    const kinds = await compare(path.replaceAll(/\W/g, '-'), capture(recordings(join(here, path))));
    // Those that have many scenarios, one of fragments among them; of others some never sent a frame.
    if (!/golden\/(6\.1|6\.12|7\.2)$/.test(path)) return;
    expect(kinds['extended']).toBeGreaterThan(200);
    expect(kinds['plain']).toBeGreaterThan(200);
    expect(kinds['joined']).toBeGreaterThan(5);
  });

  it.each(['heo-2015', 'netconsd'] as const)('reads a loop of %s, responses included', async (reliable) => {
    const frames: Uint8Array[] = [];
    let count = 0;
    const harness = createHarness({
      reliable,
      lose: (f) => {
        frames.push(f.slice());
        return ++count % 5 === 0;
      },
    });
    for (let i = 0; i < 60; i++) {
      harness.kernel.printk(`record ${i} ${'x'.repeat(i % 7 === 0 ? 1500 : 20)}\n`, { level: 6 });
      harness.advance(400);
    }
    harness.advance(15_000);
    harness.close();
    const kinds = await compare(reliable, capture(frames));
    expect(kinds['response']).toBeGreaterThan(10);
    expect(kinds['joined']).toBeGreaterThan(3);
  });

  it('reads every kind of datagram', async () => {
    const kinds = await compare('kinds', capture(samples().map((payload) => frame(payload))));
    expect(Object.keys(kinds).sort()).toEqual([
      'extended',
      'joined',
      'netconsole2001',
      'netdump',
      'netoops',
      'plain',
      'response',
    ]);
  });

  it('reads malformed and cut datagrams', async () => {
    const kinds = await compare('malformed', capture(malformed()));
    expect(kinds['extended']).toBeGreaterThan(500);
    expect(kinds['plain']).toBeGreaterThan(500);
    expect(kinds['parted']).toBeGreaterThan(0);
  });

  it('parts the records that a relay has put into one datagram', async () => {
    const record = (seq: number) => naiveExtended({ level: 6, seq, tsUsec: seq, text: `r${seq}` });
    const notice = Buffer.from('** replaying previous printk message **\n');
    const payloads = [
      Buffer.concat([record(1), record(2), notice, record(3)]),
      Buffer.concat([record(4), Buffer.from(' SUBSYSTEM=a\n'), record(5)]),
      Buffer.concat([record(6), Buffer.from('6,7,8,-,key;no record\n')]),
    ];
    const kinds = await compare('parted', capture(payloads.map((payload) => frame(payload))));
    expect(kinds).toMatchObject({ extended: 3, parted: 3 });
  });

  it('tells of gaps, copies and bad fragments, and can be filtered for them', async () => {
    const record = (seq: number) => frame(naiveExtended({ level: 6, seq, tsUsec: seq, text: `r${seq}` }));
    const file = join(folder, 'experts.pcap');
    const bad = frame(Buffer.from('6,20,21,-,ncfrag=9/5;abc'));
    writeFileSync(file, capture([record(1), record(2), record(5), record(2), bad]));
    const numbers = async (filter: string) => {
      const { stdout } = await run('tshark', [
        '-n',
        '-X',
        `lua_script:${script}`,
        '-r',
        file,
        '-Y',
        filter,
        '-T',
        'fields',
        '-e',
        'frame.number',
      ]);
      return stdout.split('\n').filter(Boolean).map(Number);
    };
    expect(await numbers('netconsole.expert.gap')).toEqual([3]);
    expect(await numbers('netconsole.gap == 2')).toEqual([3]);
    expect(await numbers('netconsole.copy_of == 2')).toEqual([4]);
    expect(await numbers('netconsole.expert.fragment')).toEqual([5]);
    expect(await numbers('netconsole.expert.odd')).toEqual([5]);
    expect(await numbers('netconsole.seq > 2 && netconsole.level == "info" && netconsole.text == "r5"')).toEqual([3]);
  });

  it('takes ports by preference', async () => {
    const file = join(folder, 'ports.pcap');
    writeFileSync(file, capture([frame(Buffer.from([1, 2, 3, 4]), { srcPort: 40001, dstPort: 40002 })]));
    const kind = async (...more: string[]) => {
      const { stdout } = await run('tshark', [
        '-n',
        '-X',
        `lua_script:${script}`,
        ...more,
        '-r',
        file,
        '-T',
        'fields',
        '-e',
        'netconsole.kind',
      ]);
      return stdout.trim();
    };
    expect(await kind()).toBe('');
    expect(await kind('-o', 'netconsole.ports:40000-40005')).toBe('plain');
  });
});
