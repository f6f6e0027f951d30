/**
 * Finds out which boot each record belongs to, and in what order records were logged.
 *
 *   parser -> records as they lie -> Sequence -> records with `boot`, copies left out, overtaken ones in place
 *
 * Without seqs, a boot begins where the stamps go back by more than a second (a smaller step is one
 * between CPUs), or back to 0 when the clock ran already, or at the kernel's banner with a stamp
 * before the last one, or where the log itself says so. The wrap of old kernels' jiffies is no
 * boot.
 *
 * With seqs, a log may be what a network has delivered. A copy has the seq, stamp and text of an
 * earlier record. Behind a gap, up to `HELD_RECORDS` records and a second of stamps are held back
 * to let records that they overtook come first. A boot begins where seq and stamp both go back; but
 * if they go on where an earlier record left off, the records of a second host are mixed in.
 *
 * Invariants: every record comes out once, or is counted as a duplicate; what comes out depends on
 * the records and not on how they arrive in batches.
 */

import { isBanner } from './banner.js';
import { type Chain, HELD_RECORDS, hold, isCopy, isLate, isNext, newChain, REBOOT_USEC, remember } from './chain.js';
import type { StampOrigin } from './formats/format.js';
import type { LogCounts, LogRecord, PooledRecord } from './formats/record.js';

/**
 * A chain that has not gone on for this many records is over; with several hosts it may rest
 * longer.
 */
const CHAIN_RECORDS = 256;
const HOST_RECORDS = 65536;
const CHAINS_MAX = 16;
/**
 * Old kernels' stamps wrap with 32 bits of jiffies: after 2^32 ms with HZ 1000.
 * Linux: INITIAL_JIFFIES, which is 5 minutes before the wrap.
 */
const WRAP_USEC = 2 ** 32 * 1000;
/** Stamps are 0 until sched_clock runs; until they have passed this they may still go back to 0. */
const CLOCK_RUNS_USEC = 100_000;
const WRAP_SLACK_USEC = 600e6;

/** What is known of one host whose records have no seq. */
interface Host {
  boot: number;
  latest: number;
  /** `timeUsec` of the boot's first record. */
  first: number;
  banner: boolean;
}

/** Puts the records of one log in order and numbers their boots. */
export class Sequence {
  readonly #counts: LogCounts;
  readonly #origin: StampOrigin;
  #chains: Chain[] = [];
  #current: Chain | undefined;
  readonly #hosts = new Map<string | undefined, Host>();
  #hostName: string | undefined;
  #host: Host | undefined;
  #number = 0;
  #out: LogRecord[] = [];

  /** Counts into `counts`, which is the log's. `origin` is what its stamps count from. */
  constructor(counts: LogCounts, origin: StampOrigin) {
    this.#counts = counts;
    this.#origin = origin;
  }

  /**
   * Returns the records that come out of `records`, which still belong to the batch; the returned
   * array may be `records` itself.
   */
  pass(records: readonly PooledRecord[]): readonly LogRecord[] {
    for (let i = 0; i < records.length; i++) {
      const record = records[i]!;
      if (record.seq === undefined) {
        this.#unnumbered(record);
      } else {
        const chain = this.#current;
        if (
          record.reboot ||
          chain === undefined ||
          record.seq !== chain.next ||
          chain.held.length > 0 ||
          !isNext(chain, record)
        ) {
          return this.#passOutOfOrder(records, i);
        }
        chain.used = ++this.#number;
        record.boot = chain.boot;
        remember(chain, record);
      }
    }
    return records;
  }

  /** Returns what is still held back; the caller calls it when the log has ended. */
  end(): readonly LogRecord[] {
    this.#out = [];
    for (const chain of this.#chains) this.#release(chain, chain.held.length);
    return this.#out;
  }

  #passOutOfOrder(records: readonly PooledRecord[], from: number): readonly LogRecord[] {
    this.#out = records.slice(0, from);
    for (let i = from; i < records.length; i++) this.#numbered(records[i]!);
    return this.#out;
  }

  #unnumbered(record: PooledRecord): void {
    let host = this.#host;
    // A line without a host belongs to the host of the line before.
    if (host === undefined || (record.host !== undefined && record.host !== this.#hostName)) {
      this.#hostName = record.host;
      host = this.#hosts.get(record.host);
      if (host === undefined) {
        host = { boot: this.#counts.boots++, latest: -1, first: Number.NaN, banner: false };
        this.#hosts.set(record.host, host);
        this.#counts.hosts = this.#hosts.size;
        record.reboot = false;
      }
      this.#host = host;
    }
    const { tsUsec } = record;
    const banner = (tsUsec === undefined || tsUsec <= host.latest) && isBanner(record.text);
    if (record.reboot || (banner ? isBannerOfBoot(host, tsUsec) : isStampOfBoot(host, tsUsec))) {
      if (!record.reboot) this.#counts.bootsByStamp++;
      host.boot = this.#counts.boots++;
      host.latest = -1;
      host.first = Number.NaN;
      host.banner = false;
    }
    if (banner) host.banner = true;
    if (tsUsec === undefined && this.#origin === 'first record' && record.timeUsec !== undefined) {
      if (Number.isNaN(host.first)) host.first = record.timeUsec;
      record.tsUsec = Math.max(0, record.timeUsec - host.first);
    }
    if (tsUsec !== undefined && (tsUsec > host.latest || isWrap(host.latest, tsUsec))) host.latest = tsUsec;
    record.boot = host.boot;
  }

  #numbered(record: PooledRecord): void {
    this.#number++;
    if (record.seq === undefined) {
      this.#unnumbered(record);
      this.#out.push(record);
      return;
    }
    const chain = this.#chainOf(record);
    if (chain === undefined) {
      this.#counts.duplicates++;
      return;
    }
    chain.used = this.#number;
    this.#current = chain;
    record.boot = chain.boot;
    if (chain.held.length > 0 && chain.held[0]!.tsUsec! > record.tsUsec! + REBOOT_USEC) this.#split(chain);
    if (record.seq > chain.next) {
      if (record.seq < (chain.held.at(-1)?.seq ?? 0)) this.#counts.overtaken++;
      hold(chain, record);
      const over = chain.held.length > HELD_RECORDS || record.tsUsec! > chain.held[0]!.tsUsec! + REBOOT_USEC;
      if (over) this.#release(chain, 1);
      return;
    }
    if (record.seq < chain.next || chain.held.length > 0) this.#counts.overtaken++;
    this.#emit(chain, record);
    this.#release(chain, 0);
  }

