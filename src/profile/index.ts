/**
 * Kernel generations by name. `profile('6.12')` is the data of one; everything else asks that data.
 *
 *   profile('7.2').userdataItems                 // 256
 *   profile('5.15.0-134-generic').name           // '5.15'
 *   chooseProfile('6.8.12').said                 // which profile, and how sure that is
 *
 * A name with an `s` is the stable tree as distributions ship it, where back-ported fixes are
 * visible; a plain number is that tree too where nobody runs the first release any more: `6.12` is
 * `6.12s`.
 *
 *   kernels.ts    the kernels that are known      features.ts   what each of them has, one row per feature
 *   profile.ts    what the features mean          choose.ts     which of them a name or a release stands for
 */

import { KernelError } from '../errno.js';
import { checkArgument, text } from '../options.js';
import { chooseProfile, DEFAULT_PROFILE } from './choose.js';
import type { Profile } from './profile.js';

export {
  chooseProfile,
  DEFAULT_PROFILE,
  evidence,
  PROFILE_ALIASES,
  PROFILES,
  type ProfileChoice,
} from './choose.js';
export type { Profile } from './profile.js';

/**
 * Returns the profile of a name, an alias or a release; of a release it has that release. Throws
 * EINVAL, with the names there are, for anything else, and for a release that is older or newer
 * than what is known: `chooseProfile` takes a newer one, with a warning.
 */
export function profile(name: string = DEFAULT_PROFILE): Profile {
  checkArgument('profile', 'name', name, text);
  const { profile: chosen, warning } = chooseProfile(name);
  if (warning !== undefined) throw new KernelError('EINVAL', 'profile', `${warning}; the nearest is "${chosen.name}"`);
  return chosen;
}

/**
 * Returns the profile nearest to what `uname -r` prints: see `chooseProfile`, which also says how
 * sure that is.
 */
export function profileForRelease(release: string): Profile {
  checkArgument('profileForRelease', 'release', release, text);
  return chooseProfile(release).profile;
}
