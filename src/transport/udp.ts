/**
 * `udp`: sends datagrams through the operating system's own sockets, without any privilege. The
 * medium begins at the UDP header. Source address, IP header and checksum are the system's, so only
 * the payload, the destination and the ports are those that netpoll made.
 *
 * The ports are read from the UDP header, and the destination from the IP header, which netpoll
 * always builds in front of it in the slot. Each source port and IP version gets a socket at its
 * first frame, which is bound to that port and delivers what arrives there. Sending is
 * asynchronous: a slot is free when the system has taken its datagram. When half of the slots are
 * in use, the device is BUSY.
 *
 * @module
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { KernelError } from '../errno.js';
import { type DeviceHost, NETDEV_TX_OK, type NetdevTx } from '../net/device.js';
import { checkOptions } from '../options.js';
import { formatIpv4, formatIpv6 } from '../wire/address.js';
import { PROTOCOL_UDP } from '../wire/checksum.js';
import { ETHERTYPE } from '../wire/ethernet.js';
import { IPV4 } from '../wire/ipv4.js';
import { IPV6 } from '../wire/ipv6.js';
import { UDP } from '../wire/udp.js';
import { DEFAULT_MAC, DEFAULT_NAME, LinkDevice } from './link.js';
import { systemError } from './native.js';
import { UDP_RULES, type UdpOptions } from './options.js';

export type { UdpOptions } from './options.js';

/** Opens the device. Throws EADDRNOTAVAIL or EINVAL if `bind` is not an address of this machine. */
export async function openUdp(options: UdpOptions = {}): Promise<UdpDevice> {
  checkOptions('openUdp', options, UDP_RULES);
  if (options.bind !== undefined) await tryAddress(options.bind);
  return new UdpDevice(options);
}

/**
 * Binds to the address once. Ports are bound as frames come, which is late to learn of an error.
 */
async function tryAddress(address: string): Promise<void> {
  if (!isIP(address)) {
    throw new KernelError('EINVAL', 'udp', `udp:${address}: "${address}" is no IP address; give one of this machine's`);
  }
  const socket = createSocket(isIP(address) === 4 ? 'udp4' : 'udp6');
  try {
    socket.bind(0, address);
    await once(socket, 'listening');
  } catch (error) {
    throw systemError(error, `udp:${address}`, 'binding to the address', {});
  }
  socket.close();
}

const IPV6_MARK = 0x10000;
/** False for Deno, which begins sends in any order: there, one send is under way at a time. */
const ORDERED: boolean = process.versions['deno'] === undefined;

/** UDP sockets of Node, one for each source port; `openUdp` makes it. */
export class UdpDevice extends LinkDevice {
  readonly #options: UdpOptions;
  /** The sockets, by source port; for IPv6, IPV6_MARK is added to it. */
  readonly #sockets = new Map<number, Socket>();
  readonly #addresses = new Map<number, string>();
  readonly #buffer: Buffer;
  /** A callback for each slot, made once. */
  readonly #done: ((error: Error | null) => void)[];
  #inFlight = 0;
  /** The IP version of the address that is bound, 4 or 6; 0 if none is. */
  readonly #family: number;

  /** Use `openUdp`. @internal */
  constructor(options: UdpOptions) {
    super({
      name: options.name ?? DEFAULT_NAME,
      mac: options.mac ?? Uint8Array.from(DEFAULT_MAC),
      caps: { medium: 'udp', mtu: options.mtu ?? 1500, padding: 'none' },
      slots: options.slots ?? 1024,
    });
    this.#options = options;
    this.#family = options.bind === undefined ? 0 : isIP(options.bind);
    this.#buffer = Buffer.from(this.slab.heap.buffer);
    this.#done = Array.from({ length: this.slab.count }, (_, slot) => (error) => this.#sent(slot, error));
  }

