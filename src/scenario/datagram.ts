/** A UDP datagram arriving on the device: from and to are "address:port", IPv6 in brackets. */
import { parseIp } from '../wire/address.js';
import { ETHERTYPE, emitEthernet } from '../wire/ethernet.js';
import { emitIpv4 } from '../wire/ipv4.js';
import { emitIpv6 } from '../wire/ipv6.js';
import { emitUdp } from '../wire/udp.js';
import { opBytes, ScenarioError, type ScenarioOp } from './scenario.js';

function endpoint(text: string | undefined): { ip: Uint8Array; port: number } {
  const m = /^\[?([^\]]+)\]?:(\d+)$/.exec(text ?? '');
  const ip = m ? parseIp(m[1]!) : undefined;
  const port = Number(m?.[2]);
  if (ip === undefined || !(port <= 0xffff)) throw new ScenarioError(`datagram: "${text}" is not ADDRESS:PORT`);
  return { ip, port };
}

/** What fits a UDP datagram over IPv4. RFC 768, 791. */
const DATAGRAM_MAX = 65507;

/** The frame of a `datagram` operation, to the hardware address `mac`. ScenarioError if the operation makes no sense. */
export function datagramFrame(op: ScenarioOp, mac: Uint8Array): Uint8Array {
  const from = endpoint(op.from);
  const to = endpoint(op.to);
  if (from.ip.length !== to.ip.length) throw new ScenarioError(`datagram: ${op.from} and ${op.to} are of two families`);
  const payload = opBytes(op);
  if (payload.length > DATAGRAM_MAX)
    throw new ScenarioError(`datagram: ${payload.length} bytes, ${DATAGRAM_MAX} is the most`);
  const v6 = to.ip.length === 16;
  const udpAt = 14 + (v6 ? 40 : 20);
  const frame = new Uint8Array(udpAt + 8 + payload.length);
  frame.set(payload, udpAt + 8);
  const udpLength = 8 + payload.length;
  emitEthernet(
    { dst: mac, src: Uint8Array.of(0x52, 0x55, 0x0a, 0, 2, 2), etherType: v6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4 },
    frame,
  );
  const ends = { src: from.ip, dst: to.ip };
  if (v6) {
    emitIpv6(
      { trafficClass: 0, flowLabel: 0, payloadLength: udpLength, nextHeader: 17, hopLimit: 64, ...ends },
      frame,
      14,
    );
  } else {
    const fixed = { tos: 0, id: 0, dontFragment: true, moreFragments: false, fragmentOffset: 0, ttl: 64, protocol: 17 };
    emitIpv4({ ...fixed, payloadLength: udpLength, ...ends }, frame, 14);
  }
  emitUdp({ srcPort: from.port, dstPort: to.port, payloadLength: payload.length }, frame, udpAt, ends);
  return frame;
}
