/** Reports a run of `replay` in words, for people. */
import type { ReplaySummary } from '../replay/index.js';
import { formatProblem } from '../replay/reader.js';
import { plural } from '../wire/text.js';
import { networkReport } from './impairments.js';
import { pacingReport } from './pacing.js';

/** Returns the report. `frames` are the lines of the last frames, decoded, that come first. */
export function replayReport(file: string, via: string, summary: ReplaySummary, frames: readonly string[]): string {
  const s = summary;
  const lines = frames.map((frame) => frame);
  if (frames.length > 0) lines.push('');
  const from = file === '-' ? 'standard input' : file;
  const many = s.hosts > 1 ? ` from each of ${s.hosts} hosts` : '';
  lines.push(`${from} (${s.format ?? 'no log'}) as Linux ${s.profile} through ${via}${many}`);
  if (!s.kernel.startsWith(`Linux ${s.profile}, re`)) lines.push(s.kernel);
  if (s.warning !== undefined) lines.push(`warning: ${s.warning}`);
  const kept = s.filtered > 0 ? ` (${s.filtered} of them kept back by the loglevel)` : '';
  const boots = s.boots > 1 ? ` of ${s.boots} boots` : '';
  lines.push(
    `${plural(s.records, 'record')}${boots}${kept}, ${plural(s.frames, 'frame')} (${plural(s.fragments, 'fragment')}), ${plural(s.bytes, 'byte')}`,
  );
  lines.push(...s.notes);
  lines.push(`${s.seconds.toFixed(3)} seconds, ${s.framesPerSecond} frames/s`);
  if (s.cutRecords > 0) lines.push(`${plural(s.cutRecords, 'record')} cut to what a record may have`);
  if (s.droppedRecords > 0) lines.push(`${plural(s.droppedRecords, 'record')} dropped: no room in the ring`);
  lines.push(...lossReport(s), ...ackReport(s), ...networkReport(s.network), ...pacingReport(s));
  if (s.brokenLines > 0) {
    lines.push(`${plural(s.brokenLines, 'broken line')}:`);
    for (const problem of s.problems) lines.push(`  ${formatProblem(problem)}`);
    const more = s.brokenLines - s.problems.length;
    if (more > 0) lines.push(`  and ${more} more`);
  }
  if (s.stopped !== undefined) lines.push(`stopped: ${s.stopped.message}`);
  return `${lines.join('\n')}\n`;
}

/** Reports frames that were dropped, by reason, and those that the end left, which are not lost. */
function lossReport(s: ReplaySummary): string[] {
  const reasons: readonly (readonly [number, string])[] = [
    [s.noSlot, 'no free slot in the queue of the device'],
    [s.interfaceDown, 'the interface was down'],
    [s.leftInQueue, 'waiting for the device when its interface went'],
    [s.deviceLost, 'taken by the device, which could not send them'],
  ];
  const told = reasons.filter(([frames]) => frames > 0).map(([frames, why]) => `${frames} ${why}`);
  const lines = told.length > 0 ? [`${plural(s.droppedFrames, 'frame')} dropped: ${told.join(', ')}`] : [];
  if (s.unsentFrames > 0) {
    const end = s.stopped?.cap ? 'the cap was reached' : 'the run was stopped';
    lines.push(`${plural(s.unsentFrames, 'frame')} left unsent: ${end} first`);
  }
  return lines;
}

function ackReport({ acks }: ReplaySummary): string[] {
  if (acks === undefined) return [];
  const { heard, malformed, resent, emergencies, gone, unacked } = acks;
  const odd = malformed > 0 ? ` (and ${malformed} that were none)` : '';
  const alone = emergencies > 0 ? `, ${emergencies} sent unasked` : '';
  return [
    `${plural(heard, 'answer')} heard${odd}: ${plural(resent, 'record')} sent again${alone}, ${gone} asked for but gone from the ring, ${unacked} unacked at the end`,
  ];
}

/** Says what a reliable run left undone, and what to do about it; empty if all is acked. */
export function ackProblems({ acks, hosts }: ReplaySummary): string[] {
  if (acks === undefined) return [];
  const { heard, gone, unacked } = acks;
  const problems: string[] = [];
  if (gone > 0) {
    problems.push(
      `${plural(gone, 'request')} for records that the ring no longer had: a longer one (--log-buf-len) or a lower --rate keeps them`,
    );
  }
  if (unacked > 0 && heard === 0) {
    problems.push(`no receiver answered ${hosts === 1 ? 'the host' : 'any host'}: is one listening that acks?`);
  } else if (unacked > 0) {
    problems.push(`${plural(unacked, 'record')} unacked at the end: --linger gives the receiver time to ask for them`);
  }
  return problems;
}
