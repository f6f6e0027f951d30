/** Reads logs of every format that `replay` reads into records, in Node and in a browser. */
import { defined } from '../options.js';
import { formatProblem, type LogReader, type LogRecord, type LogSource, readLog } from '../replay/reader.js';
import { hexText } from '../wire/text.js';
import type { ExplorerRecord } from './state.js';
import { RECORDS_MAX } from './state.js';

/** What `readRecords` found in a log. */
export interface ReadLog {
  /** At most `RECORDS_MAX`. */
  readonly records: readonly ExplorerRecord[];
  /** The name of the log's format. */
  readonly format: string;
  /** What a reader should know, in sentences: what was left out, and which lines are broken. */
  readonly notes: readonly string[];
  /** The sender's release, if the log has it. */
  readonly release: string | undefined;
  /** Whether any record says which task or processor logged it. */
  readonly caller: boolean;
}

/** How a log is read: `name` and `format` are as in `readLog`. */
export interface ReadOptions {
  /** The name that errors give the log. */
  readonly name?: string;
  /** The name of the log's format. Default: it is recognised. */
  readonly format?: string | undefined;
  /** The number of the first record to be taken, counted from 1. Default 1. */
  readonly from?: number | undefined;
}

/** This bit of a caller id says that it is a processor, not a task. */
const CPU_BIT = 0x80000000;
/** How many of a log's problems are named with their line; the others are only counted. */
const PROBLEMS_TOLD = 3;

/** Reads a log. Throws what `readLog` throws, above all if the source is no log. */
export async function readRecords(source: LogSource, options: ReadOptions = {}): Promise<ReadLog> {
  const { name, format, from = 1 } = options;
  const log = readLog(source, { name, format });
  const records: ExplorerRecord[] = [];
  let release: string | undefined;
  let dictionary = 0;
  for await (const batch of log) {
    const first = log.records - batch.length;
    for (const [i, record] of batch.entries()) {
      if (first + i + 1 < from || records.length >= RECORDS_MAX) continue;
      release ??= record.release;
      if (record.dictionary !== undefined) dictionary++;
      records.push(explorerRecord(record));
    }
  }
  return {
    records,
    format: log.format!,
    notes: notesOf(log, { from, taken: records.length, dictionary }),
    release,
    caller: records.some(({ pid, cpu }) => pid !== undefined || cpu !== undefined),
  };
}

function explorerRecord({ text, level, facility, tsUsec, seq, ...record }: LogRecord): ExplorerRecord {
  const { callerId, subsystem, device, cont } = record;
  return {
    ...textOf(text),
    ...(level >= 0 && { level }),
    ...(facility !== 0 && { facility }),
    ...defined({ tsUsec, seq }),
    ...(callerId !== undefined && (callerId >= CPU_BIT ? { cpu: callerId - CPU_BIT } : { pid: callerId })),
    ...(subsystem !== undefined && device !== undefined && { subsystem, device }),
    ...(cont && { cont }),
  };
}

function textOf(bytes: Uint8Array): Pick<ExplorerRecord, 'text' | 'hex'> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (!text.includes('\ufffd')) return { text };
  return { text, hex: hexText(bytes) };
}

function notesOf(log: LogReader, read: { from: number; taken: number; dictionary: number }): string[] {
  const { from, taken, dictionary } = read;
  const { problems, counts, records } = log;
  const notes: string[] = [];
  if (taken < records) {
    const last = from + taken - 1;
    notes.push(
      `these are records ${from} to ${last} of ${records}: the explorer shows ${RECORDS_MAX} at once (--from)`,
    );
  }
  if (counts.boots > 1) notes.push(`the log holds ${counts.boots} boots, which are shown as one`);
  if (dictionary > 0) notes.push(`${dictionary} records have userdata or sysdata, which the target's settings give`);
  if (problems.total > 0) {
    const told = problems.named.slice(0, PROBLEMS_TOLD).map(formatProblem);
    notes.push(`${problems.total} lines gave no record: ${told.join('; ')}`);
  }
  return notes;
}
