/** Places the groups of a plan: each host gets an IPv4 and a hardware address of its own. */
import { indexIn, type Network, parseNetwork, refuseOverlap, refuseSharedMacs, wrongPlan } from './addresses.js';
import type { Group, Plan } from './plan.js';

const DEFAULT_NETWORK = '198.18.0.0/15';
const DEFAULT_MAC = '02:4e:43:00:00:01';

/** A group, and the addresses of its hosts. */
export interface Placed {
  readonly group: Group;
  /** The number of its first host in the plan. */
  readonly first: number;
  /** The network that the hosts' addresses are from. */
  readonly network: Network;
  /** The number of its first host in the network. */
  readonly offset: number;
  /** Its first host has this hardware address plus `macOffset`. */
  readonly mac: string;
  /** The number of its first host among those that count from `mac`. */
  readonly macOffset: number;
}

/**
 * Places all groups. Throws EINVAL if groups share a name, or share addresses with each other or
 * with the collector, or if a network is too small.
 */
export function placeGroups({ groups }: Plan, collector: string): Placed[] {
  const names = new Set<string>();
  const shared = parseNetwork(DEFAULT_NETWORK);
  const placed: Placed[] = [];
  let first = 0;
  let used = 0;
  let macs = 0;
  for (const group of groups) {
    if (names.has(group.name)) throw wrongPlan(`two groups are called "${group.name}": give each a name of its own`);
    names.add(group.name);
    const network = group.addresses === undefined ? shared : parseNetwork(group.addresses);
    const offset = network === shared ? used : 0;
    if (offset + group.hosts > network.room) {
      throw wrongPlan(
        `group ${group.name}: ${network.text} has room for ${network.room - offset} of ${group.hosts} hosts: ${offset + group.hosts - network.room} are too many`,
      );
    }
    const host = indexIn(network, collector) - offset;
    if (host >= 0 && host < group.hosts) {
      throw wrongPlan(
        `collector.ip ${collector} is an address of group ${group.name}, of its host ${host}: give one of them another`,
      );
    }
    const macOffset = group.mac === undefined ? macs : 0;
    placed.push({ group, first, network, offset, mac: group.mac ?? DEFAULT_MAC, macOffset });
    first += group.hosts;
    if (network === shared) used += group.hosts;
    if (group.mac === undefined) macs += group.hosts;
  }
  const own = placed
    .filter(({ network }) => network !== shared)
    .map(({ group, network }) => ({ name: group.name, network }));
  refuseSharedMacs(placed.map(({ group, mac, macOffset }) => ({ ...group, mac, offset: macOffset })));
  refuseOverlap(used > 0 ? [...own, { name: 'without addresses', network: shared }] : own);
  return placed;
}
