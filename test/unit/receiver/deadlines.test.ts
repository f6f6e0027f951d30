/** The heap of deadlines beside a list that is looked through. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Deadlines, type Due } from '../../../src/receiver/deadlines.js';

interface Entry extends Due {
  readonly id: number;
}

const ENTRIES = 12;
const step = fc.oneof(
  fc.record({ what: fc.constant('change' as const), id: fc.nat(ENTRIES - 1), deadline: fc.nat(50) }),
  fc.record({ what: fc.constant('never' as const), id: fc.nat(ENTRIES - 1) }),
  fc.record({ what: fc.constant('remove' as const), id: fc.nat(ENTRIES - 1) }),
  fc.record({ what: fc.constant('take' as const), now: fc.nat(50) }),
);

it('takes what is due and nothing else, and is never later than the first deadline', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new Deadlines<Entry>();
      const never = Number.POSITIVE_INFINITY;
      const entries = Array.from({ length: ENTRIES }, (_, id) => ({
        id,
        deadline: never,
        place: -1,
        placedFor: never,
      }));
      const known = new Set<Entry>();
      for (const one of steps) {
        if (one.what === 'take') {
          const due = [...known].filter(({ deadline }) => deadline <= one.now);
          const taken = heap.take(one.now);
          expect(new Set(taken)).toEqual(new Set(due));
          expect(taken.length).toBe(due.length);
          for (const entry of due) known.delete(entry);
        } else {
          const entry = entries[one.id]!;
          entry.deadline = one.what === 'change' ? one.deadline : never;
          if (one.what === 'remove') {
            heap.remove(entry);
            known.delete(entry);
          } else {
            heap.changed(entry);
            known.add(entry);
          }
        }
        expect(heap.next).toBeLessThanOrEqual(Math.min(never, ...[...known].map(({ deadline }) => deadline)));
      }
    }),
    { numRuns: 500 },
  );
});
