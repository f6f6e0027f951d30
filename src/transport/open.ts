/**
 * Opens devices: `openDevice` turns "xdp:eth0" into one. Only this folder touches a network.
 *
 *   xdp.ts         IF[:native][:overlap] an XDP program that redirects     xdp-redirect.ts opens it; xdp-program.ts, bpf-assembler.ts, bpf.ts
 *   af-xdp.ts      IF[:QUEUE][:zerocopy]   AF_XDP socket, rings in place   xdp-socket.ts opens it
 *   af-packet.ts   IF          packet socket, sendmmsg
 *   libpcap.ts     IF          libpcap's shared library            pcap-library.ts loads it
 *   cap.ts         IF          npm cap
 *   raw-socket.ts              npm raw-socket, from the IP header on
 *   udp.ts         [ADDRESS]   node:dgram, from the UDP header on
 *   pcap-file.ts   FILE        a capture file
 *
 * Beside them: `link.ts`, what they share; `packet-receive.ts`, how acks come in on Linux;
 * `native.ts`, the C library and errors; `interface.ts`, which interfaces exist; `limit.ts`, caps
 * on rate and count; `capabilities.ts`, giving up privilege.
 *
 * Importing a transport loads nothing native; opening it does. If a device cannot be opened, the
 * KernelError says in one sentence what to do. These devices make packets with any source address,
 * so one that sends whole frames or packets is opened on an interface with a default route only if
 * `yes` is given.
 *
 *   const device = await openDevice('af-packet:veth0', { rate: 1000 });
 *   kernel.addDevice(device);
 *   ...
 *   await device.close();
 */

import { KernelError } from '../errno.js';
import type { DeviceCaps, NetDevice } from '../net/device.js';
import { createMemoryDevice } from '../net/memory.js';
import { bytes, callback, checkArgument, checkOptions, flag, type OptionRules, text } from '../options.js';
import { openAfPacket } from './af-packet.js';
import { openAfXdp } from './af-xdp.js';
import { openCap } from './cap.js';
import { defaultRouteInterfaces } from './interface.js';
import { openLibpcap } from './libpcap.js';
import { LIMIT_RULES, limitDevice } from './limit.js';
import {
  AF_PACKET_RULES,
  AF_XDP_RULES,
  CAP_RULES,
  LIBPCAP_RULES,
  MAC_BYTES,
  MTU,
  PADDING,
  PCAP_FILE_RULES,
  picked,
  RAW_SOCKET_RULES,
  SLOTS,
  UDP_RULES,
  XDP_RULES,
} from './options.js';
import { openPcapFile } from './pcap-file.js';
import { openRawSocket } from './raw-socket.js';
import { openUdp } from './udp.js';
import { openXdp } from './xdp.js';

/** The names of transports that send on an interface, the best one first. */
export const INTERFACE_TRANSPORTS = ['xdp', 'af-xdp', 'af-packet', 'libpcap', 'cap'] as const;
/** The names of transports that do not represent an interface of this machine. */
export const OTHER_TRANSPORTS = ['raw-socket', 'udp', 'pcap', 'memory'] as const;
/** A transport that sends on an interface. */
export type InterfaceTransport = (typeof INTERFACE_TRANSPORTS)[number];
/** Any transport. */
export type Transport = InterfaceTransport | (typeof OTHER_TRANSPORTS)[number];

/** How `openDevice` opens a device. Each transport uses the options that concern it. */
export interface OpenOptions {
  /** Opens the device even on an interface that has a default route. */
  readonly yes?: boolean;
  /** The number of slots in the slab; default: the transport's own. */
  readonly slots?: number;
  /** Delivers inbound packets to the host; default true. */
  readonly receive?: boolean;
  /** For xdp, af-xdp, af-packet, libpcap: also receives frames to other hardware addresses. */
  readonly promiscuous?: boolean;
  /** For pcap: returns the frames' timestamps in microseconds. Default: the time of day. */
  readonly now?: () => number;
  /** For pcap: writes timestamps in nanoseconds. */
  readonly nanosecond?: boolean;
  /** For memory and pcap: how short frames are padded. */
  readonly padding?: DeviceCaps['padding'];
  /** For memory, pcap, udp, raw-socket, which do not represent an interface: their name. */
  readonly name?: string;
  /** For memory, pcap, udp, raw-socket: their hardware address, 6 bytes. */
  readonly mac?: Uint8Array;
  /** For memory, pcap, udp, raw-socket: the size of the largest IP packet, in bytes. */
  readonly mtu?: number;
  /** The cap on frames a second: see `limit.ts`. */
  readonly rate?: number;
  /** The cap on frames in all. */
  readonly maxFrames?: number;
  /** How many seconds after `attach` sending ends. */
  readonly maxSeconds?: number;
}

const RULES: OptionRules<OpenOptions> = {
  yes: flag,
  slots: SLOTS,
  receive: flag,
  promiscuous: flag,
  now: callback,
  nanosecond: flag,
  padding: PADDING,
  name: text,
  mac: bytes(MAC_BYTES),
  mtu: MTU,
  rate: LIMIT_RULES.rate,
  maxFrames: LIMIT_RULES.maxFrames,
  maxSeconds: LIMIT_RULES.maxSeconds,
};

/** An open device, which is closed at the end of an `await using` block. */
export type OpenedDevice = NetDevice & AsyncDisposable;

