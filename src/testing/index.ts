/**
 * What a test harness imports: both ends on a wire in memory, and assertions that name what is
 * wrong with a frame.
 *
 *   harness.ts    one host and whoever listens to it        fleet.ts      many hosts, one wire, one event queue
 *   host.ts       a machine: reboot, unplug, stall          listener.ts   the receivers, and their answers
 *   wire.ts       what they share: device, event queue
 *   check.ts      what a frame must be                      matchers for vitest: `netconsole-emulator/vitest`
 *
 * @example
 * import { checkFrame, createHarness, ext, ipv4, udp } from 'netconsole-emulator/testing';
 *
 * test('my receiver understands a long record', () => {
 *   const { kernel, frames } = createHarness({ profile: '6.12' });
 *   kernel.printk(`${'x'.repeat(1000)}\n`, { level: 4 });
 *   checkFrame(frames[0], ipv4({ src: '192.0.2.1' }), udp({ dstPort: 6666 }), ext({ level: 4, fragment: /^0\// }));
 *   for (const frame of frames) myReceiver.handle(frame);
 * });
 *
 * @module
 */
export {
  checkFrame,
  type EthernetFields,
  type Expected,
  type ExpectedRecord,
  ethernet,
  ext,
  FrameCheckError,
  type FramePredicate,
  type IpFields,
  ipv4,
  ipv6,
  plain,
  type RecordFields,
  type UdpFields,
  udp,
} from './check.js';
export { createFleet, type Fleet, type FleetOptions } from './fleet.js';
export { createHarness, type Harness, type HarnessOptions } from './harness.js';
export type { Host } from './host.js';
export type { OnDatagram } from './listener.js';
export type { FleetRecord } from './wire.js';
export type { WireOptions } from './wire-options.js';
