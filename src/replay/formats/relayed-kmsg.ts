/**
 * Reads records of extended targets as receivers write them into files: each behind the receiver's
 * time, the sender's address, or both.
 *
 *   Jan  2 03:04:05 192.0.2.5 6,416,1000000,-,caller=T16;text            a syslog daemon
 *   2024-01-02T03:04:05+00:00 192.0.2.5 6,416,1000000,-;text#012 DEVICE=n2    rsyslog, newlines as `#012`
 *   2024-01-02 03:04:05.123 6,416,1000000,-;text                         `nc -u -l | ts`
 *
 * The dictionary follows behind `#012`, or on lines of its own.
 */

import { unescapeKmsg } from './bytes.js';
import { BSD_DATE, DATE_WORD, ISO_DATE } from './dates.js';
import type { LogFormat, LogHead } from './format.js';
import { Fragments } from './fragments.js';
import { HeaderReader, KMSG_HEADER } from './kmsg-headers.js';
import { LineParser, view } from './lines.js';
import type { Batch, PooledRecord } from './record.js';
import { latin1 } from './stamp.js';

const TIME =
  String.raw`\[?(?:${DATE_WORD} )?(?:${BSD_DATE}|${ISO_DATE}|\d\d:\d\d:\d\d(?:[.,]\d+)?|\d{9,10}(?:\.\d+)?)\]?`.replaceAll(
    /\((?!\?)/g,
    '(?:',
  );
const ADDRESS = String.raw`(?:\[[\da-f:.]+(?:%[\w.-]+)?\]|\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)(?::\d{1,5})?:?`;
/** What stands in front: a time and perhaps the sender, or only the sender's address. */
const FRONT = String.raw`(?:${TIME}(?: +[^\s;]+)?|${ADDRESS})[ \t]+`;
const LINE = new RegExp(`^(${FRONT})(?=${KMSG_HEADER})`);
/** Lines of the syslog protocol in which the record's first word has become a program's name. */
export const TAKEN_APART: RegExp = new RegExp(`^<\\d{1,3}>1 ${TIME} [^\\s;]+ (?=${KMSG_HEADER})`);
const ENTRY = new RegExp(String.raw`^(?:${FRONT})?[ \t][\w.-]+=`);
/** The sender: an address, with or without its port, or a name. */
const SENDER = /(?:^|[\s[])(\[?[\da-fA-F:.]*[.:][\da-fA-F:.]+\]?(?::\d{1,5})?|[A-Za-z][\w.-]*):?\s*$/;
const CLOCK = /^(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d/;
const FRONT_MAX_BYTES = 512;
/** The first character of what rsyslog writes in place of a control character. */
const HASH = 0x23;
const NO_RECORD = 'no record of /dev/kmsg behind a time or an address';
const NOT_ONE = 'a header that is no record of /dev/kmsg';

/** Extended records, known by a line that has a time or an address in front of a header. */
export const relayedKmsg: LogFormat = {
  name: 'relayed /dev/kmsg',
  description: 'records of extended targets, each behind the time or the address that a receiver writes',
  recognise(head: LogHead) {
    if (!head.lines.some((line) => LINE.test(line))) return 0;
    return head.share((line) => LINE.test(line) || ENTRY.test(line));
  },
  open: (head: LogHead) => new RelayedKmsg(head),
};

class RelayedKmsg extends LineParser {
  readonly #fragments = new Fragments();
  readonly #reader = new HeaderReader();
  /** The limits of the pending record behind its front, and the lines of its dictionary. */
  #at = 0;
  #end = 0;
  readonly #entries: string[] = [];

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const front = LINE.exec(latin1(bytes, start, Math.min(end, start + FRONT_MAX_BYTES)))?.[1];
    if (front === undefined) {
      const text = latin1(bytes, start, end);
      if (end > start && this.pending !== undefined && ENTRY.test(text))
        this.#entries.push(text.slice(text.search(/[ \t][\w.-]+=/)));
      else if (end > start) this.broken(bytes, start, end, NO_RECORD, batch);
      return;
    }
    this.complete(bytes, batch);
    const record = this.begin(start, batch);
    record.host = hostOf(front);
    this.#at = start + front.length;
    this.#end = end;
    this.#entries.length = 0;
  }

  protected finish(bytes: Buffer, record: PooledRecord, batch: Batch): void {
    if (this.#entries.length === 0 && this.#plain(bytes, record, batch)) return;
    const [text = '', ...escaped] = latin1(bytes, this.#at, this.#end).split('#012');
    const entries = escaped.every((line) => /^(?: [^=]+=|$)/.test(line)) ? escaped : undefined;
    const body =
      entries === undefined ? [[text, ...escaped].join('#012')] : [text, ...entries.filter((line) => line !== '')];
    const payload = Buffer.from(`${[...body, ...this.#entries].join('\n')}\n`, 'latin1');
    if (!this.#fragments.take(payload, record, batch)) {
      batch.problems.add(record.line, NOT_ONE, bytes, this.#at, this.#end);
    }
  }

  /** Commits a record that is whole in its line, as nearly all are; returns false if it is not. */
  #plain(bytes: Buffer, record: PooledRecord, batch: Batch): boolean {
    // A `#` may be the beginning of a newline that a daemon has escaped.
    for (let at = this.#at; at < this.#end; at++) if (bytes[at] === HASH) return false;
    const { host, line } = record;
    const reader = this.#reader;
    if (reader.read(bytes, this.#at, this.#end, record) !== undefined || reader.fragment) {
      Object.assign(batch.next(), { host, line });
      return false;
    }
    batch.commit(record, view(bytes, reader.textStart, unescapeKmsg(bytes, reader.textStart, this.#end)));
    return true;
  }

  protected override ended(batch: Batch): void {
    this.#fragments.end(batch);
  }
}

function hostOf(front: string): string | undefined {
  const sender = SENDER.exec(front)?.[1];
  return sender === undefined || CLOCK.test(sender) ? undefined : sender;
}
