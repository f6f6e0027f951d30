import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../../src/kernel/index.js';
import { profile as profileOf } from '../../../../src/profile/index.js';
import { type Decoded, decodeFrame } from '../../../../src/wire/decode.js';
import { FragmentJoiner } from '../../../../src/wire/joiner.js';
import { type Bench, bench, errno, MODERN, PRB } from '../../../support/harness.js';
import { naiveExtended, naiveFragments, naiveFrame, naivePlain, naivePlainPayloads } from '../../../support/naive.js';
import { FRAMES } from '../../wire/vectors.js';

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const hexOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const MAC = '12:34:56:78:9a:bc';
const T1 = 'netconsole/t1';

/** A target t1 made through configfs, as the shell would. */
function target(b: Bench, attributes: Record<string, string> = {}): void {
  const { fs } = b.kernel;
  if (insideOf(b.kernel).modules.get('netconsole') === undefined) b.kernel.insmod('netconsole');
  fs.mkdir(T1);
  for (const [name, value] of Object.entries({ remote_ip: '10.0.0.2', remote_mac: MAC, ...attributes })) {
    fs.write(`${T1}/${name}`, `${value}\n`);
  }
  fs.write(`${T1}/enabled`, '1\n');
  b.take();
}

function userdata(b: Bench, key: string, value: string | Uint8Array): void {
  b.kernel.fs.mkdir(`${T1}/userdata/${key}`);
  b.kernel.fs.write(`${T1}/userdata/${key}/value`, value);
}

describe('whole frames that running kernels sent', () => {
  /** The kernel that the frame came from, set up so that its next frame is this one. */
  const again = (wanted: Uint8Array, name: string, text: string, plain: boolean): Uint8Array | undefined => {
    const { ethernet, ip, udp, message, padding } = decodeFrame(wanted) as Required<Decoded>;
    const mac = Uint8Array.from(ethernet.src.split(':'), (pair) => Number.parseInt(pair, 16));
    const b = bench(name, {
      device: { mac, keep: true, padding: padding > 0 ? 'zero60' : 'none' },
      dev: { addresses: [`${ip.src}/${ip.src.includes(':') ? 64 : 24}`] },
    });
    b.kernel.insmod(
      'netconsole',
      `${plain ? '' : '+'}${udp.srcPort}@${ip.src}/eth0,${udp.dstPort}@${ip.dst}/${ethernet.dst}`,
    );
    if (message.kind === 'extended') insideOf(b.kernel).ring.skipTo(message.seq);
    insideOf(b.kernel).netpoll.ipIdent = (ip.id ?? 1) - 1;
    b.device.frames.length = 0;
    insideOf(b.kernel).consoles.consoleLoglevel = 8;
    b.kernel.printk(Buffer.from(text, 'latin1'), {
      facility: 1,
      level: 6,
      tsUsec: message.kind === 'extended' ? message.tsUsec : 10_326_585,
    });
    return b.device.frames.at(-1);
  };

  it.each([
    ['extended', '6.1s', 'z\n'],
    ['escapes', '6.1s', 'MARK-F tab\there\\back\x7f\xe9\x1b[0m\n'],
    ['ipv6Odd', '6.1s', 'MARK-IP6 odd\n'],
    ['ipv6Even', '6.1s', 'MARK-IP6 even\n'],
  ] as const)('%s of %s', (name, profile, text) => {
    expect(hexOf(again(FRAMES[name], profile, text, false))).toBe(hexOf(FRAMES[name]));
  });

  it('plain of 6.1s', () => expect(hexOf(again(FRAMES.plain, '6.1s', 'z\n', true))).toBe(hexOf(FRAMES.plain)));

  it.each(['oneByte', 'padded'] as const)('%s: a single newline', (name) => {
    const { ethernet, ip, udp, padding } = decodeFrame(FRAMES[name]) as Required<Decoded>;
    const mac = Uint8Array.from(ethernet.src.split(':'), (pair) => Number.parseInt(pair, 16));
    const b = bench('6.1s', { time: false, device: { mac, keep: true, padding: padding > 0 ? 'zero60' : 'none' } });
    b.kernel.insmod('netconsole', `${udp.srcPort}@${ip.src}/eth0,${udp.dstPort}@${ip.dst}/${ethernet.dst}`);
    insideOf(b.kernel).netpoll.ipIdent = ip.id! - 1;
    b.kernel.printk('\n');
    expect(hexOf(b.device.frames.at(-1))).toBe(hexOf(FRAMES[name]));
  });

  it('userdata of 7.3', () => {
    const wanted = FRAMES.userdata;
    const { ethernet, ip, udp, message } = decodeFrame(wanted) as Required<Decoded>;
    if (message.kind !== 'extended') throw new Error('not extended');
    const b = bench('7.3');
    target(b, {
      extended: '1',
      local_ip: ip.src,
      remote_ip: ip.dst,
      remote_mac: ethernet.dst,
      local_port: String(udp.srcPort),
      remote_port: String(udp.dstPort),
    });
    userdata(b, 'foo', 'x\x01\\y;z\n');
    insideOf(b.kernel).ring.skipTo(message.seq);
    insideOf(b.kernel).netpoll.ipIdent = ip.id! - 1;
    b.kernel.printk('MARK-U1 userdata\n', { facility: 1, level: 6, tsUsec: message.tsUsec });
    expect(hexOf(b.device.frames.at(-1))).toBe(hexOf(wanted));
  });
});

