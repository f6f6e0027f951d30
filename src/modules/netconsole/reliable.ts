/**
 * Reliable netconsole: acks, retransmission and emergency transmission for one extended target.
 *
 *   the receiver answers `nca<ack> <missing> ...`       acks arm the timer; what is missing is sent again
 *   nothing acked for 10 s                               an emergency session: one record a tick, marked emg=1
 *
 * States of the timer: off until the first ack (`ackSeq` 0); then, at each tick, either everything
 * is acked (next tick in 10 s), or the oldest unacked send is younger than 10 s (next tick when it
 * is not), or an emergency session runs: the interval is 100 ms during its first pass over the
 * unacked records and doubles with each pass up to its cap. Any ack ends a session.
 *
 * Ordinary sending does not depend on the timer: its frames are the same with and without it.
 *
 * Source: Heo, "printk, netconsole: implement reliable netconsole", April 2015, patch 14/16. What
 * that series leaves unknown: records are taken from the log whatever their level; a response over
 * 1000 bytes is refused; a target that is enabled again goes on where it was, timer included.
 */
import type { ConsoleMessage } from '../../console/index.js';
import type { KernelContext } from '../../kernel/context.js';
import type { NetpollOptions } from '../../netpoll/index.js';
import { formatExt } from '../../printk/format.js';
import { extFlag } from '../../printk/kmsg.js';
import { printkRecord } from '../../printk/record.js';
import type { Jiffies, TimerList } from '../../time/index.js';
import { formatIpv4, formatIpv6 } from '../../wire/address.js';
import type { ReliableDialect } from '../../wire/dialects.js';
import type { Transmission } from './plan.js';

/** Seconds without an ack until an emergency session begins. */
const ACK_TIMEOUT = 10;
/** The interval of an emergency session's first pass over the unacked records, in seconds. */
const EMG_TX_MIN_INTV = 0.1;
/** The longest interval that doubling reaches, in seconds. The text of the series says 10 s. */
const EMG_TX_MAX_INTV = 1;
/** The longest response that is read. */
const MAX_RESPONSE = 1000;
/**
 * How many responses wait while someone else holds the console: about as many as a socket's buffer
 * holds.
 */
const BACKLOG_MAX = 256;

/** What is asked of the target that is made reliable. */
export interface ReliableTarget {
  /** The netpoll of the target, for the address of its receiver. */
  readonly np: { readonly options: NetpollOptions };
  /** The target's own counts, to which `ReliableState` adds. */
  readonly stats: { retransmits: number; emergencies: number };
  /** Logs one of netconsole's own messages. */
  say(text: string): void;
  /** Sends a formatted message again. */
  resend(message: ConsoleMessage, transmission: Transmission): void;
}

/** Counted for each reliable target since it was made. */
export interface ReliableStats {
  /** Responses read. */
  responses: number;
  /** Datagrams that were no response, or were longer than a response may be. */
  malformed: number;
  /** Records that the receiver misses and the log no longer has. */
  unavailable: number;
  /** Responses lost because too many waited for the console. */
  overrun: number;
}

/** The acks and the timer of one reliable target. */
export class ReliableState {
  /** How the target writes and reads what mainline's netconsole does not have. */
  readonly dialect: ReliableDialect;
  /** The highest acked seq; 0 if there was no ack, so that no timer runs. */
  ackSeq = 0;
  /** When the oldest unacked record was sent, in jiffies; 0 if all are acked. */
  ackTstmp = 0;
  /** The interval of the emergency session, in jiffies; 0 if there is none. */
  emgTxIntv = 0;
  /** The seq of the record that the emergency session sends next. */
  emgTxSeq = 0;
  /** What the receiver asked for, since the state was made. */
  readonly stats: ReliableStats = { responses: 0, malformed: 0, unavailable: 0, overrun: 0 };
  readonly #context: KernelContext;
  readonly #nt: ReliableTarget;
  readonly #timer: TimerList;
  readonly #record = printkRecord();
  #backlog: Uint8Array[] = [];
  /** Set while the work that reads the backlog waits for the console. */
  #waiting = false;

  constructor(context: KernelContext, nt: ReliableTarget, dialect: ReliableDialect) {
    this.#context = context;
    this.#nt = nt;
    this.dialect = dialect;
    this.#timer = context.timers.setupTimer(() => this.#tick());
  }

  /** Hears that an extended record was written, whether or not this target could send it. */
  written(): void {
    if (this.ackTstmp === 0) this.ackTstmp = this.#context.jiffies || 1;
  }

  /** Starts when the target is enabled again; what was acked before still counts. */
  start(): void {
    if (this.ackSeq !== 0) this.#context.timers.modTimer(this.#timer, this.#context.jiffies);
  }

  /** Stops the timer, as the target is disabled; what was acked still counts. */
  stop(): void {
    this.#context.timers.delTimer(this.#timer);
    this.#backlog = [];
  }

