/**
 * Measures how much memory it takes to read a log of any length: `npx tsx bench/reader-memory.ts
 * [--mib 1024] [--only FORMAT]`.
 *
 * The log of each format is made as it is read, that many MiB of it, and is never in memory as a
 * whole. Each is read by a process of its own, so that one's memory is not another's. What counts
 * is the peak of that process as the system tells it (VmHWM), against its peak when it has read the
 * first 16 MiB. A capture is made of frames of an extended target.
 */
import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { readLog } from '../src/replay/index.js';
import { PcapWriter } from '../src/wire/pcap.js';
import { ipv4, naivePcapng, udp, wrappings } from '../test/support/encapsulate.js';
import { kmsg, type Rec } from '../test/support/logs/render.js';
import { WRITERS } from '../test/support/logs/writers.js';

const MIB = 1024 * 1024;
/** How many MiB are read before the peak that others are compared with. */
const WARM_MIB = 16;
/** How many records are made at a time. */
const BLOCK_RECORDS = 2000;
const TEXT = 'usb 1-1: new high-speed USB device number';

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    only: { type: 'string' },
    /** The format to read in this process, which then prints what that took. */
    here: { type: 'string' },
  },
});
const mib = Number(values.mib);

/** Returns the next records, 10 ms apart, from seq `first` on. */
function block(first: number): Rec[] {
  return Array.from({ length: BLOCK_RECORDS }, (_, i) => ({
    priority: (first + i) % 8,
    seq: first + i,
    usec: (first + i) * 10_000,
    text: Buffer.from(`${TEXT} ${first + i}`),
    cont: false,
    caller: undefined,
    subsystem: undefined,
    device: undefined,
  }));
}

const EMPTY = ipv4(17, udp(6666, Buffer.from('x')));
const { linktype: LINKTYPE, frame: EMPTY_FRAME } = wrappings(EMPTY)[0]!;
const LINK = EMPTY_FRAME.subarray(0, EMPTY_FRAME.length - EMPTY.length);

function frameOf(rec: Rec): Buffer {
  return Buffer.concat([LINK, ipv4(17, udp(6666, Buffer.from(kmsg(rec))), 0, rec.seq & 0xffff)]);
}

function captured(recs: readonly Rec[], first: boolean): Uint8Array {
  const writer = new PcapWriter({ linktype: LINKTYPE });
  const records = recs.map((rec) => writer.record(frameOf(rec), 1e12 + rec.usec));
  return Buffer.concat([...(first ? [writer.header()] : []), ...records]);
}

/** Makes a pcapng section of each block of records. */
function capturedNg(recs: readonly Rec[]): Uint8Array {
  return naivePcapng(recs.map((rec) => ({ linktype: LINKTYPE, frame: frameOf(rec) })));
}

const FORMATS: ReadonlyMap<string, (recs: readonly Rec[], first: boolean) => Uint8Array> = new Map([
  ...WRITERS.map(
    ({ format, write }) => [format, (recs: readonly Rec[]) => Buffer.from(write(recs), 'latin1')] as const,
  ),
  ['capture', captured],
  ['capture, pcapng', capturedNg],
  // This is packed on the way; its MiB are counted before that.
  ['capture, gzip', captured],
]);

/** Yields that many bytes of a format's log. `counted` is told how many bytes were taken. */
async function* made(format: string, bytes: number, counted: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const write = FORMATS.get(format)!;
  let given = 0;
  for (let first = 0; given < bytes; first += BLOCK_RECORDS) {
    const chunk = write(block(first), first === 0);
    given += chunk.length;
    yield chunk;
    counted(given);
  }
}

function peakMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

async function here(format: string): Promise<void> {
  let warm = 0;
  const bytes = made(format, mib * MIB, (given) => {
    if (warm === 0 && given >= WARM_MIB * MIB) warm = peakMib();
  });
  const [name, packed] = format.split(', ');
  const source = packed === 'gzip' ? Readable.from(bytes).pipe(createGzip({ level: 1 })) : bytes;
  const log = readLog(source, { format: name });
  let records = 0;
  for await (const batch of log) records += batch.length;
  const { total } = log.problems;
  console.log(
    `${format.padEnd(32)} ${String(records).padStart(9)} records  ${String(total).padStart(6)} lines named  ` +
      `peak ${String(peakMib()).padStart(4)} MiB (${warm} MiB after the first ${WARM_MIB})`,
  );
}

if (values.here !== undefined) await here(values.here);
else {
  console.log(`${mib} MiB of each format`);
  for (const format of FORMATS.keys()) {
    if (values.only !== undefined && values.only !== format) continue;
    const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--mib', String(mib), '--here', format];
    spawnSync(process.execPath, args, { stdio: 'inherit' });
  }
}
