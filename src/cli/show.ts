/** The last frames that left through a device, kept for being shown. */
import {
  type DeviceCaps,
  type DeviceHost,
  type DeviceStats,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from '../net/device.js';
import type { FrameSlab } from '../net/slab.js';
import { decodeFrame } from '../wire/decode.js';
import { formatDecoded, formatMessage } from '../wire/format.js';
import { decodePayload } from '../wire/message.js';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../wire/pcap.js';
import { parseUdp, UDP } from '../wire/udp.js';

/** Frames are kept as copies, the oldest overwritten. */
export class ShowDevice implements NetDevice {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
  readonly slab: FrameSlab;
  readonly stats: Readonly<DeviceStats>;
  readonly #device: NetDevice;
  readonly #limit: number;
  readonly #kept: Uint8Array[] = [];
  #next = 0;

  constructor(device: NetDevice, limit: number) {
    this.#device = device;
    this.#limit = limit;
    this.name = device.name;
    this.mac = device.mac;
    this.caps = device.caps;
    this.slab = device.slab;
    this.stats = device.stats;
  }

  attach(host: DeviceHost): void {
    this.#device.attach(host);
  }

  startXmit(slot: number, xmitMore: boolean): NetdevTx {
    const { slab } = this;
    // Afterwards the slot may be another frame's.
    const frame = slab.bytes.slice(slab.start[slot]!, slab.end[slot]!);
    const status = this.#device.startXmit(slot, xmitMore);
    if (status === NETDEV_TX_OK) {
      this.#kept[this.#next] = frame;
      this.#next = (this.#next + 1) % this.#limit;
    }
    return status;
  }

  poll(): void {
    this.#device.poll();
  }

  close(): Promise<void> {
    return this.#device.close();
  }

  /** A line a frame, oldest first. */
  lines(): string[] {
    const inOrder = [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)];
    if (this.caps.medium === 'udp') return inOrder.map(datagramLine);
    const linktype = this.caps.medium === 'ip' ? LINKTYPE_RAW : LINKTYPE_ETHERNET;
    return inOrder.map((frame) => formatDecoded(decodeFrame(frame, linktype)));
  }
}

/** Of a medium that begins at the UDP header: addresses and checksum are the system's. */
function datagramLine(datagram: Uint8Array): string {
  const udp = parseUdp(datagram);
  if (udp === undefined) return 'no UDP header';
  const payload = datagram.subarray(UDP.length);
  return `UDP ${udp.srcPort} > ${udp.dstPort}: length ${payload.length} ${formatMessage(decodePayload(payload))}`;
}
