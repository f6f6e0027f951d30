/**
 * The receiver for netoops: packets in, whole logs out.
 *
 * A dump is sent three times over, so most losses do not show; it is delivered as soon as all of
 * its packets have come, in whatever round and order, or, with what is there, when none has come
 * for `dumpTimeoutMs`. Two dumps of one second have the same number: a packet that contradicts what
 * has come begins another dump. `netoops-dump.ts` makes the log of the packets.
 *
 * At most `maxBytes` are held for a source; a dump that says it is larger than that is refused.
 */
import { checkOptions, number, type OptionRules } from '../options.js';
import {
  NETOOPS_DATA_BYTES,
  NETOOPS_TYPE_PRINTK_BUFFER_SOFT,
  type NetoopsPacket,
  parseNetoops,
} from '../wire/netoops.js';
import { sameBytes } from '../wire/text.js';
import { Fifo } from './fifo.js';
import { assemble, type NetoopsDump } from './netoops-dump.js';
import { DEADLINE_MIN_MS } from './receiver.js';
import { checkDatagram } from './source.js';

/** Dumps kept for a caller who does not fetch them. */
const READY_MAX = 64;
/** Dumps remembered at a time. */
const OPEN_MAX = 16;
/** What a packet costs beside its data. */
const PACKET_OVERHEAD = 64;

/** Options of the receiver. */
export interface NetoopsReceiverOptions {
  /** Milliseconds after which a dump that gets no more packets is delivered. Default 5000. */
  readonly dumpTimeoutMs?: number;
  /** Bytes of log that are held for the source. Default 16 MiB, the largest log there is. */
  readonly maxBytes?: number;
}

const RULES: OptionRules<NetoopsReceiverOptions> = {
  dumpTimeoutMs: number(0, Number.POSITIVE_INFINITY),
  maxBytes: number(NETOOPS_DATA_BYTES, Number.POSITIVE_INFINITY),
};

/** Counted since the beginning. */
export interface NetoopsStats {
  datagrams: number;
  /** Packets that had come already. */
  duplicates: number;
  dumps: number;
  /** Dumps delivered with packets missing. */
  incomplete: number;
  /** Packets that those dumps lacked. */
  missing: number;
  /** Dumps that the caller did not fetch in time. */
  overrun: number;
  refused: { malformed: number; 'too-large': number };
}

interface Open {
  readonly first: NetoopsPacket;
  readonly data: Map<number, Uint8Array>;
  heardAt: number;
  delivered: boolean;
}

/** A receiver for the dumps of one host. Its calls are those of `Receiver`. */
export class NetoopsReceiver {
  readonly stats: NetoopsStats = {
    datagrams: 0,
    duplicates: 0,
    dumps: 0,
    incomplete: 0,
    missing: 0,
    overrun: 0,
    refused: { malformed: 0, 'too-large': 0 },
  };
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  /** Oldest first. */
  #open: Open[] = [];
  readonly #ready = new Fifo<NetoopsDump>(READY_MAX);
  #now = Number.NEGATIVE_INFINITY;
  #held = 0;

  /** Throws EINVAL if an option makes no sense. */
  constructor(options: NetoopsReceiverOptions = {}) {
    checkOptions('receiver', options, RULES);
    this.#timeoutMs = options.dumpTimeoutMs ?? 5000;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
  }

  /** Bytes held for open dumps, with some for each packet. */
  get heldBytes(): number {
    return this.#held;
  }

