/**
 * Finds the fields of a netconsole message. An extended record is split at the same tokens that all
 * readers of records use (`wire/record.ts`); plain lines and receivers' responses are split here.
 */
import { parsePayload } from '../wire/extended.js';
import { nextField, RecordTokens, skipReplayNotice, tokenizeHeader } from '../wire/record.js';
import { decodeText, latin1Text, NEWLINE } from '../wire/text.js';
import type { Field, FieldKind, Fields } from './field.js';

const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];

/** Returns the name of a level, or its number if there is no such level. */
export function levelName(level: number): string {
  return LEVELS[level] ?? String(level);
}

const tokens = new RecordTokens();

/** Adds the fields of a message behind those of its headers. */
export function payloadFields(fields: Fields, payload: Uint8Array): void {
  const parsed = parsePayload(payload);
  const notice = skipReplayNotice(payload, 0, payload.length);
  if (parsed.kind === 'extended' && notice === 0) extendedFields(fields, payload);
  else if (/^(nca|ncrx)\d/.test(latin1Text(payload, 0, Math.min(8, payload.length)))) responseFields(fields, payload);
  else plainFields(fields, payload);
}

type Part = Omit<Field, 'start' | 'end'>;

function extendedFields(fields: Fields, payload: Uint8Array): void {
  const t = tokens;
  tokenizeHeader(payload, 0, payload.length, t);
  const base = fields.at;
  const text = (at: number, end: number) => latin1Text(payload, at, end);
  const to = (end: number, part: Part) => fields.add(base + end - fields.at, part);
  const mark = (end: number, value: string, meaning: string) => to(end, { kind: 'mark', name: value, value, meaning });
  const comma = (end: number) => mark(end, ',', 'Ends a field of the header.');
  if (t.releaseEnd >= 0) {
    const meaning = 'What “uname -r” prints: the target’s attribute “release” puts it in front.';
    to(t.releaseEnd, { kind: 'release', name: 'release', value: text(t.at, t.releaseEnd), meaning });
    comma(t.prioAt);
  }
  const prio = Number(text(t.prioAt, t.prioEnd));
  to(t.prioEnd, {
    kind: 'prio',
    name: 'priority',
    value: `${prio}: facility ${prio >> 3}, level ${prio & 7} (${levelName(prio & 7)})`,
    meaning: 'Facility times 8, plus the level. Facility 0 is the kernel itself.',
  });
  comma(t.seqAt);
  const seq = text(t.seqAt, t.seqEnd);
  to(t.seqEnd, {
    kind: 'seq',
    name: 'seq',
    value: seq,
    meaning: 'The number of the record in the log: a gap is a loss.',
  });
  comma(t.tsAt);
  const usec = Number(text(t.tsAt, t.tsEnd));
  const stamp = `${(usec / 1e6).toFixed(6)} s since boot`;
  to(t.tsEnd, { kind: 'time', name: 'timestamp', value: stamp, meaning: 'Microseconds on the kernel’s own clock.' });
  comma(t.flagAt);
  to(t.flagEnd, {
    kind: 'flag',
    name: 'flag',
    value: text(t.flagAt, t.flagEnd),
    meaning: '“-”: a whole line. “c”: a piece of a line. “+”: a further piece, in old kernels.',
  });
  while (nextField(payload, t)) {
    comma(t.fieldAt);
    to(t.fieldEnd, headerField(text(t.fieldAt, t.fieldEnd)));
  }
  mark(t.headerEnd + 1, ';', 'Ends the header. What follows is counted by “ncfrag”.');
  bodyFields(fields, payload, t.headerEnd + 1);
}

function headerField(value: string): Part {
  const key = value.split('=')[0]!;
  const known: Readonly<Record<string, readonly [FieldKind, string]>> = {
    caller: ['caller', 'Who logged it: T and a thread, or C and a processor. CONFIG_PRINTK_CALLER.'],
    ncfrag: ['fragment', 'A piece of a message that is longer than 1000 bytes: its offset, and how much there is.'],
    emg: ['fragment', 'An emergency transmission: nothing was acked for ten seconds.'],
    ncemg: ['fragment', 'An emergency transmission: nothing was acked for ten seconds.'],
  };
  const [kind, meaning] = known[key] ?? ['data', 'A field of the header that mainline does not have.'];
  return { kind, name: key, value, meaning };
}

const ESCAPE = 0x5c;

/**
 * Adds the text up to the first newline, then the dictionary. A fragment may begin and end in the
 * middle of either.
 */