  /**
   * Returns the chain that `record` belongs to, a new one if it begins a boot, or `undefined` if it
   * is a copy.
   */
  #chainOf(record: PooledRecord): Chain | undefined {
    const current = this.#current;
    if (current === undefined || record.reboot) return this.#begin(record);
    const limit = this.#counts.hosts > 1 ? HOST_RECORDS : CHAIN_RECORDS;
    this.#chains = this.#chains.filter((chain) => chain === current || this.#number - chain.used <= limit);
    for (const chain of this.#chains) if (isCopy(chain, record)) return undefined;
    if (isNext(current, record) && record.seq === current.next) return current;
    const other = this.#chains.find((chain) => record.seq === chain.next && isNext(chain, record));
    if (other !== undefined && (current.next - 1 > record.seq! || this.#counts.hosts > 1)) {
      this.#counts.hosts = Math.max(this.#counts.hosts, 2);
      return other;
    }
    if (record.seq! >= current.next && isNext(current, record)) return this.#nearest(record, current);
    if (isLate(current, record)) return current;
    const { gap } = current;
    const inGap = gap !== undefined && record.seq! > gap.seq && record.seq! < gap.toSeq;
    if (inGap && record.tsUsec! >= gap.usec && record.tsUsec! < gap.toUsec) this.#counts.hosts++;
    return this.#begin(record);
  }

  /** Returns that chain which `record` may follow and whose stamps are nearest to the record's. */
  #nearest(record: PooledRecord, current: Chain): Chain {
    if (this.#counts.hosts === 1) return current;
    let best = current;
    for (const chain of this.#chains) {
      if (record.seq! < chain.next || !isNext(chain, record)) continue;
      if (chain.latest > best.latest) best = chain;
    }
    return best;
  }

  #begin(record: PooledRecord): Chain {
    const chain = newChain(this.#counts.boots++, record);
    chain.used = this.#number;
    // The boot that ends hands out its held records before the first one of this boot.
    if (this.#counts.hosts === 1) for (const before of this.#chains) this.#release(before, before.held.length);
    this.#chains.push(chain);
    if (this.#chains.length > CHAINS_MAX) this.#release(this.#chains[0]!, HELD_RECORDS + 1);
    if (this.#chains.length > CHAINS_MAX) this.#chains.shift();
    return chain;
  }

  /**
   * Begins another host's chain with what `chain` holds, as that is far ahead of what comes now.
   */
  #split(chain: Chain): void {
    const held = chain.held.splice(0);
    this.#counts.hosts++;
    const other = this.#begin(held[0]!);
    for (const record of held) {
      record.boot = other.boot;
      this.#emit(other, record);
    }
  }

  /** Hands out the first `count` held records, and those that follow them without a gap. */
  #release(chain: Chain, count: number): void {
    let rest = count;
    while (chain.held.length > 0 && (rest > 0 || chain.held[0]!.seq === chain.next)) {
      const record = chain.held.shift()!;
      if (record.seq! > chain.next) {
        const { next, latest } = chain;
        chain.gap = { seq: next - 1, usec: latest, toSeq: record.seq!, toUsec: record.tsUsec! };
      }
      rest--;
      this.#emit(chain, record);
    }
  }

  #emit(chain: Chain, record: PooledRecord): void {
    remember(chain, record);
    this.#out.push(record);
  }
}

/** Says whether a banner with this stamp begins another boot. */
function isBannerOfBoot(host: Host, tsUsec: number | undefined): boolean {
  if (tsUsec === undefined) return host.banner;
  return host.latest >= 0 && tsUsec < host.latest && !isWrap(host.latest, tsUsec);
}

/** Says whether any other record with this stamp begins another boot. */
function isStampOfBoot(host: Host, tsUsec: number | undefined): boolean {
  if (tsUsec === undefined || host.latest < 0 || isWrap(host.latest, tsUsec)) return false;
  return (tsUsec === 0 && host.latest >= CLOCK_RUNS_USEC) || tsUsec < host.latest - REBOOT_USEC;
}

function isWrap(latest: number, tsUsec: number): boolean {
  return latest < WRAP_USEC && latest > WRAP_USEC - WRAP_SLACK_USEC && tsUsec < WRAP_SLACK_USEC;
}