  /** Hands the datagram to Node. Its slot is free when Node has sent it. */
  override startXmit(slot: number): NetdevTx {
    if (this.gone !== undefined || this.closed) return this.drop(slot);
    if (!this.hasRoom()) return this.busy();
    const start = this.slab.start[slot]!;
    const length = this.slab.end[slot]! - start;
    if (length + IPV4.length > this.longest) return this.refuse(slot);
    const family = this.#isIpv4(start) ? 4 : 6;
    const address =
      family === 4 ? this.#ipv4Address(start) : formatIpv6(this.slab.bytes, start - IPV6.length + IPV6.dst);
    if (this.#family !== 0 && this.#family !== family) return this.refuse(slot);
    const from = this.#port(start + UDP.srcPort);
    const socket = this.#sockets.get(family === 4 ? from : from + IPV6_MARK) ?? this.#open(from, family);
    if (this.gone !== undefined) return this.drop(slot);
    this.#inFlight++;
    try {
      const payload = start + UDP.length;
      socket.send(
        this.#buffer,
        payload,
        length - UDP.length,
        this.#port(start + UDP.dstPort),
        address,
        this.#done[slot]!,
      );
    } catch {
      // The destination port is 0, which Node refuses.
      this.#inFlight--;
      this.refuse(slot);
    }
    return NETDEV_TX_OK;
  }

  /** Does nothing, because no frames are held back. */
  override poll(): void {}

  protected override pending(): number {
    return this.#inFlight;
  }

  protected override hasRoom(): boolean {
    return this.#inFlight < (ORDERED ? this.slab.count >> 1 : 1);
  }

  protected override release(): void {
    this.stats.txDropped += this.#inFlight;
    this.#inFlight = 0;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #port(at: number): number {
    return (this.slab.bytes[at]! << 8) | this.slab.bytes[at + 1]!;
  }

  /**
   * Says whether the header in front of the UDP header at `udp` is IPv4. The remains of older
   * frames must not be mistaken for one. Both headers tell the datagram's first length; it may be
   * cut since.
   */
  #isIpv4(udp: number): boolean {
    const ip = udp - IPV4.length;
    const { bytes } = this.slab;
    return (
      this.#port(ip - 2) === ETHERTYPE.ipv4 &&
      bytes[ip] === 0x45 &&
      bytes[ip + IPV4.protocol] === PROTOCOL_UDP &&
      this.#port(ip + IPV4.totalLength) === this.#port(udp + UDP.udpLength) + IPV4.length
    );
  }

  #ipv4Address(udp: number): string {
    const at = udp - IPV4.length + IPV4.dst;
    const key = this.#port(at) * 0x10000 + this.#port(at + 2);
    let text = this.#addresses.get(key);
    if (text === undefined) {
      text = formatIpv4(this.slab.bytes, at);
      this.#addresses.set(key, text);
    }
    return text;
  }

  #open(port: number, family: 4 | 6): Socket {
    const ipv4 = family === 4;
    const socket = createSocket({
      type: ipv4 ? 'udp4' : 'udp6',
      ...(!ipv4 && { ipv6Only: true }),
      // Addresses need no lookup, and without one the socket is bound when `bind` returns.
      lookup: (hostname, _options, callback) => callback(null, hostname, family),
    });
    this.#sockets.set(ipv4 ? port : port + IPV6_MARK, socket);
    socket.on('error', (error) => this.lost(portError(error, port)));
    if (this.#options.receive !== false) socket.on('message', (data, from) => this.#received(data, from, port));
    socket.bind({ port, ...(this.#options.bind !== undefined && { address: this.#options.bind }) }, () => {
      if (ipv4) socket.setBroadcast(true);
    });
    return socket;
  }

  #sent(slot: number, error: Error | null): void {
    if (this.closed) return;
    this.#inFlight--;
    if (error) this.stats.txErrors++;
    else {
      this.stats.txPackets++;
      this.stats.txBytes += this.slab.end[slot]! - this.slab.start[slot]!;
    }
    this.slab.free(slot);
  }

  #received(data: Uint8Array, from: RemoteInfo, port: number): void {
    const host: DeviceHost | undefined = this.host;
    if (host === undefined || this.closed) return;
    const packet = new Uint8Array(UDP.length + data.length);
    const view = new DataView(packet.buffer);
    view.setUint16(UDP.srcPort, from.port);
    view.setUint16(UDP.dstPort, port);
    view.setUint16(UDP.udpLength, packet.length);
    // A checksum of 0 means "none": the system has already checked it.
    packet.set(data, UDP.length);
    this.stats.rxPackets++;
    host.receive(packet, { ip: from.address, port: from.port });
  }
}

function portError(error: Error, port: number): KernelError {
  return systemError(error, 'udp', `sending from port ${port}`, {
    EBUSY: 'another program has the port; choose another source port or bind to an address of its own',
    EACCES: 'ports under 1024 need root; choose another source port',
  });
}
