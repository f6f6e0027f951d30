/**
 * Reads what `talosctl dmesg` prints: the node if there are several, facility, level and a date.
 *
 *   192.0.2.5: kern:    info: [2021-11-10T10:09:37.662764956Z]: text
 *    SUBSYSTEM=usb
 */
import { ISO_DATE, isoUsec } from './dates.js';
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';
import { levelOf } from './syslog.js';

const LINE = new RegExp(String.raw`^(?:(\S+): +)?([a-z]+\d?): +([a-z]+): \[${ISO_DATE}\]: ?`);

/** `talosctl dmesg`: dates, from which the stamps are made, and the node as the host. */
export const talos: LogFormat = lineFormat({
  name: 'talosctl dmesg',
  description: 'talosctl dmesg',
  dates: 'first record',
  dictionary: /^ ([A-Z_]+)=(.*)$/s,
  match(line) {
    const m = LINE.exec(line);
    if (m === null) return undefined;
    const timeUsec = isoUsec(m[4]!, m[5]!, m[6], m[7]);
    return { at: m[0].length, host: m[1], timeUsec, ...levelOf(undefined, m[2], m[3]) };
  },
});
