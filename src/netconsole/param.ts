/**
 * The module parameter: `[+][r][src-port]@[src-ip]/[dev-or-mac],[tgt-port]@tgt-ip/[tgt-mac]`, targets separated by `;`.
 *
 * Linux: netpoll_parse_options(), later netconsole_parser_cmdline(); alloc_param_target(). MAX_PARAM_LENGTH.
 */
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import type { NetpollOptions } from '../netpoll/index.js';
import { cutName } from '../netpoll/index.js';
import type { Profile } from '../profile/index.js';
import { kstrtou16, macPton, parseIpInto } from './parse.js';

/** With the terminator. */
export const MAX_PARAM_LENGTH = 256;

export interface ParamHost {
  readonly profile: Profile;
  log(level: number, text: string): void;
}

/** What a target is set to, said line by line. Linux: netpoll_print_options(), netconsole_print_banner(). */
export function printBanner(host: ParamHost, np: NetpollOptions): void {
  const { profile } = host;
  const say = (text: string) => host.log(6, `${profile.bannerPrefix}${text}`);
  const ip = (bytes: Uint8Array) => (np.ipv6 ? `IPv6 address ${formatIpv6(bytes)}` : `IPv4 address ${formatIpv4(bytes)}`);
  say(`local port ${np.localPort}`);
  say(`local ${ip(np.localIp)}`);
  if (profile.macBinding) {
    say(`interface name '${np.devName}'`);
    say(`local ethernet address '${formatMac(np.devMac)}'`);
  } else {
    say(`interface '${np.devName}'`);
  }
  say(`remote port ${np.remotePort}`);
  say(`remote ${ip(np.remoteIp)}`);
  say(`remote ethernet address ${formatMac(np.remoteMac)}`);
}

/** Reads one target, after its flags, into `np`. False: it does not parse, which has been logged. */
export function parseTarget(host: ParamHost, np: NetpollOptions, config: string): boolean {
  const { profile } = host;
  let rest = config;
  /** The field up to `delimiter`; undefined: there is none. `rest` then begins with the delimiter. */
  const field = (delimiter: string): string | undefined => {
    const at = rest.indexOf(delimiter);
    if (at < 0) return undefined;
    const text = rest.slice(0, at);
    rest = rest.slice(at);
    return text;
  };
  const failed = (piece: string): false => {
    host.log(6, `${profile.bannerPrefix}couldn't parse config at '${piece}'!`);
    return false;
  };

  if (rest[0] !== '@') {
    const whole = rest;
    const text = field('@');
    if (text === undefined) return failed(whole);
    const port = kstrtou16(text);
    if (typeof port !== 'number') return failed(text);
    np.localPort = port;
  }
  rest = rest.slice(1);

  let familySet = false;
  if (rest[0] !== '/') {
    familySet = true;
    const whole = rest;
    const text = field('/');
    if (text === undefined) return failed(whole);
    const family = parseIpInto(text, np.localIp);
    if (family === undefined) return failed(text);
    np.ipv6 = family === 6;
  }
  rest = rest.slice(1);

  if (rest[0] !== ',') {
    const whole = rest;
    const text = field(',');
    if (text === undefined) return failed(whole);
    if (profile.macBinding) {
      np.devName = '';
      np.devMac = new Uint8Array(6).fill(0xff);
    }
    if (!profile.macBinding || !text.includes(':')) {
      np.devName = cutName(text);
    } else {
      const mac = macPton(text);
      if (mac === undefined) return failed(text);
      np.devMac = mac;
    }
  }
  rest = rest.slice(1);

  if (rest[0] !== '@') {
    const whole = rest;
    const text = field('@');
    if (text === undefined) return failed(whole);
    if (text[0] === ' ' || text[0] === '\t') host.log(6, `${profile.bannerPrefix}warning: whitespace is not allowed`);
    const port = kstrtou16(text);
    if (typeof port !== 'number') return failed(text);
    np.remotePort = port;
  }
  rest = rest.slice(1);

  const whole = rest;
  const text = field('/');
  if (text === undefined) return failed(whole);
  const family = parseIpInto(text, np.remoteIp);
  if (family === undefined || (familySet && np.ipv6 !== (family === 6))) return failed(text);
  np.ipv6 = family === 6;
  rest = rest.slice(1);
  if (rest !== '') {
    const mac = macPton(rest);
    if (mac === undefined) return failed(rest);
    np.remoteMac = mac;
  }
  printBanner(host, np);
  return true;
}
