/**
 * Opens what `xdp.ts` sends through: the maps over the slab and for control, the three programs,
 * the tracepoints and the anchor. `xdp.ts` has the picture.
 */
import { KernelError } from '../errno.js';
import { type FrameSlab, SLOT_BYTES } from '../net/slab.js';
import { BPF_REMEDIES, Bpf, LiveFrames, PROG_RAW_TRACEPOINT, PROG_XDP } from './bpf.js';
import { driverName, type InterfaceInfo } from './interface.js';
import { errnoName, heapAddress, type Native, transportError } from './native.js';
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

const PROT_READ_WRITE = 3;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const PAGE = 4096;
/** More than an interface's header and a VLAN tag add to its MTU, in bytes. */
const HEADERS = 18;

/** The programs and the memory that is shared with them, ready to send. */
export interface Redirect {
  /** The words of the control map; `CONTROL` says what each of them is. */
  readonly control: Uint32Array;
  /** Runs `send` on the frames that wait. */
  readonly live: LiveFrames;
  /**
   * Detaches everything and gives the slab ordinary memory again. The caller must not touch
   * `control` afterwards.
   */
  close(): void;
}

/** The interface to send to, and the name that errors give it. */
export interface RedirectOptions {
  /** The name that errors give the interface. */
  readonly spec: string;
  /** The interface as it was when it was opened. */
  readonly info: InterfaceInfo;
  /** How the anchor is attached: XDP_FLAGS_SKB_MODE or XDP_FLAGS_DRV_MODE. */
  readonly flags: number;
}

/**
 * Opens everything for `slab`, which must be new, because its pages are replaced, and whose count
 * must be a power of two. Throws EPERM, EBUSY and EEXIST (another XDP program is attached), ENXIO
 * (the interface does not send what is redirected), EINVAL and EOPNOTSUPP (kernel or driver),
 * ENOSYS.
 */
export function openRedirect(native: Native, slab: FrameSlab, options: RedirectOptions): Redirect {
  const { spec, info, flags } = options;
  const bpf = new Bpf(native, spec);
  /** What undoes each step so far; the last step is undone first. */
  const undo: (() => void)[] = [];
  const close = () => {
    for (const step of undo.splice(0).reverse()) step();
  };
  const keep = (fd: number) => {
    undo.push(() => native.libc.close(fd));
    return fd;
  };
  try {
    const slabBytes = slab.count * SLOT_BYTES;
    const controlBytes = Math.ceil((CONTROL.ring + slab.count * DESCRIPTOR_BYTES) / PAGE) * PAGE;
    const target: ProgramTarget = {
      control: keep(bpf.createMap(controlBytes)),
      frames: keep(bpf.createMap(slabBytes + FRAMES_SLACK)),
      slots: slab.count,
      slabBytes,
      ifindex: info.index,
    };
    const send = keep(bpf.loadProgram(PROG_XDP, 'netconsole_send', sendProgram(target)));
    const left = keep(bpf.loadProgram(PROG_RAW_TRACEPOINT, 'netconsole_left', leftProgram(target.control)));
    const refused = keep(bpf.loadProgram(PROG_RAW_TRACEPOINT, 'netconsole_nack', refusedProgram(target.control)));
    keep(bpf.attachTracepoint(left, 'xdp_devmap_xmit'));
    keep(bpf.attachTracepoint(refused, 'xdp_redirect_err'));
    const at = native.libc.mmap(0, controlBytes, PROT_READ_WRITE, MAP_SHARED, target.control, 0);
    if (at < 0) throw transportError(native.errno(), spec, 'mapping a BPF map', BPF_REMEDIES);
    undo.push(() => native.libc.munmap(at, controlBytes));
    mapSlab(native, slab, target.frames, spec);
    undo.push(() => unmapSlab(native, slab));
    const live = new LiveFrames(native, send, RUN, FRAME_MAX);
    undo.push(() => live.release());
    keep(bpf.attachXdp(send, info.index, flags));
    const control = new Uint32Array(native.koffi.view(at, controlBytes));
    probe(native, { control, live }, options);
    return { control, live, close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Throws ENXIO if the interface does not send what is redirected. It redirects a frame longer than
 * the interface takes: an interface that sends such frames refuses it for its length, another one
 * for some other reason, so the frame never leaves. If the MTU is so large that no frame here
 * exceeds it, the first flush has to show it.
 */
function probe(native: Native, { control, live }: Omit<Redirect, 'close'>, options: RedirectOptions): void {
  const { spec, info } = options;
  if (info.mtu + HEADERS >= FRAME_MAX) return;
  control[CONTROL.ring >> 2] = 0;
  control[(CONTROL.ring >> 2) + 1] = FRAME_MAX;
  control[CONTROL.tail >> 2] = 1;
  const errno = live.run(1, FRAME_MAX);
  const stop = errnoName(control[CONTROL.stop >> 2]!);
  for (const word of [CONTROL.head, CONTROL.tail, CONTROL.underway, CONTROL.stop]) control[word >> 2] = 0;
  if (errno !== 0) throw transportError(errno, spec, 'running an XDP program', BPF_REMEDIES);
  if (stop !== 'EMSGSIZE') throw notRedirected(native, spec, info.name);
}

/** Makes the ENXIO that says why the interface does not send what is redirected, and what to do. */
export function notRedirected(native: Native, spec: string, name: string): KernelError {
  const driver = driverName(native, name);
  const remedy =
    driver === 'veth'
      ? 'turn GRO on at its peer (`ethtool -K PEER gro on`) or attach an XDP program there, or use af-xdp'
      : `its driver (${driver ?? 'not known'}) cannot, or only with an XDP program attached: try xdp:${name}:native, or use af-xdp`;
  const what = `${name} sends nothing that XDP redirects to it (ENXIO)`;
  return new KernelError('ENXIO', spec, `${spec}: ${what}: ${remedy}`);
}

/** Puts the map's pages in the place of the slab's, which must not have been written to yet. */
function mapSlab(native: Native, slab: FrameSlab, map: number, spec: string): void {
  const at = heapAddress(native, slab.heap) + slab.base;
  if (at % PAGE !== 0) {
    const message = `${spec}: needs WebAssembly memory to build frames in (ENOSYS); use af-packet`;
    throw new KernelError('ENOSYS', spec, message);
  }
  const bytes = slab.count * SLOT_BYTES;
  if (native.libc.mmap(at, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_FIXED, map, 0) < 0) {
    throw transportError(native.errno(), spec, 'mapping a BPF map over the slab', BPF_REMEDIES);
  }
}

/** Gives the slab ordinary memory again, before the heap takes it back. */
function unmapSlab(native: Native, slab: FrameSlab): void {
  const at = heapAddress(native, slab.heap) + slab.base;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  native.libc.mmap(at, slab.count * SLOT_BYTES, PROT_READ_WRITE, flags, -1, 0);
}
