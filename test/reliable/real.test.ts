/**
 * The sender against what others wrote, in real time: the `ncrx` program of facebook/netconsd, which NCRX_BIN names, over UDP and over a
 * veth; and Linux itself as a peer that has to find out where acks go. Frames are lost on our side, both ways.
 *
 * What cannot run is skipped with its reason, or fails when NCE_REQUIRED_ARMS names it: `ncrx`, `arp`.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { EMULATED, makeVeth, PEER, SENDER } from '../../bench/veth.js';
import { programProblem, REQUIRED, vethProblem } from '../conformance/transport/arms.js';
import { recordText } from '../support/loop.js';
import type { Order, Outcome } from './sender.js';

const SCRIPT = new URL('sender.ts', import.meta.url).pathname;
/** Of a test that waits for an ack of everything, in milliseconds. */
const LONG = 150_000;
const PORT = 16666;
const SOURCE_PORT = 16665;

const bin = process.env['NCRX_BIN'] ?? '';
const noVeth = (await vethProblem()) ?? (await afPacketProblem());
const noNcrx = (await programProblem('stdbuf')) ?? ncrxProblem();
const noSocat = noVeth ?? (await programProblem('socat'));
const veth = noVeth === undefined ? await makeVeth('ncer') : undefined;
afterAll(() => veth?.remove());

function ncrxProblem(): string | undefined {
  if (bin === '') return 'NCRX_BIN does not name a program: build ncrx of facebook/netconsd';
  try {
    accessSync(bin, constants.X_OK);
    return undefined;
  } catch {
    return `NCRX_BIN is ${bin}, which cannot be run`;
  }
}

async function afPacketProblem(): Promise<string | undefined> {
  try {
    await import('koffi');
    return undefined;
  } catch {
    return 'af-packet needs the package koffi';
  }
}

function arm(name: string, title: string, problem: string | undefined, tests: () => void): void {
  if (problem === undefined) describe(title, tests);
  else if (REQUIRED.has(name)) it(title, () => expect.fail(`required, but cannot run: ${problem}`));
  else it.skip(`${title} [skipped: ${problem}]`, () => undefined);
}

/** Collects what a child prints. */
function output(child: ChildProcess): { text(): string; closed: Promise<unknown> } {
  let text = '';
  child.stdout!.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    text += chunk;
  });
  return { text: () => text, closed: once(child, 'close') };
}

type Start = (argv: readonly string[]) => ChildProcess;
const PIPES: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe'] };
const here: Start = ([file, ...args]) => spawn(file!, args, PIPES);

async function send(start: Start, order: Order): Promise<Outcome> {
  const sender = output(start([process.execPath, '--import', 'tsx', SCRIPT, JSON.stringify(order)]));
  await sender.closed;
  const line = sender.text().trimEnd().split('\n').at(-1)!;
  if (!line.startsWith('{')) throw new Error(sender.text());
  return JSON.parse(line) as Outcome;
}

/** Runs a program while `during` does its work, and gives back what it printed. */
async function beside(child: ChildProcess, during: () => Promise<void>): Promise<string> {
  const program = output(child);
  try {
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (child.exitCode !== null) throw new Error(`it ended: ${program.text()}`);
    await during();
    await new Promise((resolve) => setTimeout(resolve, 500));
  } finally {
    child.kill('SIGTERM');
    await program.closed;
  }
  return program.text();
}

/** What ncrx printed: the records of this test in order, and everything it remarked. */
function judge(printed: string, records: number): void {
  const lines = printed.split('\n').filter((line) => line !== '');
  const remarks = lines.filter((line) => /^\[ *(INVAL|OOS|SEQ RESET|SEQ SKIPPED)\]/.test(line));
  expect(remarks).toEqual(['[   SEQ RESET] seq=0']);
  const texts = lines.map((line) => line.replace(/^\[ *\d+\.\d+\] /, '')).filter((text) => /^\d+:/.test(text));
  const expected = Array.from({ length: records }, (_, i) => recordText(i).replaceAll('\\', '\\x5c'));
  expect(texts.length).toBe(records);
  expect(texts).toEqual(expected);
}

