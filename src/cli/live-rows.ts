/** Writes the live view: what is known of a run, in as many rows as the width needs. */
import { duration } from '../report/words.js';
import { LOSS_PLACES, type RunProgress } from '../run/progress.js';

/** Rates of the last few seconds, in frames a second; a rate is absent while it is not known. */
export interface Rates {
  /** Frames that were to leave. */
  readonly asked?: number;
  /** Frames that left, or came in. */
  readonly achieved?: number;
}

/** A piece of a row; its tone becomes a colour, where there are colours. */
export interface LiveText {
  readonly text: string;
  /** `bar` for the bar of the progress, `bad` for what was lost. Default: plain. */
  readonly tone?: 'bar' | 'bad';
}
/** A row of the view, from left to right. */
export type LiveRow = readonly LiveText[];

const BAR_MIN = 10;
const BAR_MAX = 40;
const GAP = '   ';

/** Returns the rows of the view, each at most `width` columns wide. */
export function liveRows(progress: RunProgress, rates: Rates, width: number): LiveRow[] {
  const rows: LiveRow[] = [];
  const { done } = progress;
  const time = timeOf(progress);
  if (done !== undefined) {
    const percent = ` ${percentOf(done)}  ${time}`;
    const size = Math.min(BAR_MAX, width - percent.length - 2);
    if (size >= BAR_MIN) {
      const full = Math.round(size * Math.min(1, done));
      rows.push([{ text: `[${'#'.repeat(full)}${'.'.repeat(size - full)}]`, tone: 'bar' }, { text: percent }]);
    } else rows.push(cut({ text: percent.trim() }, width));
  }
  const facts = factsOf(progress, rates);
  if (done === undefined) facts.unshift({ text: time });
  let row: LiveText[] = [];
  let used = 0;
  for (const fact of facts) {
    const needed = (row.length === 0 ? 0 : GAP.length) + fact.text.length;
    if (row.length > 0 && used + needed > width) {
      rows.push(row);
      row = [];
      used = 0;
    }
    if (row.length > 0) row.push({ text: GAP });
    row.push(...cut(fact, width));
    used += needed;
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** Returns all that the view shows as one line. */
export function liveLine(progress: RunProgress, rates: Rates): string {
  const { done } = progress;
  const head = done === undefined ? [timeOf(progress)] : [percentOf(done), timeOf(progress)];
  return [...head, ...factsOf(progress, rates).map(({ text }) => text)].join(', ');
}

function factsOf(progress: RunProgress, rates: Rates): LiveText[] {
  const { frames, records, late, hosts, hostsUp, acks, retransmits, emergencies, skipped } = progress;
  const facts: LiveText[] = [];
  if (rates.achieved !== undefined) {
    const asked = rates.asked === undefined ? '' : ` of ${whole(rates.asked)}/s asked`;
    facts.push({ text: `${whole(rates.achieved)}/s${asked}` });
  }
  facts.push({ text: `${whole(frames)} frames` });
  if (records !== undefined) facts.push({ text: `${whole(records)} records` });
  if (late !== undefined && late.max > 0) {
    facts.push({ text: `late ${milliseconds(late.p99)} (99 %), ${milliseconds(late.max)} at most` });
  }
  const lost = LOSS_PLACES.flatMap((place) => {
    const count = progress.lost[place] ?? 0;
    return count > 0 ? [`${place} ${whole(count)}`] : [];
  });
  facts.push(lost.length === 0 ? { text: '0 lost' } : { text: `lost: ${lost.join(', ')}`, tone: 'bad' });
  if (skipped !== undefined && skipped > 0) facts.push({ text: `${whole(skipped)} seqs missing`, tone: 'bad' });
  if (hostsUp !== undefined) {
    facts.push({
      text: hosts === undefined ? `${whole(hostsUp)} hosts` : `${whole(hostsUp)} of ${whole(hosts)} hosts up`,
    });
  }
  if ((acks ?? 0) + (retransmits ?? 0) + (emergencies ?? 0) > 0) {
    facts.push({
      text: `${whole(acks ?? 0)} acks, ${whole(retransmits ?? 0)} sent again, ${whole(emergencies ?? 0)} emergencies`,
    });
  }
  return facts;
}

function cut({ text, ...rest }: LiveText, width: number): LiveText[] {
  return [{ text: text.slice(0, Math.max(0, width)), ...rest }];
}

function timeOf({ seconds, done }: RunProgress): string {
  if (done === undefined) return duration(seconds);
  if (done <= 0 || seconds < 1) return duration(seconds);
  return `${duration(seconds)}, ${duration((seconds * (1 - Math.min(1, done))) / done)} left`;
}

function percentOf(done: number): string {
  return `${Math.floor(Math.min(1, done) * 100)}%`;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

/** Writes a whole number with commas, as seven digits cannot be read at a glance. */
function whole(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
