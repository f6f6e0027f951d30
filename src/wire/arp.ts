/**
 * Parses and emits ARP for IPv4 over Ethernet, RFC 826: the only kind that netpoll ever answered.
 */
import { get16, put16 } from './field.js';

/** Offsets of the packet's fields, in bytes; `length` is the length of the whole packet. */
export const ARP = {
  hardware: 0,
  protocol: 2,
  hardwareLength: 4,
  protocolLength: 5,
  operation: 6,
  senderMac: 8,
  senderIp: 14,
  targetMac: 18,
  targetIp: 24,
  length: 28,
} as const;

/** The operation "who has". */
export const ARP_REQUEST = 1;
/** The operation "is at". */
export const ARP_REPLY = 2;

/** The fields of an ARP packet. */
export interface ArpPacket {
  /** The operation: ARP_REQUEST, ARP_REPLY or another number. */
  readonly operation: number;
  /** The sender's hardware address, 6 bytes. */
  readonly senderMac: Uint8Array;
  /** The sender's address, 4 bytes. */
  readonly senderIp: Uint8Array;
  /** The target's hardware address, 6 bytes, which mean nothing in a request. */
  readonly targetMac: Uint8Array;
  /** The target's address, 4 bytes. */
  readonly targetIp: Uint8Array;
}

/**
 * Parses an ARP packet; its addresses are views of `bytes`. Returns undefined for other hardware or
 * protocols, and if the packet does not fit before `end`.
 */
export function parseArp(bytes: Uint8Array, at = 0, end: number = bytes.length): ArpPacket | undefined {
  if (end - at < ARP.length) return undefined;
  if (get16(bytes, at + ARP.hardware) !== 1 || get16(bytes, at + ARP.protocol) !== 0x0800) return undefined;
  if (bytes[at + ARP.hardwareLength] !== 6 || bytes[at + ARP.protocolLength] !== 4) return undefined;
  const view = (field: number, length: number) => bytes.subarray(at + field, at + field + length);
  return {
    operation: get16(bytes, at + ARP.operation),
    senderMac: view(ARP.senderMac, 6),
    senderIp: view(ARP.senderIp, 4),
    targetMac: view(ARP.targetMac, 6),
    targetIp: view(ARP.targetIp, 4),
  };
}

/** Writes a packet of 28 bytes at `at` and returns their number; never reads `bytes`. */
export function emitArp(packet: ArpPacket, bytes: Uint8Array, at = 0): number {
  put16(bytes, at + ARP.hardware, 1);
  put16(bytes, at + ARP.protocol, 0x0800);
  bytes[at + ARP.hardwareLength] = 6;
  bytes[at + ARP.protocolLength] = 4;
  put16(bytes, at + ARP.operation, packet.operation);
  bytes.set(packet.senderMac, at + ARP.senderMac);
  bytes.set(packet.senderIp, at + ARP.senderIp);
  bytes.set(packet.targetMac, at + ARP.targetMac);
  bytes.set(packet.targetIp, at + ARP.targetIp);
  return ARP.length;
}
