/** Checks what a schema cannot say: whether the parts of a plan fit together. */
import type { Impairments } from '../net/impair.js';
import { type Profile, profile as profileByName } from '../profile/index.js';
import { WORKLOADS } from '../workload/index.js';
import { wrongPlan } from './addresses.js';
import type { Group } from './plan.js';

const SECOND = 1e6;

/** Throws EINVAL if a partition ends before it begins, or begins after the end of the run. */
export function checkImpair(impair: Impairments | undefined, place: string, duration: number): void {
  for (const [i, { fromUsec, untilUsec }] of (impair?.partitions ?? []).entries()) {
    const at = `${place}.partitions[${i}]`;
    if (untilUsec <= fromUsec) throw wrongPlan(`${at}: it ends at ${untilUsec} us, before it begins at ${fromUsec} us`);
    if (fromUsec >= duration * SECOND) {
      throw wrongPlan(`${at}: it begins at ${fromUsec / SECOND} s, but the run ends at ${duration} s`);
    }
  }
}

/**
 * Returns a profile by its name. Throws EINVAL if its kernel lacks something that the group has.
 */
export function checkedProfile(name: string, group: Group): Profile {
  const found = profileByName(name);
  if (group.userdata !== undefined && found.userdataItems < Object.keys(group.userdata).length) {
    const most = found.userdataItems === 0 ? 'no userdata' : `at most ${found.userdataItems} keys of userdata`;
    throw wrongPlan(`group ${group.name}: kernel ${name} has ${most}`);
  }
  if (group.release && !found.releaseFeature) {
    throw wrongPlan(
      `group ${group.name}: kernel ${name} does not prepend the release: leave release out, or name a newer kernel`,
    );
  }
  return found;
}

/** Throws EINVAL if a group whose targets are all plain has what only extended targets have. */
export function refuseExtendedOnly({ name, release, userdata, reliable }: Group): void {
  const [wrong] = Object.entries({ release, userdata, reliable }).find(([, value]) => value) ?? [];
  if (wrong === undefined) return;
  throw wrongPlan(
    `group ${name}: ${wrong} is for extended targets, and all are plain: leave it out, or change formats`,
  );
}

/** Throws EINVAL, naming the place, for workloads that make no sense. */
export function checkRecurring(group: Group, place: string): void {
  for (const [i, { workload, parameters, every, poisson: mean, burst }] of (group.workloads ?? []).entries()) {
    const at = `${place}.workloads[${i}]`;
    if ([every, mean, burst].filter((one) => one !== undefined).length > 1) {
      throw wrongPlan(`${at}: give one of every, poisson and burst`);
    }
    checkParameters(workload, parameters, at);
  }
}

/** Throws EINVAL, naming the place, for parameters that the workload does not have. */
export function checkParameters(workload: string, parameters: object | undefined, place: string): void {
  const own = Object.keys(parameters ?? {}).find((name) => ['seed', 'machine', 'nowUsec'].includes(name));
  if (own !== undefined)
    throw wrongPlan(`${place}: the run itself gives each start its ${own}: leave the parameter out`);
  try {
    WORKLOADS.get(workload)!.steps(parameters ?? {});
  } catch (error) {
    throw wrongPlan(`${place}: ${(error as Error).message}`);
  }
}
