/**
 * Compiles a plan: gives every host its address, kernel and schedule. They are drawn from the
 * plan's seed and the host's number alone, so a host is the same in a part of the fleet as in the
 * whole.
 */

import type { Impairments } from '../net/impair.js';
import { type Profile, profile as profileByName } from '../profile/index.js';
import { parseIp } from '../wire/address.js';
import { plural } from '../wire/text.js';
import { bursts, Draw, mixSeed, periodic, poisson } from '../workload/index.js';
import { addressIn, macAfter, wrongPlan } from './addresses.js';
import { type Placed, placeGroups } from './place.js';
import { checkPlan, type Group, type Plan, type PlannedEvent, type Recurring } from './plan.js';
import { checkedProfile, checkImpair, checkParameters, checkRecurring, refuseExtendedOnly } from './plan-checks.js';
import { checkUserdata } from './userdata.js';

/** One host, ready to be started. */
export interface HostSpec {
  /** Its number in the plan, from 0. */
  readonly index: number;
  /** Its group's name, `-`, and its number in the group, from 0: `rack4-25`. */
  readonly name: string;
  readonly group: Group;
  /** Its IPv4 address. */
  readonly ip: string;
  /** Its hardware address, with colons. */
  readonly mac: string;
  /** The kernel that it runs. */
  readonly profile: Profile;
  /** Whether its target sends the extended format. */
  readonly extended: boolean;
  /** When it boots, in microseconds from the start of the run. */
  readonly bootUsec: number;
  /** How much too fast its clock runs: 1e-6 is one part in a million; negative if it is slow. */
  readonly drift: number;
  /** The seed of what its workloads draw. */
  readonly seed: number;
  /** What the network does to its frames; the seed in it is this host's own. */
  readonly impair: Impairments;
}

/** A workload that begins on a host. */
export interface Start {
  /** Microseconds from the start of the run. */
  readonly atUsec: number;
  /** The name of one of the `WORKLOADS`. */
  readonly workload: string;
  /** The parameters that the plan gives; the workload's defaults hold for the others. */
  readonly parameters: object;
  /** The seed of what the workload draws; every start has another. */
  readonly seed: number;
}

/** A plan with its hosts and their schedules. */
export interface CompiledPlan {
  /** The plan as it was given. */
  readonly plan: Plan;
  /** The seed of the run: the plan's, or 1. */
  readonly seed: number;
  /** How long the run lasts, in microseconds. */
  readonly durationUsec: number;
  /** Where all hosts send to, with the defaults filled in. */
  readonly collector: { readonly ip: string; readonly port: number; readonly mac: string };
  /** All hosts, in the order of their numbers. */
  readonly hosts: readonly HostSpec[];
  /** Returns what begins on a host, in order of time. Every call returns the same. */
  starts(host: HostSpec): Iterable<Start>;
}

const DEFAULT_COLLECTOR = { ip: '192.0.2.2', port: 6666, mac: '02:00:00:00:00:02' };
const SECOND = 1e6;
/** What a draw is for. The number is mixed into the seed: each purpose has its own stream. */
const FOR = { host: 1, kernels: 2, formats: 3, event: 4, recurring: 5, impair: 6 };

/** Compiles a plan. Throws EINVAL, naming the place, if the plan makes no sense. */
export function compilePlan(plan: Plan): CompiledPlan {
  checkPlan(plan);
  const seed = plan.seed ?? 1;
  const durationUsec = Math.round(plan.duration * SECOND);
  const collector = { ...DEFAULT_COLLECTOR, ...plan.collector };
  if (parseIp(collector.ip)?.length !== 4) throw wrongPlan(`collector.ip "${collector.ip}" is not an IPv4 address`);
  checkImpair(plan.impair, 'impair', plan.duration);
  const groups = placeGroups(plan, collector.ip);
  const hosts = groups.flatMap((placed) => hostsOf(plan, placed, seed));
  const chosen = (plan.events ?? []).map((event, i) => chooseHosts(plan, event, i, hosts, seed));
  for (const [i, group] of plan.groups.entries()) checkRecurring(group, `groups[${i}]`);
  return {
    plan,
    seed,
    durationUsec,
    collector,
    hosts,
    starts: (host) => startsOf(host, plan, chosen, durationUsec),
  };
}

