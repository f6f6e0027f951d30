/**
 * Writes kernel logs as /dev/kmsg and dmesg print them, anew from their descriptions: the oracle of
 * the reader's tests.
 */
export interface Rec {
  /** Facility * 8 + level. */
  readonly priority: number;
  readonly seq: number;
  /** The stamp, in microseconds. */
  readonly usec: number;
  readonly text: Uint8Array;
  /** True for a fragment, whose flag is `c`. */
  readonly cont: boolean;
  readonly caller: string | undefined;
  readonly subsystem: string | undefined;
  readonly device: string | undefined;
}

const FACILITIES = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ');
const LEVELS = 'emerg alert crit err warn notice info debug'.split(' ');

const latin = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, '0');
const stamp = (usec: number): string =>
  `${String(Math.floor(usec / 1e6)).padStart(5)}.${String(usec % 1e6).padStart(6, '0')}`;

/** Writes a record as /dev/kmsg has it. */
export function kmsg(rec: Rec): string {
  const escaped = (text: string): string => text.replace(/[^ -[\]-~]/g, (char) => `\\x${hex(char)}`);
  const caller = rec.caller === undefined ? '' : `,caller=${rec.caller}`;
  let out = `${rec.priority},${rec.seq},${rec.usec},${rec.cont ? 'c' : '-'}${caller};${escaped(latin(rec.text))}\n`;
  if (rec.subsystem !== undefined) out += ` SUBSYSTEM=${escaped(rec.subsystem)}\n`;
  if (rec.device !== undefined) out += ` DEVICE=${escaped(rec.device)}\n`;
  return out;
}

function lines(rec: Rec, front: string): string {
  const caller = rec.caller === undefined ? '' : `[${rec.caller.padStart(5)}] `;
  const prefix = `${front}[${stamp(rec.usec)}] ${caller}`;
  const shown = latin(rec.text).replace(/[^\t-\r -~]/g, (char) => `\\x${hex(char)}`);
  return `${prefix}${shown.replaceAll('\n', `\n${' '.repeat(prefix.length)}`)}\n`;
}

/** Writes a record as dmesg prints it. */
export const dmesg = (rec: Rec): string => lines(rec, '');
/** Writes a record as `dmesg -r` prints it. */
export const dmesgRaw = (rec: Rec): string => lines(rec, `<${rec.priority}>`);
/** Writes a record as `dmesg -x` prints it. */
export function dmesgDecode(rec: Rec): string {
  const facility = FACILITIES[rec.priority >> 3];
  return lines(rec, facility === undefined ? '' : `${facility.padEnd(6)}:${LEVELS[rec.priority & 7]!.padEnd(6)}: `);
}

/** Writes all records as `dmesg --json` prints them. */
export function dmesgJson(recs: readonly Rec[]): string {
  const short: Record<string, string> = {
    '"': '\\"',
    '\\': '\\\\',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
  };
  const objects = recs.map((rec) => {
    const msg = latin(rec.text).replace(/["\\\0-\x1f]/g, (char) => short[char] ?? `\\u00${hex(char)}`);
    const caller = rec.caller === undefined ? '' : `         "caller": "${rec.caller}",\n`;
    return `{\n         "pri": ${rec.priority},\n         "time": ${stamp(rec.usec)},\n${caller}         "msg": "${msg}"\n      }`;
  });
  return `{\n   "dmesg": [\n      ${objects.join(',')}\n   ]\n}\n`;
}
