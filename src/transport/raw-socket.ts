/**
 * `raw-socket`: sends IP packets through npm `raw-socket`. The medium begins at the IP header; the
 * system chooses the route and makes the Ethernet header. Of an IPv4 header only the checksum is
 * replaced; an IPv6 header is kept whole. Acks come in over IPv4 only, because the system does not
 * hand an IPv6 header to such a socket.
 *
 * The package's own queue sends one packet an event. Here its inner, synchronous `send` is called
 * directly, as that queue does. The package loads in only one thread of a process.
 *
 * @module
 */

import { constants } from 'node:os';
import type { DeviceHost } from '../net/device.js';
import { checkOptions } from '../options.js';
import { formatIpv4, formatIpv6 } from '../wire/address.js';
import { PROTOCOL_UDP } from '../wire/checksum.js';
import { IPV4 } from '../wire/ipv4.js';
import { IPV6 } from '../wire/ipv6.js';
import { finishChecksum } from './checksum-offload.js';
import { DEFAULT_MAC, DEFAULT_NAME, SendingDevice, type Sent } from './link.js';
import { loadCompiled, textErrno, transportError } from './native.js';
import { RAW_SOCKET_RULES, type RawSocketOptions } from './options.js';

export type { RawSocketOptions } from './options.js';

/** The part of npm `raw-socket` that is used; the package brings no types. */
interface RawSocket {
  on(event: 'message', listener: (packet: Buffer, source: string) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  setOption(level: number, option: number, value: number): void;
  pauseRecv(): void;
  resumeRecv(): void;
  close(): void;
  readonly wrap: { send(buffer: Buffer, offset: number, length: number, address: string, done: () => void): void };
}
interface RawSocketModule {
  createSocket(options: { protocol: number; addressFamily: number; bufferSize?: number }): RawSocket;
  readonly AddressFamily: { readonly IPv4: number; readonly IPv6: number };
  readonly SocketLevel: Readonly<Record<string, number>>;
  readonly SocketOption: Readonly<Record<string, number>>;
}

const IPPROTO_RAW = 255;

/** Opens the sockets; the caller closes the device. Throws ENOSYS (package missing) and EPERM. */
export async function openRawSocket(options: RawSocketOptions = {}): Promise<RawSocketDevice> {
  checkOptions('openRawSocket', options, RAW_SOCKET_RULES);
  const module = loadCompiled('raw-socket', 'raw-socket', 'a C++ compiler') as RawSocketModule;
  return new RawSocketDevice(module, options);
}

/** Raw IP sockets through npm `raw-socket`; `openRawSocket` makes it. */
export class RawSocketDevice extends SendingDevice {
  readonly #options: RawSocketOptions;
  readonly #buffer: Buffer;
  readonly #ipv4: RawSocket;
  /** The IPv6 socket; undefined if the system has no IPv6. */
  readonly #ipv6: RawSocket | undefined;
  readonly #addresses = new Map<number, string>();

  /** Use `openRawSocket`. @internal */
  constructor(module: RawSocketModule, options: RawSocketOptions) {
    const ipv4 = open(module, module.AddressFamily.IPv4, PROTOCOL_UDP);
    super({
      name: options.name ?? DEFAULT_NAME,
      mac: options.mac ?? Uint8Array.from(DEFAULT_MAC),
      caps: { medium: 'ip', mtu: options.mtu ?? 1500, padding: 'none' },
      slots: options.slots ?? 64,
    });
    this.#options = options;
    this.#buffer = Buffer.from(this.slab.heap.buffer);
    this.#ipv4 = ipv4;
    ipv4.setOption(module.SocketLevel['IPPROTO_IP']!, module.SocketOption['IP_HDRINCL']!, 1);
    ipv4.on('error', () => undefined);
    ipv4.pauseRecv();
    this.#ipv6 = openIpv6(module);
  }

  protected override send(_slot: number, start: number, length: number): Sent {
    const ipv4 = this.slab.bytes[start]! >> 4 === 4;
    const socket = ipv4 ? this.#ipv4 : this.#ipv6;
    if (socket === undefined) return 'refused';
    const address = ipv4 ? this.#ipv4Address(start + IPV4.dst) : formatIpv6(this.slab.bytes, start + IPV6.dst);
    try {
      socket.wrap.send(this.#buffer, start, length, address, nothing);
      return 'sent';
    } catch (error) {
      const errno = textErrno((error as Error).message);
      return errno === constants.errno.EAGAIN || errno === constants.errno.ENOBUFS ? 'busy' : 'refused';
    }
  }

  protected override startReceiving(host: DeviceHost): void {
    if (this.#options.receive === false) return;
    this.#ipv4.on('message', (packet) => {
      this.stats.rxPackets++;
      finishChecksum(packet, 0);
      host.receive(packet);
    });
    this.#ipv4.resumeRecv();
  }

  protected override release(): void {
    this.#ipv4.close();
    this.#ipv6?.close();
  }

  #ipv4Address(at: number): string {
    const { bytes } = this.slab;
    const key = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    let text = this.#addresses.get(key);
    if (text === undefined) {
      text = formatIpv4(bytes, at);
      this.#addresses.set(key, text);
    }
    return text;
  }
}

function nothing(): void {}

function open(module: RawSocketModule, addressFamily: number, protocol: number): RawSocket {
  try {
    return module.createSocket({ protocol, addressFamily, bufferSize: 65536 });
  } catch (error) {
    throw transportError(textErrno((error as Error).message), 'raw-socket', 'opening a raw socket');
  }
}

/** Opens the IPv6 socket at once: its privilege may be given up before the first IPv6 packet. */
function openIpv6(module: RawSocketModule): RawSocket | undefined {
  try {
    const socket = open(module, module.AddressFamily.IPv6, IPPROTO_RAW);
    socket.on('error', () => undefined);
    socket.pauseRecv();
    return socket;
  } catch {
    return undefined;
  }
}
