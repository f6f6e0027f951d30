/**
 * Which format a log is in, and what a file is that is none: what to do about it is part of the
 * answer.
 *
 * A log may begin in the middle of a line, or with lines of something else: these are named as
 * lines that gave no record.
 */
import { KernelError } from '../../errno.js';
import type { LogFormat, LogHead } from './format.js';
import { LOG_FORMATS } from './index.js';

/** The file is no log that can be read: `message` says what it is, and what makes a log of it. */
export class NotALogError extends KernelError {
  constructor(name: string, what: string) {
    super('EINVAL', 'readLog', `${name} ${what}`);
    this.name = 'NotALogError';
  }
}

/** What begins with these bytes (latin1), and what to do with it. */
const MAGIC: readonly (readonly [magic: string, what: string])[] = [
  ['\x1f\x8b', 'gzip'],
  ['Rar!', 'rar'],
  ['LPKSHHRH', 'journal'],
  ['\x7fELF', 'core'],
  ['KDUMP   ', 'core'],
  ['\xff\xfe', 'utf16'],
  ['\xfe\xff', 'utf16'],
];

const WHAT: Readonly<Record<string, string>> = {
  gzip: 'is compressed twice: unpack it first (gzip -d)',
  rar: 'is a rar archive: unpack it and name the log in it (unrar x)',
  tar: 'is a tar archive: unpack it and name the log in it (tar xf)',
  journal: 'is a file of the journal: print it first (journalctl --file FILE -k -o json)',
  core: 'is a memory dump: take the log out first (makedumpfile --dump-dmesg, or crash\'s "log")',
  utf16: 'is UTF-16 text: convert it to bytes as the kernel logs them first (iconv -f UTF-16 -t UTF-8)',
  html: 'is a web page, not the log it shows: save the raw text',
};

/** In the 258th byte of a tar archive. */
const TAR_AT = 257;
const HTML = /^\s*<(?:!doctype html|html|head|body|\?xml|pre|span|div)\b/i;

/**
 * Stamps that do not say when a record was logged: dmesg -H, -e (--reltime), --time-format delta.
 */
const DIFFERENCE =
  /^(?:\x1b\[[\d;]*m)*(?:[a-z]+\d? *:[a-z]+ *: )?(?:\x1b\[[\d;]*m)*(?:\[ *\+\d+\.\d+\]|\[[A-Z][a-z]{2} ?\d\d \d\d:\d\d\]|\[< *\d+\.\d+>\])|"time":\s*"?\[?\s*(?:[<+]|[A-Z][a-z]{2}\d\d \d\d:\d\d\])/;
const DIFFERENCES =
  'has differences for stamps (dmesg -H, --reltime, --time-format delta), which do not give the time since boot: ' +
  'make the log with plain dmesg, or with -r, which keeps the levels too';

const KNOWN = 'a dump of /dev/kmsg, what dmesg, journalctl -k or a syslog daemon writes, a capture';
const NO_STAMPS =
  `is no kernel log: no line has a stamp, a date or a priority as the formats have them (${KNOWN}; ` +
  '--list-formats names all). If it is the log of a kernel without printk.time, --format text reads it as it is';

/** What `head` is if it is no text; `undefined` for anything that may be a log. */
export function kindOf(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, TAR_AT + 5)).toString('latin1');
  if (text.startsWith('ustar', TAR_AT)) return 'tar';
  return MAGIC.find(([magic]) => text.startsWith(magic))?.[1];
}

export interface Recognition {
  readonly head: LogHead;
  /** Tried beside those of `LOG_FORMATS`; of equally sure ones, these win. */
  readonly formats: readonly LogFormat[];
  /** The only one to be tried. */
  readonly format: string | undefined;
  /** What errors call the log. */
  readonly name: string;
}

/**
 * The format of the log that begins with `head`; `undefined` if nothing in it looks like a log.
 * `NotALogError` if it is known to be something else.
 */
export function recognise({ head, formats, format, name }: Recognition): LogFormat | undefined {
  const kind = kindOf(head.bytes);
  if (kind !== undefined) throw new NotALogError(name, WHAT[kind]!);
  const all = [...formats, ...LOG_FORMATS];
  if (format !== undefined) return formatByName(format, all);
  let best: LogFormat | undefined;
  let surest = 0;
  for (const candidate of all) {
    const sure = candidate.recognise(head);
    if (sure > surest) {
      surest = sure;
      best = candidate;
    }
    if (surest === 1) break;
  }
  if (head.share((line) => DIFFERENCE.test(line)) > surest) throw new NotALogError(name, DIFFERENCES);
  if (best === undefined && HTML.test(head.text)) throw new NotALogError(name, WHAT['html']!);
  return best;
}

/** EINVAL for a name that no format has. */
export function formatByName(name: string, formats: readonly LogFormat[] = LOG_FORMATS): LogFormat {
  const found = formats.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = formats.map((format) => format.name).join(', ');
  throw new KernelError('EINVAL', 'readLog', `there is no log format "${name}"; the formats are ${names}`);
}

export function notALog(name: string, empty: boolean): NotALogError {
  return new NotALogError(name, empty ? `is empty: a log is ${KNOWN}` : NO_STAMPS);
}