function hostsOf(plan: Plan, placed: Placed, seed: number): HostSpec[] {
  const { group, first, network, offset, mac, macOffset } = placed;
  const kernels = sharesOf(group.kernels ?? { [profileByName().name]: 1 }, group, 'kernels');
  const profiles = new Map([...kernels.keys()].map((name) => [name, checkedProfile(name, group)]));
  const kernelOf = deal(kernels, group, mixSeed(seed, FOR.kernels, first));
  const formats = sharesOf({ ...(group.formats ?? { extended: 1 }) } as Record<string, number>, group, 'formats');
  const formatOf = deal(formats, group, mixSeed(seed, FOR.formats, first));
  if (!formats.has('extended')) refuseExtendedOnly(group);
  checkUserdata(group);
  checkImpair(group.impair, `group ${group.name}: impair`, plan.duration);
  const { at = 0, within = 0 } = group.boot ?? {};
  if (at >= plan.duration || at + within > plan.duration) {
    const when = within > 0 ? `between ${at} and ${at + within} s` : `at ${at} s`;
    throw wrongPlan(`group ${group.name}: it boots ${when}, but the run ends at ${plan.duration} s`);
  }
  return Array.from({ length: group.hosts }, (_, i) => {
    const index = first + i;
    const draw = new Draw(mixSeed(seed, FOR.host, index));
    const impair = group.impair ?? plan.impair ?? {};
    return {
      index,
      name: `${group.name}-${i}`,
      group,
      ip: addressIn(network, offset + i),
      mac: macAfter(mac, macOffset + i),
      profile: profiles.get(kernelOf[i]!)!,
      extended: formatOf[i] === 'extended',
      bootUsec: Math.round((at + draw.fraction() * within) * SECOND),
      drift: ((draw.fraction() * 2 - 1) * (group.driftPpm ?? 0)) / 1e6,
      seed: draw.seed(),
      impair: { ...impair, seed: mixSeed(seed, FOR.impair, impair.seed ?? 1, index) },
    };
  });
}

/** Returns the names whose share is above 0. Throws EINVAL if there are none. */
function sharesOf(shares: Readonly<Record<string, number>>, group: Group, what: string): Map<string, number> {
  const positive = Object.entries(shares).filter(([, share]) => share > 0);
  if (positive.length === 0)
    throw wrongPlan(`group ${group.name}: no share of ${what} is above 0: give at least one of them a share`);
  return new Map(positive);
}

/**
 * Returns a name for each host of a group. How often a name occurs is as near to its share as whole
 * hosts allow; the order is drawn.
 */
function deal(shares: ReadonlyMap<string, number>, group: Group, seed: number): string[] {
  const total = [...shares.values()].reduce((sum, share) => sum + share, 0);
  let sum = 0;
  let dealt = 0;
  const names: string[] = [];
  for (const [name, share] of shares) {
    sum += share;
    for (const until = Math.round((sum / total) * group.hosts); dealt < until; dealt++) names.push(name);
  }
  const order = ranked(names.length, seed);
  return order.map((from) => names[from]!);
}

