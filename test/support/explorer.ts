/**
 * Sends what a state of the explorer describes through the library's own entry points, written
 * apart from the explorer and plainly; and draws random states, for which the two are compared.
 */
import fc from 'fast-check';
import type { ExplorerState } from '../../src/explore/state.js';
import {
  createKernel,
  createMemoryDevice,
  KernelError,
  type LogLevel,
  PROFILES,
  type PrintkOptions,
} from '../../src/index.js';
import { createReceiver } from '../../src/receiver/index.js';
import { emitUdpReply } from '../../src/wire/index.js';

const MICROSECONDS = 1000;

function options(record: ExplorerState['records'][number], tsUsec: number): PrintkOptions {
  const { level, facility, pid, comm, cpu, subsystem, device } = record;
  return {
    tsUsec,
    ...(level === undefined ? {} : { level: level as LogLevel }),
    ...(facility === undefined ? {} : { facility }),
    ...(subsystem && device ? { dev: { subsystem, device } } : {}),
    ...(pid === undefined && cpu !== undefined ? { callerId: 2 ** 31 + cpu } : {}),
    task: { pid: pid ?? 1, comm: comm ?? 'init', cpu: cpu ?? 0 },
  };
}

function times({ records }: ExplorerState): number[] {
  let now = 400e6 - MICROSECONDS;
  return records.map(({ tsUsec }) => (now = tsUsec ?? now + MICROSECONDS));
}

/** Returns the frames of a state without the reliable extension. */
export function librarySends(state: ExplorerState, kernelName: string): Uint8Array[] {
  const at = times(state);
  const profile = PROFILES.find(({ name }) => name === kernelName)!;
  const kernel = createKernel({
    profile,
    startUsec: at.length === 0 ? 400e6 : Math.min(...at),
    logBufShift: state.ring ?? 17,
    loglevel: state.loglevel ?? 7,
    kconfig: { caller: state.caller === true && profile.callerField },
    ...(state.release ? { release: state.release } : {}),
  });
  const eth0 = createMemoryDevice('eth0');
  const unmute = kernel.mute();
  kernel.addDevice(eth0, { addresses: ['192.0.2.1/24', '2001:db8::1/64'] });
  kernel.insmod('netconsole');
  for (const [i, target] of state.targets.entries()) {
    const folder = `netconsole/t${i}`;
    kernel.fs.mkdir(folder);
    const write = (name: string, value: string | number) => {
      try {
        kernel.fs.write(`${folder}/${name}`, `${value}\n`);
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
      }
    };
    write('dev_name', 'eth0');
    write('local_ip', target.localIp ?? '192.0.2.1');
    write('local_port', target.localPort ?? 6665);
    write('remote_ip', target.remoteIp ?? '192.0.2.2');
    write('remote_port', target.remotePort ?? 6666);
    write('remote_mac', target.remoteMac ?? '02:00:00:00:00:02');
    write('extended', target.extended === false ? 0 : 1);
    if (target.release) write('release', 1);
    if (target.extended !== false) {
      for (const [key, value] of state.userdata ?? []) {
        try {
          kernel.fs.mkdir(`${folder}/userdata/${key}`);
        } catch (error) {
          if (!(error instanceof KernelError)) throw error;
        }
        write(`userdata/${key}/value`, value);
      }
      for (const field of state.sysdata ?? []) write(`userdata/${field}_enabled`, 1);
    }
    write('enabled', 1);
  }
  unmute();
  const log = (i: number) => {
    const record = state.records[i]!;
    kernel.printk(record.unfinished ? record.text : `${record.text}\n`, options(record, at[i]!));
  };
  const all = [...state.records.keys()];
  if (state.held) kernel.batch(() => all.forEach(log));
  else
    for (const i of all) {
      kernel.advanceTo(Math.max(at[i]!, kernel.now()));
      log(i);
    }
  kernel.advanceTo(kernel.now() + (state.seconds ?? 2) * 1e6);
  kernel.close();
  return eth0.frames;
}

/**
 * Returns the frames of a state with the reliable extension, which has one extended target, one
 * receiver and no latency. Lost datagrams are named by their place among those of their direction.
 */
