/**
 * Recognises files that are not logs of Linux and says what makes a log of them. They show by their
 * first bytes, which no text has, or by the words in their head.
 */
import { KernelError } from '../../errno.js';
import { unreadCapture } from '../../wire/capture.js';
import { DATE_WORD } from './dates.js';
import type { LogHead } from './format.js';
import { TAKEN_APART } from './relayed-kmsg.js';
import { STAMP_TEXT } from './stamp.js';

/**
 * The file is not a log that can be read. `message` says what it is and how to make a log of it.
 */
export class NotALogError extends KernelError {
  /** Makes the message of `name`, the log's name, and `what`, which goes on with a verb. */
  constructor(name: string, what: string) {
    super('EINVAL', 'readLog', `${name} ${what}`);
    this.name = 'NotALogError';
  }
}

const PICTURE =
  'is a picture: a log is text, as the machine itself has it (dmesg -r, /sys/fs/pstore, journalctl -k -b -1)';
const UTF16 = 'is UTF-16 text: convert it to bytes as the kernel logs them first (iconv -f UTF-16 -t UTF-8)';
const CORE = 'is a memory dump: take the log out first (makedumpfile --dump-dmesg, or crash\'s "log")';

/** First bytes, as latin1, and what a file is that begins with them. */
const MAGIC: readonly (readonly [magic: string, what: string])[] = [
  ['\x1f\x8b', 'is compressed twice: unpack it first (gzip -d)'],
  ['Rar!', 'is a rar archive: unpack it and name the log in it (unrar x)'],
  ['LPKSHHRH', 'is a file of the journal: print it first (journalctl --file FILE -k -o json)'],
  ['\x7fELF', CORE],
  ['KDUMP   ', CORE],
  ['\xff\xfe', UTF16],
  ['\xfe\xff', UTF16],
  ['\x89PNG', PICTURE],
  ['\xff\xd8\xff', PICTURE],
  ['GIF8', PICTURE],
  ['%PDF', 'is a PDF: save the text that it shows (pdftotext -layout)'],
  ['{\\rtf', 'is RTF: save it as plain text'],
];

const TAR = 'is a tar archive: unpack it and name the log in it (tar xf)';
/** Where a tar archive has its mark: in the 258th byte. */
const TAR_AT = 257;

/** Says what to do about `head` if it is not text; returns `undefined` if it may be a log. */
export function notText(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, TAR_AT + 5)).toString('latin1');
  if (text.startsWith('ustar', TAR_AT)) return TAR;
  const capture = unreadCapture(head);
  if (capture !== undefined) return `is ${capture}`;
  const magic = MAGIC.find(([begin]) => text.startsWith(begin));
  // This finds UTF-16, in either byte order, by ASCII characters of two bytes each.
  return magic?.[1] ?? (/^(?:[\t\r\n -~]\0){8}|^(?:\0[\t\r\n -~]){8}/.test(text) ? UTF16 : undefined);
}

/**
 * Times that do not say when a record was logged, as dmesg -H, -e (--reltime) and --time-format
 * delta print them.
 */
const DAY = String.raw`\[${DATE_WORD} ?\d\d \d\d:\d\d\]`;
const DIFFERENCE = new RegExp(
  String.raw`^(?:[a-z]+\d? *:[a-z]+ *: )?(?:\[ *\+\d+\.\d+(?: <[ \d.+-]+>)?\]|${DAY}|\[< *\d+\.\d+>\])|"time":\s*"?\[?\s*(?:[<+]|${DATE_WORD}\d\d \d\d:\d\d\])`,
);
const DIFFERENCES =
  'has differences for stamps (dmesg -H, --reltime, --time-format delta), which do not give the time since boot: ' +
  'make the log with plain dmesg, or with -r, which keeps the levels too';

const BINARY = 'is binary, of a kind that is not known here: a log is text (strings FILE may show the lines in it)';
/** The control characters that texts may have: bell, backspace, tab, return, escape. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([7, 8, 9, 13, 27]);
const BINARY_SHARE = 0.15;
const RELAY_5424 =
  "has records of an extended target that a syslog daemon has taken for programs' lines: their first colons are lost. " +
  'Write them with another template, such as RSYSLOG_FileFormat';
const PAGE = /^\s*<(?:!doctype html|html|head|body)\b/i;
const MARKUP = /^\s*<(?:\?xml|pre|span|div)\b/i;
const WEB_PAGE = 'is a web page, not the log it shows: save the raw text';
/** Another kernel's banner behind a stamp that looks like Linux's. */
const OTHER_KERNEL = new RegExp(
  String.raw`^${STAMP_TEXT}:? (?:(NetBSD) \d|(Darwin) Kernel Version|(FreeBSD) \d|(OpenBSD) \d)`,
);
/** A whole log, of many lines, in one string of JSON. */
const ONE_STRING = new RegExp(String.raw`"([\w.-]+)"\s*:\s*"(?:[^"\\]|\\.)*?\\n(?:<\d{1,4}>)?${STAMP_TEXT}`);
/**
 * Matches two strings of a list as Python prints it. One of them must be in single quotes, which
 * JSON does not have.
 */