/** Returns the numbers from 0 to `count` - 1, in an order that is drawn. */
function ranked(count: number, seed: number): number[] {
  const keys = Array.from({ length: count }, (_, i) => mixSeed(seed, i));
  return keys.map((_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b);
}

/** Returns the numbers of the hosts that an event happens to, and when, in microseconds. */
function chooseHosts(
  plan: Plan,
  event: PlannedEvent,
  i: number,
  hosts: readonly HostSpec[],
  seed: number,
): Map<number, number> {
  const { at, within = 0, group, share = 1, workload, parameters } = event;
  const place = `events[${i}]`;
  if (group !== undefined && !plan.groups.some(({ name }) => name === group)) {
    const known = plan.groups.map(({ name }) => name).join(', ');
    throw wrongPlan(`${place}: there is no group "${group}": the groups are ${known}`);
  }
  if (at + within > plan.duration) {
    throw wrongPlan(`${place}: it lasts until ${at + within} s, but the run ends at ${plan.duration} s`);
  }
  checkParameters(workload, parameters, place);
  const among = group === undefined ? hosts : hosts.filter((host) => host.group.name === group);
  const count = Math.round(among.length * share);
  if (count === 0) {
    throw wrongPlan(`${place}: a share of ${share} of ${plural(among.length, 'host')} is no host: give a larger one`);
  }
  const order = ranked(among.length, mixSeed(seed, FOR.event, i));
  const chosen = new Map<number, number>();
  for (const at_ of order.slice(0, count)) {
    const host = among[at_]!;
    const draw = new Draw(mixSeed(seed, FOR.event, i, host.index));
    chosen.set(host.index, Math.round((at + draw.fraction() * within) * SECOND));
  }
  return chosen;
}

/** Yields what begins on a host, in order of time. */
function* startsOf(
  host: HostSpec,
  plan: Plan,
  chosen: readonly ReadonlyMap<number, number>[],
  durationUsec: number,
): Generator<Start> {
  const streams: { readonly next: () => Start | undefined; head: Start | undefined }[] = [];
  const add = (times: Iterator<number>, workload: string, parameters: object, seed: number) => {
    let n = 0;
    const next = (): Start | undefined => {
      const { value, done } = times.next();
      if (done || value >= durationUsec) return undefined;
      return { atUsec: Math.round(value), workload, parameters, seed: mixSeed(seed, n++) };
    };
    streams.push({ next, head: next() });
  };
  for (const [i, recurring] of (host.group.workloads ?? []).entries()) {
    const seed = mixSeed(host.seed, FOR.recurring, i);
    add(timesOf(recurring, host.bootUsec, new Draw(seed)), recurring.workload, recurring.parameters ?? {}, seed);
  }
  for (const [i, event] of (plan.events ?? []).entries()) {
    const at = chosen[i]!.get(host.index);
    if (at !== undefined) add([at].values(), event.workload, event.parameters ?? {}, mixSeed(host.seed, FOR.event, i));
  }
  for (;;) {
    let first: (typeof streams)[number] | undefined;
    for (const stream of streams) {
      if (stream.head !== undefined && (first?.head === undefined || stream.head.atUsec < first.head.atUsec))
        first = stream;
    }
    if (first?.head === undefined) return;
    yield first.head;
    first.head = first.next();
  }
}

function timesOf({ every, poisson: mean, burst }: Recurring, fromUsec: number, draw: Draw): Iterator<number> {
  if (mean !== undefined) return poisson({ meanUsec: mean * SECOND, fromUsec }, draw);
  // Each host gets a phase of its own, so that the hosts of a group do not act at the same moment.
  const phase = (period: number) => fromUsec - Math.round(draw.fraction() * period);
  if (every !== undefined)
    return after(fromUsec, periodic({ everyUsec: every * SECOND, fromUsec: phase(every * SECOND) }));
  if (burst !== undefined) {
    const { size, gap, every: period } = burst;
    return after(
      fromUsec,
      bursts({ size, gapUsec: gap * SECOND, everyUsec: period * SECOND, fromUsec: phase(period * SECOND) }),
    );
  }
  return [fromUsec].values();
}

function* after(fromUsec: number, times: Iterable<number>): Generator<number> {
  for (const at of times) if (at >= fromUsec) yield at;
}
