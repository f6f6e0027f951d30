/**
 * The kernels of 2001, 2003 and 2010, as far as a log line on its way to the network shows them.
 * The netconsole of the first two is another program: `../modules/netconsole-2001/`,
 * `../modules/netconsole-2003/`.
 *
 * What they do not have: stamps, a message when a console is registered, a notice of lost messages,
 * /dev/kmsg, configfs. Their log is a ring of bytes; here it is the ring of today, of which a
 * console sees the same lines.
 */
import { LINUX } from './features.js';
import type { Profile } from './profile.js';

const oldest: Profile = LINUX[0]!;

const v2410: Profile = {
  ...oldest,
  name: '2.4.10',
  release: '2.4.10',
  ring: 'prb',
  // printk() formats into 1024 bytes.
  recordMax: 1024,
  droppedNotice: 'none',
  consolePrefix: '',
  printkTime: false,
  npinfoLost: false,
  sysrqInFragments: false,
  sysrqCrash: 'panic',
  panicEndCloses: true,
  panicEndInside: true,
  unfinishedAtConsoles: false,
  extStopsJoining: false,
  fragmentFlag: 'c',
  plainJoins: false,
  filteredTakesNotice: false,
  needsPollController: false,
};

const v260: Profile = { ...v2410, name: '2.6.0', release: '2.6.0' };

/** Between the two and 4.2; the kernel that netoops was posted for. */
const v2637: Profile = { ...v260, name: '2.6.37', release: '2.6.37', consolePrefix: 'console', printkTime: true };

/** The profiles of these kernels, oldest first. */
export const HISTORICAL: readonly Profile[] = [v2410, v260, v2637];
