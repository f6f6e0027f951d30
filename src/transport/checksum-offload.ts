/**
 * UDP checksums that the sender left to its NIC. Where there is no NIC in between (a veth, a bridge, a virtual machine's
 * own host), such a packet is captured with the sum of the pseudo header where the checksum should be.
 */

const UDP = 17;

function fold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s & 0xffff) + Math.floor(s / 0x10000);
  return s;
}

/**
 * Completes the UDP checksum of the IP packet that begins at `ip`, in place, when it holds exactly the pseudo header's sum, as
 * Linux leaves it; touches nothing else. Linux: udp_set_csum(), CHECKSUM_PARTIAL.
 */
export function finishChecksum(packet: Uint8Array, ip: number): void {
  const word = (at: number) => (packet[at]! << 8) | packet[at + 1]!;
  let udp: number;
  let addresses: number;
  let addressBytes: number;
  const version = (packet[ip] ?? 0) >> 4;
  if (version === 4) {
    // A later fragment has no UDP header; an earlier one is not complete.
    if (packet.length < ip + 28 || packet[ip + 9] !== UDP || (word(ip + 6) & 0x3fff) !== 0) return;
    udp = ip + (packet[ip]! & 15) * 4;
    addresses = ip + 12;
    addressBytes = 8;
  } else if (version === 6) {
    if (packet.length < ip + 48 || packet[ip + 6] !== UDP) return;
    udp = ip + 40;
    addresses = ip + 8;
    addressBytes = 32;
  } else {
    return;
  }
  if (packet.length < udp + 8) return;
  const length = word(udp + 4);
  const end = udp + length;
  if (length < 8 || end > packet.length) return;
  let pseudo = UDP + length;
  for (let at = addresses; at < addresses + addressBytes; at += 2) pseudo += word(at);
  if (word(udp + 6) !== fold(pseudo)) return;
  // The field holds the pseudo header's sum, so adding up the UDP packet adds it in.
  let sum = 0;
  for (let at = udp; at + 1 < end; at += 2) sum += word(at);
  if (length & 1) sum += packet[end - 1]! << 8;
  const checksum = ~fold(sum) & 0xffff || 0xffff;
  packet[udp + 6] = checksum >> 8;
  packet[udp + 7] = checksum & 0xff;
}
