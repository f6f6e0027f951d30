/** Reads a whole log for a test. */
import {
  keepRecord,
  type LogProblem,
  type LogRecord,
  type LogSource,
  type ReadLogOptions,
  readLog,
} from '../../../src/replay/reader.js';

export interface Read {
  format: string | undefined;
  records: LogRecord[];
  problems: LogProblem[];
  broken: number;
}

export async function collect(source: LogSource, options: ReadLogOptions = {}): Promise<Read> {
  const log = readLog(source, options);
  const records: LogRecord[] = [];
  for await (const batch of log) for (const record of batch) records.push(keepRecord(record));
  return { format: log.format, records, problems: log.problems.named, broken: log.problems.total };
}

/** `bytes` in chunks of the given sizes, over and over. */
export async function* chunks(
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length],
): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export function readText(text: string): Promise<Read> {
  return collect(chunks(Buffer.from(text, 'latin1')));
}

/** The text of a record, a character a byte. */
export function textOf(record: LogRecord): string {
  return Buffer.from(record.text).toString('latin1');
}
