/** What a replay's options come to, checked. */
import { KernelError } from '../errno.js';
import { kernelOfModule, SYSTEMS } from '../modules/index.js';
import { chooseProfile, type ProfileChoice } from '../profile/index.js';
import type { HostSettings } from './host.js';
import type { ReplayOptions } from './options.js';
import { checkTargets, DEFAULT_TARGET, splitTargets } from './target.js';

/** Hosts beyond this number get small rings. */
const LARGE_RING_HOSTS = 64;

/** The kernel to be. EINVAL for a name that stands for none. */
export function kernelOf({ profile, as }: ReplayOptions): Pick<ProfileChoice, 'profile' | 'said' | 'warning'> {
  if (typeof profile === 'object') return { profile, said: `Linux ${profile.name}` };
  return chooseProfile(profile ?? (as && kernelOfModule(SYSTEMS[as])));
}

/** EINVAL for what makes no sense, and for a target that the kernel does not take. */
export function settingsOf(options: ReplayOptions): HostSettings {
  const { hosts = 1, release, loglevel, reliable, as } = options;
  if (!Number.isInteger(hosts) || hosts < 1) throw invalid(`hosts ${hosts}: a whole number from 1`);
  if (loglevel !== undefined && !(Number.isInteger(loglevel) && loglevel >= 1 && loglevel <= 8)) {
    throw invalid(`loglevel ${loglevel}: a whole number from 1 (only emergencies) to 8 (everything)`);
  }
  const kernel = kernelOf(options).profile;
  const targets = splitTargets(options.targets ?? [as === undefined ? DEFAULT_TARGET : DEFAULT_TARGET.slice(1)]);
  checkTargets(targets, kernel, {
    ...(reliable !== undefined && { reliable }),
    ...(as !== undefined && { as }),
  });
  const logBufShift = options.logBufShift ?? (hosts > LARGE_RING_HOSTS ? 12 : 17);
  return {
    targets,
    profile: kernel,
    logBufShift,
    ...(release !== undefined && { release }),
    ...(loglevel !== undefined && { loglevel }),
    ...(reliable !== undefined && { reliable }),
    ...(as !== undefined && { as }),
  };
}

function invalid(what: string): KernelError {
  return new KernelError('EINVAL', 'replay', what);
}
