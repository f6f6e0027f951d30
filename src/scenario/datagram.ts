/** Makes a UDP datagram that arrives at the device. `from` and `to` are ADDRESS:PORT. */
import { parseIp } from '../wire/address.js';
import { emitUdpFrame } from '../wire/udp-frame.js';
import { opBytes, ScenarioError, type ScenarioOp } from './scenario.js';

/** Parses ADDRESS:PORT, with an IPv6 address in brackets. Throws ScenarioError for other texts. */
function endpoint(text: string | undefined): { ip: Uint8Array; port: number } {
  const m = /^\[?([^\]]+)\]?:(\d+)$/.exec(text ?? '');
  const ip = m ? parseIp(m[1]!) : undefined;
  const port = Number(m?.[2]);
  if (ip === undefined || !(port <= 0xffff)) throw new ScenarioError(`datagram: "${text}" is not ADDRESS:PORT`);
  return { ip, port };
}

/** The most bytes that fit a UDP datagram over IPv4. RFC 768, 791. */
const DATAGRAM_MAX = 65507;

/**
 * Returns the frame of a `datagram` operation, addressed to `mac`. Throws ScenarioError if the
 * operation makes no sense.
 */
export function datagramFrame(op: ScenarioOp, mac: Uint8Array): Uint8Array {
  const from = endpoint(op.from);
  const to = endpoint(op.to);
  if (from.ip.length !== to.ip.length) throw new ScenarioError(`datagram: ${op.from} and ${op.to} are of two families`);
  const payload = opBytes(op);
  if (payload.length > DATAGRAM_MAX)
    throw new ScenarioError(`datagram: ${payload.length} bytes, ${DATAGRAM_MAX} is the most`);
  return emitUdpFrame(
    {
      eth: { dst: mac, src: Uint8Array.of(0x52, 0x55, 0x0a, 0, 2, 2) },
      ip: { src: from.ip, dst: to.ip },
      udp: { srcPort: from.port, dstPort: to.port },
    },
    payload,
  );
}
