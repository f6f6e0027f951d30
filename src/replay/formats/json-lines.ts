/**
 * Reads JSON with one object a line, as log shippers write it. Either a member holds a line of the
 * kernel's log, or the members are a record's fields.
 *
 *   {"log":"[    1.250000] text\n","stream":"stdout"}                        containers, Loki, ELK, clouds
 *   - {"dt": "2024-01-02T03:04:05", "lvl": "target", "msg": "[    1.250000] text"}      LAVA
 *   {"log":"{\\"msg\\":\\"[    1.250000] text\\"}\\n","stream":"stdout"}              a container that logs JSON itself
 *   2024-01-02 03:04:05.123 +0000 kmsg: {"log":"[    1.250000] text"}                 behind Fluentd's time and tag
 *   [0] kmsg: [[1700000000.123, {}], {"log"=>"[    1.250000] text"}]                  Fluent Bit's standard output
 *   {"streams":[{"stream":{"host":"n2"},"values":[["1700000000","[    1.250000] text"]]}]}   Loki's answers, and others in members
 *   {"priority":6,"sequence":416,"sec":1,"usec":250000,"msg":"text"}         Fluent Bit's kmsg
 *   {"host":"192.0.2.1","level":6,"seq":416,"tsUsec":1250000,"text":"text"}  `receive --json` of this package
 */
import { Cursor } from './bytes.js';
import { fluentMembers, isFluent } from './fluent-bit.js';
import type { LogFormat } from './format.js';
import { LogHead } from './format.js';
import { type KernelLineRules, KernelLines } from './kernel-lines.js';
import { view } from './lines.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';
import { STAMP_TEXT } from './stamp.js';

type Members = Readonly<Record<string, unknown>>;

const RULES: KernelLineRules = { wraps: false, reason: 'no "[seconds.microseconds] " in it' };
const NO_OBJECT = 'no object of JSON';
const NO_LINE = "no line of the kernel's in it";
const TOO_LONG = `a text of more than ${RECORD_MAX_BYTES} bytes`;
const STAMP = new RegExp(STAMP_TEXT);
const NEXT_LINE = new RegExp(String.raw`\r?\n(?=(?:<\d{1,4}>)?${STAMP_TEXT})`);
const NO_LINES: readonly string[] = [];
/**
 * The line's beginning: LAVA writes a YAML list; Fluentd and containers put a time and a tag first.
 */
const ITEM = /^(?:[^[{"]{0,128}\{|\[ ?")/;
/** The names that shippers give the member with the log's line, the likeliest first. */
const LINES = ['message', 'msg', 'log', 'line', 'textPayload', 'text', 'MESSAGE', 'short_message', '_raw'];
const HOSTS = ['host', 'hostname', '_HOSTNAME', 'node'];

/** One JSON object a line, which holds lines of the kernel's log or a record's fields. */
export const jsonLines: LogFormat = {
  name: 'json-lines',
  description: 'JSON, an object a line: log shippers, containers, LAVA, `receive --json`',
  recognise(head: LogHead) {
    if (!head.lines.some(isItem)) return 0;
    return head.share((line) => {
      const members = parseBytes(line);
      return members !== undefined && (recordOf(members) !== undefined || linesOf(members).length > 0);
    });
  },
  open: (head: LogHead) => new JsonLines(innerHead(head)),
};

/** Makes a head out of the log's lines that the objects of `head` hold. */
function innerHead(head: LogHead): LogHead {
  const lines = head.lines.flatMap((line) => linesOf(parseBytes(line) ?? {}));
  return new LogHead(Buffer.from(`${lines.join('\n')}\n`), 'nothing');
}

class JsonLines extends KernelLines {
  readonly #id = new Cursor();

  constructor(head: LogHead) {
    super(head, RULES);
  }

  protected override line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (end === start) return;
    const members = parse(bytes.toString('utf8', start, end));
    if (members === undefined) {
      this.broken(bytes, start, end, NO_OBJECT, batch);
      return;
    }
    this.complete(bytes, batch);
    const record = recordOf(members);
    const lines = record === undefined ? linesOf(members) : [String(record['text'] ?? record['msg'])];
    if (lines.length === 0) this.broken(bytes, start, end, NO_LINE, batch);
    for (const text of lines) {
      const most = text.length <= RECORD_MAX_BYTES / 3 ? 3 * text.length : Buffer.byteLength(text);
      if (most > RECORD_MAX_BYTES) {
        this.broken(bytes, start, end, TOO_LONG, batch);
        continue;
      }
      const at = batch.reserve(most);
      const { memory } = batch;
      const stop = at + memory.write(text, at, most);
      if (record === undefined) this.#inner(memory, at, stop, members, batch);
      else this.#record(record, members, view(memory, at, stop), batch);
    }
  }

  /** Reads a line of the kernel's log that a member holds. */
  #inner(bytes: Buffer, start: number, end: number, members: Members, batch: Batch): void {
    super.line(bytes, start, end, batch);
    if (this.pending !== undefined) {
      if (this.pending.level < 0) setPriority(this.pending, members);
      this.pending.host = hostOf(members);
    }
    this.complete(bytes, batch);
  }

  /** Makes a record of its fields, which are all members of a line, or one of its members. */
  #record(fields: Members, members: Members, text: Uint8Array, batch: Batch): void {
    const record = batch.next();
    record.line = batch.line;
    this.#fields(fields, record);
    record.host ??= hostOf(members);
    batch.commit(record, text);
  }

  #fields(members: Members, record: PooledRecord): void {
    setPriority(record, members);
    record.seq = whole(members['seq']) ?? whole(members['sequence']);
    record.tsUsec = whole(members['tsUsec']) ?? whole(members['sec'])! * 1e6 + whole(members['usec'])!;
    record.host = hostOf(members);
    record.cont = members['flag'] === 'c' || members['flag'] === '+';
    record.continues = members['flag'] === '+';
    record.release = string(members['release']);
    const caller = Buffer.from(string(members['caller']) ?? '');
    this.#id.set(caller, 0, caller.length);
    const id = this.#id.caller();
    record.callerId = id < 0 ? undefined : id;
    const { SUBSYSTEM, DEVICE, ...rest } = (members['dict'] ?? {}) as Readonly<Record<string, string>>;
    record.subsystem = SUBSYSTEM;
    record.device = DEVICE;
    record.dictionary = Object.keys(rest).length > 0 ? rest : undefined;
  }
}