export function reliableSends(state: ExplorerState, profile: string): Uint8Array[] {
  const at = times(state);
  const { reliable: dialect, lost = [], seconds = 0 } = state;
  const kernel = createKernel({ profile, reliable: dialect!, startUsec: at[0]!, loglevel: state.loglevel ?? 7 });
  const receiver = createReceiver({ dialect: dialect!, ackIntvMs: 1000 });
  const sent: Uint8Array[] = [];
  let responses = 0;
  let wire: { readonly to: 'receiver' | 'kernel'; readonly frame: Uint8Array }[] = [];
  const eth0 = createMemoryDevice('eth0', {
    onFrame: (frame) => {
      if (!lost.includes(`o${sent.length}`)) wire.push({ to: 'receiver', frame: frame.slice() });
      sent.push(frame.slice());
    },
  });
  const unmute = kernel.mute();
  kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
  kernel.insmod('netconsole', '+6665@192.0.2.1/eth0,6666@192.0.2.2/02:00:00:00:00:02');
  sent.length = 0;
  wire = [];
  unmute();
  const receive = (payload: Uint8Array | undefined, frame: Uint8Array | undefined) => {
    receiver.process(payload, kernel.now() / 1000);
    const response = receiver.response();
    if (response === undefined || lost.includes(`i${responses++}`)) return;
    wire.push({ to: 'kernel', frame: emitUdpReply((frame ?? sent[0])!, response)! });
  };
  const pass = (until: number) => {
    for (;;) {
      const receiverDue = Math.ceil((receiver.nextDeadline() ?? Infinity) * 1000);
      const due = wire.length > 0 ? kernel.now() : Math.min(receiverDue, kernel.nextDeadline() ?? Infinity);
      if (due > until) break;
      kernel.advanceTo(Math.max(due, kernel.now()));
      const arriving = wire;
      wire = [];
      for (const { to, frame } of arriving) {
        if (to === 'kernel') eth0.inject(frame);
        else receive(frame.subarray(42), frame);
      }
      if (Math.ceil((receiver.nextDeadline() ?? Infinity) * 1000) <= kernel.now()) receive(undefined, undefined);
    }
    kernel.advanceTo(until);
  };
  for (const [i, record] of state.records.entries()) {
    pass(at[i]!);
    kernel.printk(`${record.text}\n`, options(record, at[i]!));
  }
  pass(kernel.now() + seconds * 1e6);
  kernel.close();
  return sent;
}

const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });
const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ minLength: 900, maxLength: 1300 }),
  fc.constantFrom('a\nb', '\u0001', 'tab\there', 'back\\slash', '', 'umlaut ü'),
);
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/);

const recordOf = fc.record({
  text,
  level: maybe(fc.integer({ min: 0, max: 7 })),
  facility: maybe(fc.integer({ min: 0, max: 23 })),
  pid: maybe(fc.integer({ min: 1, max: 4_000_000 })),
  comm: maybe(word),
  cpu: maybe(fc.integer({ min: 0, max: 127 })),
  dev: maybe(fc.record({ subsystem: word, device: word })),
  unfinished: fc.integer({ min: 0, max: 5 }).map((n) => (n === 0 ? true : undefined)),
  gap: fc.integer({ min: 1, max: 3_000_000 }),
});

/** Returns the value without the keys that are undefined, as JSON has it. */
function clean<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** The kernels that the explorer knows. */
export const KERNEL_NAMES: readonly string[] = PROFILES.map(({ name }) => name).filter((name) => !/^2\./.test(name));

type Drawn = typeof recordOf extends fc.Arbitrary<infer T> ? T : never;

function stamped(records: readonly Drawn[]): ExplorerState['records'] {
  let tsUsec = 400e6;
  return records.map(({ gap, dev, ...rest }) => {
    tsUsec += gap;
    return { ...rest, ...dev, tsUsec };
  }) as ExplorerState['records'];
}

/** Draws states without the reliable extension. */
export const STATES: fc.Arbitrary<ExplorerState> = fc
  .record({
    kernels: fc.shuffledSubarray([...KERNEL_NAMES], { minLength: 1, maxLength: 2 }),
    records: fc.array(recordOf, { minLength: 1, maxLength: 8 }).map(stamped),
    targets: fc.array(
      fc.record({
        extended: maybe(fc.boolean()),
        release: maybe(fc.boolean()),
        ip: fc.constantFrom(
          {},
          { remoteIp: '192.0.2.77', remotePort: 514 },
          { localIp: '2001:db8::1', remoteIp: '2001:db8::2', remotePort: 7777 },
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    release: maybe(fc.constantFrom('6.1.0-13-amd64', '5.15.0-134-generic')),
    userdata: maybe(fc.array(fc.tuple(word, fc.string({ maxLength: 30 })), { maxLength: 3 })),
    sysdata: maybe(fc.shuffledSubarray(['cpu_nr', 'taskname', 'release', 'msgid'] as const)),
    loglevel: maybe(fc.integer({ min: 1, max: 8 })),
    ring: maybe(fc.integer({ min: 12, max: 18 })),
    caller: maybe(fc.boolean()),
    held: maybe(fc.boolean()),
  })
  .map(({ targets, ...state }) =>
    clean({
      ...state,
      targets: targets.map(({ ip, ...target }, i) => ({ remotePort: 6666 + i, ...target, ...ip, localPort: 6665 + i })),
    } as ExplorerState),
  );

/** Draws states with the reliable extension, and losses. */
export const RELIABLE_STATES: fc.Arbitrary<ExplorerState> = fc
  .record({
    kernels: fc.constantFrom(...KERNEL_NAMES).map((name) => [name]),
    records: fc.array(recordOf, { minLength: 2, maxLength: 8 }).map(stamped),
    reliable: fc.constantFrom('heo-2015' as const, 'netconsd' as const),
    lost: fc.oneof(
      fc.uniqueArray(
        fc.tuple(fc.constantFrom('o', 'i'), fc.integer({ min: 0, max: 12 })).map(([way, n]) => `${way}${n}`),
        { maxLength: 6 },
      ),
      // Only the first ack comes through, which makes an emergency.
      fc.constant(Array.from({ length: 30 }, (_, i) => `i${i + 1}`)),
    ),
  })
  .map((state) =>
    clean({
      ...state,
      records: state.records.map(({ unfinished: _, ...one }) => one),
      targets: [{}],
      latencyMs: 0,
      seconds: 25,
    }),
  );
