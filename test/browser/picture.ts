/**
 * The picture of the explorer that README.md shows. Browsers and fonts draw it a little differently each time, so what is compared
 * is not its pixels but what the page said when it was made: a digest of that stands in the PNG.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const KEYWORD = 'Source';
/** Behind the signature and the header. */
const AFTER_HEADER = 33;

/** A digest of a page's text. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text.replace(/\s+/g, ' ').trim()).digest('hex');
}

/** The PNG with a text in it, as a `tEXt` chunk. */
export function withText(png: Buffer, text: string): Buffer {
  const data = Buffer.from(`tEXt${KEYWORD}\0${text}`, 'latin1');
  const chunk = Buffer.alloc(data.length + 8);
  chunk.writeUInt32BE(data.length - 4, 0);
  data.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(data), data.length + 4);
  return Buffer.concat([png.subarray(0, AFTER_HEADER), chunk, png.subarray(AFTER_HEADER)]);
}

/** The text that `withText` put there. */
export function textOf(png: Buffer): string | undefined {
  const at = png.indexOf(`tEXt${KEYWORD}\0`, AFTER_HEADER, 'latin1');
  if (at < 0) return undefined;
  const start = at + 4 + KEYWORD.length + 1;
  return png.toString('latin1', start, at + 4 + png.readUInt32BE(at - 4));
}
