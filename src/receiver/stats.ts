/** What a receiver counts. */
import { REFUSALS, type Refusal } from './parse.js';

/**
 * What became of a payload, or of the first record in it: `none` (there was none), `stored` (a new
 * record, or its first piece), `merged` (another piece), `duplicate` (nothing new in it), `retired`
 * (its record is gone), `late` (its record had been given up, and is delivered after all), `oos`
 * (out of sequence, held), or a refusal.
 */
export type ProcessOutcome = 'none' | 'stored' | 'merged' | 'duplicate' | 'retired' | 'late' | 'oos' | Refusal;

/** Counted since the beginning. */
export interface ReceiverStats {
  /** Datagrams that came, refused ones too. */
  datagrams: number;
  /** Datagrams that were pieces of a record. */
  fragments: number;
  /** Datagrams that were emergency transmissions. */
  emergencies: number;
  /** Datagrams with nothing new in them, or for a record that is gone. */
  duplicates: number;
  /** Datagrams out of sequence. */
  oos: number;
  /** Records that came behind another one in a datagram. */
  parted: number;
  /**
   * Streams begun after the first: the sender started anew, its sequence jumped, or another host
   * shares its address.
   */
  resets: number;
  /** Records delivered. */
  records: number;
  /** Records delivered with bytes missing. */
  incomplete: number;
  /**
   * Records whose text ended in a carriage return that a relay had put there; the receiver takes it
   * off.
   */
  carriageReturns: number;
  /** Runs of seqs that were given up or jumped over. */
  gaps: number;
  /** The seqs in those runs. */
  skipped: number;
  /** Records that came after their seq had been counted in `skipped`. */
  late: number;
  /** Responses made. */
  responses: number;
  /** Records the caller did not fetch in time. */
  overrun: number;
  /** Datagrams that were refused, by the reason. */
  refused: Record<Refusal, number>;
}

const NONE_REFUSED = Object.fromEntries(REFUSALS.map((why) => [why, 0])) as Record<Refusal, number>;

/** Makes counts that are all 0. */
export function receiverStats(): ReceiverStats {
  return {
    datagrams: 0,
    fragments: 0,
    emergencies: 0,
    duplicates: 0,
    oos: 0,
    parted: 0,
    resets: 0,
    records: 0,
    incomplete: 0,
    carriageReturns: 0,
    gaps: 0,
    skipped: 0,
    late: 0,
    responses: 0,
    overrun: 0,
    refused: { ...NONE_REFUSED },
  };
}
