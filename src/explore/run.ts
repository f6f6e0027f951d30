/**
 * Runs a state on one kernel, and follows every record into the ring, to a console, over the wire,
 * and to the receiver.
 *
 *   explore(state, '6.12').rows[0].sent[0].frame
 *
 * The same state gives the same bytes, in Node and in a browser: nothing here reads a real clock.
 */

import { CON_ENABLED, writing } from '../console/index.js';
import { createKernel, type Kernel } from '../kernel/index.js';
import type { Target } from '../modules/netconsole/target.js';
import { createMemoryDevice } from '../net/memory.js';
import { defined } from '../options.js';
import type { PrintkOptions } from '../printk/store/strategy.js';
import type { ProfileChoice } from '../profile/index.js';
import { formatIpv4, formatIpv6 } from '../wire/address.js';
import type { Decoded } from '../wire/decode.js';
import { decodeText } from '../wire/text.js';
import { boot, choose, kernelOptions, startUsec } from './boot.js';
import type { Exploration } from './exploration.js';
import { type Logged, rowsOf } from './rows.js';
import { exploreScenario } from './scenario.js';
import { DEFAULTS, type ExplorerRecord, type ExplorerState, recordBytes, recordTimes } from './state.js';
import { type Transmission, VirtualWire } from './wire.js';

export type { Exploration } from './exploration.js';

/** Runs a state on one kernel. Throws KernelError or ScenarioError if the state cannot be run. */
export function explore(state: ExplorerState, name: string): Exploration {
  if (state.scenario !== undefined) return exploreScenario(state.scenario, name);
  const choice = choose(name);
  const wire = new VirtualWire(wireOptions(state, () => made.targets));
  const eth0 = createMemoryDevice('eth0', { mtu: state.mtu ?? DEFAULTS.mtu, onFrame: (frame) => wire.leaves(frame) });
  const made = boot(state, choice, eth0);
  const { kernel, targets } = made;
  try {
    wire.attach(kernel, eth0);
    const logged = logRecords(state, kernel, wire);
    wire.advance(kernel.now());
    watch(state, { kernel, targets, wire });
    const { transmissions, arrivals } = wire;
    const kmsg = kernel.kmsg.records();
    const console = consoleTexts(state, choice);
    const rows = rowsOf({ state, logged, kmsg, console, transmissions, arrivals });
    const notes = [
      ...(choice.warning === undefined ? [] : [choice.warning]),
      ...made.notes,
      ...(wire.full ? ['too much happened: what came later is not shown'] : []),
    ];
    return { asked: name, choice, notes, rows, transmissions, arrivals, kmsg };
  } finally {
    kernel.close();
    void eth0.close();
  }
}

function wireOptions(state: ExplorerState, targets: () => readonly Target[]) {
  const { reliable, latencyMs, mtu, lost, cut } = state;
  const start = startUsec(state);
  return {
    latencyUsec: Math.round((latencyMs ?? DEFAULTS.latencyMs) * 1000),
    mtu: mtu ?? DEFAULTS.mtu,
    lost: new Set(lost),
    cut: cut === undefined ? undefined : ([start + cut[0] * 1e6, start + cut[1] * 1e6] as const),
    receiver: reliable === undefined ? {} : { dialect: reliable, ackIntvMs: 1000 },
    isExtended: (flow: Decoded) => isExtended(flow, targets()),
    interval: () => Math.max(...targets().map(({ reliable: one }) => (one?.emgTxIntv ?? 0) / HZ)),
  };
}

/** Ticks per second: the default of `createKernel`. */
const HZ = 250;

/** Says whether a flow is extended: its targets decide, or its message if they do not agree. */
function isExtended({ ip, udp, message }: Decoded, targets: readonly Target[]): boolean {
  const mine = targets.filter(({ np: { options } }) => {
    const remote = options.ipv6 ? formatIpv6(options.remoteIp) : formatIpv4(options.remoteIp);
    return remote === ip?.dst && options.remotePort === udp?.dstPort && options.localPort === udp?.srcPort;
  });
  const kinds = new Set(mine.map(({ extended }) => extended));
  return kinds.size === 1 ? kinds.has(true) : message?.kind === 'extended';
}

