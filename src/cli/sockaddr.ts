/** Addresses as the system takes them: struct sockaddr_in and sockaddr_in6. */
import { networkInterfaces } from 'node:os';
import { parseIp } from '../wire/address.js';
import { put16 } from '../wire/field.js';

/** The address families of Linux. */
export const AF_INET = 2;
export const AF_INET6 = 10;
/** Of the longer one. */
export const SOCKADDR_BYTES = 28;

/** Writes one at `at`, where `SOCKADDR_BYTES` are free. Its length. */
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
 * The index of an interface, which stands behind a link-local address: a number, or the interface's
 * name.
 */
function scopeOf(zone: string): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  const found = networkInterfaces()[zone]?.find((address) => address.family === 'IPv6');
  return found?.family === 'IPv6' ? found.scopeid : 0;
}
