/**
 * netconsole-emulator: the kernel side of Linux netconsole, outside the kernel.
 *
 *   printk()            text in
 *      |
 *   printk/             levels, continuation, prefix ------> ring buffer (seq, timestamp, text)
 *      |
 *   console/            registration, position, flush -----> plain text | extended text
 *      |
 *   modules/netconsole/ targets, fragments <---------------- acks, retransmission, emergency timer
 *      |                                                          ^
 *   netpoll/            frames in a slab, tx queue, rx ----------- +
 *      |
 *   net/                NetDevice: the contract              above: pure; below: I/O
 *  ====|=======================================================================
 *   transport/          xdp | af-xdp | af-packet | cap | libpcap | raw-socket | udp | pcap-file
 *   run/  replay/  storm/  check/  cli/
 *
 * This entry point has everything above the line: it does no I/O, reads no clock and depends on no
 * package. What lies below has entry points of its own, such as `netconsole-emulator/transport`,
 * `/run` and `/replay`; so have `/receiver`, `/wire` and `/testing`.
 *
 * @module
 */

export {
  CON_CONSDEV,
  CON_ENABLED,
  CON_EXTENDED,
  CON_PRINTBUFFER,
  type Console,
  type ConsoleMessage,
  type ConsoleRun,
  type ConsoleWrite,
  writing,
} from './console/index.js';
export { ERRNO, type Errno, KernelError } from './errno.js';
export type { Kconfig } from './kernel/context.js';
export {
  type ConfigFsCalls,
  createKernel,
  Kernel,
  type KernelOptions,
  type KernelState,
  type KernelTally,
  type KmsgCalls,
  tallyOf,
} from './kernel/index.js';
export type { InterfaceState, NetconsoleTargetState } from './kernel/inspect.js';
export type { PanicOptions, SysrqOptions } from './kernel/panic.js';
export type { LaneArm } from './lane/index.js';
export { Heap, type HeapOptions } from './memory/heap.js';
export {
  type LoadedModules,
  MODULE_NAMES,
  type ModuleArgs,
  type ModuleName,
} from './modules/index.js';
export type {
  Netconsole,
  NetconsoleArgs,
  NetconsoleTarget,
  ReliableStats,
  TargetAcks,
  TargetState,
  TargetStats,
} from './modules/netconsole/index.js';
export type { Netconsole2001, Netconsole2001Options, Netconsole2001Stats } from './modules/netconsole-2001/index.js';
export type { Netconsole2003, Netconsole2003Options, Netconsole2003Stats } from './modules/netconsole-2003/index.js';
export type { Netoops, NetoopsOptions, NetoopsStats } from './modules/netoops/index.js';
export type { SysfsSettings } from './modules/netoops/sysfs.js';
export { type NetoopsTarget, NetpollState } from './modules/netoops/target.js';
export {
  type DeviceCaps,
  type DeviceHost,
  type DeviceStats,
  type Medium,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from './net/device.js';
export {
  type Direction,
  type FaultDevice,
  type FaultOptions,
  type FaultRule,
  type FaultStats,
  faultDevice,
  type Verdict,
} from './net/fault.js';
export type { GilbertElliott, Impairment, Impairments, LinkDirection, LinkStats, Partition } from './net/impair.js';
export { type ImpairedDevice, impairDevice, type LinkClock } from './net/impaired.js';
export type { Interface, InterfaceOptions } from './net/interface.js';
export { createMemoryDevice, type MemoryDevice, type MemoryDeviceOptions } from './net/memory.js';
export type { IpCalls } from './net/netdevs.js';
export { type PortOptions, type SharedDevice, type SharedPort, type ShareOptions, shareDevice } from './net/share.js';
export { createSlab, type FrameSlab } from './net/slab.js';
export { type FrameListener, tapDevice } from './net/tap.js';
export { type DeviceOverrides, wrapDevice } from './net/wrap.js';
export type { TargetAddresses } from './netpoll/addresses.js';
export type { EraName } from './netpoll/eras/index.js';
export type { RxStats } from './netpoll/rx.js';
export type { DevkmsgMode, KmsgFile } from './printk/kmsg.js';
export type { PrintkOptions } from './printk/printk.js';
export type { DevPrintkInfo, LogLevel, PrintkRecord, Task } from './printk/record.js';
export {
  chooseProfile,
  PROFILES,
  type Profile,
  type ProfileChoice,
  profile,
  profileForRelease,
} from './profile/index.js';
export type { Jiffies, Usec } from './time/index.js';
