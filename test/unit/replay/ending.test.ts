/** What a replay says at its end, and what a run is told beside the log. */
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { createReceiver } from '../../../src/receiver/index.js';
import type { ReplayOptions } from '../../../src/replay/options.js';
import { readLog } from '../../../src/replay/reader.js';
import { replay } from '../../../src/replay/replay.js';
import { limitDevice } from '../../../src/transport/limit.js';
import { decodeFrame } from '../../../src/wire/decode.js';

const text = (...lines: string[]) => ({ text: `${lines.join('\n')}\n` });
const lines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `6,${from + i},${i * 1000},-;line ${i}`);

async function send(log: () => ReturnType<typeof readLog>, options: ReplayOptions = {}) {
  const device = createMemoryDevice('eth0', { slots: 64 });
  const summary = await replay(log, device, { profile: '7.2', ...options });
  const sent = device.frames.map((frame) => Buffer.from(decodeFrame(frame).payload!).toString('latin1').trimEnd());
  return { summary, sent };
}

describe('a log that is sent several times', () => {
  const log = () => readLog(text('6,7,5000,-;a', '6,9,9000,-;b'));

  it('goes on with the seqs and stamps that follow', async () => {
    const { sent, summary } = await send(log, { loop: 3 });
    expect(sent).toEqual([
      '6,7,5000,-;a',
      '6,9,9000,-;b',
      '6,10,9000,-;a',
      '6,12,13000,-;b',
      '6,13,13000,-;a',
      '6,15,17000,-;b',
    ]);
    expect(summary).toMatchObject({ records: 6, boots: 1 });
  });

  it('or is another boot each time', async () => {
    const { sent, summary } = await send(log, { loop: 2, loopAs: 'reboots' });
    expect(sent).toEqual(['6,7,5000,-;a', '6,9,9000,-;b', '6,7,5000,-;a', '6,9,9000,-;b']);
    expect(summary).toMatchObject({ records: 4, boots: 2 });
  });

  it('of several boots: the first of them goes on where the last one ended', async () => {
    const two = () => readLog(text('6,5,9000000,-;a', '6,0,1000,-;b', '6,1,2000,-;c'));
    const { sent, summary } = await send(two, { loop: 2 });
    expect(sent.slice(3)).toEqual(['6,2,2000,-;a', '6,0,1000,-;b', '6,1,2000,-;c']);
    expect(summary.boots).toBe(3);
  });

  it('without seqs and stamps', async () => {
    const { sent } = await send(() => readLog(text('<6>a', '<6>b')), { loop: 2 });
    expect(sent).toEqual(['6,0,0,-;a', '6,1,0,-;b', '6,2,0,-;a', '6,3,0,-;b']);
  });

  it('is given as a function that reads it', async () => {
    const once = readLog(text('<6>a'));
    await expect(replay(once, createMemoryDevice('eth0'), { loop: 2 })).rejects.toThrow(/a function that reads it/);
    await expect(send(log, { loop: 0 })).rejects.toThrow(/loop is 0/);
  });
});

describe("the release of the log's own kernel", () => {
  const target = '+r6665@192.0.2.1/eth0,6666@192.0.2.2/02:00:00:00:00:02';
  const releases = async (log: string[], options: ReplayOptions = {}) => {
    const { sent } = await send(() => readLog(text(...log)), { targets: [target], ...options });
    return sent.map((payload) => /^[^,]*/.exec(payload)![0]);
  };
  const banner = (release: string) => `Linux version ${release} (builder@host) (gcc 12.2.0) #1 SMP`;

  it('is sent with +r', async () => {
    expect(await releases([`5,0,0,-;${banner('5.10.0-28-amd64')}`, '6,1,5,-;x'])).toEqual([
      '5.10.0-28-amd64',
      '5.10.0-28-amd64',
    ]);
    expect(await releases(['6,0,0,-;Booting Linux on physical CPU 0x0', `5,1,0,-;${banner('6.6.31')}`])).toEqual([
      '6.6.31',
      '6.6.31',
    ]);
  });

  it('is that of each boot', async () => {
    const two = [`5,0,0,-;${banner('6.1.0')}`, '6,1,9000000,-;x', `5,0,3,-;${banner('6.6.0-rc1')}`, '6,1,5,-;y'];
    expect(await releases(two)).toEqual(['6.1.0', '6.1.0', '6.6.0-rc1', '6.6.0-rc1']);
  });

  it("is the profile's without a banner, and what it is told above all", async () => {
    expect(await releases(['6,7,0,-;x'])).not.toEqual(['6.1.0']);
    expect(await releases([`5,0,0,-;${banner('6.1.0')}`], { release: '9.9' })).toEqual(['9.9']);
  });
});

