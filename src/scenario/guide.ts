/**
 * A recorded log as the guide to time: the emulator makes its own messages, in its own order; the log lends them their
 * stamps, and says what else was logged in between.
 *
 * Before a record is stored it is looked for in the log from its seq on, up to the next marker. Found there: what
 * stands before it was logged by something the emulator does not have (a driver, the boot) and is put in first.
 * Found nowhere: it keeps the virtual time, and a comparison will show it.
 */
import type { Kernel } from '../kernel.js';
import { unescapeBytes } from './unescape.js';

interface Recorded {
  readonly seq: number;
  readonly tsUsec: number;
  readonly facility: number;
  readonly level: number;
  readonly cont: boolean;
  readonly text: Uint8Array;
  readonly key: string;
  readonly subsystem: string;
  readonly device: string;
}

const MARKER = /^klab: op \d+$/;
/** Messages that the emulator makes itself. */
const OWN = /^(netconsole|netpoll|netoops): |^printk: .*console \[netc/;

function key(facility: number, level: number, text: Uint8Array): string {
  return `${(facility << 3) | level};${Buffer.from(text).toString('latin1')}`;
}

/** The records of a /dev/kmsg dump. */
export function parseKmsgDump(dump: Uint8Array): Recorded[] {
  const records: Recorded[] = [];
  const lines = Buffer.from(dump).toString('latin1').split('\n');
  for (let i = 0; i < lines.length; i++) {
    const m = /^(\d+),(\d+),(\d+),([^,;]*)[^;]*;(.*)$/s.exec(lines[i]!);
    if (!m) continue;
    const dict: Record<string, string> = {};
    for (; lines[i + 1]?.startsWith(' '); i++) {
      const entry = /^ ([^=]+)=(.*)$/.exec(lines[i + 1]!);
      if (entry) dict[entry[1]!] = Buffer.from(unescapeBytes(entry[2]!)).toString('latin1');
    }
    const prefix = Number(m[1]);
    const text = unescapeBytes(m[5]!);
    records.push({
      seq: Number(m[2]),
      tsUsec: Number(m[3]),
      facility: prefix >> 3,
      level: prefix & 7,
      cont: m[4] === 'c',
      text,
      key: key(prefix >> 3, prefix & 7, text),
      subsystem: dict['SUBSYSTEM'] ?? '',
      device: dict['DEVICE'] ?? '',
    });
  }
  return records;
}

export class Guide {
  readonly #kernel: Kernel;
  readonly #records = new Map<number, Recorded>();
  readonly #last: number;
  #injecting = false;
  /** Of the last record that was stored, in microseconds. */
  now = 0;

  constructor(kernel: Kernel, records: readonly Recorded[]) {
    this.#kernel = kernel;
    for (const r of records) this.#records.set(r.seq, r);
    this.#last = records.at(-1)?.seq ?? -1;
    kernel.store.onStore = (text, facility, level) => this.#onStore(text, facility, level);
    kernel.onSleep = () => this.#injectForeign();
  }

  #onStore(text: Uint8Array, facility: number, level: number): number | undefined {
    if (this.#injecting) return undefined;
    const { ring, store } = this.#kernel;
    let n = Math.min(text.length, store.recordMax - 1);
    if (n > 0 && text[n - 1] === 0x0a) n--;
    const said = text.subarray(0, n);
    const wanted = key(facility, level, said);
    const isMarker = MARKER.test(Buffer.from(said).toString('latin1'));
    for (let seq = ring.nextSeq; seq <= this.#last; seq++) {
      const r = this.#records.get(seq);
      if (r === undefined) continue;
      if (r.key === wanted) {
        this.#injectUntil(seq);
        this.now = r.tsUsec;
        return r.tsUsec;
      }
      if (!isMarker && MARKER.test(Buffer.from(r.text).toString('latin1'))) break;
    }
    return undefined;
  }

  /** Puts in what was recorded from the next seq up to `seq`, which is not. */
  #injectUntil(end: number): void {
    const { ring } = this.#kernel;
    while (ring.nextSeq < end) {
      const r = this.#records.get(ring.nextSeq);
      // A seq that the log does not show: its record was lost there. Its place is kept.
      this.#inject(r ?? { ...LOST, seq: ring.nextSeq, tsUsec: this.now });
    }
  }

  #inject(r: Recorded): void {
    const { store, consoles } = this.#kernel;
    this.#injecting = true;
    this.now = r.tsUsec;
    const line = new Uint8Array(r.text.length + 1);
    line.set(r.text);
    line[r.text.length] = 0x0a;
    store.store(line, {
      facility: r.facility,
      level: r.level as 6,
      tsUsec: r.tsUsec,
      cont: r.cont,
      ...(r.subsystem || r.device ? { dev: { subsystem: r.subsystem, device: r.device } } : {}),
    });
    this.#injecting = false;
    consoles.printkStored();
  }

  /** While the kernel sleeps others log: what was recorded next, up to a message of the emulator's own. */
  #injectForeign(): void {
    const { ring } = this.#kernel;
    for (;;) {
      const r = this.#records.get(ring.nextSeq);
      if (r === undefined) return;
      const text = Buffer.from(r.text).toString('latin1');
      if (r.facility !== 0 || OWN.test(text)) return;
      this.#inject(r);
    }
  }

  /** At the end: what was recorded after the last operation. */
  finish(): void {
    this.#kernel.call(() => this.#injectUntil(this.#last + 1));
  }
}

const LOST = { facility: 0, level: 6, cont: false, text: new Uint8Array(0), key: '', subsystem: '', device: '' };
