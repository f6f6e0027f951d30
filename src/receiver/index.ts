/**
 * The other end: takes netconsole's datagrams and gives back the records, in order, each once; asks
 * for what is missing.
 *
 * A `Receiver` does no I/O, has no clock and never blocks. It is for one source of extended
 * records:
 *
 *   process(payload, now)   here is a datagram, or only: it is now
 *   next()                  the next record that is due, until undefined
 *   response()              what to send back, if anything
 *   nextDeadline()          call process again then, at the latest
 *
 * A record passes these states: unknown; hole (a later one has come, it has not); part (some of its
 * pieces have); whole; retired (delivered or given up). The records from the oldest that is not
 * retired to the newest that was heard of are the window (`window.ts`). A record that fits nowhere
 * near the window is out of sequence and held apart. If enough of 32 packets are, the sender has
 * started anew, and the receiver follows.
 *
 * Invariants: a record of a stream is delivered at most once, and in order of seq; what is
 * delivered as complete is complete; what is held is bounded by the number of slots, 32 records out
 * of sequence and 8191 bytes a record; no payload makes it throw; a response parses by the sender's
 * rules and is at most 1000 bytes.
 *
 * This follows libncrx, the receiver of the 2015 series and of netconsd. `Differs:` marks each
 * departure from libncrx.
 *
 *   const receiver = createReceiver({ dialect: 'heo-2015', ackIntvMs: 1000 });
 *   socket.on('message', (payload, from) => {
 *     receiver.process(payload, now());
 *     for (let record = receiver.next(); record; record = receiver.next()) print(record);
 *     const response = receiver.response();
 *     if (response) socket.send(response, from.port, from.address);
 *   });
 *
 * `createPlainReceiver` is the same for plain targets, whose datagrams are text and no more;
 * `NetoopsReceiver` and `Netconsole2001Receiver` are for what came before. `createReceiverSet`
 * keeps one of any of them for every source address and port.
 *
 * @module
 */

import type { ReceiverOptions } from './options.js';
import { type PlainOptions, PlainReceiver } from './plain.js';
import { Receiver } from './receiver.js';
import { ReceiverSet } from './receiver-set.js';
import type { ReceiverSetOptions, Source, SourceReceiver } from './source.js';

export {
  DIALECTS as RECEIVER_DIALECTS,
  type Dialect as ReceiverDialect,
  type DialectName,
} from '../wire/dialects.js';
export { unescapeText } from '../wire/text.js';
export { type AutoOptions, AutoReceiver, type SourceKind } from './auto.js';
export { dictionary } from './dictionary.js';
export {
  type Item2001,
  Netconsole2001Receiver,
  type Netconsole2001ReceiverOptions,
  type Netconsole2001ReceiverStats,
  netconsole2001Json,
  netconsole2001Lines,
  type Text2001,
  type Version2001,
} from './netconsole2001.js';
export { NetoopsReceiver, type NetoopsReceiverOptions, type NetoopsStats } from './netoops.js';
export { type LogPiece, type NetoopsDump, netoopsJson, netoopsLines } from './netoops-dump.js';
export { NCRX_OOS_MAX } from './oos.js';
export type { ReceiverOptions } from './options.js';
export {
  type Fragment,
  NCRX_TEXT_MAX,
  type Packet,
  parsePacket,
  REFUSALS,
  type Refusal,
} from './parse.js';
export type { PlainLine, PlainOptions, PlainReceiver, PlainStats } from './plain.js';
export { dictionaryText, plainLines, printable, recordLines } from './print.js';
export {
  PROTOCOLS,
  type Protocol,
  type ProtocolName,
  type ProtocolSettings,
} from './protocols.js';
export type { Receiver } from './receiver.js';
export type { ReceiverSet } from './receiver-set.js';
export { type ReceivedRecord, recordText } from './record.js';
export { NCRX_PKT_MAX } from './response.js';
export type {
  Delivery,
  OutgoingResponse,
  ReceiverSetOptions,
  Source,
  SourceReceiver,
} from './source.js';
export type { ProcessOutcome, ReceiverStats } from './stats.js';

/** Makes a receiver for one extended target. Throws EINVAL if an option makes no sense. */
export function createReceiver(options: ReceiverOptions = {}): Receiver {
  return new Receiver(options);
}

/** Makes a receiver for one plain target. Throws EINVAL if an option makes no sense. */
export function createPlainReceiver(options: PlainOptions = {}): PlainReceiver {
  return new PlainReceiver(options);
}

/**
 * Makes a set of receivers, one per source address and port, each made by `create`. Throws EINVAL
 * if an option makes no sense.
 *
 * @example
 * const set = createReceiverSet(() => createReceiver({ dialect: 'netconsd' }));
 * set.process('192.0.2.1', 6665, payload, nowMs);
 */
export function createReceiverSet<Item>(
  create: (source: Source) => SourceReceiver<Item>,
  options: ReceiverSetOptions = {},
): ReceiverSet<Item> {
  return new ReceiverSet(create, options);
}