describe('why frames were not sent', () => {
  it('a cap leaves the rest unsent, which is no loss', async () => {
    const device = limitDevice(createMemoryDevice('eth0'), { maxFrames: 10 });
    const summary = await replay(readLog(text(...lines(100))), device, {});
    expect(summary).toMatchObject({ frames: 10, droppedFrames: 0, interfaceDown: 0, leftInQueue: 0 });
    expect(summary.unsentFrames).toBe(summary.records - 10);
    expect(summary.stopped).toMatchObject({ cap: true });
  });

  it('an abort while frames wait does, too', async () => {
    const stop = new AbortController();
    // Not at a time: on a slow machine nothing may have been sent by then.
    let sent = 0;
    const device = createMemoryDevice('eth0', {
      onFrame: () => {
        if (++sent === 5) setImmediate(() => stop.abort());
      },
    });
    const summary = await replay(readLog(text(...lines(100))), device, {
      pacing: { rate: 100, burst: 1 },
      signal: stop.signal,
    });
    expect(summary.stopped).toMatchObject({ code: 'EINTR' });
    expect(summary.droppedFrames).toBe(0);
    expect(summary.unsentFrames).toBeGreaterThanOrEqual(1);
  });

  it('an abort while it lingers ends nothing early', async () => {
    const stop = new AbortController();
    let frames = 0;
    const device = createMemoryDevice('eth0', {
      onFrame: () => {
        // The last one has left: what comes in a later turn of the event loop finds it lingering.
        if (++frames === 3) setTimeout(() => stop.abort(), 1);
      },
    });
    const summary = await replay(readLog(text(...lines(3))), device, { lingerSeconds: 30, signal: stop.signal });
    expect(summary).toMatchObject({ records: 3, frames: 3 });
    expect(summary.stopped).toBeUndefined();
    expect(summary.seconds).toBeLessThan(20);
  });
});

describe('what became of each host', () => {
  const perHost = async (log: () => ReturnType<typeof readLog>, options: ReplayOptions) => {
    const device = createMemoryDevice('eth0', { slots: 256 });
    const summary = await replay(log(), device, { profile: '7.2', ...options });
    const sources = device.frames.map((frame) => decodeFrame(frame).ip!.src);
    return { summary, framesFrom: (ip: string) => sources.filter((source) => source === ip).length };
  };

  it('is told, the one that lost most first', async () => {
    const impair = { seed: 5, out: { loss: 0.3, duplicate: 0.1 } };
    const two = () => readLog(text(...lines(150), '6,0,1000,-;b', '6,1,2000,-;c'));
    const { summary, framesFrom } = await perHost(two, { hosts: 6, impair });
    const { worst, network } = summary;
    expect(worst.map(({ host }) => host).toSorted()).toEqual([1, 3, 4, 5, 6, 7].map((n) => `192.0.2.${n}`));
    for (const { host, frames, records } of worst)
      expect([host, frames, records]).toEqual([host, framesFrom(host), 152]);
    const lost = worst.map((host) => host.lost!);
    expect(lost).toEqual(lost.toSorted((a, b) => b - a));
    expect(lost[0]).toBeGreaterThan(lost.at(-1)!);
    expect(lost.reduce((sum, one) => sum + one)).toBe(network!.out.lost);
  });

  it('has the places where records and frames were lost', async () => {
    const log = () => readLog(text('<6>a', `<6>${'x'.repeat(9000)}`, '<6>b'));
    const cut = await perHost(log, { hosts: 2, logBufShift: 12 });
    const places = { noSlot: 0, interfaceDown: 0, leftInQueue: 0, droppedRecords: 0, cutRecords: 1 };
    const counts = { records: 3, frames: 4, fragments: 2, ...places };
    expect(cut.summary.worst).toEqual([
      { host: '192.0.2.1', ...counts },
      { host: '192.0.2.3', ...counts },
    ]);
    expect(cut.summary).toMatchObject({ ...places, cutRecords: 2 });
  });

  it('has the frames that waited when the device went', async () => {
    const device = createMemoryDevice('eth0', { slots: 64 });
    device.busy = true;
    const looks = setInterval(() => {
      if (device.slab.inUse === 0) return;
      clearInterval(looks);
      device.fail(new KernelError('ENETDOWN', 'send', 'gone'));
    }, 5);
    const summary = await replay(readLog(text(...lines(100))), device, { hosts: 3 });
    const { worst, noSlot, interfaceDown, leftInQueue, droppedFrames } = summary;
    expect(droppedFrames).toBeGreaterThan(0);
    const lost = worst.map((host) => host.noSlot + host.interfaceDown + host.leftInQueue);
    expect(lost.reduce((sum, one) => sum + one)).toBe(noSlot + interfaceDown + leftInQueue);
  });

  it('has the acks that did not come', async () => {
    const { summary } = await perHost(() => readLog(text(...lines(20))), { hosts: 3, reliable: 'netconsd' });
    expect(summary.worst).toHaveLength(3);
    for (const { unacked, acks, resent, gone } of summary.worst)
      expect({ unacked, acks, resent, gone }).toEqual({ unacked: 20, acks: 0, resent: 0, gone: 0 });
    expect(summary.acks!.unacked).toBe(60);
  });

  it('of IPv6, too', async () => {
    const targets = ['+@fd00::15/eth0,@fd00::16/02:00:00:00:00:02'];
    const { summary } = await perHost(() => readLog(text(...lines(2))), { hosts: 2, targets });
    expect(summary.worst.map(({ host }) => host)).toEqual(['fd00::15', 'fd00::17']);
    const nameless = ['+@/eth0,@2001:db8::2/02:00:00:00:00:02'];
    const own = await perHost(() => readLog(text(...lines(2))), { targets: nameless });
    expect(own.summary.worst.map(({ host }) => host)).toEqual(['2001:db8::1']);
  });

  it('does not count what a cap or an abort left unsent', async () => {
    const device = limitDevice(createMemoryDevice('eth0'), { maxFrames: 10 });
    const summary = await replay(readLog(text(...lines(100))), device, { hosts: 2 });
    expect(summary.unsentFrames).toBeGreaterThan(0);
    for (const host of summary.worst) expect(host).toMatchObject({ interfaceDown: 0, leftInQueue: 0, noSlot: 0 });
  });
});

