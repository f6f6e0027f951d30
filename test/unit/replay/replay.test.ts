import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { createMemoryDevice, type MemoryDevice } from '../../../src/net/memory.js';
import type { ReplayOptions } from '../../../src/replay/options.js';
import { readLog } from '../../../src/replay/reader.js';
import { replay } from '../../../src/replay/replay.js';
import { createManualClock } from '../../../src/run/clock.js';
import { limitDevice } from '../../../src/transport/limit.js';
import { decodeFrame } from '../../../src/wire/decode.js';

const PLAIN = '6665@192.0.2.1/eth0,6666@192.0.2.2/02:00:00:00:00:02';
const EXTENDED = `+${PLAIN}`;

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const payloads = (device: MemoryDevice): string[] =>
  device.frames.map((frame) => Buffer.from(decodeFrame(frame).payload!).toString('latin1'));

async function send(log: string, options: ReplayOptions = {}, device = createMemoryDevice('eth0')) {
  const summary = await replay(readLog(chunks(log)), device, { profile: '6.12', ...options });
  return { summary, sent: payloads(device), device };
}

const KMSG =
  '6,100,5000000,-;first\n4,101,5000100,-,caller=T7;second\\x09tab\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:03.0\n';

describe('replay', () => {
  it('sends a log that names callers as a kernel that has no such field', async () => {
    const { device } = await send('6,1,1000,-,caller=T7;x\n', { profile: '4.2', targets: [EXTENDED] });
    expect(payloads(device)).toEqual(['6,1,1000,-;x\n']);
  });

  it('keeps seq, stamp, level and dictionary, and sends nothing else', async () => {
    const { sent, summary } = await send(KMSG);
    expect(sent).toEqual([
      '6,100,5000000,-;first\n',
      '4,101,5000100,-,caller=T7;second\\x09tab\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:03.0\n',
    ]);
    expect(summary).toMatchObject({
      format: '/dev/kmsg',
      records: 2,
      frames: 2,
      fragments: 0,
      brokenLines: 0,
      droppedFrames: 0,
      boots: 1,
    });
  });

  it('names the caller if the log does', async () => {
    const { sent } = await send('6,1,5,-,caller=T7;a\n6,2,6,-,caller=C1;b\n');
    expect(sent).toEqual(['6,1,5,-,caller=T7;a\n', '6,2,6,-,caller=C1;b\n']);
  });

  it('names the caller where the log does, and nobody else', async () => {
    const log = '[    1.000000] loader\n[    2.000000][    T7] a\n[    3.000000][   C1] b\n[    4.000000] init\n';
    expect((await send(log)).sent).toEqual([
      '4,0,1000000,-;loader\n',
      '4,1,2000000,-,caller=T7;a\n',
      '4,2,3000000,-,caller=C1;b\n',
      '4,3,4000000,-;init\n',
    ]);
    const { sent } = await send('6,1,1000000,-;a\n6,5,2000000,-,caller=T7;b\n', { targets: [PLAIN] });
    expect(sent.join('')).toBe('[    1.000000] a\n** 3 printk messages dropped **\n[    2.000000][    T7] b\n');
  });

  it('keeps the kernels of hosts whose records lie between each other’s, stamps and seqs their own', async () => {
    const syslog = (host: string, second: number, text: string) => `Jan  2 03:04:0${second} ${host} kernel: ${text}\n`;
    const stamped = syslog('a', 1, '[    5.000000] a0') + syslog('b', 1, '[  900.000000] b0');
    const { sent, summary } = await send(
      stamped +
        syslog('a', 2, '[    6.000000] a1') +
        syslog('b', 2, '[  901.000000] b1') +
        syslog('a', 3, '[    7.000000] a2'),
    );
    expect(sent.map((text) => text.replace(/^4,/, ''))).toEqual([
      '0,5000000,-;a0\n',
      '0,900000000,-;b0\n',
      '1,6000000,-;a1\n',
      '1,901000000,-;b1\n',
      '2,7000000,-;a2\n',
    ]);
    expect(summary).toMatchObject({ boots: 2, logHosts: 2 });
    const dated = await send(syslog('a', 1, 'a0') + syslog('b', 3, 'b0') + syslog('a', 4, 'a1') + syslog('b', 5, 'b1'));
    expect(dated.sent.map((text) => text.replace(/^4,/, ''))).toEqual([
      '0,0,-;a0\n',
      '0,0,-;b0\n',
      '1,3000000,-;a1\n',
      '1,2000000,-;b1\n',
    ]);
  });

  it('follows a gap in the log, and tells plain targets of it', async () => {
    const log = '6,5,1000000,-;a\n6,9,2000000,-;b\n';
    expect((await send(log)).sent).toEqual(['6,5,1000000,-;a\n', '6,9,2000000,-;b\n']);
    expect((await send(log, { targets: [PLAIN] })).sent.join('')).toBe(
      '[    1.000000] a\n** 3 printk messages dropped **\n[    2.000000] b\n',
    );
  });

  it('follows a gap far beyond the ring', async () => {
    expect((await send('6,5,1,-;a\n6,90000000000,2,-;b\n')).sent[1]).toBe('6,90000000000,2,-;b\n');
  });

  it('boots anew where the seq goes back', async () => {
    const { sent, summary } = await send('6,5,1000000,-;a\n6,6,1000001,-;b\n6,0,0,-;c\n6,1,7,-;d\n');
    expect(sent.map((s) => s.split(',')[1])).toEqual(['5', '6', '0', '1']);
    expect(summary).toMatchObject({ boots: 2, droppedFrames: 0, frames: 4 });
  });

  it('counts from 0 and keeps stamps where the log has no seq', async () => {
    const { sent } = await send('[    1.000000] a\n[    2.500000] b\n');
    expect(sent).toEqual(['4,0,1000000,-;a\n', '4,1,2500000,-;b\n']);
  });

  it('keeps back what the loglevel keeps back, and says so', async () => {
    const log = '7,0,1,-;debug\n6,1,2,-;info\n3,2,3,-;error\n';
    expect(await send(log)).toMatchObject({ summary: { records: 3, filtered: 1, frames: 2 } });
    expect(await send(log, { loglevel: 4 })).toMatchObject({ sent: ['3,2,3,-;error\n'], summary: { filtered: 2 } });
    expect((await send(log, { loglevel: 8 })).summary.filtered).toBe(0);
  });

  it('counts broken lines, and names them', async () => {
    const { summary } = await send('6,0,1,-;a\n6,zzz\n6,1,2,-;b\n');
    expect(summary).toMatchObject({ records: 2, brokenLines: 1 });
    expect(summary.problems[0]).toMatchObject({ line: 2 });
  });

  it('counts records that lose their end', async () => {
    const { summary, sent } = await send(`6,0,1,-;${'x'.repeat(3000)}\n`);
    expect(summary).toMatchObject({ cutRecords: 1, frames: 2, fragments: 2 });
    expect(sent[0]!.length).toBe(1000);
  });

  it('serves several targets, on several interfaces', async () => {
    const targets = [EXTENDED, `netconsole=@192.0.2.1/wan0,@192.0.2.3/`];
    const { device, sent } = await send('6,0,1000000,-;a\n', { targets });
    expect(sent.sort()).toEqual(['6,0,1000000,-;a\n', '[    1.000000] a\n']);
    expect(new Set(device.frames.map((f) => decodeFrame(f).ip?.dst))).toEqual(new Set(['192.0.2.2', '192.0.2.3']));
  });

  it('is several hosts, each with its own addresses', async () => {
    const { device, summary } = await send('6,7,1,-;a\n6,8,2,-;b\n', { hosts: 300, firstHost: 1 });
    const from = device.frames.map((f) => decodeFrame(f)).map((d) => `${d.ethernet?.src} ${d.ip?.src}`);
    expect(new Set(from).size).toBe(300);
    expect(from).toContain('52:54:00:12:34:57 192.0.2.3');
    expect(from).toContain('52:54:00:12:35:82 192.0.3.48');
    expect(summary).toMatchObject({ hosts: 300, records: 2, frames: 600 });
    expect(device.frames.every((f) => decodeFrame(f).udp?.checksum === 'good')).toBe(true);
  });

  it("takes hosts' own addresses for IPv6, and for a device named by its hardware address", async () => {
    const targets = ['+@/02:00:00:00:00:aa,@2001:db8::9/'];
    const { device } = await send('6,7,1,-;a\n', { hosts: 2, targets, profile: '7.2' });
    expect(
      device.frames.map((f) => decodeFrame(f)).map((d) => `${d.ethernet?.src} ${d.ip?.src} ${d.udp?.checksum}`),
    ).toEqual(['02:00:00:00:00:aa 2001:db8::1 good', '02:00:00:00:00:ab 2001:db8::2 good']);
  });

  it.each(['6.1', '6.12', '7.3'])('loses nothing of a log larger than the ring and the slab (%s)', async (profile) => {
    const lines = Array.from({ length: 3000 }, (_, i) => `6,${i},${i},-;${'z'.repeat((i * 37) % 900)}${i}\n`);
    const options = { profile, logBufShift: 12 };
    const { sent, summary } = await send(lines.join(''), options, createMemoryDevice('eth0', { slots: 16 }));
    expect(summary).toMatchObject({ droppedFrames: 0, droppedRecords: 0, cutRecords: 0 });
    expect(sent.map((s) => Number(s.split(',')[1]))).toEqual(lines.map((_, i) => i));
  });

  it('waits for a device that is busy, and loses nothing', async () => {
    const memory = createMemoryDevice('eth0', { slots: 64 });
    const lines = Array.from({ length: 400 }, (_, i) => `6,${i},${i},-;record ${i}\n`);
    // Made when the first records have been read: its rate begins with them.
    const device = async () => limitDevice(memory, { rate: 2000 });
    const summary = await replay(readLog(chunks(lines.join(''))), device, { profile: '7.2' });
    expect(summary).toMatchObject({ frames: 400, droppedFrames: 0 });
    expect(summary.seconds).toBeGreaterThan(0.08);
    expect(payloads(memory).map((s) => Number(s.split(',')[1]))).toEqual(lines.map((_, i) => i));
  });

  it('ends when the device does, soon, and says why', async () => {
    const memory = createMemoryDevice('eth0');
    const lines = Array.from({ length: 5000 }, (_, i) => `6,${i},${i},-;record ${i}\n`);
    const summary = await replay(readLog(chunks(lines.join(''))), limitDevice(memory, { maxFrames: 100 }), {});
    expect(summary.stopped?.message).toContain('100 frames (maxFrames)');
    expect(summary.frames).toBe(100);
    expect(summary.records).toBeLessThan(600);
    expect(summary.records - summary.frames).toBe(summary.unsentFrames);
    expect(summary).toMatchObject({ droppedFrames: 0, stopped: { cap: true } });
  });

  it('keeps the recorded pace, at the speed asked for', async () => {
    const clock = createManualClock();
    const memory = createMemoryDevice('eth0', { keep: false, onFrame: () => at.push(clock.now()) });
    const at: number[] = [];
    const log = '6,0,1000000,-;a\n6,1,2000000,-;b\n6,2,2000000,-;c\n6,3,6000000,-;d\n';
    const done = replay(readLog(chunks(log)), memory, { speed: 2, clock });
    let summary: unknown;
    void done.then((s) => {
      summary = s;
    });
    while (summary === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.next !== undefined) clock.advanceTo(clock.next);
    }
    expect(at).toEqual([0, 500_000, 500_000, 2_500_000]);
    expect(summary).toMatchObject({ seconds: 2.5 });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const lines = Array.from({ length: 100 }, (_, i) => `6,${i},${i}000000,-;x\n`);
    setTimeout(() => stop.abort(), 30);
    const { summary } = await send(lines.join(''), { speed: 1, signal: stop.signal });
    expect(summary.stopped?.code).toBe('EINTR');
    expect(summary.frames).toBeLessThan(5);
  });

  it('tells a capture the stamp of each record', async () => {
    const stamp = { usec: 0 };
    const at: number[] = [];
    const device = createMemoryDevice('eth0', { keep: false, onFrame: () => at.push(stamp.usec) });
    await replay(readLog(chunks('6,0,5,-;a\n6,1,70,-;b\n')), device, { stamp });
    expect(at).toEqual([5, 70]);
  });

  it.each([
    ['2001', ['netconsole 2001', 'a\n', 'b\n']],
    ['2003', ['a\n', 'b\n']],
  ] as const)('is a host of %s', async (as, ends) => {
    const device = createMemoryDevice('eth0', { slots: 256 });
    const options = { as, hosts: 2, targets: ['6665@10.0.0.1/eth1,6666@10.0.0.9/'] } as const;
    const { profile: _, ...summary } = await replay(readLog(chunks('6,0,1,-;a\n6,1,2,-;b\n')), device, options);
    expect(summary).toMatchObject({ records: 2, droppedFrames: 0 });
    const ours = device.frames.map((f) => decodeFrame(f)).filter((d) => d.ip?.src === '10.0.0.2');
    expect(
      ours.map((d) => Buffer.from(d.payload!).toString('latin1')).filter((t) => t.endsWith(ends.at(-1)!)).length,
    ).toBe(1);
    expect(ours.length).toBe(ends.length);
  });

  it('dumps the whole log with netoops, at its end', async () => {
    const device = createMemoryDevice('eth0');
    const summary = await replay(readLog(chunks('6,0,1,-;first\n6,1,2,-;last\n')), device, { as: 'netoops' });
    expect(summary.profile).toBe('2.6.37');
    expect(device.frames.length).toBeGreaterThan(0);
    const [message] = device.frames.map((f) => decodeFrame(f).message);
    expect(message?.kind === 'netoops' && Buffer.from(message.data).toString()).toMatch(/first\n[\s\S]*last\n/);
  });

  it('opens nothing for a log that is none', async () => {
    let opened = 0;
    const open = async () => {
      opened++;
      return createMemoryDevice('eth0');
    };
    await expect(replay(readLog(chunks('no log at all\n')), open)).rejects.toThrow('is no kernel log');
    expect(opened).toBe(0);
  });

  it.each([
    [{ targets: ['+@/eth0,@bad/'] }, /the kernel says ".*couldn't parse config at 'bad'!"/],
    [{ targets: [] }, /no target/],
    [{ targets: ['+@/a-name-of-20-bytes-,@10.0.0.2/'] }, /is over 15 bytes/],
    [{ targets: ['r@/eth0,@10.0.0.2/'], profile: '6.6' }, /Release feature requires extended/],
    [{ profile: 'nine' }, /no kernel profile "nine"; choose one of/],
    [{ loglevel: 9 }, /loglevel is 9/],
    [{ hosts: 0 }, /hosts is 0/],
    [{ as: '2003', targets: ['+@/eth0,@10.0.0.2/'] }, /these systems have one target/],
    [{ as: '2001', targets: ['@/eth0,@::2/'] }, /not an IPv4 address/],
    [{ reliable: 'tcp' }, /reliable is 'tcp'/],
  ] as [ReplayOptions, RegExp][])('refuses %j', async (options, message) => {
    await expect(send(KMSG, options)).rejects.toThrow(message);
    await expect(send(KMSG, options)).rejects.toBeInstanceOf(KernelError);
  });
});
