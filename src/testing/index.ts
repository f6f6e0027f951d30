/**
 * What a test harness imports: both ends on a wire in memory, and assertions that name what is wrong with a frame.
 *
 * @example
 * import { checkFrame, createHarness, ext, ipv4, udp } from 'netconsole-emulator/testing';
 *
 * test('my receiver understands a long record', () => {
 *   const { kernel, frames } = createHarness({ profile: '6.12' });
 *   kernel.printk('x'.repeat(1500), { level: 4 });
 *   checkFrame(frames[0], ipv4({ src: '192.0.2.1' }), udp({ dstPort: 6666 }), ext({ level: 4, fragment: /^0\// }));
 *   for (const frame of frames) myReceiver.handle(frame);
 * });
 */
export {
  checkFrame,
  type EthernetFields,
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
export { createHarness, type Harness, type HarnessOptions } from './harness.js';
