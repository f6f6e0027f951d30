/**
 * The wire in memory: hosts, the one device that they share, who listens, and the event queue.
 *
 * Time is virtual: it passes when `advance` is called, and then jumps from one deadline to the
 * next, whosever it is: a kernel's timer, a receiver's, or a call that `schedule` was asked for.
 * The clock of a host is set to that time only when something is due on the host or comes in for
 * it, or when its kernel is looked at.
 */
import type { Kernel } from '../kernel/index.js';
import { Link, type LinkDirection } from '../net/impair.js';
import { createMemoryDevice, type MemoryDevice } from '../net/memory.js';
import { type SharedDevice, shareDevice } from '../net/share.js';
import { callback, checkArgument, number } from '../options.js';
import type { ReceivedRecord } from '../receiver/index.js';
import type { Decoded } from '../wire/decode.js';
import { mixSeed } from '../workload/index.js';
import { type Host, type HostPlan, type Wire, WireHost } from './host.js';
import { deliveredText, Listener, tell } from './listener.js';
import { checkWireOptions, type WireOptions } from './wire-options.js';

/** A record, and the host that sent it. */
export interface FleetRecord {
  readonly host: Host;
  readonly record: ReceivedRecord;
}

const ANY_NUMBER: number = Number.MAX_SAFE_INTEGER;
/** The time, in milliseconds, after which iteration ends if no record comes: some never give up. */
const QUIET_MS = 60_000;
/** When hosts start, in µs since boot: past the first five minutes, at whose end jiffies wrap. */
export const START_USEC = 400e6;

/** A call that was scheduled, or a frame that arrives. */
type Event = { readonly usec: number; readonly happen: () => void };

/** The wire: hosts, the one device that they share, who listens, and the event queue. */
export class MemoryWire implements Wire {
  /** The device that all hosts have ports on. */
  readonly device: SharedDevice;
  readonly eth0: MemoryDevice;
  /** Every frame that a host sent since the start or the last `clear`, lost ones too. */
  readonly frames: Uint8Array[] = [];
  readonly hosts: WireHost[] = [];
  nowUsec = 0;
  readonly #byIp = new Map<string, WireHost>();
  readonly #byMac = new Map<string, WireHost>();
  readonly #options: WireOptions;
  readonly #listener: Listener;
  readonly #lose: (frame: Uint8Array, direction: 'out' | 'in') => boolean;
  /** The events in the order in which they are due; those of one time as they were scheduled. */
  readonly #events: Event[] = [];
  /** Frames that are on the wire and have not been handed to the listener. */
  #arriving: Uint8Array[] = [];
  /** False while a host is made: what it sends then is heard by nobody. */
  #ready = true;

