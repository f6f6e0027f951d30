/** Which of the receivers' protocols `receive` reads, and how sources are written. */
import { PROTOCOLS, type Protocol, type ReceiverSetOptions, type Source, type SourceKind } from '../receiver/index.js';
import { protocolName, type ReceiveOptions } from './receive-options.js';

/** As the ncrx program of netconsd has it. */
const ACK_INTV_MS = 1000;
/** Sources kept at a time: a fleet of 10,000 and more. */
const SOURCES_KEPT = 16_384;
/**
 * What they may remember of seqs, all together. One grows with its stream, to 19 kB, of which there
 * is room for all, or, where its records are acked, to 300 kB, of which there is room for 1,800.
 */
const WINDOW_BYTES = 512 * 1024 * 1024;

/**
 * The protocol that `options` choose, with all that its receivers are told. `port`: the one
 * listened on.
 */
export function protocolFor(
  options: ReceiveOptions,
  port: number,
  onKind: (source: Source, kind: SourceKind) => void,
): Protocol<unknown> {
  const { server, ack: respond = false, dialect = respond ? 'heo-2015' : 'mainline' } = options;
  // The client of 2001 listened to one server, and only to what came from the port that it
  // listened on itself.
  const accepted = (from: Source) => server === undefined || (address(from) === server && from.port === port);
  const settings = { records: { dialect, respond, ackIntvMs: ACK_INTV_MS }, onKind, accepted };
  const protocol = PROTOCOLS[protocolName(options)] as Protocol<unknown>;
  return { ...protocol, create: (source) => protocol.create(source, settings) };
}

/**
 * How much is kept of sources; one that is forgotten for another begins a new stream when it comes
 * back.
 */
export const KEPT: Pick<ReceiverSetOptions, 'maxSources' | 'maxWindowBytes'> = {
  maxSources: SOURCES_KEPT,
  maxWindowBytes: WINDOW_BYTES,
};

/** What the protocol delivers, in one word. */
export function itemName(options: ReceiveOptions): string {
  return PROTOCOLS[protocolName(options)].item;
}

/** An IPv4 source of a socket for both is written as IPv4. */
export function address(source: Source): string {
  return source.address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** `192.0.2.1:6665`, `[fd00::1]:6665`. */
export function endpoint(source: Source): string {
  const text = address(source);
  return text.includes(':') ? `[${text}]:${source.port}` : `${text}:${source.port}`;
}
