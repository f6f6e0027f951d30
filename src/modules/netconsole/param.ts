/**
 * The module parameter: `[+][r][src-port]@[src-ip]/[dev-or-mac],[tgt-port]@tgt-ip/[tgt-mac]`,
 * targets separated by `;`.
 *
 * Linux: netpoll_parse_options(), later netconsole_parser_cmdline(); alloc_param_target().
 * MAX_PARAM_LENGTH.
 */

import { KernelError } from '../../errno.js';
import type { KernelContext } from '../../kernel/context.js';
import type { NetpollOptions } from '../../netpoll/index.js';
import { cutName } from '../../netpoll/index.js';
import { formatIpv4, formatIpv6, formatMac } from '../../wire/address.js';
import { kstrtobool, kstrtou16, macPton, parseIpInto } from './parse.js';

/** The longest parameter, its terminator included. */
const MAX_PARAM_LENGTH = 256;

/**
 * Logs what a target is set to, line by line. Linux: netpoll_print_options(),
 * netconsole_print_banner().
 */
export function printBanner(context: KernelContext, np: NetpollOptions): void {
  const { profile } = context;
  const say = (text: string) => context.log(6, `${profile.bannerPrefix}${text}`);
  const ip = (bytes: Uint8Array) =>
    np.ipv6 ? `IPv6 address ${formatIpv6(bytes)}` : `IPv4 address ${formatIpv4(bytes)}`;
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

/**
 * Reads one target, after its flags, into `np`. Returns false if it does not parse; that has been
 * logged then.
 */
export function parseTarget(context: KernelContext, np: NetpollOptions, config: string): boolean {
  const { profile } = context;
  let rest = config;
  /** Takes the field up to `delimiter` off `rest`; returns undefined if it is not there. */
  const field = (delimiter: string): string | undefined => {
    const at = rest.indexOf(delimiter);
    if (at < 0) return undefined;
    const text = rest.slice(0, at);
    rest = rest.slice(at);
    return text;
  };
  const failed = (piece: string): false => {
    context.log(6, `${profile.bannerPrefix}couldn't parse config at '${piece}'!`);
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
    if (text[0] === ' ' || text[0] === '\t')
      context.log(6, `${profile.bannerPrefix}warning: whitespace is not allowed`);
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
  printBanner(context, np);
  return true;
}

/** The arguments of the module, as they were read. */
export interface ModuleArgs {
  /** The value of `netconsole=`. */
  readonly param: string;
  /** The value of `oops_only=`; false if it was not given. */
  readonly oopsOnly: boolean;
}

/**
 * Splits a module's arguments and sets its parameters. Unknown ones are named in the log and
 * ignored. Throws ENOSPC for a string over 255 bytes, and EINVAL for a value that does not parse.
 * Linux: kernel/params.c parse_args(), lib/cmdline.c next_arg().
 */
export function parseModuleArgs(context: KernelContext, args: string): ModuleArgs {
  let param = '';
  let oopsOnly = false;
  for (const { name, value } of splitArgs(args)) {
    const known = name.replaceAll('-', '_');
    if (known === 'netconsole') {
      if (value === undefined) throw invalid(context, name, '');
      if (value.length >= MAX_PARAM_LENGTH) {
        context.log(3, `netconsole: string doesn't fit in ${MAX_PARAM_LENGTH - 1} chars.`);
        context.log(3, `netconsole: \`${value}' too large for parameter \`netconsole'`);
        throw new KernelError(
          'ENOSPC',
          'insmod',
          `the parameter has ${value.length} bytes: ${MAX_PARAM_LENGTH - 1} at most`,
        );
      }
      param = value;
    } else if (known === 'oops_only') {
      const on = kstrtobool(context.profile, value ?? '1');
      if (typeof on === 'string') throw invalid(context, name, value ?? '');
      oopsOnly = on;
    } else {
      // The kernel looks for "module.dyndbg" in the name, and thereby cuts it at the dot.
      context.log(4, `netconsole: unknown parameter '${name.split('.')[0]}' ignored`);
    }
  }
  return { param, oopsOnly };
}

function invalid(context: KernelContext, name: string, value: string): KernelError {
  context.log(3, `netconsole: \`${value}' invalid for parameter \`${name}'`);
  return new KernelError('EINVAL', 'insmod', `"${value}" is not a value for ${name}`);
}

/**
 * Arguments are separated by blanks outside of double quotes; quotes around a value or an argument
 * are taken off.
 */
function* splitArgs(text: string): Generator<{ name: string; value: string | undefined }> {
  let rest = text.trimStart();
  while (rest !== '') {
    const quoted = rest[0] === '"';
    if (quoted) rest = rest.slice(1);
    let inQuote = quoted;
    let equals = 0;
    let end = 0;
    for (; end < rest.length; end++) {
      const c = rest[end]!;
      if (/\s/.test(c) && !inQuote) break;
      if (equals === 0 && c === '=') equals = end;
      if (c === '"') inQuote = !inQuote;
    }
    let arg = rest.slice(0, end);
    rest = rest.slice(end + 1).trimStart();
    if (quoted && arg.endsWith('"')) arg = arg.slice(0, -1);
    if (equals === 0) {
      yield { name: arg, value: undefined };
      continue;
    }
    let value = arg.slice(equals + 1);
    if (value.startsWith('"')) value = value.slice(1, value.endsWith('"') ? -1 : undefined);
    yield { name: arg.slice(0, equals), value };
  }
}