/** The parts of a spec. If `transport` is undefined, the spec is a bare interface name. */
export interface ParsedSpec {
  /** The transport that the spec names. */
  readonly transport: Transport | undefined;
  /** The interface, file or address; empty when there is none. */
  readonly target: string;
}

/** Splits a spec. Throws EINVAL if it names no transport or lacks its interface or file. */
export function parseSpec(spec: string): ParsedSpec {
  checkArgument('openDevice', 'spec', spec, text);
  const colon = spec.indexOf(':');
  const head = colon < 0 ? spec : spec.slice(0, colon);
  const target = colon < 0 ? '' : spec.slice(colon + 1);
  const all: readonly string[] = [...INTERFACE_TRANSPORTS, ...OTHER_TRANSPORTS];
  if (!all.includes(head)) {
    if (colon < 0 && spec !== '') return { transport: undefined, target: spec };
    const known = all.join(', ');
    throw new KernelError('EINVAL', 'openDevice', `"${spec}" names no transport; give an interface or one of ${known}`);
  }
  const transport = head as Transport;
  if (target === '' && transport !== 'udp' && transport !== 'memory' && transport !== 'raw-socket') {
    const what = transport === 'pcap' ? 'FILE' : 'INTERFACE';
    throw new KernelError('EINVAL', 'openDevice', `"${spec}" lacks what follows the colon: ${transport}:${what}`);
  }
  return { transport, target };
}

/**
 * Opens the device that `spec` names: "af-xdp:eth0", "pcap:wire.pcap", "udp", "memory", or "eth0"
 * for the best transport that works there. Throws a KernelError: EINVAL (spec), EPERM (no
 * privilege, or a default route without `yes`), ENODEV, ENETDOWN, EBUSY, ENOSYS (something is not
 * installed or not for this system), and what the transport's own file lists. The caller closes the
 * device.
 */
export async function openDevice(spec: string, options: OpenOptions = {}): Promise<OpenedDevice> {
  const { transport, target } = parseSpec(spec);
  checkOptions('openDevice', options, RULES);
  const { rate, maxFrames, maxSeconds } = options;
  const limits = { rate, maxFrames, maxSeconds };
  const device = transport === undefined ? await openBest(target, options) : await open(transport, target, options);
  try {
    return limitDevice(device, picked(limits, LIMIT_RULES));
  } catch (error) {
    await device.close();
    throw error;
  }
}

async function openBest(name: string, options: OpenOptions): Promise<OpenedDevice> {
  let first: unknown;
  for (const transport of INTERFACE_TRANSPORTS) {
    try {
      return await open(transport, name, options);
    } catch (error) {
      // No other transport could do better, and `first` would name one that nobody asked for.
      if (['ENODEV', 'ENETDOWN', 'EOPNOTSUPP'].includes((error as KernelError).code) && !transport.endsWith('xdp'))
        throw error;
      if ((error as KernelError).op === 'openDevice') throw error;
      first ??= error;
    }
  }
  throw first;
}

/**
 * An interface's name and what may follow it. Nothing may follow the targets of other transports.
 */
const XDP_TARGET = /^(.*?)(:native)?(:overlap)?$/;
const AF_XDP_TARGET = /^(.*?)(?::(\d+))?(:zerocopy)?$/;

async function open(transport: Transport, target: string, options: OpenOptions): Promise<OpenedDevice> {
  switch (transport) {
    case 'memory': {
      const { mac, mtu, slots, padding } = options;
      return createMemoryDevice(options.name, { keep: false, ...picked({ mac, mtu, slots, padding }, RULES) });
    }
    case 'pcap':
      return openPcapFile(target, picked({ now: () => Date.now() * 1000, ...options }, PCAP_FILE_RULES));
    case 'udp':
      return await openUdp({ ...picked(options, UDP_RULES), ...(target !== '' && { bind: target }) });
    case 'raw-socket':
      if (defaultRouteInterfaces().size > 0 || process.platform !== 'linux') askForYes('raw-socket', options);
      return await openRawSocket(picked(options, RAW_SOCKET_RULES));
    case 'xdp': {
      const [, name, native, overlap] = XDP_TARGET.exec(target)!;
      guard(name!, options);
      const rest = picked(options, XDP_RULES);
      return await openXdp(name!, { ...rest, native: native !== undefined, overlap: overlap !== undefined });
    }
    case 'af-xdp': {
      const [, name, queue, zeroCopy] = AF_XDP_TARGET.exec(target)!;
      guard(name!, options);
      const rest = picked(options, AF_XDP_RULES);
      return await openAfXdp(name!, Number(queue ?? 0), { ...rest, zeroCopy: zeroCopy !== undefined });
    }
    default:
      guard(target, options);
      if (transport === 'af-packet') return await openAfPacket(target, picked(options, AF_PACKET_RULES));
      if (transport === 'cap') return await openCap(target, picked(options, CAP_RULES));
      return await openLibpcap(target, picked(options, LIBPCAP_RULES));
  }
}

/** Asks for `yes` on a default route's interface, and on any if routes cannot be read. */
function guard(name: string, options: OpenOptions): void {
  if (defaultRouteInterfaces().has(name) || process.platform !== 'linux') askForYes(name, options);
}

function askForYes(what: string, options: OpenOptions): void {
  if (options.yes === true) return;
  const message = `${what} leads to a default route, and this makes packets with any source address; say --yes (option yes) if that is meant`;
  throw new KernelError('EPERM', 'openDevice', message);
}
