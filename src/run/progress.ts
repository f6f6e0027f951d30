/**
 * Tells how far a run has come. Its live view, its metrics and its series over time are made from
 * this.
 *
 * All counts are totals since the start of the run. A field that a run knows nothing of is absent.
 */

/** The places where something may be lost, in order from a log line to its reader. */
export const LOSS_PLACES = ['ring', 'netpoll', 'device', 'wire', 'socket', 'receiver'] as const;
/** One of `LOSS_PLACES`. */
export type LossPlace = (typeof LOSS_PLACES)[number];

/** What was lost at each place: records in the ring and the receiver, frames everywhere else. */
export type Losses = { readonly [place in LossPlace]?: number };

/** How far a run has come. */
export interface RunProgress {
  /** Seconds of the clock since the run began. */
  readonly seconds: number;
  /** How much of the run is done, from 0 to 1. Absent if the run goes on until it is stopped. */
  readonly done?: number;
  /** Records of the log that were sent, or records that were printed. */
  readonly records?: number;
  /** Frames that the device took, or datagrams that came in. */
  readonly frames: number;
  /** The bytes of these frames or datagrams. */
  readonly bytes?: number;
  /** Frames that were to leave by now. */
  readonly asked?: number;
  /** How late frames were, in milliseconds. */
  readonly late?: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How many hosts there are in all. */
  readonly hosts?: number;
  /** Hosts that are up, or sources that were heard. */
  readonly hostsUp?: number;
  /** What was lost so far. */
  readonly lost: Losses;
  /** Seqs that a receiver has passed over, since their records were lost somewhere before it. */
  readonly skipped?: number;
  /** Frames that carried a part of a record. */
  readonly fragments?: number;
  /** Acks of the reliable extension. */
  readonly acks?: number;
  /** Records sent again on request. */
  readonly retransmits?: number;
  /** Records sent again, as an emergency, since no ack came. */
  readonly emergencies?: number;
  /** The longest interval between emergency transmissions at present, in milliseconds. */
  readonly emergencyMs?: number;
}

/** The fields that are added up when the progress of threads is joined. */
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
 * Joins the progress of a run's threads, of which there must be at least one. Each thread has its
 * share of the hosts, and all have the same records.
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
