/** The steps by which a paste is undone: each takes one thing off bytes as they come, in place. */
import type { Follows } from './formats/format.js';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x3e;
const AMPERSAND = 0x26;
const LESS = 0x3c;
/** The length of the longest reference, `&#x10ffff;`. */
const ENTITY_MAX_BYTES = 10;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };
/** A character reference, of those that pages have for a log's characters. */
export const ENTITY: RegExp = /&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,7}|#x[\da-f]{1,6});/gi;
/** A reference, or the end tag of the element that a log is put in. */
const MARKUP = new RegExp(`^(?:${ENTITY.source}|</(?:pre|code|samp)>)`, 'i');
const EQUALS = 0x3d;
/** An escaped byte, or a soft line break, after which the same line goes on. */
const QUOTED = /^=(?:([\dA-F]{2})|[ \t]*\r?\n)/;
const QUOTED_MAX_BYTES = 8;
/** A soft line break. */
export const SOFT_BREAK: RegExp = /=[ \t]*\r?\n/g;

/** What has become of some bytes. */
export interface Taken {
  /** Where the remaining bytes end. */
  readonly to: number;
  /** From where on the bytes must be given again, with what follows. */
  readonly kept: number;
}

/** Takes one thing off. */
export interface Step {
  /** Names in words what is taken off. */
  readonly name: string;
  /**
   * Works on `bytes[start, end)`, in place. `follows` says whether more bytes come behind them.
   */
  take(bytes: Uint8Array, start: number, end: number, follows: Follows): Taken;
}

/** Returns the UTF-8 of a character reference, as latin1. */
export function decoded(entity: string): string {
  const name = entity.slice(1, -1).toLowerCase();
  const known = NAMED[name];
  if (known !== undefined) return known;
  const point = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return point <= 0x10ffff ? Buffer.from(String.fromCodePoint(point)).toString('latin1') : entity;
}

/** Puts the characters in place of their references, and takes off the tags around a log. */
export class Unescape implements Step {
  readonly name = 'escapes of HTML';

  take(bytes: Uint8Array, start: number, end: number, follows: Follows): Taken {
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

/** Decodes quoted-printable. */
export class Decode implements Step {
  readonly name = 'quoted-printable of a mail';

  take(bytes: Uint8Array, start: number, end: number, follows: Follows): Taken {
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

/** Puts spaces in place of no-break spaces. */
export class Breaking implements Step {
  readonly name = 'no-break spaces';

  take(bytes: Uint8Array, start: number, end: number, follows: Follows): Taken {
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

  take(bytes: Uint8Array, start: number, end: number): Taken {
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

/** Takes off the marks of a mail that quotes. */
export class Unquote extends Fronts {
  readonly name = "a mail's marks of quoting";
  #blank = false;

  /** Lets one blank behind each mark go with the mark. */
  protected goes(byte: number, at: number): boolean {
    const blank = byte === SPACE && at > 0 && !this.#blank;
    this.#blank = blank;
    return blank || byte === QUOTE;
  }
}

/** Takes off an indentation of so many columns. */
export class Unindent extends Fronts {
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
