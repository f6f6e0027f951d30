/**
 * Consoles: who gets the records of the ring, from where, in which order.
 *
 * A console is registered with a position (`seq`): the oldest record the log's other readers have
 * not taken (CON_PRINTBUFFER), or the next one to be stored. Printing moves each console on, record
 * by record: in a pass every console, in list order, prints one; the passes end when none has
 * anything left. Whoever holds the console lock prints; a message logged meanwhile, from inside a
 * console's `write` too, is only stored, and printed by the holder.
 *
 *   lock free      printk stores, locks, flushes, unlocks
 *   locked         printk only stores; `unlock()` flushes all of it at once
 *
 * From 7.0 on (`profile.nbcon`) every console has a thread of its own: printk only stores, and the
 * threads print, each everything it has, when whoever logged sleeps or returns (`runThreads`).
 *
 * A console takes what it prints from its run (`run.ts`): messages, filtered, formatted and
 * preceded by a notice of what was lost, or, if it can, whole runs of records as they lie in the
 * ring.
 *
 * Linux: kernel/printk/printk.c register_console(), console_flush_all(),
 * console_emit_next_record(), nbcon.c. Differs: the console behind /dev/console is not modelled,
 * but its place at the head of the list is.
 */
import { KernelError } from '../errno.js';
import { formatPrefix } from '../printk/format.js';
import { LOG_NEWLINE, printkRecord } from '../printk/record.js';
import { firstValidSeq } from '../printk/ring.js';
import type { UnfinishedLine } from '../printk/store/strategy.js';
import type { Usec } from '../time/index.js';
import { CON_CONSDEV, CON_ENABLED, CON_EXTENDED, CON_PRINTBUFFER, type Console, type ConsoleHost } from './console.js';
import { RegisteredConsole } from './run.js';

export * from './console.js';

/** The consoles of one kernel, in the order in which they print, and the lock that they share. */
export class ConsoleRegistry {
  /** Consoles print only records whose level is a lower number. Linux: console_loglevel. */
  consoleLoglevel = 7;
  /** Whether consoles print every record, whatever its level. Linux: ignore_loglevel. */
  ignoreLoglevel = false;
  /** The least value that user space may give `consoleLoglevel`. */
  minimumConsoleLoglevel = 1;
  /** The value of `consoleLoglevel` at boot. Linux: default_console_loglevel. */
  readonly defaultConsoleLoglevel = 7;
  /** The next record that syslog(2) would read: where a CON_PRINTBUFFER console starts. */
  syslogSeq = 0;
  /** Whether threads have something to print. */
  pending = false;
  /** Oopses and panics in progress; meanwhile the threads stand still. */
  emergency = 0;
  readonly #host: ConsoleHost;
  readonly #unfinished: UnfinishedLine | undefined;
  #list: RegisteredConsole[] = [];
  #locked = false;
  readonly #waiters: (() => void)[] = [];
  /** Whether a thread is printing; what it logs meanwhile waits. */
  #printing = false;
  readonly #record = printkRecord();
  /** The ring of the kernels before 5.10, whose formats depend on the record before. */
  readonly #byteRing: boolean;

  constructor(host: ConsoleHost) {
    this.#host = host;
    this.#unfinished = host.store.unfinished;
    this.#byteRing = host.profile.ring === 'log';
  }

  /** The consoles, in the order in which they print; the caller owns the list. */
  get list(): readonly Console[] {
    return this.#list.map((r) => r.con);
  }

  isRegistered(con: Console): boolean {
    return this.#list.some((r) => r.con === con);
  }

  /** Returns the next seq that `con` will print; undefined if it is not registered. */
  seq(con: Console): number | undefined {
    return this.#list.find((r) => r.con === con)?.seq;
  }