  /** Throws EINVAL for options that make no sense. */
  constructor(options: WireOptions) {
    checkWireOptions(options);
    const { lose, receiver, onDatagram, reliable } = options;
    this.#options = options;
    this.#lose = lose ?? (() => false);
    this.#listener = new Listener({
      receiver: {
        ...(reliable !== undefined && { dialect: reliable, ackIntvMs: 1000 }),
        ...(onDatagram !== undefined && { respond: false }),
        ...receiver,
      },
      isExtended: (flow) => this.#isExtended(flow),
      answer: (frame, to) => this.#answer(frame, to),
    });
    this.eth0 = createMemoryDevice('eth0', { onFrame: (frame) => this.#sent(frame.slice()) });
    this.device = shareDevice(this.eth0);
  }

  /**
   * Adds a host. Nobody hears what it sends while it loads. If its kernel does not take something,
   * closes the wire and throws KernelError.
   */
  add(plan: Omit<HostPlan, 'targets' | 'link'> & { readonly listener: string }): WireHost {
    const { target = defaultTarget(plan), impair } = this.#options;
    const targets = (typeof target === 'string' ? [target] : target).flatMap((one) => one.split(';'));
    this.#ready = false;
    try {
      const link = new Link({ ...impair, seed: mixSeed(impair?.seed ?? 1, plan.index) });
      const host = new WireHost({ ...plan, targets, link }, this);
      this.hosts.push(host);
      this.#byIp.set(host.ip, host);
      this.#byMac.set(host.mac.join(), host);
      return host;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#ready = true;
    }
  }

  schedule(host: WireHost, afterMs: number, fn: (kernel: Kernel) => void): void {
    checkArgument('at', 'afterMs', afterMs, number(0, ANY_NUMBER / 1000));
    checkArgument('at', 'fn', fn, callback);
    this.#at(Math.round(this.nowUsec + afterMs * 1000), () => fn(host.kernel));
  }

  /** Adds an event at `usec`, behind those that are due at the same time. */
  #at(usec: number, happen: () => void): void {
    let at = this.#events.length;
    while (at > 0 && this.#events[at - 1]!.usec > usec) at--;
    this.#events.splice(at, 0, { usec, happen });
  }

  /** When the next thing happens, in microseconds; undefined if nothing is due. */
  get deadline(): number | undefined {
    let next = this.#events[0]?.usec ?? Number.POSITIVE_INFINITY;
    for (const host of this.hosts) next = Math.min(next, host.deadline ?? next);
    next = Math.min(next, Math.ceil((this.#listener.deadline ?? Number.POSITIVE_INFINITY) * 1000));
    return next === Number.POSITIVE_INFINITY ? undefined : Math.max(next, this.nowUsec);
  }

  advance(ms: number): void {
    if (!(typeof ms === 'number' && ms >= 0 && ms <= ANY_NUMBER / 1000)) {
      throw new RangeError(`advance(${ms}): a number of milliseconds from 0 is wanted`);
    }
    const end = Math.round(this.nowUsec + ms * 1000);
    this.#deliver();
    for (let next = this.deadline; next !== undefined && next < end; next = this.deadline) this.#step(next);
    this.#step(end);
    for (const host of this.hosts) host.advanceTo(end);
  }

  /** Sets the time to `usec` and does all that is due by then: first events, then host by host. */
  #step(usec: number): void {
    this.nowUsec = usec;
    while (this.#events.length > 0 && this.#events[0]!.usec <= usec) {
      this.#events.shift()!.happen();
    }
    for (const host of this.hosts) if ((host.deadline ?? Number.POSITIVE_INFINITY) <= usec) host.advanceTo(usec);
    this.#deliver();
  }

  received(): FleetRecord[] {
    this.#deliver();
    return this.#listener.fetch().flatMap(({ from, record }) => (record ? [{ host: this.#from(from), record }] : []));
  }

  texts(): string[] {
    this.#deliver();
    return this.#listener.fetch().map(deliveredText);
  }

  /** Yields records as they come. While there is none, time passes, for `QUIET_MS` at most. */
  *records(): Generator<FleetRecord, undefined> {
    let quietUntil = this.nowUsec + QUIET_MS * 1000;
    for (;;) {
      this.#deliver();
      const item = this.#listener.shift();
      if (item?.record !== undefined) {
        yield { host: this.#from(item.from), record: item.record };
        quietUntil = this.nowUsec + QUIET_MS * 1000;
      } else if (item === undefined) {
        const next = this.deadline;
        if (next === undefined || next > quietUntil) return undefined;
        this.#step(next);
      }
    }
  }

  clear(): void {
    this.frames.length = 0;
  }

  close(): void {
    for (const host of this.hosts) host.close();
    void this.device.close();
  }

  /** Returns the host with this IPv4 address; for any other address, the first host. */
  #from(address: string): Host {
    return this.#byIp.get(address) ?? this.hosts[0]!;
  }

  #isExtended({ ip, udp, message }: Decoded): boolean {
    const local = `:${udp?.srcPort}`;
    const remote = `:${udp?.dstPort}`;
    const kind = message?.kind === 'extended';
    for (const { kernel } of this.hosts) {
      const { targets } = kernel.inspect();
      const mine = targets.filter((target) => target.local.endsWith(local) && target.remote.endsWith(remote));
      if (mine.some(({ extended }) => extended === kind)) return kind;
    }
    return message?.kind === 'extended' && ip !== undefined;
  }

  #sent(frame: Uint8Array): void {
    if (!this.#ready) return;
    this.frames.push(frame);
    if (this.#loses(frame, 'out')) return;
    const { onDatagram } = this.#options;
    this.#carry(frame, 'out', (copy) => {
      this.#arriving.push(copy);
      // The answers become events, as the call of the kernel that sends is still in progress.
      if (onDatagram === undefined) return;
      tell(onDatagram, copy, (reply, to) => this.#at(this.nowUsec, () => this.#answer(reply, to)));
    });
  }

  /** Asks `lose`. Throws for a promise, which would count as true: all frames would be lost. */
  #loses(frame: Uint8Array, direction: LinkDirection): boolean {
    const lost = this.#lose(frame, direction);
    if (typeof lost === 'object') throw new TypeError('lose: it is async; answer true or false at once');
    return lost;
  }

  #answer(frame: Uint8Array, to: string): void {
    if (this.#loses(frame, 'in')) return;
    this.#carry(frame, 'in', (copy) => {
      this.#byIp.get(to)?.advanceTo(this.nowUsec);
      this.eth0.inject(copy);
    });
  }

  /** Takes a frame over the link of the host that it is from, or for; `arrive` gets each copy. */
  #carry(frame: Uint8Array, direction: LinkDirection, arrive: (copy: Uint8Array) => void): void {
    if (this.#options.impair === undefined) {
      arrive(frame);
      return;
    }
    const mac = direction === 'out' ? frame.subarray(6, 12) : frame.subarray(0, 6);
    const { link } = this.#byMac.get(mac.join()) ?? this.hosts[0]!;
    link.carry(frame, this.nowUsec, direction, (copy, usec) => {
      if (usec <= this.nowUsec) arrive(copy);
      else this.#at(usec, () => arrive(copy));
    });
  }

  /**
   * Hands what is on the wire to the listener, and its answers to the kernels, until all is quiet.
   */
  #deliver(): void {
    do {
      const frames = this.#arriving;
      this.#arriving = [];
      for (const frame of frames) this.#listener.take(frame, this.nowUsec / 1000);
      if (frames.length === 0) this.#listener.pass(this.nowUsec / 1000);
    } while (this.#arriving.length > 0);
  }
}

function defaultTarget({ ip, listener }: { readonly ip: string; readonly listener: string }): string {
  return `+6665@${ip}/eth0,6666@${listener}/02:00:00:00:00:02`;
}
