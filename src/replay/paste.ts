/**
 * Takes off what a paste has put around every line of a log, as the log is read.
 *
 *   &lt;6&gt;[    1.250000] text       HTML's escapes: lines with stamps have no `<`, `>` or bare `&`
 *   [\u00a0\u00a0\u00a0\u00a01.250000]\u00a0text        no-break spaces, as pages have them
 *   > 6,1,1250000,-;text              the marks of a mail that quotes it
 *       [    1.250000] text           an indentation that all lines have
 *
 *   [    1.250000] id=3D80 and a line =    quoted-printable: what a mail makes of `=`, and of long lines
 *
 * Each of these is a step that works in place on bytes as they come and never makes them longer.
 */
import type { Follows } from './formats/format.js';
import { STAMP_TEXT } from './formats/stamp.js';
import type { ByteSource } from './source.js';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x3e;
const AMPERSAND = 0x26;
const LESS = 0x3c;
/** The length of the longest reference, `&#x10ffff;`. */
const ENTITY_MAX_BYTES = 10;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };
const ENTITY = /&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,7}|#x[\da-f]{1,6});/gi;
/** A reference, or the end tag of the element that a log is put in. */
const MARKUP = new RegExp(`^(?:${ENTITY.source}|</(?:pre|code|samp)>)`, 'i');
const STAMP = new RegExp(STAMP_TEXT);
const EDGE_TAGS = /^(?:<\/?[a-z][^<>]*>)+|(?:<\/?[a-z][^<>]*>)+$/gi;
/** No-break spaces in a stamp or behind it: a page has them where a kernel writes spaces. */
const NO_BREAK = /\[(?:\xc2\xa0)+\d+\.\d{6}\]|\[ *\d+\.\d{6}\]\xc2\xa0/;
const MARK = /^>/;
const EQUALS = 0x3d;
const ENCODED_MAIL = /^Content-Transfer-Encoding: *quoted-printable/im;
/** An escaped byte, or a soft line break, after which the same line goes on. */
const QUOTED = /^=(?:([\dA-F]{2})|[ \t]*\r?\n)/;
const QUOTED_MAX_BYTES = 8;
const SOFT_BREAK = /=[ \t]*\r?\n/g;
/** A soft line break where a mail must have it, behind which no stamp follows. */
const LONG_SOFT_BREAK = new RegExp(String.raw`^(.{70,75})=\r?\n(?![>\s]*(?:<\d{1,4}>)?${STAMP_TEXT})(.*)`, 'gm');
/** In a quoting mail, at least this share of the lines quotes. */
const QUOTED_SHARE = 0.5;

/**
 * Takes one thing off, in place. Returns where the remaining bytes end (`to`), and from where on
 * the bytes must be given again with what follows (`kept`).
 */
interface Step {
  readonly name: string;
  take(bytes: Uint8Array, start: number, end: number, follows: Follows): { readonly to: number; readonly kept: number };
}

/** Returns the steps that a log's head calls for, in their order; `undefined` for most logs. */
export function pasteOf(head: Uint8Array): Paste | undefined {
  const steps = stepsOf(head);
  return steps.length > 0 ? new Paste(steps) : undefined;
}

function stepsOf(head: Uint8Array): Step[] {
  if (head.includes(0)) return [];
  let text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  const steps: Step[] = [];
  if (isQuotedPrintable(text)) {
    steps.push(new Decode());
    text = text.replaceAll(SOFT_BREAK, '');
  } else if (isEscaped(text)) {
    steps.push(new Unescape());
    text = text.replaceAll(ENTITY, (entity) => decoded(entity));
  } else if (NO_BREAK.test(text)) {
    steps.push(new Breaking());
    text = text.replaceAll('\xc2\xa0', ' ');
  }
  let lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.filter((line) => MARK.test(line)).length > QUOTED_SHARE * lines.length) {
    steps.push(new Unquote());
    lines = lines.map((line) => line.replace(/^(?:> ?)+/, '')).filter((line) => line.trim() !== '');
  }
  const columns = Math.min(...lines.map((line) => /^[ \t]*/.exec(line)![0].length));
  if (lines.length > 1 && columns > 0) steps.push(new Unindent(columns));
  return steps;
}

