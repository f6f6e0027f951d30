/**
 * Lines that could not be read: all are counted, the first ones are named.
 */

/** The first so many are kept with their text. */
const NAMED_MAX = 20;
const EXCERPT_BYTES = 40;

/** A line that gave no record, and why. */
export interface LogProblem {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  /** The line's first bytes, what is not printable ASCII as `\xNN`. */
  readonly excerpt: string;
}

/** The lines that gave no record: all are counted, the first 20 are kept. */
export class LogProblems {
  /** Lines (of `dmesg --json`: objects) that gave no record. */
  total = 0;
  /** The first 20 of them. */
  readonly named: LogProblem[] = [];

  /**
   * Counts a line, and keeps its first bytes while there are few: `bytes` from `start` to `end`.
   */
  add(line: number, reason: string, bytes: Uint8Array, start: number, end: number): void {
    this.total++;
    if (this.named.length >= NAMED_MAX) return;
    this.named.push({ line, reason, excerpt: excerpt(bytes, start, end) });
  }
}

/** `line 17: no header: "..."` */
export function formatProblem(problem: LogProblem): string {
  return `line ${problem.line}: ${problem.reason}: "${problem.excerpt}"`;
}

export function excerpt(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  const stop = Math.min(end, start + EXCERPT_BYTES);
  for (let i = start; i < stop; i++) {
    const byte = bytes[i]!;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return stop < end ? `${text}...` : text;
}
