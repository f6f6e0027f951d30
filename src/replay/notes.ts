/**
 * Writes sentences about the log for a summary: what its stamps count from, what was left out, put
 * in order or joined, and which gaps were shortened.
 */
import { plural } from '../wire/text.js';
import type { StampOrigin } from './formats/format.js';
import type { LogCounts } from './formats/record.js';

/** The facts from which notes are made. */
export interface LogFacts {
  /** What the stamps count from; absent if the log was not read far enough to know. */
  readonly origin: StampOrigin | undefined;
  /** What was taken off every line because a paste had put it there, in words. */
  readonly removed: readonly string[];
  /** What the reader has counted, such as copies and lost records. */
  readonly counts: Readonly<LogCounts>;
  /** True if the records had dates but no stamps. */
  readonly dated: boolean;
  /** How many entries of userdata and sysdata the records had. */
  readonly userdata: number;
  /** How many gaps `maxGapSeconds` shortened. */
  readonly shortenedGaps: number;
  /** By how many seconds, in all, gaps were shortened. */
  readonly savedSeconds: number;
}

/** Returns the notes; none if there is nothing to say. */
export function notesOf({ origin, removed, counts, dated, userdata, shortenedGaps, savedSeconds }: LogFacts): string[] {
  const notes: string[] = [];
  for (const what of removed) notes.push(`taken off every line: ${what}`);
  if (origin === 'first record') {
    notes.push('stamps are relative: the log has dates, so each boot begins at 0 with its first record');
  } else if (origin === 'none') {
    notes.push(
      dated
        ? 'stamps are relative: the log has no stamps of the kernel, so the dates of who wrote it are counted from the first record of each boot'
        : 'the log has no stamps: all records leave with 0',
    );
  }
  if (counts.bootsByStamp > 0) {
    notes.push(`${plural(counts.bootsByStamp, 'boot')} told only by stamps that go back: the log has no seq`);
  }
  if (counts.hosts > 1) notes.push(`the records of ${counts.hosts} hosts are mixed in it`);
  if (counts.dropped > 0)
    notes.push(`${plural(counts.dropped, 'record')} lost before it was written, as it says itself`);
  if (counts.duplicates > 0) notes.push(`${plural(counts.duplicates, 'duplicate')} left out`);
  if (counts.overtaken > 0) notes.push(`${plural(counts.overtaken, 'record')} put in order again`);
  if (counts.joined > 0) notes.push(`${plural(counts.joined, 'record')} joined out of fragments`);
  if (counts.incomplete > 0) notes.push(`${plural(counts.incomplete, 'record')} incomplete: fragments are missing`);
  if (userdata > 0) {
    const entries = userdata === 1 ? '1 dictionary entry' : `${userdata} dictionary entries`;
    notes.push(`${entries} of the sender's userdata left out`);
  }
  if (shortenedGaps > 0) {
    notes.push(`${plural(shortenedGaps, 'gap')} made shorter, by ${savedSeconds.toFixed(1)} seconds in all`);
  }
  return notes;
}
