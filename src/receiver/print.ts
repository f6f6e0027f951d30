/** Records and lines as text for people and terminals. */
import { decodeText, plural, unescapeText } from '../wire/text.js';
import { dictionary } from './dictionary.js';
import type { PlainLine } from './plain.js';
import type { ReceivedRecord } from './record.js';

/**
 * Returns text from the network in a form that is harmless for a terminal: characters that would
 * steer it are written as escapes.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\t]|[\p{Zl}\p{Zp}]/gu, (char) => {
    const code = char.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * Returns a record as dmesg shows it, `<PRIO>[SECONDS][CALLER] text`, and its dictionary. Lines
 * before it that begin with `--` say what happened to the stream; brackets behind it hold what is
 * odd about the record. No line has a newline.
 */
export function recordLines(record: ReceivedRecord): string[] {
  const lines: string[] = [];
  if (record.seqReset) lines.push(`-- a stream begins with seq ${record.seq}`);
  if (record.skipped > 0) lines.push(`-- ${plural(record.skipped, 'record')} missing before seq ${record.seq}`);
  const marks: string[] = [];
  if (record.emergency) marks.push('emergency');
  if (record.oos) marks.push(`out of sequence, seq ${record.seq}`);
  if (!record.complete) marks.push(`incomplete, seq ${record.seq}, ${plural(record.missingBytes, 'byte')} missing`);
  const seconds = Math.floor(record.tsUsec / 1e6);
  const time = `${String(seconds).padStart(5)}.${String(record.tsUsec - seconds * 1e6).padStart(6, '0')}`;
  const caller = record.caller === undefined ? '' : `[${record.caller.replace(/[^\w]/g, '?').padStart(6)}]`;
  const prefix = `<${record.facility * 8 + record.level}>[${time}]${caller} `;
  const mark = marks.length === 0 ? '' : ` [${marks.join('; ')}]`;
  const [first, ...more] = decodeText(unescapeText(record.text)).split('\n').map(printable);
  lines.push(`${prefix}${first}${mark}`, ...more.map((line) => prefix + line));
  for (const [key, value] of dictionaryText(record)) lines.push(` ${printable(key)}=${printable(value)}`);
  return lines;
}

/** Returns the entries of `dictionary()` as text. */
export function dictionaryText(record: ReceivedRecord): [string, string][] {
  return dictionary(record).map(([key, value]) => [decodeText(key), decodeText(value)]);
}

/** Returns a line of a plain target in a form for terminals. It has no newline. */
export function plainLines(line: PlainLine): string[] {
  return [`${printable(decodeText(line.text))}${line.complete ? '' : ' [no end of line]'}`];
}
