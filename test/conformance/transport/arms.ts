/**
 * The arms of the transport tests: which there are, and whether each can run here. An arm that cannot is skipped with its reason, or
 * fails when NCE_REQUIRED_ARMS names it (names by comma).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Veth, vethProblem } from '../../../bench/veth.js';
import type { Medium } from '../../../src/net/device.js';
import type { Order, Outcome } from './sender.js';

export interface Arm {
  readonly name: string;
  readonly spec: string;
  readonly medium: Medium;
  /** Sends IPv6 from an address that is not the machine's. */
  readonly ipv6: boolean;
}

export const ARMS: readonly Arm[] = [
  { name: 'xdp', spec: 'xdp:tx0', medium: 'ethernet', ipv6: true },
  { name: 'af-packet', spec: 'af-packet:tx0', medium: 'ethernet', ipv6: true },
  { name: 'xdp-overlap', spec: 'xdp:tx0:overlap', medium: 'ethernet', ipv6: true },
  { name: 'af-xdp', spec: 'af-xdp:tx0', medium: 'ethernet', ipv6: true },
  { name: 'libpcap', spec: 'libpcap:tx0', medium: 'ethernet', ipv6: true },
  { name: 'cap', spec: 'cap:tx0', medium: 'ethernet', ipv6: true },
  { name: 'raw-socket', spec: 'raw-socket', medium: 'ip', ipv6: true },
  { name: 'udp-veth', spec: 'udp', medium: 'udp', ipv6: false },
];

export const REQUIRED: ReadonlySet<string> = new Set(
  (process.env['NCE_REQUIRED_ARMS'] ?? '').split(',').filter(Boolean),
);

/** Why the arm cannot run, or undefined. `veth` undefined: there are no namespaces, for the reason given. */
export async function armProblem(
  arm: Arm,
  veth: Veth | undefined,
  noVeth: string | undefined,
): Promise<string | undefined> {
  if (veth === undefined) return noVeth ?? 'no namespaces';
  const sender = startSender(veth, { spec: arm.spec, ipv6: false });
  try {
    await sender.outcome;
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export { vethProblem };

export interface RunningSender {
  /** Its frames are on the wire. */
  readonly sent: Promise<void>;
  readonly outcome: Promise<Outcome>;
}

const SENDER = new URL('sender.ts', import.meta.url).pathname;

/**
 * A veth hands each frame to the peer on the CPU that transmits it, and every CPU has a backlog of its own: a sender that moves, or a
 * queue that is emptied by another CPU's timer, lets frames overtake inside the peer's kernel. On one CPU they cannot.
 */
export function onOneCpu(argv: readonly string[]): string[] {
  const cpu = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!;
  return ['taskset', '-c', cpu, ...argv];
}

/** The outcome rejects with the sender's error in one line. */
export function startSender(veth: Veth, order: Order): RunningSender {
  const argv = onOneCpu([process.execPath, '--import', 'tsx', SENDER, JSON.stringify(order)]);
  const child = veth.spawn('a', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  let onSent: () => void = () => undefined;
  const sent = new Promise<void>((resolve) => {
    onSent = resolve;
  });
  child.stdout!.on('data', (chunk) => {
    out += chunk;
    if (out.startsWith('sent\n')) onSent();
  });
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  const outcome = once(child, 'close').then(([code]) => {
    onSent();
    if (code === 0) return JSON.parse(out.split('\n').at(-2)!) as Outcome;
    throw new Error(/KernelError: (.*)/.exec(err)?.[1] ?? err);
  });
  outcome.catch(() => undefined);
  return { sent, outcome };
}

/** Starts a program at the peer and waits until `ready` is in what it prints, or for a moment. */
export async function startAtPeer(
  veth: Veth,
  argv: readonly string[],
  ready?: RegExp,
): Promise<{ stop(): Promise<string> }> {
  const child = veth.spawn('b', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const closed = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: unknown) => {
      text += chunk;
      if (ready?.test(text)) resolve();
    };
    child.stdout!.on('data', look);
    child.stderr!.on('data', look);
    if (!ready) setTimeout(resolve, 500);
    closed.then(() => reject(new Error(`${argv[0]} ended: ${text}`)), reject);
  });
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
      return text;
    },
  };
}

/** Why a program cannot be run here, or undefined. */
export async function programProblem(program: string): Promise<string | undefined> {
  const child = spawn('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
  const [code] = await once(child, 'close');
  return code === 0 ? undefined : `${program} is not installed`;
}
