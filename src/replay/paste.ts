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
 * Each of these is a step (`paste-steps.ts`) that works in place on bytes as they come and never
 * makes them longer.
 */
import type { Follows } from './formats/format.js';
import { STAMP_TEXT } from './formats/stamp.js';
import {
  Breaking,
  Decode,
  decoded,
  ENTITY,
  SOFT_BREAK,
  type Step,
  type Taken,
  Unescape,
  Unindent,
  Unquote,
} from './paste-steps.js';
import type { ByteSource } from './source.js';

const STAMP = new RegExp(STAMP_TEXT);
const EDGE_TAGS = /^(?:<\/?[a-z][^<>]*>)+|(?:<\/?[a-z][^<>]*>)+$/gi;
/** No-break spaces in a stamp or behind it: a page has them where a kernel writes spaces. */
const NO_BREAK = /\[(?:\xc2\xa0)+\d+\.\d{6}\]|\[ *\d+\.\d{6}\]\xc2\xa0/;
const MARK = /^>/;
const ENCODED_MAIL = /^Content-Transfer-Encoding: *quoted-printable/im;
/** A soft line break where a mail must have it, behind which no stamp follows. */
const LONG_SOFT_BREAK = new RegExp(String.raw`^(.{70,75})=\r?\n(?![>\s]*(?:<\d{1,4}>)?${STAMP_TEXT})(.*)`, 'gm');
/** In a quoting mail, at least this share of the lines quotes. */
const QUOTED_SHARE = 0.5;

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
  take(bytes: Uint8Array, start: number, end: number, follows: Follows): Taken {
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
