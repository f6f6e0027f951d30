/**
 * `xdp:IF`, `xdp:IF:native`, `xdp:IF:overlap`: Ethernet frames redirected by an XDP program, the
 * fastest way out of Linux: no socket buffer is made for a frame, and a system call sends hundreds.
 *
 * The slab's pages are replaced by those of a BPF array map, so what netpoll builds lies where the
 * program reads it. `startXmit` writes a descriptor into a ring in another map; a flush runs the
 * program once for each, on "live" frames (BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES, Linux
 * 5.18), and when that call returns the slots are free.
 *
 *   startXmit --> descriptor --> [flush: the program copies the frame into a page, the driver takes the page] --> slab.free
 *
 * `xdp-redirect.ts` opens all that; `xdp-program.ts` has the programs and says how each frame is
 * accounted for: a frame has left, or it is still at the head of the ring with the reason why. No
 * frame overtakes another, and none is lost.
 *
 * The program is attached to the interface as well, where it lets everything pass. That is its
 * anchor: the kernel keeps a list of the XDP programs in use, and a run of a program that is not in
 * it costs 27 ms, for two changes of the list, where one that is costs 6 us. By default the anchor
 * is generic, in front of the stack, and disturbs no driver. `native` attaches it in the driver,
 * which some (virtio_net, ixgbe, i40e, ice) want before they send what is redirected; that may
 * reset the link.
 *
 * Frames sent this way are not seen by a capture on the sending interface, only at the other end.
 *
 * @module
 */

import { release } from 'node:os';
import { KernelError } from '../errno.js';
import { checkArgument, checkOptions, text } from '../options.js';
import { since518 } from './bpf.js';
import { usableInterface } from './interface.js';
import { loadNative } from './native.js';
import { XDP_RULES, type XdpOptions } from './options.js';
import { XdpDevice } from './xdp-device.js';
import { OverlappedXdpDevice } from './xdp-overlap.js';

export type { XdpOptions } from './options.js';
export { XdpDevice } from './xdp-device.js';

/** Index of every namespace's loopback. */
const LOOPBACK_IFINDEX = 1;

/**
 * ENOSYS (not Linux, a kernel before 5.18, no koffi, no WebAssembly), EPERM, ENODEV, ENETDOWN,
 * EBUSY (an XDP program is attached there already, by another sender or another program), ENXIO
 * (the interface sends nothing that is redirected), EOPNOTSUPP (no Ethernet; `native` without
 * support in the driver).
 */
export async function openXdp(interfaceName: string, options: XdpOptions = {}): Promise<XdpDevice> {
  checkArgument('openXdp', 'interfaceName', interfaceName, text);
  checkOptions('openXdp', options, XDP_RULES);
  const spec = `xdp:${interfaceName}${options.native ? ':native' : ''}${options.overlap ? ':overlap' : ''}`;
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
  const device = options.overlap
    ? new OverlappedXdpDevice(native, info, spec, { ...options, slots })
    : new XdpDevice(native, info, spec, { ...options, slots });
  try {
    device.open();
  } catch (error) {
    await device.close();
    throw error;
  }
  return device;
}
