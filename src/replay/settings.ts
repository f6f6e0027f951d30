/** Checks a replay's options and makes them into settings. */

import { kernelOfModule, SYSTEMS, type SystemName } from '../modules/index.js';
import { aDevice, type NetDevice } from '../net/device.js';
import { checkImpairments, type Impairments } from '../net/impair.js';
import { checkPacing } from '../net/shaper.js';
import {
  callback,
  checkArgument,
  checkOptions,
  defined,
  either,
  having,
  listOf,
  number,
  type OptionRule,
  type OptionRules,
  oneOf,
  text,
  wholeNumber,
} from '../options.js';
import { chooseProfile, type Profile, type ProfileChoice } from '../profile/index.js';
import type { ReplayedLog, ReplayOptions } from './options.js';
import { SPEED } from './pace.js';
import { checkTargets, DEFAULT_TARGET, type ReliableName, splitTargets } from './target.js';

/** The settings that every host of a replay is made with. */
export interface HostSettings {
  /** The targets, each in the syntax of the module parameter. */
  readonly targets: readonly string[];
  readonly profile: Profile;
  /** What `uname -r` prints. Absent: what the log says, or else the profile's release. */
  readonly release?: string;
  /** Records of this level or a higher number are not sent. Absent: the kernel's default. */
  readonly loglevel?: number;
  /** The size of each log buffer, as a power of 2. */
  readonly logBufShift: number;
  /** The dialect of 2015's reliable netconsole; absent: off. */
  readonly reliable?: ReliableName;
  /** The system to send as, in place of netconsole, which descends from it. */
  readonly as?: SystemName;
  /** The faults of the network in front of each host, which each network draws for itself. */
  readonly impair?: Impairments;
}

/** If there are more hosts than this, they get small rings. */
const LARGE_RING_HOSTS = 64;

const RULES: OptionRules<ReplayOptions> = {
  targets: listOf(text),
  profile: either(text, having('a profile', 'name')),
  release: text,
  loglevel: wholeNumber(1, 8),
  speed: SPEED,
  maxGapSeconds: number(0, Number.POSITIVE_INFINITY),
  loop: wholeNumber(1),
  loopAs: oneOf('renumbered', 'reboots'),
  pacing: having('a rate or a ramp'),
  impair: having('impairments'),
  hosts: wholeNumber(1),
  firstHost: wholeNumber(0),
  logBufShift: wholeNumber(12, 25),
  reliable: text,
  as: oneOf(...Object.keys(SYSTEMS)),
  lingerSeconds: number(0),
  stamp: having('an object', 'usec'),
  clock: having('a clock', 'now', 'at'),
  signal: having('an AbortSignal', 'aborted', 'addEventListener'),
  onReady: callback,
  onProgress: callback,
};

const LOG: OptionRule = {
  expected: 'a log: give what readLog returns',
  holds: (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'counts' in value,
};

/** Returns the log, checked each time it is opened. Throws EINVAL for what is no log or device. */
export function checkReplay(log: ReplayedLog, device: unknown): ReplayedLog {
  checkArgument('replay', 'log', log, either(LOG, callback));
  checkArgument('replay', 'device', device, either(aDevice, callback));
  if (typeof log !== 'function') return log;
  return () => {
    const reader = log();
    checkArgument('replay', 'log', reader, LOG);
    return reader;
  };
}

/** Returns the device that was opened. Throws EINVAL for what is none. */
export function checkOpened(device: NetDevice): NetDevice {
  checkArgument('replay', 'device', device, aDevice);
  return device;
}

/** Returns the kernel to emulate. Throws EINVAL for a name that stands for none. */
export function kernelOf({ profile, as }: ReplayOptions): Pick<ProfileChoice, 'profile' | 'said' | 'warning'> {
  if (typeof profile === 'object') return { profile, said: `Linux ${profile.name}` };
  return chooseProfile(profile ?? (as && kernelOfModule(SYSTEMS[as])));
}

/** Returns the settings. Throws EINVAL for wrong options and a target that the kernel refuses. */
export function settingsOf(options: ReplayOptions): HostSettings {
  checkOptions('replay', options, RULES);
  const { hosts = 1, release, loglevel, reliable, as, impair } = options;
  if (impair !== undefined) checkImpairments('impair', impair);
  checkPacing(options.pacing);
  const kernel = kernelOf(options).profile;
  const targets = splitTargets(options.targets ?? [as === undefined ? DEFAULT_TARGET : DEFAULT_TARGET.slice(1)]);
  checkTargets(targets, kernel, {
    ...defined({ reliable, as }),
  });
  const logBufShift = options.logBufShift ?? (hosts > LARGE_RING_HOSTS ? 12 : 17);
  return {
    targets,
    profile: kernel,
    logBufShift,
    ...defined({ release, loglevel, reliable, as, impair }),
  };
}