/**
 * Says whether a text is quoted-printable: then no `=` in the log's lines stands for itself. A head
 * does not say which part of a mail is encoded; without a head, there must be some escapes.
 */
function isQuotedPrintable(text: string): boolean {
  if (!/=(?:3D|[ \t]*\r?\n)/.test(text)) return false;
  const lines = text.replaceAll(LONG_SOFT_BREAK, '$1$2').split('\n');
  const log = lines.filter((line) => STAMP.test(line)).join('\n');
  const found = log.match(/=3D/g)?.length ?? 0;
  const mail = ENCODED_MAIL.test(text);
  const soft = text.search(mail ? SOFT_BREAK : LONG_SOFT_BREAK) >= 0;
  if (/=(?![\dA-F]{2}|[ \t]*\r?$)/m.test(log)) return false;
  return soft || found > (mail ? 0 : 1);
}

/** Says whether lines are escaped. Only lines with stamps count, as a page's own have tags. */
function isEscaped(text: string): boolean {
  if (text.search(ENTITY) < 0) return false;
  const stamped = text.split('\n').filter((line) => STAMP.test(line));
  const log = stamped.length > 0 ? stamped.map((line) => line.replaceAll(EDGE_TAGS, '')).join('\n') : text;
  return !/[<>]/.test(log) && log.search(ENTITY) >= 0 && !log.replaceAll(ENTITY, '').includes('&');
}

/** Returns the UTF-8 of a character reference, as latin1. */
function decoded(entity: string): string {
  const name = entity.slice(1, -1).toLowerCase();
  const known = NAMED[name];
  if (known !== undefined) return known;
  const point = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return point <= 0x10ffff ? Buffer.from(String.fromCodePoint(point)).toString('latin1') : entity;
}

/** Applies the steps of one log, in order. */
export class Paste {
  /** Names in words what is taken off. */
  readonly removed: readonly string[];
  readonly #steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.removed = steps.map(({ name }) => name);
  }

  /** Returns `head` with the steps applied to a copy. */
  preview(head: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(head);
    return copy.subarray(0, new Paste(stepsOf(head)).take(copy, 0, copy.length, 'nothing').to);
  }

  /** Applies the steps to `bytes[start, end)` in place; takes and returns the same as a step. */
  take(
    bytes: Uint8Array,
    start: number,
    end: number,
    follows: Follows,
  ): { readonly to: number; readonly kept: number } {
    let to = end;
    let kept = end;
    for (const [i, step] of this.#steps.entries()) {
      const taken = step.take(bytes, start, to, follows);
      to = taken.to;
      // Only the first step may keep bytes back: the others do not see the bytes as they came.
      if (i === 0) kept = taken.kept;
    }
    return { to, kept };
  }

  /** Returns the rest of a log: `kept`, which `take` kept back, and what `source` still has. */
  wrap(source: ByteSource, kept: Uint8Array): ByteSource {
    const paste = this;
    let held = kept;
    return {
      get bytesRead() {
        return source.bytesRead;
      },
      get broken() {
        return source.broken;
      },
      close: () => source.close(),
      async read(into) {
        for (;;) {
          into.set(held);
          const from = held.length;
          const count = await source.read(into.subarray(from));
          const end = from + count;
          const taken = paste.take(into, 0, end, count === 0 ? 'nothing' : 'more');
          held = Uint8Array.from(into.subarray(taken.kept, end));
          if (taken.to > 0 || count === 0) return taken.to;
        }
      },
    };
  }
}

class Unescape implements Step {
  readonly name = 'escapes of HTML';

