/**
 * Consoles: who gets the records of the ring, from where, in which order.
 *
 * A console is registered with a position (`seq`): the oldest record the log's other readers have not taken
 * (CON_PRINTBUFFER), or the next one to be stored. Printing moves each console on, record by record: in a pass every console,
 * in list order, prints one; the passes end when none has anything left. Whoever holds the console lock prints; a
 * message logged meanwhile, from inside a console's `write` too, is only stored, and printed by the holder.
 *
 *   lock free      printk stores, locks, flushes, unlocks
 *   locked         printk only stores; `unlock()` flushes all of it at once
 *
 * From 7.0 on (`profile.nbcon`) every console has a thread of its own: printk only stores, and the threads print, each
 * everything it has, when whoever logged sleeps or returns (`runThreads`).
 *
 * Per record and console: filtered by console_loglevel, formatted plain or extended, and preceded by a notice of
 * what was lost. An extended console is first asked to print whole runs by itself (`writeRecords`).
 *
 * Linux: kernel/printk/printk.c register_console(), console_flush_all(), console_emit_next_record(), nbcon.c. Differs: the
 * console behind /dev/console is not modelled, but its place at the head of the list is.
 *
 * Over 300 lines: locks, threads and the panic flush share one list and one way to print.
 */
import { KernelError } from '../errno.js';
import { formatExt, formatPlain, formatPlainLog, formatPrefix } from '../printk/format.js';
import { extFlag } from '../printk/kmsg.js';
import { LOG_FORCE_CON, LOG_NEWLINE, LOG_NOCONS, printkRecord } from '../printk/record.js';
import { firstValidSeq, readValid } from '../printk/ring.js';
import type { UnfinishedLine } from '../printk/store/strategy.js';
import type { Usec } from '../time/index.js';
import { CON_CONSDEV, CON_ENABLED, CON_EXTENDED, CON_PRINTBUFFER, type Console, type ConsoleHost } from './console.js';

export * from './console.js';

interface Registered {
  readonly con: Console;
  seq: number;
  /** Records lost since the last notice. */
  dropped: number;
  /** 4.2's extended flag depends on the record before. */
  previousFlags: number;
}

export class ConsoleRegistry {
  /** A record at this level or above it in number stays in the log. Linux: console_loglevel. */
  consoleLoglevel = 7;
  ignoreLoglevel = false;
  /** Linux: minimum_console_loglevel, default_console_loglevel. */
  minimumConsoleLoglevel = 1;
  readonly defaultConsoleLoglevel = 7;
  /** The next record that syslog(2) would read: where a CON_PRINTBUFFER console starts. */
  syslogSeq = 0;
  /** Threads have something to print. */
  pending = false;
  /** Oopses and panics in progress: the threads stand still. */
  emergency = 0;
  readonly #host: ConsoleHost;
  #list: Registered[] = [];
  #locked = false;
  readonly #waiters: (() => void)[] = [];
  /** A thread is printing: its own messages wait. */
  #printing = false;
  readonly #record = printkRecord();
  /** The ring of the kernels before 5.10, whose formats depend on the record before. */
  readonly #byteRing: boolean;

  constructor(host: ConsoleHost) {
    this.#host = host;
    this.#byteRing = host.profile.ring === 'log';
  }

  get list(): readonly Console[] {
    return this.#list.map((r) => r.con);
  }

  isRegistered(con: Console): boolean {
    return this.#list.some((r) => r.con === con);
  }

  /** The next seq that `con` will print; undefined if it is not registered. */
  seq(con: Console): number | undefined {
    return this.#list.find((r) => r.con === con)?.seq;
  }

