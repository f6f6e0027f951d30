/**
 * Listens on the wire in memory, with a receiver for every flow of datagrams, extended or plain as
 * the flow's target is.
 *
 *   take(frame)   ->   by source, destination and ports   ->   Receiver or PlainReceiver   ->   received
 *                                                          ->   responses, back to where the frame came from
 */
import { anyBytes, checkArgument } from '../options.js';
import {
  createReceiver,
  type PlainLine,
  PROTOCOLS,
  type ReceivedRecord,
  type ReceiverOptions,
  recordText,
  type Source,
  type SourceReceiver,
} from '../receiver/index.js';
import { type Decoded, decodeFrame } from '../wire/decode.js';
import { decodeText } from '../wire/text.js';
import { emitUdpReply } from '../wire/udp-frame.js';

/**
 * Something that a receiver has delivered: a record of an extended target, or a line of a plain
 * one.
 */
export interface Delivered {
  /** The IP address that it came from. */
  readonly from: string;
  /** The record, if it came from an extended target. */
  readonly record?: ReceivedRecord;
  /** The line, if it came from a plain target. */
  readonly line?: PlainLine;
}

/** Options of a listener. */
export interface ListenerOptions {
  /** The options of every receiver. */
  readonly receiver: ReceiverOptions;
  /** Says whether the flow that begins with this frame is an extended target's. */
  readonly isExtended: (flow: Decoded) => boolean;
  /** Sends a response, as a whole frame, to the host with the IP address `to`. */
  readonly answer: (frame: Uint8Array, to: string) => void;
}

/**
 * A receiver under test. It is called with each datagram that arrives, and owns `payload`. `reply`
 * sends an answer back to where the datagram came from, now or later; the answer arrives with the
 * next `advance`, unless it is lost.
 */
export type OnDatagram = (payload: Uint8Array, from: Source, reply: (payload: Uint8Array) => void) => void;

interface Flow {
  readonly from: string;
  readonly receiver: SourceReceiver<ReceivedRecord | PlainLine>;
  /** The frame that arrived last: responses go back where it came from. */
  last: Uint8Array;
}

/** Hands the frames that arrive to receivers, and sends the responses of these. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #flows = new Map<string, Flow>();
  readonly #delivered: Delivered[] = [];

  /** Throws EINVAL for options of a receiver that make no sense. */
  constructor(options: ListenerOptions) {
    createReceiver(options.receiver);
    this.#options = options;
  }

  /** Takes a frame that arrives at `nowMs`. One that is not a UDP datagram is ignored. */
  take(frame: Uint8Array, nowMs: number): void {
    const decoded = decodeFrame(frame);
    const { ip, udp, payload } = decoded;
    if (ip === undefined || udp === undefined || payload === undefined) return;
    const key = `${ip.src} ${udp.srcPort} ${ip.dst} ${udp.dstPort}`;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      const protocol = this.#options.isExtended(decoded) ? PROTOCOLS.extended : PROTOCOLS.plain;
      const source = { address: ip.src, port: udp.srcPort };
      const receiver = protocol.create(source, { records: this.#options.receiver });
      flow = { from: ip.src, receiver, last: frame };
      this.#flows.set(key, flow);
    }
    flow.last = frame;
    this.#process(flow, payload, nowMs);
  }

  /** Tells all receivers that it is `nowMs`, so that they do what is due. */
  pass(nowMs: number): void {
    for (const flow of this.#flows.values()) this.#process(flow, undefined, nowMs);
  }

  /** When `pass` must be called next, in milliseconds; undefined if nothing is due. */
  get deadline(): number | undefined {
    let when: number | undefined;
    for (const { receiver } of this.#flows.values()) {
      const next = receiver.nextDeadline();
      if (next !== undefined && (when === undefined || next < when)) when = next;
    }
    return when;
  }

  /** Takes all that has been delivered and not been taken. */
  fetch(): Delivered[] {
    return this.#delivered.splice(0);
  }

  /** Takes the oldest of what has been delivered and not been taken. */
  shift(): Delivered | undefined {
    return this.#delivered.shift();
  }

  #process(flow: Flow, payload: Uint8Array | undefined, nowMs: number): void {
    const { receiver, from } = flow;
    receiver.process(payload, nowMs);
    for (let item = receiver.next(); item !== undefined; item = receiver.next()) {
      this.#delivered.push('seq' in item ? { from, record: item } : { from, line: item });
    }
    const response = receiver.response();
    const answer = response && emitUdpReply(flow.last, response);
    if (answer !== undefined) this.#options.answer(answer, from);
  }
}

/** Returns the text of what was delivered, without escapes. */
export function deliveredText({ record, line }: Delivered): string {
  return record ? recordText(record) : decodeText(line!.text);
}

/** Tells a receiver under test of a frame. `answer` is called with each frame that it replies. */
export function tell(onDatagram: OnDatagram, frame: Uint8Array, answer: ListenerOptions['answer']): void {
  const { ip, udp, payload } = decodeFrame(frame);
  if (ip === undefined || udp === undefined || payload === undefined) return;
  onDatagram(payload.slice(), { address: ip.src, port: udp.srcPort }, (response) => {
    checkArgument('reply', 'payload', response, anyBytes);
    const reply = emitUdpReply(frame, response);
    if (reply !== undefined) answer(reply, ip.src);
  });
}
