/**
 * Reads what this package's `receive` and other receivers of plain targets print: records behind
 * the address of their sender.
 *
 *   192.0.2.1:6665 <6>[    1.250000][    T1] text
 *   192.0.2.1:6665  DEVICE=n2
 *   192.0.2.1:6665 -- 3 records missing before seq 420
 *
 *   192.0.2.1 [    1.250000] text        others', the address perhaps in brackets, with a port or a colon
 */
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';
import { STAMP_TEXT } from './stamp.js';

const SENDER = String.raw`(\[[\da-f:.]+(?:%[\w.-]+)?\]|\d{1,3}(?:\.\d{1,3}){3}):\d{1,5} `;
const LINE = new RegExp(String.raw`^${SENDER}(?=(?:<\d{1,4}>)?${STAMP_TEXT})`);
const OTHER = new RegExp(`^${SENDER}(?:-- )?`);

/** What `receive` of this package prints, with what it says of the stream in between. */
export const receive: LogFormat = lineFormat({
  name: 'receive',
  description: 'what `receive` of this package prints: records behind the address of their sender',
  escaped: true,
  dictionary: new RegExp(String.raw`^(?:${SENDER.replace('(', '(?:')}) ([\w.-]+)=(.*)$`, 's'),
  match(line) {
    const m = LINE.exec(line);
    if (m !== null) return { at: m[0].length, host: m[1] };
    const other = OTHER.exec(line);
    if (other === null) return undefined;
    return other[0].endsWith('-- ') ? 'what receive says of the stream' : "no stamp of the kernel's";
  },
});

const ADDRESS = String.raw`(?:\[?(\d{1,3}(?:\.\d{1,3}){3})\]?|\[?((?=\S*::|(?:[\da-f]{1,4}:){7})[\da-f:.]+(?:%[\w.-]+)?)\]?)(?::\d{1,5})?:?[ \t]+`;
const RELAYED = new RegExp(String.raw`^${ADDRESS}(?=(?:<\d{1,4}>)?${STAMP_TEXT})`);

/** What other receivers of plain targets print: an address, and the kernel's stamp behind it. */
export const relayedConsole: LogFormat = lineFormat({
  name: 'relayed console',
  description: 'records of plain targets, each behind the address that a receiver writes',
  match(line) {
    const m = RELAYED.exec(line);
    return m === null ? undefined : { at: m[0].length, host: m[1] ?? m[2] };
  },
});
