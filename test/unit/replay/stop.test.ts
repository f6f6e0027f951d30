/** A replay of many hosts hears whoever wants it to end, while hosts are made and while they log. */
import { describe, expect, it } from 'vitest';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { type ReplayProgress, readLog, replay } from '../../../src/replay/index.js';
import { limitDevice } from '../../../src/transport/limit.js';

const HOSTS = 30_000;
const log = () => readLog(new URL('../../../examples/boot.kmsg', import.meta.url).pathname);
const device = () => createMemoryDevice('eth0', { keep: false, slots: 1024 });

describe('with thirty thousand hosts', () => {
  it('an abort while they are made is heard before the next turn, and says how far it was', async () => {
    const stop = new AbortController();
    const seen: ReplayProgress[] = [];
    const onProgress = (progress: ReplayProgress) => {
      seen.push(progress);
      if (seen.length === 3) setImmediate(() => stop.abort());
    };
    const summary = await replay(log(), device(), { hosts: HOSTS, signal: stop.signal, onProgress });
    expect(summary).toMatchObject({ records: 0, frames: 0, stopped: { code: 'EINTR' } });
    expect(seen[2]!.hostsUp).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(8);
    expect(seen.at(-1)!.hostsUp).toBeLessThan(HOSTS);
  });

  it('a limit of seconds ends it while they are made', async () => {
    let hostsUp = 0;
    const limited = limitDevice(device(), { maxSeconds: 0.1 });
    const summary = await replay(log(), limited, { hosts: HOSTS, onProgress: (progress) => ({ hostsUp } = progress) });
    expect(summary.stopped).toMatchObject({ code: 'ENETDOWN' });
    expect(summary.stopped!.message).toContain('maxSeconds');
    expect(hostsUp).toBeLessThan(HOSTS);
    expect(summary.frames).toBe(0);
  });
});

it('an abort while a chunk is logged leaves the hosts that had not yet logged it out, and counts no record for them', async () => {
  const stop = new AbortController();
  let frames = 0;
  const eth0 = createMemoryDevice('eth0', {
    slots: 1024,
    onFrame: () => {
      if (++frames === 5000) stop.abort();
    },
  });
  const summary = await replay(log(), eth0, { hosts: 400, signal: stop.signal });
  expect(summary.stopped).toMatchObject({ code: 'EINTR' });
  expect(summary.frames).toBe(frames);
  expect(summary.records * 400).toBeLessThanOrEqual(frames + 400 * 20);
  expect(summary.records).toBeLessThan(394);
});

describe('a log that brings no record', () => {
  /** Says `head`, and then nothing. */
  async function* silent(head = ''): AsyncGenerator<string> {
    if (head !== '') yield head;
    await new Promise(() => {});
  }
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      yield new Uint8Array(1024);
    }
  }
  const line = (seq: number) => `6,${seq},${seq},-;record ${seq}\n`;
  const lines = Array.from({ length: 20_000 }, (_, i) => line(i)).join('');

  it.each([
    ['is silent', silent],
    ['is silent after its first lines', () => silent(line(1))],
    ['is silent in the middle of a line', () => silent(`${lines}6,20000,2`)],
    ['has nothing but NULs', endless],
  ])('is left at an abort when it %s', async (_, source) => {
    const stop = new AbortController();
    const run = replay(readLog(source()), device(), { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    const summary = await run;
    expect(summary.stopped).toMatchObject({ code: 'EINTR' });
    expect(summary.records).toBeLessThanOrEqual(20_000);
  });

  it('is left when the device goes while it is silent', async () => {
    const limited = limitDevice(device(), { maxSeconds: 0.5 });
    const summary = await replay(readLog(silent(lines)), limited);
    expect(summary.stopped).toMatchObject({ code: 'ENETDOWN' });
    expect(summary.records).toBeGreaterThan(0);
  });

  it('is not read at all when the abort came before', async () => {
    const summary = await replay(readLog(silent()), device(), { signal: AbortSignal.abort() });
    expect(summary).toMatchObject({ records: 0, stopped: { code: 'EINTR' } });
  });

  it('hands out nothing after stop', async () => {
    const reader = readLog(silent(lines));
    let records = 0;
    for await (const batch of reader) {
      records += batch.length;
      reader.stop();
    }
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThan(20_000);
  });
});
