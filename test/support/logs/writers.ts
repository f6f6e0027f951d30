/**
 * Writes logs as daemons, phones and consoles do, in few lines of code for each: the oracle of the
 * formats' round trips.
 */
import { dmesg, dmesgDecode, dmesgJson, dmesgRaw, kmsg, type Rec } from './render.js';

/** Writes logs in one format. The fields say what the format keeps of a record beside its text. */
export interface Writer {
  readonly format: string;
  /** Whether it keeps the level. */
  readonly level: boolean;
  /** What its stamps count from; `boot`: they are the kernel's own. */
  readonly stamps: 'boot' | 'first record' | 'none';
  /** Set if stamps are whole seconds. */
  readonly seconds?: true;
  /**
   * Set if records are not the lines of a file, so that tests of cut files, of noise between lines
   * and of other line ends leave the format out.
   */
  readonly blocks?: true;
  /**
   * The numbers of lines that the reader reports as problems, before each record or at the
   * beginning.
   */
  readonly named?: readonly number[];
  /** Set if the output is UTF-8, so that only ASCII texts can be written as they are. */
  readonly ascii?: true;
  /** Writes a whole log. Each text must have one line. */
  write(recs: readonly Rec[]): string;
}

const LEVELS = 'emerg alert crit err warn notice info debug'.split(' ');
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const stamp = (usec: number): string =>
  `[${String(Math.floor(usec / 1e6)).padStart(5)}.${String(usec % 1e6).padStart(6, '0')}]`;