describe('a bad network in front of each host', () => {
  it('draws for each host by itself, whatever the number of hosts', async () => {
    const impair = { seed: 5, out: { loss: 0.3, duplicate: 0.1 } };
    const from = (device: ReturnType<typeof createMemoryDevice>, ip: string) =>
      device.frames.map((frame) => decodeFrame(frame)).filter((frame) => frame.ip!.src === ip).length;
    const counts: number[] = [];
    for (const hosts of [1, 5]) {
      const device = createMemoryDevice('eth0', { slots: 256 });
      const summary = await replay(readLog(text(...lines(200))), device, { hosts, impair });
      counts.push(from(device, '192.0.2.1'));
      expect(summary.network!.out.carried).toBe(200 * hosts);
      expect(summary.frames).toBe(200 * hosts - summary.network!.out.lost + summary.network!.out.duplicated);
    }
    expect(counts[0]).toBe(counts[1]);
    expect(counts[0]).toBeLessThan(190);
  });

  it('delays frames by the stamps where those are the time', async () => {
    const stamp = { usec: 0 };
    const at: number[] = [];
    const device = createMemoryDevice('eth0', { onFrame: () => at.push(stamp.usec) });
    const impair = { out: { delayUsec: 1500 } };
    await replay(readLog(text(...lines(4))), device, { impair, stamp });
    expect(at).toEqual([1500, 2500, 3500, 4500]);
  });
});

describe('with acks', () => {
  /** A receiver that hears every frame, and answers for as long as `deaf` lets it. */
  function listening(lost: (seq: number) => boolean) {
    const receiver = createReceiver({ dialect: 'netconsd', ackIntvMs: 5, retxIntvMs: 5 });
    let from: { readonly frame: Uint8Array } | undefined;
    const device = createMemoryDevice('eth0', {
      slots: 64,
      onFrame(frame) {
        from = { frame: frame.slice() };
        const { payload, message } = decodeFrame(frame);
        if (message?.kind === 'extended' && lost(message.seq)) return;
        receiver.process(payload!, performance.now());
      },
    });
    return { device, receiver, from: () => from };
  }

  it('what nobody acked is told', async () => {
    const { device } = listening(() => false);
    const summary = await replay(readLog(text(...lines(20, 100))), device, { reliable: 'netconsd', profile: '7.2' });
    expect(summary.acks).toEqual({ heard: 0, malformed: 0, resent: 0, emergencies: 0, gone: 0, unacked: 20 });
  });

  it('gaps of the log are not missed', async () => {
    const { device } = listening(() => false);
    const log = readLog(text('6,5,0,-;a', '6,1000,1,-;b', '6,1001,2,-;c'));
    const summary = await replay(log, device, { reliable: 'netconsd', profile: '7.2' });
    expect(summary.acks?.unacked).toBe(3);
  });

  it('without, nothing is said of them', async () => {
    const { summary } = await send(() => readLog(text('<6>a')));
    expect(summary.acks).toBeUndefined();
  });
});
