/**
 * Reads the files that container runtimes write for a program that prints the kernel's log. Each
 * line has a time, the stream, and whether it is whole: a long one comes in parts, `P` and last
 * `F`.
 *
 *   2016-10-06T00:17:09.669794202Z stdout F [    1.250000] text
 *   2016-10-06T00:17:09.669794203Z stdout P [    1.260000] a text that is
 *   2016-10-06T00:17:09.669794204Z stdout F too long for one line
 *
 * Kubernetes: kuberuntime/logs; the design proposal "CRI: log management for container stdout".
 */
import { ISO_DATE, isoUsec } from './dates.js';
import { type LogFormat, LogHead } from './format.js';
import { type KernelLineRules, KernelLines } from './kernel-lines.js';
import { type Batch, RECORD_MAX_BYTES } from './record.js';
import { latin1, STAMP_TEXT } from './stamp.js';

const LINE = new RegExp(String.raw`^${ISO_DATE} (stdout|stderr) ([PF])(?::\S*)? ?`);
const STAMP = new RegExp(`^(?:<\\d{1,4}>)?${STAMP_TEXT}`);
const FRONT_MAX_BYTES = 96;
const RULES: KernelLineRules = { wraps: false, reason: 'no "[seconds.microseconds] " in it' };
const NO_LINE = "no line of a container's log";
const TOO_LONG = `a text of more than ${RECORD_MAX_BYTES} bytes`;
const CUT = 'a line whose end does not come';

/** Container runtimes' files. The stamps are the kernel's, inside the lines. */
export const cri: LogFormat = {
  name: 'cri',
  description: "Kubernetes' containers: a time, the stream, P or F, and a line of the kernel's",
  recognise(head: LogHead) {
    let part = false;
    return head.share((line) => {
      const m = LINE.exec(line);
      if (m === null) return false;
      const holds = part || STAMP.test(line.slice(m[0].length));
      part = holds && m[6] === 'P';
      return holds;
    });
  },
  open: (head: LogHead) => new Cri(new LogHead(Buffer.from(contents(head), 'latin1'), 'nothing')),
};

function contents(head: LogHead): string {
  return head.lines.map((line) => `${line.replace(LINE, '')}\n`).join('');
}

/** The parts of a line that have come so far, and the number of the line that they began on. */
interface Part {
  readonly line: number;
  readonly bytes: Buffer;
}

class Cri extends KernelLines {
  /** For each stream, the parts that wait for their last one. */
  readonly #parts = new Map<string, Part>();

  constructor(head: LogHead) {
    super(head, RULES);
  }

  protected override line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (end === start) return;
    const m = LINE.exec(latin1(bytes, start, Math.min(end, start + FRONT_MAX_BYTES)));
    if (m === null) {
      this.broken(bytes, start, end, NO_LINE, batch);
      return;
    }
    const [front, date = '', time = '', fraction, zone, stream = ''] = m;
    const part = this.#parts.get(stream);
    const rest = bytes.subarray(start + front.length, end);
    const length = (part?.bytes.length ?? 0) + rest.length;
    if (length > RECORD_MAX_BYTES) {
      this.#parts.delete(stream);
      this.broken(bytes, start, end, TOO_LONG, batch);
      return;
    }
    const first = part?.line ?? batch.line;
    if (m[6] === 'P') {
      this.#parts.set(stream, { line: first, bytes: Buffer.concat([...(part ? [part.bytes] : []), rest]) });
      return;
    }
    this.#parts.delete(stream);
    const at = batch.reserve(length);
    const { memory } = batch;
    part?.bytes.copy(memory, at);
    rest.copy(memory, at + length - rest.length);
    super.line(memory, at, at + length, batch);
    if (this.pending !== undefined) {
      this.pending.line = first;
      this.pending.timeUsec = isoUsec(date, time, fraction, zone);
    }
    // Hand the record over at once: a line joined from parts is not in the window to be read again.
    this.complete(memory, batch);
  }

  protected override ended(batch: Batch): void {
    for (const { line, bytes } of this.#parts.values()) batch.problems.add(line, CUT, bytes, 0, bytes.length);
  }
}
