/**
 * Defines the grammar of an extended record, in this one place: finds where the parts of its header
 * and of its body lie. It makes no strings and allocates nothing.
 *
 * ```text
 * [RELEASE,]PRIO,SEQ,TS,FLAG[,KEY=VALUE...];TEXT\n[ KEY=VALUE\n...]
 * ```
 *
 * `tokenizeHeader` checks nothing but the commas, so that different policies can be built on it:
 * `parsePayload` describes what is there and names what is odd; the receiver's `parsePacket`
 * accepts or refuses.
 *
 * Linux: kernel/printk/printk.c info_print_ext_header(), msg_print_ext_body();
 * Documentation/ABI/testing/dev-kmsg.
 *
 * @example
 * const tokens = new RecordTokens();
 * if (tokenizeHeader(bytes, 0, bytes.length, tokens)) {
 *   console.log(bytes.subarray(tokens.seqAt, tokens.seqEnd));      // the seq, in decimal
 * }
 */
import { COMMA, DOT, decimal, EQUALS, encodeText, NEWLINE, SEMICOLON, SPACE, startsWith } from './text.js';

/** The most bytes of `uname -r`. Linux: include/uapi/linux/utsname.h __NEW_UTS_LEN. */
export const RELEASE_MAX_BYTES = 64;
/**
 * The length of the longest header that is looked for, without its `;`. Linux: CONSOLE_EXT_LOG_MAX
 * and prefix are far below.
 */
export const HEADER_MAX_BYTES = 1023;
/** The names of the levels, by their numbers. Linux: include/linux/kern_levels.h. */
export const LEVEL_NAMES: readonly string[] = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
/** The largest PRIO: a facility of one byte, and three bits of level. */
export const PRIO_MAX = 2047;

/**
 * A line that kernels with printer threads put in front of a record. Linux: kernel/printk/printk.c
 * console_prepend_replay().
 */
export const REPLAY_NOTICE: Uint8Array = encodeText('** replaying previous printk message **\n');

/**
 * The positions of a header's parts in the given bytes. The object may be used again for the next
 * record. An absent part is empty.
 */
export class RecordTokens {
  /** Where the header begins. */
  at = 0;
  /** Where the comma behind the release is; -1 if no release is prepended. */
  releaseEnd = -1;
  /** The priority: `[prioAt, prioEnd)`. */
  prioAt = 0;
  prioEnd = 0;
  /** The seq: `[seqAt, seqEnd)`. */
  seqAt = 0;
  seqEnd = 0;
  /** The timestamp: `[tsAt, tsEnd)`. */
  tsAt = 0;
  tsEnd = 0;
  /** What stands between the third comma and the next one; -1 if there is no third comma. */
  flagAt = -1;
  flagEnd = -1;
  /** Where the `;` is. The body begins behind it. */
  headerEnd = 0;
  /** The header field that `nextField` found last: `[fieldAt, fieldEnd)`. */
  fieldAt = 0;
  fieldEnd = 0;
  /** Where that field's `=` is; -1 if it has none. */
  equals = -1;
}

/**
 * Finds the parts of a header in `bytes[at, end)`. Returns false if no `;` comes within 1023 bytes,
 * or fewer than two commas before it. If the first field has at most 64 bytes and a dot among them,
 * it is a release, because no priority has a dot.
 */
export function tokenizeHeader(bytes: Uint8Array, at: number, end: number, tokens: RecordTokens): boolean {
  const limit = Math.min(end, at + HEADER_MAX_BYTES + 1);
  tokens.at = at;
  tokens.releaseEnd = -1;
  tokens.flagAt = -1;
  tokens.flagEnd = -1;
  let i = at;
  let dot = false;
  let byte = 0;
  for (; i < limit; i++) {
    byte = bytes[i]!;
    if (byte === COMMA || byte === SEMICOLON) break;
    if (byte === DOT) dot = true;
  }
  let from = at;
  if (dot && byte === COMMA && i < limit && i - at <= RELEASE_MAX_BYTES) {
    tokens.releaseEnd = i;
    from = ++i;
    for (; i < limit; i++) {
      byte = bytes[i]!;
      if (byte === COMMA || byte === SEMICOLON) break;
    }
  }
  tokens.prioAt = from;
  tokens.prioEnd = i;
  if (byte !== COMMA || i >= limit) return false;
  tokens.seqAt = ++i;
  for (; i < limit; i++) {
    byte = bytes[i]!;
    if (byte === COMMA || byte === SEMICOLON) break;
  }
  tokens.seqEnd = i;
  if (byte !== COMMA || i >= limit) return false;
  tokens.tsAt = ++i;
  for (; i < limit; i++) {
    byte = bytes[i]!;
    if (byte === COMMA || byte === SEMICOLON) break;
  }
  tokens.tsEnd = i;
  if (byte === COMMA && i < limit) {
    tokens.flagAt = ++i;
    for (; i < limit; i++) {
      byte = bytes[i]!;
      if (byte === COMMA || byte === SEMICOLON) break;
    }
    tokens.flagEnd = i;
    // The first field begins behind a comma, if there is one.
    tokens.fieldEnd = i;
    if (byte === COMMA) while (i < limit && bytes[i] !== SEMICOLON) i++;
  } else {
    tokens.fieldEnd = i;
  }
  tokens.headerEnd = i;
  return i < limit && bytes[i] === SEMICOLON;
}

