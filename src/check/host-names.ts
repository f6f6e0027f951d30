/** Names of hosts by their bytes, each made a string once. */
import { latin1Text } from '../wire/text.js';

const PLACES = 65_536;
const BACKSLASH = 0x5c;

/**
 * The strings of names. A name's hash tells its place, and another name with that place replaces
 * it.
 */
export class HostNames {
  readonly #places: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = new Array(PLACES);

  /**
   * The name at `[from, end)`, which is ASCII, and of which `hash` is any hash. Undefined: it has
   * an escape in it.
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