  take(bytes: Uint8Array, start: number, end: number, follows: Follows) {
    let to = start;
    for (let from = start; from < end; ) {
      const plain = nextMark(bytes, from, end);
      bytes.copyWithin(to, from, plain);
      to += plain - from;
      if (plain === end) break;
      if (follows === 'more' && end - plain < ENTITY_MAX_BYTES) return { to, kept: plain };
      const mark = Buffer.from(bytes.subarray(plain, Math.min(end, plain + ENTITY_MAX_BYTES))).toString('latin1');
      const [whole = mark[0]!] = MARKUP.exec(mark) ?? [];
      for (const char of whole[0] === '&' ? decoded(whole) : whole.length > 1 ? '' : whole)
        bytes[to++] = char.charCodeAt(0);
      from = plain + whole.length;
    }
    return { to, kept: end };
  }
}

class Decode implements Step {
  readonly name = 'quoted-printable of a mail';

  take(bytes: Uint8Array, start: number, end: number, follows: Follows) {
    let to = start;
    for (let from = start; from < end; ) {
      const mark = bytes.indexOf(EQUALS, from);
      const plain = mark < 0 || mark > end ? end : mark;
      bytes.copyWithin(to, from, plain);
      to += plain - from;
      if (plain === end) break;
      if (follows === 'more' && end - plain < QUOTED_MAX_BYTES) return { to, kept: plain };
      const text = Buffer.from(bytes.subarray(plain, Math.min(end, plain + QUOTED_MAX_BYTES))).toString('latin1');
      const [whole = '=', hex] = QUOTED.exec(text) ?? [];
      if (whole === '=') bytes[to++] = EQUALS;
      else if (hex !== undefined) bytes[to++] = Number.parseInt(hex, 16);
      from = plain + whole.length;
    }
    return { to, kept: end };
  }
}

class Breaking implements Step {
  readonly name = 'no-break spaces';

  take(bytes: Uint8Array, start: number, end: number, follows: Follows) {
    let to = start;
    for (let from = start; from < end; from++) {
      const lead = bytes[from] === 0xc2;
      if (lead && from + 1 === end && follows === 'more') return { to, kept: from };
      const space = lead && from + 1 < end && bytes[from + 1] === 0xa0;
      bytes[to++] = space ? SPACE : bytes[from]!;
      if (space) from++;
    }
    return { to, kept: end };
  }
}

/** Returns where the next `&` or `<` stands, or `end` if there is none. */
function nextMark(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== AMPERSAND && bytes[at] !== LESS) at++;
  return at;
}

/** Removes what stands at the beginning of lines; `goes` says which bytes of it go. */
abstract class Fronts implements Step {
  abstract readonly name: string;
  /** How many bytes of the current line have gone; -1: the front of the line has ended. */
  #gone = 0;

  /** Says whether `byte`, which is byte number `at` of the line, goes too. */
  protected abstract goes(byte: number, at: number): boolean;

  take(bytes: Uint8Array, start: number, end: number) {
    let to = start;
    for (let from = start; from < end; ) {
      if (this.#gone >= 0) {
        while (from < end && this.goes(bytes[from]!, this.#gone)) {
          this.#gone++;
          from++;
        }
        if (from === end) break;
        this.#gone = -1;
      }
      const newline = bytes.indexOf(NEWLINE, from);
      const stop = newline < 0 || newline >= end ? end : newline + 1;
      if (to !== from) bytes.copyWithin(to, from, stop);
      to += stop - from;
      from = stop;
      if (newline >= 0 && newline < end) this.#gone = 0;
    }
    return { to, kept: end };
  }
}

class Unquote extends Fronts {
  readonly name = "a mail's marks of quoting";
  #blank = false;

  /** Lets one blank behind each mark go with the mark. */
  protected goes(byte: number, at: number): boolean {
    const blank = byte === SPACE && at > 0 && !this.#blank;
    this.#blank = blank;
    return blank || byte === QUOTE;
  }
}

class Unindent extends Fronts {
  readonly name: string;
  readonly #columns: number;

  constructor(columns: number) {
    super();
    this.#columns = columns;
    this.name = columns === 1 ? 'an indentation of 1 column' : `an indentation of ${columns} columns`;
  }

  protected goes(byte: number, at: number): boolean {
    return at < this.#columns && (byte === SPACE || byte === TAB);
  }
}
