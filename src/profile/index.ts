/**
 * Kernel generations by name. `profile('6.12')` is the data of one; everything else asks that data.
 *
 *   profile('7.2').userdataItems       // 256
 *   profileForRelease('6.1.0-50-amd64').name   // '6.1s'
 *
 * A name with an `s` is the stable tree as distributions ship it, where back-ported fixes are visible; a plain
 * number is that tree too where nobody runs the first release any more: `6.12` is `6.12s`.
 */
import { KernelError } from '../errno.js';
import { HISTORICAL } from './historical.js';
import { LINUX } from './linux.js';
import type { Profile } from './profile.js';

export type { Profile } from './profile.js';

export const PROFILES: readonly Profile[] = [...HISTORICAL, ...LINUX];
/** Names that stand for another profile. */
export const PROFILE_ALIASES: Readonly<Record<string, string>> = { '6.12': '6.12s' };
export const DEFAULT_PROFILE = '7.3';

/** EINVAL, naming those there are, if there is no such profile. */
export function profile(name: string = DEFAULT_PROFILE): Profile {
  const wanted = PROFILE_ALIASES[name] ?? name;
  const found = PROFILES.find((p) => p.name === wanted);
  if (found) return found;
  const known = [...PROFILES.map((p) => p.name), ...Object.keys(PROFILE_ALIASES)].join(', ');
  throw new KernelError('EINVAL', 'profile', `there is no kernel profile "${name}"; choose one of: ${known}`);
}

/** The profile nearest to what `uname -r` prints: the newest that is not newer. EINVAL if it is no release. */
export function profileForRelease(release: string): Profile {
  const m = /^(\d+)\.(\d+)(?:\.(\d+))?(.*)$/.exec(release);
  if (!m)
    throw new KernelError('EINVAL', 'profile', `"${release}" is not a kernel release such as 6.12.95+deb12-amd64`);
  const [major, minor, patch] = [Number(m[1]), Number(m[2]), Number(m[3] ?? 0)];
  // Debian's 6.1 calls itself 6.1.0-N whatever its stable release.
  const stable = patch > 0 || /^-\d+-/.test(m[4]!);
  const historical = HISTORICAL.find((p) => release === p.name || release.startsWith(`${p.name}-`));
  if (historical !== undefined) return historical;
  let best = LINUX[0]!;
  for (const p of LINUX) {
    const [a, b] = p.name.split('.').map(Number.parseFloat) as [number, number];
    if (a > major || (a === major && b > minor)) continue;
    if (p.name.endsWith('s') && !(stable && a === major && b === minor)) continue;
    best = p;
  }
  return best;
}
