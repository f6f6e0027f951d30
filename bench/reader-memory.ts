/**
 * What reading a log of any length takes of memory: `npx tsx bench/reader-memory.ts [--mib 1024]
 * [--only FORMAT]`.
 *
 * Each format's log is made as it is read, so many MiB of it, and never is in memory. A process of
 * its own reads each, so that one's memory is not another's; its peak is what the system counts
 * (VmHWM), beside that of the same process when it has read the first 16 MiB. A capture is made of
 * frames of an extended target.
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
/** Read before what is compared. */
const WARM_MIB = 16;
/** Records made at a time. */
const BLOCK_RECORDS = 2000;
const TEXT = 'usb 1-1: new high-speed USB device number';

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    only: { type: 'string' },
    /** Read one format here, and print what it took. */
    here: { type: 'string' },
  },
});
const mib = Number(values.mib);

/** The next records, 10 ms apart, from seq `first`. */
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

/** Each block of records is a section. */
function capturedNg(recs: readonly Rec[]): Uint8Array {
  return naivePcapng(recs.map((rec) => ({ linktype: LINKTYPE, frame: frameOf(rec) })));
}

const FORMATS: ReadonlyMap<string, (recs: readonly Rec[], first: boolean) => Uint8Array> = new Map([
  ...WRITERS.map(
    ({ format, write }) => [format, (recs: readonly Rec[]) => Buffer.from(write(recs), 'latin1')] as const,
  ),
  ['capture', captured],
  ['capture, pcapng', capturedNg],
  // Packed on the way, as the size says before that.
  ['capture, gzip', captured],
]);

/** So many bytes of a format's log. `counted`: told the bytes that have been taken. */
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