/** An extended message of `total` bytes with everything that is appended. */
function sendTotal(b: Bench, total: number, extra: number): string[] {
  const { kernel } = b;
  kernel.printk('x\n', { level: 6 });
  const header = b.take().join('').indexOf(';') + 1;
  kernel.printk(`${'y'.repeat(total - extra - header - 1)}\n`, { level: 6 });
  return b.take();
}

describe('a message of 999, 1000 and 1001 bytes', () => {
  const lengths = (payloads: readonly string[]) => payloads.map((payload) => payload.length);

  it.each(MODERN)('%s: without appendix: one datagram up to 1000', (name) => {
    const b = bench(name);
    b.kernel.insmod('netconsole', '+@/eth0,@10.0.0.2/');
    b.take();
    b.kernel.advanceTo(2_000_000);
    for (const total of [999, 1000]) {
      const [payload, ...rest] = sendTotal(b, total, 0);
      expect([payload!.length, rest.length, payload!.endsWith('y\n')]).toEqual([total, 0, true]);
    }
    const [one, two] = sendTotal(b, 1001, 0);
    expect(one!.length).toBe(1000);
    expect(one).toMatch(/,ncfrag=0\/\d+;y+$/);
    expect(two).toMatch(/,ncfrag=\d+\/\d+;y+\n$/);
  });

  it.each(MODERN.filter((name) => profileOf(name).releaseFeature))('%s: with a release', (name) => {
    const b = bench(name, { release: '1.2.3' });
    target(b, { extended: '1', release: '1' });
    b.kernel.advanceTo(2_000_000);
    expect(sendTotal(b, 999, 0)).toEqual([expect.stringMatching(/^1\.2\.3,6,\d+,2000000,-;y+\n$/)]);
    const [payload, ...rest] = sendTotal(b, 1000, 0);
    expect([payload!.length, rest.length]).toEqual([1000, 0]);
    expect(payload!.at(-1)).toBe(profileOf(name).edgeBug ? '\0' : '\n');
    expect(lengths(sendTotal(b, 1001, 0))[0]).toBe(1000);
  });

  it.each(MODERN.filter((name) => profileOf(name).userdataItems > 0))('%s: with userdata', (name) => {
    const b = bench(name);
    target(b, { extended: '1' });
    userdata(b, 'foo', 'bar');
    userdata(b, 'qux', 'baz');
    const extra = 2 * ' foo=bar\n'.length;
    const measured = (total: number) => {
      const { kernel } = b;
      kernel.printk('x\n');
      const header = b.take().join('').indexOf(';') + 1;
      kernel.printk(`${'y'.repeat(total - extra - header - 1)}\n`);
      return b.take();
    };
    b.kernel.advanceTo(2_000_000);
    expect(measured(999)).toEqual([expect.stringMatching(/y\n foo=bar\n qux=baz\n$/)]);
    const [payload, ...rest] = measured(1000);
    expect(rest).toEqual([]);
    expect(payload).toMatch(profileOf(name).edgeBug ? / qux=baz$/ : / qux=baz\n$/);
    expect(payload!.length).toBe(profileOf(name).edgeBug ? 999 : 1000);
    const pieces = measured(1001);
    expect(lengths(pieces)[0]).toBe(1000);
    expect(pieces.length).toBe(2);
  });

  it.each(MODERN)('%s: has the bug exactly from 6.6 to 7.1', (name) => {
    const at = MODERN.indexOf(name);
    expect(profileOf(name).edgeBug).toBe(at >= MODERN.indexOf('6.6') && at < MODERN.indexOf('7.2'));
  });
});

