/**
 * `xdp:IF` or `xdp:IF:native`: Ethernet frames redirected by an XDP program, the fastest way out of Linux: no socket buffer is made
 * for a frame, and a system call sends hundreds.
 *
 * The slab's pages are replaced by those of a BPF array map, so what netpoll builds lies where the program reads it. `startXmit` writes
 * a descriptor into a ring in another map; a flush runs the program once for each, on "live" frames
 * (BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18), and when that call returns the slots are free.
 *
 *   startXmit --> descriptor --> [flush: the program copies the frame into a page, the driver takes the page] --> slab.free
 *
 * `xdp-program.ts` has the programs and says how each frame is accounted for: a frame has left, or it is still at the head
 * of the ring with the reason why. No frame overtakes another, and none is lost.
 *
 * The program is attached to the interface as well, where it lets everything pass. That is its anchor: the kernel keeps a
 * list of the XDP programs in use, and a run of a program that is not in it costs 27 ms, for two changes of the list,
 * where one that is costs 6 us. By default the anchor is generic, in front of the stack, and disturbs no driver. `native` attaches it
 * in the driver, which some (virtio_net, ixgbe, i40e, ice) want before they send what is redirected; that may reset the link.
 *
 * Frames sent this way are not seen by a capture on the sending interface, only at the other end.
 */
import { release } from 'node:os';
import { KernelError } from '../errno.js';
import { type DeviceHost, NETDEV_TX_OK, type NetdevTx } from '../net/device.js';
import { SLOT_BYTES } from '../net/slab.js';
import {
  BPF_REMEDIES,
  Bpf,
  LiveFrames,
  PROG_RAW_TRACEPOINT,
  PROG_XDP,
  XDP_FLAGS_DRV_MODE,
  XDP_FLAGS_SKB_MODE,
} from './bpf.js';
import { driverName, type InterfaceInfo, linkState, usableInterface } from './interface.js';
import { LinkDevice } from './link.js';
import { errnoName, heapAddress, loadNative, type Native, transportError } from './native.js';
import { PacketReceiver } from './packet-receive.js';
import {
  CONTROL,
  DESCRIPTOR_BYTES,
  FRAME_MAX,
  FRAMES_SLACK,
  leftProgram,
  type ProgramTarget,
  RUN,
  refusedProgram,
  sendProgram,
} from './xdp-program.js';

/** Frames after which they are sent though more may follow. */
const BATCH = 256;
/** Calls in a row that may send nothing because the driver's ring is full, before the event loop gets its turn. */
const TRIES = 16;
const EINTR = 4;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const PAGE = 4096;
/** Index of every namespace's loopback. */
const LOOPBACK_IFINDEX = 1;
/** The error number of an interface that is gone. */
const ENXIO = 6;
/** More than an interface's header and a VLAN tag add to its MTU. */
const HEADERS = 18;

export interface XdpOptions {
  /** Slots of the slab, a power of two from 64 to 4096; default 512. More than fit the processor's cache are slower. */
  readonly slots?: number;
  /** Deliver inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also take in frames to hardware addresses that are not the interface's own. */
  readonly promiscuous?: boolean;
  /** Attach in the driver, for those that need it before they send; the link may be reset. Default false. */
  readonly native?: boolean;
}

/**
 * ENOSYS (not Linux, a kernel before 5.18, no koffi, no WebAssembly), EPERM, ENODEV, ENETDOWN, EBUSY (an XDP program is attached
 * there already, by another sender or another program), ENXIO (the interface sends nothing that is redirected),
 * EOPNOTSUPP (no Ethernet; `native` without support in the driver).
 */
