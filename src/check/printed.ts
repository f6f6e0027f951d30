/**
 * What receivers print, line by line: the host, and as much of the record as the form keeps.
 *
 *   const read = outputFormat('receive-json');
 *   read.parse('{"host":"198.18.0.1","seq":7,"text":"..."}')         // { host, seq, text }
 *
 * A format accepts its own lines and refuses others, so the first lines of a file tell which format
 * it has.
 */

import { basename } from 'node:path';
import { invalid } from '../errno.js';
import { checkArgument, text } from '../options.js';
import type { Schema } from '../schema.js';
import { decodeText } from '../wire/text.js';
import type { OutputFormat } from './format.js';
import { ExportEntries, isExportLine } from './journal-export.js';
import { RECEIVED, readObject } from './json-record.js';
import { patternFormat } from './pattern.js';
import { fromPayload, type Printed, plainAddress, printedRecord } from './payload.js';

const ADDRESS = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]+)`;

const RECEIVE_JSON: OutputFormat = {
  name: 'receive-json',
  about: '`netconsole-emulator receive --json`',
  parse(line) {
    const one = readObject(line, RECEIVED);
    if (typeof one === 'string') return typeof readObject(line, SUMMARY) === 'string' ? undefined : 'skip';
    return printedRecord(one as unknown as Printed);
  },
  fault(line) {
    const fault = readObject(line, RECEIVED);
    return typeof fault === 'string' ? fault : undefined;
  },
};
/** The last line of `receive --json`. */
const SUMMARY: Schema = {
  type: 'object',
  properties: { summary: { type: 'object' } },
  required: ['summary'],
  additionalProperties: false,
};

/** netconsd modules/printer.c: address, release, seq, stamp, facility and level, flags, text. */
const PRINTER_RECORD = new RegExp(
  `^ *(${ADDRESS}): (?:(\\S*) )?S(\\d+) T(\\d+) F\\d+/L(\\d) (?:\\[(?:CONT START|CONT|OOS|SEQ RESET)\\] )*(.*)$`,
);
const PRINTER_PLAIN = new RegExp(`^ {0,39}(${ADDRESS}): (.*)$`);

const NETCONSD_PRINTER: OutputFormat = {
  name: 'netconsd-printer',
  about: 'standard output of netconsd with its printer module',
  parse(line) {
    const m = PRINTER_RECORD.exec(line);
    if (m !== null) {
      return { host: plainAddress(m[1]!), seq: Number(m[3]), tsUsec: Number(m[4]), level: Number(m[5]), text: m[6]! };
    }
    const plain = PRINTER_PLAIN.exec(line);
    return plain === null ? undefined : { host: plainAddress(plain[1]!), text: plain[2]! };
  },
};

/**
 * netconsd modules/logger: each host has a file that is named for it, with release, seq, stamp,
 * facility, level, flags and text.
 */
const LOGGER_RECORD = /^(?:\S+ )?(\d{6,}) (\d{14,}) \d+ (\d) (?:\[(?:CONT START|CONT|OOS|SEQ RESET)\] )*(.*)$/;

const NETCONSD_LOGGER: OutputFormat = {
  name: 'netconsd-logger',
  about: "files of netconsd's logger module, each named for its host",
  parse(line, file) {
    const m = LOGGER_RECORD.exec(line);
    if (m === null) return undefined;
    return {
      host: plainAddress(basename(file)),
      seq: Number(m[1]),
      tsUsec: Number(m[2]),
      level: Number(m[3]),
      text: m[4]!,
    };
  },
};

const HOST_PAYLOAD = new RegExp(`^(${ADDRESS}|[A-Za-z0-9][\\w.-]*) (.*)$`, 's');

const HOST_AND_MESSAGE: OutputFormat = {
  name: 'host-message',
  about:
    'a host, a blank and the datagram: the rsyslog template "%fromhost-ip% %rawmsg%", syslog-ng "$SOURCEIP $RAWMSG"',
  parse(line) {
    const m = HOST_PAYLOAD.exec(line);
    return m === null ? undefined : fromPayload(plainAddress(m[1]!), m[2]!);
  },
};

const SYSLOG = /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) (.*)$/s;

/**
 * What stands in front of a stamp or of a record's header: a name that was put there, or a blank.
 * rsyslog writes the blank behind the empty tag that it finds in a line that begins with a stamp.
 */
const TAG = /^(?:(?:kernel|netconsole): (?=\[ *\d+\.\d{6}\]|(?:[^\s,;]+,)?\d+,\d+,\d+,)| (?=\[ *\d+\.\d{6}\]))/;
/** A name that a receiver may have put there; messages of the kernel may begin so, too. */
const NAME = /^(?:kernel|netconsole): /;

const SYSLOG_FILE: OutputFormat = {
  name: 'syslog',
  about: 'the usual files of rsyslog and syslog-ng: time, host, message',
  parse(line) {
    const m = SYSLOG.exec(line);
    if (m === null) return undefined;
    const [, from, said] = m;
    const host = plainAddress(from!);
    const payload = said!.replace(TAG, '');
    const bare = payload.replace(NAME, '');
    const record = fromPayload(host, payload);
    return bare === payload ? record : { ...record, bare: fromPayload(host, bare) };
  },
};

/** journalctl writes a field that is no plain text as a list of its bytes. */
const FIELD: Schema = {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'integer', minimum: 0, maximum: 255 } }],
};
/** The fields that name an entry's host, the better one first. */
const HOSTS = ['_HOSTNAME', 'SYSLOG_HOSTNAME'] as const;
const entryOf = (host: string): Schema => ({
  type: 'object',
  properties: { MESSAGE: FIELD, [host]: { type: 'string' } },
  required: [host, 'MESSAGE'],
});

/** Entries of a journal as JSON, one a line: `journalctl -o json`. */
const JOURNAL_JSON: OutputFormat = {
  name: 'journal-json',
  about: '`journalctl -o json`',
  parse(line) {
    for (const host of HOSTS) {
      const entry = readObject(line, entryOf(host));
      if (typeof entry === 'string') continue;
      const { MESSAGE: message, [host]: name } = entry;
      const text = typeof message === 'string' ? message : decodeText(Uint8Array.from(message as number[]));
      return fromPayload(plainAddress(name as string), text);
    }
    return undefined;
  },
  fault(line) {
    const fault = readObject(line, entryOf('_HOSTNAME'));
    if (typeof fault !== 'string') return undefined;
    // Without --all a field of more than 4096 bytes is null.
    return fault.startsWith('MESSAGE is null')
      ? 'MESSAGE is null: write the journal anew with journalctl --all'
      : fault;
  },
};

const JOURNAL_EXPORT: OutputFormat = {
  name: 'journal-export',
  about: '`journalctl -o export`',
  binary: true,
  parse: (line) => (isExportLine(line) ? 'skip' : undefined),
  open() {
    const entries = new ExportEntries();
    return {
      line(line) {
        const entry = entries.line(line);
        return entry === undefined ? 'skip' : (ofEntry(entry) ?? 'skip');
      },
      end() {
        const entry = entries.end();
        return entry === undefined ? undefined : ofEntry(entry);
      },
    };
  },
};

function ofEntry(fields: ReadonlyMap<string, string>): Printed | undefined {
  const host = fields.get('_HOSTNAME') ?? fields.get('SYSLOG_HOSTNAME');
  const message = fields.get('MESSAGE');
  return host === undefined || message === undefined ? undefined : fromPayload(plainAddress(host), message);
}

/** All formats, in the order in which they are tried: strict ones first. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = [
  JOURNAL_JSON,
  JOURNAL_EXPORT,
  RECEIVE_JSON,
  NETCONSD_PRINTER,
  NETCONSD_LOGGER,
  SYSLOG_FILE,
  HOST_AND_MESSAGE,
];

/**
 * Returns a format by its name, or makes one of a regular expression with the groups `host`, `text`
 * or `payload`, `seq`, `tsUsec`, `level`. Throws EINVAL for any other name.
 */
export function outputFormat(name: string): OutputFormat {
  checkArgument('outputFormat', 'name', name, text);
  const found = OUTPUT_FORMATS.find((format) => format.name === name);
  if (found !== undefined) return found;
  if (!name.includes('(?<')) {
    const known = OUTPUT_FORMATS.map((format) => format.name).join(', ');
    throw invalid(
      'check',
      `there is no format "${name}": choose ${known}, or a pattern with groups such as (?<host>...)`,
    );
  }
  return patternFormat(name);
}

/** Forms that lack something that a check needs, and what to do about each. */
const UNREAD: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d+ /,
    'it is what `receive` prints for people: let it print JSON, with `receive --json`',
  ],
  [
    /^<\d+>1 /,
    'it is syslog of RFC 5424, whose messages lack a colon: write it in the traditional form, or by %rawmsg%',
  ],
  [/^\[\{|^\{.*\},$/, 'it is a list of JSON: write one object a line, as `jq -c .[]` does'],
];

/** So many lines that are not blank decide which form a file has. */
export const LOOKED_AT = 50;

/**
 * Returns the format that more than half of the first lines have. Throws EINVAL if there is none:
 * the error says what is wrong with a line of JSON, or names the formats.
 */
export function recogniseOutput(lines: readonly string[], file: string): OutputFormat {
  const some = lines.map((line, i) => ({ line, number: i + 1 })).filter(({ line }) => line.trim() !== '');
  some.splice(LOOKED_AT);
  const found = OUTPUT_FORMATS.find((format) => {
    const read = some.filter(({ line }) => format.parse(line, file) !== undefined).length;
    return read > some.length / 2;
  });
  if (found !== undefined) return found;
  for (const [pattern, advice] of UNREAD) {
    if (some.filter(({ line }) => pattern.test(line)).length > some.length / 2)
      throw invalid('check', `${file}: ${advice}`);
  }
  for (const { line, number } of some) {
    const format = line.includes('"MESSAGE"') ? JOURNAL_JSON : RECEIVE_JSON;
    const fault = line.startsWith('{') ? format.fault?.(line) : undefined;
    if (fault === undefined) continue;
    throw invalid('check', `${file}:${number}: ${fault}; this is not what ${format.about} writes`);
  }
  const known = OUTPUT_FORMATS.map(({ name }) => name).join(', ');
  throw invalid(
    'check',
    `${file}: its lines are of no form that is known (${known}): name one of them, or a pattern of your own, with --format`,
  );
}
