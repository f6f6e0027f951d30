/** Chooses which of the receivers' protocols `receive` reads, and writes sources as text. */
import { PROTOCOLS, type Protocol, type ReceiverSetOptions, type Source, type SourceKind } from '../receiver/index.js';
import { protocolName, type ReceiveOptions } from './receive-options.js';

/** Milliseconds after which a record is acked at the latest, as in the ncrx program of netconsd. */
const ACK_INTV_MS = 1000;
/** How many sources are kept at a time: enough for a fleet of more than 10,000. */
const SOURCES_KEPT = 16_384;
/**
 * Bytes in which all sources together remember seqs. A source's part grows with its stream, to
 * 19 kB, which leaves room for all of them, or, if its records are acked, to 300 kB, which leaves
 * room for 1,800.
 */
const WINDOW_BYTES = 512 * 1024 * 1024;

/**
 * Returns the protocol that `options` choose, with all that its receivers must be told. `port` is
 * the port that is listened on; `onKind` is called when it is known what a source sends.
 */
export function protocolFor(
  options: ReceiveOptions,
  port: number,
  onKind: (source: Source, kind: SourceKind) => void,
): Protocol<unknown> {
  const { server, ack: respond = false, dialect = respond ? 'heo-2015' : 'mainline' } = options;
  // The client of 2001 took datagrams from one server only, and only if that server sent them from
  // the same port number that the client listened on.
  const accepted = (from: Source) => server === undefined || (address(from) === server && from.port === port);
  const settings = { records: { dialect, respond, ackIntvMs: ACK_INTV_MS }, onKind, accepted };
  const protocol = PROTOCOLS[protocolName(options)] as Protocol<unknown>;
  return { ...protocol, create: (source) => protocol.create(source, settings) };
}

/**
 * How much is kept of sources. A source that was forgotten to make room for another begins a new
 * stream when it comes back.
 */
export const KEPT: Pick<ReceiverSetOptions, 'maxSources' | 'maxWindowBytes'> = {
  maxSources: SOURCES_KEPT,
  maxWindowBytes: WINDOW_BYTES,
};

/** Returns one word for what the protocol delivers. */
export function itemName(options: ReceiveOptions): string {
  return PROTOCOLS[protocolName(options)].item;
}

/** Returns a source's address; an IPv4 source of a socket for IPv4 and IPv6 is written as IPv4. */
export function address(source: Source): string {
  return source.address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** Returns a source's address and port: `192.0.2.1:6665`, `[fd00::1]:6665`. */
export function endpoint(source: Source): string {
  const text = address(source);
  return text.includes(':') ? `[${text}]:${source.port}` : `${text}:${source.port}`;
}
