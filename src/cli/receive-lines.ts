/** Makes the lines that `receive` prints from what sources deliver: text, or JSON with `--json`. */
import type { Delivery, Protocol, ReceivedRecord, Source } from '../receiver/index.js';
import { encodeText } from '../wire/text.js';
import type { Output } from './output.js';
import { address, endpoint } from './protocol.js';

/** Writes lines into an output. */
export class ReceivedLines {
  readonly #protocol: Protocol<unknown>;
  readonly #output: Output;
  readonly #form: 'text' | 'json';
  /** The head of each source's lines; the last one is at hand, as most lines need it again. */
  readonly #heads = new WeakMap<Source, Uint8Array>();
  #lastSource: Source | undefined;
  #lastHead: Uint8Array = new Uint8Array(0);

  /** Writes the lines of `protocol` into `output`, which stays the caller's. */
  constructor(protocol: Protocol<unknown>, output: Output, form: 'text' | 'json') {
    this.#protocol = protocol;
    this.#output = output;
    this.#form = form;
  }

  /** Adds the lines of an item that a source has delivered. */
  add({ source, item }: Delivery<unknown>): void {
    const output = this.#output;
    const head = this.#head(source);
    const record = this.#protocol.item === 'record' && 'seq' in (item as object) ? (item as ReceivedRecord) : undefined;
    if (this.#form === 'json') {
      if (record !== undefined && output.json(head, record)) return;
      output.text(`${JSON.stringify({ ...jsonHead(source), ...this.#protocol.json(item) })}\n`);
      return;
    }
    if (record !== undefined && output.record(head, record)) return;
    for (const line of this.#protocol.lines(item)) output.text(`${endpoint(source)} ${line}\n`);
  }

  #head(source: Source): Uint8Array {
    if (source === this.#lastSource) return this.#lastHead;
    let head = this.#heads.get(source);
    if (head === undefined) {
      head = encodeText(this.#form === 'json' ? JSON.stringify(jsonHead(source)).slice(0, -1) : endpoint(source));
      this.#heads.set(source, head);
    }
    this.#lastSource = source;
    this.#lastHead = head;
    return head;
  }
}

/** The members that every line of `--json` begins with. */
function jsonHead(source: Source): { host: string; port: number } {
  return { host: address(source), port: source.port };
}
