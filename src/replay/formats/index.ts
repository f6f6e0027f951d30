/**
 * Lists the log formats, one file each. If two are equally sure of a head, the one that stands
 * first here wins, so the first should be the one that knows more of what is not the kernel's.
 *
 *   format.ts        what a format is              recognise.ts     which one a log is in
 *   line-format.ts   a format whose records are lines: make one with it
 *   kernel-lines.ts  lines with the kernel's stamp, which dmesg, consoles and pstore share
 *   stamp.ts         the kernel's stamp, caller and priority        traits.ts   what all lines of a head share
 *   lines.ts         finding lines                 record.ts        what comes out
 */
import { capture } from './capture.js';
import { consoleLog } from './console.js';
import { cri } from './cri.js';
import { dmesg } from './dmesg.js';
import { dmesgCtime, dmesgIso } from './dmesg-dates.js';
import { dmesgDecode } from './dmesg-decode.js';
import { dmesgJson } from './dmesg-json.js';
import { dmesgRaw } from './dmesg-raw.js';
import type { LogFormat } from './format.js';
import { journalExport } from './journal-export.js';
import { journalJson } from './journal-json.js';
import { journalMonotonic, journalUnix } from './journal-short.js';
import { journalVerbose } from './journal-verbose.js';
import { jsonLines } from './json-lines.js';
import { kmsg } from './kmsg.js';
import { lastKmsg } from './last-kmsg.js';
import { logcat } from './logcat.js';
import { logread } from './logread.js';
import { pstore } from './pstore.js';
import { receive, relayedConsole } from './receive.js';
import { relayedKmsg } from './relayed-kmsg.js';
import { journalShort, syslog, syslogIso } from './syslog.js';
import { syslog5424 } from './syslog-5424.js';
import { talos } from './talos.js';
import { text } from './text.js';

/** All formats that are recognised without `--format`, in the order that decides between equals. */
export const LOG_FORMATS: readonly LogFormat[] = [
  capture,
  kmsg,
  dmesgJson,
  journalJson,
  journalExport,
  journalVerbose,
  jsonLines,
  cri,
  relayedKmsg,
  receive,
  relayedConsole,
  pstore,
  lastKmsg,
  dmesgDecode,
  syslog5424,
  dmesgRaw,
  journalMonotonic,
  dmesg,
  dmesgCtime,
  dmesgIso,
  journalShort,
  logread,
  syslog,
  syslogIso,
  journalUnix,
  talos,
  logcat,
  consoleLog,
  text,
];
