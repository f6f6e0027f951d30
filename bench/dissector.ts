/**
 * Measures what the dissector costs Wireshark: tshark reads a capture of 100,000 different records
 * with the script and without it, in turns.
 *
 *   npx tsx bench/dissector.ts [--rounds 5] [--frames 100000]
 *
 * For each output of tshark it prints the medians of the CPU seconds and their ratio, which must be
 * at most 4.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dissectorLua } from '../src/dissector/index.js';
import { readLog, replay } from '../src/replay/index.js';
import { openDevice } from '../src/transport/open.js';

const AIM = 4;
const { values } = parseArgs({ options: { rounds: { type: 'string' }, frames: { type: 'string' } } });
const rounds = Number(values.rounds ?? 5);
const count = Number(values.frames ?? 100_000);

/** Yields a log of records of many lengths, some with a device. */
async function* log() {
  for (let i = 0; i < count; i++) {
    const device = i % 4 === 0 ? ' SUBSYSTEM=pci\n DEVICE=+pci:0000:00:1f.2\n' : '';
    const text = `driver ${i % 97}: register ${(i * 2654435761) % 4294967296} reads back ${'ok '.repeat(1 + (i % 30))}`;
    yield Buffer.from(`6,${i},${i * 1000},-;${text}\n${device}`);
  }
}

/** Returns the CPU seconds of one run, user and system. */
function seconds(args: readonly string[]): number {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', '"$@" > /dev/null; times >&2', 'sh', 'tshark', '-n', ...args]);
  if (status !== 0) throw new Error(`tshark: ${stderr}`);
  const [user = 0, system = 0] = [
    ...stderr
      .toString()
      .trim()
      .split('\n')
      .at(-1)!
      .matchAll(/(\d+)m([\d.]+)s/g),
  ].map(([, m, s]) => Number(m) * 60 + Number(s));
  return user + system;
}

const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1]!;

const folder = mkdtempSync(join(tmpdir(), 'bench-dissector-'));
try {
  const [file, script] = [join(folder, 'wire.pcap'), join(folder, 'netconsole.lua')];
  writeFileSync(script, dissectorLua());
  await replay(readLog(log()), await openDevice(`pcap:${file}`), { loglevel: 8 });
  const outputs: Record<string, string[]> = { list: [], tree: ['-V'], filter: ['-Y', 'udp'] };
  for (const [name, output] of Object.entries(outputs)) {
    const without: number[] = [];
    const withScript: number[] = [];
    for (let round = 0; round < rounds; round++) {
      without.push(seconds(['-r', file, ...output]));
      withScript.push(seconds(['-X', `lua_script:${script}`, '-r', file, ...output]));
    }
    const ratio = median(withScript) / median(without);
    const shown = `${median(withScript).toFixed(2)} s with it, ${median(without).toFixed(2)} s without`;
    process.stdout.write(`${ratio <= AIM ? 'holds' : 'short'}  ${ratio.toFixed(2)} (aim ${AIM})  ${name}: ${shown}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
