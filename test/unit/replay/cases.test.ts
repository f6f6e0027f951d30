/**
 * The logs of `test/cases/logs`, written anew in the shape of public bug reports: what `readLog` makes of each, and what `replay`
 * sends of it. A case may have several right outcomes.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { explain } from '../../../src/cli/errors.js';
import { replay } from '../../../src/cli/replay.js';
import { keepRecord, type LogRecord, readLog } from '../../../src/replay/reader.js';
import { decodeFrame } from '../../../src/wire/decode.js';
import { PcapReader } from '../../../src/wire/pcap.js';

interface Wanted {
  readonly exit: number;
  readonly message?: string;
  readonly note?: string;
  readonly records?: readonly Record<string, unknown>[];
  readonly otherLines?: readonly number[];
  readonly mayName?: readonly number[];
  readonly boots?: number | null;
  readonly dropped?: number;
  readonly sentSeqs?: readonly number[];
}

interface Case {
  readonly file: string;
  readonly about: string;
  readonly accept: readonly Wanted[];
}

const folder = new URL('../../cases/logs/', import.meta.url).pathname;
const { cases } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { cases: Case[] };
const out = mkdtempSync(join(tmpdir(), 'cases-'));
afterAll(() => rmSync(out, { recursive: true }));

/** Only what was asked for is no stamp at all: such a log has to be named. */
const FORCED = /only when asked for/;

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** A record in the words of `expected.json`: null is what the format does not have. */
function shown(record: LogRecord, wanted: Record<string, unknown>): Record<string, unknown> {
  const { callerId: id } = record;
  const all: Record<string, unknown> = {
    ...record,
    tsUsec: record.tsUsec ?? null,
    level: record.level < 0 ? null : record.level,
    caller: id === undefined ? undefined : id >= 2 ** 31 ? `C${id - 2 ** 31}` : `T${id}`,
    text: latin1(record.text),
  };
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, all[key]]));
}

/** Reads and replays a case, and compares both with one outcome. */
async function compare({ file }: Case, wanted: Wanted): Promise<void> {
  const format = FORCED.test(wanted.note ?? '') ? 'text' : undefined;
  const capture = join(out, `${file}.pcap`);
  const [printed, said] = [new Text(), new Text()];
  const options = { via: `pcap:${capture}`, loglevel: 8, json: true, ...(format !== undefined && { format }) };
  let exit: number;
  try {
    exit = await replay(join(folder, file), options, printed, said);
  } catch (error) {
    const known = explain(error);
    if (known === undefined) throw error;
    exit = known.exitCode;
    said.write(known.message);
  }
  expect(exit).toBe(wanted.exit);
  if (wanted.exit !== 0) {
    expect(said.text).toMatch(new RegExp(wanted.message!.replace('(?i)', ''), 'i'));
    return;
  }
  const log = readLog(join(folder, file), { format });
  const records: LogRecord[] = [];
  for await (const batch of log) for (const record of batch) records.push(keepRecord(record));
  const { records: right = [], otherLines = [], mayName = [], boots, dropped, sentSeqs } = wanted;
  expect(records.map((record, i) => shown(record, right[i] ?? {}))).toEqual(right);
  const named = (lines: readonly number[]) => lines.filter((line) => !mayName.includes(line)).sort((a, b) => a - b);
  expect(named(log.problems.named.map(({ line }) => line))).toEqual(named(otherLines));

  const summary = JSON.parse(printed.text) as Record<string, unknown>;
  expect(summary).toMatchObject({ records: right.length, format: log.format, droppedRecords: 0, droppedFrames: 0 });
  if (boots !== null && boots !== undefined) expect(summary['boots']).toBe(boots);
  if (dropped !== undefined) expect(summary['dropped']).toBe(dropped);
  const frames = new PcapReader().push(readFileSync(capture)).map(({ frame }) => decodeFrame(frame).message);
  const sent = frames.flatMap((message) => (message?.kind === 'extended' ? [message] : []));
  if (sentSeqs !== undefined) expect(sent.map(({ seq }) => seq)).toEqual(sentSeqs);
  for (const [i, record] of records.entries()) {
    if (record.tsUsec !== undefined) expect(sent[i]!.tsUsec).toBe(record.tsUsec);
    if (record.seq !== undefined) expect(sent[i]!.seq).toBe(record.seq);
  }
}

describe('logs as people have them', () => {
  it.each(cases.map((one) => [`${one.file}: ${one.about}`, one] as const))('%s', async (_, one) => {
    const wrong: unknown[] = [];
    for (const wanted of one.accept) {
      try {
        await compare(one, wanted);
        return;
      } catch (error) {
        wrong.push(error);
      }
    }
    throw wrong[0];
  });
});
