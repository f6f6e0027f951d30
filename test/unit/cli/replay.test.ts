import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { explain } from '../../../src/cli/errors.js';
import { type ReplayCliOptions, replay } from '../../../src/cli/replay.js';
import type { ReplaySummary } from '../../../src/replay/index.js';
import { decodeFrame } from '../../../src/wire/decode.js';
import { PcapReader } from '../../../src/wire/pcap.js';
import { Sink } from '../../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
afterAll(() => rmSync(folder, { recursive: true }));
const boot = new URL('../../../examples/boot.kmsg', import.meta.url).pathname;
const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

async function run(file: string, options: ReplayCliOptions = {}) {
  const out = new Sink();
  const err = new Sink();
  try {
    const code = await replay(file, options, out, err);
    return { code, out: out.text, err: err.text };
  } catch (error) {
    const known = explain(error);
    if (known === undefined) throw error;
    return { code: known.exitCode, out: out.text, err: known.message };
  }
}

function log(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function frames(file: string) {
  const reader = new PcapReader();
  return reader.push(readFileSync(file)).map(({ frame, tsUsec }) => ({ tsUsec, ...decodeFrame(frame) }));
}

describe('replay', () => {
  it('writes a capture next to the log, stamped as recorded, the same every time', async () => {
    const file = log('a.kmsg', '6,0,1000000,-;a\n6,1,2500001,-;b\n');
    expect((await run(file)).code).toBe(0);
    expect(frames(`${file}.pcap`).map(({ tsUsec, ip }) => [tsUsec, ip?.src])).toEqual([
      [1_000_000, '192.0.2.1'],
      [2_500_001, '192.0.2.1'],
    ]);
    const first = readFileSync(`${file}.pcap`);
    await run(file);
    expect(readFileSync(`${file}.pcap`).equals(first)).toBe(true);
  });

  it('shows the last frames and a summary', async () => {
    const { code, out } = await run(boot, { via: `pcap:${join(folder, 'wire.pcap')}`, show: 2 });
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines[1]).toMatch(/id 381, UDP, length 35 \[udp sum ok\] extended seq 393 .* "on the wire again"$/);
    expect(lines[2]).toBe('');
    expect(lines[4]).toMatch(
      /^394 records \(13 of them kept back by the loglevel\), 381 frames \(0 fragments\), \d+ bytes$/,
    );
  });

  it.each(['udp', 'memory'])('shows frames of %s as what they are, with --json too', async (via) => {
    const file = log(`show-${via}.kmsg`, '6,1,1,-;hello\n');
    const target = [via === 'udp' ? '+9@127.0.0.1/eth0,9@127.0.0.1/' : '+@/eth0,@192.0.2.2/'];
    const { out } = await run(file, { via, show: 1, target });
    expect(out).toMatch(/extended seq 1 .*"hello"/);
    const { out: json } = await run(file, { via, show: 1, target, json: true });
    expect(JSON.parse(json).frameLines).toEqual([expect.stringMatching(/extended seq 1 .*"hello"/)]);
  });

  it('sums up as one JSON object', async () => {
    const file = log('broken.kmsg', '6,0,1,-;a\nnonsense\n6,1,2,-;b\n');
    const { out } = await run(file, { via: 'memory', json: true });
    const summary = JSON.parse(out);
    expect(summary).toMatchObject({ via: 'memory', format: '/dev/kmsg', records: 2, frames: 2, brokenLines: 1 });
    expect(summary.problems).toEqual([{ line: 2, reason: expect.any(String), excerpt: 'nonsense' }]);
  });

  it('names broken lines for people', async () => {
    const file = log('broken2.kmsg', '6,0,1,-;a\nnonsense\n6,1,2,-;b\n');
    expect((await run(file, { via: 'memory' })).out).toMatch(/1 broken line:\n {2}line 2: .*"nonsense"\n$/);
  });

  it.each([
    ['6.8', undefined],
    ['5.15.0-134-generic', 'Linux 5.15, the nearest to 5.15.0-134-generic that is known; recorded on 5.15.135'],
    ['debian12', 'Linux 6.1s for debian12: the package 6.1.0-50 was recorded'],
    ['7.9', 'warning: Linux 7.9 is newer than 7.3, the newest that is known: what it does differently is not known'],
  ])('says which kernel %s is, and how sure that is', async (kernel, said) => {
    const { out } = await run(log('ok.kmsg', '6,0,1,-;a\n'), { via: 'memory', kernel });
    if (said === undefined) expect(out).not.toMatch(/recorded|nearest/);
    else expect(out.split('\n')).toContain(said);
  });

  it.each([
    ['a missing log', 'missing.kmsg', {}, 2, /missing\.kmsg can't be read: there is no such file/],
    ['a folder', '.', {}, 2, /can't be read: it is a directory/],
    ['no log at all', 'none.txt', {}, 2, /none\.txt is no kernel log/],
    ['an unknown profile', 'ok.kmsg', { kernel: 'banana' }, 2, /there is no kernel profile "banana"; choose one of/],
    ['a kernel that is too old', 'ok.kmsg', { kernel: '3.10.0-1160.el7' }, 2, /older than 4\.2/],
    [
      'a malformed target',
      'ok.kmsg',
      { target: ['+@/eth0,nowhere'] },
      2,
      /the kernel says ".*couldn't parse config at 'nowhere'!"; write it as/,
    ],
    ['a long device name', 'ok.kmsg', { target: ['+@/sixteen-bytes-it,@10.0.0.2/'] }, 2, /over 15 bytes/],
    [
      'a file where none can be',
      'ok.kmsg',
      { via: 'pcap:/dev/null/x.pcap' },
      1,
      /pcap:\/dev\/null\/x\.pcap: writing the file failed/,
    ],
    ['an unknown transport', 'ok.kmsg', { via: 'pigeon:x' }, 2, /"pigeon:x" names no transport/],
    ['no such interface', 'ok.kmsg', { via: 'af-packet:none0' }, 1, /none0/],
    ['a wrong speed', 'ok.kmsg', { speed: 'fast' }, 2, /--speed fast/],
    ['standard input without --via', '-', {}, 2, /say --via/],
    ['more workers than hosts', 'ok.kmsg', { via: 'memory', workers: 3 }, 2, /3 workers for one host/],
    ['workers on one file', 'ok.kmsg', { workers: 2, hosts: 2 }, 2, /cannot write one file/],
    ['workers that show', 'ok.kmsg', { workers: 2, show: 1 }, 2, /leave out --show/],
  ] as [string, string, ReplayCliOptions, number, RegExp][])(
    'refuses %s in one sentence, and leaves nothing behind',
    async (_, name, options, code, message) => {
      log('ok.kmsg', '6,0,1,-;a\n');
      log('none.txt', 'Dear diary,\n');
      const file = name === '-' ? name : join(folder, name);
      const result = await run(file, options);
      expect(result).toMatchObject({ code, out: '' });
      expect(result.err).toMatch(message);
      expect(result.err).not.toContain('\n');
      expect(existsSync(`${file}.pcap`)).toBe(false);
    },
  );

  it('does not overwrite the log', async () => {
    const file = log('self.kmsg', '6,0,1,-;a\n');
    const { code, err } = await run(file, { via: `pcap:${file}` });
    expect(code).toBe(2);
    expect(err).toContain('would overwrite the log itself');
    expect(readFileSync(file, 'utf8')).toBe('6,0,1,-;a\n');
  });

  it.runIf(existsSync('/dev/full'))('says what a full disk has of it', async () => {
    const { code, err } = await run(boot, { via: 'pcap:/dev/full' });
    expect(code).toBe(1);
    expect(err).toMatch(/disk is full/);
  });

  it('ends with 0 when a cap is reached', async () => {
    const { code, out } = await run(boot, { via: 'memory', maxFrames: 100 });
    expect(code).toBe(0);
    expect(out).toMatch(/ 100 frames /);
    expect(out).toMatch(/stopped after 100 frames/);
  });

  it('warns of frames for everybody', async () => {
    const { err } = await run(boot, { via: 'no-such-if0', target: ['+@/eth0,@192.0.2.9/'] });
    expect(err).not.toBe('');
    const out = new Sink();
    const errors = new Sink();
    await replay(boot, { via: 'no-such-if0', target: ['+@/eth0,@192.0.2.9/'] }, out, errors).catch(() => {});
    expect(errors.text).toMatch(/every machine on that network gets its frames/);
  });

  it('spreads hosts over workers, whose sums are one', async () => {
    expect(existsSync(main), 'dist is not built: npm run build').toBe(true);
    const args = [main, 'replay', boot, '--via', 'memory', '--hosts', '5', '--json'];
    const summaryOf = async (...more: string[]) => {
      const out = await new Promise<string>((resolve, reject) =>
        execFile(process.execPath, [...args, ...more], (error, stdout) => (error ? reject(error) : resolve(stdout))),
      );
      return JSON.parse(out) as ReplaySummary;
    };
    const sums = { hosts: 5, records: 394, frames: 5 * 381, filtered: 13, droppedFrames: 0 };
    expect(await summaryOf('--workers', '2')).toMatchObject(sums);
    const lossy = await summaryOf('--loss', '0.1', '--workers', '2');
    expect(lossy.worst).toHaveLength(5);
    expect(lossy.worst).toEqual((await summaryOf('--loss', '0.1')).worst);
    expect((await summaryOf('--loss', '0.1', '--worst', '2')).worst).toEqual(lossy.worst.slice(0, 2));
  });
});
