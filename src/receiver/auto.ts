/**
 * The receiver for a source of which nothing is known: each datagram shows whether the source's
 * target is plain or extended. A host with a target of each kind is mixed.
 *
 * A datagram is a record if it begins with a record's header. Otherwise it is plain text if all of
 * this holds:
 *
 * - It has a letter, unless the source has sent text before.
 * - It ends in a newline or begins with a stamp, if the source has sent only records so far.
 * - It has no control characters; it may have a few, as kernels' texts have, if it begins with a
 *   stamp or the source has sent text before.
 *
 * All else goes to the extended receiver, which refuses it with a reason.
 */
import { callback, checkOptions, type OptionRules } from '../options.js';
import { PRIO_MAX, RecordTokens, skipReplayNotice, tokenizeHeader } from '../wire/record.js';
import { decimal, latin1Text, NEWLINE, SPACE } from '../wire/text.js';
import { RECEIVER_RULES, type ReceiverOptions } from './options.js';
import { PLAIN_RULES, type PlainLine, type PlainOptions, PlainReceiver } from './plain.js';
import { Receiver } from './receiver.js';
import type { ReceivedRecord } from './record.js';
import { checkDatagram } from './source.js';
import type { ProcessOutcome } from './stats.js';

/** What a source has sent: nothing that is known, plain text, records, or both. */
export type SourceKind = 'unknown' | 'plain' | 'extended' | 'mixed';

/** The options of the two receivers that it is made of. */
export interface AutoOptions extends ReceiverOptions, PlainOptions {
  /** Called when the kind of the source is known, or has changed. */
  readonly onKind?: (kind: SourceKind) => void;
}

const RULES: OptionRules<AutoOptions> = { ...RECEIVER_RULES, ...PLAIN_RULES, onKind: callback };
const TAB = 0x09;
/** `<6>[    1.250000] ` */
const STAMP = /^(?:<\d{1,4}>)?\[ *\d+\.\d{6}\]/;
const STAMP_MAX_BYTES = 32;
/** Control characters in a kernel's text: other protocols have more. */
const CONTROLS_MAX_SHARE = 1 / 8;
const tokens = new RecordTokens();

/** A receiver for a plain target, an extended one, or both. The contract is that of `Receiver`. */
export class AutoReceiver {
  readonly #extended: Receiver;
  /** Made when the first text comes. */
  #plain: PlainReceiver | undefined;
  readonly #plainOptions: PlainOptions;
  readonly #onKind: ((kind: SourceKind) => void) | undefined;
  #kind: SourceKind = 'unknown';

  /** Throws EINVAL if an option makes no sense. */
  constructor(options: AutoOptions = {}) {
    checkOptions('receiver', options, RULES);
    const { onKind, lineTimeoutMs, ...extended } = options;
    this.#onKind = onKind;
    this.#plainOptions = lineTimeoutMs === undefined ? {} : { lineTimeoutMs };
    this.#extended = new Receiver(extended);
  }

  /** What the source has sent so far. */
  get kind(): SourceKind {
    return this.#kind;
  }

