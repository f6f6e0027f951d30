/**
 * Guides the time by a recorded log. The emulator makes its own messages, in its own order; the log
 * gives them their timestamps, and says what else was logged in between.
 *
 * Before a record is stored, the guide looks for it in the log, from the seq that the record would
 * get up to the next marker of the recorder. If the record is there, those before it were logged by
 * something that the emulator does not have (a driver, the boot), and are stored first. If it is
 * not there, it keeps the virtual time, and a comparison with the log will show that.
 */

import type { KernelCore } from '../kernel/core.js';
import { insideOf, type Kernel } from '../kernel/index.js';
import type { Task } from '../printk/record.js';
import { latin1Bytes } from '../wire/text.js';
import { latin1 } from './bytes.js';
import { BARE, key, parseKmsgDump, type Recorded, UNFINISHED } from './recorded.js';

/** What the network driver of the recorded machines says when it has carrier. */
const CARRIER = /(\S+) NIC Link is Up/;
/** What the recorder logs before each operation. */
const MARKER = /^klab: op \d+$/;
/** Messages that the emulator makes itself, so that the guide must not store them. */
const OWN =
  /^(netconsole|netpoll|netoops): |^(printk: .*)?console \[netc|^printk: continuation disabled|^Kernel panic - |^---\[ end Kernel panic/;
/** The line at which the records of an oops end. It is logged, or stored, later than they are. */
const AFTER_OOPS = /^---\[ end trace |^Kernel panic - /;

/** The beginning of a SysRq's header line in the kernels that log it in two pieces. */
const SYSRQ = 'sysrq: SysRq : ';
/**
 * The printer threads of 7.0 and later run between two records that are at least this many
 * microseconds apart; records closer together are logged without an interruption. This number suits
 * the recordings of 7.0 to 7.3 best.
 */
const TURN_USEC = 1700;
/** The worker that logs carrier messages. */
const KWORKER: Task = { pid: 9, comm: 'kworker/0:1', cpu: 0 };

/** Stores the foreign records of a log into a kernel, and gives the kernel's own their times. */
export class Guide {
  readonly #kernel: KernelCore;
  readonly #records = new Map<number, Recorded>();
  readonly #last: number;
  #injecting = false;
  /** The task of the current operation, which is taken to log the foreign records, too. */
  task: Task = { pid: 1, comm: 'init', cpu: 0 };
  /** The timestamp of the last record that was stored, in microseconds since boot. */
  now = 0;

  /** `recorded` is a dump of /dev/kmsg, or what `recordsOfFrames` made of one. */
  constructor(kernel: Kernel, recorded: Uint8Array) {
    this.#kernel = insideOf(kernel);
    const records = parseKmsgDump(recorded, this.#kernel.profile.extMax);
    for (const r of records) this.#records.set(r.seq, r);
    this.#last = records.at(-1)?.seq ?? -1;
    this.#kernel.store.onStore = (text, facility, level) => this.#onStore(text, facility, level);
    // Bonding's own messages about a released slave come before the users of the bond are told.
    this.#kernel.netdevs.onEvent((event) => {
      if (event === 'RELEASE') this.injectForeign();
    });
    this.#kernel.onSleep = () => this.injectForeign();
    this.#kernel.threadsRun = () => this.#turnFollows();
  }

  /** Returns the timestamp for a record that is to be stored; undefined if the log has none. */
  #onStore(text: Uint8Array, facility: number, level: number): number | undefined {
    if (this.#injecting) return undefined;
    const { store } = this.#kernel;
    let n = Math.min(text.length, store.recordMax - 1);
    if (n > 0 && text[n - 1] === 0x0a) n--;
    const said = text.subarray(0, n);
    const wanted = key(facility, level, said);
    const isMarker = MARKER.test(latin1(said));
    for (let seq = this.#next; seq <= this.#last; seq++) {
      const r = this.#records.get(seq);
      if (r === undefined) continue;
      if (r.key === wanted || (r.cut && wanted.startsWith(r.key))) {
        this.#injectUntil(seq);
        if (r.tsUsec - this.now >= TURN_USEC) this.#kernel.consoles.runThreads();
        this.now = r.tsUsec;
        // On a machine with several processors, the recorded one runs this.
        if (r.cpu !== undefined) store.current = { ...store.current, cpu: r.cpu };
        return r.tsUsec;
      }
      if (!isMarker && MARKER.test(latin1(r.text))) break;
    }
    return undefined;
  }

  /** The seq of the next record, after that of an unfinished line, if the store holds one. */
  get #next(): number {
    const { ring, store } = this.#kernel;
    return ring.nextSeq + (store.unfinished?.keeps ? 1 : 0);
  }

  /** Stores what was recorded from the next seq up to, but without, the seq `end`. */
  #injectUntil(end: number): void {
    for (let seq = this.#next; seq < end; seq = this.#next) {
      const r = this.#records.get(seq);
      if (r === undefined) this.#injectLost();
      else this.#inject(r);
      // A kernel that has died stores nothing any more.
      if (this.#next === seq) return;
    }
  }

  /**
   * Stores a substitute for a seq that the log does not show, since the record was lost or is in no
   * frame. The substitute takes the seq, and no console prints it.
   */
  #injectLost(): void {
    const { consoles } = this.#kernel;
    const { consoleLoglevel, ignoreLoglevel } = consoles;
    consoles.consoleLoglevel = 0;
    consoles.ignoreLoglevel = false;
    this.#inject({ ...LOST, seq: this.#next, tsUsec: this.now });
    consoles.consoleLoglevel = consoleLoglevel;
    consoles.ignoreLoglevel = ignoreLoglevel;
  }

  /**
   * Stores the header line of a SysRq, which every console prints. Older kernels log it in two
   * pieces.
   */
  injectSysrq(): void {
    const { sysrqInFragments } = this.#kernel.profile;
    const r = this.#records.get(this.#next);
    if (r === undefined || !r.key.startsWith('6;sysrq: ')) return;
    if (!sysrqInFragments) {
      this.#inject(r, { force: true });
      return;
    }
    const text = latin1(r.text);
    const joined = text.length > SYSRQ.length;
    const { now } = this;
    this.now = r.tsUsec;
    this.#kernel.panics.header(
      joined ? text.slice(SYSRQ.length) : latin1(this.#records.get(r.seq + 1)?.text ?? latin1Bytes('')),
    );
    this.now = Math.max(now, this.now);
  }

  /**
   * Stores the crash of an older kernel: the records of its oops, from the first one that is known
   * up to the line that ends it.
   */
  injectOops(): void {
    while (this.#next <= this.#last && !this.#records.has(this.#next)) this.#injectLost();
    for (;;) {
      const r = this.#records.get(this.#next);
      if (r === undefined || AFTER_OOPS.test(latin1(r.text))) return;
      this.#inject(r);
    }
  }

  /** Says whether a fragment had no newline, as far as its frame or the next record shows that. */
  #unfinished(r: Recorded): boolean {
    const { profile, consoles } = this.#kernel;
    if (r.flag === '-' || !profile.plainJoins || !consoles.hasExtended) return false;
    return (
      r.shown === UNFINISHED ||
      this.#records.get(r.seq + 1)?.flag === '+' ||
      (profile.unfinishedIsCont && r.flag === 'c')
    );
  }

  /** Stores one recorded record as printk would. */
  #inject(r: Recorded, options: { readonly force?: true } = {}): void {
    const { store, consoles } = this.#kernel;
    this.#injecting = true;
    this.now = r.tsUsec;
    const line = new Uint8Array(r.text.length + (this.#unfinished(r) ? 0 : 1));
    line.fill(0x0a);
    line.set(r.text);
    store.store(line, {
      facility: r.facility,
      // A message without a level of its own has no timestamp if it follows a fragment.
      ...(r.shown === BARE && r.level === store.defaultMessageLoglevel ? {} : { level: r.level }),
      tsUsec: r.tsUsec,
      cont: r.flag !== '-',
      ...options,
      task: this.#loggerOf(r),
      ...(r.subsystem || r.device ? { dev: { subsystem: r.subsystem, device: r.device } } : {}),
    });
    this.#injecting = false;
    consoles.printkStored();
    this.#carrier(CARRIER.exec(latin1(r.text))?.[1]);
    if (this.#turnFollows()) consoles.runThreads();
  }

  /** Gives an interface its carrier, if its driver has just said so. */
  #carrier(name: string | undefined): void {
    const dev = name === undefined ? undefined : this.#kernel.netdevs.byName(name);
    if (dev !== undefined) dev.carrierAtUsec = Math.min(dev.carrierAtUsec, this.#kernel.now());
  }

  /**
   * Returns who logged a foreign record: the task that its frames show, or otherwise a worker for
   * carrier messages, and the task of the operation for all others.
   */
  #loggerOf({ cpu, comm, text }: Recorded): Task {
    const task = CARRIER.test(latin1(text)) ? KWORKER : this.task;
    return { pid: task.pid, cpu: cpu ?? task.cpu, comm: comm ?? task.comm };
  }

  /**
   * Says whether the printer threads run before the next record. If the timestamps are equal they
   * do, since some clocks only count ticks.
   */
  #turnFollows(): boolean {
    const next = this.#records.get(this.#next);
    return next === undefined || next.tsUsec === this.now || next.tsUsec - this.now >= TURN_USEC;
  }

  /**
   * Stores the recorded records up to the next message of the emulator's own. Others log while the
   * kernel sleeps or dies.
   */
  injectForeign(): void {
    for (;;) {
      const r = this.#records.get(this.#next);
      if (r === undefined) return;
      const text = latin1(r.text);
      if (r.facility !== 0 || OWN.test(text)) return;
      this.#inject(r);
    }
  }

  /**
   * Returns the microseconds from opening the device to its carrier. The next message of netpoll
   * tells, or else that of the driver.
   */
  carrierDelayUsec(): number {
    const quick = 0;
    let byDriver: number | undefined;
    for (let seq = this.#next; seq <= this.#last; seq++) {
      const r = this.#records.get(seq);
      const text = r ? latin1(r.text) : '';
      if (text.includes('not up yet, forcing it')) continue;
      if (text.endsWith('timeout waiting for carrier')) return Number.POSITIVE_INFINITY;
      if (text.includes('appears untrustworthy')) return quick;
      if (CARRIER.test(text)) byDriver ??= r!.tsUsec - this.now;
      // At the marker no netpoll has waited for carrier.
      if (MARKER.test(text) && byDriver !== undefined) return byDriver;
      if (OWN.test(text)) break;
    }
    return this.#kernel.profile.untrustworthyCarrier ? 500_000 : quick;
  }

  /** Stores what was recorded after the last operation. Call it once, at the end. */
  finish(): void {
    this.#kernel.call(() => this.#injectUntil(this.#last + 1));
  }
}

/** The substitute for a lost record. */
const LOST: Omit<Recorded, 'seq' | 'tsUsec'> = {
  facility: 0,
  level: 7,
  flag: '-',
  shown: '',
  cut: false,
  text: new Uint8Array(0),
  key: '',
  subsystem: '',
  device: '',
  cpu: undefined,
  comm: undefined,
};