/**
 * Moves to the next field behind the flag and finds its `=`; returns false if there is none. A
 * field may be empty.
 */
export function nextField(bytes: Uint8Array, tokens: RecordTokens): boolean {
  if (tokens.fieldEnd >= tokens.headerEnd) return false;
  const at = tokens.fieldEnd + 1;
  let i = at;
  tokens.equals = -1;
  for (; i < tokens.headerEnd && bytes[i] !== COMMA; i++)
    if (bytes[i] === EQUALS && tokens.equals < 0) tokens.equals = i;
  tokens.fieldAt = at;
  tokens.fieldEnd = i;
  return true;
}

const probe = new RecordTokens();

/**
 * Says whether a line that begins at `at` must be a record: it has a complete header of plain
 * decimals and a known flag, and any field behind the flag has its `=`. This is strict because it
 * decides where one record ends and another begins.
 */
export function beginsRecord(bytes: Uint8Array, at: number, end: number): boolean {
  const t = probe;
  if (!tokenizeHeader(bytes, at, end, t) || t.flagEnd - t.flagAt !== 1) return false;
  const flag = bytes[t.flagAt];
  if (flag !== 0x2d && flag !== 0x63 && flag !== 0x2b) return false;
  if (!(decimal(bytes, t.prioAt, t.prioEnd) <= PRIO_MAX)) return false;
  if (!(decimal(bytes, t.seqAt, t.seqEnd) <= Number.MAX_SAFE_INTEGER)) return false;
  if (!(decimal(bytes, t.tsAt, t.tsEnd) <= Number.MAX_SAFE_INTEGER)) return false;
  while (nextField(bytes, t)) if (t.equals <= t.fieldAt) return false;
  for (let i = at; i < t.headerEnd; i++) if (bytes[i]! < SPACE || bytes[i]! > 0x7e) return false;
  return true;
}

/** Returns the position behind a replay notice at `at`, or `at` if there is none. */
export function skipReplayNotice(bytes: Uint8Array, at: number, end: number): number {
  return bytes[at] === REPLAY_NOTICE[0] && startsWith(bytes, REPLAY_NOTICE, at, end) ? at + REPLAY_NOTICE.length : at;
}

/**
 * Returns where the record whose body begins at `at` ends: before the next line that begins a
 * record, because relays put several into one datagram, or at `end`. It must not be used for a
 * fragment, whose body may end anywhere.
 */
export function recordEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let newline = bytes.indexOf(NEWLINE, at); newline >= 0 && newline + 1 < end; ) {
    const next = newline + 1;
    // A line of the dictionary begins with a space.
    if (bytes[next] !== SPACE && beginsRecord(bytes, skipReplayNotice(bytes, next, end), end)) return next;
    newline = bytes.indexOf(NEWLINE, next);
  }
  return end;
}

/**
 * Calls `entry` with the positions of each dictionary entry in `bytes[at, end)`, in order. Entries
 * are lines of ` KEY=VALUE`. Userdata may hold newlines, which nothing marks, so a line of another
 * form belongs to the value before it. Returns where the first entry begins, or `end` if there is
 * none. Lines before the first entry belong to nothing.
 */
export function dictionaryEntries(
  bytes: Uint8Array,
  at: number,
  end: number,
  entry: (keyAt: number, equals: number, valueEnd: number) => void,
): number {
  let keyAt = -1;
  let equals = -1;
  let first = end;
  let lineEnd = at;
  for (let line = at; line < end; line = lineEnd + 1) {
    const previousEnd = lineEnd;
    const newline = bytes.indexOf(NEWLINE, line);
    lineEnd = newline < 0 || newline > end ? end : newline;
    const sign = bytes[line] === SPACE ? bytes.indexOf(EQUALS, line) : -1;
    if (sign <= line + 1 || sign >= lineEnd) continue;
    if (keyAt >= 0) entry(keyAt, equals, previousEnd);
    else first = line;
    keyAt = line + 1;
    equals = sign;
  }
  if (keyAt >= 0) entry(keyAt, equals, lineEnd);
  return first;
}