  /** Takes a datagram from the receiver. It is handled under the console lock. */
  receive(payload: Uint8Array): void {
    if (this.#backlog.length >= BACKLOG_MAX) {
      this.stats.overrun++;
      return;
    }
    this.#backlog.push(payload.slice(0, MAX_RESPONSE + 1));
    if (this.#waiting) return;
    this.#waiting = true;
    this.#context.consoles.whenUnlocked(() => this.#work());
  }

  /** Handles all responses that have come. */
  #work(): void {
    this.#waiting = false;
    const ackedBefore = this.ackSeq !== 0;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const payload of backlog) this.#response(payload);
    if (ackedBefore || this.ackSeq === 0) return;
    this.start();
    const { remoteIp, remotePort, ipv6 } = this.#nt.np.options;
    const address = ipv6 ? `[${formatIpv6(remoteIp)}]` : formatIpv4(remoteIp);
    this.#nt.say(`ACK timeout enabled for ${address}:${remotePort}`);
  }

  #response(payload: Uint8Array): void {
    const { ring } = this.#context;
    let text = '';
    for (const byte of payload) text += String.fromCharCode(byte);
    const { responsePrefix } = this.dialect;
    const [first, ...missing] = text.split(' ');
    if (payload.length > MAX_RESPONSE || !first!.startsWith(responsePrefix)) {
      this.stats.malformed++;
      return;
    }
    this.stats.responses++;
    const ack = scanSeq(first!.slice(responsePrefix.length));
    if (ack !== undefined && ack !== 0 && ack < ring.nextSeq) {
      this.ackSeq = Math.max(ack, this.ackSeq);
      this.emgTxIntv = 0;
    }
    for (const word of missing) {
      const seq = scanSeq(word);
      if (seq === undefined) continue;
      if (this.#send(seq, 'ordinary')) this.#nt.stats.retransmits++;
      else this.stats.unavailable++;
    }
  }

  #tick(): void {
    const { consoles, timers, HZ, ring } = this.#context;
    const now = this.#context.jiffies;
    if (!consoles.trylock()) {
      timers.modTimer(this.#timer, (now + 1) as Jiffies);
      return;
    }
    const end = ring.nextSeq;
    let next: number;
    if (this.ackSeq === end - 1) {
      this.ackTstmp = 0;
      next = now + ACK_TIMEOUT * HZ;
    } else if (now < this.ackTstmp + ACK_TIMEOUT * HZ) {
      next = this.ackTstmp + ACK_TIMEOUT * HZ;
    } else {
      if (this.emgTxIntv === 0) {
        this.emgTxIntv = Math.max(1, Math.floor(EMG_TX_MIN_INTV * HZ));
        this.emgTxSeq = this.ackSeq + 1;
      }
      // Records that the log has lost are skipped at once.
      this.emgTxSeq = Math.max(this.emgTxSeq, Math.min(ring.firstSeq, end));
      while (this.emgTxSeq < end && !this.#send(this.emgTxSeq, 'emergency')) this.emgTxSeq++;
      if (this.emgTxSeq < end) {
        this.#nt.stats.emergencies++;
        this.emgTxSeq++;
      }
      if (this.emgTxSeq >= end) {
        const cap = (this.#context.emergencyCap ?? EMG_TX_MAX_INTV) * HZ;
        this.emgTxIntv = Math.max(1, Math.floor(Math.min(2 * this.emgTxIntv, cap)));
        this.emgTxSeq = this.ackSeq + 1;
      }
      next = now + this.emgTxIntv;
    }
    timers.modTimer(this.#timer, next as Jiffies);
    consoles.unlock();
  }

  /** Sends a record of the log again; returns false if the log does not have that seq. */
  #send(seq: number, transmission: Transmission): boolean {
    const { heap, ring, profile, format } = this.#context;
    const record = this.#record;
    // The flag of 4.2 depends on the record before; what is sent again must be what was sent first.
    const previous = profile.ring === 'log' && ring.read(seq - 1, record) === 'ok' ? record.flags : 0;
    if (ring.read(seq, record) !== 'ok') return false;
    const at = heap.borrow();
    const end = at + formatExt(heap, record, at, profile.extMax, format, extFlag(profile, record.flags, previous));
    this.#nt.resend({ start: at, end, record }, transmission);
    heap.giveBack(at);
    return true;
  }
}

/**
 * Reads the leading digits, whatever follows them. A seq above 2^53 - 1 does not count. Source:
 * sscanf("%llu").
 */
function scanSeq(text: string): number | undefined {
  const digits = /^\d+/.exec(text)?.[0];
  if (digits === undefined) return undefined;
  const seq = Number(digits);
  return Number.isSafeInteger(seq) ? seq : undefined;
}
