/**
 * Both ends on a wire in memory: a kernel with its targets, and a receiver for each target. Time is
 * virtual, and jumps from one deadline to the next.
 *
 *   kernel --eth0.frames--> receiver        what `lose` or `impair` picks does not arrive, either way
 *          <--responses----                 only with `reliable`
 *
 * It is a fleet (`fleet.ts`) of one host, with a shorter interface.
 */

import type { MemoryDevice } from '../net/memory.js';
import { checkArgument, having } from '../options.js';
import type { ReceivedRecord } from '../receiver/index.js';
import { decodeFrame } from '../wire/decode.js';
import { latin1Text } from '../wire/text.js';
import type { Host } from './host.js';
import { MemoryWire, START_USEC } from './wire.js';
import type { WireOptions } from './wire-options.js';

/**
 * Options of `createHarness`: those of the kernel, the wire and the receivers. `startUsec` is 400
 * seconds by default, past the first five minutes, at whose end jiffies wrap.
 */
export interface HarnessOptions extends WireOptions {}

/**
 * One host and its receivers. The iterator gives the records as they come, and passes time while
 * there is none.
 */
export interface Harness
  extends Pick<Host, 'kernel' | 'network' | 'reboot' | 'unplug' | 'plug' | 'stall' | 'at'>,
    Iterable<ReceivedRecord>,
    Disposable {
  /** The host's network card, whose frames `frames` has. */
  readonly eth0: MemoryDevice;
  /**
   * Every frame that left since the start or the last `clear`, lost ones too. Frames with the
   * messages of loading netconsole are not among them, unless `reboot` loaded it again.
   */
  readonly frames: readonly Uint8Array[];
  /** Returns the UDP payloads of `frames`, with one character for each byte. */
  payloads(): string[];
  /**
   * Returns the records of extended targets that were delivered since the last call. A record
   * behind a gap is delivered once the gap is filled or given up, which takes 200 ms of virtual
   * time (30 seconds with `reliable`): pass it with `advance`.
   */
  received(): ReceivedRecord[];
  /**
   * Returns the texts of the records that `received` would return, without escapes, and the lines
   * of plain targets. Either call takes everything that was delivered.
   */
  texts(): string[];
  /**
   * Passes `ms` milliseconds of virtual time, in which everything happens that is due on either
   * side. Throws RangeError unless `ms` is a number from 0.
   */
  advance(ms: number): void;
  /** Forgets the frames so far. */
  clear(): void;
  /** Closes both ends. Idempotent. The kernel and the device must not be used afterwards. */
  close(): void;
}

/**
 * Makes a kernel that has netconsole loaded and is ready, with eth0 (192.0.2.1/24,
 * 2001:db8::1/64). Throws KernelError for an option that makes no sense, and for a target that the
 * kernel refuses or cannot set up.
 *
 * @example
 * const { kernel, frames, texts } = createHarness({ profile: '6.12' });
 * kernel.printk('hello\n', { level: 6 });
 * checkFrame(frames[0], udp({ dstPort: 6666 }), ext({ level: 6, text: 'hello' }));
 * expect(texts()).toEqual(['hello']);
 */
export function createHarness(options: HarnessOptions = {}): Harness {
  checkArgument('createHarness', 'options', options, having('an object'));
  const { target: _, lose: __, impair: ___, receiver: ____, onDatagram: _____, ...kernelOptions } = options;
  const wire = new MemoryWire(options);
  const host = wire.add({
    index: 0,
    ip: '192.0.2.1',
    mac: wire.eth0.mac,
    addresses: ['192.0.2.1/24', '2001:db8::1/64'],
    kernel: { startUsec: START_USEC, ...kernelOptions },
    listener: '192.0.2.2',
  });
  return {
    get kernel() {
      return host.kernel;
    },
    eth0: wire.eth0,
    network: host.network,
    frames: wire.frames,
    payloads: () => wire.frames.map((frame) => latin1Text(decodeFrame(frame).payload ?? new Uint8Array(0))),
    received: () => wire.received().map(({ record }) => record),
    texts: () => wire.texts(),
    advance: (ms) => wire.advance(ms),
    clear: () => wire.clear(),
    reboot: () => host.reboot(),
    unplug: () => host.unplug(),
    plug: () => host.plug(),
    stall: (fn) => host.stall(fn),
    at: (afterMs, fn) => host.at(afterMs, fn),
    close: () => wire.close(),
    [Symbol.dispose]: () => wire.close(),
    *[Symbol.iterator]() {
      for (const { record } of wire.records()) yield record;
    },
  };
}