  /** Registers a console. Throws EEXIST if it is registered already. */
  register(con: Console): void {
    if (this.isRegistered(con))
      throw new KernelError('EEXIST', 'register_console', `console ${con.name} is registered already`);
    const { ring, profile } = this.#host;
    const { nbcon } = profile;
    let seq = ring.finalSeq;
    if ((con.flags & CON_PRINTBUFFER) !== 0)
      seq = nbcon ? Math.max(this.syslogSeq, firstValidSeq(ring)) : this.syslogSeq;
    const registered = new RegisteredConsole(con, seq, this.#host, this);
    if (seq === ring.nextSeq) registered.previousFlags = this.#lastFlags();
    const atHead = (con.flags & CON_CONSDEV) !== 0;
    const second = this.#list.findIndex((r) => (r.con.flags & CON_CONSDEV) === 0);
    this.#list = this.#list.toSpliced(atHead ? 0 : second < 0 ? this.#list.length : second, 0, registered);
    con.flags |= CON_ENABLED;
    const extended = this.#list.filter((r) => (r.con.flags & CON_EXTENDED) !== 0).length;
    if (profile.extStopsJoining && (con.flags & CON_EXTENDED) !== 0 && extended === 1) {
      const text = 'printk: continuation disabled due to ext consoles, expect more fragments in /dev/kmsg\n';
      this.whileLocked(() => this.#host.log(6, text));
    }
    if (nbcon) {
      // The new thread runs while the one who registers still works.
      this.pending = true;
      this.runThreads();
    } else if (profile.registerFlushesFirst) {
      this.printkStored();
    }
    if (profile.consolePrefix !== '') this.#host.log(6, `${profile.consolePrefix} [${con.name}0] enabled`);
  }

  /** Unregisters a console; returns whether it was registered. */
  unregister(con: Console): boolean {
    const at = this.#list.findIndex((r) => r.con === con);
    if (at < 0) return false;
    try {
      this.runThreads();
      // Even if someone else holds the lock, this console gets the records stored for it.
      if (this.#locked && !this.#host.profile.nbcon) while (this.#list[at]?.print(1));
      const { profile } = this.#host;
      if (profile.consolePrefix !== '') this.#host.log(6, `${profile.consolePrefix} [${con.name}0] disabled`);
    } finally {
      const again = this.#list.findIndex((r) => r.con === con);
      if (again >= 0) this.#list = this.#list.toSpliced(again, 1);
    }
    return true;
  }

  /** Unregisters a console, and prints nothing. */
  forget(con: Console): void {
    this.#list = this.#list.filter((r) => r.con !== con);
  }

  /** Forgets every console, and those who wait for the lock. */
  clear(): void {
    this.#list = [];
    this.#waiters.length = 0;
  }

  /** Takes the console lock; returns false if it is taken. Linux: console_trylock(). */
  trylock(): boolean {
    if (this.#locked) return false;
    this.#locked = true;
    return true;
  }

  /** Whether somebody holds the console lock. */
  get locked(): boolean {
    return this.#locked;
  }

  /** Flushes every console, then releases. Linux: console_unlock(). */
  unlock(): void {
    if (!this.#locked) return;
    try {
      if (!this.#host.profile.nbcon) this.#flushAll();
      else if (this.emergency === 0) this.#runThreads();
    } finally {
      this.#locked = false;
    }
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) this.whenUnlocked(waiter);
  }

  /**
   * Runs `fn` with the lock held: at once, or as soon as its holder releases it. Linux:
   * console_lock(), which sleeps.
   */
  whenUnlocked(fn: () => void): void {
    if (!this.trylock()) {
      this.#waiters.push(fn);
      return;
    }
    try {
      fn();
    } finally {
      this.unlock();
    }
  }

  /** Runs `fn` with the lock held, without printing what it logs. */
  whileLocked(fn: () => void): void {
    const was = this.#locked;
    this.#locked = true;
    try {
      fn();
    } finally {
      this.#locked = was;
    }
  }

  /** Whether an extended console is registered. */
  get hasExtended(): boolean {
    return this.#list.some((r) => (r.con.flags & CON_EXTENDED) !== 0);
  }

  /** Prints a record that was stored, or leaves that to the holder of the lock or the threads. */
  printkStored(): void {
    if (this.#host.profile.nbcon) {
      this.pending = true;
      return;
    }
    if ((this.#list.length > 0 || this.#byteRing) && this.trylock()) this.unlock();
  }

  /** Whether the threads have work, and nothing stops them. */
  get canRun(): boolean {
    return this.pending && !this.#locked && this.emergency === 0;
  }

  /** Lets the printer threads run, unless something stops them. */
  runThreads(): void {
    if (this.canRun) this.#runThreads();
  }

  #runThreads(): void {
    if (this.#printing) return;
    this.#printing = true;
    try {
      while (this.pending) {
        this.pending = false;
        // The kernel wakes them in list order and leaves the rest to the scheduler.
        for (let i = 0; i < this.#list.length; i++) {
          const r = this.#list[i];
          if (r === undefined) continue;
          r.print(ALL);
          r.con.flushed?.();
        }
      }
    } catch (error) {
      // A console failed: the others have not had their turn.
      this.pending = true;
      throw error;
    } finally {
      this.#printing = false;
    }
  }

  /** Prints the last words, whatever is locked. Linux: nbcon_atomic_flush_unsafe(). */
  flushUnsafe(): void {
    if (!this.#host.profile.nbcon) return;
    for (const r of this.#list) {
      r.print(ALL);
      r.con.flushed?.();
    }
  }

  /** The flags of the newest record; if there is none, those of a line that has ended. */
  #lastFlags(): number {
    const { ring } = this.#host;
    return this.#byteRing && ring.read(ring.nextSeq - 1, this.#record) === 'ok' ? this.#record.flags : LOG_NEWLINE;
  }

  /**
   * Prints what there is of a line that is not whole yet, after all records. Linux 4.2:
   * console_cont_flush().
   */
  #printUnfinished(line: UnfinishedLine): void {
    const { unprinted } = line;
    const { heap, ring, format } = this.#host;
    if (unprinted === 'nothing') return;
    if (unprinted === 'after records' && this.#list.some((r) => r.seq < ring.nextSeq)) return;
    const continues = (this.#lastFlags() & LOG_NEWLINE) === 0;
    const piece = line.takePiece();
    if (piece.level >= this.consoleLoglevel && !this.ignoreLoglevel && !piece.force) return;
    const record = this.#record;
    record.level = piece.level;
    record.tsUsec = piece.tsUsec as Usec;
    const at = heap.borrow();
    const n = piece.first && !continues ? formatPrefix(heap, record, at, format) : 0;
    heap.bytes.set(piece.text, at + n);
    const end = at + n + piece.text.length;
    if (end > at)
      for (const r of this.#list) if ((r.con.flags & CON_EXTENDED) === 0) r.printMessage({ start: at, end, record });
    heap.giveBack(at);
  }

  #flushAll(): void {
    if (this.#unfinished !== undefined) this.#printUnfinished(this.#unfinished);
    // Nearly always only one console has work, and it need not take turns with the others.
    let only: RegisteredConsole | undefined;
    let several = false;
    for (let i = 0; i < this.#list.length; i++) {
      const r = this.#list[i]!;
      if (r.skip()) continue;
      several = only !== undefined;
      only = r;
    }
    if (only !== undefined && !several) only.print(ALL);
    for (let progress = true; progress; ) {
      progress = false;
      for (let i = 0; i < this.#list.length; i++) if (this.#list[i]!.print(1)) progress = true;
    }
    this.#unfinished?.allPrinted();
    for (let i = 0; i < this.#list.length; i++) this.#list[i]!.con.flushed?.();
  }
}

/** As many records as there are. */
const ALL = 0x7fffffff;
