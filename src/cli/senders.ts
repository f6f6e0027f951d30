/** The addresses of senders, from the sockaddr that the system writes to text, each made once. */
import { formatIpv4, formatIpv6 } from '../wire/address.js';
import { AF_INET } from './sockaddr.js';

/** Addresses remembered; then it begins anew. */
const ADDRESSES_MAX = 65536;

/** The texts of addresses. */
export class Senders {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #addresses = new Map<string, string>();
  /**
   * The last one: four words of address and the scope, and the text. Mostly it is that of the next
   * datagram too.
   */
  readonly #last = new Uint32Array(5);
  #lastText = '';

  /** `bytes`: the block that the sockaddrs lie in. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  }

  /** The address of the sockaddr at `name`, as text. */
  at(name: number): string {
    const w = this.#words;
    const last = this.#last;
    const at = name / 4;
    // The port is in the first word, and may differ.
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
