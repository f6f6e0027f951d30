/**
 * A check reads the truth and the outputs side by side, none of them further than the others need.
 *
 * Outputs are in about the order of time, but nobody knows at what time a line was printed. So the
 * truth is read on until it has the record at hand, but only a bounded stretch beyond the last
 * record that was found. A record that is not found waits. If the next ones are found, the one that
 * waits is foreign, late or doubled. If many in a row are not found, the receiver was deaf for a
 * while: the truth is read on until most of those that wait are found.
 */
import { invalid } from '../errno.js';
import { checkArgument, checkOptions, listOf, text } from '../options.js';
import type { TrueRecord } from '../storm/index.js';
import { Checker, type CheckReport } from './checker.js';
import { type Facts, printedFacts } from './facts.js';
import { type Batch, JsonLines, type OutputInfo, readOutput } from './output.js';
import type { TruthPart } from './packed.js';
import type { Printed } from './payload.js';
import { type Truth, TruthFile } from './truth-source.js';

/** What `check` reads: the outputs of one receiver, and the form they have. */
export interface CheckOptions {
  /** The paths of the files; `-` is standard input. */
  readonly outputs: readonly string[];
  /** The form of all outputs: a name, or a pattern. Default: each output's form is recognised. */
  readonly format?: string;
}

/** The result of a check, and what is known about its outputs. */
export interface CheckSummary extends CheckReport {
  /** What is known about each output, in the order of the options. */
  readonly outputs: readonly OutputInfo[];
}

/** How many records of the truth, for each host, are read beyond the last one that was found. */
const AHEAD_PER_HOST = 1024;
/** How many records at most, for all hosts together. */
const AHEAD_MAX = 200_000;
/** When so many records wait, the truth is searched for them. */
const WAITING = 64;

/** Compares truth and outputs. Throws whatever reading them throws. */
export async function check(truth: Truth, options: CheckOptions): Promise<CheckSummary> {
  checkArgument('check', 'truth', truth, { expected: 'what `readTruth` gives', holds: isAsync });
  checkOptions<CheckOptions>('check', options, { outputs: listOf(text), format: text }, ['outputs']);
  const { outputs } = options;
  const twice = outputs.find((path, i) => outputs.indexOf(path) < i);
  if (twice !== undefined) throw invalid('check', `${twice} is given twice, so all of it would count as printed twice`);
  const checker = new Checker();
  const source = new TruthReader(truth, checker);
  const infos = options.outputs.map(
    (path): OutputInfo => ({
      path,
      format: '',
      lines: 0,
      records: 0,
      strange: 0,
      amiss: 0,
      amissAtEnd: 0,
      examples: [],
    }),
  );
  const readers = infos.map((info) => new OutputReader(info, options.format, source, checker));
  const open = new Set(readers);
  try {
    while (open.size > 0) {
      // Read the output that is furthest behind in time.
      let next: OutputReader | undefined;
      for (const reader of open) if (next === undefined || reader.position < next.position) next = reader;
      if (!(await next!.step())) open.delete(next!);
      source.release(Math.min(...[...open].map(({ position }) => position)));
    }
    await source.readAll();
  } finally {
    await source.close();
  }
  for (const reader of readers) reader.end();
  checker.end();
  return { ...checker.report(), outputs: infos };
}

