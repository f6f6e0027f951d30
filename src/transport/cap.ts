/**
 * `cap:IF`: sends Ethernet frames through npm `cap`, one call a frame, wherever that package
 * builds.
 *
 * Like every libpcap handle, one of `cap` captures from the moment it is open. So the handle that
 * sends gets a filter that matches nothing, and `attach` opens a second one that receives. `cap`
 * sends from offset 0 of a Buffer: each slot keeps one Buffer, which is made anew only when the
 * slot's frame begins elsewhere. The package loads in only one thread of a process, and it aborts
 * the process when the interface is removed or taken down.
 *
 * @module
 */

import { constants } from 'node:os';
import { KernelError } from '../errno.js';
import type { DeviceHost } from '../net/device.js';
import { SLOT_BYTES } from '../net/slab.js';
import { checkArgument, checkOptions, text } from '../options.js';
import { ETHERNET } from '../wire/ethernet.js';
import { finishChecksum } from './checksum-offload.js';
import { type LinkInfo, linkInfo } from './interface.js';
import { SendingDevice, type Sent } from './link.js';
import { loadCompiled, textErrno, transportError } from './native.js';
import { CAP_RULES, type CapOptions } from './options.js';

export type { CapOptions } from './options.js';

/** The part of npm `cap` that is used; the package brings no types. */
interface Cap {
  open(device: string, filter: string, bufSize: number, buffer: Buffer): string;
  send(buffer: Buffer, length: number): void;
  on(event: 'packet', listener: (bytes: number, truncated: boolean) => void): void;
  close(): void;
}
interface CapModule {
  Cap: { new (): Cap };
}

const NOTHING = 'less 1';
const RECEIVE_FILTER = 'arp or udp';
const SMALLEST_BUFFER = 4096;
/** The receive buffer's size in bytes. By measurement, 1 MiB holds only 16 frames. */
const RECEIVE_BUFFER = 10 * 1024 * 1024;

/**
 * Opens an interface; the caller closes the device. Throws ENOSYS (package missing or not built),
 * EPERM, ENODEV, ENETDOWN, EOPNOTSUPP (no Ethernet).
 */
export async function openCap(interfaceName: string, options: CapOptions = {}): Promise<CapDevice> {
  checkArgument('openCap', 'interfaceName', interfaceName, text);
  checkOptions('openCap', options, CAP_RULES);
  const spec = `cap:${interfaceName}`;
  const { Cap } = loadCompiled('cap', spec, 'libpcap-dev and a C++ compiler') as CapModule;
  const info = await linkInfo(interfaceName, spec);
  const buffer = Buffer.alloc(SLOT_BYTES);
  const cap = openHandle(new Cap(), spec, { name: interfaceName, filter: NOTHING, bytes: SMALLEST_BUFFER, buffer });
  return new CapDevice(cap, info, options);
}

/** The options with which a handle of libpcap is opened. */
interface Handle {
  /** The name of the interface. */
  readonly name: string;
  readonly filter: string;
  /** The size of libpcap's buffer, in bytes. */
  readonly bytes: number;
  /** The memory into which `cap` writes each packet. */
  readonly buffer: Buffer;
}

function openHandle(cap: Cap, spec: string, { name, filter, bytes, buffer }: Handle): Cap {
  let link: string;
  try {
    link = cap.open(name, filter, bytes, buffer);
  } catch (error) {
    // `cap` shows libpcap's text, which may be empty if privilege is missing.
    const text = (error as Error).message;
    throw transportError(text === '' ? constants.errno.EPERM : textErrno(text), spec, 'opening the interface');
  }
  if (link === 'ETHERNET') return cap;
  cap.close();
  throw new KernelError('EOPNOTSUPP', spec, `${spec}: ${name} carries no Ethernet frames; use udp or raw-socket`);
}

/** An interface through npm `cap`, one call a frame; `openCap` makes it. */
export class CapDevice extends SendingDevice {
  readonly #cap: Cap;
  readonly #options: CapOptions;
  /** For each slot, the bytes from its frame's start to its own end, and where they start. */
  readonly #buffers: Buffer[];
  readonly #starts: Uint32Array;
  #receiving: Cap | undefined;
  /**
   * The hardware addresses that frames were sent from, as numbers, and the last of them. The
   * receiving handle sees frames from these addresses, too, and must skip them.
   */
  readonly #sources = new Set<number>();
  #lastSource = -1;

  /** Use `openCap`. @internal */
  constructor(cap: Cap, info: LinkInfo, options: CapOptions) {
    super({
      name: info.name,
      mac: info.mac,
      caps: { medium: 'ethernet', mtu: info.mtu, padding: 'none' },
      slots: options.slots ?? 64,
    });
    this.#cap = cap;
    this.#options = options;
    this.#buffers = Array.from({ length: this.slab.count }, () => Buffer.alloc(0));
    this.#starts = new Uint32Array(this.slab.count);
  }

  protected override send(slot: number, start: number, length: number): Sent {
    if (this.#starts[slot] !== start) {
      const { heap, base } = this.slab;
      this.#buffers[slot] = Buffer.from(heap.buffer, start, base + (slot + 1) * SLOT_BYTES - start);
      this.#starts[slot] = start;
    }
    if (this.#receiving !== undefined) {
      const source = macNumber(this.slab.bytes, start + ETHERNET.src);
      if (source !== this.#lastSource) this.#sources.add(source);
      this.#lastSource = source;
    }
    let errno = this.#try(slot, length);
    // A receiving socket reports a link that was down once more when it is up again: retry.
    if (errno === constants.errno.ENETDOWN) errno = this.#try(slot, length);
    if (errno === 0) return 'sent';
    if (errno === constants.errno.EAGAIN || errno === constants.errno.ENOBUFS) return 'busy';
    if (errno === constants.errno.ENXIO || errno === constants.errno.ENODEV) {
      this.lost(transportError(errno, `cap:${this.name}`, 'sending'));
    }
    return 'refused';
  }

  protected override startReceiving(host: DeviceHost): void {
    if (this.#options.receive === false) return;
    const spec = `cap:${this.name}`;
    const { Cap } = loadCompiled('cap', spec, 'libpcap-dev and a C++ compiler') as CapModule;
    const buffer = Buffer.alloc(65535);
    const cap = openHandle(new Cap(), spec, { name: this.name, filter: RECEIVE_FILTER, bytes: RECEIVE_BUFFER, buffer });
    this.#receiving = cap;
    cap.on('packet', (bytes, truncated) => {
      if (truncated) {
        this.stats.rxDropped++;
        return;
      }
      if (this.#sources.has(macNumber(buffer, ETHERNET.src))) return;
      this.stats.rxPackets++;
      // The buffer is used again for the next frame, even for one that comes while the host is at
      // work.
      const frame = new Uint8Array(buffer.subarray(0, bytes));
      finishChecksum(frame, 14);
      host.receive(frame);
    });
  }

  protected override release(): void {
    this.#receiving?.close();
    this.#cap.close();
  }

  /** Sends the frame; returns 0 or the error number. */
  #try(slot: number, length: number): number {
    try {
      this.#cap.send(this.#buffers[slot]!, length);
      return 0;
    } catch (error) {
      return textErrno((error as Error).message);
    }
  }
}

function macNumber(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 8) | bytes[at + 1]!;
  const low = (bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
  return high * 2 ** 32 + (low >>> 0);
}
