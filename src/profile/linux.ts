/** Linux 4.2 to 7.3: a kernel's name, and its column of the feature table. */
import { featuresOf } from './features.js';
import { KERNELS } from './kernels.js';
import type { Profile } from './profile.js';

/** The profiles from 4.2 on, oldest first. */
export const LINUX: readonly Profile[] = KERNELS.map(({ name, release }) => ({ name, release, ...featuresOf(name) }));
