/**
 * Which profile a name stands for: a profile's own name, a distribution's, or any release that
 * `uname -r` may print.
 *
 *   chooseProfile('6.8').said                    // 'Linux 6.8, recorded on 6.8.1'
 *   chooseProfile('5.15.0-134-generic').said     // 'Linux 5.15, the nearest to 5.15.0-134-generic that is known; recorded on 5.15.135'
 *   chooseProfile('rhel9').said                  // 'Linux 5.14 for rhel9, read from its sources: …'
 *
 * The nearest to a release is the newest known kernel that is not newer than the release. A release
 * of a stable tree gets the profile of that tree (`6.12s`) from the version on in which the tree's
 * fixes are known to be.
 */

import { invalid, type KernelError } from '../errno.js';
import { checkArgument, text } from '../options.js';
import { LINUX } from './features.js';
import { HISTORICAL } from './historical.js';
import { KERNELS, type KnownKernel } from './kernels.js';
import type { Profile } from './profile.js';

/** Another name of a profile. */
export interface ProfileAlias {
  /** The name of the profile that the alias stands for. */
  readonly profile: string;
  /** How this was checked: what was run, or which sources were read. */
  readonly checked: string;
}

/** Names that stand for another profile. */
export const PROFILE_ALIASES: Readonly<Record<string, ProfileAlias>> = {
  '6.12': { profile: '6.12s', checked: 'nobody runs the first release any more' },
  rhel8: { profile: '4.18', checked: "RHEL 8.1's tree (4.18.0-147) was built and recorded" },
  rhel9: { profile: '5.14', checked: 'netconsole.c of a RHEL 9 tree was read; no kernel of it was run' },
  debian11: { profile: '5.10s', checked: 'the package 5.10.262 was recorded' },
  debian12: { profile: '6.1s', checked: 'the package 6.1.0-50 was recorded' },
  debian13: { profile: '6.12s', checked: 'the package 6.12.95 was recorded, as Debian 12 has it in its backports' },
  'ubuntu20.04': { profile: '5.4', checked: "5.4.59 was recorded; Ubuntu's own tree was not read" },
  'ubuntu22.04': { profile: '5.15', checked: "5.15.135 was recorded; Ubuntu's own tree was not read" },
  'ubuntu24.04': { profile: '6.8', checked: "Ubuntu's own tree (6.8.0-31.31) was built and recorded" },
  amazonlinux2023: { profile: '6.1s', checked: "Debian's 6.1 was recorded; Amazon's own tree was not read" },
};

/** The name of the profile that a kernel has by default: the newest. */
export const DEFAULT_PROFILE = '7.3';

/** A profile, and why it is the one. */
export interface ProfileChoice {
  /** The profile; if a release was asked for, it has that release. */
  readonly profile: Profile;
  /**
   * `recorded`: that very version was recorded. `near`: another kernel with this profile was
   * recorded. `read`: only sources were read.
   */
  readonly sure: 'recorded' | 'near' | 'read';
  /** One sentence: which profile, and how sure. */
  readonly said: string;
  /** Set if what was asked for lies outside of what is known. */
  readonly warning?: string;
}

const known: readonly KnownKernel[] = KERNELS;
const OLDEST = known[0]!.name;

/** All profiles, oldest first. */
export const PROFILES: readonly Profile[] = [...HISTORICAL, ...LINUX];

interface Release {
  readonly version: readonly number[];
  /** In Debian's names, such as 6.1.0-50-amd64: the number that stands for the stable version. */
  readonly debian: number | undefined;
}

function parseRelease(text: string): Release | undefined {
  const m = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?![.\d])(?:[-+~_. ].*)?$/.exec(text);
  if (m === null) return undefined;
  const debian = /^\d+\.\d+\.0-(\d+)(?:\.[\w.~+]+)?-(?:\w+-)*(?:amd64|arm64|686|686-pae|armmp|armmp-lpae)$/.exec(text);
  return {
    version: [Number(m[1]), Number(m[2]), Number(m[3] ?? 0)],
    debian: debian === null ? undefined : Number(debian[1]),
  };
}

function numbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10));
}

/** Says whether version `a` is not newer than `b`, as far as `a` has numbers. */
function notNewer(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((part, at) => part !== (b[at] ?? 0));
  return i < 0 || a[i]! < (b[i] ?? 0);
}

function nearest({ version, debian }: Release): KnownKernel {
  let best = known[0]!;
  for (const kernel of known) {
    if (kernel.base !== undefined) {
      if (best.name !== kernel.base || !notNewer(numbers(kernel.base).slice(0, 2), version)) continue;
      if (numbers(kernel.base)[1] !== version[1]) continue;
      const fixed = debian !== undefined ? debian >= kernel.fromDebian! : notNewer(numbers(kernel.from!), version);
      if (fixed) best = kernel;
    } else if (notNewer(numbers(kernel.since ?? kernel.name), version)) {
      best = kernel;
    }
  }
  return best;
}

function unknown(asked: string): KernelError {
  const names = [...PROFILES.map((p) => p.name), ...Object.keys(PROFILE_ALIASES)].join(', ');
  return invalid(
    'profile',
    `there is no kernel profile "${asked}"; choose one of: ${names}; or a release such as 5.15.0-134-generic`,
  );
}

/** Says how a profile came to be known: `recorded on 6.8.1`, or `read from its sources`. */
export function evidence(name: string): string {
  const recorded = known.find((k) => k.name === name)?.recorded;
  return recorded === undefined ? 'read from its sources' : `recorded on ${recorded}`;
}

function named(name: string): ProfileChoice | undefined {
  const profile = PROFILES.find((p) => p.name === name);
  if (profile === undefined) return undefined;
  const sure = evidence(name).startsWith('recorded') ? 'recorded' : 'read';
  return { profile, sure, said: `Linux ${name}, ${evidence(name)}` };
}

/**
 * Returns the profile that `asked` stands for: a profile's name, an alias, or a release. For a
 * release newer than all that are known, that is the newest one, with a warning. Throws EINVAL for
 * anything else, and for a release older than 4.2.
 */
export function chooseProfile(asked: string = DEFAULT_PROFILE): ProfileChoice {
  checkArgument('chooseProfile', 'asked', asked, text);
  const byName = named(asked);
  if (byName !== undefined) return byName;
  const alias = Object.hasOwn(PROFILE_ALIASES, asked) ? PROFILE_ALIASES[asked]! : undefined;
  if (alias !== undefined) {
    const { profile, sure } = named(alias.profile)!;
    return {
      profile,
      sure: sure === 'read' ? 'read' : 'near',
      said: `Linux ${alias.profile} for ${asked}: ${alias.checked}`,
    };
  }
  const historical = HISTORICAL.find((p) => asked.startsWith(`${p.name}-`));
  if (historical !== undefined) return { ...named(historical.name)!, profile: { ...historical, release: asked } };
  const release = parseRelease(asked);
  if (release === undefined) throw unknown(asked);
  if (!notNewer(numbers(OLDEST), release.version)) {
    const historical = HISTORICAL.map(({ name }) => name).join(', ');
    throw invalid(
      'profile',
      `Linux ${asked} is older than ${OLDEST}; of older ones only ${historical} are known, each by that name`,
    );
  }
  const kernel = nearest(release);
  const profile: Profile = { ...LINUX.find((p) => p.name === kernel.name)!, release: asked };
  const newest = known.at(-1)!.name;
  const exact = asked === kernel.release || kernel.recorded === release.version.join('.');
  const sure = kernel.recorded === undefined ? 'read' : exact ? 'recorded' : 'near';
  const said = exact
    ? `Linux ${kernel.name}, ${evidence(kernel.name)}`
    : `Linux ${kernel.name}, the nearest to ${asked} that is known; ${evidence(kernel.name)}`;
  if (notNewer(release.version.slice(0, 2), numbers(newest))) return { profile, sure, said };
  return {
    profile,
    sure: 'near',
    said,
    warning: `Linux ${asked} is newer than ${newest}, the newest that is known: what it does differently is not known`,
  };
}
