/** `profiles`: which kernels can be emulated, and what each of them has. */
import { DEFAULT_PROFILE, evidence, PROFILE_ALIASES, PROFILES } from '../profile/index.js';
import type { Profile } from '../profile/profile.js';

/** The features that users look for in a kernel: a name, and how a profile's data answers it. */
const FEATURES: readonly (readonly [feature: string, has: (profile: Profile) => boolean | string])[] = [
  ['release (r)', (p) => p.releaseFeature],
  ['cmdlineN', (p) => p.cmdlineTargets],
  ['userdata', (p) => (p.userdataItems > 0 ? String(p.userdataItems) : false)],
  ['sysdata', (p) => p.sysdata],
  ['bind by MAC', (p) => p.macBinding],
  ['resume', (p) => p.resume],
  ['threads', (p) => p.nbcon],
  ['record', (p) => String(p.recordMax)],
  ['dropped notice', (p) => p.droppedNotice],
];

/** Options of `profiles`. */
export interface ProfilesOptions {
  /** Print one JSON object for each profile, with all its data. */
  readonly json?: boolean;
}

function cell(value: boolean | string): string {
  return typeof value === 'string' ? value : value ? 'yes' : '-';
}

function namesOf(profile: Profile): string {
  const aliases = Object.entries(PROFILE_ALIASES).filter(([, alias]) => alias.profile === profile.name);
  return [profile.name, ...aliases.map(([alias]) => `= ${alias}`)].join(' ');
}

/** Returns a header and a row for each profile, the oldest first. */
export function profileTable(): string[][] {
  const header = ['profile', 'release', 'known', ...FEATURES.map(([feature]) => feature)];
  const rows = PROFILES.map((p) => [
    namesOf(p),
    p.release,
    evidence(p.name),
    ...FEATURES.map(([, has]) => cell(has(p))),
  ]);
  return [header, ...rows];
}

/** Prints the table, or the JSON, to `out`. */
export function profiles(options: ProfilesOptions, out: { write(text: string): unknown }): void {
  if (options.json) {
    for (const p of PROFILES) out.write(`${JSON.stringify(p)}\n`);
    return;
  }
  const table = profileTable();
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  for (const row of table)
    out.write(
      `${row
        .map((text, i) => text.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()}\n`,
    );
  out.write(
    `\nDefault: ${DEFAULT_PROFILE}. An s means the stable tree as distributions ship it. Any release that uname -r prints may stand for\na profile: the nearest is taken, and the summary says which.\n`,
  );
}