const raw = (rec: Rec): string => `${stamp(rec.usec)} ${latin(rec.text)}`;
const START = Date.UTC(2024, 0, 2, 3, 4, 5);
const date = (usec: number): Date => new Date(START + Math.floor(usec / 1000));
const iso = (usec: number): string => date(usec).toISOString().slice(0, 19);
const bsd = (usec: number): string => {
  const [, day, month, , time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(date(usec).toUTCString())!;
  return `${month} ${String(Number(day)).padStart(2)} ${time}`;
};
const level = (rec: Rec): number => rec.priority & 7;
const perLine =
  (line: (rec: Rec) => string) =>
  (recs: readonly Rec[]): string =>
    recs.map((rec) => `${line(rec)}\n`).join('');
const trimmed =
  (line: (rec: Rec) => string) =>
  (recs: readonly Rec[]): string =>
    recs.map(line).join('');

function journalJson(rec: Rec): string {
  const text = Buffer.from(rec.text);
  const valid = Buffer.from(text.toString('utf8')).equals(text);
  return JSON.stringify({
    __REALTIME_TIMESTAMP: String(START * 1000 + rec.usec),
    _SOURCE_MONOTONIC_TIMESTAMP: String(rec.usec),
    _TRANSPORT: 'kernel',
    PRIORITY: String(level(rec)),
    SYSLOG_FACILITY: String(rec.priority >> 3),
    MESSAGE: valid ? text.toString('utf8') : [...rec.text],
  });
}

function journalExport(rec: Rec): string {
  const { length } = rec.text;
  const size = String.fromCharCode(length & 255, length >> 8, 0, 0, 0, 0, 0, 0);
  const front = `__REALTIME_TIMESTAMP=1\n_SOURCE_MONOTONIC_TIMESTAMP=${rec.usec}\n_TRANSPORT=kernel\n`;
  return `${front}PRIORITY=${level(rec)}\nMESSAGE\n${size}${latin(rec.text)}\n`;
}

function journalVerbose(rec: Rec): string {
  return (
    `Tue ${iso(rec.usec).replace('T', ' ')}.000000 UTC [s=0123;i=1;b=4567;m=1;t=2;x=3]\n    _TRANSPORT=kernel\n    PRIORITY=${level(rec)}\n` +
    `    SYSLOG_FACILITY=${rec.priority >> 3}\n    _SOURCE_MONOTONIC_TIMESTAMP=${rec.usec}\n    MESSAGE=${latin(rec.text)}\n`
  );
}

/** The microseconds of the record's stamp, so that a date is exact. */
const micros = (usec: number): string => String(usec % 1e6).padStart(6, '0');
const ctime = (usec: number): string => `Tue ${bsd(usec)} ${iso(usec).slice(0, 4)}`;
const containerJson = (rec: Rec): string => JSON.stringify({ log: `${raw(rec)}\n`, stream: 'stdout' });

/** Writes every other record in two parts. */
function containerLine(rec: Rec): string {
  const front = (part: string) => `${iso(rec.usec)}.123456789Z stdout ${part} `;
  const line = raw(rec);
  if (rec.usec % 2 === 0) return front('F') + line;
  return `${front('P')}${line.slice(0, 20)}\n${front('F')}${line.slice(20)}`;
}

const ANDROID = 'FFFEWIID';

/** The writers of all formats. */
export const WRITERS: readonly Writer[] = [
  { format: '/dev/kmsg', level: true, stamps: 'boot', write: trimmed(kmsg) },
  { format: 'dmesg', level: false, stamps: 'boot', write: trimmed(dmesg) },
  { format: 'dmesg -r', level: true, stamps: 'boot', write: trimmed(dmesgRaw) },
  { format: 'dmesg -x', level: true, stamps: 'boot', write: trimmed(dmesgDecode) },
  {
    format: 'syslog',
    level: false,
    stamps: 'boot',
    write: perLine((rec) => `${bsd(rec.usec)} host1 kernel: ${raw(rec)}`),
  },
  {
    format: 'syslog-iso',
    level: false,
    stamps: 'boot',
    write: perLine((rec) => `${iso(rec.usec)}.123456+00:00 host1 kernel: ${raw(rec)}`),
  },
  {
    format: 'syslog-5424',
    level: true,
    stamps: 'boot',
    write: perLine((rec) => `<${rec.priority}>1 ${iso(rec.usec)}Z host1 kernel - - - ${raw(rec)}`),
  },
  {
    format: 'logread',
    level: true,
    stamps: 'boot',
    write: perLine((rec) => `Tue ${bsd(rec.usec)} 2024 kern.${LEVELS[level(rec)]} kernel: ${raw(rec)}`),
  },
  {
    format: 'journalctl -o short-monotonic',
    level: false,
    stamps: 'boot',
    write: perLine((rec) => `${stamp(rec.usec)} host1 kernel: ${latin(rec.text)}`),
  },
  { format: 'journalctl -o json', level: true, stamps: 'boot', write: perLine(journalJson) },
  { format: 'journalctl -o export', level: true, stamps: 'boot', write: perLine(journalExport) },
  {
    format: 'talosctl dmesg',
    level: true,
    stamps: 'first record',
    write: perLine(
      (rec) =>
        `192.0.2.5: kern: ${LEVELS[level(rec)]!.padStart(7)}: [${iso(rec.usec)}.${String(rec.usec % 1e6).padStart(6, '0')}000Z]: ${latin(rec.text)}`,
    ),
  },
  {
    format: 'logcat -b kernel',
    level: false,
    stamps: 'boot',
    write: perLine((rec) => `01-02 03:04:05.006     0     0 ${ANDROID[level(rec)]}         : ${raw(rec)}`),
  },
  {
    format: 'last_kmsg',
    level: true,
    stamps: 'boot',
    write: perLine((rec) => `<${rec.priority}>${stamp(rec.usec).replace(']', ',2]')} ${latin(rec.text)}`),
  },
  { format: 'dmesg --json', level: true, stamps: 'boot', blocks: true, write: dmesgJson },
  {
    format: 'dmesg -T',
    level: false,
    stamps: 'first record',
    seconds: true,
    write: perLine((rec) => `[${ctime(rec.usec)}] ${latin(rec.text)}`),
  },
  {
    format: 'dmesg --time-format iso',
    level: false,
    stamps: 'first record',
    write: perLine((rec) => `${iso(rec.usec)},${micros(rec.usec)}+00:00 ${latin(rec.text)}`),
  },
  {
    format: 'journalctl -k',
    level: false,
    stamps: 'none',
    named: [1],
    write: (recs) =>
      `-- Journal begins at Tue 2024-01-02 03:04:05 UTC. --\n${perLine((rec) => `${bsd(rec.usec)} host1 kernel: ${latin(rec.text)}`)(recs)}`,
  },
  {
    format: 'journalctl -o short-unix',
    level: false,
    stamps: 'none',
    write: perLine(
      (rec) => `${START / 1000 + Math.floor(rec.usec / 1e6)}.${micros(rec.usec)} host1 kernel: ${latin(rec.text)}`,
    ),
  },
  { format: 'journalctl -o verbose', level: true, stamps: 'boot', blocks: true, write: trimmed(journalVerbose) },
  { format: 'json-lines', level: false, stamps: 'boot', blocks: true, ascii: true, write: perLine(containerJson) },
  {
    format: 'cri',
    level: false,
    stamps: 'boot',
    blocks: true,
    write: perLine((rec) => containerLine(rec)),
  },
  {
    format: 'relayed /dev/kmsg',
    level: true,
    stamps: 'boot',
    write: trimmed((rec) => `${iso(rec.usec)}.123456+00:00 192.0.2.5 ${kmsg(rec)}`),
  },
  {
    format: 'receive',
    level: true,
    stamps: 'boot',
    write: perLine((rec) => `192.0.2.5:6665 <${rec.priority}>${raw(rec)}`),
  },
  {
    format: 'relayed console',
    level: false,
    stamps: 'boot',
    write: perLine((rec) => `192.0.2.5 ${raw(rec)}`),
  },
  {
    format: 'pstore',
    level: true,
    stamps: 'boot',
    named: [1],
    write: (recs) => `Panic#1 Part1\n${recs.map(dmesgRaw).join('')}`,
  },
  {
    format: 'console',
    level: false,
    stamps: 'boot',
    write: perLine((rec) => `[${iso(rec.usec).slice(11)}] ${raw(rec)}`),
  },
];
