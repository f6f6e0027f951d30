/**
 * Which format a log is in, from its first bytes; and what a file is that is none.
 *
 * Each line of the head votes for the format it looks like; most votes win. A log may begin in the middle of a line, or with
 * lines of something else: these are the reader's broken lines.
 */
import { KernelError } from '../../errno.js';
import { isCapture } from '../../wire/capture.js';
import type { LogFormat } from './record.js';

/** This much of a log is looked at. */
export const HEAD_BYTES = 65536;

const UNDERSTOOD =
  'a dump of /dev/kmsg, or the output of dmesg, dmesg -r, dmesg -x or dmesg --json, or a capture of netconsole';

/** The file is no log that can be read: `message` says which are. */
export class NotALogError extends KernelError {
  constructor(name: string, what: string) {
    super('EINVAL', 'readLog', `${name} ${what}`);
    this.name = 'NotALogError';
  }
}

/** What begins with these bytes (latin1), and what to do with it. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['\x1f\x8b', 'packed'],
  ['\xfd7zXZ\x00', 'packed'],
  ['\x28\xb5\x2f\xfd', 'packed'],
  ['\xff\xfe', 'utf16'],
  ['\xfe\xff', 'utf16'],
];

const WHAT: Readonly<Record<string, string>> = {
  packed: 'is compressed: unpack it first (gzip -d, xz -d, zstd -d)',
  utf16: 'is UTF-16 text: convert it to bytes as the kernel logs them first (iconv -f UTF-16 -t UTF-8)',
};

const LINES: readonly (readonly [LogFormat, RegExp])[] = [
  ['/dev/kmsg', /^\d{1,4},\d+,\d+(,[-c+][^;]*)?;/],
  ['dmesg', /^\[ *\d+\.\d{6}\]/],
  ['dmesg -r', /^<-?\d{1,4}>/],
  ['dmesg -x', /^[a-z]+\d? *:(emerg|alert|crit|err|warn|notice|info|debug) *:/],
];

const JSON_HEAD = /^\s*\{\s*"dmesg"\s*:\s*\[/;

/** Stamps that do not say when a record was logged, counted from boot: -T, --reltime, --show-delta, iso. */
const OTHER_STAMP =
  /^([a-z]+\d? *:[a-z]+ *: )?(\[[^\]]*\d\d:\d\d[^\]]*\]|\[ *\+\d+\.\d+\]|\[[ \d.]*<[ \d.]+>\]|\d{4}-\d\d-\d\dT[\d:,.]+)/;
const OTHER_JSON_STAMP = /"time":\s*("|\[|\d{4}-\d\d-\d\dT)/;

const OTHER_STAMPS =
  'has dates or differences for stamps (dmesg -T, --reltime, --show-delta or --time-format), ' +
  'which do not give the time since boot: make the log with plain dmesg, or with -r, which keeps the levels too';

/**
 * The format of the log that begins with `head`; `undefined` if nothing in it looks like a log.
 * `NotALogError` if it is known to be something else. `name`: the file, for that error.
 */
export function recognise(head: Uint8Array, name: string): LogFormat | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString('latin1');
  if (isCapture(head)) return 'capture';
  for (const [magic, what] of MAGIC) if (text.startsWith(magic)) throw new NotALogError(name, WHAT[what]!);
  if (JSON_HEAD.test(text)) {
    if (OTHER_JSON_STAMP.test(text)) throw new NotALogError(name, OTHER_STAMPS);
    return 'dmesg --json';
  }
  const votes = new Map<LogFormat, number>();
  let otherStamps = 0;
  for (const line of text.split('\n')) {
    const format = LINES.find(([, pattern]) => pattern.test(line))?.[0];
    if (OTHER_STAMP.test(line)) otherStamps++;
    else if (format !== undefined) votes.set(format, (votes.get(format) ?? 0) + 1);
  }
  // dmesg -x leaves the names out where it has none, so a few stamps without them change nothing.
  if (votes.has('dmesg -x')) votes.delete('dmesg');
  const best = [...votes].sort((a, b) => b[1] - a[1])[0];
  if (otherStamps > (best?.[1] ?? 0)) throw new NotALogError(name, OTHER_STAMPS);
  return best?.[0];
}

export function notALog(name: string, empty: boolean): NotALogError {
  return new NotALogError(
    name,
    empty ? `is empty: a log is ${UNDERSTOOD}` : `is no kernel log: ${UNDERSTOOD} is understood`,
  );
}