/** Logs every record at its time. `wire`, if given, passes the time between the records. */
function logRecords(state: ExplorerState, kernel: Kernel, wire: VirtualWire | undefined): Logged {
  const times = recordTimes(state);
  const seqs: number[][] = [];
  const refused = new Set<number>();
  const during = new Map<Transmission, number>();
  const log = (record: ExplorerRecord, i: number) => {
    const sent = wire?.transmissions.length ?? 0;
    const before = kernel.inspect().log;
    if (record.seq !== undefined && record.seq > before.nextSeq) kernel.skipTo(record.seq);
    const from = kernel.inspect().log.nextSeq;
    kernel.printk(recordBytes(record), printkOptions(record, times[i]!));
    const after = kernel.inspect().log;
    if (after.failed > before.failed) refused.add(i);
    seqs.push(Array.from({ length: after.nextSeq - from }, (_, n) => from + n));
    for (const one of wire?.transmissions.slice(sent) ?? []) during.set(one, i);
  };
  if (state.held === true) {
    kernel.batch(() => state.records.forEach(log));
    return { seqs, refused, during };
  }
  for (const [i, record] of state.records.entries()) {
    const now = Math.max(times[i]!, kernel.now());
    if (wire === undefined) kernel.advanceTo(now);
    else wire.advance(now);
    log(record, i);
  }
  return { seqs, refused, during };
}

function printkOptions(record: ExplorerRecord, tsUsec: number): PrintkOptions {
  const { level, facility, pid, comm, cpu, subsystem, device, cont } = record;
  return {
    tsUsec,
    ...(level !== undefined && { level: level as NonNullable<PrintkOptions['level']> }),
    ...defined({ facility, cont }),
    // Whoever is on a processor, and in no task, has the pid 0.
    task: { pid: pid ?? (cpu === undefined ? 1 : 0), comm: comm ?? 'init', cpu: cpu ?? 0 },
    ...((subsystem ?? '') !== '' && (device ?? '') !== '' && { dev: { subsystem: subsystem!, device: device! } }),
  };
}

interface Watched {
  readonly kernel: Kernel;
  readonly targets: readonly Target[];
  readonly wire: VirtualWire;
}

/** Microseconds of virtual time between two looks at the acks. */
const STEP_USEC = 250_000;
/** Seconds after a cut of the wire in which an emergency session should have its ack. */
const AFTER_CUT = 5;

/** Passes the time after the last record; with acks, at most until everything is acked. */
function watch(state: ExplorerState, { kernel, targets, wire }: Watched): void {
  const { reliable, seconds, cut } = state;
  const start = startUsec(state);
  const least = cut === undefined ? 0 : start + (cut[1] + AFTER_CUT) * 1e6 - kernel.now();
  const end = kernel.now() + Math.max((seconds ?? (reliable === undefined ? 2 : 30)) * 1e6, least);
  const acked = () => targets.some((nt) => nt.reliable && nt.reliable.ackSeq === kernel.inspect().log.nextSeq - 1);
  while (kernel.now() < end && !wire.full) {
    if (reliable !== undefined && seconds === undefined && acked() && wire.quiet) return;
    wire.advance(Math.min(end, kernel.now() + STEP_USEC));
  }
}

/** Returns what a serial console prints for each record. It is on a second, equal kernel. */
function consoleTexts(state: ExplorerState, choice: ProfileChoice): string[] {
  const kernel = createKernel(kernelOptions(state, choice));
  try {
    const texts = new Map<number, string>();
    const unmute = kernel.mute();
    kernel.addConsole({
      name: 'ttyS',
      flags: CON_ENABLED,
      emit: writing((bytes, start, end, { seq }) => {
        texts.set(seq, (texts.get(seq) ?? '') + decodeText(bytes.slice(start, end)));
      }),
    });
    unmute();
    const { seqs } = logRecords(state, kernel, undefined);
    return seqs.map((all) => all.map((seq) => texts.get(seq) ?? '').join(''));
  } finally {
    kernel.close();
  }
}
