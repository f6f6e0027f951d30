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
import { ExportEntries, isExportLine } from './journal-export.js';
import { fromPayload, type Printed, plainAddress, printedRecord } from './payload.js';

/** A form of receiver output, and how to read a line of it. */
export interface OutputFormat {
  /** The name that `--format` takes. */
  readonly name: string;
  /** What prints this form, as half a sentence. */
  readonly about: string;
  /**
   * Returns the record of a line; `skip` for a line of this form without a record; undefined for a
   * line that is not of this form.
   */
  parse(line: string, file: string): Printed | 'skip' | undefined;
  /** Set if there are bytes that are no text: the lines are given as Latin-1, with their CRs. */
  readonly binary?: true;
  /** Reads one file in place of `parse`, for forms whose records take several lines. */
  open?(file: string): LineReader;
}

/** Reads a file line by line, empty lines too. */
export interface LineReader {
  /** Takes a line, and returns what `parse` would. */
  line(line: string): Printed | 'skip' | undefined;
  /** Returns the record that the end of the file completes. */
  end(): Printed | undefined;
}

const ADDRESS = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]+)`;

function object(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function dictionaryIn(value: unknown): Record<string, string> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, string>) : undefined;
}

const RECEIVE_JSON: OutputFormat = {
  name: 'receive-json',
  about: '`netconsole-emulator receive --json`',
  parse(line) {
    const one = object(line);
    if (one === undefined) return undefined;
    if ('summary' in one || 'event' in one || 'notice' in one) return 'skip';
    const { host, text } = one;
    if (typeof host !== 'string' || typeof text !== 'string') return undefined;
    return printedRecord({
      host,
      text,
      seq: number(one['seq']),
      tsUsec: number(one['tsUsec']),
      level: number(one['level']),
      dict: dictionaryIn(one['dict']),
    });
  },
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

/** Entries of a journal as JSON, one a line: `journalctl -o json`. */
const JOURNAL_JSON: OutputFormat = {
  name: 'journal-json',
  about: '`journalctl -o json`',
  parse(line) {
    const one = object(line);
    const message = one?.['MESSAGE'];
    const host = one?.['_HOSTNAME'] ?? one?.['SYSLOG_HOSTNAME'];
    if (typeof message !== 'string' || typeof host !== 'string') return undefined;
    return fromPayload(plainAddress(host), message);
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

function patternFormat(source: string): OutputFormat {
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, 'su');
  } catch (error) {
    throw invalid('check', `the pattern ${source}: ${(error as Error).message}`);
  }
  if (!/\(\?<(text|payload)>/.test(source)) throw invalid('check', `the pattern ${source} has no group (?<text>...)`);
  return {
    name: 'pattern',
    about: source,
    parse(line, file) {
      const groups = pattern.exec(line)?.groups;
      if (groups === undefined) return 'skip';
      const { host = basename(file), text, payload, seq, tsUsec, level } = groups;
      if (text === undefined) return fromPayload(plainAddress(host), payload ?? '');
      return printedRecord({
        host: plainAddress(host),
        text,
        seq: seq === undefined ? undefined : Number(seq),
        tsUsec: tsUsec === undefined ? undefined : Number(tsUsec),
        level: level === undefined ? undefined : Number(level),
      });
    },
  };
}

/**
 * Returns the format that more than half of the lines have. Throws EINVAL, naming the formats, if
 * there is none.
 */
export function recogniseOutput(lines: readonly string[], file: string): OutputFormat {
  const found = OUTPUT_FORMATS.find((format) => {
    const read = lines.filter((line) => format.parse(line, file) !== undefined).length;
    return read > lines.length / 2;
  });
  if (found !== undefined) return found;
  const known = OUTPUT_FORMATS.map(({ name }) => name).join(', ');
  throw invalid(
    'check',
    `${file}: its lines are of no form that is known (${known}); say --format, or a pattern of your own`,
  );
}