  /** The counts of both receivers; lines count as records. */
  get stats(): object {
    const all: Record<string, unknown> = { ...this.#extended.stats };
    for (const [name, count] of Object.entries(this.#plain?.stats ?? {})) all[name] = Number(all[name] ?? 0) + count;
    return all;
  }

  /** Bytes of text held for records and lines that are not delivered yet. */
  get heldBytes(): number {
    return this.#extended.heldBytes + (this.#plain?.heldBytes ?? 0);
  }

  /** As `Receiver.windowBytes`. */
  get windowBytes(): number {
    return this.#extended.windowBytes;
  }

  /** As `Receiver.process`; the outcome for plain text is `stored`. */
  process(given: Uint8Array | undefined, nowMs: number): ProcessOutcome {
    const payload = checkDatagram(given, nowMs);
    if (payload === undefined) {
      this.#plain?.process(undefined, nowMs);
      return this.#extended.process(undefined, nowMs);
    }
    const plain = this.#plain !== undefined;
    if (!hasHeader(payload) && this.#isText(payload)) {
      this.#plain ??= new PlainReceiver(this.#plainOptions);
      if (!plain) this.#know(this.#kind === 'extended' ? 'mixed' : 'plain');
      this.#extended.process(undefined, nowMs);
      return this.#plain.process(payload, nowMs);
    }
    this.#plain?.process(undefined, nowMs);
    const { records, oos } = this.#extended.stats;
    const outcome = this.#extended.process(payload, nowMs);
    if (this.#kind !== 'extended' && this.#kind !== 'mixed') {
      const { stats, held } = this.#extended;
      if (held > 0 || stats.records > records || stats.oos > oos) this.#know(plain ? 'mixed' : 'extended');
    }
    return outcome;
  }

  /** Returns the next record, or line of plain text; the caller owns it. */
  next(): ReceivedRecord | PlainLine | undefined {
    return this.#extended.next() ?? this.#plain?.next();
  }

  /** As `next`, but a record is lent, as by `Receiver.borrow`. */
  borrow(): ReceivedRecord | PlainLine | undefined {
    return this.#extended.borrow() ?? this.#plain?.next();
  }

  /** As `Receiver.response`. */
  response(): Uint8Array | undefined {
    return this.#extended.response();
  }

  /** As `Receiver.nextDeadline`. */
  nextDeadline(): number | undefined {
    const a = this.#extended.nextDeadline();
    const b = this.#plain?.nextDeadline();
    return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
  }

  /** As `flush`, at the end of a `using` block; what that delivers is lost. */
  [Symbol.dispose](): void {
    this.flush();
  }

  /** As `Receiver.flush`. */
  flush(): void {
    this.#extended.flush();
    this.#plain?.flush();
  }

  /** Says whether the datagram is plain text, by the rules at the head of this file. */
  #isText(payload: Uint8Array): boolean {
    let end = payload.length;
    while (end > 0 && payload[end - 1] === 0) end--;
    if (2 * end <= payload.length) return false;
    if (this.#kind === 'extended' && payload[end - 1] !== NEWLINE && !hasStamp(payload)) return false;
    const { letters, controls } = lettersOf(payload, end);
    if (this.#plain === undefined && letters === 0) return false;
    if (controls === 0) return true;
    const known = (this.#plain !== undefined && payload[0]! >= SPACE) || hasStamp(payload);
    return known && controls <= CONTROLS_MAX_SHARE * end;
  }

  #know(kind: SourceKind): void {
    this.#kind = kind;
    this.#onKind?.(kind);
  }
}

/** Says whether a datagram begins like a header, whether or not the rest of that is right. */
function hasHeader(payload: Uint8Array): boolean {
  const t = tokens;
  const from = skipReplayNotice(payload, 0, payload.length);
  if (!tokenizeHeader(payload, from, payload.length, t)) return false;
  return (
    decimal(payload, t.prioAt, t.prioEnd) <= PRIO_MAX &&
    !Number.isNaN(decimal(payload, t.seqAt, t.seqEnd)) &&
    !Number.isNaN(decimal(payload, t.tsAt, t.tsEnd))
  );
}

/** Returns how many letters a text has, and how many characters that hardly any text has. */
function lettersOf(payload: Uint8Array, end: number): { readonly letters: number; readonly controls: number } {
  let letters = 0;
  let controls = 0;
  for (let at = 0; at < end; at++) {
    const byte = payload[at]!;
    if (byte < SPACE && byte !== NEWLINE && byte !== TAB && byte !== 0x0d && byte !== 0x1b && byte !== 0x07) controls++;
    const letter = byte | 0x20;
    if (letter >= 0x61 && letter <= 0x7a) letters++;
  }
  return { letters, controls };
}

/** Says whether a datagram begins with a stamp, perhaps behind a level. */
function hasStamp(payload: Uint8Array): boolean {
  return STAMP.test(latin1Text(payload, 0, Math.min(payload.length, STAMP_MAX_BYTES)));
}
