/** Keeps the last frames that left through a device, so that they can be shown. */
import type { NetDevice } from '../net/device.js';
import { tapDevice } from '../net/tap.js';
import { decodeFrame } from '../wire/decode.js';
import { formatDecoded, formatMessage } from '../wire/format.js';
import { decodePayload } from '../wire/message.js';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../wire/pcap.js';
import { parseUdp, UDP } from '../wire/udp.js';

/** Keeps copies of frames, `limit` of them: a new one overwrites the oldest. */
export class LastFrames {
  /** The device to send through. */
  readonly device: NetDevice;
  readonly #kept: Uint8Array[] = [];
  #next = 0;

  /** Makes `device`, which sends through `inner`; keeps at most `limit` frames. */
  constructor(inner: NetDevice, limit: number) {
    this.device = tapDevice(inner, (frame, direction) => {
      if (direction === 'rx') return;
      this.#kept[this.#next] = frame.slice();
      this.#next = (this.#next + 1) % limit;
    });
  }

  /** Returns a line for each frame, the oldest first. */
  lines(): string[] {
    const { medium } = this.device.caps;
    const inOrder = [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)];
    if (medium === 'udp') return inOrder.map(datagramLine);
    const linktype = medium === 'ip' ? LINKTYPE_RAW : LINKTYPE_ETHERNET;
    return inOrder.map((frame) => formatDecoded(decodeFrame(frame, linktype)));
  }
}

/** Describes a frame of the medium `udp`, which has no addresses: the system adds them. */
function datagramLine(datagram: Uint8Array): string {
  const udp = parseUdp(datagram);
  if (udp === undefined) return 'no UDP header';
  const payload = datagram.subarray(UDP.length);
  return `UDP ${udp.srcPort} > ${udp.dstPort}: length ${payload.length} ${formatMessage(decodePayload(payload))}`;
}
