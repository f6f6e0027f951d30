/**
 * What differs between kernels, one row per feature: since when does it hold, and until when? What
 * a feature means is said in `profile.ts`.
 *
 *   bannerPrefix: { '4.2': 'netpoll: netconsole: ', '6.17': 'netconsole: netconsole: ' },
 *
 * A value holds from the kernel that is named up to the next one named. A stable tree (`6.12s`) has
 * what its base has, unless the row names it, and a row that names it says nothing of the kernels
 * after it. A kernel is one column: `featuresOf('6.12s')`.
 *
 * Sources: the trees of the versions and recordings of running kernels. Where the first version
 * with a feature lies between two that were seen, the later of them has it.
 */
import { KERNELS, type KernelName } from './kernels.js';
import type { Features, Profile } from './profile.js';

/**
 * The values of one feature by the kernel that began with them; the oldest kernel is always there.
 */
export type Row<T> = { readonly [K in KernelName]?: T } & { readonly '4.2': T };

/** The table: one row per feature. */
export const FEATURES: { readonly [F in keyof Features]: Row<Features[F]> } = {
  // printk

  ring: { '4.2': 'log', '5.10': 'prb' },
  recordShare: { '4.2': 'whole', '6.18': 'half' },
  perfectFit: { '4.2': false, '6.19': true },
  recordMax: { '4.2': 992, '6.3': 1024 },
  callerField: { '4.2': false, '5.4': true },
  callerTakesRecord: { '4.2': false, '5.4': true, '6.3': false },
  plainMax: { '4.2': 1024, '6.3': 2048 },
  extMax: { '4.2': 8192, '6.3': 2048 },
  droppedNotice: { '4.2': 'inline', '4.18': 'prepended', '5.10': 'own-write', '6.3': 'prepended' },
  filteredTakesNotice: { '4.2': true, '4.9': false },
  contMarker: { '4.2': false, '4.9': true },
  unfinishedIsCont: { '4.2': true, '4.9': false },
  unfinishedAtConsoles: { '4.2': true, '4.14': false },
  extStopsJoining: { '4.2': true, '5.4': false },
  plainJoins: { '4.2': true, '4.14': false },
  fragmentFlag: { '4.2': 'c+', '4.9': 'c+cont', '4.14': 'c' },
  kmsgWriteMax: { '4.2': 992, '6.3': 1024 },
  kmsgRatelimit: { '4.2': false, '4.9': true },
  kmsgFacility: { '4.2': 'whole', '4.4': 'cut' },
  sysrqCrash: { '4.2': 'oops', '5.4': 'panic' },
  panicEndCloses: { '4.2': false, '4.18': true },
  panicEndInside: { '4.2': false, '4.19': true },
  sysrqInFragments: { '4.2': true, '5.4': false },
  nbcon: { '4.2': false, '7.0': true },
  executionContext: { '4.2': false, '7.0': true },
  registerFlushesFirst: { '4.2': true, '6.3': false },
  consolePrefix: {
    '4.2': 'console',
    '5.4': 'printk: console',
    '6.8': 'printk: legacy console',
    '7.0': 'printk: console',
  },
  printkTime: { '4.2': true },

  // netconsole

  releaseFeature: { '4.2': false, '6.6': true },
  booleans: { '4.2': 'int', '6.6': 'kstrtobool' },
  kstrtobool: { '4.2': 'yn', '4.9': 'on-off', '6.1': 'true-false', '6.16': 'enable-disable' },
  cmdlineTargets: { '4.2': false, '6.8': true },
  cmdlineFatal: { '4.2': true, '6.12.0': false },
  userdataItems: { '4.2': 0, '6.12.0': 16, '6.19': 256 },
  userdataTooLong: { '4.2': 'late', '7.1': 'early' },
  sysdata: { '4.2': false, '6.16': true },
  sysdataMsgid: { '4.2': false, '6.17': true },
  sysdataCounts: { '4.2': false, '6.16': true, '6.19': false },
  sysdataReleaseShowsTaskname: { '4.2': false, '6.16': true, '7.0': false },
  transmitErrors: { '4.2': false, '6.14': true },
  cleanupList: { '4.2': false, '6.12.0': true },
  macBinding: { '4.2': false, '6.12s': true, '6.16': true },
  consolesOnDemand: { '4.2': false, '6.16': true },
  consolesUnregistered: { '4.2': false, '6.17': true },
  bannerPrefix: { '4.2': 'netpoll: netconsole: ', '6.17': 'netconsole: netconsole: ' },
  setupPrefix: { '4.2': 'netpoll: netconsole: ', '7.3': 'netconsole: netconsole: ' },
  strictIp: { '4.2': false, '6.18': true },
  resume: { '4.2': false, '7.0': true },
  edgeBug: { '4.2': false, '6.6': true, '7.2': false },
  startedBeforeEnabled: { '4.2': true, '6.12.0': false },
  startedPrefixTwice: { '4.2': true, '4.14': false },
  storeReturnsStrlen: { '4.2': true, '7.1': false },
  devNameTooLong: {
    '4.2': 'cut',
    '6.1s': 'ENAMETOOLONG',
    '6.12s': 'ENAMETOOLONG',
    '7.1': 'ENAMETOOLONG',
  },

  // devices

  liveRename: { '4.2': false, '6.3': true },
  vethRefuses: { '4.2': false, '6.12s': true, '6.16': true },
  needsPollController: { '4.2': true, '4.18': false },

  // netpoll

  untrustworthyCarrier: { '4.2': true, '6.3': false },
  unsetSource: { '4.2': 'first4', '6.12s': 'family', '7.1': 'family' },
  ipv6Source: { '4.2': 'not-linklocal', '5.4': 'scope' },
  idPerModule: { '4.2': false, '7.2': true },
  restoreSource: { '4.2': false, '6.12.0': true },
  macCut: { '4.2': false, '6.16': true, '7.1': false },
  npinfoLost: {
    '4.2': true,
    '5.10s': false,
    '6.1s': false,
    '6.12s': false,
    '6.17s': false,
    '6.18': false,
  },
};

/** Returns what a kernel has of one feature. */
function valueIn<T>(values: Row<T>, name: KernelName): T {
  const own = values[name];
  if (own !== undefined) return own;
  const kernel = KERNELS.find((k) => k.name === name)!;
  if ('base' in kernel) return valueIn(values, kernel.base);
  let value = values['4.2'];
  for (const k of KERNELS) {
    if (!('base' in k)) value = values[k.name] ?? value;
    if (k.name === name) break;
  }
  return value;
}

/** Returns what a kernel has of every feature. */
export function featuresOf(name: KernelName): Features {
  return Object.fromEntries(
    Object.entries<Row<unknown>>(FEATURES).map(([feature, values]) => [feature, valueIn(values, name)]),
  ) as unknown as Features;
}

/** The profiles from 4.2 on, oldest first: each kernel's name, and its column of the table. */
export const LINUX: readonly Profile[] = KERNELS.map(({ name, release }) => ({ name, release, ...featuresOf(name) }));
