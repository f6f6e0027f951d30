/**
 * Entries of a journal as `journalctl -o export` writes them, over several lines:
 *
 *   __CURSOR=s=...
 *   _HOSTNAME=198.18.0.1
 *   MESSAGE=eth0: link up                        or, with newlines in it: MESSAGE, a newline, eight bytes of
 *                                                length, the text, a newline
 *   (an empty line)
 *
 * Lines are given as Latin-1, a character a byte, since a length is no text.
 *
 * Source: systemd, "Journal Export Formats".
 */
import { decodeText, latin1Bytes } from '../wire/text.js';

/** A field's first line: `NAME=value`, or the name alone, of a value with newlines. */
const FIELD = /^([A-Z_][A-Z0-9_]*)(?:=(.*))?$/s;
/** The length in front of a value with newlines, the lowest byte first. */
const LENGTH_BYTES = 8;
/** Fields of an entry that are kept at most, and bytes of a value. */
const FIELDS_MAX = 1024;
const VALUE_MAX = 1024 * 1024;

/** Whether a line may be of such a file. */
export function isExportLine(line: string): boolean {
  return line === '' || FIELD.test(line);
}

/** A value with newlines that is not complete. */
interface Open {
  readonly name: string;
  /** What is kept of it, and how long it is so far, its length included. */
  readonly lines: string[];
  have: number;
  /** How long it is in all; undefined: that is not known yet. */
  until: number | undefined;
}

/** Puts the lines of entries together. */
export class ExportEntries {
  #fields = new Map<string, string>();
  #open: Open | undefined;

  /** The fields of the entry that this line ends; undefined: it ends none. */
  line(line: string): ReadonlyMap<string, string> | undefined {
    if (this.#open !== undefined) {
      this.#goOn(this.#open, line);
      return undefined;
    }
    if (line === '') return this.end();
    const field = FIELD.exec(line);
    if (field === null || this.#fields.size >= FIELDS_MAX) return undefined;
    const [, name, value] = field;
    if (value === undefined) this.#open = { name: name!, lines: [], have: 0, until: undefined };
    else this.#fields.set(name!, fromLatin1(value));
    return undefined;
  }

  /** The entry that is there at the end of the file. */
  end(): ReadonlyMap<string, string> | undefined {
    if (this.#open !== undefined) this.#close(this.#open);
    const fields = this.#fields;
    this.#fields = new Map();
    return fields.size > 0 ? fields : undefined;
  }

  #goOn(open: Open, line: string): void {
    open.have += line.length + (open.lines.length > 0 ? 1 : 0);
    if (open.have <= VALUE_MAX) open.lines.push(line);
    if (open.until === undefined && open.have >= LENGTH_BYTES) {
      open.until = LENGTH_BYTES + lengthIn(open.lines.join('\n'));
    }
    if (open.until !== undefined && open.have >= open.until) this.#close(open);
  }

  #close({ name, lines, until }: Open): void {
    this.#open = undefined;
    this.#fields.set(name, fromLatin1(lines.join('\n').slice(LENGTH_BYTES, until)));
  }
}

function lengthIn(value: string): number {
  let length = 0;
  for (let i = LENGTH_BYTES - 1; i >= 0; i--) length = length * 256 + value.charCodeAt(i);
  return length;
}

function fromLatin1(text: string): string {
  return decodeText(latin1Bytes(text));
}
