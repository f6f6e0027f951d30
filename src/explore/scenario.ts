/**
 * Runs a scenario in the explorer, as `run` does. Every record that is in the log or on the wire at
 * the end gets a row; the outcomes of the operations are returned, too.
 *
 * A recording's log guides only the kernel that it was recorded on; others run by virtual time.
 */
import { defined } from '../options.js';
import { chooseProfile } from '../profile/index.js';
import { parseScenario, runScenario, type ScenarioResult } from '../scenario/index.js';
import { Listener } from '../testing/listener.js';
import { decodeFrame } from '../wire/decode.js';
import { type PcapPacket, PcapReader } from '../wire/pcap.js';
import { recordEnd } from '../wire/record.js';
import { decodeText } from '../wire/text.js';
import type { Exploration } from './exploration.js';
import { type RingRecord, type Row, ringRecord } from './rows.js';
import { type ExplorerScenario, fromBase64 } from './state.js';
import type { Arrival, Transmission } from './wire.js';

/** Milliseconds after the last frame at which the receivers deliver what they still hold back. */
const LINGER_MS = 2000;

/** Returns the profile that recorded a scenario; undefined if it is not a recording. */
export function recordedOn({ recorded, version, release }: ExplorerScenario): string | undefined {
  const by = version ?? release;
  return recorded === undefined || by === undefined ? undefined : chooseProfile(by).profile.name;
}

/** Returns what `runScenario` gives for one kernel. The caller must close the result's `kernel`. */
export function runOne(scenario: ExplorerScenario, kernel: string): ScenarioResult {
  const { text, recorded, release, version } = scenario;
  const parsed = parseScenario(text, 'the scenario');
  if (recordedOn(scenario) !== chooseProfile(kernel).profile.name) return runScenario(parsed, { kernel });
  return runScenario(parsed, {
    recorded: fromBase64(recorded!),
    ...defined({ release, version }),
  });
}

/**
 * Runs a scenario on one kernel. Throws ScenarioError, with the operation's number, if an operation
 * makes no sense.
 */
export function exploreScenario(scenario: ExplorerScenario, name: string): Exploration {
  const { choice, pcap, kmsg, outcomes, kernel } = runOne(scenario, name);
  kernel.close();
  const packets = new PcapReader().push(pcap);
  const transmissions = packets.map(transmission);
  const lines = linesOf(kmsg);
  const arrivals = receive(packets);
  return {
    asked: name,
    choice,
    notes: choice.warning === undefined ? [] : [choice.warning],
    rows: rows(lines, transmissions, arrivals),
    transmissions,
    arrivals,
    kmsg: lines,
    outcomes,
  };
}

function transmission({ frame, tsUsec }: PcapPacket, i: number): Transmission {
  const decoded = decodeFrame(frame);
  return { id: `o${i}`, usec: tsUsec, frame, decoded, cause: 'first', fate: 'arrives' };
}

function receive(packets: readonly PcapPacket[]): Arrival[] {
  const arrivals: Arrival[] = [];
  let usec = 0;
  const listener = new Listener({
    receiver: {},
    isExtended: ({ message }) => message?.kind === 'extended',
    answer: () => {},
  });
  const fetch = () => arrivals.push(...listener.fetch().map((delivered) => ({ ...delivered, usec })));
  for (const { frame, tsUsec } of packets) {
    usec = tsUsec;
    listener.take(frame, usec / 1000);
    fetch();
  }
  usec += LINGER_MS * 1000;
  listener.pass(usec / 1000);
  fetch();
  return arrivals;
}

/** Splits a dump of /dev/kmsg into its records. */
function linesOf(kmsg: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < kmsg.length; ) {
    const end = Math.max(recordEnd(kmsg, at, kmsg.length), at + 1);
    lines.push(kmsg.subarray(at, end));
    at = end;
  }
  return lines;
}

/** A row that is still being filled. */
interface OpenRow extends Row {
  readonly ring: RingRecord[];
  readonly sent: Transmission[];
  readonly received: Arrival[];
}

/** Makes the rows. Rows of different kernels share a key if they are the n-th of their text. */
function rows(
  lines: readonly Uint8Array[],
  transmissions: readonly Transmission[],
  arrivals: readonly Arrival[],
): Row[] {
  const all: OpenRow[] = [];
  const counts = new Map<string, number>();
  const add = (label: string, ring: RingRecord[]): OpenRow => {
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    const key = `${label}#${count}`;
    const row = {
      key,
      label,
      record: undefined,
      ring,
      notes: [],
      silent: 'Nothing.',
      console: '',
      sent: [],
      received: [],
    };
    all.push(row);
    return row;
  };
  const bySeq = new Map<number, OpenRow>();
  for (const line of lines) {
    const record = ringRecord(line);
    if (record !== undefined) bySeq.set(record.seq, add(record.text, [record]));
  }
  const rowOf = (seq: number, label: string): OpenRow => {
    const row = bySeq.get(seq) ?? add(label, []);
    bySeq.set(seq, row);
    return row;
  };
  const plain = new TextOrder(all, add);
  for (const one of transmissions) {
    const { message, payload } = one.decoded;
    if (message?.kind === 'extended') rowOf(message.seq, decodeText(message.body).split('\n')[0]!).sent.push(one);
    else if (payload !== undefined && message !== undefined) plain.next(decodeText(payload)).sent.push(one);
    else (all.find(({ key }) => key === `${OTHER}#1`) ?? add(OTHER, [])).sent.push(one);
  }
  const received = new TextOrder(all, add);
  for (const arrival of arrivals) {
    const { record, line } = arrival;
    if (record !== undefined) rowOf(record.seq, decodeText(record.text)).received.push(arrival);
    else received.next(decodeText(line!.text)).received.push(arrival);
  }
  return all;
}

const OTHER = 'frames that are not netconsole’s';
/** What stands before the text of a plain line: notices, priority, timestamp, and caller. */
const PREFIX = /^(?:\*\* .*\n)*(?:<\d+>)?(?:\[ *(\d+)\.(\d{6})\](?:\[[^\]]*\])? )?/;

/** Finds the row of a plain text, by its timestamp and the beginning of its text, or makes one. */
class TextOrder {
  readonly #rows: readonly OpenRow[];
  readonly #add: (label: string, ring: RingRecord[]) => OpenRow;
  #last: OpenRow | undefined;
  /** Whether the last text filled its datagram without a newline, so that the next continues it. */
  #open = false;

  constructor(rows: readonly OpenRow[], add: (label: string, ring: RingRecord[]) => OpenRow) {
    this.#rows = rows;
    this.#add = add;
  }

  /** Returns the row of the next text. A text without a timestamp belongs to the row before. */
  next(text: string): OpenRow {
    const [prefix, seconds, usec] = PREFIX.exec(text)!;
    if (this.#last !== undefined && (this.#open || seconds === undefined)) {
      this.#open = !text.endsWith('\n') && text.length >= 1000;
      return this.#last;
    }
    this.#open = !text.endsWith('\n') && text.length >= 1000;
    const time = Number(seconds) * 1e6 + Number(usec);
    const body = text.slice(prefix.length).split('\n')[0]!;
    const found = this.#rows.find(
      ({ ring: [record] }) => record?.tsUsec === time && record.text.startsWith(body.slice(0, 900)),
    );
    this.#last = found ?? this.#add(body, []);
    return this.#last;
  }
}
