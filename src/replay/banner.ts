/** Finds the line in which the log's own kernel names its version when it boots. */
import { encodeText, SPACE, startsWith } from '../wire/text.js';
import type { LogRecord } from './formats/record.js';

/** The banner is among this many first records of a boot; arm64 logs its processor before it. */
const LOOKED_AT = 64;
const BANNER = encodeText('Linux version ');

/**
 * Returns what `uname -r` printed on the machine whose boot begins at `batch[at]`: the release that
 * the record came with, or else that in "Linux version ...", one of the boot's first lines. Returns
 * `undefined` if the log does not say. Linux: linux_banner, init/version-timestamp.c
 */
export function releaseOf(batch: readonly LogRecord[], at: number): string | undefined {
  const { boot, release } = batch[at]!;
  if (release !== undefined) return release;
  for (let i = at; i < Math.min(batch.length, at + LOOKED_AT); i++) {
    const record = batch[i]!;
    if (record.boot !== boot) continue;
    const found = bannerRelease(record.text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Says whether a text is the banner, with which a kernel begins. */
export function isBanner(text: Uint8Array): boolean {
  return startsWith(text, BANNER);
}

function bannerRelease(text: Uint8Array): string | undefined {
  if (!isBanner(text) || text.length === BANNER.length) return undefined;
  const end = text.indexOf(SPACE, BANNER.length);
  return String.fromCharCode(...text.subarray(BANNER.length, end < 0 ? text.length : end));
}
