import { checkArgument, checkOptions, type OptionRule, text as string, wholeNumber } from '../options.js';
import { encodeText } from '../wire/text.js';

/**
 * A mark at the end of a message, by which a record verifies itself wherever it arrives: run, host,
 * number, checksum.
 *
 *   EXT4-fs (sda1): mounted filesystem with ordered data mode. {nce:7:12:345:9c1f2a3b}
 *
 * The checksum is the CRC-32 of the UTF-8 text before it, up to and including the colon. So a text
 * that was changed or cut is told from a whole one with nothing to compare it to.
 */
export interface Mark {
  /** The number of the run; in a storm, its seed. */
  readonly run: number;
  /** The number of the host in the plan, from 0. */
  readonly host: number;
  /** The number of the message among this host's, from 0. */
  readonly number: number;
}

const WHOLE: OptionRule = wholeNumber(0);
const MARK = /^([\s\S]* \{nce:(\d+):(\d+):(\d+):)([0-9a-f]{8})\}$/;

/** Returns `text` with a blank and a mark behind it. */
export function withMark(text: string, mark: Mark): string {
  checkArgument('withMark', 'text', text, string);
  checkOptions('withMark', mark, { run: WHOLE, host: WHOLE, number: WHOLE }, ['run', 'host', 'number']);
  const { run, host, number } = mark;
  const body = `${text} {nce:${run}:${host}:${number}:`;
  return `${body}${hex8(crc32(encodeText(body)))}}`;
}

/**
 * Returns the mark of a text; `changed` if its checksum does not fit, or it is not whole; undefined
 * if there is none.
 */
export function readMark(text: string): Mark | 'changed' | undefined {
  checkArgument('readMark', 'text', text, string);
  const m = MARK.exec(text);
  if (m === null) return text.includes('{nce:') ? 'changed' : undefined;
  if (hex8(crc32(encodeText(m[1]!))) !== m[5]) return 'changed';
  return { run: Number(m[2]), host: Number(m[3]), number: Number(m[4]) };
}

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** Returns the CRC-32 that Ethernet and gzip use. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}

function hex8(n: number): string {
  return n.toString(16).padStart(8, '0');
}