describe('pieces that running kernels sent', () => {
  it('6.12: a total of 1001 with two userdata lines: 1000 and 47 bytes', () => {
    const b = bench('6.12');
    target(b, { extended: '1' });
    userdata(b, 'foo', 'bar');
    userdata(b, 'qux', 'baz');
    // A header of 17 bytes with its semicolon, and 18 bytes of userdata.
    insideOf(b.kernel).ring.skipTo(500);
    b.kernel.printk(`${'y'.repeat(1001 - 18 - 18 - 1)}\n`, { facility: 1, level: 6, tsUsec: 19_234_663 });
    const pieces = b.take();
    expect(pieces.map((piece) => piece.slice(0, piece.indexOf(';') + 1).replace(/^.*,-/, ''))).toEqual([
      ',ncfrag=0/983;',
      ',ncfrag=969/983;',
    ]);
    expect(pieces.map((piece) => piece.length)).toEqual([1000, 18 - 1 + ',ncfrag=969/983;'.length + 14]);
    expect(pieces[1]).toMatch(/;=bar\n qux=baz\n$/);
  });

  it('6.1: 984 bytes of text behind a header of 16', () => {
    const b = bench('6.1s');
    b.kernel.insmod('netconsole', '+@/eth0,@10.0.0.2/');
    b.take();
    insideOf(b.kernel).ring.skipTo(420);
    b.kernel.printk(`${'y'.repeat(983)}\n`, { facility: 1, level: 6, tsUsec: 9_207_537 });
    const pieces = b.take();
    expect(pieces.map((piece) => piece.split(';')[0])).toEqual([
      '14,420,9207537,-,ncfrag=0/984',
      '14,420,9207537,-,ncfrag=970/984',
    ]);
    expect(pieces.map((piece) => piece.split(';')[1]!.length)).toEqual([970, 14]);
  });

  it.each(['6.12', '7.3'])('%s: 988 bytes of text and 1188 of userdata: offsets 0, 968, 1934', (name) => {
    const b = bench(name);
    target(b, { extended: '1' });
    // Six lines of 198 bytes.
    for (let i = 0; i < 6; i++) userdata(b, `k${i}`, 'v'.repeat(193));
    insideOf(b.kernel).ring.skipTo(500);
    b.kernel.printk(`${'y'.repeat(987)}\n`, { facility: 1, level: 6, tsUsec: 19_207_537 });
    const pieces = b.take();
    expect(pieces.map((piece) => /ncfrag=(\d+)\/2176;/.exec(piece)?.[1])).toEqual(['0', '968', '1934']);
    expect(pieces.map((piece) => piece.length).slice(0, 2)).toEqual([1000, 1000]);
  });

  it('7.3: all sysdata, and the release in front', () => {
    const b = bench('7.3', { release: '7.3.4+deb13-amd64' });
    target(b, { extended: '1', release: '1' });
    for (const name of ['cpu_nr', 'taskname', 'release', 'msgid'])
      b.kernel.fs.write(`${T1}/userdata/${name}_enabled`, '1');
    b.kernel.current = { pid: 77, comm: 'wr', cpu: 0 };
    b.kernel.kmsg.write('<6>MARK-W sysdata\n');
    expect(b.take()).toEqual([
      expect.stringMatching(
        /^7\.3\.4\+deb13-amd64,14,\d+,\d+,-;MARK-W sysdata\n cpu=0\n taskname=wr\n release=7\.3\.4\+deb13-amd64\n msgid=1\n$/,
      ),
    ]);
  });
});

