/**
 * Where a run is: what its live view, its metrics and its series over time are made of.
 *
 * All are totals since the start of the run. A field that a run knows nothing of is absent.
 */

/** Where something may be lost on its way from a log line to a reader, in the order of the way. */
export const LOSS_PLACES = ['ring', 'netpoll', 'device', 'wire', 'socket', 'receiver'] as const;
/** One of `LOSS_PLACES`. */
export type LossPlace = (typeof LOSS_PLACES)[number];

/** What was lost, by place: records of the ring and the receiver, frames of all others. */
export type Losses = { readonly [place in LossPlace]?: number };

/** How far a run has come. */
export interface RunProgress {
  /** Of the clock, since the run began. */
  readonly seconds: number;
  /** How much of the run is done, from 0 to 1. Absent: it ends when it is told to. */
  readonly done?: number;
  /** Records of the log that were sent, or records that were printed. */
  readonly records?: number;
  /** What the device took, or datagrams that came in; and their bytes. */
  readonly frames: number;
  readonly bytes?: number;
  /** Frames that were to leave by now. */
  readonly asked?: number;
  /** How late frames were, in milliseconds. */
  readonly late?: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly hosts?: number;
  /** Hosts that are up, or sources that were heard. */
  readonly hostsUp?: number;
  readonly lost: Losses;
  /** Seqs that a receiver has passed over: lost at any place before it. */
  readonly skipped?: number;
  /** Frames that carried a part of a record. */
  readonly fragments?: number;
  /** Of the reliable extension. */
  readonly acks?: number;
  readonly retransmits?: number;
  readonly emergencies?: number;
  /** The longest interval that an emergency transmission backs off with now, in milliseconds. */
  readonly emergencyMs?: number;
}

const SUMMED = [
  'frames',
  'bytes',
  'asked',
  'hosts',
  'hostsUp',
  'fragments',
  'acks',
  'retransmits',
  'emergencies',
] as const;

/**
 * Where a run is that goes on in several threads, each with its share of the hosts and with the
 * same records. At least one.
 */
export function joinProgress(all: readonly RunProgress[]): RunProgress {
  const known = (key: keyof RunProgress) => all.flatMap((one) => (one[key] === undefined ? [] : [one[key] as number]));
  const lost: Partial<Record<LossPlace, number>> = {};
  for (const one of all)
    for (const place of LOSS_PLACES)
      if (one.lost[place] !== undefined) lost[place] = (lost[place] ?? 0) + one.lost[place];
  const late = all.flatMap((one) => one.late ?? []);
  const latest = (key: 'p50' | 'p99' | 'max') => Math.max(...late.map((one) => one[key]));
  return {
    ...all[0],
    ...Object.fromEntries(
      SUMMED.filter((key) => known(key).length > 0).map((key) => [key, known(key).reduce((sum, n) => sum + n, 0)]),
    ),
    seconds: Math.max(...known('seconds')),
    ...(known('emergencyMs').length > 0 && { emergencyMs: Math.max(...known('emergencyMs')) }),
    ...(late.length > 0 && { late: { p50: latest('p50'), p99: latest('p99'), max: latest('max') } }),
    lost,
  } as RunProgress;
}
