/**
 * Removes the markup that a page, a forum or a chat has put around a log. Its beginning stands in a
 * line of its own or in front of the first record, and gives no record. Its end may stand behind
 * the text of the last record, where only the beginning shows that it is not the kernel's.
 *
 *   [code]                                 forums: [spoiler], [quote], [pre]
 *   [    1.250000] text[/code]
 *   [    1.250000] text<br>                 a page's ends of lines
 *   ```dmesg                                Markdown; {code} and {noformat} of Jira; {{{ of Trac
 */
import type { LogHead } from './formats/format.js';
import type { LogProblems } from './formats/problems.js';
import type { PooledRecord } from './formats/record.js';
import { latin1, STAMP_TEXT } from './formats/stamp.js';

const NAMES =
  'code|pre|samp|quote|spoiler|plain|noparse|hide|tt|kbd|xmp|textarea|blockquote|details|div|span|p|font|td';
const OPENING = String.raw`\[(?:${NAMES})(?:=[^\]\n]*)?\]|<(?:${NAMES})(?: [^<>\n]*)?>|\x60{3,}|~{3,}|\{(?:code|noformat)[^}\n]*\}|\{\{\{|<!\[CDATA\[`;
const ANY_OPENING = new RegExp(OPENING, 'i');
/** The beginning of markup: it stands at the beginning of a line, or in front of a record. */
const OPENINGS = new RegExp(
  String.raw`(?:^[ \t]*|(?<=^[^[\n]{0,64}))(?:${OPENING})+(?=[\w+-]*[ \t]*\r?$|(?:<\d{1,4}>)?${STAMP_TEXT}|\d{1,4},\d+,)`,
  'gim',
);
const LINE_BREAK = new RegExp(String.raw`<br ?/?>[ \t]*(?:\r?$|(?=(?:<\d{1,4}>)?${STAMP_TEXT}))`, 'gim');
const LINE_BREAK_END = /(?:<br ?\/?>[ \t]*)+$/i;
/**
 * What every line of a log may end in: an escaped newline, a window's frame, a newline's symbol.
 */
const ENDS_OF_ALL: readonly RegExp[] = [
  /(?:\\r)?\\n$/,
  /[ \t]{0,256}\xe2\x94\x82[ \t]{0,256}$/,
  /(?:\xe2\x90\x8d)?\xe2\x90\x8a$/,
];
const BEGINS = new RegExp(String.raw`^(?:<\d{1,4}>)?${STAMP_TEXT}`);
/** Where in a line a record begins behind an escaped newline. */
const ESCAPED_BREAK = new RegExp(String.raw`(?:\\r)?\\n(?=(?:<\d{1,4}>)?${STAMP_TEXT})`);
/** Ends of markup whose beginning was not seen, at the end of the log. */
const LAST = /(?:\s{0,8}(?:\[\/(?:code|pre|quote|spoiler)\]|<\/(?:code|pre|samp|textarea)>|`{3}))+\s*$/i;
/** The characters that closing marks end with. */
const ENDS: ReadonlySet<number> = new Set([...']>`~}'].map((char) => char.charCodeAt(0)));
const REASON = 'markup behind a record';

/** Takes markup off the ends of texts. The head it is made from must be text. */
export class Markup {
  readonly #closing: RegExp | undefined;
  /** What all lines end in although no kernel writes it. */
  readonly #end: RegExp | undefined;
  /** True if lines end in `<br>`. */
  readonly breaks: boolean;

  /** Finds out from the log's head what markup its lines may end in. */
  constructor(head: LogHead) {
    const closing = closingsOf(head.text);
    this.#closing = closing.length > 0 ? new RegExp(String.raw`\s{0,8}(?:${closing.join('|')})`, 'i') : undefined;
    this.breaks = 2 * (head.text.match(LINE_BREAK)?.length ?? 0) > head.lines.length;
    const lines = head.lines.filter((line) => BEGINS.test(line));
    const all = (end: RegExp) => lines.length > 1 && lines.every((line) => end.test(line));
    const escaped = lines.some((line) => ESCAPED_BREAK.test(line)) ? ENDS_OF_ALL[0] : undefined;
    this.#end = escaped ?? ENDS_OF_ALL.find(all);
  }

  /** Names in words what is taken off all lines. */
  get removed(): readonly string[] {
    return [...(this.breaks ? ["a page's ends of lines"] : []), ...(this.#end ? ['what all lines end in'] : [])];
  }

  /** Says whether records other than the last one need `take`. */
  get present(): boolean {
    return this.breaks || this.#end !== undefined || this.#closing !== undefined;
  }

  /** Takes markup off a record's text, and reports it if it is more than the end of a line. */
  take(record: PooledRecord, problems: LogProblems): void {
    if (this.breaks) cut(record, latin1(record.text, 0, record.text.length).search(LINE_BREAK_END));
    if (this.#end !== undefined) cut(record, latin1(record.text, 0, record.text.length).search(this.#end));
    if (this.#closing !== undefined) this.#name(record, this.#closing, problems);
  }

  /**
   * Does the same for the log's last record, whose markup may have begun before the copied part.
   */
  takeLast(record: PooledRecord, problems: LogProblems): void {
    if (ENDS.has(record.text.at(-1) ?? 0)) this.#name(record, LAST, problems);
  }

  #name(record: PooledRecord, closing: RegExp, problems: LogProblems): void {
    const { text } = record;
    const at = latin1(text, 0, text.length).search(closing);
    if (at >= 0) problems.add(record.line, REASON, text, at, text.length);
    cut(record, at);
  }
}

function cut(record: PooledRecord, at: number): void {
  if (at >= 0) record.text = record.text.subarray(0, at);
}

/** Returns what ends the markup that begins in `text`, as sources of regular expressions. */
function closingsOf(text: string): string[] {
  const found = new Set<string>();
  // Nearly no log has any markup, and the search for beginnings is slow.
  if (!ANY_OPENING.test(text)) return [];
  for (const [openings] of text.matchAll(OPENINGS)) {
    for (const [opening] of openings.matchAll(new RegExp(OPENING, 'gi'))) {
      const name = /^[[<{]([a-z]+)/i.exec(opening)?.[1]?.toLowerCase();
      if (opening.startsWith('[')) found.add(String.raw`\[/${name}\]`);
      else if (opening.startsWith('<!')) found.add(String.raw`\]\]>`);
      else if (opening.startsWith('<')) found.add(`</${name}>`);
      else if (opening.startsWith('{{{')) found.add(String.raw`\}\}\}\s*$`);
      else if (opening.startsWith('{')) found.add(String.raw`\{${name}\}`);
      else found.add(opening.startsWith('`') ? '`{3,}' : String.raw`~{3,}\s*$`);
    }
  }
  return [...found];
}
