/**
 * Parses and emits protocols, one file each. There is no I/O, and no state unless a class says so.
 *
 * Every protocol has the same shape: a table of field offsets (`UDP.checksum`), a value that holds
 * what the header means (`UdpHeader`), `parseX(bytes, at, end)` and `emitX(header, bytes, at)`.
 *
 * - `parse` takes untrusted bytes. It checks all it reads against `end`, returns undefined for what
 *   it does not understand, and never throws. It returns views where it can: the caller copies what
 *   has to outlive the buffer.
 * - `emit` takes trusted values and writes every byte of its header, whatever was there: buffers
 *   are reused, so it must not read. It returns the number of bytes written.
 * - Checksums are judged apart (`verifyUdp`), because a broken packet is worth showing.
 *
 * `decode.ts` puts the protocols together, frame to plain data, and `format.ts` makes a line of it;
 * `joiner.ts` joins the fragments of records, `reassembly.ts` those of IP; `capture.ts` reads the
 * file around them, `linktype.ts` and `encapsulation.ts` what lies around a datagram.
 *
 * @example Writing a UDP header into a frame
 * emitUdp({ srcPort: 6665, dstPort: 6666, payloadLength }, frame, 34, { src, dst });
 *
 * @example Reading a capture
 * const reader = new PcapReader();
 * for (const { frame } of reader.push(chunk)) console.log(formatDecoded(decodeFrame(frame)));
 *
 * @module
 */
export * from './address.js';
export * from './arp.js';
export * from './capture.js';
export { internetChecksum, PROTOCOL_UDP, udpChecksum } from './checksum.js';
export * from './decode.js';
export * from './dialects.js';
export * from './ethernet.js';
export * from './extended.js';
export * from './format.js';
export * from './ipv4.js';
export * from './ipv6.js';
export {
  type Flow,
  FragmentJoiner,
  type IncompleteRecord,
  type JoinedRecord,
} from './joiner.js';
export { type Layer, linktypeName, readsLinktype } from './linktype.js';
export {
  type CutRecord,
  decodePayload,
  type Message,
  NETCONSOLE_PORTS,
  type PartialMessage,
  type Response,
} from './message.js';
export * from './netconsole2001.js';
export * from './netdump.js';
export * from './netoops.js';
export * from './pcap.js';
export { type PcapngPacket, PcapngReader } from './pcapng.js';
export * from './reassembly.js';
export {
  beginsRecord,
  dictionaryEntries,
  HEADER_MAX_BYTES,
  nextField,
  PRIO_MAX,
  RELEASE_MAX_BYTES,
  RecordTokens,
  recordEnd,
  skipReplayNotice,
  tokenizeHeader,
} from './record.js';
export { escapeText, unescapeInPlace, unescapeText } from './text.js';
export * from './udp.js';
export * from './udp-frame.js';