function bodyFields(fields: Fields, payload: Uint8Array, at: number): void {
  const piece = parsePayload(payload);
  const later = piece.kind === 'extended' && piece.fragment !== undefined && piece.fragment.offset > 0;
  const newline = payload.indexOf(NEWLINE, at);
  const textEnd = newline < 0 ? payload.length : newline;
  const entry = later && payload[at] === 0x20 && latin1Text(payload, at, textEnd).includes('=');
  if (!entry) textFields(fields, payload, at, textEnd);
  else dictionaryField(fields, payload, at, textEnd);
  for (let line = textEnd; line < payload.length; ) {
    if (payload[line] === NEWLINE) {
      fields.add(1, {
        kind: 'mark',
        name: 'newline',
        value: '\\n',
        meaning: 'Ends the text, or an entry of the dictionary.',
      });
      line++;
      continue;
    }
    const next = payload.indexOf(NEWLINE, line);
    const end = next < 0 ? payload.length : next;
    dictionaryField(fields, payload, line, end);
    line = end;
  }
}

function dictionaryField(fields: Fields, payload: Uint8Array, at: number, end: number): void {
  const value = decodeText(payload.subarray(at, end)).trim();
  fields.add(end - at, {
    kind: 'dictionary',
    name: value.split('=')[0]! || 'dictionary',
    value,
    meaning: 'A key and its value: the device, userdata, or what sysdata adds. A space begins the line.',
  });
}

/** Adds text, of which every `\xNN` becomes a field of its own. */
function textFields(fields: Fields, payload: Uint8Array, at: number, end: number): void {
  let from = at;
  const text = (to: number) =>
    fields.add(to - from, {
      kind: 'text',
      name: 'text',
      value: decodeText(payload.subarray(from, to)),
      meaning: 'What was given to printk, its newline taken off.',
    });
  for (let i = at; i < end; i++) {
    const escaped = payload[i] === ESCAPE && payload[i + 1] === 0x78 && i + 4 <= end;
    if (!escaped) continue;
    text(i);
    const value = latin1Text(payload, i, i + 4);
    fields.add(4, {
      kind: 'escape',
      name: 'escape',
      value,
      meaning: 'One byte that is not printable ASCII, or a backslash, as a backslash, x and two digits.',
    });
    i += 3;
    from = i + 1;
  }
  text(end);
}

/** What stands before the text of a plain line: priority, timestamp, caller, and a space. */
const PLAIN = /^(<\d+>)?(\[ *\d+\.\d{6}\])?(\[ *[TC]\d+\])?( )?/;

/**
 * Adds the lines of a plain message. A notice of the console is one field; other lines are split
 * into their prefix and text.
 */
function plainFields(fields: Fields, payload: Uint8Array): void {
  for (let at = 0; at < payload.length; ) {
    const newline = payload.indexOf(NEWLINE, at);
    const end = newline < 0 ? payload.length : newline;
    const line = latin1Text(payload, at, end);
    if (/^\*\* .* \*\*$/.test(line)) {
      fields.add(end - at, {
        kind: 'notice',
        name: 'notice',
        value: line,
        meaning: 'The console’s own words, not a record’s.',
      });
    } else {
      const [, syslog, stamp, caller, space] = PLAIN.exec(line)!;
      const add = (value: string | undefined, part: Omit<Part, 'value'>) =>
        fields.add(value?.length ?? 0, { ...part, value: value ?? '' });
      add(syslog, { kind: 'prio', name: 'priority', meaning: 'Facility times 8, plus the level.' });
      add(stamp, { kind: 'time', name: 'timestamp', meaning: 'Seconds on the kernel’s own clock. printk.time.' });
      add(caller, { kind: 'caller', name: 'caller', meaning: 'Who logged it. CONFIG_PRINTK_CALLER.' });
      add(space, { kind: 'mark', name: 'space', meaning: 'Ends the prefix.' });
      const from = at + (PLAIN.exec(line)![0] as string).length;
      fields.add(end - from, {
        kind: 'text',
        name: 'text',
        value: decodeText(payload.subarray(from, end)),
        meaning: 'What was given to printk. A plain target sends it as it is.',
      });
    }
    if (newline >= 0) fields.add(1, { kind: 'mark', name: 'newline', value: '\\n', meaning: 'Ends the line.' });
    at = end + 1;
  }
}

function responseFields(fields: Fields, payload: Uint8Array): void {
  const [ack, ...missing] = latin1Text(payload).split(' ');
  const digits = /\d+$/.exec(ack!)![0];
  const prefix = ack!.slice(0, -digits.length);
  fields.add(prefix.length, { kind: 'flag', name: 'dialect', value: prefix, meaning: 'Whose response it is.' });
  fields.add(digits.length, {
    kind: 'seq',
    name: 'ack',
    value: digits,
    meaning: 'All records up to this one have come.',
  });
  for (const seq of missing) {
    fields.add(1, { kind: 'mark', name: 'space', value: ' ', meaning: 'Ends a number.' });
    fields.add(seq.length, { kind: 'seq', name: 'missing', value: seq, meaning: 'This record is asked for again.' });
  }
}
