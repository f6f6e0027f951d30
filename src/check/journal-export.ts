/**
 * Entries of a journal as `journalctl -o export` writes them, over several lines:
 *
 *   __CURSOR=s=...
 *   _HOSTNAME=198.18.0.1
 *   MESSAGE=eth0: link up                        or, with newlines in it: MESSAGE, a newline, eight bytes of
 *                                                length, the text, a newline
 *   (an empty line)
 *
 * Source: systemd, "Journal Export Formats".
 */

/** A field's first line: `NAME=value`, or the name alone, of a value with newlines. */
const FIELD = /^([A-Z_][A-Z0-9_]*)(?:=(.*))?$/s;
/** The length in front of a value with newlines, each byte a character. */
const LENGTH_CHARS = 8;
/** Fields of an entry that are kept at most, and lines of a value. */
const FIELDS_MAX = 1024;

/** Whether a line may be of such a file. */
export function isExportLine(line: string): boolean {
  return line === '' || FIELD.test(line);
}

/** Puts the lines of entries together. */
export class ExportEntries {
  #fields = new Map<string, string>();
  /** A value with newlines that is not complete. */
  #open: { readonly name: string; readonly lines: string[] } | undefined;

  /** The fields of the entry that this line ends; undefined: it ends none. */
  line(line: string): ReadonlyMap<string, string> | undefined {
    const open = this.#open;
    if (
      open !== undefined &&
      open.lines.length < FIELDS_MAX &&
      !(open.lines.join('').length >= LENGTH_CHARS && isExportLine(line))
    ) {
      open.lines.push(line);
      return undefined;
    }
    this.#close();
    if (line === '') return this.end();
    const field = FIELD.exec(line);
    if (field === null || this.#fields.size >= FIELDS_MAX) return undefined;
    const [, name, value] = field;
    if (value === undefined) this.#open = { name: name!, lines: [] };
    else this.#fields.set(name!, value);
    return undefined;
  }

  /** The entry that is there at the end of the file. */
  end(): ReadonlyMap<string, string> | undefined {
    this.#close();
    const fields = this.#fields;
    this.#fields = new Map();
    return fields.size > 0 ? fields : undefined;
  }

  #close(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#fields.set(open.name, open.lines.join('\n').slice(LENGTH_CHARS));
  }
}
