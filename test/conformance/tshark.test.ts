/**
 * Every capture that the recorded scenarios make is read by tshark without a malformed packet or a bad checksum. Skipped, with the
 * reason, where there is no tshark; a failure then if NCE_REQUIRED_ARMS names it.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capturedFrames, readGolden, runGolden } from '../support/compare.js';

const root = new URL('../golden', import.meta.url).pathname;
const required = (process.env['NCE_REQUIRED_ARMS'] ?? '').split(',').includes('tshark');
const missing = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error !== undefined;
const run = promisify(execFile);

interface Captured {
  readonly name: string;
  readonly frames: number;
}

/** What tshark says of each packet of a file. */
async function tshark(file: string): Promise<string[][]> {
  const checks = ['ip.check_checksum', 'udp.check_checksum'].flatMap((name) => ['-o', `${name}:TRUE`]);
  const fields = [
    'frame.number',
    'ip.checksum.status',
    'udp.checksum.status',
    'udp.length',
    '_ws.malformed',
    '_ws.expert.severity',
  ].flatMap((name) => ['-e', name]);
  const { stdout } = await run('tshark', ['-n', '-r', file, ...checks, '-T', 'fields', ...fields], {
    maxBuffer: 2 ** 26,
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
}

describe.skipIf(missing && !required)(`tshark${missing ? ' (skipped: tshark is not installed)' : ''}`, () => {
  let folder = '';
  const all: Captured[] = [];

  beforeAll(() => {
    if (missing) throw new Error('NCE_REQUIRED_ARMS names tshark, which is not installed: apt-get install tshark');
    folder = mkdtempSync(join(tmpdir(), 'tshark-'));
    for (const kernel of readdirSync(root)) {
      for (const scenario of readdirSync(`${root}/${kernel}`)) {
        if (scenario === 'overflow' || !existsSync(`${root}/${kernel}/${scenario}/wire.pcap`)) continue;
        const { pcap } = runGolden(readGolden(`${root}/${kernel}/${scenario}`));
        const name = `${kernel}-${scenario}.pcap`;
        writeFileSync(join(folder, name), pcap);
        all.push({ name, frames: capturedFrames(pcap).length });
      }
    }
  });
  afterAll(() => folder === '' || rmSync(folder, { recursive: true }));

  it('reads every frame, each whole and with good checksums', async () => {
    expect(all.length).toBeGreaterThanOrEqual(45);
    // One run over all of them, in the order of their names.
    const merged = join(folder, 'all.pcap');
    await run('mergecap', ['-a', '-F', 'pcap', '-w', merged, ...all.map(({ name }) => join(folder, name))]);
    const packets = await tshark(merged);
    expect(packets.length).toBe(all.reduce((sum, { frames }) => sum + frames, 0));
    // Status 1: good; empty: IPv6 has none.
    const bad = packets.filter(
      ([, ip, udp, length, malformed]) => !(ip === '1' || ip === '') || udp !== '1' || !length || malformed,
    );
    expect(bad.slice(0, 5)).toEqual([]);
  });

  it.each(['6.1-boot-extended', '6.12-ipv6', '7.2-userdata'])('the file %s by itself', async (name) => {
    const captured = all.find((c) => c.name === `${name}.pcap`)!;
    expect((await tshark(join(folder, captured.name))).length).toBe(captured.frames);
  });

  it('would see a byte that is wrong', async () => {
    const { pcap } = runGolden(readGolden(`${root}/6.12/basic`));
    const broken = Buffer.from(pcap);
    broken[broken.length - 3]! ^= 1;
    const file = join(folder, 'broken.pcap');
    writeFileSync(file, broken);
    expect((await tshark(file)).at(-1)?.[2]).toBe('0');
  });
});
