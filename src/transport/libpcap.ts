/**
 * `libpcap:IF`: sends Ethernet frames through libpcap's shared library, one `pcap_inject` a frame.
 * It works on systems other than Linux, too.
 *
 * A libpcap handle captures from the moment it is open, including the frames that it sends. So the
 * handle that sends gets the smallest buffer and a filter that rejects everything, and `attach`
 * opens a second one, which receives inbound ARP and UDP.
 *
 * @module
 */

import { KernelError } from '../errno.js';
import { defaultHeap } from '../memory/heap.js';
import type { DeviceHost } from '../net/device.js';
import { checkArgument, checkOptions, text } from '../options.js';
import { finishChecksum } from './checksum-offload.js';
import { type LinkInfo, linkInfo } from './interface.js';
import { SendingDevice, type Sent } from './link.js';
import { errnoName, transportError } from './native.js';
import { LIBPCAP_RULES, type LibpcapOptions } from './options.js';
import { loadPcapLibrary, type PcapLibrary } from './pcap-library.js';

export type { LibpcapOptions } from './options.js';

const PCAP_D_IN = 1;
const DLT_EN10MB = 1;
const PCAP_ERRBUF_BYTES = 256;
const PCAP_ERROR_NO_SUCH_DEVICE = -5;
const PCAP_ERROR_PERM_DENIED = -8;
const PCAP_ERROR_IFACE_NOT_UP = -9;
const RECEIVE_FILTER = 'arp or udp';
const SNAPLEN = 65535;
/** A buffer size that libpcap rounds up to the smallest that works. */
const SMALLEST_BUFFER = 4096;
const RECEIVE_BUFFER = 1 << 20;
const LOOK_MS = 4;
const BUDGET = 256;

/**
 * Opens an interface; the caller closes the device. Throws ENOSYS (no koffi, no libpcap), EPERM,
 * ENODEV, ENETDOWN, EOPNOTSUPP (no Ethernet).
 */
export async function openLibpcap(interfaceName: string, options: LibpcapOptions = {}): Promise<LibpcapDevice> {
  checkArgument('openLibpcap', 'interfaceName', interfaceName, text);
  checkOptions('openLibpcap', options, LIBPCAP_RULES);
  const spec = `libpcap:${interfaceName}`;
  const library = await loadPcapLibrary(spec);
  const info = await linkInfo(interfaceName, spec);
  const pcap = openHandle(library, interfaceName, spec, {
    snaplen: 1,
    bufferBytes: SMALLEST_BUFFER,
    promiscuous: false,
  });
  try {
    rejectAll(library, pcap, spec);
  } catch (error) {
    library.close(pcap);
    throw error;
  }
  return new LibpcapDevice(library, pcap, info, options);
}

/** An interface through libpcap's shared library, one call a frame; `openLibpcap` makes it. */
export class LibpcapDevice extends SendingDevice {
  readonly #library: PcapLibrary;
  readonly #pcap: number;
  readonly #base: number;
  readonly #options: LibpcapOptions;
  readonly #spec: string;
  #receiving = 0;
  #out = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Use `openLibpcap`. @internal */
  constructor(library: PcapLibrary, pcap: number, info: LinkInfo, options: LibpcapOptions) {
    super({
      name: info.name,
      mac: info.mac,
      caps: { medium: 'ethernet', mtu: info.mtu, padding: 'none' },
      slots: options.slots ?? 64,
    });
    this.#library = library;
    this.#pcap = pcap;
    this.#options = options;
    this.#spec = `libpcap:${info.name}`;
    this.#base = library.address(this.slab.heap.buffer);
  }