const QUOTED = (quote: string) => String.raw`b?${quote}(?:<\d{1,4}>)?${STAMP_TEXT}`;
const PYTHON_LIST = new RegExp(
  String.raw`^\s*[[(](?:${QUOTED("'")}.*?', ${QUOTED(`["']`)}|${QUOTED('"')}.*?", ${QUOTED("'")})`,
);
const ENCODED_MAIL = /^Content-Transfer-Encoding: *base64/im;
/**
 * Below this share of readable lines a mail is not read; one with the log as plain text has more.
 */
const MAIL_SHARE = 0.2;
const BASE64 = /^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[A-Za-z0-9+/]{40,}={0,2}$/;
const HEX_DUMP = /^(?:0x)?[0-9a-f]{4,8}:? +(?:[0-9a-f]{2,4} ?){8}/i;

/**
 * Says what `head` is if it is not a log although some of its lines look like one's; returns
 * `undefined` if nothing shows that. `sure` is the share of its lines that the surest format reads.
 */
export function notALogOf(head: LogHead, sure: number): string | undefined {
  if (sure < 1 && isBinary(head)) return BINARY;
  if (PAGE.test(head.text) || (sure === 0 && MARKUP.test(head.text))) return WEB_PAGE;
  if (head.share((line) => DIFFERENCE.test(line)) > sure) return DIFFERENCES;
  // Formats for JSON read such strings themselves.
  const string = sure === 1 ? null : ONE_STRING.exec(head.text);
  if (string !== null) return `is JSON with the whole log in one string: take it out first (jq -r .${string[1]})`;
  if (PYTHON_LIST.test(head.text)) return "is a list as Python prints it: write its strings instead (''.join(lines))";
  if (sure < MAIL_SHARE && ENCODED_MAIL.test(head.text))
    return 'is a mail in its transport encoding, base64: save its text with a mail reader';
  for (const line of head.lines) {
    const other = OTHER_KERNEL.exec(line);
    if (other !== null)
      return `is the log of ${other.slice(1).find((name) => name !== undefined)}, which has no netconsole`;
  }
  if (sure > 0) return undefined;
  if (head.share((line) => TAKEN_APART.test(line)) > 0.5) return RELAY_5424;
  // Every line must have the form, except the last, which is shorter.
  const dense = (form: RegExp) =>
    head.lines.length > 0 && head.lines.every((line, i) => form.test(line) || (i > 0 && i === head.lines.length - 1));
  if (dense(BASE64)) return 'is base64: decode it first (base64 -d)';
  if (dense(HEX_DUMP)) return 'is a hex dump: a capture is read as tcpdump -w and dumpcap write it';
  return undefined;
}

/**
 * Says whether too many bytes are ones that no terminal prints. Bytes over 127 may be a language's.
 */
function isBinary({ rawLines }: LogHead): boolean {
  let bytes = 0;
  let controls = 0;
  for (const line of rawLines) {
    bytes += line.length;
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      if (code === 0x7f || (code < 0x20 && !TEXT_CONTROLS.has(code))) controls++;
    }
  }
  return controls > BINARY_SHARE * bytes;
}

const KNOWN = 'a dump of /dev/kmsg, what dmesg, journalctl -k or a syslog daemon writes, a capture';

/** Makes the error for a log with nothing in it. */
export function emptyLog(name: string): NotALogError {
  return new NotALogError(name, `is empty: a log is ${KNOWN}`);
}

/** Makes the error for a file in which nothing looks like a log. */
export function notALog(name: string): NotALogError {
  return new NotALogError(
    name,
    `is no kernel log: no line has a stamp, a date or a priority as the formats have them (${KNOWN}; ` +
      '--list-formats names all). If it is the log of a kernel without printk.time, --format text reads it as it is',
  );
}