function isAsync(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Reads the truth, and hands it to the checker. */
class TruthReader {
  readonly #batches: AsyncIterator<TruthPart | Iterable<TrueRecord>>;
  readonly #checker: Checker;
  /** How many records were read. */
  read = 0;
  ended = false;
  #found = 0;

  constructor(truth: Truth, checker: Checker) {
    this.#batches = truth instanceof TruthFile ? truth.parts() : truth[Symbol.asyncIterator]();
    this.#checker = checker;
  }

  /** Takes the earliest position of all outputs, which limits how far the truth may be read. */
  release(position: number): void {
    if (Number.isFinite(position)) this.#found = position;
  }

  get mayReadOn(): boolean {
    const ahead = Math.min(AHEAD_MAX, Math.max(1, this.#checker.hosts) * AHEAD_PER_HOST);
    return !this.ended && !this.#checker.crowded && this.read - this.#found < ahead;
  }

  async readOn(): Promise<void> {
    const { value, done } = await this.#batches.next();
    if (done) {
      this.ended = true;
      return;
    }
    if ('tell' in value) {
      this.read += value.tell(this.#checker);
      return;
    }
    for (const record of value) {
      this.#checker.expect(record);
      this.read++;
    }
  }

  /** Stops reading, and ends the thread that reads ahead. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  async readAll(): Promise<void> {
    while (!this.ended) await this.readOn();
  }
}

/** What a line may be: the record as it stands, then `bare`, if there is one. */
type Readings = readonly { readonly record: Printed; readonly facts: Facts }[];
/** A line that waits, and the place in the truth that the output had reached before it. */
type Waiting = { readonly readings: Readings; readonly from: number };

/** Reads one output, and hands its records to the checker. */
class OutputReader {
  readonly #info: OutputInfo;
  readonly #records: AsyncIterator<Batch>;
  readonly #source: TruthReader;
  readonly #checker: Checker;
  /** Records that were not found, and wait for a decision. */
  #waiting: Waiting[] = [];
  /** The latest place in the truth of a record that was found. */
  position = 0;
  /** Where that was when the last record came that was never sent. */
  #amissFrom = 0;

  constructor(info: OutputInfo, format: string | undefined, source: TruthReader, checker: Checker) {
    this.#info = info;
    this.#records = readOutput(info, format);
    this.#source = source;
    this.#checker = checker;
  }

  /** Takes the next records; returns false if there are none. */
  async step(): Promise<boolean> {
    const { value, done } = await this.#records.next();
    if (done) return false;
    if (value instanceof JsonLines) {
      const inTurn = (record: Facts & { readonly host: string }) => this.#inTurn(record.host, record);
      for (;;) {
        value.skip(inTurn);
        const record = value.next();
        if (record === undefined) return true;
        await this.#printed(record);
      }
    }
    for (const record of value) await this.#printed(record);
    return true;
  }

  async #printed(record: Printed): Promise<void> {
    const one = { record, facts: printedFacts(record) };
    const both = record.bare === undefined ? [one] : [one, { record: record.bare, facts: printedFacts(record.bare) }];
    const inTurn = () => both.some(({ facts }) => this.#inTurn(record.host, facts));
    const awaited = () => both.some((it) => this.#checker.awaits(it.record, it.facts));
    if (inTurn()) return;
    while (this.#checker.exhausted(record.host) && this.#source.mayReadOn) await this.#source.readOn();
    if (inTurn()) return;
    while (!awaited() && this.#source.mayReadOn) await this.#source.readOn();
    if (record.cut) {
      this.#info.cutAt = record.line!;
      return;
    }
    if (both.some((it) => this.#checker.knows(it.record, it.facts))) this.#take(both, this.position);
    else {
      this.#waiting.push({ readings: both, from: this.position });
      if (this.#waiting.length >= WAITING) await this.#search();
    }
  }

  #inTurn(host: string, facts: Facts): boolean {
    const place = this.#checker.printedInTurn(host, facts);
    if (place > this.position) this.position = place;
    return place >= 0;
  }

  /**
   * Searches the truth for the records that wait: reads on until half of them are found, or until
   * the end.
   */
  async #search(): Promise<void> {
    const known = () =>
      this.#waiting.filter(({ readings }) => readings.some(({ record, facts }) => this.#checker.awaits(record, facts)))
        .length;
    // Reads on only if none of them is found. Half of them suffice, since some may be foreign.
    if (known() === 0) while (!this.#source.ended && known() < WAITING / 2) await this.#source.readOn();
    this.settle();
  }

  /** Decides what became of the records that still wait. */
  settle(): void {
    for (const { readings, from } of this.#waiting.splice(0)) this.#take(readings, from);
  }

  /** Decides the same when all outputs and the truth were read. */
  end(): void {
    this.settle();
    if (this.position > this.#amissFrom) this.#info.amissAtEnd = 0;
  }

  #countAtEnd(from: number): void {
    if (from > this.#amissFrom) this.#info.amissAtEnd = 0;
    this.#amissFrom = from;
    this.#info.amissAtEnd++;
  }

  #take(readings: Readings, from: number): void {
    const known = readings.find(({ record, facts }) => this.#checker.knows(record, facts));
    const { record, facts } = known ?? readings[0]!;
    const { amiss } = this.#checker;
    const place = this.#checker.printed(record, facts);
    this.position = Math.max(this.position, place);
    if (this.#checker.amiss === amiss) return;
    this.#info.amiss++;
    if (place < 0 && this.#checker.isOfRun(record.host)) this.#countAtEnd(from);
    this.#info.firstAmiss ??= record.line;
  }
}
