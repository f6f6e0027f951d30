/**
 * Matchers for vitest. Import it once, in a test or in a setup file (`test: { setupFiles:
 * ['netconsole-emulator/vitest'] }`):
 *
 *   import 'netconsole-emulator/vitest';
 *
 *   expect(harness.frames[0]).toBeRecord({ level: 6, text: 'hello' });
 *   expect(harness.received()[0]).toBeRecord({ seq: 12, dictionary: [['SUBSYSTEM', 'net']] });
 *   expect(frame).toBeFrame(ipv4({ src: '192.0.2.1' }), udp({ dstPort: 6666 }), plain({ text: /oom/ }));
 *
 * A matcher that fails says all that is wrong at once, as `checkFrame` does.
 *
 * @module
 */
import { expect } from 'vitest';
import { KernelError } from '../errno.js';
import { isBytes } from '../options.js';
import { dictionaryText, type ReceivedRecord, recordText } from '../receiver/index.js';
import { checkFrame, compareRecord, type ExpectedRecord, ext, type FramePredicate } from '../testing/check.js';

/** The matchers that `expect` gains. */
export interface NetconsoleMatchers<R = unknown> {
  /**
   * Asserts that a frame with an extended record in it, or a record that a receiver has delivered,
   * has the expected fields.
   */
  toBeRecord(expected?: ExpectedRecord): R;
  /** Asserts that a frame is well formed, that its checksums hold, and that all predicates hold. */
  toBeFrame(...predicates: readonly FramePredicate[]): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: a merged declaration repeats vitest's parameter.
  interface Matchers<T = any> extends NetconsoleMatchers<T> {}
}

function resultOf(what: string, complaints: () => readonly string[]): { pass: boolean; message: () => string } {
  const wrong = complaints();
  return {
    pass: wrong.length === 0,
    message: () => (wrong.length > 0 ? wrong.join('\n') : `this is ${what} as described, and was not to be`),
  };
}

/** Returns what is wrong with a frame, as `checkFrame` says it; empty if nothing is. */
function frameComplaints(frame: unknown, predicates: readonly FramePredicate[]): readonly string[] {
  if (frame !== undefined && !isBytes(frame)) return ['this is no frame: a Uint8Array is wanted'];
  try {
    checkFrame(frame, ...predicates);
    return [];
  } catch (error) {
    if (error instanceof KernelError) throw error;
    return (error as Error).message.split('\n');
  }
}

function isRecord(value: unknown): value is ReceivedRecord {
  return typeof value === 'object' && value !== null && 'seq' in value && 'tsUsec' in value && 'text' in value;
}

function recordComplaints(record: ReceivedRecord, expected: ExpectedRecord): readonly string[] {
  const { level, facility, seq, tsUsec, flag, caller = '', release = '', emergency, complete } = record;
  const dictionary = dictionaryText(record);
  const fragment = complete ? '' : 'incomplete';
  const text = recordText(record);
  return compareRecord(expected, {
    ...{ level, facility, seq, tsUsec, flag, caller, release, emergency },
    ...{ text, dictionary, fragment },
  });
}

expect.extend({
  toBeRecord(actual: unknown, expected: ExpectedRecord = {}) {
    return resultOf('a record', () =>
      isRecord(actual) ? recordComplaints(actual, expected) : frameComplaints(actual, [ext(expected)]),
    );
  },
  toBeFrame(actual: unknown, ...predicates: FramePredicate[]) {
    return resultOf('a frame', () => frameComplaints(actual, predicates));
  },
});