export async function openXdp(interfaceName: string, options: XdpOptions = {}): Promise<XdpDevice> {
  const spec = `xdp:${interfaceName}${options.native ? ':native' : ''}`;
  const native = await loadNative(spec);
  if (!since518(release())) {
    throw new KernelError(
      'ENOSYS',
      spec,
      `${spec}: needs Linux 5.18 or later, this is ${release()}; use af-xdp or af-packet`,
    );
  }
  const info = await usableInterface(interfaceName, spec);
  if (info.index === LOOPBACK_IFINDEX) {
    throw new KernelError('ENXIO', spec, `${spec}: nothing can be redirected to the loopback (ENXIO); use af-packet`);
  }
  const slots = options.slots ?? 512;
  if (slots < 64 || slots > 4096 || (slots & (slots - 1)) !== 0) {
    throw new KernelError('EINVAL', spec, `${spec}: slots must be a power of two from 64 to 4096, not ${slots}`);
  }
  const device = new XdpDevice(native, info, spec, { ...options, slots });
  try {
    device.open();
  } catch (error) {
    await device.close();
    throw error;
  }
  return device;
}

/** Whether a release as `uname -r` prints it is of a kernel that has live frames. */
export function since518(release: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 18);
}

export class XdpDevice extends LinkDevice {
  readonly #native: Native;
  readonly #info: InterfaceInfo;
  readonly #spec: string;
  readonly #options: XdpOptions;
  /** In the order in which they are to be closed. */
  readonly #fds: number[] = [];
  readonly #mask: number;
  /** Where the control map is mapped, and its words. */
  #controlAt = 0;
  #control: Uint32Array = new Uint32Array(CONTROL.ring >> 2);
  #live: LiveFrames | undefined;
  #slabMapped = false;
  /** The slot of each descriptor. */
  readonly #slots: Int32Array;
  /** Running counts modulo 2^32 of frames that left or were given up, and of frames accepted; kept unsigned. */
  #head = 0;
  #tail = 0;
  /** Frames that the driver took, as the programs count them. */
  #left = 0;
  /** Bytes of the longest frame that waits. */
  #longest = 0;
  #receiver: PacketReceiver | undefined;

  /** Use `openXdp`. */
  constructor(native: Native, info: InterfaceInfo, spec: string, options: XdpOptions & { readonly slots: number }) {
    super({
      name: info.name,
      mac: info.mac,
      caps: { medium: 'ethernet', mtu: info.mtu, padding: 'none' },
      slots: options.slots,
    });
    this.#native = native;
    this.#info = info;
    this.#spec = spec;
    this.#options = options;
    this.#mask = this.slab.count - 1;
    this.#slots = new Int32Array(this.slab.count);
  }