/** Returns the object of a line, or `undefined` if there is none. */
function parse(line: string): Members | undefined {
  if (!ITEM.test(line)) return fluentMembers(line);
  return parseObject(line.startsWith('{') || line.startsWith('[') ? line : line.slice(line.indexOf('{')));
}

function parseObject(text: string): Members | undefined {
  try {
    return JSON.parse(text) as Members;
  } catch {
    return undefined;
  }
}

/** Returns the object of a latin1 line, in which each character is a byte. */
function parseBytes(line: string): Members | undefined {
  return isItem(line) ? parse(Buffer.from(line, 'latin1').toString()) : undefined;
}

function isItem(line: string): boolean {
  return ITEM.test(line) || isFluent(line);
}

/** Returns the object that a value is, or that a string value holds as JSON. */
function objectOf(value: unknown): Members | undefined {
  if (typeof value === 'object' && value !== null) return value as Members;
  return typeof value === 'string' && value.startsWith('{') ? parseObject(value) : undefined;
}

/** Says whether the members are a record's fields. */
function isRecord(members: Members): boolean {
  if (typeof members['text'] === 'string') return whole(members['tsUsec']) !== undefined;
  return (
    typeof members['msg'] === 'string' && whole(members['sec']) !== undefined && whole(members['usec']) !== undefined
  );
}

/** Returns a record's fields: these members, or the members of one of them. */
function recordOf(members: Members): Members | undefined {
  if (isRecord(members)) return members;
  for (const name in members) {
    const value = objectOf(members[name]);
    if (value !== undefined && isRecord(value)) return value;
  }
  return undefined;
}

/**
 * Returns the lines of the kernel's log that a value holds, without their line ends. Of an object
 * it takes the likeliest string, or else the first member that holds any; of an array, all.
 */
function linesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return STAMP.test(value) ? linesOfText(value) : NO_LINES;
  if (typeof value !== 'object' || value === null) return NO_LINES;
  if (Array.isArray(value)) return value.flatMap(linesOf);
  for (const name of LINES) {
    const line = (value as Members)[name];
    if (typeof line === 'string' && STAMP.test(line)) return linesOfText(line);
  }
  for (const name in value) {
    const lines = linesOf((value as Members)[name]);
    if (lines.length > 0) return lines;
  }
  return NO_LINES;
}

/** Returns the lines in a string: itself, several with a stamp each, or those of a JSON object. */
function linesOfText(value: string): readonly string[] {
  const members = objectOf(value);
  if (members !== undefined) return linesOf(members);
  const text = withoutEnd(value);
  return text.includes('\n') ? text.split(NEXT_LINE) : [text];
}

function withoutEnd(line: string): string {
  let { length } = line;
  while (length > 0 && (line[length - 1] === '\n' || line[length - 1] === '\r')) length--;
  return length === line.length ? line : line.slice(0, length);
}

function hostOf(members: Members): string | undefined {
  for (const name of HOSTS) {
    const value = members[name];
    if (typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null) return string((value as Members)['name']);
  }
  return undefined;
}

/** Sets level and facility if the members tell them. A level over 7 is not the kernel's. */
function setPriority(record: PooledRecord, members: Members): void {
  const priority = whole(members['priority']) ?? whole(members['PRIORITY']);
  const level = whole(members['level']);
  if (priority !== undefined && priority < 2048) {
    record.level = priority & 7;
    record.facility = priority >> 3;
  } else if (level !== undefined && level < 8) record.level = level;
  record.facility = whole(members['facility']) ?? record.facility;
}

function whole(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
