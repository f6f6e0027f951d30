/**
 * A device around another: it does what is given here in place of the inner device, and everything
 * else goes through.
 *
 *   const quiet = wrapDevice(device, { poll: () => {} });
 *   const counted = wrapDevice(device, {
 *     startXmit(slot, xmitMore) {
 *       count++;
 *       return device.startXmit(slot, xmitMore);
 *     },
 *   });
 *
 * The slab, the counters and the capabilities are the inner device's. The inner device must not be
 * attached; it belongs to the wrapper from then on.
 */
import type { NetDevice } from './device.js';

/** What a wrapper does differently. */
export type DeviceOverrides = Partial<Pick<NetDevice, 'attach' | 'startXmit' | 'poll' | 'close'>>;

/** `inner`, with `overrides` in place of its own functions. */
export function wrapDevice(inner: NetDevice, overrides: DeviceOverrides): NetDevice {
  return {
    name: inner.name,
    mac: inner.mac,
    caps: inner.caps,
    slab: inner.slab,
    stats: inner.stats,
    attach: overrides.attach ?? ((host) => inner.attach(host)),
    startXmit: overrides.startXmit ?? ((slot, xmitMore) => inner.startXmit(slot, xmitMore)),
    poll: overrides.poll ?? (() => inner.poll()),
    close: overrides.close ?? (() => inner.close()),
  };
}
