/**
 * Reads entries of a journal, as `journalctl -o export` writes them over several lines:
 *
 *   __CURSOR=s=...
 *   _HOSTNAME=198.18.0.1
 *   MESSAGE=eth0: link up             or, if it has newlines: MESSAGE, a newline, eight bytes of
 *                                     length, the text, a newline
 *   (an empty line)
 *
 * Lines are given as Latin-1, one character for each byte, since a length is binary.
 *
 * Source: systemd, "Journal Export Formats".
 */
import { decodeText, latin1Bytes } from '../wire/text.js';

/** A field's first line: `NAME=value`, or the name alone if the value has newlines. */
const FIELD = /^([A-Z_][A-Z0-9_]*)(?:=(.*))?$/s;
/** The length in front of a value with newlines: its bytes, the lowest first. */
const LENGTH_BYTES = 8;
/** The most fields of an entry that are kept. */
const FIELDS_MAX = 1024;
/** The most bytes of a value that are kept. */
const VALUE_MAX = 1024 * 1024;

/** Says whether a line may be of such a file. */
export function isExportLine(line: string): boolean {
  return line === '' || FIELD.test(line);
}

/** A value with newlines that is not complete yet. */
interface Open {
  readonly name: string;
  /** The lines that are kept of it. */
  readonly lines: string[];
  /** The bytes so far, those of the length included. */
  have: number;
  /** The bytes in all; undefined until the length is known. */
  until: number | undefined;
}

/** Puts lines together to entries. */
export class ExportEntries {
  #fields = new Map<string, string>();
  #open: Open | undefined;

  /** Returns the fields of the entry that this line ends; undefined if it ends none. */
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

  /** Returns the fields of the entry that the end of the file ends; undefined if there is none. */
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
