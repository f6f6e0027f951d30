/**
 * Lists the recordings of real kernels: those that the emulator is held to, and those that are only
 * read.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chooseProfile } from '../../src/profile/index.js';

/** A recording, which has a folder of its own. */
export interface Recording {
  /** Such as `6.12/basic`, or `recorded/6.12/veth` for what `npm run golden:record` recorded. */
  readonly name: string;
  readonly folder: string;
  /** The name of the scenario, such as `basic`. */
  readonly scenario: string;
  /** The kernel's version, or its release where that says it. */
  readonly kernel: string;
  /** The name of the profile that stands for the kernel. */
  readonly profile: string;
}

/**
 * Scenarios that have another outcome at every run of a kernel, and why. Only the form of their
 * frames and notices is checked.
 */
export const NOT_COMPARED: Readonly<Record<string, string>> = {
  overflow: 'several processes flood the log at once: what is lost, and where, differs from run to run',
};

/** The folders of recordings; if `NETCONSOLE_GOLDEN` is set, only the folder that it names. */
export const ROOTS: readonly string[] = process.env['NETCONSOLE_GOLDEN']
  ? [process.env['NETCONSOLE_GOLDEN']]
  : ['../golden', '../conformance/recorded'].map((folder) => new URL(folder, import.meta.url).pathname);

/** All recordings. */
export const RECORDINGS: readonly Recording[] = ROOTS.flatMap((root, i) =>
  readdirSync(root)
    .filter((kernel) => !kernel.includes('.md'))
    .flatMap((kernel) =>
      readdirSync(`${root}/${kernel}`)
        .filter((scenario) => existsSync(`${root}/${kernel}/${scenario}/scenario.json`))
        .map((scenario): Recording => {
          const folder = `${root}/${kernel}/${scenario}`;
          const meta = JSON.parse(readFileSync(`${folder}/meta.json`, 'utf8'));
          const profile = chooseProfile(meta.version ?? meta.release).profile.name;
          const name = `${i === 0 ? '' : 'recorded/'}${kernel}/${scenario}`;
          return { name, folder, scenario, kernel: meta.version ?? meta.release, profile };
        }),
    ),
);

/** The recordings that every run of the emulator must equal. */
export const HELD: readonly Recording[] = RECORDINGS.filter(({ scenario }) => !(scenario in NOT_COMPARED));
