/**
 * Compares what a receiver printed with what it must have printed, host by host, in memory that is
 * bounded for each host.
 *
 *   for (const record of truth) checker.expect(record);      in order of time, ahead of the output
 *   for (const record of output) checker.printed(record);
 *   checker.end();
 *   checker.report();
 *
 * Each host has a window of records that it must print. A printed record takes its place in the
 * window by seq and stamp, where the form keeps them, else by text. A record that falls out of the
 * window unprinted is lost; if it is printed after that, it is late.
 */
import type { TrueRecord } from '../storm/index.js';
import { WINDOW } from './expected.js';
import { type Facts, printedFacts, type TrueFacts, trueFacts } from './facts.js';
import type { TruthListener } from './packed.js';
import type { Printed } from './payload.js';
import { emptyTally, HostWindow, type Tally } from './window.js';

export type { Tally } from './window.js';

/** What became of the records of one host. */
export interface HostReport extends Tally {
  /** The host's address, by which the receiver knows it. */
  readonly host: string;
  /** The host's name in the plan. */
  readonly name: string;
}

/** The result of a comparison. */
export interface CheckReport {
  /** The sums over all hosts. */
  readonly total: Tally;
  /**
   * The hosts with something wrong, the worst first; after them the hosts that lost records only
   * to the network.
   */
  readonly hosts: readonly HostReport[];
  /** The number of all hosts. */
  readonly hostCount: number;
  /** The number of printed records of hosts that the run does not have. */
  readonly unknownHosts: number;
  /** The first few of those hosts. */
  readonly unknownExamples: readonly string[];
}

const UNKNOWN_EXAMPLES = 5;

/**
 * Compares the records that were printed with those that must have been, as the head of this file
 * says.
 */
export class Checker implements TruthListener {
  readonly #byAddress = new Map<string, HostWindow>();
  readonly #byName = new Map<string, HostWindow>();
  #expected = 0;
  #crowded = 0;
  #unknown = 0;
  /** How many records so far were never sent, or had another text, level or dictionary. */
  amiss = 0;
  readonly #examples = new Set<string>();

  /**
   * Takes the next record that the receiver must have printed. The caller gives the records of a
   * host in order of time.
   */
  expect(record: TrueRecord): void {
    this.expectFacts(record, trueFacts(record));
  }

  /** Takes such a record by its numbers. `name` is read only if the host is new. */
  expectFacts(of: { readonly host: string; readonly name: string }, facts: TrueFacts): void {
    let host = this.#byAddress.get(of.host);
    if (host === undefined) {
      host = new HostWindow(of.host, of.name);
      this.#byAddress.set(of.host, host);
      this.#byName.set(of.name, host);
    }
    const before = crowds(host);
    host.expect(facts, this.#expected++);
    this.#crowded += crowds(host) - before;
  }

  /**
   * Whether the window of some host fills up with records of which none was printed: what is
   * expected next may push out what is printed next. A window that has run over does not count.
   */
  get crowded(): boolean {
    return this.#crowded > 0;
  }

  /**
   * Says whether the records that were expected so far have one that could be this one; false also
   * for a host that has sent nothing yet. A caller that has the `printedFacts` of the record hands
   * them in as `facts`, here and below.
   */
  knows(record: Printed, facts: Facts = printedFacts(record)): boolean {
    return this.#host(record.host)?.knows(facts, record.text) ?? false;
  }

  /** Says whether they have such a record that was not printed and whose turn may still come. */
  awaits(record: Printed, facts: Facts = printedFacts(record)): boolean {
    return this.#host(record.host)?.awaits(facts) ?? false;
  }

  /** Says whether no record of this host is expected after the last one that was printed. */
  exhausted(host: string): boolean {
    return this.#host(host)?.exhausted ?? true;
  }

  /**
   * Takes in a record if it is the next of its host, or one soon after that. Returns its place; or
   * -1, and does nothing: the caller then asks `awaits` and `knows`.
   */
  printedInTurn(of: string, facts: Facts): number {
    const host = this.#host(of);
    if (host === undefined) return -1;
    const before = crowds(host);
    const place = host.printedInTurn(facts);
    this.#crowded += crowds(host) - before;
    return place;
  }

  /** Takes in a record. Returns its place among all that are expected, from 0, or -1. */
  printed(record: Printed, facts: Facts = printedFacts(record)): number {
    const host = this.#host(record.host);
    if (host !== undefined) {
      const { tally } = host;
      const before = tally.changed + tally.foreign;
      const crowded = crowds(host);
      const place = host.printed(facts, record.text);
      this.#crowded += crowds(host) - crowded;
      if (tally.changed + tally.foreign > before) this.amiss++;
      return place;
    }
    this.#unknown++;
    this.amiss++;
    if (this.#examples.size < UNKNOWN_EXAMPLES) this.#examples.add(record.host);
    return -1;
  }

  /** The number of hosts that have sent something so far. */
  get hosts(): number {
    return this.#byAddress.size;
  }

  /** Ends the comparison. The caller hands in no more records after it. */
  end(): void {
    for (const host of this.#byAddress.values()) host.end();
  }

  /** Returns the counts so far. The caller owns them. */
  report(): CheckReport {
    const total = emptyTally();
    const amiss: HostReport[] = [];
    for (const { host, name, tally } of this.#byAddress.values()) {
      for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
      if (trouble(tally) + tally.lostByNetwork > 0) amiss.push({ host, name, ...tally });
    }
    amiss.sort((a, b) => trouble(b) - trouble(a) || b.lostByNetwork - a.lostByNetwork || (a.name < b.name ? -1 : 1));
    return {
      total,
      hosts: amiss,
      hostCount: this.#byAddress.size,
      unknownHosts: this.#unknown,
      unknownExamples: [...this.#examples],
    };
  }

  /** Says whether a host has sent something so far. */
  isOfRun(host: string): boolean {
    return this.#host(host) !== undefined;
  }

  #host(host: string): HostWindow | undefined {
    return this.#byAddress.get(host) ?? this.#byName.get(host);
  }
}

function crowds({ ahead }: HostWindow): number {
  return ahead >= WINDOW / 2 && ahead < WINDOW ? 1 : 0;
}

/** Returns how many records are not as they should be, without those that the network lost. */
export function trouble(tally: Tally): number {
  const { lostByReceiver, late, duplicated, reordered, changed, foreign } = tally;
  return lostByReceiver + late + duplicated + reordered + changed + foreign;
}