describe('whatever is logged', () => {
  const names = fc.constantFrom(...PRB);
  const value = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 198,
  });

  it('extended: the datagrams are those of the naive codec, and joined again the message', () => {
    fc.assert(
      fc.property(
        names,
        fc.uint8Array({ minLength: 1, maxLength: 1022 }),
        fc.option(fc.stringMatching(/^[0-9]\.[0-9]{1,2}\.[0-9]+[a-z0-9+-]{0,30}$/), { nil: undefined }),
        fc.array(value, { maxLength: 9 }),
        fc.subarray(['cpu_nr', 'taskname', 'release', 'msgid']),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (name, text, release, values, sysdata, tsUsec) => {
          const profile = profileOf(name);
          const b = bench(name, release === undefined ? {} : { release });
          const prepend = release !== undefined && profile.releaseFeature;
          target(b, { extended: '1', ...(prepend ? { release: '1' } : {}) });
          let lines = '';
          if (profile.userdataItems > 0) {
            values.forEach((v, i) => {
              const stored = v.endsWith('\n') ? v.slice(0, -1) : v;
              if (stored === '') return;
              userdata(b, `key${i}`, Buffer.from(v, 'latin1'));
              lines += ` key${i}=${stored}\n`;
            });
          }
          b.kernel.current = { pid: 5, comm: 'some task', cpu: 3 };
          if (profile.sysdata) {
            for (const field of sysdata.filter((f) => f !== 'msgid' || profile.sysdataMsgid))
              b.kernel.fs.write(`${T1}/userdata/${field}_enabled`, '1');
            if (sysdata.includes('cpu_nr')) lines += ' cpu=3\n';
            if (sysdata.includes('taskname')) lines += ' taskname=some task\n';
            if (sysdata.includes('release')) lines += ` release=${b.kernel.inspect().release}\n`;
            if (sysdata.includes('msgid') && profile.sysdataMsgid) lines += ' msgid=1\n';
          }
          // Behind a facility no marker is read; one newline is added, and taken off.
          const kept = text.subarray(0, Math.min(text.length, insideOf(b.kernel).store.recordMax - 2));
          b.kernel.printk(Buffer.concat([kept, Buffer.from('\n')]), { facility: 3, level: 5, tsUsec });
          const seq = insideOf(b.kernel).ring.nextSeq - 1;
          const message = naiveExtended({ facility: 3, level: 5, seq, tsUsec, text: kept }, profile.extMax);
          const options = {
            ...(prepend ? { release } : {}),
            userdata: Buffer.from(lines, 'latin1'),
            edgeBug: profile.edgeBug,
          };
          const frames = b.frames();
          expect(frames.map(({ payload }) => latin1(payload!))).toEqual(naiveFragments(message, options).map(latin1));
          const joiner = new FragmentJoiner();
          const bodies = frames.map(({ message: m, ip, udp }) => {
            if (m?.kind !== 'extended') throw new Error('not extended');
            return m.fragment === undefined ? m : joiner.push({ ...ip!, ...udp! }, m)?.record;
          });
          const whole = bodies.find((record) => record !== undefined)!;
          const body = latin1(message).slice(message.indexOf(';') + 1) + lines;
          // One datagram of exactly 1000 bytes may lack its last.
          const exact = frames.length > 1 || frames[0]!.payload!.length < 999;
          if (exact) expect(latin1(whole.body)).toBe(body);
          expect(whole.release).toBe(prepend ? release : undefined);
          expect(b.device.slab.inUse).toBe(0);
          b.kernel.close();
        },
      ),
      { numRuns: 250 },
    );
  });

  it('plain: pieces of 1000 bytes, which joined are the text', () => {
    fc.assert(
      fc.property(
        names,
        fc.array(
          fc.oneof(
            { weight: 8, arbitrary: fc.integer({ min: 1, max: 255 }) },
            { weight: 1, arbitrary: fc.constant(10) },
          ),
          { maxLength: 980 },
        ),
        (name, codes) => {
          const b = bench(name);
          target(b);
          const text = Uint8Array.from(codes);
          b.kernel.printk(Buffer.concat([text, Buffer.from('\n')]), { facility: 1, level: 5, tsUsec: 12_345_678 });
          const plain = naivePlain(
            { facility: 1, level: 5, seq: 0, tsUsec: 12_345_678, text },
            profileOf(name).plainMax,
          );
          const payloads = b.take();
          expect(payloads).toEqual(naivePlainPayloads(plain).map(latin1));
          expect(payloads.join('')).toBe(latin1(plain));
          b.kernel.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('the frame around it is the naive one', () => {
    for (const name of PRB) {
      const b = bench(name);
      b.kernel.insmod('netconsole', `4444@10.0.0.1/eth0,9353@10.0.0.2/${MAC}`);
      b.device.frames.length = 0;
      b.kernel.printk('hello\n');
      const want = naiveFrame({
        srcMac: '52:54:00:00:00:01',
        dstMac: MAC,
        srcIp: '10.0.0.1',
        dstIp: '10.0.0.2',
        srcPort: 4444,
        dstPort: 9353,
        id: insideOf(b.kernel).netpoll.ipIdent,
        payload: Buffer.from('[    1.000000] hello\n'),
      });
      expect(hexOf(b.device.frames[0])).toBe(want.toString('hex'));
    }
  });
});

describe('order of targets', () => {
  it.each(MODERN)('%s: the newest sends first', (name) => {
    const b = bench(name);
    b.kernel.insmod('netconsole', '@/eth0,1001@10.0.0.2/;@/eth0,1002@10.0.0.2/');
    b.kernel.fs.mkdir('netconsole/n');
    for (const [attribute, v] of [
      ['remote_ip', '10.0.0.2'],
      ['remote_port', '1003'],
      ['enabled', '1'],
    ])
      b.kernel.fs.write(`netconsole/n/${attribute}`, v!);
    b.device.frames.length = 0;
    b.kernel.printk('x\n');
    expect(b.frames().map(({ udp }) => udp?.dstPort)).toEqual([1003, 1002, 1001]);
    const ids = b.frames().map(({ ip }) => ip!.id!);
    expect(ids).toEqual([ids[0], ids[0]! + 1, ids[0]! + 2]);
  });

  it.each(MODERN)('%s: one that was disabled and enabled again', (name) => {
    const b = bench(name);
    b.kernel.insmod('netconsole');
    for (const i of [1, 2, 3]) {
      b.kernel.fs.mkdir(`netconsole/t${i}`);
      for (const [attribute, v] of [
        ['remote_ip', '10.0.0.2'],
        ['remote_port', `100${i}`],
        ['enabled', '1'],
      ])
        b.kernel.fs.write(`netconsole/t${i}/${attribute}`, v!);
    }
    b.kernel.fs.write('netconsole/t1/enabled', '0');
    b.kernel.fs.write('netconsole/t1/enabled', '1');
    b.device.frames.length = 0;
    b.kernel.printk('x\n');
    const moves = MODERN.indexOf(name) >= MODERN.indexOf('6.12.0');
    expect(b.frames().map(({ udp }) => udp?.dstPort)).toEqual(moves ? [1001, 1003, 1002] : [1003, 1002, 1001]);
  });
});

describe('the IPv4 identification', () => {
  const loaded = (name: string) => {
    const b = bench(name);
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/;@/eth0,6667@10.0.0.2/');
    return b;
  };
  const ids = (b: Bench) => b.frames().map(({ ip }) => ip?.id);

  it.each(MODERN)('%s: begins at 1 and counts over all targets', (name) => {
    const b = loaded(name);
    b.kernel.printk('x\n');
    expect(ids(b)).toEqual(ids(b).map((_, i) => i + 1));
    expect(ids(b).length).toBeGreaterThan(3);
  });

  it('wraps from 65535 to 0', () => {
    const b = loaded('6.12');
    insideOf(b.kernel).netpoll.ipIdent = 65533;
    b.device.frames.length = 0;
    b.kernel.printk('x\n');
    b.kernel.printk('x\n');
    expect(ids(b)).toEqual([65534, 65535, 0, 1]);
  });

  it.each(MODERN)('%s: after the module was loaded again', (name) => {
    const b = loaded(name);
    const before = insideOf(b.kernel).netpoll.ipIdent;
    b.kernel.rmmod('netconsole');
    const gone = insideOf(b.kernel).netpoll.ipIdent;
    expect(gone).toBeGreaterThanOrEqual(before);
    b.device.frames.length = 0;
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    b.kernel.printk('x\n');
    expect(ids(b)[0]).toBe(MODERN.indexOf(name) >= MODERN.indexOf('7.2') ? 1 : gone + 1);
  });

  it('does not move for IPv6, nor for want of a slot, but for a frame that is dropped', () => {
    const b = bench('6.18', { dev: { addresses: ['10.0.0.1/24', 'fd00::1/64'] } });
    b.kernel.insmod('netconsole', '@/eth0,6668@fd00::2/');
    b.kernel.printk('x\n');
    expect(insideOf(b.kernel).netpoll.ipIdent).toBe(0);
    target(b);
    b.kernel.printk('x\n');
    const used = insideOf(b.kernel).netpoll.ipIdent;
    const slots = Array.from({ length: b.device.slab.count }, () => b.device.slab.alloc());
    b.kernel.printk('x\n');
    expect(insideOf(b.kernel).netpoll.ipIdent).toBe(used);
    for (const slot of slots) b.device.slab.free(slot);
    expect(b.kernel.fs.read(`${T1}/transmit_errors`)).toBe('1\n');
  });
});

describe('short frames', () => {
  it.each([
    ['none', 43, 59],
    ['zero60', 60, 60],
  ] as const)('padding %s', (padding, one, seventeen) => {
    const b = bench('6.12', { time: false, device: { keep: true, padding } });
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    b.device.frames.length = 0;
    b.kernel.printk('\n');
    b.kernel.printk(`${'x'.repeat(16)}\n`);
    b.kernel.printk(`${'x'.repeat(20)}\n`);
    expect(b.device.frames.map((frame) => frame.length)).toEqual([one, seventeen, 63]);
    for (const { odd, udp, ip } of b.frames()) expect([odd, udp?.checksum, ip?.checksum]).toEqual([[], 'good', 'good']);
    // What a slot held before does not show.
    if (padding === 'zero60') expect(b.device.frames[0]!.subarray(43).every((byte) => byte === 0)).toBe(true);
  });
});

describe('IPv6', () => {
  it('hop limit 32, and the checksum is there', () => {
    const b = bench('7.3', { dev: { addresses: ['fd00::1/64'] } });
    b.kernel.insmod('netconsole', `+@fd00::1/eth0,@fd00::2/${MAC}`);
    b.device.frames.length = 0;
    b.kernel.printk('x\n');
    const [frame] = b.frames();
    expect(frame?.ip).toMatchObject({ version: 6, ttl: 32, src: 'fd00::1', dst: 'fd00::2' });
    expect(frame?.udp?.checksum).toBe('good');
  });

  it('families may be mixed among targets', () => {
    const b = bench('7.3', { dev: { addresses: ['10.0.0.1/24', 'fd00::1/64'] } });
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/;@/eth0,@fd00::2/');
    b.device.frames.length = 0;
    b.kernel.printk('x\n');
    expect(b.frames().map(({ ip }) => ip?.version)).toEqual([6, 4]);
  });
});

describe('who is not sent to', () => {
  it('a target whose device is down: the record is gone for it', () => {
    const b = bench('6.12');
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    b.kernel.ip((all) => all.setUp(b.eth0, false));
    b.take();
    b.kernel.printk('lost\n');
    b.kernel.ip((all) => all.setUp(b.eth0, true));
    b.kernel.printk('sent\n');
    expect(b.take()).toEqual(['[    1.000000] sent\n']);
  });

  it('anyone while oops_only is set and nothing oopses', () => {
    const b = bench('6.12');
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    insideOf(b.kernel).modules.get('netconsole')!.oopsOnly = true;
    b.take();
    b.kernel.printk('no\n');
    expect(b.take()).toEqual([]);
    b.kernel.oops(() => b.kernel.printk('yes\n'));
    expect(b.take()).toEqual(['[    1.000000] yes\n']);
  });

  it('a target that was never enabled', () => {
    const b = bench('6.12');
    b.kernel.insmod('netconsole');
    b.kernel.fs.mkdir(T1);
    b.kernel.printk('x\n');
    expect(b.take()).toEqual([]);
    expect(errno(() => b.kernel.fs.write(`${T1}/enabled`, '0'))).toBe('EINVAL');
  });
});