  /** EEXIST if it is registered already. */
  register(con: Console): void {
    if (this.isRegistered(con))
      throw new KernelError('EEXIST', 'register_console', `console ${con.name} is registered already`);
    const { ring, profile, log } = this.#host;
    const nbcon = profile.nbcon;
    let seq = ring.finalSeq;
    if ((con.flags & CON_PRINTBUFFER) !== 0)
      seq = nbcon ? Math.max(this.syslogSeq, firstValidSeq(ring)) : this.syslogSeq;
    const registered: Registered = {
      con,
      seq,
      dropped: 0,
      previousFlags: seq === ring.nextSeq ? this.#lastFlags() : 0,
    };
    const atHead = (con.flags & CON_CONSDEV) !== 0;
    const second = this.#list.findIndex((r) => (r.con.flags & CON_CONSDEV) === 0);
    if (atHead) this.#list.unshift(registered);
    else this.#list.splice(second < 0 ? this.#list.length : second, 0, registered);
    con.flags |= CON_ENABLED;
    const extended = this.#list.filter((r) => (r.con.flags & CON_EXTENDED) !== 0).length;
    if (profile.extStopsJoining && (con.flags & CON_EXTENDED) !== 0 && extended === 1) {
      const text = 'printk: continuation disabled due to ext consoles, expect more fragments in /dev/kmsg\n';
      this.whileLocked(() => log.call(this.#host, text));
    }
    if (nbcon) {
      // The new thread runs while the one who registers still works.
      this.pending = true;
      this.runThreads();
    } else if (profile.registerFlushesFirst) {
      this.printkStored();
    }
    if (profile.consolePrefix !== '') log.call(this.#host, `${profile.consolePrefix} [${con.name}0] enabled\n`);
  }

  /** Returns whether it was registered. */
  unregister(con: Console): boolean {
    const at = this.#list.findIndex((r) => r.con === con);
    if (at < 0) return false;
    try {
      this.runThreads();
      // Whoever holds the lock, this console gets what was stored for it.
      if (this.#locked && !this.#host.profile.nbcon) while (this.#emit(this.#list[at]!, 1));
      const { profile, log } = this.#host;
      if (profile.consolePrefix !== '') log.call(this.#host, `${profile.consolePrefix} [${con.name}0] disabled\n`);
    } finally {
      const again = this.#list.findIndex((r) => r.con === con);
      if (again >= 0) this.#list.splice(again, 1);
    }
    return true;
  }

  /** Takes a console off without a word. */
  forget(con: Console): void {
    this.#list = this.#list.filter((r) => r.con !== con);
  }

  /** Forgets every console, and whatever waits for one. */
  clear(): void {
    this.#list.length = 0;
    this.#waiters.length = 0;
  }

  /** Linux: console_trylock(). */
  trylock(): boolean {
    if (this.#locked) return false;
    this.#locked = true;
    return true;
  }

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

  /** Runs `fn` with the lock held: at once, or when who has it lets go. Linux: console_lock(), which sleeps. */
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

  /** A record was stored: prints it, or leaves that to who has the lock, or to the threads. */
  printkStored(): void {
    if (this.#host.profile.nbcon) {
      this.pending = true;
      return;
    }
    if ((this.#list.length > 0 || this.#byteRing) && this.trylock()) this.unlock();
  }

  /** The threads have work, and nobody holds them off. */
  get canRun(): boolean {
    return this.pending && !this.#locked && this.emergency === 0;
  }

  /** Lets the printer threads run, unless someone holds them off. */
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
          this.#emit(r, ALL);
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

  /** Prints to the end whatever the state of locks and threads: the last words. Linux: nbcon_atomic_flush_unsafe(). */
  flushUnsafe(): void {
    if (!this.#host.profile.nbcon) return;
    for (const r of [...this.#list]) {
      this.#emit(r, ALL);
      r.con.flushed?.();
    }
  }

  /** Of the newest record; where there is none, of a line that has ended. */
  #lastFlags(): number {
    const { ring } = this.#host;
    return this.#byteRing && ring.read(ring.nextSeq - 1, this.#record) === 'ok' ? this.#record.flags : LOG_NEWLINE;
  }

  /** Prints what there is of a line that is not whole yet, after all records. Linux 4.2: console_cont_flush(). */
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
      for (const { con } of this.#list) if ((con.flags & CON_EXTENDED) === 0) con.write(heap.bytes, at, end, record);
    heap.giveBack(at);
  }

  #flushAll(): void {
    const list = this.#list;
    const { unfinished } = this.#host;
    if (unfinished !== undefined) this.#printUnfinished(unfinished);
    // Nearly always one console alone wants anything: it need not wait for the others' turns.
    let only: Registered | undefined;
    let several = false;
    for (let i = 0; i < list.length; i++) {
      const r = list[i]!;
      if (this.#skip(r)) continue;
      several = only !== undefined;
      only = r;
    }
    if (only !== undefined && !several) this.#emit(only, ALL);
    for (let progress = true; progress; ) {
      progress = false;
      for (let i = 0; i < list.length; i++) if (this.#emit(list[i]!, 1)) progress = true;
    }
    unfinished?.allPrinted();
    for (let i = 0; i < list.length; i++) list[i]!.con.flushed?.();
  }

  /** Moves a console that wants nothing behind everything there is; false: it must look at each record. */
  #skip(r: Registered): boolean {
    const { ring } = this.#host;
    if (r.con.wants === undefined || r.con.wants()) return false;
    if (this.#byteRing || r.dropped > 0 || r.seq < ring.firstSeq) return false;
    r.seq = Math.max(r.seq, ring.finalSeq);
    return true;
  }

  /** Prints up to `max` records; whether there was one. Linux: console_emit_next_record(). */
  #emit(r: Registered, max: number): boolean {
    const { heap, ring, profile, format } = this.#host;
    if (r.seq >= ring.nextSeq || this.#skip(r)) return false;
    const { con } = r;
    const record = this.#record;
    const wanted = con.wants === undefined || con.wants();
    const extended = (con.flags & CON_EXTENDED) !== 0;
    const direct = extended && wanted && con.writeRecords !== undefined;
    const at = heap.borrow();
    let count = 0;
    try {
      for (; count < max; count++) {
        const loglevel = this.ignoreLoglevel ? LOGLEVELS : Math.max(0, this.consoleLoglevel);
        if (direct) {
          const n = con.writeRecords!(r.seq, max - count, loglevel);
          r.seq += n;
          count += n;
          if (count === max) break;
        }
        if (ring.read(r.seq, record) !== 'ok' && !readValid(ring, r.seq, record)) break;
        if (record.seq !== r.seq) {
          r.dropped += record.seq - r.seq;
          r.seq = record.seq;
        }
        r.seq++;
        const previous = r.previousFlags;
        r.previousFlags = record.flags;
        if (this.#byteRing && (record.flags & LOG_NOCONS) !== 0) continue;
        if (record.level >= loglevel && (record.flags & LOG_FORCE_CON) === 0) {
          // A printer thread puts the notice in front of nothing then, and sends it by itself.
          if (profile.nbcon && !extended && wanted && r.dropped > 0) this.#writeNotice(r, at);
          if (profile.filteredTakesNotice) r.dropped = 0;
          continue;
        }
        if (!wanted) {
          if (!extended && profile.droppedNotice !== 'none') r.dropped = 0;
        } else if (extended) {
          const flag = this.#byteRing ? extFlag(profile, record.flags, previous) : undefined;
          const n = formatExt(heap, record, at, profile.extMax, format, flag);
          con.write(heap.bytes, at, at + n, record);
        } else {
          this.#emitPlain(r, previous, at);
        }
      }
    } finally {
      heap.giveBack(at);
    }
    return count > 0;
  }

  /** The record just read, and the notice before it. */
  #emitPlain(r: Registered, previous: number, at: number): void {
    const { heap, profile, format } = this.#host;
    const record = this.#record;
    const { con } = r;
    const start = at + NOTICE_ROOM;
    const notice = r.dropped > 0 && profile.droppedNotice !== 'none' ? this.#notice(r.dropped) : undefined;
    r.dropped = 0;
    let from = start;
    let to = start;
    if (this.#byteRing) {
      const room = profile.plainMax - (notice?.length ?? 0);
      to += formatPlainLog(heap, record, start, room, format, profile.plainJoins ? previous : undefined);
    } else {
      to += formatPlain(heap, record, start, profile.plainMax, format);
    }
    if (notice !== undefined) {
      if (profile.droppedNotice === 'own-write') {
        heap.bytes.set(notice, at);
        con.write(heap.bytes, at, at + notice.length, record);
      } else {
        from = start - notice.length;
        heap.bytes.set(notice, from);
        if (to - from >= profile.plainMax) to = from + profile.plainMax - 1;
      }
    }
    con.write(heap.bytes, from, to, record);
  }

  #writeNotice(r: Registered, at: number): void {
    const { heap } = this.#host;
    const notice = this.#notice(r.dropped);
    r.dropped = 0;
    heap.bytes.set(notice, at);
    r.con.write(heap.bytes, at, at + notice.length, this.#record);
  }

  #notice(dropped: number): Uint8Array {
    const end = this.#host.profile.droppedNotice === 'inline' ? ' ' : '\n';
    return new TextEncoder().encode(`** ${dropped} printk messages dropped **${end}`);
  }
}

/** Where a notice goes in front of a message, in the borrowed buffer. */
const NOTICE_ROOM = 64;
const ALL = 0x7fffffff;
/** Above every level. */
const LOGLEVELS = 8;
