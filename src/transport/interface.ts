/**
 * Asks the kernel about network interfaces. It uses ioctl, which sees the process's own namespace.
 */
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { KernelError } from '../errno.js';
import { defaultHeap } from '../memory/heap.js';
import { parseMac } from '../wire/address.js';
import { encodeText } from '../wire/text.js';
import { heapAddress, loadNative, type Native, SOCK_CLOEXEC, transportError } from './native.js';

/** An interface as it was when the kernel was asked. */
export interface InterfaceInfo {
  readonly name: string;
  /** The number that the kernel gives the interface. */
  readonly index: number;
  /** The hardware address, 6 bytes; without meaning if `ethernet` is false. */
  readonly mac: Uint8Array;
  /** The size of the largest IP packet, in bytes. */
  readonly mtu: number;
  /** True if the interface is up, whether or not it has a carrier. */
  readonly up: boolean;
  /**
   * True if frames have an Ethernet header. Those of loopback have one; those of tunnels, WireGuard
   * and the like have none.
   */
  readonly ethernet: boolean;
}

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const IFREQ_BYTES = 40;
const IFNAMSIZ = 16;
const IFF_UP = 1;
const SIOCGIFNAME = 0x8910;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_GDRVINFO = 3;
const ETHTOOL_GLINK = 10;
/** The size of `struct ethtool_drvinfo`, which holds the command and then the name. */
const DRVINFO_BYTES = 196;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/**
 * Returns the interface `name` as it is now. Throws ENODEV if there is none; errors name `spec`.
 */
export async function interfaceInfo(name: string, spec: string): Promise<InterfaceInfo> {
  const native = await loadNative(spec);
  const { libc } = native;
  const heap = defaultHeap();
  const bytes = encodeText(name);
  if (bytes.length === 0 || bytes.length >= IFNAMSIZ) {
    throw new KernelError(
      'ENODEV',
      spec,
      `${spec}: an interface name has 1 to 15 bytes, "${name}" has ${bytes.length}`,
    );
  }
  const fd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw transportError(native.errno(), spec, 'asking about the interface');
  const at = heap.alloc(IFREQ_BYTES);
  const view = new DataView(heap.buffer, at, IFREQ_BYTES);
  const ask = (request: number): DataView => {
    heap.bytes.fill(0, at, at + IFREQ_BYTES);
    heap.bytes.set(bytes, at);
    if (libc.ioctl(fd, request, heapAddress(native, heap) + at) < 0) {
      throw transportError(native.errno(), spec, `asking about the interface ${name}`);
    }
    return view;
  };
  try {
    const index = ask(SIOCGIFINDEX).getInt32(IFNAMSIZ, true);
    const mtu = ask(SIOCGIFMTU).getInt32(IFNAMSIZ, true);
    const up = (ask(SIOCGIFFLAGS).getUint16(IFNAMSIZ, true) & IFF_UP) !== 0;
    const type = ask(SIOCGIFHWADDR).getUint16(IFNAMSIZ, true);
    const mac = heap.bytes.slice(at + IFNAMSIZ + 2, at + IFNAMSIZ + 8);
    return { name, index, mac, mtu, up, ethernet: type === ARPHRD_ETHER || type === ARPHRD_LOOPBACK };
  } finally {
    heap.free(at);
    libc.close(fd);
  }
}

/** Does the same, and throws if Ethernet frames cannot be sent on the interface now. */
export async function usableInterface(name: string, spec: string): Promise<InterfaceInfo> {
  const info = await interfaceInfo(name, spec);
  if (!info.ethernet) {
    throw new KernelError('EOPNOTSUPP', spec, `${spec}: ${name} carries no Ethernet frames; use udp or raw-socket`);
  }
  if (!info.up) {
    throw new KernelError('ENETDOWN', spec, `${spec}: ${name} is down; bring it up with \`ip link set ${name} up\``);
  }
  return info;
}

/**
 * Returns the state of the interface with this index, whatever its name is now; `down` also means
 * that it has no carrier. Devices ask this while they send.
 */
export function linkState(native: Native, index: number): 'up' | 'down' | 'gone' {
  return withIfreq(native, (ask, view) => {
    view.setInt32(IFNAMSIZ, index, true);
    // Each answer leaves the name in the place where the next request looks for it.
    if (!ask(SIOCGIFNAME) || !ask(SIOCGIFFLAGS)) return 'gone';
    if ((view.getUint16(IFNAMSIZ, true) & IFF_UP) === 0) return 'down';
    const heap = defaultHeap();
    const at = heap.alloc(16);
    heap.u32[at >> 2] = ETHTOOL_GLINK;
    view.setBigUint64(IFNAMSIZ, BigInt(heapAddress(native, heap) + at), true);
    const carrier = !ask(SIOCETHTOOL) || heap.u32[(at >> 2) + 1] !== 0;
    heap.free(at);
    return carrier ? 'up' : 'down';
  });
}

