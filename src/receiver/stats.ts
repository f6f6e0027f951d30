/** What a receiver counts. */
import { REFUSALS, type Refusal } from './parse.js';

/** Counted since the beginning; all start at 0 and only grow. */
export interface ReceiverStats {
  datagrams: number;
  /** Datagrams that were pieces of a record. */
  fragments: number;
  /** Datagrams that were emergency transmissions. */
  emergencies: number;
  /** Datagrams with nothing new in them, or for a record that is gone. */
  duplicates: number;
  /** Datagrams out of sequence. */
  oos: number;
  /** Streams begun after the first. */
  resets: number;
  /** Records delivered, and how many of those with bytes missing. */
  records: number;
  incomplete: number;
  /** Runs of seqs given up, and the seqs in them. */
  gaps: number;
  skipped: number;
  responses: number;
  /** Records the caller did not fetch in time. */
  overrun: number;
  refused: Record<Refusal, number>;
}

export function receiverStats(): ReceiverStats {
  const refused = Object.fromEntries(REFUSALS.map((why) => [why, 0])) as Record<Refusal, number>;
  return {
    datagrams: 0,
    fragments: 0,
    emergencies: 0,
    duplicates: 0,
    oos: 0,
    resets: 0,
    records: 0,
    incomplete: 0,
    gaps: 0,
    skipped: 0,
    responses: 0,
    overrun: 0,
    refused,
  };
}