  protected override send(_slot: number, start: number, length: number): Sent {
    if (this.#library.inject(this.#pcap, this.#base + start, length) >= 0) return 'sent';
    let errno = this.#library.errno();
    if (errnoName(errno) === 'ENETDOWN') {
      // A receiving socket reports a link that was down once more when it is up again: retry.
      if (this.#library.inject(this.#pcap, this.#base + start, length) >= 0) return 'sent';
      errno = this.#library.errno();
    }
    switch (errnoName(errno)) {
      case 'EAGAIN':
      case 'ENOBUFS':
        return 'busy';
      case 'ENXIO':
      case 'ENODEV':
        this.lost(transportError(errno, this.#spec, 'sending'));
        return 'refused';
      default:
        return 'refused';
    }
  }

  protected override startReceiving(host: DeviceHost): void {
    if (this.#options.receive === false) return;
    const library = this.#library;
    const heap = defaultHeap();
    const promiscuous = this.#options.promiscuous === true;
    const open = { snaplen: SNAPLEN, bufferBytes: RECEIVE_BUFFER, promiscuous };
    this.#receiving = openHandle(library, this.name, this.#spec, open);
    // `pcap_next_ex` writes two pointers here, and `pcap_stats` three counters.
    this.#out = heap.alloc(32);
    const at = this.#base + this.#out;
    // Not every system supports this. Without it, netpoll ignores the frames that it sent itself.
    library.setDirection(this.#receiving, PCAP_D_IN);
    if (library.compile(this.#receiving, at, RECEIVE_FILTER, 1, 0xffffffff) === 0) {
      library.setFilter(this.#receiving, at);
      library.freeCode(at);
    }
    const errors = heap.alloc(PCAP_ERRBUF_BYTES);
    library.setNonblock(this.#receiving, 1, this.#base + errors);
    heap.free(errors);
    this.#timer = setInterval(() => this.#look(host), LOOK_MS);
  }

  protected override release(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#receiving !== 0) {
      this.#library.close(this.#receiving);
      defaultHeap().free(this.#out);
    }
    this.#library.close(this.#pcap);
  }

  #look(host: DeviceHost): void {
    const { heap } = this.slab;
    const at = this.#base + this.#out;
    const view = new DataView(heap.buffer, this.#out, 32);
    let budget = BUDGET;
    while (budget-- > 0 && this.#library.nextEx(this.#receiving, at, at + 8) === 1) {
      const header = Number(view.getBigUint64(0, true));
      // struct pcap_pkthdr: a timeval of 16 bytes, then the captured length.
      const length = new DataView(this.#library.view(header, 24)).getUint32(16, true);
      const frame = new Uint8Array(this.#library.view(Number(view.getBigUint64(8, true)), length)).slice();
      this.stats.rxPackets++;
      finishChecksum(frame, 14);
      host.receive(frame);
      // The host may have closed the device in `receive`.
      if (this.#timer === undefined) return;
    }
    if (budget === BUDGET - 1 || this.#library.stats(this.#receiving, at) !== 0) return;
    const dropped = view.getUint32(4, true);
    this.stats.rxDropped += Math.max(0, dropped - this.#dropped);
    this.#dropped = dropped;
  }
}

interface HandleOptions {
  readonly snaplen: number;
  readonly bufferBytes: number;
  readonly promiscuous: boolean;
}

function openHandle(library: PcapLibrary, name: string, spec: string, options: HandleOptions): number {
  const heap = defaultHeap();
  const errors = heap.alloc(PCAP_ERRBUF_BYTES);
  const pcap = library.create(name, library.address(heap.buffer) + errors);
  heap.free(errors);
  if (pcap === 0) throw new KernelError('ENOMEM', spec, `${spec}: libpcap has no memory for a handle; free some`);
  library.setSnaplen(pcap, options.snaplen);
  library.setPromisc(pcap, options.promiscuous ? 1 : 0);
  library.setTimeout(pcap, 10);
  library.setBufferSize(pcap, options.bufferBytes);
  library.setImmediateMode(pcap, options.snaplen === SNAPLEN ? 1 : 0);
  const status = library.activate(pcap);
  let problem: KernelError | undefined;
  if (status < 0) problem = activateError(status, library.error(pcap), spec, name);
  else if (library.datalink(pcap) !== DLT_EN10MB) {
    problem = new KernelError('EOPNOTSUPP', spec, `${spec}: ${name} carries no Ethernet frames; use udp or raw-socket`);
  }
  if (problem === undefined) return pcap;
  library.close(pcap);
  throw problem;
}

function activateError(status: number, text: string, spec: string, name: string): KernelError {
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return new KernelError('ENODEV', spec, `${spec}: there is no interface ${name}; \`doctor\` lists them`);
    case PCAP_ERROR_PERM_DENIED:
      return new KernelError('EPERM', spec, `${spec}: not allowed; run it as root or give node CAP_NET_RAW`);
    case PCAP_ERROR_IFACE_NOT_UP:
      return new KernelError('ENETDOWN', spec, `${spec}: ${name} is down; bring it up first`);
    default:
      return new KernelError(
        'EIO',
        spec,
        `${spec}: libpcap cannot open ${name} (${text}); see \`doctor\` for what works`,
      );
  }
}

/** Gives the handle a filter of one instruction, `ret #0`, which rejects all frames. */
function rejectAll(library: PcapLibrary, pcap: number, spec: string): void {
  const heap = defaultHeap();
  const at = heap.alloc(32);
  const address = library.address(heap.buffer) + at;
  const view = new DataView(heap.buffer, at, 32);
  // struct bpf_program: count, pointer; the instruction at 16.
  view.setUint32(0, 1, true);
  view.setBigUint64(8, BigInt(address + 16), true);
  view.setUint16(16, 0x06, true);
  const status = library.setFilter(pcap, address);
  heap.free(at);
  if (status !== 0)
    throw new KernelError('EIO', spec, `${spec}: libpcap refuses a filter (${library.error(pcap)}); use cap`);
}
