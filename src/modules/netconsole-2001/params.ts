/**
 * The parameters of the module, and what it logs about them. Linux: drivers/net/netconsole.c
 * init_netconsole(), 2001.
 */
import { KernelError } from '../../errno.js';
import type { Interface } from '../../net/interface.js';
import type { NetpollHost } from '../../netpoll/index.js';
import { formatIpv4, formatMac, parseIp, parseMac } from '../../wire/address.js';

/** The parameters of the netconsole of 2001, as they were read. */
export interface Params2001 {
  /** The interface's name; empty if it was not given. */
  readonly dev: string;
  /** In host order, as one number; 0 if it was not given. */
  readonly targetIp: number;
  /** The UDP port that datagrams leave from; 0 if it was not given. */
  readonly sourcePort: number;
  /** The UDP port that datagrams go to; 0 if it was not given. */
  readonly targetPort: number;
  /** The hardware address that frames go to, 6 bytes; a byte that was not given is 255. */
  readonly targetEth: Uint8Array;
}

const NUMBER = /^-?(?:0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i;

/**
 * Reads `name=value` pairs with blanks between them; numbers are written as in C. Throws EINVAL for
 * an unknown name, or a value that is not a number, as insmod itself refuses those. Bits that do
 * not fit into their field are cut off.
 */
export function parseParams(text: string): Params2001 {
  const values = new Map<string, number>();
  let dev = '';
  for (const word of text.split(/\s+/)) {
    if (word === '') continue;
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    const value = at < 0 ? '' : word.slice(at + 1);
    if (name === 'dev') {
      dev = value;
      continue;
    }
    if (!/^(?:target_ip|source_port|target_port|target_eth_byte[0-5])$/.test(name)) {
      const known = 'dev, target_ip, source_port, target_port, target_eth_byte0 to target_eth_byte5';
      throw new KernelError('EINVAL', 'insmod', `there is no parameter "${name}": known are ${known}`);
    }
    if (!NUMBER.test(value)) {
      throw new KernelError('EINVAL', 'insmod', `${name}="${value}" is no number: write 10.0.7.1 as 0x0a000701`);
    }
    values.set(name, number(value));
  }
  return {
    dev,
    targetIp: (values.get('target_ip') ?? 0) >>> 0,
    sourcePort: (values.get('source_port') ?? 0) & 0xffff,
    targetPort: (values.get('target_port') ?? 0) & 0xffff,
    targetEth: Uint8Array.from({ length: 6 }, (_, i) => values.get(`target_eth_byte${i}`) ?? 255),
  };
}

/** Reads a number as C does, and returns its low 32 bits. */
function number(text: string): number {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return Number(BigInt.asUintN(32, negative ? -value : value));
}

/**
 * Reads a target in the syntax of later netconsoles, `[port]@[ip]/[dev],[port]@ip/[mac]`; ports are
 * 6666 unless it names them. Throws EINVAL if it does not parse, and if its source is not the first
 * address of the device, as this netconsole knows no other.
 */
export function paramsOfTarget({ netdevs }: NetpollHost, target: string): Params2001 {
  const [, sourcePort, localIp, dev, targetPort, remoteIp, mac] =
    /^(\d*)@([^/]*)\/([^,]*),(\d*)@([^/]*)\/(.*)$/.exec(target) ?? [];
  const ip = parseIp(remoteIp ?? '');
  const eth = mac === '' ? new Uint8Array(6).fill(0xff) : parseMac(mac ?? '');
  if (ip?.length !== 4 || eth === undefined) {
    throw new KernelError('EINVAL', 'insmod', `"${target}" is not [port]@[ip]/[dev],[port]@ip/[mac], of IPv4`);
  }
  const name = dev || 'eth0';
  const own = netdevs.byName(name)?.ipv4[0];
  if (localIp && own !== undefined && localIp !== formatIpv4(own)) {
    const why = `netconsole of 2001 sends from the first address of ${name}, which is ${formatIpv4(own)}, not ${localIp}`;
    throw new KernelError('EINVAL', 'insmod', why);
  }
  return {
    dev: name,
    targetIp: ip.reduce((number, byte) => number * 256 + byte, 0),
    sourcePort: Number(sourcePort || 6666) & 0xffff,
    targetPort: Number(targetPort || 6666) & 0xffff,
    targetEth: eth,
  };
}

/**
 * Checks and logs the parameters, and returns the device. Throws EPERM if the module's init fails.
 * `writeSource` formats the source address: see `withDefects`.
 */
export function checkParams(host: NetpollHost, params: Params2001, writeSource: (ip: Uint8Array) => string): Interface {
  const fail = (text: string): KernelError => {
    host.log(3, `netconsole: ${text}`);
    return new KernelError('EPERM', 'insmod', text);
  };
  const missing = (name: string) => fail(`${name} parameter not specified, aborting.`);
  const say = (text: string) => host.log(6, `netconsole: ${text}`);
  if (params.dev === '') throw missing('dev');
  say(`using network device <${params.dev}>`);
  const dev = host.netdevs.byName(params.dev);
  if (dev === undefined) throw fail(`${params.dev} doesn't exist, aborting.`);
  if (dev.disableNetpoll) throw fail(`${dev.name}'s network driver does not implement netlogging yet, aborting.`);
  if (params.targetIp === 0) throw missing('target_ip');
  if (params.sourcePort === 0) throw missing('source_port');
  if (params.targetPort === 0) throw missing('target_port');
  const own = dev.ipv4[0];
  if (own === undefined) throw fail(`network device ${dev.name} has no local address, aborting.`);
  say(`using source IP ${writeSource(own)}`);
  const { targetIp: t, targetEth } = params;
  say(`using target IP ${formatIpv4(Uint8Array.of(t >>> 24, t >>> 16, t >>> 8, t))}`);
  say(`using source UDP port: ${params.sourcePort}`);
  say(`using target UDP port: ${params.targetPort}`);
  if (targetEth.every((b) => b === 255)) say('using broadcast ethernet frames to send packets.');
  else say(`using target ethernet address ${formatMac(targetEth)}.`);
  return dev;
}
