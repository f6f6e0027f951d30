/** The examples that the page offers. */
import type { ExplorerState } from './state.js';

/** A state with a name. */
export interface Example {
  /** The name in the page's menu. */
  readonly name: string;
  readonly state: ExplorerState;
}

/** Returns a record's time, in microseconds since boot, from the seconds after the first record. */
const at = (seconds: number): number => 400_000_000 + Math.round(seconds * 1e6);

const KERNELS = ['6.1s', '7.3'];

/** A line too long for one datagram; the two kernels differ in what they append to it. */
const LONG: ExplorerState = {
  kernels: KERNELS,
  targets: [{ release: true }],
  userdata: [['rack', 'B12']],
  sysdata: ['cpu_nr', 'taskname'],
  records: [
    {
      text: 'tg3 0000:02:00.0 eth0: Link is up at 1000 Mbps, full duplex',
      level: 6,
      tsUsec: at(0),
      pid: 412,
      comm: 'kworker/2:1',
      cpu: 2,
      subsystem: 'pci',
      device: '+pci:0000:02:00.0',
    },
    {
      text: `Modules linked in: ${'nf_tables nfnetlink overlay tg3 ext4 xfs raid1 '.repeat(24).trim()}`,
      level: 4,
      tsUsec: at(0.02),
      pid: 1734,
      comm: 'postgres',
      cpu: 1,
    },
    { text: 'Grüße aus dem Kernel: \u001b[1m42\u001b[0m °C', level: 3, tsUsec: at(0.04) },
  ],
};

/** The reliable extension of 2015, with lost datagrams and a wire that is cut for a while. */
const RELIABLE: ExplorerState = {
  kernels: ['6.12s'],
  targets: [{}],
  reliable: 'heo-2015',
  latencyMs: 5,
  lost: ['o2', 'o3'],
  cut: [2, 16],
  records: Array.from({ length: 8 }, (_, i) => ({ text: `message ${i}`, level: 6, tsUsec: at(i * 0.2) })),
};

/** More records than the smallest ring holds while the consoles are held back. */
const OVERRUN: ExplorerState = {
  kernels: ['4.19', '6.1s', '7.3'],
  targets: [{}, { extended: false, remotePort: 6667 }],
  ring: 10,
  held: true,
  records: Array.from({ length: 24 }, (_, i) => ({
    text: `ata1.00: exception Emask 0x0 SAct 0x${(1 << i).toString(16)} SErr 0x0 action 0x6`,
    level: 3,
    tsUsec: at(i * 0.0001),
  })),
};

/** A line in two pieces, two lines in one message, and a message that no console prints. */
const PIECES: ExplorerState = {
  kernels: ['4.9', '5.4', '6.1s', '7.3'],
  targets: [{}, { extended: false, remotePort: 6667 }],
  records: [
    { text: 'Freezing user space processes ... ', level: 6, unfinished: true, tsUsec: at(0) },
    { text: '(elapsed 0.001 seconds) done.', level: 6, tsUsec: at(0.001) },
    { text: 'two lines\nin one message', level: 5, tsUsec: at(0.002) },
    { text: 'a line for the log only', level: 7, tsUsec: at(0.003) },
  ],
};

/** The examples, in the order of the menu; the page begins with the first. */
export const EXAMPLES: readonly Example[] = [
  { name: 'A line too long for a datagram', state: LONG },
  { name: 'Lines in pieces', state: PIECES },
  { name: 'More than the ring holds', state: OVERRUN },
  { name: 'Acks and emergencies (2015)', state: RELIABLE },
];
