/**
 * A recorded log as the guide to time. The emulator makes its own messages, in its own order; the
 * log lends them their stamps, and says what else was logged in between.
 *
 * Before a record is stored, the guide looks for it in the log, from its seq on up to the next
 * marker. If it is there, the records before it were logged by something that the emulator does not
 * have (a driver, the boot), and are put in first. If it is not there, it keeps the virtual time,
 * and a comparison will show it.
 */

import type { KernelCore } from '../kernel/core.js';
import { insideOf, type Kernel } from '../kernel/index.js';
import type { Task } from '../printk/record.js';
import { latin1Bytes } from '../wire/text.js';
import { latin1 } from './bytes.js';
import { BARE, key, parseKmsgDump, type Recorded, UNFINISHED } from './recorded.js';

/** What the driver of the recorded machines says. */
const CARRIER = /(\S+) NIC Link is Up/;
const MARKER = /^klab: op \d+$/;
/** Messages that the emulator makes itself. */
const OWN =
  /^(netconsole|netpoll|netoops): |^(printk: .*)?console \[netc|^printk: continuation disabled|^Kernel panic - |^---\[ end Kernel panic/;
/** The last that an oops says is said behind it. */
const AFTER_OOPS = /^---\[ end trace |^Kernel panic - /;

/** What a SysRq's header begins with in the kernels that log it in two pieces. */
const SYSRQ = 'sysrq: SysRq : ';
/**
 * The printer threads of 7.0 and later run between two records that are at least so far apart, in
 * microseconds; records closer together are logged without an interruption. This number suits the
 * recordings of 7.0 to 7.3 best.
 */
const TURN_USEC = 1700;
const KWORKER: Task = { pid: 9, comm: 'kworker/0:1', cpu: 0 };

export class Guide {
  readonly #kernel: KernelCore;
  readonly #records = new Map<number, Recorded>();
  readonly #last: number;
  #injecting = false;
  /** Who runs the operation that foreign records come from. */
  task: Task = { pid: 1, comm: 'init', cpu: 0 };
  /** Of the last record that was stored, in microseconds. */
  now = 0;

  /** `recorded`: a dump of /dev/kmsg, or what `recordsOfFrames` made of one. */
  constructor(kernel: Kernel, recorded: Uint8Array) {
    this.#kernel = insideOf(kernel);
    const records = parseKmsgDump(recorded, this.#kernel.profile.extMax);
    for (const r of records) this.#records.set(r.seq, r);
    this.#last = records.at(-1)?.seq ?? -1;
    this.#kernel.store.onStore = (text, facility, level) => this.#onStore(text, facility, level);
    // What bonding says of a slave comes before the users of its bond are told.
    this.#kernel.netdevs.onEvent((event) => {
      if (event === 'RELEASE') this.injectForeign();
    });
    this.#kernel.onSleep = () => this.injectForeign();
    this.#kernel.threadsRun = () => this.#turnFollows();
  }

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
        // Of several processors, it is the recorded one that runs this.
        if (r.cpu !== undefined) store.current = { ...store.current, cpu: r.cpu };
        return r.tsUsec;
      }
      if (!isMarker && MARKER.test(latin1(r.text))) break;
    }
    return undefined;
  }

  /** The seq of the next record that is stored: behind the one of a line that is still kept. */
  get #next(): number {
    const { ring, store } = this.#kernel;
    return ring.nextSeq + (store.unfinished?.keeps ? 1 : 0);
  }

  /** Puts in what was recorded from the next seq up to `seq`, which is not. */
  #injectUntil(end: number): void {
    for (let seq = this.#next; seq < end; seq = this.#next) {
      const r = this.#records.get(seq);
      if (r === undefined) this.#injectLost();
      else this.#inject(r);
      // A dead kernel stores nothing any more.
      if (this.#next === seq) return;
    }
  }

  /**
   * Stands in for a seq that the log does not show, as the record was lost or is in no frame. The
   * record keeps its place, and no console prints it.
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

  /** The header line of a SysRq, which every console prints; in older kernels it is two pieces. */
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
   * Puts in the crash of an older kernel: the records of its oops, from the first that is known up
   * to the one that follows it.
   */
  injectOops(): void {
    while (this.#next <= this.#last && !this.#records.has(this.#next)) this.#injectLost();
    for (;;) {
      const r = this.#records.get(this.#next);
      if (r === undefined || AFTER_OOPS.test(latin1(r.text))) return;
      this.#inject(r);
    }
  }

  /** Whether a fragment was stored without its line's end, as far as the next one tells. */
  #unfinished(r: Recorded): boolean {
    const { profile, consoles } = this.#kernel;
    if (r.flag === '-' || !profile.plainJoins || !consoles.hasExtended) return false;
    return (
      r.shown === UNFINISHED ||
      this.#records.get(r.seq + 1)?.flag === '+' ||
      (profile.unfinishedIsCont && r.flag === 'c')
    );
  }

  #inject(r: Recorded, options: { readonly force?: true } = {}): void {
    const { store, consoles } = this.#kernel;
    this.#injecting = true;
    this.now = r.tsUsec;
    const line = new Uint8Array(r.text.length + (this.#unfinished(r) ? 0 : 1));
    line.fill(0x0a);
    line.set(r.text);
    store.store(line, {
      facility: r.facility,
      // A message without a level of its own has no stamp behind a fragment.
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

  /** The driver has its carrier as soon as it has said so. */
  #carrier(name: string | undefined): void {
    const dev = name === undefined ? undefined : this.#kernel.netdevs.byName(name);
    if (dev !== undefined) dev.carrierAtUsec = Math.min(dev.carrierAtUsec, this.#kernel.now());
  }

  /**
   * Who logged a foreign record: the task that its frames show, or else a worker, or the task of
   * the operation.
   */
  #loggerOf({ cpu, comm, text }: Recorded): Task {
    const task = CARRIER.test(latin1(text)) ? KWORKER : this.task;
    return { pid: task.pid, cpu: cpu ?? task.cpu, comm: comm ?? task.comm };
  }

  /**
   * Whether the printer threads run before the next record. An equal stamp says nothing, as some
   * clocks only count ticks.
   */
  #turnFollows(): boolean {
    const next = this.#records.get(this.#next);
    return next === undefined || next.tsUsec === this.now || next.tsUsec - this.now >= TURN_USEC;
  }

  /**
   * Others log while the kernel sleeps, or dies: puts in the recorded records up to a message of
   * the emulator's own.
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

  /** From opening the device to carrier, told by what netpoll said next, or else by the driver. */
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
      // No netpoll waits for it.
      if (MARKER.test(text) && byDriver !== undefined) return byDriver;
      if (OWN.test(text)) break;
    }
    return this.#kernel.profile.untrustworthyCarrier ? 500_000 : quick;
  }

  /** At the end: what was recorded after the last operation. */
  finish(): void {
    this.#kernel.call(() => this.#injectUntil(this.#last + 1));
  }
}

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
