/** Names of hosts by their bytes, each made a string once. */
import { latin1Text } from '../wire/text.js';

const PLACES = 65_536;

/** Strings of names. Each is at a place that its bytes tell: another one of that place takes it. */
export class HostNames {
  readonly #places: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = new Array(PLACES);

  /** The name at `[from, end)`, which is ASCII. */
  at(bytes: Uint8Array, from: number, end: number): string {
    let hash = 0;
    for (let i = from; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    const known = this.#places[place];
    if (known !== undefined && known.bytes.length === end - from) {
      let i = 0;
      while (i < known.bytes.length && known.bytes[i] === bytes[from + i]) i++;
      if (i === known.bytes.length) return known.text;
    }
    const text = latin1Text(bytes, from, end);
    this.#places[place] = { bytes: bytes.slice(from, end), text };
    return text;
  }
}
