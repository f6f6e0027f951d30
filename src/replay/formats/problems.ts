/**
 * Collects the lines that could not be read: counts all and keeps the first ones.
 */

/** How many problems are kept with their text. */
const NAMED_MAX = 20;
const EXCERPT_BYTES = 40;

/** A line that gave no record, and why. */
export interface LogProblem {
  /** The number of the line, from 1. */
  readonly line: number;
  /** Why the line gave no record, in words. */
  readonly reason: string;
  /** The line's first bytes. Those that are not printable ASCII are written as `\xNN`. */
  readonly excerpt: string;
}

/** The lines that gave no record. All are counted; the first 20 are kept. */
export class LogProblems {
  /** How many lines (of `dmesg --json`: objects) gave no record. */
  total = 0;
  /** The first 20 of them. */
  readonly named: LogProblem[] = [];

  /**
   * Counts the line `bytes[start..end)`, and keeps its first bytes if fewer than 20 were kept.
   */
  add(line: number, reason: string, bytes: Uint8Array, start: number, end: number): void {
    this.total++;
    if (this.named.length >= NAMED_MAX) return;
    this.named.push({ line, reason, excerpt: excerpt(bytes, start, end) });
  }
}

/** Formats a problem as `line 17: no header: "..."`. */
export function formatProblem(problem: LogProblem): string {
  return `line ${problem.line}: ${problem.reason}: "${problem.excerpt}"`;
}

/** Returns the first bytes as ASCII, others as `\xNN`, and `...` if there are more. */
function excerpt(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  const stop = Math.min(end, start + EXCERPT_BYTES);
  for (let i = start; i < stop; i++) {
    const byte = bytes[i]!;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return stop < end ? `${text}...` : text;
}
