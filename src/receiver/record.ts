/** A record as a receiver delivers it. */
import { decodeText, unescapeText } from '../wire/text.js';

/**
 * A record as the receiver delivers it. From `next` the caller owns it. From `borrow` it belongs to
 * the receiver: it holds until the next call of `process`, `next`, `borrow` or `flush`, and its
 * `text` and `dict` are made at each access.
 */
export interface ReceivedRecord {
  /** What `uname -r` prints, where the sender prepends it. */
  readonly release: string | undefined;
  /** 0 for the kernel's own messages; else what wrote it, by syslog's numbers. */
  readonly facility: number;
  /** The severity, 0 (the worst) to 7. */
  readonly level: number;
  /**
   * Which stream of its source it belongs to, from 0: a boot of its host, or of one of several
   * hosts behind one address.
   */
  readonly boot: number;
  /** The sequence number, at most 2^53 - 1. */
  readonly seq: number;
  /** Microseconds on the sender's clock. */
  readonly tsUsec: number;
  /** `c` and `+`: the start and the rest of a continued line. */
  readonly flag: '-' | 'c' | '+';
  /** The value of `caller=`: `T` and a thread id, or `C` and a processor. */
  readonly caller: string | undefined;
  /**
   * Up to the first newline, escaped as it came, without the carriage return that a relay may have
   * put there; zero bytes where something is missing. `unescapeText()` undoes the escapes.
   */
  readonly text: Uint8Array;
  /**
   * What follows that newline: ` KEY=VALUE` lines. Undefined without a newline. `dictionary()`
   * reads it.
   */
  readonly dict: Uint8Array | undefined;
  /** When its first piece came, in the receiver's milliseconds. */
  readonly receivedMs: number;
  /** Whether all of it came; if not, the rest was given up after the timeout. */
  readonly complete: boolean;
  /** Bytes known not to have come. There may be more when the last piece is among them. */
  readonly missingBytes: number;
  /** Whether some of it came as an emergency transmission. */
  readonly emergency: boolean;
  /**
   * Whether it is out of sequence: it fitted no place in the stream, and its order among the others
   * means nothing.
   */
  readonly oos: boolean;
  /**
   * Whether it is the first of a stream: the first ever, or the first after the sender started
   * anew.
   */
  readonly seqReset: boolean;
  /** Seqs given up between the previous in-order record and this one. */
  readonly skipped: number;
}

/** Returns the text of a record as a string, without escapes. */
export function recordText(record: Pick<ReceivedRecord, 'text'>): string {
  return decodeText(unescapeText(record.text));
}
