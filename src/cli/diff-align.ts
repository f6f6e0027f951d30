/** Pairs the messages of two runs: equal texts first, then texts that are alike. */
import { diffArrays } from 'diff';
import type { SentRecord } from './diff-records.js';

/**
 * Texts are paired if their first characters, this many, are equal: kernels cut long texts at
 * different lengths.
 */
const ALIGNED = 200;

/** Yields pairs of the same message; a message that only one run has stands beside undefined. */
export function* align(
  a: readonly SentRecord[],
  b: readonly SentRecord[],
): Generator<readonly [SentRecord | undefined, SentRecord | undefined]> {
  const key = ({ text }: SentRecord) => text.slice(0, ALIGNED);
  const [left, right] = [a.values(), b.values()];
  let waiting: SentRecord[] = [];
  const take = (from: Iterator<SentRecord>, count: number) => Array.from({ length: count }, () => from.next().value!);
  for (const { added, removed, count } of diffArrays(a.map(key), b.map(key))) {
    if (removed) {
      waiting = take(left, count);
      continue;
    }
    if (added) yield* pairUp(waiting, take(right, count));
    else {
      for (const record of waiting) yield [record, undefined];
      for (let i = 0; i < count; i++) yield [left.next().value, right.next().value];
    }
    waiting = [];
  }
  for (const record of waiting) yield [record, undefined];
}

/** Pairs the messages that stand between two that both runs have, if they differ only a little. */
function* pairUp(
  a: readonly SentRecord[],
  b: readonly SentRecord[],
): Generator<readonly [SentRecord | undefined, SentRecord | undefined]> {
  let at = 0;
  for (const record of a) {
    const found = b.findIndex(({ text }, i) => i >= at && alike(record.text, text));
    if (found < 0) {
      yield [record, undefined];
      continue;
    }
    for (; at < found; at++) yield [undefined, b[at]];
    yield [record, b[at++]];
  }
  for (; at < b.length; at++) yield [undefined, b[at]];
}

/** Counts the characters that two texts share at their starts and, behind those, at their ends. */
function shared(a: string, b: string): { start: number; end: number } {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return { start, end };
}

/**
 * Says whether two texts are alike at their starts and ends, over more than half of the shorter
 * one.
 */
function alike(a: string, b: string): boolean {
  const { start, end } = shared(a, b);
  return start + end > Math.min(a.length, b.length) / 2;
}

/** Returns which part of one text became which part of the other, with a NUL between the two. */
export function changed(a: string, b: string): string {
  const { start, end } = shared(a, b);
  return `${a.slice(start, a.length - end)}\0${b.slice(start, b.length - end)}`;
}
