/** Turns the sockaddr that the system writes for each datagram into text, once for each sender. */
import { formatIpv4, formatIpv6 } from '../wire/address.js';
import { AF_INET } from './sockaddr.js';

/** How many addresses are remembered; then all are forgotten. */
const ADDRESSES_MAX = 65536;

/** Remembers the texts of addresses. */
export class Senders {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #addresses = new Map<string, string>();
  /**
   * The address that was asked for last, four words and the scope: mostly the next datagram is from
   * the same sender.
   */
  readonly #last = new Uint32Array(5);
  #lastText = '';

  /** `bytes` is the block of memory that the sockaddrs lie in. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  }

  /** Returns the address of the sockaddr at offset `name` of the block, as text. */
  at(name: number): string {
    const w = this.#words;
    const last = this.#last;
    const at = name / 4;
    // The first word also has the port, which may differ, so only the family is taken from it.
    const v4 = (w[at]! & 0xffff) === AF_INET;
    const from = v4 ? at + 1 : at + 2;
    const words = v4 ? 1 : 4;
    const scope = v4 ? 0 : w[at + 6]!;
    let same = last[4] === scope && this.#lastText !== '';
    for (let i = 0; i < 4; i++) if (last[i] !== (i < words ? w[from + i]! : 0)) same = false;
    if (same) return this.#lastText;
    for (let i = 0; i < 4; i++) last[i] = i < words ? w[from + i]! : 0;
    last[4] = scope;
    const key = last.join();
    let text = this.#addresses.get(key);
    if (text === undefined) {
      const bytes = this.#bytes.subarray(from * 4, from * 4 + words * 4);
      text = v4 ? formatIpv4(bytes) : formatIpv6(bytes);
      if (scope !== 0) text += `%${scope}`;
      if (this.#addresses.size > ADDRESSES_MAX) this.#addresses.clear();
      this.#addresses.set(key, text);
    }
    this.#lastText = text;
    return text;
  }
}
