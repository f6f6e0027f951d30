/**
 * Treats all hosts of a replay as one: they boot in turn, each logs what all log, and none is given
 * more than the device takes.
 *
 * Work that takes long lets the event loop run in between, so that a request to end the replay is
 * noticed. Work that can be done at once is, and then no promise is returned.
 */
import { type KernelTally, kernelTally } from '../kernel/index.js';
import { type LinkDirection, type LinkStats, linkStats } from '../net/impair.js';
import { type AckCounts, ackCounts, addAcks } from './acks.js';
import type { Chunk } from './chunk.js';
import { type BootFacts, type HostEnvironment, ReplayHost } from './host.js';
import { type HostCounts, hostCounts } from './host-counts.js';
import { type HostOutcome, type ReplayHostReport, worstFirst } from './host-report.js';
import type { DeviceRoom } from './room.js';
import { closeInTurns, Turns } from './turns.js';

/** The time between two looks of lingering hosts at whether all is acked, in microseconds. */
const LINGER_USEC = 20_000;

/** What the hosts need from the replay that owns them. */
export interface HostsOwner {
  /** Says whether nothing more is to be done. */
  readonly ended: () => boolean;
  /** Called when the device has gone. */
  readonly onDown: () => void;
  /** Called when the event loop is about to have its turn. */
  readonly onTurn: () => void;
}

/** All hosts of one replay. */
export class Hosts {
  /** How many hosts have booted. */
  up = 0;
  readonly #all: readonly ReplayHost[];
  readonly #room: DeviceRoom;
  readonly #owner: HostsOwner;
  readonly #turns = new Turns();

  /** Makes `count` hosts, of which the first has the number `first`. */
  constructor(
    env: HostEnvironment,
    { count, first }: { readonly count: number; readonly first: number },
    room: DeviceRoom,
    owner: HostsOwner,
  ) {
    this.#all = Array.from({ length: count }, (_, i) => new ReplayHost(env, first + i));
    this.#room = room;
    this.#owner = owner;
  }

  /** How many hosts there are, whether they have booted or not. */
  get count(): number {
    return this.#all.length;
  }

  /** Boots all hosts anew. Returns a promise only if that takes long. */
  boot(facts: BootFacts): Promise<void> | undefined {
    this.up = 0;
    return this.#bootRest(facts);
  }

  #bootRest(facts: BootFacts): Promise<void> | undefined {
    for (; this.up < this.#all.length && !this.#owner.ended(); this.up++) {
      if (this.#turns.over) return this.#turn().then(() => this.#bootRest(facts));
      this.#all[this.up]!.boot(facts);
    }
    return undefined;
  }

  /**
   * Has every host log the chunk, and waits until the device has its frames. Gives false if the
   * replay ended before that. Returns a promise only if the device makes the hosts wait.
   */
  print(chunk: Chunk): Promise<boolean> | boolean {
    for (let i = 0; i < this.#all.length; i++) {
      if (this.#turns.over || !this.#room.has(chunk.frames)) return this.#printRest(chunk, i);
      const host = this.#all[i]!;
      host.print(chunk.lines, chunk.count);
      if (host.waiting > 0 || this.#room.lost) return this.#printRest(chunk, i, host);
    }
    return true;
  }

  /** Goes on from host `i`. If that host is `printed`, it has logged the chunk already. */
  async #printRest(chunk: Chunk, i: number, printed?: ReplayHost): Promise<boolean> {
    const { ended } = this.#owner;
    for (let at = i; at < this.#all.length; at++) {
      const host = this.#all[at]!;
      if (ended()) return false;
      if (this.#turns.over) {
        await this.#turn();
        if (ended()) return false;
      }
      if (host !== printed) {
        await this.#room.waitForSlots(chunk.frames);
        if (ended()) return false;
        host.print(chunk.lines, chunk.count);
      }
      // A device that loses frames may be about to report that it is gone, in the event loop.
      if (host === printed || this.#room.lost) await new Promise((resolve) => setImmediate(resolve));
      await this.#sent(host);
    }
    return true;
  }

  /** Ends the log on all hosts, which makes netoops dump it. */
  async finish(): Promise<void> {
    const { ended } = this.#owner;
    for (const host of this.#all) {
      if (this.#turns.over) await this.#turn();
      if (ended()) return;
      host.finish();
      await this.#sent(host);
    }
  }

  /** Waits until the network has delivered all frames that are on their way. */
  async arrived(): Promise<void> {
    for (const host of this.#all) {
      await this.#room.waitFor(
        () => host.onTheWay === 0,
        () => host.retry(),
      );
    }
  }

  /**
   * Lets the hosts answer their receivers for `usec` microseconds or, with `acked`, until all is
   * acked. `sleep` lets the given number of microseconds pass.
   */
  async linger(usec: number, until: 'acked' | 'over', sleep: (usec: number) => Promise<void>): Promise<void> {
    const step = until === 'acked' ? LINGER_USEC : 1e6;
    for (let left = usec; left > 0 && !this.#owner.ended(); left -= step) {
      if (until === 'acked' && this.acks.unacked === 0) return;
      await sleep(Math.min(left, step));
      // Frames of records that were sent again may still wait for the device.
      this.retry();
    }
  }

  /** Waits until the device has all frames that this host has sent. */
  async #sent(host: ReplayHost): Promise<void> {
    await this.#room.waitFor(
      () => host.waiting === 0,
      () => host.retry(),
    );
  }

  async #turn(): Promise<void> {
    this.#owner.onTurn();
    await this.#turns.next();
  }

  /** Offers the waiting frames of all hosts to the device again. */
  retry(): void {
    for (const host of this.#all) if (host.waiting > 0) host.retry();
  }

  /** How many frames of all hosts wait for the device. */
  get waiting(): number {
    return this.#all.reduce((sum, host) => sum + host.waiting, 0);
  }

  /** How many frames of all hosts are on their way through the network. */
  get onTheWay(): number {
    return this.#all.reduce((sum, host) => sum + host.onTheWay, 0);
  }

  /** What all kernels have sent and given up. */
  get tally(): KernelTally {
    const tally = kernelTally();
    for (const host of this.#all) host.addTo(tally);
    return tally;
  }

  /** What became of the frames and records of all hosts. */
  get counts(): HostCounts {
    return this.#all.reduce((counts, host) => host.addCounts(counts), hostCounts());
  }

  /** What receivers have acked and asked for, over all hosts. */
  get acks(): AckCounts {
    const counts = ackCounts();
    for (const host of this.#all) addAcks(counts, host.acks);
    return counts;
  }

  /**
   * Returns the reports of the hosts that logged something, the worst first. In each of them the
   * counts of `forgive` replace the host's own.
   */
  worst(forgive: Partial<HostCounts>): ReplayHostReport[] {
    const hosts = new Map<HostOutcome, ReplayHost>();
    for (const host of this.#all) if (host.records > 0) hosts.set(host.outcome(forgive), host);
    return worstFirst([...hosts.keys()]).map((outcome) => ({ host: hosts.get(outcome)!.address, ...outcome }));
  }

  /** What the network did, summed over all hosts, for each direction. */
  get network(): Record<LinkDirection, LinkStats> {
    const network = { out: linkStats(), in: linkStats() };
    for (const host of this.#all) host.addNetwork(network);
    return network;
  }

  /** Closes all hosts. If that takes long, the rest is done after the call. */
  close(): void {
    closeInTurns(this.#all);
  }
}
