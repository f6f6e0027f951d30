/** Makes strings of the bytes of hosts' names, once for each name. */
import { latin1Text } from '../wire/text.js';

const PLACES = 65_536;
const BACKSLASH = 0x5c;

/**
 * The strings of names. The hash of a name gives its place, where it replaces the name that was
 * there.
 */
export class HostNames {
  readonly #places: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = new Array(PLACES);

  /**
   * Returns the name at `[from, end)`, which must be ASCII, and of which `hash` is any hash;
   * undefined if an escape is in it.
   */
  at(bytes: Uint8Array, from: number, end: number, hash: number): string | undefined {
    const place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    const known = this.#places[place];
    if (known !== undefined && known.bytes.length === end - from) {
      let i = 0;
      while (i < known.bytes.length && known.bytes[i] === bytes[from + i]) i++;
      if (i === known.bytes.length) return known.text;
    }
    const own = bytes.slice(from, end);
    if (own.includes(BACKSLASH)) return undefined;
    const text = latin1Text(own);
    this.#places[place] = { bytes: own, text };
    return text;
  }
}