const order = { records: 2000, perSecond: 400, until: 'all', seconds: 90 } as const;

arm('ncrx', 'ncrx over UDP on loopback', noNcrx, () => {
  it.each([0, 0.3, 0.5])(
    'loss %d both ways: everything arrives, once, in order',
    async (loss) => {
      const param = `+${SOURCE_PORT}@127.0.0.1/eth0,${PORT}@127.0.0.1/`;
      let outcome: Outcome | undefined;
      const printed = await beside(here(['stdbuf', '-oL', bin, String(PORT)]), async () => {
        outcome = await send(here, { ...order, loss, spec: 'udp', address: '127.0.0.1/8', param });
      });
      check(outcome!, loss);
      judge(printed, order.records);
    },
    LONG,
  );
});

arm('ncrx', 'ncrx over a veth', noVeth ?? noNcrx, () => {
  it.each([0, 0.3, 0.5])(
    'loss %d both ways: everything arrives, once, in order',
    async (loss) => {
      const param = `+${SOURCE_PORT}@${EMULATED.ip}/${SENDER.name},${PORT}@${PEER.ip}/${PEER.mac}`;
      let outcome: Outcome | undefined;
      await forgetNeighbour();
      const ncrx = veth!.spawn('b', ['stdbuf', '-oL', bin, String(PORT)], PIPES);
      const printed = await beside(ncrx, async () => {
        const sender: Start = (argv) => veth!.spawn('a', argv, PIPES);
        outcome = await send(sender, { ...order, loss, spec: 'af-packet:tx0', address: `${EMULATED.ip}/24`, param });
      });
      check(outcome!, loss);
      expect(outcome!.rx.arpReplies).toBeGreaterThan(0);
      judge(printed, order.records);
    },
    LONG,
  );
});

function check(outcome: Outcome, loss: number): void {
  expect(outcome.ackSeq).toBe(outcome.lastSeq);
  expect(outcome.responses.malformed).toBe(0);
  expect(outcome.stats.retransmits > 200).toBe(loss > 0);
  expect(outcome.dropped.tx > 500).toBe(loss > 0);
  expect(outcome.dropped.rx > 0).toBe(loss > 0);
}

/** The peer does not know where the emulated host is. */
async function forgetNeighbour(): Promise<void> {
  await veth!.run('b', ['ip', 'neigh', 'flush', 'to', EMULATED.ip, 'nud', 'all']);
}

arm('arp', 'ARP over a veth', noSocat, () => {
  it('Linux asks for our source address, is answered, and its ack arrives', async () => {
    await forgetNeighbour();
    const param = `+${SOURCE_PORT}@${EMULATED.ip}/${SENDER.name},${PORT}@${PEER.ip}/${PEER.mac}`;
    const acker = veth!.spawn('b', ['socat', `UDP4-RECVFROM:${PORT},fork`, 'SYSTEM:echo ncrx5'], PIPES);
    await beside(acker, async () => {
      const sender: Start = (argv) => veth!.spawn('a', argv, PIPES);
      const outcome = await send(sender, {
        ...{ spec: 'af-packet:tx0', address: `${EMULATED.ip}/24`, param },
        ...{ records: 5, perSecond: 100, loss: 0, until: 'some', seconds: 10 },
      });
      expect(outcome.ackSeq).toBe(5);
      expect(outcome.rx.arpReplies).toBeGreaterThan(0);
      expect(outcome.rx.malformed).toBe(0);
    });
    const neighbours = await veth!.run('b', ['ip', 'neigh', 'show', EMULATED.ip]);
    expect(neighbours).toContain(`lladdr ${SENDER.mac}`);
  });
});
