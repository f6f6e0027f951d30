/**
 * A target as text: `[src-port]@[src-ip]/[dev],[tgt-port]@<tgt-ip>/[tgt-mac]`, read from left to
 * right, and logged on the way. The numbers are read as C reads them: up to the first character
 * that is not a digit, and cut to the size of their field.
 *
 * Linux: net/core/netpoll.c netpoll_parse_options(), 2003 to 2.6.32; netpoll_print_options(), from
 * 2.6.24 on.
 */

import { formatIpv4, formatMac } from '../../wire/address.js';
import { inAton } from '../aton.js';
import { cutName, type NetpollOptions } from '../index.js';

type Say = (level: number, text: string) => void;

/**
 * Reads decimal digits, whatever follows them; 0 if there are none. Linux: simple_strtol(), 64
 * bits.
 */
export function simpleStrtol(text: string): { value: bigint; end: number } {
  const digits = /^-?\d+/.exec(text)?.[0] ?? '';
  return { value: digits === '' ? 0n : BigInt.asIntN(64, BigInt(digits)), end: digits.length };
}

/**
 * Reads hexadecimal digits, whatever follows them, as a byte. Linux: simple_strtol() with base 16.
 */
export function hexByte(text: string): { value: number; end: number } {
  const all = /^-?(?:0x(?=[0-9a-f]))?([0-9a-f]*)/i.exec(text)!;
  const value = Number.parseInt(all[1]!.slice(-2) || '0', 16);
  return { value: (text.startsWith('-') ? -value : value) & 0xff, end: all[1] === '' ? 0 : all[0].length };
}

/**
 * Reads `text`, one character a byte, into `np`; the rest of `np` keeps its defaults. Returns false
 * if it does not parse, which has been logged then. Never throws.
 */
export function parseOptions(np: NetpollOptions, text: string, say: Say): boolean {
  let rest = text;
  const tell = (what: string) => say(6, `${np.name}: ${what}`);
  /**
   * Takes the text before `delimiter`, and skips the delimiter; returns undefined, and skips
   * nothing, if there is none.
   */
  const field = (delimiter: string): string | undefined => {
    const at = rest.indexOf(delimiter);
    if (at < 0) return undefined;
    const before = rest.slice(0, at);
    rest = rest.slice(at + 1);
    return before;
  };
  const failed = (): false => {
    tell(`couldn't parse config at ${rest}!`);
    return false;
  };

  const localPort = field('@');
  if (localPort === undefined) return failed();
  if (localPort !== '') np.localPort = port(localPort);
  tell(`local port ${np.localPort}`);

  const localIp = field('/');
  if (localIp === undefined) return failed();
  if (localIp !== '') {
    np.localIp.set(inAton(localIp));
    tell(`local IP ${formatIpv4(np.localIp)}`);
  }

  const devName = field(',');
  if (devName === undefined) return failed();
  if (devName !== '') np.devName = cutName(devName);
  tell(`interface ${np.devName}`);

  const remotePort = field('@');
  if (remotePort === undefined) return failed();
  if (remotePort !== '') np.remotePort = port(remotePort);
  tell(`remote port ${np.remotePort}`);

  const remoteIp = field('/');
  if (remoteIp === undefined) return failed();
  np.remoteIp.set(inAton(remoteIp));
  tell(`remote IP ${formatIpv4(np.remoteIp)}`);

  if (rest !== '') {
    const mac = new Uint8Array(np.remoteMac);
    for (let i = 0; i < 5; i++) {
      const part = field(':');
      if (part === undefined) return failed();
      mac[i] = hexByte(part).value;
    }
    mac[5] = hexByte(rest).value;
    np.remoteMac = mac;
  }
  tell(`remote ethernet address ${formatMac(np.remoteMac)}`);
  return true;
}

function port(text: string): number {
  return Number(BigInt.asUintN(16, simpleStrtol(text).value));
}

/**
 * Logs all that a target is set to, in the parser's words; the local address is always among them.
 */
export function printOptions(np: NetpollOptions, say: Say): void {
  const tell = (what: string) => say(6, `${np.name}: ${what}`);
  tell(`local port ${np.localPort}`);
  tell(`local IP ${formatIpv4(np.localIp)}`);
  tell(`interface ${np.devName}`);
  tell(`remote port ${np.remotePort}`);
  tell(`remote IP ${formatIpv4(np.remoteIp)}`);
  tell(`remote ethernet address ${formatMac(np.remoteMac)}`);
}
