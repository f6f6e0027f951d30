/**
 * Reads what `journalctl -o json` prints, one entry a line; also json-pretty, json-sse and
 * json-seq.
 *
 *   {"_TRANSPORT": "kernel", "PRIORITY": "6", "_SOURCE_MONOTONIC_TIMESTAMP": "1203344", "MESSAGE": "text"}
 *
 * MESSAGE is a string, or an array of bytes if it is not UTF-8, or null if it was too long. Entries
 * that did not come through the kernel's log are reported.
 *
 * systemd: man systemd.journal-fields, journal-export-formats.
 */
import type { LogFormat, LogHead } from './format.js';
import { BootIds, entryRecord, NO_MESSAGE, notKernel, SEVERAL } from './journal-entry.js';
import { LineParser, view } from './lines.js';
import { type Batch, RECORD_MAX_BYTES } from './record.js';
import { joinLines } from './wrapped-lines.js';

const ENTRY =
  /^(?:data: |\x1e)?\{ ?"(?:__CURSOR|__REALTIME_TIMESTAMP|__MONOTONIC_TIMESTAMP|_[A-Z][A-Z_]+|[A-Z][A-Z_]+)"/;
/** An object with one member a line, as journalctl and jq print it, perhaps inside an array. */
const PRETTY = /^\[?\s*\{\s*\n\s*"[A-Z_]+" ?: /;
/** A line that holds only a bracket and its indentation is not longer than this. */
const ALONE_MAX_BYTES = 16;
const NO_ENTRY = 'no entry of journalctl -o json';
const TOO_LONG = `an entry of more than ${RECORD_MAX_BYTES} bytes`;

/** `journalctl -o json` and its kin, also if a JSON tool has printed the objects again. */
export const journalJson: LogFormat = {
  name: 'journalctl -o json',
  description: 'journalctl -o json, json-pretty, json-sse, json-seq',
  recognise(head: LogHead) {
    if (PRETTY.test(head.text) && head.text.includes('"MESSAGE"')) return 1;
    return head.share((line) => ENTRY.test(line));
  },
  open: (head: LogHead) => new JournalJson(head),
};

class JournalJson extends LineParser {
  /** The lines so far of an object that spans several, and the number of its first line. */
  #object = '';
  #objectLine = 0;
  #indent = 0;
  readonly #boots = new BootIds();

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const from = start + (bytes[start] === 0x1e ? 1 : 0) + (isEvent(bytes, start, end) ? 'data: '.length : 0);
    const only = end - from <= ALONE_MAX_BYTES ? bytes.toString('latin1', from, end).trim() : undefined;
    if (this.#object === '' && (only === '[' || only === ']')) return;
    if (this.#object !== '' || only === '{') {
      this.#gather(bytes, from, end, batch);
    } else if (end > start) {
      this.#entry(bytes.toString('utf8', from, end), batch.line, view(bytes, start, end), batch);
    }
  }

  #gather(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const text = bytes.toString('utf8', start, end);
    const indent = text.length - text.trimStart().length;
    if (this.#object === '') {
      this.#objectLine = batch.line;
      this.#indent = indent;
    }
    this.#object += `${text}\n`;
    const long = this.#object.length > RECORD_MAX_BYTES;
    if (!(indent <= this.#indent && /^\},?$/.test(text.trim())) && !long) return;
    const object = this.#object.replace(/,\n$/, '');
    this.#object = '';
    if (long) batch.problems.add(this.#objectLine, TOO_LONG, bytes, start, end);
    else this.#entry(object, this.#objectLine, Buffer.from(object), batch);
  }

  #entry(text: string, line: number, shown: Uint8Array, batch: Batch): void {
    const fields = parseObject(text);
    const reason =
      fields === undefined
        ? NO_ENTRY
        : notKernel(lastText(fields['_TRANSPORT']), lastText(fields['SYSLOG_IDENTIFIER']));
    if (fields === undefined || reason !== undefined) {
      batch.problems.add(line, reason!, shown, 0, shown.length);
      return;
    }
    // Log shippers write the message's name in small letters.
    const messages = messagesOf(fields['MESSAGE'] ?? fields['message']);
    const length = messages.reduce((sum, { length }) => sum + length + 1, -1);
    if (length < 0 || length > RECORD_MAX_BYTES) {
      batch.problems.add(line, NO_MESSAGE, shown, 0, shown.length);
      return;
    }
    if (messages.length > 1) batch.problems.add(line, SEVERAL, shown, 0, shown.length);
    const record = batch.next();
    record.line = line;
    const field = (name: string) => lastText(fields[name]);
    entryRecord(field, record);
    record.reboot = this.#boots.isNew(field);
    batch.commit(record, joinLines(messages, batch));
  }

  protected finish(): void {
    // There is nothing to finish: each record is committed with its line.
  }

  protected override ended(batch: Batch): void {
    if (this.#object === '') return;
    const shown = Buffer.from(this.#object);
    batch.problems.add(this.#objectLine, 'the file ends inside this object', shown, 0, shown.length);
    this.#object = '';
  }
}

function isEvent(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start > 6 && bytes[start] === 0x64 && bytes[start + 4] === 0x3a && bytes[start + 5] === 0x20;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the texts of an entry. A field that comes more than once is an array of its values; a
 * text that is not UTF-8 is an array of bytes.
 */
function messagesOf(value: unknown): readonly Uint8Array[] {
  if (typeof value === 'string') return [Buffer.from(value)];
  if (!Array.isArray(value)) return [];
  if (value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)) return [Uint8Array.from(value)];
  return value.flatMap(messagesOf);
}

/** Returns a field as a string. If the field comes more than once, the last value holds. */
function lastText(value: unknown): string | undefined {
  const last = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : undefined;
}
