/**
 * Makes sections of the pages on profiles and on recordings from the feature table, the list of
 * kernels and the recordings.
 */
import { readFileSync } from 'node:fs';
import { FEATURES } from '../../src/profile/features.js';
import { PROFILE_ALIASES } from '../../src/profile/index.js';
import { KERNELS, type KnownKernel } from '../../src/profile/kernels.js';
import { NOT_COMPARED, RECORDINGS } from './recordings.js';

const kernels: readonly KnownKernel[] = KERNELS;

/** Returns what the comment of each property of `interface Features` says. */
function meanings(): Map<string, string> {
  const source = readFileSync(new URL('../../src/profile/profile.ts', import.meta.url), 'utf8');
  const found = source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*readonly (\w+):/g);
  return new Map([...found].map((m) => [m[2]!, m[1]!.replace(/\s*\n\s*\*\s*/g, ' ').trim()]));
}

/** Returns a row for each feature: what it means, and since when it has which value. */
export function featureRows(): string[][] {
  const about = meanings();
  const since = (row: Record<string, unknown>) =>
    Object.entries(row)
      .map(([name, value]) => `${name}: \`${JSON.stringify(value)}\``)
      .join(', ');
  return [
    ['feature', 'what it is', 'since'],
    ...Object.entries(FEATURES).map(([name, row]) => [`\`${name}\``, about.get(name) ?? '', since(row)]),
  ];
}

/** Returns a row for each alias: the profile it stands for, and on what grounds. */
export function aliasRows(): string[][] {
  return [
    ['name', 'profile', 'what stands behind it'],
    ...Object.entries(PROFILE_ALIASES).map(([name, { profile, checked }]) => [`\`${name}\``, profile, checked]),
  ];
}

/** Returns a row for each recorded kernel, and in it a cell for each scenario: how sure we are. */
export function recordingRows(): string[][] {
  const count = (scenario: string) =>
    new Set(RECORDINGS.filter((r) => r.scenario === scenario).map((r) => r.kernel)).size;
  const scenarios = [...new Set(RECORDINGS.map((r) => r.scenario))]
    .filter((name) => count(name) >= 10 || name in NOT_COMPARED)
    .sort();
  const versions = (profile: string) =>
    [...new Set(RECORDINGS.filter((r) => r.profile === profile).map((r) => r.kernel))].sort();
  const cell = (profile: string, kernel: string, scenario: string) => {
    if (!RECORDINGS.some((r) => r.profile === profile && r.kernel === kernel && r.scenario === scenario)) return '';
    return scenario in NOT_COMPARED ? 'read' : 'held';
  };
  const others = (kernel: string) =>
    [
      ...new Set(
        RECORDINGS.filter((r) => r.kernel === kernel && !scenarios.includes(r.scenario)).map((r) => r.scenario),
      ),
    ]
      .sort()
      .join(', ');
  const rows = kernels.flatMap(({ name }) => {
    const recorded = versions(name);
    if (recorded.length === 0) return [[name, 'none: read only', ...scenarios.map(() => ''), '']];
    return recorded.map((kernel) => [name, kernel, ...scenarios.map((s) => cell(name, kernel, s)), others(kernel)]);
  });
  return [['profile', 'recorded', ...scenarios, 'held besides'], ...rows];
}
