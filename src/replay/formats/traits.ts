/**
 * Finds out from a log's head what is true of all its lines: colours, tags and second stamps
 * between the stamp and the text, and what stands in front of stamps. What nearly all lines have
 * comes from the writer of the log; the same thing on a single line is part of the text.
 */
import type { LogHead } from './format.js';
import { latin1, STAMP_TEXT } from './stamp.js';

const STAMP = new RegExp(STAMP_TEXT);
/** The share that counts as nearly all. */
const MOST = 0.9;

/** Escape sequences of terminals, and the control characters they leave at the edges of lines. */
const ESCAPES = /\x1b(?:\[[ -?]*[@-~]|[()*+][ -~]|[ -/]*[0-~])|[\0\r\x07\x08]/g;
/** Stamps of other kinds, dates or differences, behind the kernel's. */
const OTHER_STAMP = new RegExp(
  `^ ?(?:${[
    String.raw`\[(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} ?[ \d]\d \d\d:\d\d(?::\d\d)?(?: \d{4})?\]`,
    String.raw`\[[+ \d]+\.\d+\]`,
    String.raw`\[< *\d+\.\d+>\]`,
    String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.,:+-]*Z?`,
  ].join('|')}) `,
);
/** A level. MediaTek's `<0>.(0)[1:swapper/0]`, which is a CPU, is not one. */
const LEVEL = /^ ?<[0-7]>(?![-. ]?\(\d)/;
const TAG = /^ ?(?:[\w.-]+ )?kernel: ?/;
/**
 * What may always stand in front of stamps: blanks, a mail's quote marks, and priorities. Anything
 * else has to come more than once.
 */
const KNOWN_FRONT = /^(?:[\s>|]|<-?\d{1,4}>)*$/;
/** What separates a table's columns, at the end of what stands before the stamp. */
const COLUMN = /(?:\t|\| ?|[,;])$/;
const MIN_ROWS = 2;
/**
 * A line that a program has left unfinished, such as a prompt; it is not part of the log's form.
 */
const PROMPT = /(?:login|password|ogin): *$|[#$%] *$/i;

/** What is true of all lines of a log. */
export interface Traits {
  /** True if lines are coloured (`dmesg --color=always`). */
  readonly coloured: boolean;
  /** What stands behind stamps: `kernel: `, perhaps with a host, or a stamp of another kind. */
  readonly behind: readonly RegExp[];
  /** True if the level stands behind the stamp, as `<6>`. */
  readonly levelBehind: boolean;
  /** True if a second stamp of the kernel's form follows; the first one is then a relay's. */
  readonly relayed: boolean;
  /** Says whether `front`, which stands before a stamp, stands before many. */
  knownFront(front: string): boolean;
  /** Returns where the text that begins at `at` ends, before any columns of a table behind it. */
  columnsEnd(bytes: Uint8Array, at: number, end: number): number;
}

/** Finds what is true of the lines of `head` that have a stamp. */
export function traitsOf(head: LogHead): Traits {
  const behind: string[] = [];
  const fronts = new Map<string, number>();
  const columns = new Columns();
  let coloured = 0;
  for (const [i, line] of head.lines.entries()) {
    const stamp = STAMP.exec(line);
    if (stamp === null) continue;
    if (head.rawLines[i] !== line) coloured++;
    behind.push(line.slice(stamp.index + stamp[0].length));
    if (stamp.index === 0) continue;
    columns.add(line.slice(0, stamp.index), line.slice(stamp.index + stamp[0].length));
    const form = formOf(line.slice(0, stamp.index));
    fronts.set(form, (fronts.get(form) ?? 0) + 1);
  }
  const most = (holds: (rest: string) => boolean): boolean =>
    behind.length > 0 && behind.filter(holds).length >= MOST * behind.length;
  let latest: string | undefined;
  const relayed = most((rest) => STAMP.exec(rest)?.index === 1);
  return {
    coloured: coloured > behind.length / 2,
    behind: relayed ? [] : [TAG, OTHER_STAMP].filter((pattern) => most((rest) => pattern.test(rest))),
    levelBehind: most((rest) => LEVEL.test(rest)),
    relayed,
    columnsEnd: (bytes, at, end) => columns.end(bytes, at, end),
    knownFront(front) {
      // Most lines within a second have the same front.
      if (front === latest || KNOWN_FRONT.test(front)) return true;
      const form = formOf(front);
      const known = form === '' || KNOWN_FRONT.test(form) || (!PROMPT.test(form) && (fronts.get(form) ?? 0) > 1);
      if (known) latest = front;
      return known;
    },
  };
}

/**
 * A table without quotes, one of whose columns holds the kernel's lines. The row with the fewest
 * columns shows how many follow the text, because a text may itself hold separators.
 */
class Columns {
  /** For each separator, how many rows have it, and the fewest columns behind the text. */
  readonly #behind = new Map<string, { rows: number; fewest: number }>();

  add(front: string, rest: string): void {
    const separator = COLUMN.exec(front)?.[0][0];
    if (separator === undefined) return;
    let count = 0;
    for (let at = separatorAt(rest, separator, rest.length); at >= 0; at = separatorAt(rest, separator, at)) count++;
    const { rows, fewest } = this.#behind.get(separator) ?? { rows: 0, fewest: count };
    this.#behind.set(separator, { rows: rows + 1, fewest: Math.min(fewest, count) });
  }

  end(bytes: Uint8Array, at: number, end: number): number {
    for (const [separator, { rows, fewest }] of this.#behind) {
      if (rows < MIN_ROWS || fewest === 0) continue;
      const row = latin1(bytes, at, end);
      let stop = row.length;
      for (let i = 0; i < fewest && stop >= 0; i++) stop = separatorAt(row, separator, stop);
      if (stop < 0) continue;
      return at + (separator === '|' ? row.slice(0, stop).trimEnd().length : stop);
    }
    return end;
  }
}

/**
 * Returns where the last separator before `end` is, or -1. A comma before a blank is the text's.
 */
function separatorAt(row: string, separator: string, end: number): number {
  const prose = separator === ',' || separator === ';';
  let at = end > 0 ? row.lastIndexOf(separator, end - 1) : -1;
  while (prose && at >= 0 && row[at + 1] === ' ') at = at > 0 ? row.lastIndexOf(separator, at - 1) : -1;
  return at;
}

/** Returns what the fronts of one kind share: `09:44:16  ` and `10:03:59  ` give the same. */
function formOf(front: string): string {
  return front
    .replaceAll(ESCAPES, '')
    .replaceAll(/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/g, 'Aaa')
    .replaceAll(/\d+/g, '0')
    .replaceAll(/ +/g, ' ')
    .replaceAll(/<0>$/g, '');
}
