/**
 * What the receiver sends back: `PREFIX[ACK] MISSING MISSING ...`, plain ASCII, at most 1000 bytes.
 *
 * Differs: a libncrx response of exactly 1000 bytes ends in a NUL in place of its last digit; here
 * the digit is there. Where nothing can be acked (seq 0 is still incomplete) libncrx acks 2^64-1;
 * here the ack is left out, a form that senders know.
 */
import { latin1Bytes } from '../wire/text.js';

/** The largest response, in bytes. */
export const NCRX_PKT_MAX = 1000;

/** A response that is being written. */
export class ResponseText {
  #text = '';

  /** Whether nothing is to be sent. */
  get empty(): boolean {
    return this.#text === '';
  }

  /** Drops the response. */
  clear(): void {
    this.#text = '';
  }

  /** Starts a response; an `ack` below 0 means that there is nothing to ack. */
  start(prefix: string, ack: number): void {
    this.#text = ack < 0 ? prefix : `${prefix}${ack}`;
  }

  /** Adds a request for `seq`; returns false, and changes nothing, if there is no room. */
  request(seq: number): boolean {
    const more = ` ${seq}`;
    if (this.#text.length + more.length > NCRX_PKT_MAX) return false;
    this.#text += more;
    return true;
  }

  /** Returns the response in new memory; undefined if there is none. */
  bytes(): Uint8Array | undefined {
    if (this.empty) return undefined;
    return latin1Bytes(this.#text);
  }
}
