/**
 * Several hosts on one wire in memory, whoever listens there, and one event queue for all of them.
 *
 *   hosts[0] --+                                 what `lose` or `impair` picks does not arrive, either way
 *   hosts[1] --+--> frames --> receivers
 *   ...        +<-- responses --                 only with `reliable`
 *
 * Time is virtual: it passes when `advance` is called, and then jumps from one deadline to the
 * next, whosever it is. The same options and calls give the same bytes.
 */
import { createRandom } from '../net/random.js';
import { checkArgument, having, number as numberFrom, wholeNumber } from '../options.js';
import type { Host } from './host.js';
import { type FleetRecord, MemoryWire, START_USEC } from './wire.js';
import type { WireOptions } from './wire-options.js';

/** Options of `createFleet`: its own, those of the wire, and those of every kernel. */
export interface FleetOptions extends WireOptions {
  /** How many hosts there are, 1 to 65,535. */
  readonly hosts: number;
  /**
   * Milliseconds over which the boots were spread: the hosts' clocks differ by up to this much.
   * Default 0: all clocks are the same.
   */
  readonly bootSpread?: number;
  /** The seed from which it is drawn when each host booted. Default 1. */
  readonly seed?: number;
}

/**
 * Many hosts on one wire, and the records that were delivered. The iterator gives the records as
 * they come, and passes time while there is none.
 */
export interface Fleet extends Iterable<FleetRecord>, Disposable {
  /** The hosts, by their index. */
  readonly hosts: readonly Host[];
  /** Every frame that a host sent since the start or the last `clear`, lost ones too. */
  readonly frames: readonly Uint8Array[];
  /** Milliseconds of virtual time since the fleet was made. */
  readonly nowMs: number;
  /** Returns the records that were delivered since the last call, in the order of their arrival. */
  received(): FleetRecord[];
  /**
   * Passes `ms` milliseconds of virtual time, in which everything happens that is due anywhere.
   * Throws RangeError unless `ms` is a number from 0.
   */
  advance(ms: number): void;
  /** Forgets the frames so far. */
  clear(): void;
  /** Closes every host and gives the memory back. Idempotent. */
  close(): void;
}

const HOSTS_MAX = 65535;
/** With more hosts than this, each has a smaller ring by default. */
const LARGE_FLEET = 64;
/** RFC 2544 sets 198.18.0.0/15 aside for tests. The hosts' addresses count up from 198.18.0.1. */
const FLEET_LISTENER = '198.19.255.254';
/**
 * Makes hosts that are up, on one wire. Throws EINVAL for options that make no sense, and
 * KernelError for what the kernel does not take.
 *
 * @example
 * const fleet = createFleet({ hosts: 3, profile: '6.12', bootSpread: 60_000 });
 * for (const host of fleet.hosts) host.at(host.index * 10, (kernel) => kernel.printk('here\n'));
 * fleet.advance(1000);
 * fleet.received().map(({ host, record }) => `${host.ip} ${recordText(record)}`);
 */
export function createFleet(options: FleetOptions): Fleet {
  checkArgument('createFleet', 'options', options, having('an object'));
  const { hosts, bootSpread = 0, seed = 1, target, lose, impair, receiver, onDatagram, ...kernel } = options;
  checkArgument('createFleet', 'hosts', hosts, wholeNumber(1, HOSTS_MAX));
  checkArgument('createFleet', 'bootSpread', bootSpread, numberFrom(0, 1e12));
  checkArgument('createFleet', 'seed', seed, wholeNumber(0));
  const random = createRandom(seed);
  const { startUsec = START_USEC } = kernel;
  checkArgument('createFleet', 'startUsec', startUsec, numberFrom(0));
  const wire = new MemoryWire(options);
  for (let index = 0; index < hosts; index++) {
    const number = index + 1;
    const ip = `198.18.${number >> 8}.${number & 255}`;
    wire.add({
      index,
      ip,
      mac: Uint8Array.of(0x52, 0x54, 0, 0, number >> 8, number & 255),
      addresses: [`${ip}/15`, `2001:db8::${number.toString(16)}/64`],
      kernel: {
        ...(hosts > LARGE_FLEET && { logBufShift: 14 }),
        ...kernel,
        startUsec: startUsec + Math.floor(random() * bootSpread * 1000),
      },
      listener: FLEET_LISTENER,
    });
  }
  return {
    hosts: wire.hosts,
    frames: wire.frames,
    get nowMs() {
      return wire.nowUsec / 1000;
    },
    received: () => wire.received(),
    advance: (ms) => wire.advance(ms),
    clear: () => wire.clear(),
    close: () => wire.close(),
    [Symbol.dispose]: () => wire.close(),
    [Symbol.iterator]: () => wire.records(),
  };
}
