/**
 * Connects the records of a replay with its device:
 *
 *   hosts -> the network of each -> ports of the shared device -> schedule (with a rate) -> device
 */
import { KernelError } from '../errno.js';
import type { NetDevice } from '../net/device.js';
import type { Meter } from '../net/meter.js';
import { type PacedDevice, pacedDevice } from '../net/paced.js';
import { type SharedDevice, shareDevice } from '../net/share.js';
import type { Clock } from '../run/clock.js';
import { Hosts, type HostsOwner } from './hosts.js';
import type { ReplayOptions } from './options.js';
import { DeviceRoom } from './room.js';
import type { HostSettings } from './settings.js';
import type { StampClock } from './stamp-clock.js';

/** A flush of more frames than this gains nothing. */
const CHUNK_FRAMES = 256;
/** With a rate, a chunk has at most the frames that leave within this many seconds. */
const PACED_SECONDS = 0.01;

/** What the replay provides. */
export interface WiringOptions {
  readonly options: ReplayOptions;
  readonly settings: HostSettings;
  /** Takes how late frames were. */
  readonly meter: Meter;
  readonly clock: Clock;
  /** The clock of the frames, if that is not the machine's. */
  readonly stamps: StampClock | undefined;
  /** The replay, which is asked whether to go on and told of the device's end. */
  readonly owner: HostsOwner;
}

/** What lies between records and device, ready to run. */
export interface Wiring {
  /** The hosts, none of which has booted yet. */
  readonly hosts: Hosts;
  /** The device as all hosts' ports share it. */
  readonly shared: SharedDevice;
  /** The schedule in front of the device; only with a rate. */
  readonly paced: PacedDevice | undefined;
  /** How many frames are sent as one, at most. */
  readonly maxFrames: number;
  /** When the first record was due, in microseconds of the clock. */
  readonly startedUsec: number;
  /** Returns the microseconds since `startedUsec`. */
  readonly now: () => number;
  /** Notes that the first record is due now. */
  begin(): void;
}

/**
 * Puts everything in front of `device`; the run begins with `begin`. Throws EINVAL for several
 * hosts on udp.
 */
export function wire(device: NetDevice, parts: WiringOptions): Wiring {
  const { options, settings, meter, clock, stamps, owner } = parts;
  const { hosts = 1, firstHost = 0 } = options;
  if (hosts > 1 && device.caps.medium === 'udp') {
    throw new KernelError(
      'EINVAL',
      'replay',
      "udp sends from this machine's own address, so its hosts could not be told apart; use another transport",
    );
  }
  let startedUsec = clock.now();
  const now = () => clock.now() - startedUsec;
  const { pacing = {} } = options;
  const limited = pacing.rate !== undefined || pacing.ramp !== undefined;
  const paced = limited ? pacedDevice(device, { rate: pacing, meter, now }) : undefined;
  // The end of the device is noticed between two hosts: telling each of them would take as long as
  // sending.
  const shared = shareDevice(paced ?? device, { onDown: owner.onDown });
  const room = new DeviceRoom({ device: shared.device, paced }, clock, owner.ended);
  const linkClock = stamps ?? { now, at: (usec: number, fn: () => void) => clock.at(usec + startedUsec, fn) };
  const env = { shared, settings, clock, linkClock };
  const { rate, ramp } = pacing;
  const fastest = rate ?? (ramp === undefined ? Number.POSITIVE_INFINITY : Math.max(ramp.from, ramp.to));
  const most = Math.min(CHUNK_FRAMES, device.slab.count / 2);
  return {
    hosts: new Hosts(env, { count: hosts, first: firstHost }, room, owner),
    shared,
    paced,
    maxFrames: Math.min(most, Math.max(1, fastest * PACED_SECONDS)),
    now,
    get startedUsec() {
      return startedUsec;
    },
    begin() {
      startedUsec = clock.now();
    },
  };
}
