/**
 * The receiver for a source of which nothing is known: each datagram shows whether the source's
 * target is plain or extended. A host with a target of each kind is mixed.
 *
 * A datagram is a record if it has a record's header. It is plain text if it is text: it has a
 * letter, as long as the source has not sent any; of a source that has sent records only, it is a
 * whole line, or begins with a stamp; and it has no control characters, of which a kernel's texts
 * have few, unless it begins with a stamp or the source has sent text before. All else goes to the
 * extended receiver, which refuses it with a reason.
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

  /** EINVAL if an option makes no sense. */
  constructor(options: AutoOptions = {}) {
    checkOptions('receiver', options, RULES);
    const { onKind, lineTimeoutMs, ...extended } = options;
    this.#onKind = onKind;
    this.#plainOptions = lineTimeoutMs === undefined ? {} : { lineTimeoutMs };
    this.#extended = new Receiver(extended);
  }

  get kind(): SourceKind {
    return this.#kind;
  }

  /** The counts of both receivers; lines count as records. */
  get stats(): object {
    const all: Record<string, unknown> = { ...this.#extended.stats };
    for (const [name, count] of Object.entries(this.#plain?.stats ?? {})) all[name] = Number(all[name] ?? 0) + count;
    return all;
  }

  get heldBytes(): number {
    return this.#extended.heldBytes + (this.#plain?.heldBytes ?? 0);
  }

  get windowBytes(): number {
    return this.#extended.windowBytes;
  }

  /** As `Receiver.process`; `stored` for plain text. */
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

  /** The next record, or line of plain text; the caller owns it. */
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

  /** For `using`: flushes; records that this delivers are lost. */
  [Symbol.dispose](): void {
    this.flush();
  }

  /** As `Receiver.flush`. */
  flush(): void {
    this.#extended.flush();
    this.#plain?.flush();
  }

  /** A source that has sent text may send the rest of a line, which needs no letters. */
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

/** Says whether it begins like a header, whether or not the rest of that is right. */
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

/** Whether it begins with a stamp, perhaps behind a level. */
function hasStamp(payload: Uint8Array): boolean {
  return STAMP.test(latin1Text(payload, 0, Math.min(payload.length, STAMP_MAX_BYTES)));
}
