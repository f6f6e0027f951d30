/**
 * The picture of the explorer that README.md shows: a screenshot in few colours, as it is part of the package. Browsers and fonts
 * draw a page a little differently each time, so what is compared is not its pixels but what the page said when it was made: a digest
 * of that stands in the PNG.
 */
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const KEYWORD = 'Source';
const COLOURS = 48;

/** A digest of a page's text. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text.replace(/\s+/g, ' ').trim()).digest('hex');
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha. */
  readonly rgba: Buffer;
}

/** The pixels of a PNG, as a browser reads them. `blank`: a page without a policy. */
async function pixelsOf(png: Buffer, blank: Page): Promise<Pixels> {
  const read = `(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png.toString('base64')}';
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, image.width, image.height);
    let text = '';
    for (let at = 0; at < data.length; at += 4096) text += String.fromCharCode(...data.subarray(at, at + 4096));
    return { width, height, base64: btoa(text) };
  })()`;
  const { width, height, base64 } = (await blank.evaluate(read)) as { width: number; height: number; base64: string };
  return { width, height, rgba: Buffer.from(base64, 'base64') };
}

/** The screenshot with its commonest colours, others made the nearest of them, and with `text` in it. */
export async function pictureOf(png: Buffer, text: string, blank: Page): Promise<Buffer> {
  const { width, height, rgba } = await pixelsOf(png, blank);
  const counts = new Map<number, number>();
  const colourAt = (pixel: number) => rgba.readUIntBE(pixel * 4, 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const colour = colourAt(pixel);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, COLOURS)
    .map(([colour]) => colour);
  const index = new Map([...counts.keys()].map((colour) => [colour, nearest(colour, palette)]));
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = index.get(colourAt(y * width + x))!;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`${KEYWORD}\0${text}`, 'latin1')),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function nearest(colour: number, palette: readonly number[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, other] of palette.entries()) {
    const red = (colour >> 16) - (other >> 16);
    const green = ((colour >> 8) & 255) - ((other >> 8) & 255);
    const blue = (colour & 255) - (other & 255);
    const distance = red * red + green * green + blue * blue;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

function chunk(type: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(data.length + 12);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, 'latin1');
  data.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, data.length + 8)), data.length + 8);
  return whole;
}

/** The text that a picture holds. */
export function textOf(png: Buffer): string | undefined {
  const at = png.indexOf(`tEXt${KEYWORD}\0`, 0, 'latin1');
  if (at < 0) return undefined;
  return png.toString('latin1', at + 4 + KEYWORD.length + 1, at + 4 + png.readUInt32BE(at - 4));
}