  /** Makes maps and programs, attaches them, and finds out whether the interface sends what is redirected. */
  open(): void {
    const bpf = new Bpf(this.#native, this.#spec);
    const keep = (fd: number) => {
      this.#fds.push(fd);
      return fd;
    };
    const slabBytes = this.slab.count * SLOT_BYTES;
    const controlBytes = CONTROL.ring + this.slab.count * DESCRIPTOR_BYTES;
    const target: ProgramTarget = {
      control: keep(bpf.createMap(controlBytes)),
      frames: keep(bpf.createMap(slabBytes + FRAMES_SLACK)),
      slots: this.slab.count,
      slabBytes,
      ifindex: this.#info.index,
    };
    const send = keep(bpf.loadProgram(PROG_XDP, 'netconsole_send', sendProgram(target)));
    const left = keep(bpf.loadProgram(PROG_RAW_TRACEPOINT, 'netconsole_left', leftProgram(target.control)));
    const refused = keep(bpf.loadProgram(PROG_RAW_TRACEPOINT, 'netconsole_nack', refusedProgram(target.control)));
    keep(bpf.attachTracepoint(left, 'xdp_devmap_xmit'));
    keep(bpf.attachTracepoint(refused, 'xdp_redirect_err'));
    this.#mapControl(target.control, controlBytes);
    this.#mapSlab(target.frames, slabBytes);
    this.#live = new LiveFrames(this.#native, send, RUN, FRAME_MAX);
    keep(bpf.attachXdp(send, this.#info.index, this.#options.native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE));
    this.#probe();
  }

  override startXmit(slot: number, xmitMore: boolean): NetdevTx {
    if (this.gone !== undefined || this.closed) return this.drop(slot);
    const { slab } = this;
    const start = slab.start[slot]!;
    const length = slab.end[slot]! - start;
    if (length > this.longest) return this.refuse(slot);
    const at = this.#tail & this.#mask;
    const control = this.#control;
    control[(CONTROL.ring >> 2) + at * 2] = start - slab.base;
    control[(CONTROL.ring >> 2) + at * 2 + 1] = length;
    this.#slots[at] = slot;
    this.#tail = (this.#tail + 1) >>> 0;
    if (length > this.#longest) this.#longest = length;
    if (!xmitMore || this.pending() >= BATCH) this.#flush();
    return NETDEV_TX_OK;
  }

  override poll(): void {
    if (this.#tail !== this.#head) this.#flush();
  }

  protected override startReceiving(host: DeviceHost): void {
    if (this.#options.receive === false) return;
    const promiscuous = this.#options.promiscuous === true;
    this.#receiver = new PacketReceiver(this.#native, this.#info.index, this.#spec, this.stats, promiscuous);
    this.#receiver.start(host);
  }

  protected override pending(): number {
    return (this.#tail - this.#head) >>> 0;
  }

  protected override release(): void {
    this.#receiver?.stop();
    this.#dropHeld();
    const { libc } = this.#native;
    // The anchor first: what is attached goes before what it uses.
    for (const fd of this.#fds.splice(0).reverse()) libc.close(fd);
    this.#live?.release();
    if (this.#controlAt !== 0) libc.munmap(this.#controlAt, this.#controlLength());
    if (this.#slabMapped) this.#unmapSlab();
  }

  #controlLength(): number {
    return Math.ceil((CONTROL.ring + this.slab.count * DESCRIPTOR_BYTES) / PAGE) * PAGE;
  }

  #mapControl(map: number, bytes: number): void {
    const { libc, koffi } = this.#native;
    const at = libc.mmap(0, this.#controlLength(), PROT_READ_WRITE, MAP_SHARED, map, 0);
    if (at < 0) throw transportError(this.#native.errno(), this.#spec, 'mapping a BPF map');
    this.#controlAt = at;
    this.#control = new Uint32Array(koffi.view(at, bytes));
  }

  /** Puts the map's pages in the place of the slab's, which nobody has written to yet. */
  #mapSlab(map: number, bytes: number): void {
    const at = heapAddress(this.#native, this.slab.heap) + this.slab.base;
    if (at % PAGE !== 0) {
      throw new KernelError(
        'ENOSYS',
        this.#spec,
        `${this.#spec}: needs WebAssembly memory to build frames in; use af-packet`,
      );
    }
    if (this.#native.libc.mmap(at, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_FIXED, map, 0) < 0) {
      throw transportError(this.#native.errno(), this.#spec, 'mapping a BPF map over the slab');
    }
    this.#slabMapped = true;
  }

  /** Gives the slab ordinary memory again, before the heap takes it back. */
  #unmapSlab(): void {
    const at = heapAddress(this.#native, this.slab.heap) + this.slab.base;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    this.#native.libc.mmap(at, this.slab.count * SLOT_BYTES, PROT_READ_WRITE, flags, -1, 0);
  }

  /**
   * Offers a frame that is longer than the interface takes: it is refused for its length where redirected frames are sent, and for
   * another reason where they are not. So it never leaves. With an MTU that no frame here exceeds, the first flush tells.
   */
  #probe(): void {
    if (this.#info.mtu + HEADERS >= FRAME_MAX) return;
    const control = this.#control;
    control[CONTROL.ring >> 2] = 0;
    control[(CONTROL.ring >> 2) + 1] = FRAME_MAX;
    control[CONTROL.tail >> 2] = 1;
    const errno = this.#live!.run(1, FRAME_MAX);
    const stop = errnoName(control[CONTROL.stop >> 2]!);
    for (const word of [CONTROL.head, CONTROL.tail, CONTROL.underway, CONTROL.stop]) control[word >> 2] = 0;
    if (errno !== 0) throw transportError(errno, this.#spec, 'running an XDP program', BPF_REMEDIES);
    if (stop !== 'EMSGSIZE') throw this.#refusal();
  }

  /** Offers all held frames, in order, until they have left or nothing moves. */
  #flush(): void {
    const control = this.#control;
    for (let tries = 0; this.#head !== this.#tail && tries < TRIES; tries++) {
      control[CONTROL.tail >> 2] = this.#tail;
      control[CONTROL.underway >> 2] = 0;
      control[CONTROL.stop >> 2] = 0;
      const errno = this.#live!.run(this.pending(), Math.max(this.#longest, 64));
      if (this.#collect()) tries = 0;
      else if (!this.#judge(control[CONTROL.stop >> 2] || errno)) break;
    }
    if (this.#head === this.#tail) this.#longest = 0;
    else this.retry();
  }

  /** Frees the slots of what has left, or was lost without a word; whether there was any. */
  #collect(): boolean {
    const control = this.#control;
    const head = control[CONTROL.head >> 2]!;
    if (head === this.#head) return false;
    const { slab, stats } = this;
    let bytes = 0;
    let count = 0;
    for (; this.#head !== head; this.#head = (this.#head + 1) >>> 0, count++) {
      const slot = this.#slots[this.#head & this.#mask]!;
      bytes += slab.end[slot]! - slab.start[slot]!;
      slab.free(slot);
    }
    const left = control[CONTROL.left >> 2]!;
    const sent = (left - this.#left) >>> 0;
    this.#left = left;
    stats.txPackets += sent;
    stats.txBytes += bytes;
    stats.txDropped += count - sent;
    return true;
  }

  /** Nothing moved, for the reason `errno`, 0 when the driver's ring is full. Whether to try again at once. */
  #judge(errno: number): boolean {
    if (errno === 0 || errno === EINTR) return true;
    switch (errnoName(errno)) {
      case 'EMSGSIZE':
        this.#skip();
        return true;
      case 'EAGAIN':
      case 'EBUSY':
      case 'ENOBUFS':
      case 'ENOMEM':
        return false;
      default:
    }
    const state = linkState(this.#native, this.#info.index);
    // Frames wait until it is up again.
    if (state === 'down') return false;
    const redirected = ['ENXIO', 'EOPNOTSUPP'].includes(errnoName(errno));
    if (state === 'gone') this.lost(transportError(ENXIO, this.#spec, 'sending'));
    else this.lost(redirected ? this.#refusal() : transportError(errno, this.#spec, 'sending', BPF_REMEDIES));
    this.#dropHeld();
    return false;
  }

  /** The frame at the head is longer than the interface allows by now. */
  #skip(): void {
    this.refuse(this.#slots[this.#head & this.#mask]!);
    this.#head = (this.#head + 1) >>> 0;
    this.#control[CONTROL.head >> 2] = this.#head;
  }

  #dropHeld(): void {
    for (; this.#head !== this.#tail; this.#head = (this.#head + 1) >>> 0) {
      this.drop(this.#slots[this.#head & this.#mask]!);
    }
  }

  /** Why the interface sends nothing that is redirected, and what to do. */
  #refusal(): KernelError {
    const driver = driverName(this.#native, this.#info.name);
    const remedy =
      driver === 'veth'
        ? 'turn GRO on at its peer (`ethtool -K PEER gro on`) or attach an XDP program there, or use af-xdp'
        : `its driver (${driver ?? 'not known'}) cannot, or only with an XDP program attached: try xdp:${this.#info.name}:native, or use af-xdp`;
    const what = `${this.#info.name} sends nothing that XDP redirects to it (ENXIO)`;
    return new KernelError('ENXIO', this.#spec, `${this.#spec}: ${what}: ${remedy}`);
  }
}