  /** As `Receiver.process`. */
  process(given: Uint8Array | undefined, nowMs: number): 'none' | 'stored' | 'duplicate' | 'refused' {
    const payload = checkDatagram(given, nowMs);
    if (nowMs > this.#now) this.#now = nowMs;
    while (this.#open.length > 0 && this.#open[0]!.heardAt + this.#timeoutMs <= this.#now) this.#close(this.#open[0]!);
    if (payload === undefined) return 'none';
    this.stats.datagrams++;
    const packet = parseNetoops(payload);
    if (packet === undefined || packet.packetNo >= packet.packetCount) {
      this.stats.refused.malformed++;
      return 'refused';
    }
    if (packet.packetCount * NETOOPS_DATA_BYTES > this.#maxBytes) {
      this.stats.refused['too-large']++;
      return 'refused';
    }
    return this.#take(packet);
  }

  #take(packet: NetoopsPacket): 'stored' | 'duplicate' {
    let dump = this.#open.find((d) => sameDump(d.first, packet));
    const known = dump?.data.get(packet.packetNo);
    if (dump !== undefined && known !== undefined) {
      if (sameBytes(known, packet.data)) {
        this.stats.duplicates++;
        this.#heard(dump);
        return 'duplicate';
      }
      this.#close(dump);
      dump = undefined;
    }
    if (dump === undefined) {
      const { userBlob, regs } = packet;
      const first = { ...packet, userBlob: userBlob.slice(), regs: regs.slice(), data: new Uint8Array(0) };
      dump = { first, data: new Map(), heardAt: this.#now, delivered: false };
      this.#open.push(dump);
    }
    dump.data.set(packet.packetNo, packet.data.slice());
    this.#held += NETOOPS_DATA_BYTES + PACKET_OVERHEAD;
    this.#heard(dump);
    if (dump.data.size === packet.packetCount) this.#deliver(dump);
    const limit = this.#maxBytes * (1 + PACKET_OVERHEAD / NETOOPS_DATA_BYTES);
    while ((this.#held > limit && this.#open.length > 1) || this.#open.length > OPEN_MAX) this.#close(this.#open[0]!);
    return 'stored';
  }

  /** The list stays in the order of `heardAt`. */
  #heard(dump: Open): void {
    dump.heardAt = this.#now;
    if (this.#open.at(-1) === dump) return;
    this.#open.splice(this.#open.indexOf(dump), 1);
    this.#open.push(dump);
  }

  #close(dump: Open): void {
    if (!dump.delivered) this.#deliver(dump);
    this.#open = this.#open.filter((d) => d !== dump);
    this.#held -= dump.data.size * (NETOOPS_DATA_BYTES + PACKET_OVERHEAD);
  }

  #deliver(dump: Open): void {
    dump.delivered = true;
    const { dumpId, bootId, type, kernelVersion, userBlob, regs, packetCount } = dump.first;
    const missing = packetCount - dump.data.size;
    this.stats.dumps++;
    this.stats.missing += missing;
    if (missing > 0) this.stats.incomplete++;
    const soft = type === NETOOPS_TYPE_PRINTK_BUFFER_SOFT;
    const pieces = assemble(dump.data, packetCount);
    if (this.#ready.push({ dumpId, bootId, soft, kernelVersion, userBlob, regs, packetCount, missing, pieces })) {
      this.stats.overrun++;
    }
  }

  /**
   * Returns the next dump, whole or given up; undefined while there is none. The caller owns it.
   */
  next(): NetoopsDump | undefined {
    return this.#ready.shift();
  }

  /** Returns nothing, as a netoops target listens to nothing. */
  response(): undefined {
    return undefined;
  }

  /** When the oldest open dump is given up, in milliseconds; undefined while none is open. */
  nextDeadline(): number | undefined {
    const oldest = this.#open[0];
    return oldest && Math.max(oldest.heardAt + this.#timeoutMs, this.#now + DEADLINE_MIN_MS);
  }

  /** As `flush`, at the end of a `using` block; what that delivers is lost. */
  [Symbol.dispose](): void {
    this.flush();
  }

  /** Delivers what is incomplete. */
  flush(): void {
    while (this.#open.length > 0) this.#close(this.#open[0]!);
  }
}

function sameDump(a: NetoopsPacket, b: NetoopsPacket): boolean {
  return a.dumpId === b.dumpId && a.bootId === b.bootId && a.type === b.type && a.packetCount === b.packetCount;
}
