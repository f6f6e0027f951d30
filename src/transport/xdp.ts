/**
 * `xdp:IF`, `xdp:IF:native`, `xdp:IF:overlap`: sends Ethernet frames by having an XDP program
 * redirect them. This is the fastest way out of Linux: no socket buffer is made for a frame, and
 * one system call sends hundreds.
 *
 * The slab's pages are replaced by those of a BPF array map, so that the program can read what
 * netpoll builds. `startXmit` writes a descriptor into a ring in another map. A flush runs the
 * program once for each descriptor, on "live" frames (BPF_PROG_TEST_RUN with
 * BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18); when that call returns, the slots are free.
 *
 *   startXmit --> descriptor --> [flush: the program copies the frame into a page, the driver takes the page] --> slab.free
 *
 * `xdp-redirect.ts` opens all that. `xdp-program.ts` has the programs and explains how each frame
 * is accounted for: either it has left, or it is still at the head of the ring with the reason why.
 * No frame overtakes another, and none is lost.
 *
 * The program is also attached to the interface, where it lets everything pass. This attachment is
 * its anchor: the kernel keeps a list of the XDP programs in use. Running a program that is not in
 * the list changes it twice and costs 27 ms; running one that is costs 6 us. By default the anchor
 * is generic, in front of the stack, and disturbs no driver. `native` attaches it in the driver,
 * which some drivers (virtio_net, ixgbe, i40e, ice) need before they send what is redirected; that
 * may reset the link.
 *
 * A capture on the sending interface does not see these frames; one at the other end does.
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

/** The index of loopback in every namespace. */
const LOOPBACK_IFINDEX = 1;

/**
 * Opens the interface; the caller closes the device. Throws ENOSYS (not Linux, a kernel before
 * 5.18, no koffi, no WebAssembly), EPERM, ENODEV, ENETDOWN, EBUSY (another sender or program has
 * attached an XDP program there), ENXIO (the interface does not send what is redirected),
 * EOPNOTSUPP (no Ethernet; `native` without support in the driver).
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
