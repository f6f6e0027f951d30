/**
 * Makes two network namespaces that a veth pair joins, for one run, after which they are removed:
 * nothing sent here reaches a real network. IPv6 configures nothing by itself, neighbours are
 * static, and nothing else is on the wire.
 *
 *   NAME-a: tx0, 10.77.0.1, fd77::1  ----  NAME-b: rx0, 10.77.0.2, fd77::2
 *
 * Frames to `PEER.mac` are the peer's; frames to `NOBODY.mac` the peer counts and drops first
 * thing.
 *
 *   const veth = await makeVeth('demo');
 *   const sender = veth.spawn('a', ['node', 'send.js', 'af-packet:tx0']);
 *   ...
 *   await veth.remove();
 */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The end that frames leave from. */
export const SENDER = { name: 'tx0', mac: '02:00:00:00:77:01', ip: '10.77.0.1', ip6: 'fd77::1' } as const;
/** The end that they arrive at. */
export const PEER = { name: 'rx0', mac: '02:00:00:00:77:02', ip: '10.77.0.2', ip6: 'fd77::2' } as const;
/** An address of the same network that nobody owns: what emulated hosts use. */
export const EMULATED = { mac: '02:00:00:00:77:99', ip: '10.77.0.99', ip6: 'fd77::99' } as const;
/**
 * A host that is not there: its address resolves to a hardware address that the peer does not own.
 */
export const NOBODY = { mac: '02:00:00:00:be:ef', ip: '10.77.0.200', ip6: 'fd77::c8' } as const;

/** Two namespaces and what can be done in them. */
export interface Veth {
  /** The name of the sender's namespace. */
  readonly a: string;
  /** The name of the peer's namespace. */
  readonly b: string;
  /** Runs a program inside; the caller ends it. */
  spawn(side: 'a' | 'b', argv: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Runs a program inside to its end and returns its output; rejects if it fails. */
  run(side: 'a' | 'b', argv: readonly string[]): Promise<string>;
  /** Counts the frames and bytes that have arrived at the peer since it was made. */
  received(): Promise<{ packets: number; bytes: number }>;
  /** Removes both namespaces. */
  remove(): Promise<void>;
}

/** Returns why namespaces cannot be made here; undefined if they can. */
export async function vethProblem(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are Linux only';
  if (process.getuid?.() !== 0) return 'making network namespaces needs root';
  const name = `nce-probe-${process.pid}`;
  try {
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['netns', 'del', name]);
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made: ${(error as Error).message.split('\n').at(-2)}`;
  }
}

/** What the pair is like. */
export interface VethOptions {
  /** How many queues each end has, one for each AF_XDP socket. Default 1. */
  readonly queues?: number;
  /** The MTU of both ends, in bytes. */
  readonly mtu?: number;
  /**
   * Whether the peer has GRO, without which XDP cannot redirect anything to it. Default true, if
   * ethtool is installed.
   */
  readonly gro?: boolean;
  /**
   * Whether IPv6 is on. Default true. Without it the kernel itself never sends, so that every frame
   * counted at the peer is the sender's.
   */
  readonly ipv6?: boolean;
}

/**
 * Makes the pair. `name` has at most 8 characters; the namespaces are called after it and this
 * process.
 */
export async function makeVeth(name: string, options: VethOptions = {}): Promise<Veth> {
  const a = `${name}-${process.pid}-a`;
  const b = `${name}-${process.pid}-b`;
  const queues = String(options.queues ?? 1);
  const ipv6 = options.ipv6 !== false;
  const inside = (ns: string, ...argv: string[]) => run('ip', ['-n', ns, ...argv]);
  const remove = async () => {
    for (const ns of [a, b]) await run('ip', ['netns', 'del', ns]).catch(() => undefined);
  };
  try {
    for (const ns of [a, b]) {
      await run('ip', ['netns', 'add', ns]);
      const conf = '/proc/sys/net/ipv6/conf/default';
      const script = ipv6 ? `echo 1 > ${conf}/addr_gen_mode` : `echo 1 > ${conf}/disable_ipv6`;
      await run('ip', ['netns', 'exec', ns, 'sh', '-c', script]);
    }
    const end = ['numtxqueues', queues, 'numrxqueues', queues];
    const peer = ['peer', 'name', PEER.name, 'netns', b, ...end];
    await run('ip', ['link', 'add', SENDER.name, 'netns', a, ...end, 'type', 'veth', ...peer]);
    for (const [ns, self, other] of [
      [a, SENDER, PEER],
      [b, PEER, SENDER],
    ] as const) {
      await inside(ns, 'link', 'set', self.name, 'address', self.mac, 'mtu', String(options.mtu ?? 1500), 'up');
      await inside(ns, 'link', 'set', 'lo', 'up');
      await inside(ns, 'addr', 'add', `${self.ip}/24`, 'dev', self.name);
      if (ipv6) await inside(ns, 'addr', 'add', `${self.ip6}/64`, 'dev', self.name, 'nodad');
      for (const neighbour of [other, EMULATED, NOBODY]) {
        for (const ip of ipv6 ? [neighbour.ip, neighbour.ip6] : [neighbour.ip]) {
          await inside(ns, 'neigh', 'replace', ip, 'lladdr', neighbour.mac, 'dev', self.name, 'nud', 'permanent');
        }
      }
    }
    if (options.gro !== false) {
      const gro = ['ethtool', '-K', PEER.name, 'gro', 'on'];
      await run('ip', ['netns', 'exec', b, ...gro]).catch(() => undefined);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const ns = { a, b };
  return {
    a,
    b,
    spawn: (side, argv, spawnOptions = {}) => spawn('ip', ['netns', 'exec', ns[side], ...argv], spawnOptions),
    run: async (side, argv) => (await run('ip', ['netns', 'exec', ns[side], ...argv], { maxBuffer: 1 << 26 })).stdout,
    received: async () => {
      const { stdout } = await run('ip', ['-n', b, '-s', '-j', 'link', 'show', 'dev', PEER.name]);
      const [link] = JSON.parse(stdout) as [{ stats64: { rx: { packets: number; bytes: number } } }];
      const { packets, bytes } = link.stats64.rx;
      return { packets, bytes };
    },
    remove,
  };
}
