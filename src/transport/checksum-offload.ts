/**
 * Completes UDP checksums that the sender left to its NIC. If there is no NIC in between (a veth, a
 * bridge, a virtual machine's own host), such a packet is captured with only the sum of the pseudo
 * header in its checksum field.
 */
import { addWords, finish, PROTOCOL_UDP } from '../wire/checksum.js';
import { parseIpv4 } from '../wire/ipv4.js';
import { parseIpv6 } from '../wire/ipv6.js';
import { UDP } from '../wire/udp.js';

/**
 * Completes, in place, the UDP checksum of the IP packet that begins at `ip`, if the field holds
 * exactly the pseudo header's sum, as Linux leaves it. Touches nothing else. Linux: udp_set_csum(),
 * CHECKSUM_PARTIAL.
 */
export function finishChecksum(packet: Uint8Array, ip: number): void {
  const word = (at: number) => (packet[at]! << 8) | packet[at + 1]!;
  const version = (packet[ip] ?? 0) >> 4;
  let udp: number;
  let addresses: number;
  if (version === 4) {
    const header = parseIpv4(packet, ip);
    // A fragment does not have all the bytes that its checksum covers.
    if (header?.protocol !== PROTOCOL_UDP || (word(ip + 6) & 0x3fff) !== 0) return;
    udp = ip + (packet[ip]! & 15) * 4;
    addresses = addWords(packet, ip + 12, ip + 20);
  } else {
    if (version !== 6 || parseIpv6(packet, ip)?.nextHeader !== PROTOCOL_UDP) return;
    udp = ip + 40;
    addresses = addWords(packet, ip + 8, ip + 40);
  }
  if (packet.length < udp + UDP.length) return;
  const length = word(udp + UDP.udpLength);
  if (length < UDP.length || udp + length > packet.length) return;
  const pseudo = ~finish(addresses + PROTOCOL_UDP + length) & 0xffff;
  if (word(udp + UDP.checksum) !== pseudo) return;
  // The field itself is summed with the rest, which adds the pseudo header.
  const checksum = finish(addWords(packet, udp, udp + length)) || 0xffff;
  packet[udp + UDP.checksum] = checksum >> 8;
  packet[udp + UDP.checksum + 1] = checksum & 0xff;
}