/**
 * Returns the driver of an interface, such as "veth" or "ixgbe", or undefined if the interface does
 * not tell it. Linux: ethtool -i.
 */
export function driverName(native: Native, name: string): string | undefined {
  return withIfreq(native, (ask, view) => {
    const heap = defaultHeap();
    const at = heap.alloc(DRVINFO_BYTES);
    heap.u32[at >> 2] = ETHTOOL_GDRVINFO;
    for (let i = 0; i < name.length; i++) view.setUint8(i, name.charCodeAt(i));
    view.setBigUint64(IFNAMSIZ, BigInt(heapAddress(native, heap) + at), true);
    const text = ask(SIOCETHTOOL) ? new TextDecoder().decode(heap.bytes.subarray(at + 4, at + 36)) : '\0';
    heap.free(at);
    return text.slice(0, text.indexOf('\0')) || undefined;
  });
}

/**
 * Calls `use` with a zeroed `struct ifreq` and with a function that asks the kernel about it, which
 * returns false if the kernel does not answer.
 */
function withIfreq<T>(native: Native, use: (ask: (request: number) => boolean, ifreq: DataView) => T): T {
  const { libc } = native;
  const heap = defaultHeap();
  const at = heap.alloc(IFREQ_BYTES);
  const fd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    const ask = (request: number) => libc.ioctl(fd, request, heapAddress(native, heap) + at) >= 0;
    return use(ask, new DataView(heap.buffer, at, IFREQ_BYTES));
  } finally {
    if (fd >= 0) libc.close(fd);
    heap.free(at);
  }
}

/** The properties of an interface that can be found out without koffi. */
export interface LinkInfo {
  readonly name: string;
  /** The hardware address: 6 bytes, zeros where nothing tells it. */
  readonly mac: Uint8Array;
  /** The size of the largest IP packet, in bytes. */
  readonly mtu: number;
}

/**
 * Returns the properties that can be found out without koffi; the MTU is 1500 if nothing tells it.
 * Throws ENODEV, ENETDOWN or EOPNOTSUPP.
 */
export async function linkInfo(name: string, spec: string): Promise<LinkInfo> {
  try {
    return await usableInterface(name, spec);
  } catch (error) {
    if ((error as KernelError).code !== 'ENOSYS') throw error;
  }
  const system = `/sys/class/net/${name}`;
  if (process.platform === 'linux' && !name.includes('/') && existsSync(system)) {
    const read = (file: string) => readFileSync(`${system}/${file}`, 'utf8').trim();
    return { name, mac: parseMac(read('address')) ?? new Uint8Array(6), mtu: Number(read('mtu')) };
  }
  const address = networkInterfaces()[name]?.[0];
  if (!address)
    throw new KernelError('ENODEV', spec, `${spec}: there is no interface ${name} that is up; \`doctor\` lists them`);
  return { name, mac: parseMac(address.mac) ?? new Uint8Array(6), mtu: 1500 };
}

/**
 * Returns the names of all interfaces in this network namespace, in the kernel's order; on systems
 * other than Linux, only those of interfaces with an address.
 */
export function interfaceNames(): string[] {
  if (process.platform !== 'linux') return Object.keys(networkInterfaces());
  const lines = procLines('/proc/net/dev').slice(2);
  return lines.map((line) => line.slice(0, line.lastIndexOf(':')).trim());
}

const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** Returns the names of the interfaces that a default route, IPv4 or IPv6, leads out of. */
export function defaultRouteInterfaces(): Set<string> {
  const names = new Set<string>();
  for (const line of procLines('/proc/net/route').slice(1)) {
    const [name, destination, , flags, , , , mask] = line.split(/\s+/);
    if (name && destination === '00000000' && mask === '00000000' && isUsed(flags)) names.add(name);
  }
  for (const line of procLines('/proc/net/ipv6_route')) {
    const fields = line.trim().split(/\s+/);
    const [destination, prefixLength] = fields;
    const name = fields[9];
    if (name && /^0+$/.test(destination ?? '') && prefixLength === '00' && isUsed(fields[8])) names.add(name);
  }
  return names;
}

function isUsed(flags: string | undefined): boolean {
  const value = Number.parseInt(flags ?? '0', 16);
  return (value & RTF_UP) !== 0 && (value & RTF_REJECT) === 0;
}

function procLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch {
    return [];
  }
}
