/** Writes addresses as the system takes them: struct sockaddr_in and sockaddr_in6. */
import { networkInterfaces } from 'node:os';
import { parseIp } from '../wire/address.js';
import { put16 } from '../wire/field.js';

/** The address family of IPv4. Linux: include/linux/socket.h. */
export const AF_INET = 2;
/** The address family of IPv6 on Linux. Other systems have other numbers. */
export const AF_INET6 = 10;
/** The size of the longer one, sockaddr_in6. */
export const SOCKADDR_BYTES = 28;

/** Writes an address at `at` and returns its length. `SOCKADDR_BYTES` must be free there. */
export function putSockaddr(memory: Buffer, at: number, host: string, port: number): number {
  const [text = '', zone] = host.split('%');
  const ip = parseIp(text)!;
  memory.fill(0, at, at + SOCKADDR_BYTES);
  memory[at] = ip.length === 4 ? AF_INET : AF_INET6;
  put16(memory, at + 2, port);
  memory.set(ip, at + (ip.length === 4 ? 4 : 8));
  if (ip.length === 4) return 16;
  memory.writeUInt32LE(zone === undefined ? 0 : scopeOf(zone), at + 24);
  return SOCKADDR_BYTES;
}

/**
 * Returns the index of the interface that is named behind a link-local address, by its number or by
 * its name; 0 if there is none of that name.
 */
function scopeOf(zone: string): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  const found = networkInterfaces()[zone]?.find((address) => address.family === 'IPv6');
  return found?.family === 'IPv6' ? found.scopeid : 0;
}
